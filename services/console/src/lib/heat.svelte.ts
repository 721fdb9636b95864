// Where incidents gather: density on the map by kind, hour and weekday, when they happen, and where
// there are more of them than chance has it.

import type { LayerSpecification, SourceSpecification } from '@maplibre/maplibre-gl-style-spec';
import { api, failureCode, type Failure } from './api';
import { atlas } from './atlas.svelte';
import type { Extra } from './flood.svelte';
import { around, drawCells, isUnit, sizeAt, type HeatCells, type HeatForm } from './heat_cells';
import type { Bbox, Collection } from './types';

export interface HeatAbout {
    count: number;
    radius_m: number;
    top: number;
    colours: { share_of_top: number; colour: string }[];
}
export interface Rhythm { count: number; counts: number[][] }
export interface EventTrend {
    series: { begin: string; count: number }[];
    trend: { z: number; p: number; s: number };
}
export interface Spots {
    spots: { cells: number; hot: number; cold: number };
    details: { cell_m: number; band_m: number };
}
export type Step = 'day' | 'week' | 'month';

const settle = 200; // ms of rest before a choice is asked about
const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;

class Heat {
    shown = $state(false);
    of = $state(''); // id of the collection
    values = $state.raw<{ value: string; title: string; count: number }[]>([]);
    kinds = $state<string[]>([]); // none: all
    from = $state(0);
    to = $state(23);
    weekdays = $state<number[]>([1, 2, 3, 4, 5, 6, 7]);
    radius = $state(0); // metres; 0: what suits the zoom
    step = $state<Step>('week');
    form = $state<HeatForm>('density');

    about = $state.raw<HeatAbout | null>(null);
    rhythm = $state.raw<Rhythm | null>(null);
    trend = $state.raw<EventTrend | null>(null);
    spots = $state.raw<Spots | null>(null);
    cells = $state.raw<GeoJSON.FeatureCollection | null>(null); // of hot spots
    counted = $state.raw<HeatCells | null>(null);
    finding = $state(false);
    failure = $state<string | null>(null);
    private drawn = $state.raw(''); // the query of the tiles on the map
    private asked: AbortController | undefined;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private counting: AbortController | undefined;
    private counter: ReturnType<typeof setTimeout> | undefined;

    readonly collections = $derived(atlas.collections.filter(
        one => one.geometryType === 'point' && one.timeField && one.located > 0));
    readonly collection = $derived<Collection | undefined>(this.collections.find(one => one.id === this.of));

    async open(): Promise<void> {
        this.shown = true;
        atlas.show('file');
        if (this.of) return;
        const first = this.collections.find(one => one.id === 'incidents')
            ?? this.collections.find(one => one.id === 'reports') ?? this.collections[0];
        if (first) await this.choose(first.id);
    }

    close(): void {
        this.shown = false;
        this.asked?.abort();
        this.moved();
    }

    async choose(id: string): Promise<void> {
        this.of = id;
        this.kinds = [];
        this.values = [];
        this.spots = this.cells = this.counted = null;
        const field = this.collection?.classField;
        await this.look();
        if (!field) return;
        try {
            const { values } = await api.values(id, field, atlas.locale);
            if (this.of === id) this.values = values.map(one => ({ ...one, title: one.title ?? String(one.value) }));
        } catch (cause) {
            this.failure = failureCode(cause);
        }
    }

    /// What chooses the incidents, as the server reads it.
    private query(): Record<string, string> {
        const field = this.collection?.classField;
        const query: Record<string, string> = {};
        if (field && this.kinds.length > 0) query.filter = `${field} IN (${this.kinds.map(quote).join(',')})`;
        if (this.from !== 0 || this.to !== 23) query.hours = `${this.from}-${this.to}`;
        if (this.weekdays.length < 7) query.weekdays = [...this.weekdays].sort().join(',');
        return query;
    }

