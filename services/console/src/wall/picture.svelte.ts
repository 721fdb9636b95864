// One picture of a wall as a page shows it: which cells, what on each, and the canvases that maps are copied to.

import { boxOf, cellOf, holds, type Box, type Cells, type Grid } from './geometry';
import { sourceOf, type Content, type MapZone, type State, type Zone } from './content';
import type { Piece, View } from './window';
import type { Panel } from './panels';

export interface PictureCell {
    row: number;
    column: number;
    source: [row: number, column: number]; // whose content it shows: its own, or a dead screen's
    zone: Zone | null;
    left: number; // px of the wall from the page's corner
    top: number;
}

/// A part of a zone's map that one MapLibre draws: one cell, or several without a stand-in among them.
export interface MapPart { zone: MapZone; box: Box; whole: Box; cells: PictureCell[] }

export class Picture {
    readonly cells: PictureCell[] = [];
    readonly parts: MapPart[] = [];
    readonly canvases = new Map<PictureCell, HTMLCanvasElement>();
    panels = $state.raw(new Map<Zone, Panel>());
    readyAt = 0; // ms of the server's clock: when all of it was there
    failures = $state.raw(new Map<Zone, number>()); // since when what stands there could not be renewed

    constructor(readonly grid: Grid, readonly place: Cells, readonly content: Content, state: Pick<State, 'stands_in'>) {
        const [width, height] = grid.pixels;
        for (let row = place.rows[0]; row <= place.rows[1]; row += 1) {
            for (let column = place.columns[0]; column <= place.columns[1]; column += 1) {
                const source = sourceOf(row, column, state.stands_in);
                this.cells.push({
                    row, column, source,
                    zone: content.zones.find(one => holds(one, source[0], source[1])) ?? null,
                    left: (column - place.columns[0]) * width,
                    top: (row - place.rows[0]) * height,
                });
            }
        }
        for (const zone of content.zones) {
            if (zone.kind !== 'map') continue;
            const shown = this.cells.filter(cell => cell.zone === zone);
            const own = shown.filter(cell => cell.source[0] === cell.row && cell.source[1] === cell.column);
            if (own.length > 0) this.parts.push(this.part(zone, own));
            for (const cell of shown.filter(one => !own.includes(one))) this.parts.push(this.part(zone, [cell]));
        }
    }

    private part(zone: MapZone, cells: PictureCell[]): MapPart {
        const rows = cells.map(cell => cell.source[0]);
        const columns = cells.map(cell => cell.source[1]);
        const box = boxOf(this.grid, {
            rows: [Math.min(...rows), Math.max(...rows)], columns: [Math.min(...columns), Math.max(...columns)],
        });
        return { zone, box, whole: boxOf(this.grid, zone), cells };
    }

    /// Where each cell of a part lies in its window.
    pieces(part: MapPart): Piece[] {
        return part.cells.flatMap(cell => {
            const canvas = this.canvases.get(cell);
            if (!canvas) return [];
            const { x, y, width, height } = boxOf(this.grid, cellOf(...cell.source));
            return [{ canvas, x: x - part.box.x, y: y - part.box.y, width, height }];
        });
    }

    /// Where the map of a zone is; the operator may have moved it.
    viewOf = (zone: MapZone, moved: View | null): View => moved ?? { centre: zone.centre, zoom: zone.zoom };

    /// Place of a cell among those of its zone, row by row, from 0.
    placeInZone({ zone, source: [row, column] }: PictureCell): number {
        if (!zone) return 0;
        return (row - zone.rows[0]) * (zone.columns[1] - zone.columns[0] + 1) + column - zone.columns[0];
    }
}
