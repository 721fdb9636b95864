// MapLibre, wrapped: one map that survives the loss of its WebGL context, and says what it is doing.

import { Map as LibreMap, type MapMouseEvent, type VectorTileSource } from 'maplibre-gl';
import type { StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import type { View } from '../lib/address';
import { inView, touched, type TileId } from '../lib/touched';
import type { Bbox, LonLat, Sketched } from '../lib/types';
import './worker';

export interface Drawn { collection: string; fid: number; properties: Record<string, unknown>; rank: number }

export interface Listener {
    moved(view: View, bounds: Bbox, bearing: number): void;
    pointed(position: LonLat | null): void;
    clicked(position: LonLat, drawn: Drawn[]): void;
    progress(done: number, all: number): void;
    failed(source: string, code: string): void;
    lost(): void;
    restored(): void;
    /// A tile that was fetched anew is drawn.
    refreshed(source: string): void;
}

const flight = 500; // ms; MapLibre cuts it where the reader asks for reduced motion
const restoreWithin = 1500; // ms a browser gets to give the context back before the map is rebuilt
const reach = 6; // px around the pointer that still hit

/// What MapLibre's events say of a tile.
interface Held { tileID: { canonical: TileId } }

const keyOf = (source: string, { z, x, y }: TileId) => `${source}/${z}/${x}/${y}`;

export class Canvas {
    map: LibreMap;
    private style: StyleSpecification;
    private pending: StyleSpecification | null = null;
    private ready = false;
    private sketching: (() => void) | null = null;
    private failures = new Set<string>();
    private counting = 0;
    private rebuild: ReturnType<typeof setTimeout> | undefined;
    private loading = new Map<string, boolean>(); // tiles on their way; true: old when they come
    private awaited = new Map<string, number>(); // by source: tiles that are fetched anew

    constructor(
        private readonly holder: HTMLElement,
        private readonly still: HTMLCanvasElement,
        style: StyleSpecification,
        view: View,
        private readonly name: string,
        private readonly listener: Listener,
    ) {
        this.style = style;
        this.map = this.build({ ...view, bearing: 0 });
    }

    private build(view: View & { bearing: number }): LibreMap {
        this.ready = false;
        this.loading.clear();
        const map = new LibreMap({
            container: this.holder,
            style: this.style,
            center: [view.lon, view.lat],
            zoom: view.zoom,
            bearing: view.bearing,
            maxZoom: 21,
            minZoom: 3,
            maxPitch: 0,
            pitchWithRotate: false,
            renderWorldCopies: false,
            attributionControl: false,
            maxTileCacheSize: 0, // a tile out of view hears of no change; fetched again it costs a 304
            fadeDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150,
            locale: { 'Map.Title': this.name },
        });
        map.once('style.load', () => {
            this.ready = true;
            if (this.pending) this.wear(this.pending);
            this.moved();
        });
        map.on('move', () => this.moved());
        map.on('mousemove', e => this.listener.pointed([e.lngLat.lng, e.lngLat.lat]));
        map.on('mouseout', () => this.listener.pointed(null));
        map.on('click', e => this.identify(e));
        for (const event of ['sourcedata', 'sourcedataloading', 'idle'] as const) map.on(event, () => this.count());
        map.on('idle', () => this.keepStill());
        map.on('sourcedataloading', event => {
            const { sourceId, tile } = event as { sourceId: string; tile?: Held };
            if (tile) this.loading.set(keyOf(sourceId, tile.tileID.canonical), false);
        });
        map.on('sourcedata', event => {
            const { sourceId, tile } = event as { sourceId: string; tile?: Held };
            if (tile) this.arrived(sourceId, tile.tileID.canonical);
        });
        map.on('error', event => {
            const { sourceId = '', error } = event as { sourceId?: string; error?: { status?: number } };
            if (!sourceId) return;
            this.failures.add(sourceId);
            this.listener.failed(sourceId, error?.status ? `HTTP ${error.status}` : 'MẠNG');
            this.count();
        });
        map.on('webglcontextlost', () => this.onLost());
        map.on('webglcontextrestored', () => this.onRestored());
        const canvas = map.getCanvas();
        canvas.addEventListener('keydown', event => {
            if (event.key === 'Enter') this.identifyCentre();
        });
        return map;
    }

    /// Shows a style; what did not change stays as it is.
    wear(style: StyleSpecification): void {
        this.style = style;
        if (!this.ready || this.sketching) { // a style would take the handles away
            this.pending = style;
            return;
        }
        this.pending = null;
        this.failures.clear();
        this.map.setStyle(style, { diff: true, validate: false });
        this.count();
    }

    rename(name: string): void {
        this.map.getCanvas().setAttribute('aria-label', name);
    }

    private moved(): void {
        const centre = this.map.getCenter();
        const box = this.map.getBounds();
        this.listener.moved(
            { zoom: this.map.getZoom(), lat: centre.lat, lon: centre.lng },
            [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()],
            this.map.getBearing(),
        );
    }

    private vectorSources(): string[] {
        const visible = new Set(this.style.layers.filter(l => l.layout?.visibility !== 'none')
            .map(l => ('source' in l ? String(l.source) : '')));
        return Object.entries(this.style.sources)
            .filter(([id, source]) => source.type === 'vector' && visible.has(id)).map(([id]) => id);
    }

    private count(): void {
        if (this.counting) return;
        this.counting = requestAnimationFrame(() => {
            this.counting = 0;
            const sources = this.vectorSources();
            const done = sources.filter(id => this.failures.has(id)
                || (this.map.getSource(id) && this.map.isSourceLoaded(id)));
            this.listener.progress(done.length, sources.length);
        });
    }

    /// Lets a geometry be moved or drawn on the map, which opens no files meanwhile.
    async sketch(what: Sketched, changed: (shape: GeoJSON.Geometry) => void): Promise<() => void> {
        const { sketch } = await import('./sketch');
        this.sketching?.();
        const end = sketch(this.map, what, changed);
        const finish = () => {
            if (this.sketching !== finish) return;
            this.sketching = null;
            end();
            if (this.pending) this.wear(this.pending);
        };
        this.sketching = finish;
        return finish;
    }

    /// Fetches anew what `cells` name of a source, or all of it: the rest stays as it is.
    refresh(source: string, cells: readonly string[] | null): void {
        if (!this.ready || this.map.getSource(source)?.type !== 'vector') return;
        const box = this.map.getBounds();
        const held = inView(
            [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()], this.map.getZoom());
        const tiles = cells ? touched(cells, held) : held;
        for (const tile of tiles) {
            const key = keyOf(source, tile);
            if (this.loading.has(key)) this.loading.set(key, true);
        }
        if (tiles.length === 0) return;
        this.awaited.set(source, performance.now());
        this.map.refreshTiles(source, tiles);
    }

    refreshAll(): void {
        for (const source of this.vectorSources()) this.refresh(source, null);
    }

    private arrived(source: string, tile: TileId): void {
        const key = keyOf(source, tile);
        const old = this.loading.get(key);
        this.loading.delete(key);
        if (old) this.map.refreshTiles(source, [tile]);
        else if (this.awaited.delete(source)) this.listener.refreshed(source);
    }

    private identify(event: MapMouseEvent): void {
        if (this.sketching) return;
        this.report(event.point.x, event.point.y, [event.lngLat.lng, event.lngLat.lat]);
    }

    identifyCentre(): void {
        const centre = this.map.getCenter();
        const point = this.map.project(centre);
        this.report(point.x, point.y, [centre.lng, centre.lat]);
    }

    /// What is drawn near a point, points before lines; areas are asked of the server, exactly.
    private report(x: number, y: number, position: LonLat): void {
        const layers = this.style.layers.filter(l => 'source' in l && l.source !== 'places' && l.source !== 'basemap'
            && this.style.sources[String(l.source)]?.type === 'vector' && l.type !== 'fill'
            && !l.id.endsWith('-sector') && l.layout?.visibility !== 'none').map(l => l.id);
        const found = layers.length === 0 ? [] : this.map.queryRenderedFeatures(
            [[x - reach, y - reach], [x + reach, y + reach]], { layers: layers.filter(id => this.map.getLayer(id)) });
        const drawn = found
            .filter(f => f.id !== undefined && !f.geometry.type.endsWith('Polygon') && !f.sourceLayer?.endsWith('_label'))
            .map(f => ({
                collection: f.source, fid: Number(f.id), properties: f.properties,
                rank: f.geometry.type.endsWith('Point') ? 0 : 1,
            }))
            .sort((a, b) => a.rank - b.rank);
        this.listener.clicked(position, drawn);
    }

    fit(bbox: Bbox, maxZoom = 16): void {
        this.map.fitBounds([[bbox[0], bbox[1]], [bbox[2], bbox[3]]], { padding: 32, maxZoom, duration: flight });
    }

    /// Shows a box at once, above `covered` px of the map's foot.
    jump(bbox: Bbox, covered: number): void {
        this.map.fitBounds([[bbox[0], bbox[1]], [bbox[2], bbox[3]]], {
            padding: { top: 24, left: 24, right: 24, bottom: 48 + covered }, duration: 0,
        });
    }

    /// Moves a point out from under the `covered` px of the map's foot.
    uncover([lon, lat]: LonLat, covered: number): void {
        const margin = 40; // px
        const { y } = this.map.project([lon, lat]);
        const room = this.map.getContainer().clientHeight - covered - margin;
        if (covered > 0 && y > room) this.map.panBy([0, y - room], { duration: 200 });
    }

    retry(source?: string): void {
        for (const id of source ? [source] : [...this.failures]) {
            this.failures.delete(id);
            const described = this.style.sources[id];
            const held = this.map.getSource(id) as VectorTileSource | undefined;
            if (described?.type === 'vector' && described.url) held?.setUrl(described.url);
        }
        this.count();
    }

    go([lon, lat]: LonLat, zoom: number): void {
        this.map.flyTo({ center: [lon, lat], zoom, duration: flight });
    }

    /// What is drawn now, as an image.
    picture(): { image: string; width: number; height: number } {
        const { clientWidth: width, clientHeight: height } = this.map.getContainer();
        return { image: this.still.toDataURL('image/png'), width, height };
    }

    /// The last picture, in case the context is lost: read in the frame that drew it.
    private keepStill(): void {
        const picture = this.map.getCanvas();
        if (picture.width === 0) return;
        this.still.width = picture.width;
        this.still.height = picture.height;
        this.still.getContext('2d')?.drawImage(picture, 0, 0);
    }

    private onLost(): void {
        this.listener.lost();
        clearTimeout(this.rebuild);
        this.rebuild = setTimeout(() => this.startAgain(), restoreWithin);
    }

    private onRestored(): void {
        clearTimeout(this.rebuild);
        this.map.once('idle', () => this.listener.restored());
        this.map.triggerRepaint();
    }

    private startAgain(): void {
        const centre = this.map.getCenter();
        const view = { zoom: this.map.getZoom(), lat: centre.lat, lon: centre.lng, bearing: this.map.getBearing() };
        const focused = document.activeElement === this.map.getCanvas();
        this.sketching = null; // its handles go with the map; what was moved is kept
        this.map.remove();
        this.map = this.build(view);
        this.map.once('idle', () => this.listener.restored());
        if (focused) this.map.getCanvas().focus();
    }

    destroy(): void {
        clearTimeout(this.rebuild);
        cancelAnimationFrame(this.counting);
        this.map.remove();
    }
}
