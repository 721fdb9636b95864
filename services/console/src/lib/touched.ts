// Which tiles of the picture an event of the live channel means.

import type { Bbox } from './types';

export interface TileId { z: number; x: number; y: number }

/// How many zooms around its own a map may draw tiles of.
const above = 4;
const below = 1;

const limit = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

function column(lon: number, zoom: number): number {
    return Math.floor(((lon + 180) / 360) * 2 ** zoom);
}

function row(lat: number, zoom: number): number {
    const sine = Math.sin((limit(lat, -85.0511, 85.0511) * Math.PI) / 180);
    return Math.floor((0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 2 ** zoom);
}

/// Tiles that a map of that view may hold, from a few zooms above its own down to the next.
export function inView([west, south, east, north]: Bbox, zoom: number, maxZoom = 19): TileId[] {
    const tiles: TileId[] = [];
    const own = Math.floor(zoom);
    for (let z = limit(own - above, 0, maxZoom); z <= limit(own + below, 0, maxZoom); z += 1) {
        const last = 2 ** z - 1;
        const [left, right] = [column(west, z), column(east, z)].map(x => limit(x, 0, last)) as [number, number];
        const [top, bottom] = [row(north, z), row(south, z)].map(y => limit(y, 0, last)) as [number, number];
        for (let x = left; x <= right; x += 1) for (let y = top; y <= bottom; y += 1) tiles.push({ z, x, y });
    }
    return tiles;
}

/// Of `held`, those that `cells` name: "z/x/y", or "z/x/y/*" with all below.
export function touched(cells: readonly string[], held: readonly TileId[]): TileId[] {
    const single = new Set<string>();
    const whole = new Set<string>();
    for (const cell of cells) {
        if (cell.endsWith('/*')) whole.add(cell.slice(0, -2));
        else single.add(cell);
    }
    return held.filter(({ z, x, y }) => {
        if (single.has(`${z}/${x}/${y}`)) return true;
        for (let up = 0; whole.size > 0 && up <= z; up += 1) {
            if (whole.has(`${z - up}/${x >> up}/${y >> up}`)) return true;
        }
        return false;
    });
}

/// A box with as much again on each side, within the world: where a map moves a little, its
/// subscription stays.
export function around([west, south, east, north]: Bbox): Bbox {
    const [width, height] = [Math.min(east - west, 360), north - south];
    return [
        limit(west - width, -180, 180), limit(south - height, -90, 90),
        limit(east + width, -180, 180), limit(north + height, -90, 90),
    ];
}

/// Whether a subscription to `asked` still serves a view: it holds it, and is not far too large.
export function serves(asked: Bbox, view: Bbox): boolean {
    const [west, south, east, north] = view.map((v, i) => limit(v, i % 2 ? -90 : -180, i % 2 ? 90 : 180)) as Bbox;
    const holds = asked[0] <= west && asked[1] <= south && asked[2] >= east && asked[3] >= north;
    return holds && (asked[2] - asked[0]) < 12 * Math.max(east - west, 1e-6);
}
