// The room that operates the wall: scenes, what is on air, its screens, and who stands in for a dead one.

import { desk } from '../wall/desk';
import { sourceOf, type Scene, type Wall, type Zone } from '../wall/content';
import { holds, type Cells } from '../wall/geometry';
import { failureCode, type Failure } from './api';
import { atlas } from './atlas.svelte';

export const patience = 3000; // ms without a beat: the screen is dead
const every = 1000; // ms between two looks
const glance = 400; // ms that a scene is looked at before the screens prepare it
const step = 150; // ms between two places that the screens are sent to

export interface CellState {
    row: number;
    column: number;
    lives: boolean;
    late: boolean; // prepares what the others show or will show
    source: string; // whose content it shows
    zone: Zone | null;
}

class WallRoom {
    shown = $state(false);
    walls = $state.raw<{ number: number; title: string }[] | null>(null);
    wall = $state.raw<Wall | null>(null);
    chosen = $state<number | null>(null); // id of a scene
    failure = $state<string | null>(null);
    told = $state('');
    busy = $state(false);
    following = $state(false);
    private timer: ReturnType<typeof setInterval> | undefined;
    private moved: ReturnType<typeof setTimeout> | undefined;
    private sent = '';
    private asked: number | undefined; // number of the wall that is looked at
    private glancing: ReturnType<typeof setTimeout> | undefined;

    readonly scene = $derived<Scene | undefined>(this.wall?.scenes.find(one => one.id === this.chosen));
    readonly onAir = $derived<Scene | undefined>(this.wall?.scenes.find(one => one.id === this.wall?.state?.scene));
    readonly cells = $derived<CellState[]>(this.look(this.wall));
    readonly dead = $derived(this.cells.filter(cell => !cell.lives));
    readonly skew = $derived(this.skewOf(this.wall));

    private look(wall: Wall | null): CellState[] {
        if (!wall) return [];
        const living = wall.screens.filter(one => one.heard_ms < patience);
        const cells: CellState[] = [];
        for (let row = 1; row <= wall.rows; row += 1) for (let column = 1; column <= wall.columns; column += 1) {
            const here = living.filter(one => holds(one as Cells, row, column));
            const source = sourceOf(row, column, wall.state?.stands_in ?? {});
            cells.push({
                row, column, lives: here.length > 0, source: source.join('/'),
                late: here.some(one => one.prepared < (wall.state?.revision ?? 0)),
                zone: wall.state?.content.zones.find(zone => holds(zone, ...source)) ?? null,
            });
        }
        return cells;
    }

    /// How far apart living screens called the switch to what is on air now.
    private skewOf(wall: Wall | null): { ms: number; screens: number } | null {
        const times = wall?.screens.filter(one => one.heard_ms < patience && one.shown === wall.state?.revision
            && one.switched_at !== null).map(one => one.switched_at!) ?? [];
        return times.length > 1 ? { ms: Math.round(Math.max(...times) - Math.min(...times)), screens: times.length } : null;
    }

    /// Living neighbours of a cell that show their own, those beside it first.
    neighbours({ row, column }: CellState): CellState[] {
        return this.cells.filter(one => one.lives && one.source === `${one.row}/${one.column}`
            && Math.abs(one.row - row) + Math.abs(one.column - column) === 1)
            .sort((a, b) => Math.abs(a.row - row) - Math.abs(b.row - row));
    }

    async open(): Promise<void> {
        this.shown = true;
        atlas.show('file');
        clearInterval(this.timer);
        this.timer = setInterval(() => void this.renew(), every);
        await this.renew();
    }

    close(): void {
        this.shown = false;
        this.following = false;
        clearInterval(this.timer);
    }

    /// An answer about a wall that was left meanwhile is none.
    async renew(number = this.asked): Promise<void> {
        this.asked = number;
        try {
            if (number === undefined) {
                this.walls = await desk.walls();
                this.asked ??= this.walls[0]?.number;
                number = this.asked;
                if (number === undefined) return;
            }
            const wall = await desk.wall(number);
            if (this.asked !== number) return;
            this.wall = wall;
            this.chosen ??= this.wall.state?.scene ?? this.wall.scenes[0]?.id ?? null;
            this.failure = null;
        } catch (cause) {
            this.failure = failureCode(cause);
        }
    }

    private async act(work: (wall: Wall) => Promise<unknown>, told: string): Promise<void> {
        if (!this.wall || this.busy) return;
        this.busy = true;
        this.told = '';
        try {
            await work(this.wall);
            this.told = told;
            await this.renew();
        } catch (cause) {
            this.told = (cause as Failure).detail || failureCode(cause);
        } finally {
            this.busy = false;
        }
    }

    /// Looks at a scene; the screens make it ready meanwhile.
    choose(id: number): void {
        this.chosen = id;
        clearTimeout(this.glancing);
        const { wall } = this;
        if (!wall?.operable || wall.state?.locked_by != null || wall.state?.scene === id) return;
        this.glancing = setTimeout(() => void desk.standBy(wall.number, id).catch(() => undefined), glance);
    }

    play(): Promise<void> {
        const { scene } = this;
        if (!scene) return Promise.resolve();
        return this.act(wall => desk.air(wall.number, scene.id), atlas.t('wall.played', { s: scene.titles[atlas.locale] }));
    }
    undo = (): Promise<void> => this.act(wall => desk.undo(wall.number), atlas.t('wall.undone'));
    lock = (): Promise<void> => this.act(wall => desk.lock(wall.number, wall.state?.locked_by == null), '');
    carousel = (going: boolean): Promise<void> => this.act(wall => desk.carousel(wall.number, going), '');
    standIn = (cell: string, by: string | null): Promise<void> => this.act(wall => desk.standIn(wall.number, cell, by), '');

    sendView = (): Promise<void> => {
        const { lon, lat, zoom } = atlas.view;
        return this.act(wall => desk.view(wall.number, lon, lat, zoom), '');
    };

    /// Follows the map of the console, a few places a second.
    followed(): void {
        const { lon, lat, zoom } = atlas.view;
        const place = `${lon} ${lat} ${zoom}`;
        if (!this.following || !this.wall || place === this.sent || this.moved !== undefined) return;
        this.moved = setTimeout(() => {
            this.moved = undefined;
            this.sent = `${atlas.view.lon} ${atlas.view.lat} ${atlas.view.zoom}`;
            void desk.view(this.wall!.number, atlas.view.lon, atlas.view.lat, atlas.view.zoom).catch((cause: unknown) => {
                this.told = (cause as Failure).detail || failureCode(cause);
                this.following = false;
            });
        }, step);
    }
}

export const wallRoom = new WallRoom();
