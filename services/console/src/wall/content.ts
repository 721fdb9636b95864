// What is on a wall: zones of cells with a content each, as the server keeps it.

import type { LonLat } from '../lib/types';
import type { Cells, Grid } from './geometry';

export interface MapZone extends Cells { kind: 'map'; centre: LonLat; zoom: number; layers?: string[] }
export interface ListZone extends Cells { kind: 'list'; collection: string; filter?: string; sort?: string; field?: string }
export interface IndicatorZone extends Cells { kind: 'indicator'; indicator: string }
export interface ClockZone extends Cells { kind: 'clock' }
export interface TextZone extends Cells { kind: 'text'; text: string }
export type Zone = MapZone | ListZone | IndicatorZone | ClockZone | TextZone;
export interface Content { zones: Zone[]; exercise?: boolean }

export interface Scene {
    id: number;
    position: number;
    titles: { vi: string; en: string };
    seconds: number | null;
    content: Content;
}

/// What the server tells of a wall; times are ms of its clock.
export interface State {
    revision: number;
    scene: number | null;
    begun_at: number;
    switch_at: number | null;
    stands_in: Record<string, string>;
    view: { centre: LonLat; zoom: number } | null;
    view_at: number | null;
    locked_by: string | null;
    carousel: boolean;
    undoable: number;
    content?: Content;
}
export interface Told extends State {
    now: number;
    fed: number;
    standby_number: number;
    standby?: Content | null; // what is likely to come next, if the screen does not know it
}

export interface Screen {
    client: string;
    rows: [number, number];
    columns: [number, number];
    prepared: number;
    shown: number;
    switched_at: number | null;
    painted_at: number | null;
    heard_ms: number;
}

export interface Wall extends Grid {
    number: number;
    title: string;
    operable: boolean;
    scenes: Scene[];
    state: (State & { content: Content }) | null;
    screens: Screen[];
}

/// The cell whose content stands on a cell: its own, or that of the dead screen it stands in for.
export function sourceOf(row: number, column: number, standsIn: Readonly<Record<string, string>>): [number, number] {
    const by = `${row}/${column}`;
    const cell = Object.keys(standsIn).find(dead => standsIn[dead] === by) ?? by;
    const [r, c] = cell.split('/').map(Number) as [number, number];
    return [r, c];
}
