// The ground under everything: an archive of tiles that the server has, pictures or vectors, or none.

import type { LayerSpecification } from '@maplibre/maplibre-gl-style-spec';
import { api, failureCode } from './api';
import type { Basemap } from './style';

/// An archive as the server describes it (TileJSON).
export interface Ground {
    name: string;
    attribution?: string;
    tiles: string[];
    minzoom: number;
    maxzoom: number;
    bounds?: [number, number, number, number];
    vector_layers?: { id: string }[];
}

const kept = 'basemap';
const source = 'basemap';

/// How an archive is drawn: pictures as they are; vectors in greys that let what the record holds stand out.
export function drawn(ground: Ground): Basemap {
    const { tiles, minzoom, maxzoom, bounds } = ground;
    const described = { tiles, minzoom, maxzoom, ...(bounds ? { bounds } : {}) };
    if (!ground.vector_layers) {
        return {
            sources: { [source]: { type: 'raster', tileSize: 256, ...described } },
            layers: [{ id: 'basemap', type: 'raster', source }],
        };
    }
    const part = (id: string): LayerSpecification[] => [
        {
            id: `basemap-${id}-area`, type: 'fill', source, 'source-layer': id, filter: ['==', ['geometry-type'], 'Polygon'],
            paint: { 'fill-color': '#8A939C', 'fill-opacity': 0.15, 'fill-outline-color': '#8A939C' },
        },
        {
            id: `basemap-${id}-line`, type: 'line', source, 'source-layer': id, filter: ['==', ['geometry-type'], 'LineString'],
            paint: { 'line-color': '#8A939C', 'line-width': 1, 'line-opacity': 0.7 },
        },
        {
            id: `basemap-${id}-point`, type: 'circle', source, 'source-layer': id, filter: ['==', ['geometry-type'], 'Point'],
            paint: { 'circle-color': '#8A939C', 'circle-radius': 2, 'circle-opacity': 0.7 },
        },
    ];
    return {
        sources: { [source]: { type: 'vector', ...described } },
        layers: ground.vector_layers.filter(({ id }) => !id.endsWith('_label')).flatMap(({ id }) => part(id)),
    };
}

class Basemaps {
    choices = $state.raw<{ id: string; name: string }[]>([]);
    chosen = $state(''); // an archive's id; empty: none
    shown = $state.raw<Ground | null>(null);
    failure = $state<string | null>(null);

    readonly drawn = $derived<Basemap>(this.shown ? drawn(this.shown) : { sources: {}, layers: [] });

    /// Looks what there is, and shows what the reader chose before if it is still there.
    async list(lang: string): Promise<void> {
        this.choices = await api.archives(lang).catch(() => []);
        const before = localStorage.getItem(kept) ?? '';
        if (this.chosen !== before && this.choices.some(({ id }) => id === before)) await this.choose(before);
    }

    async choose(id: string): Promise<void> {
        [this.chosen, this.failure] = [id, null];
        localStorage.setItem(kept, id);
        if (!id) {
            this.shown = null;
            return;
        }
        try {
            const ground = await api.ground(id);
            if (this.chosen === id) this.shown = ground;
        } catch (cause) {
            if (this.chosen === id) [this.shown, this.failure] = [null, failureCode(cause)];
        }
    }
}

export const basemap = new Basemaps();
