// Where each screen of a wall stands, and what it sees of a picture that spans several. All in pixels of the
// wall: one to a pixel of a screen, the gaps between pictures counted as if there were pixels in them.

import type { LonLat } from '../lib/types';

export interface Grid {
    rows: number;
    columns: number;
    pixels: [width: number, height: number]; // of one screen
    pitch_mm: number; // from pixel to pixel
    gaps_mm: [across: number, down: number]; // between the pictures of neighbours
}

/// First and last, from 1.
export type Span = [first: number, last: number];
export interface Cells { rows: Span; columns: Span }
export interface Box { x: number; y: number; width: number; height: number }

/// Pixels of the wall to one of the map's style: 12 px of a label are 60 on the wall, which is what can be
/// read at five metres.
export const magnified = 5;

/// `2` or `1-3`, from 1 to `most`.
export function parseSpan(text: string, most = 8): Span | null {
    const match = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(text);
    if (!match) return null;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    return first >= 1 && first <= last && last <= most ? [first, last] : null;
}

export const spanText = ([first, last]: Span): string => (first === last ? String(first) : `${first}-${last}`);

/// A rectangle of cells with the gaps inside it.
export function boxOf(grid: Grid, { rows, columns }: Cells): Box {
    const [width, height] = grid.pixels;
    const across = grid.gaps_mm[0] / grid.pitch_mm;
    const down = grid.gaps_mm[1] / grid.pitch_mm;
    return {
        x: (columns[0] - 1) * (width + across),
        y: (rows[0] - 1) * (height + down),
        width: (columns[1] - columns[0] + 1) * width + (columns[1] - columns[0]) * across,
        height: (rows[1] - rows[0] + 1) * height + (rows[1] - rows[0]) * down,
    };
}

export const cellOf = (row: number, column: number): Cells => ({ rows: [row, row], columns: [column, column] });

export const holds = (cells: Cells, row: number, column: number): boolean =>
    row >= cells.rows[0] && row <= cells.rows[1] && column >= cells.columns[0] && column <= cells.columns[1];

export const edgeStep = 16; // px of the style between two points of an edge

/// Points along the edges of boxes, in px of the style.
export function edgePoints(boxes: readonly Box[]): [number, number][] {
    const along = (from: number, length: number) => {
        const count = Math.ceil(length / magnified / edgeStep);
        return Array.from({ length: count + 1 }, (_, i) => (from + (length * i) / count) / magnified);
    };
    return boxes.flatMap(({ x, y, width, height }) => [
        ...along(x, width).flatMap((at): [number, number][] => [[at, y / magnified], [at, (y + height) / magnified]]),
        ...along(y, height).flatMap((at): [number, number][] => [[x / magnified, at], [(x + width) / magnified, at]]),
    ]);
}

const tile = 512; // px of the world at zoom 0

const toPlane = ([lon, lat]: LonLat): [number, number] => {
    const sine = Math.sin((lat * Math.PI) / 180);
    return [(lon + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
};
const fromPlane = ([x, y]: [number, number]): LonLat => [
    x * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI,
];

/// Centre of what `part` shows of a map that fills `whole` around `centre`. The plane is Web Mercator: a map that
/// is neither turned nor tilted is the same plane everywhere.
export function centreOf(part: Box, whole: Box, centre: LonLat, zoom: number): LonLat {
    const world = tile * 2 ** zoom * magnified; // px of the wall
    const [x, y] = toPlane(centre);
    return fromPlane([
        x + (part.x + part.width / 2 - whole.x - whole.width / 2) / world,
        y + (part.y + part.height / 2 - whole.y - whole.height / 2) / world,
    ]);
}
