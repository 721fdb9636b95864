// The map's style on a wall: the console's dark one on darker ground, with the layers that a zone names.

import type { StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import { api } from '../lib/api';
import { isoDay } from '../lib/format';
import { compose, shownByDefault } from '../lib/style';
import type { Collection } from '../lib/types';
import type { MapZone } from './content';

/// Ground and letters of the console in the dark, and of a wall (contrast 18.8).
const worn: Record<string, string> = { '#141B22': '#0D1217', '#E6EDF3': '#FFFFFF' };

/// Marks that nobody sees along the edges of screens: names that would cross one make room for them, signs do not.
export const edges = 'edges';

function withEdges(style: StyleSpecification): StyleSpecification {
    return {
        ...style,
        sources: { ...style.sources, [edges]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } } },
        layers: [...style.layers, {
            id: edges, type: 'symbol', source: edges, // above all: what stands above is placed first
            layout: { 'icon-image': edges, 'icon-allow-overlap': true, 'icon-padding': 0 },
        }],
    };
}

export class Wardrobe {
    private base: StyleSpecification | null = null;
    private readonly made = new Map<string, StyleSpecification>();
    collections: Collection[] = [];

    async load(): Promise<void> {
        if (this.base) return;
        const [style, collections] = await Promise.all([api.style('dark'), api.collections()]);
        let text = JSON.stringify(style);
        for (const [from, to] of Object.entries(worn)) text = text.replaceAll(from, to);
        this.collections = collections;
        this.base = JSON.parse(text) as StyleSpecification;
    }

    private shown(zone: MapZone): Set<string> {
        return zone.layers ? new Set(zone.layers) : shownByDefault(this.base!);
    }

    of(zone: MapZone, now: Date): StyleSpecification {
        const shown = this.shown(zone);
        const day = isoDay(now);
        const key = `${day} ${[...shown].sort().join()}`;
        const known = this.made.get(key);
        if (known) return known;
        const style = compose(this.base!, {
            collections: this.collections,
            layers: Object.fromEntries(this.collections.map(({ id }) => [id, { visible: shown.has(id), opacity: 1 }])),
            day,
            selection: { type: 'FeatureCollection', features: [] },
            colours: { line: '#FFFFFF', halo: '#0B0B0B' },
        });
        const fenced = withEdges(style);
        this.made.set(key, fenced);
        return fenced;
    }

    /// Whether what a zone shows was generated.
    synthetic(zone: MapZone): boolean {
        const shown = this.shown(zone);
        return this.collections.some(one => shown.has(one.id) && one.synthetic && one.count > 0 && one.geometryType !== 'none');
    }
}
