// Water on the map: a level that moves over heights above drainage without asking the server, floods
// that are computed, their frames, and who and what is in them.

import type { LayerSpecification, SourceSpecification } from '@maplibre/maplibre-gl-style-spec';
import { api, failureCode, type Failure } from './api';
import { atlas } from './atlas.svelte';
import { depthRamp, heightRamp } from './depth';
import { sleep } from './sleep';
import type { Bbox, Coverage, FloodJob, FloodScenario, Impact } from './types';

const look = 400; // ms between two looks at a job that is not over
const shelfAge = 300; // ms: what the server says of a coverage may be a quarter of a second old
const settle = 350; // ms that the level rests before its impact is counted
const breachReach = 0.06; // degrees around what is drawn that a flood may spread in
const rise = 20; // minutes until a breach is open
const pause = 700; // ms a frame is shown while they play

export interface Extra {
    sources: Record<string, SourceSpecification>;
    layers: LayerSpecification[];
}

const isOver = (job: FloodJob) => job.status !== 'accepted' && job.status !== 'running';

/// A discharge as it was until `now` (minutes), and another one soon after.
function changed(over: [number, number][], now: number, discharge: number): [number, number][] {
    const until = over.filter(([minute]) => minute < now);
    const next = over.find(([minute]) => minute >= now);
    const last = until.at(-1) ?? [0, 0];
    const here = next ? last[1] + (next[1] - last[1]) * (now - last[0]) / (next[0] - last[0]) : last[1];
    return [...until, [now, here], [now + rise, discharge]];
}

function boxAround(shape: GeoJSON.Geometry): Bbox {
    const box: Bbox = [180, 90, -180, -90];
    const visit = (part: unknown): void => {
        if (!Array.isArray(part)) return;
        if (typeof part[0] !== 'number') return part.forEach(visit);
        const [x, y] = part as [number, number];
        box[0] = Math.min(box[0], x - breachReach);
        box[1] = Math.min(box[1], y - breachReach);
        box[2] = Math.max(box[2], x + breachReach);
        box[3] = Math.max(box[3], y + breachReach);
    };
    if (shape.type !== 'GeometryCollection') visit(shape.coordinates);
    return box;
}

class Flood {
    shown = $state(false);
    terrain = $state.raw<Coverage | null>(null);
    hand = $state.raw<Coverage | null>(null);
    failure = $state<string | null>(null);

    level = $state(0); // metres above drainage; 0: no water is shown
    breach = $state.raw<GeoJSON.Geometry | null>(null);
    drawing = $state(false);
    discharge = $state(200); // m³/s through the breach
    hours = $state(3);
    job = $state.raw<FloodJob | null>(null);
    result = $state.raw<Coverage | null>(null);
    frame = $state(0);
    playing = $state(false);

    impact = $state.raw<Impact | null>(null);
    impactOf = $state<'level' | 'frame' | null>(null);
    counting = $state(false);

    private endDrawing: (() => void) | null = null;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private settling: ReturnType<typeof setTimeout> | undefined;
    private player: ReturnType<typeof setInterval> | undefined;
    private asked: AbortController | undefined;

    readonly times = $derived(this.result?.times ?? []);
    readonly time = $derived(this.times[this.frame] ?? null);

    async open(): Promise<void> {
        this.shown = true;
        atlas.show('file');
        if (this.terrain) return;
        this.failure = null;
        try {
            const all = await api.coverages(atlas.locale);
            this.hand = all.find(one => one.quantity === 'hand') ?? null;
            this.terrain = all.find(one => one.id === this.hand?.derivedFrom) ?? null;
        } catch (cause) {
            this.failure = failureCode(cause);
        }
    }

    close(): void {
        this.shown = false;
        this.stopDrawing();
        this.pause();
    }

    /// Moves the water at once; what it reaches is counted when the level rests.
    setLevel(level: number): void {
        this.level = Math.min(15, Math.max(0, Math.round(level * 10) / 10));
        clearTimeout(this.settling);
        if (this.level > 0) this.settling = setTimeout(() => void this.countLevel(), settle);
        else if (this.impactOf === 'level') this.impact = this.impactOf = null;
    }

    countLevel(): Promise<void> {
        if (!this.hand) return Promise.resolve();
        return this.count('level', { coverage: this.hand.id, to: this.level });
    }

    countFrame(): Promise<void> {
        if (!this.result || !this.time) return Promise.resolve();
        return this.count('frame', { coverage: this.result.id, datetime: this.time });
    }

    async draw(): Promise<void> {
        if (!atlas.map) return;
        this.stopDrawing();
        this.breach = null;
        this.drawing = true;
        const end = await atlas.map.sketch('line', shape => { this.breach = shape; });
        if (this.drawing) this.endDrawing = end;
        else end();
    }

    stopDrawing(): void {
        this.drawing = false;
        this.endDrawing?.();
        this.endDrawing = null;
    }

    async run(): Promise<void> {
        if (!this.terrain || !this.breach) return;
        await this.compute({
            terrain: this.terrain.id, bbox: boxAround(this.breach), hours: this.hours, frame_minutes: 10,
            friction: 0.06, releases: [{ geometry: this.breach, discharge: [[0, 0], [rise, this.discharge]] }],
        });
    }

