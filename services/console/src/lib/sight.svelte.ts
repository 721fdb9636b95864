// What a camera sees, on the map, and which cameras see a place.

import type { FilterSpecification } from '@maplibre/maplibre-gl-style-spec';
import { api, failureCode, type Failure } from './api';
import { atlas } from './atlas.svelte';
import type { Extra } from './flood.svelte';
import type { LonLat } from './types';

export interface CameraView extends GeoJSON.FeatureCollection {
    camera: { fid: number; name: string; terrain: { title: string; origin: string } };
    unknown_m2: number;
}
export interface SeeingCamera { fid: number; name: string; distance_m: number }
export interface Seeing { cameras: SeeingCamera[]; behind_ground: SeeingCamera[] }

class Sight {
    view = $state.raw<CameraView | null>(null);
    seeing = $state.raw<Seeing | null>(null);
    seeingAt = $state.raw<LonLat | null>(null);
    looking = $state(false);
    private asked: AbortController | undefined;
    failure = $state<string | null>(null);

    /// Until it is cleared, or another is looked for.
    async look(fid: number): Promise<void> {
        this.asked?.abort();
        const { signal } = this.asked = new AbortController();
        this.looking = true;
        this.failure = null;
        try {
            const view = await api.cameraView(fid, atlas.locale);
            if (!signal.aborted) this.view = view;
        } catch (cause) {
            if (!signal.aborted) [this.view, this.failure] = [null, (cause as Failure).detail || failureCode(cause)];
        } finally {
            if (!signal.aborted) this.looking = false;
        }
    }

    clear(): void {
        this.asked?.abort();
        this.looking = false;
        this.view = null;
        this.failure = null;
    }

    async who(at: LonLat): Promise<void> {
        this.failure = null;
        this.seeing = null;
        this.seeingAt = at;
        try {
            const seeing = await api.camerasSeeing(at, atlas.locale);
            if (this.seeingAt === at) this.seeing = seeing;
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
        }
    }

    area(part: string): number {
        const found = this.view?.features.find(feature => feature.properties?.part === part);
        return Number(found?.properties?.area_m2 ?? 0);
    }

    readonly extra = $derived.by((): Extra => {
        const extra: Extra = { sources: {}, layers: [] };
        if (!this.view) return extra;
        extra.sources.sight = { type: 'geojson', data: { type: 'FeatureCollection', features: this.view.features.filter(one => one.geometry) } };
        const part = (name: string): FilterSpecification => ['==', ['get', 'part'], name];
        extra.layers.push(
            { id: 'sight-hidden', type: 'fill', source: 'sight', filter: part('hidden'), paint: { 'fill-color': '#5B6673', 'fill-opacity': 0.35 } },
            { id: 'sight-seen', type: 'fill', source: 'sight', filter: part('seen'), paint: { 'fill-color': '#0F8A5F', 'fill-opacity': 0.45 } },
            { id: 'sight-sector', type: 'line', source: 'sight', filter: part('sector'), paint: { 'line-color': '#0F8A5F', 'line-width': 2 } },
        );
        return extra;
    });
}

export const sight = new Sight();