    /// After a choice: at once on the map, and what is counted when choices rest.
    changed(): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.look(), settle);
    }

    async look(): Promise<void> {
        this.asked?.abort();
        if (!this.of || this.weekdays.length === 0) return;
        const { signal } = this.asked = new AbortController();
        this.failure = null;
        const query = this.query();
        const radius: Record<string, string> = this.radius > 0 ? { radius: String(this.radius) } : {};
        const zoom = String(Math.min(19, Math.max(0, Math.round(atlas.view.zoom))));
        this.drawn = new URLSearchParams({ ...query, ...radius }).toString();
        this.moved();
        try {
            const [about, rhythm, trend] = await Promise.all([
                api.heat(this.of, { ...query, ...radius, zoom }, signal),
                api.rhythm(this.of, query, signal),
                api.eventTrend(this.of, { ...query, step: this.step }, signal),
            ]);
            if (!signal.aborted) [this.about, this.rhythm, this.trend] = [about, rhythm, trend];
        } catch (cause) {
            if (!signal.aborted) this.failure = (cause as Failure).detail || failureCode(cause);
        }
    }

    /// Cells are counted of the view and as large as its zoom suits: anew when it rests elsewhere.
    moved(): void {
        clearTimeout(this.counter);
        this.counting?.abort();
        if (this.form === 'density') this.counted = null;
        else if (this.shown && this.of) this.counter = setTimeout(() => void this.count(), settle);
    }

    private async count(): Promise<void> {
        const { signal } = this.counting = new AbortController();
        const query: Record<string, string> = { ...this.query(), by: this.form };
        if (!isUnit(this.form)) {
            const size = sizeAt(atlas.view.zoom, atlas.view.lat);
            query.size = String(size);
            query.bbox = around(atlas.bounds, size).map(v => +v.toFixed(6)).join(',');
        }
        try {
            const counted = await api.heatCells(this.of, query, signal);
            if (!signal.aborted) this.counted = counted;
        } catch (cause) {
            if (!signal.aborted) this.failure = (cause as Failure).detail || failureCode(cause);
        }
    }

    /// Cells of a fiftieth of the view, and what stands out among them.
    async find(): Promise<void> {
        if (!this.of) return;
        this.finding = true;
        this.failure = null;
        const asked = new AbortController();
        const [west, south, east, north] = atlas.bounds;
        const wide = (east - west) * 111_320 * Math.cos((south + north) * Math.PI / 360);
        const cell = Math.min(100_000, Math.max(50, Math.round(wide / 50 / 10) * 10));
        try {
            this.spots = await api.outcome<Spots & { file: { href: string } }>('hot-spots', {
                collection: this.of, bbox: [west, south, east, north].map(v => +v.toFixed(6)), cell, ...this.query(),
            }, atlas.locale, asked.signal);
            this.cells = await api.resultFile((this.spots as unknown as { file: { href: string } }).file.href);
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
        } finally {
            this.finding = false;
        }
    }

    go(): void {
        const box = this.collection?.extent?.spatial?.bbox?.[0];
        if (box?.length === 4) atlas.map?.fit(box as Bbox, 10);
    }

    /// What is drawn beside the server's own style.
    readonly extra = $derived.by((): Extra => {
        const extra: Extra = { sources: {}, layers: [] };
        if (!this.shown || !this.of) return extra;
        const query = this.drawn ? `?${this.drawn}` : '';
        if (this.form === 'density') {
            extra.sources.heat = {
                type: 'raster', tileSize: 256, maxzoom: 18,
                tiles: [`${location.origin}/collections/${this.of}/heat/tiles/{z}/{x}/{y}${query}`],
            } as SourceSpecification;
            extra.layers.push({
                id: 'heat', type: 'raster', source: 'heat', paint: { 'raster-opacity': 0.9, 'raster-fade-duration': 0 },
            } as LayerSpecification);
        } else if (this.counted && this.about) {
            const { sources, layers } = drawCells(this.counted, this.about.colours);
            Object.assign(extra.sources, sources);
            extra.layers.push(...layers);
        }
        if (this.cells) {
            extra.sources['hot-spots'] = { type: 'geojson', data: this.cells };
            const colour = ['match', ['get', 'kind'], 'hot', '#A5003A', '#0B5FAD'];
            extra.layers.push({
                id: 'hot-spots', type: 'fill', source: 'hot-spots', paint: { 'fill-color': colour, 'fill-opacity': 0.15 },
            } as unknown as LayerSpecification, {
                id: 'hot-spots-line', type: 'line', source: 'hot-spots', paint: { 'line-color': colour, 'line-width': 1.2 },
            } as unknown as LayerSpecification);
        }
        return extra;
    });
}

export const heat = new Heat();