    /// Goes on from the frame that is shown: with the breach as it is drawn, and the discharge as it
    /// stands, from there on.
    async goOn(): Promise<void> {
        const before = this.result?.details?.inputs;
        if (!this.result || !before) return;
        const frame = this.frame + 1;
        const now = frame * before.frame_minutes;
        const { from: _, ...scenario } = before;
        const releases = before.releases.map((one, i) => (i > 0 ? one : { ...one, discharge: changed(one.discharge, now, this.discharge) }));
        if (this.breach && JSON.stringify(this.breach) !== JSON.stringify(before.releases[0]?.geometry)) {
            releases.splice(0, 1, before.releases[0]!, { geometry: this.breach, discharge: [[0, 0], [now, 0], [now + rise, this.discharge]] });
        }
        await this.compute({
            ...scenario, releases, hours: Math.max(this.hours, (now + before.frame_minutes) / 60),
            from: { coverage: this.result.id, frame },
        });
    }

    private async compute(scenario: FloodScenario): Promise<void> {
        this.failure = null;
        this.result = null;
        this.frame = 0;
        try {
            this.job = await api.execute('inundation', scenario, atlas.locale);
            this.stopDrawing();
            this.level = 0;
            await this.follow();
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
        }
    }

    async hold(paused: boolean): Promise<void> {
        if (!this.job || isOver(this.job)) return;
        try {
            this.job = await api.hold(this.job.jobID, paused, atlas.locale);
        } catch (cause) {
            this.failure = failureCode(cause);
        }
    }

    async dismiss(): Promise<void> {
        if (!this.job || isOver(this.job)) return;
        await api.dismiss(this.job.jobID).catch(() => undefined);
        await this.follow();
    }

    /// Looks at the job and at its frames, which are there as they are computed.
    private async follow(): Promise<void> {
        clearTimeout(this.timer);
        const id = this.job?.jobID;
        if (!id) return;
        const job = await api.job(id, atlas.locale);
        if (this.job?.jobID !== id) return;
        if (isOver(job)) await sleep(shelfAge);
        const name = `flood_${id.replaceAll('-', '_')}`;
        const begun = this.result !== null || (await api.coverages(atlas.locale)).some(one => one.id === name);
        const coverage = begun ? await api.coverage(name, atlas.locale) : null;
        const first = this.times.length === 0;
        const atEnd = this.frame >= this.times.length - 1;
        // With its end comes the balance, though no frame.
        if (coverage && (isOver(job) || coverage.times?.length !== this.times.length)) {
            this.result = coverage;
            if (first || atEnd) this.frame = Math.max(0, this.times.length - 1);
        }
        this.job = job;
        if (job.status === 'failed') this.failure = job.message ?? '';
        if (isOver(job)) {
            if (this.times.length > 0) await this.countFrame();
            return;
        }
        this.timer = setTimeout(() => void this.follow().catch((cause: unknown) => {
            this.failure = failureCode(cause);
        }), look);
    }

    go(frame: number): void {
        this.frame = Math.min(this.times.length - 1, Math.max(0, frame));
        clearTimeout(this.settling);
        if (!this.playing) this.settling = setTimeout(() => void this.countFrame(), settle);
    }

    play(): void {
        this.playing = true;
        this.player = setInterval(() => {
            if (this.frame >= this.times.length - 1) this.pause();
            else this.go(this.frame + 1);
        }, pause);
    }

    pause(): void {
        if (!this.playing) return;
        clearInterval(this.player);
        this.playing = false;
        if (this.result) void this.countFrame();
    }

    private async count(of: 'level' | 'frame', hazard: object): Promise<void> {
        this.asked?.abort();
        const asked = this.asked = new AbortController();
        this.counting = true;
        try {
            const results = await api.outcome<Impact>('exposure', { hazard }, atlas.locale, asked.signal);
            if (asked.signal.aborted) return;
            this.impact = results;
            this.impactOf = of;
        } catch (cause) {
            if (!asked.signal.aborted) this.failure = (cause as Failure).detail || failureCode(cause);
        } finally {
            if (!asked.signal.aborted) this.counting = false;
        }
    }

    /// What is drawn beside the server's own style.
    readonly extra = $derived.by((): Extra => {
        const extra: Extra = { sources: {}, layers: [] };
        const add = (id: string, coverage: Coverage, query: string, ramp: unknown) => {
            extra.sources[id] = {
                type: 'raster-dem', encoding: 'terrarium', tileSize: 256, bounds: coverage.bbox,
                tiles: [`${location.origin}/coverages/${coverage.id}/tiles/terrarium/{z}/{x}/{y}.png${query}`],
                minzoom: coverage.minzoom ?? 5, maxzoom: coverage.maxzoom ?? 12,
            };
            extra.layers.push({
                id: `${id}-depth`, type: 'color-relief', source: id,
                paint: { 'color-relief-color': ramp, 'color-relief-opacity': 0.85 },
            } as LayerSpecification);
        };
        if (!this.shown) return extra;
        if (this.hand) add('flood-hand', this.hand, '', heightRamp(this.level, atlas.theme));
        if (this.result && this.time) {
            add('flood-frame', this.result, `?datetime=${encodeURIComponent(this.time)}`, depthRamp(atlas.theme));
        }
        return extra;
    });
}

export const flood = new Flood();
