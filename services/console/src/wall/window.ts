// A window of a map that spans screens: MapLibre draws it out of sight, every frame is copied to the canvases that
// are seen. So the last picture stays while the next is prepared, and when the WebGL context is lost.

import { Map as LibreMap, type GeoJSONSource, type Map as Drawn, type VectorTileSource } from 'maplibre-gl';
import type { StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import { inView } from '../lib/touched';
import type { LonLat } from '../lib/types';
import '../map/worker';
import { centreOf, edgePoints, edgeStep, magnified, type Box } from './geometry';
import { edges } from './style';

/// A part of the window that is seen on a cell, in px of the wall from the window's corner.
export interface Piece { canvas: HTMLCanvasElement; x: number; y: number; width: number; height: number }

export interface View { centre: LonLat; zoom: number }
export interface Wanted {
    style: StyleSpecification;
    box: Box;   // of this window on the wall
    whole: Box; // of the map that it is a part of
    view: View;
    pieces: Piece[];
}

const patience = 20_000; // ms for all tiles of a picture
const restoreWithin = 1500; // ms a browser gets to give a lost context back before the map is built anew

export class MapWindow {
    private readonly holder = document.createElement('div');
    private map: Drawn | null = null;
    private wanted: Wanted | null = null;
    private pieces: Piece[] = []; // where frames go
    private turn = 0;
    private arrived: () => void = () => undefined; // ends the wait for what is wanted
    private worn: StyleSpecification | null = null;
    private readonly failed = new Set<string>(); // sources of which something did not come

    /// `scale`: px of the page to one of the wall.
    constructor(parent: HTMLElement, private readonly scale: () => number) {
        this.holder.style.cssText = 'position:absolute;left:0;top:0;visibility:hidden;pointer-events:none';
        parent.append(this.holder);
    }

    /// Draws a picture out of sight; what was seen stands still meanwhile. Resolves when all of it is there, whatever
    /// becomes of the context that it was begun on, or when another is wanted.
    async prepare(wanted: Wanted): Promise<void> {
        this.arrived();
        this.wanted = wanted;
        await new Promise<void>(resolve => {
            this.arrived = resolve;
            this.attempt(wanted);
        });
    }

    /// Draws for nobody any more.
    leave(): void {
        this.turn += 1;
        this.pieces = [];
        this.wanted = null;
        this.arrived();
    }

    /// A context may be refused for a while.
    private attempt(wanted: Wanted): void {
        this.draw(wanted).catch(() => {
            const mine = this.turn;
            setTimeout(() => { if (mine === this.turn) this.attempt(wanted); }, restoreWithin);
        });
    }

    private async draw(wanted: Wanted): Promise<void> {
        this.turn += 1;
        const mine = this.turn;
        this.pieces = [];
        const { box, whole, view, style } = wanted;
        this.holder.style.width = `${box.width / magnified}px`;
        this.holder.style.height = `${box.height / magnified}px`;
        const ratio = magnified * this.scale() * devicePixelRatio;
        const centre = centreOf(box, whole, view.centre, view.zoom);
        if (!this.map) this.map = this.build(style, centre, view.zoom, ratio);
        else {
            this.map.setPixelRatio(ratio);
            this.map.resize();
            if (this.worn !== style) this.map.setStyle(style, { diff: true, validate: false });
            this.map.jumpTo({ center: centre, zoom: view.zoom });
        }
        this.worn = style;
        await this.fence();
        await this.idle();
        if (mine !== this.turn) return;
        this.pieces = wanted.pieces;
        this.copy();
        this.arrived();
    }

    private build(style: StyleSpecification, center: LonLat, zoom: number, pixelRatio: number): Drawn {
        const map = new LibreMap({
            container: this.holder, style, center, zoom, pixelRatio, interactive: false, attributionControl: false,
            fadeDuration: 0, maxPitch: 0, renderWorldCopies: false, maxTileCacheSize: 0, validateStyle: false,
        });
        map.on('style.load', () => {
            if (!map.hasImage(edges)) map.addImage(edges, { width: edgeStep, height: edgeStep, data: new Uint8Array(4 * edgeStep * edgeStep) });
        });
        map.on('render', () => this.copy());
        map.on('error', event => { // what does not come is asked for again by `refresh`
            const { sourceId } = event as { sourceId?: string };
            if (sourceId) this.failed.add(sourceId);
        });
        map.on('webglcontextlost', () => this.lost(map));
        return map;
    }

    /// Keeps names off the edges of the screens that the window is seen on.
    private async fence(): Promise<void> {
        const { map, wanted } = this;
        if (!map || !wanted) return;
        if (!map.isStyleLoaded() && !map.getSource(edges)) await new Promise<void>(resolve => { map.once('style.load', () => resolve()); });
        const at = (point: [number, number]): GeoJSON.Feature => ({
            type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: map.unproject(point).toArray() },
        });
        (map.getSource(edges) as GeoJSONSource | undefined)?.setData({
            type: 'FeatureCollection', features: edgePoints(wanted.pieces).map(at),
        });
    }

    /// Until a frame is drawn to which nothing will be added; a tile that never comes holds no wall up.
    private async idle(): Promise<void> {
        const { map } = this;
        if (!map) return;
        await new Promise<void>(resolve => {
            map.once('idle', () => resolve());
            setTimeout(resolve, patience);
            map.triggerRepaint();
        });
    }

    /// In the frame that drew it: afterwards the browser takes the picture away.
    private copy(): void {
        const picture = this.map?.getCanvas();
        if (!picture || picture.width === 0 || !this.wanted) return;
        const ratio = picture.width / this.wanted.box.width;
        for (const { canvas, x, y, width, height } of this.pieces) {
            canvas.getContext('2d')?.drawImage(
                picture, x * ratio, y * ratio, width * ratio, height * ratio, 0, 0, canvas.width, canvas.height);
        }
    }

    /// Moves the map on; all windows of one map do it by the same clock.
    move(view: View): void {
        if (!this.wanted || !this.map) return;
        this.wanted = { ...this.wanted, view };
        this.map.jumpTo({ center: centreOf(this.wanted.box, this.wanted.whole, view.centre, view.zoom), zoom: view.zoom });
    }

    /// It has arrived.
    rest(): void { void this.fence(); }

    /// Fetches what is in view anew: a tile that did not change costs a 304.
    refresh(): void {
        const { map } = this;
        if (!map?.isStyleLoaded()) return;
        const box = map.getBounds();
        const tiles = inView([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()], map.getZoom());
        for (const [id, source] of Object.entries(map.getStyle().sources)) {
            if (source.type !== 'vector') continue;
            if (this.failed.has(id) && source.url) (map.getSource(id) as VectorTileSource | undefined)?.setUrl(source.url);
            else map.refreshTiles(id, tiles);
        }
        this.failed.clear();
    }

    private lost(map: Drawn): void {
        this.turn += 1;
        this.pieces = [];
        const again = () => {
            if (this.map === map && this.wanted) this.attempt(this.wanted);
        };
        const rebuild = setTimeout(() => {
            if (this.map !== map) return;
            map.remove();
            this.map = null;
            if (this.wanted) this.attempt(this.wanted);
        }, restoreWithin);
        map.once('webglcontextrestored', () => {
            clearTimeout(rebuild);
            again();
        });
    }
}
