// A screen of a wall: hears the server four times a second, prepares what is to come out of sight, switches when
// all others do, and never lets go of a picture before the next one is there.

import { tick } from 'svelte';
import { alertsId, gravity, grave, readAlerts, standing, type Alert } from '../lib/alert';
import { Failure, setCsrf } from '../lib/api';
import { again, chime } from '../lib/chime';
import { sleep } from '../lib/sleep';
import { Clock } from './clock';
import type { Content, Told, Wall } from './content';
import { desk } from './desk';
import { parseSpan, spanText, type Cells } from './geometry';
import { load, type Panel } from './panels';
import { Picture } from './picture.svelte';
import { due, empty, prepared, ready, switched, told, type Stage } from './stage';
import { Wardrobe } from './style';
import { MapWindow, type View } from './window';
import { Windows } from './windows';
import type { Zone } from './content';
import { language } from './words';

const usual = 250; // ms between two beats
const eager = 80; // while the switch is awaited
const patience = 2000; // ms an answer may take
export const offlineAfter = 3000; // ms without an answer
const fade = 300; // ms
const glide = 250; // ms of a map's way to where the operator moved it
const renewEvery = 15_000; // ms: lists and indicators
const renewRest = 1500; // ms between two looks, however often the record changes

const settle = 400; // ms: a burst of changes is one look at the alerts
const standbyRest = 1000; // ms after a switch: it is to be smooth
const sounds = new URLSearchParams(location.search).has('sound'); // where it is wanted
const fillPatience = 15_000; // ms a list or an indicator may take

const within = <T>(ms: number, asked: Promise<T>): Promise<T> =>
    Promise.race([asked, sleep(ms).then(() => { throw new Error('no answer in time'); })]);

/// What is likely to come next, made ready out of sight.
interface Standby { number: number; content: Content | null; key: string; picture: Picture | null; ready: boolean }

/// What makes two pictures the same: the content, and who stands in for whom.
const keyOf = (content: Content, standsIn: Told['stands_in']): string => JSON.stringify([content, standsIn]);

export class Page {
    readonly number: number;
    readonly place: Cells | null;
    readonly clock = new Clock();
    stage = $state.raw<Stage<Picture>>(empty());
    leaving = $state.raw<Picture | null>(null);
    standby = $state.raw<Standby>({ number: 0, content: null, key: '', picture: null, ready: false });
    heardAt = $state(0); // ms of the server's clock
    now = $state(0);     // the same, each second
    refusal = $state('');
    blocked = $state(false); // the browser keeps the screen silent
    private heard = $state.raw<Alert[]>([]);
    private hearing: ReturnType<typeof setTimeout> | undefined;
    readonly alerts = $derived(standing(this.heard, this.now));
    scale = $state(1); // px of the page to one of the wall
    switches: { revision: number; at: number }[] = [];
    readonly wardrobe = new Wardrobe();
    private readonly client = crypto.randomUUID();
    private wall: Wall | null = null;
    private content: Content | null = null;
    private known = 0;
    private fed = 0;
    private renewed = 0;
    private switchedAt = 0;
    private paintedAt = 0;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private readonly windows: Windows;
    private view: View | null = null;
    private viewAt = 0;
    private hurry = false; // something is to be told at once
    private wake: () => void = () => undefined;

    constructor(path: string, holder: HTMLElement) {
        this.windows = new Windows(() => new MapWindow(holder, () => this.scale));
        const [, number = '', rows = '', columns = ''] = /^\/wall\/(\d{1,4})\/([\d-]+)\/([\d-]+)\/?$/.exec(path) ?? [];
        const [down, across] = [parseSpan(rows), parseSpan(columns)];
        this.number = Number(number);
        this.place = down && across ? { rows: down, columns: across } : null;
    }

    readonly pictures = $derived([...new Set([this.leaving, this.stage.shown?.picture, this.stage.next?.picture, this.standby.picture])]
        .filter((one): one is Picture => one != null));

    async run(): Promise<void> {
        if (!this.place) return;
        setInterval(() => { this.now = this.clock.now(); }, 1000);
        setInterval(() => void this.renew(), renewEvery);
        await this.learn();
        if (sounds) setInterval(() => void this.ring(), again);
        const preview = new URLSearchParams(location.search).get('preview');
        if (preview !== null) {
            this.look(Number(preview));
            return;
        }
        for (;;) {
            this.hurry = false;
            await this.beat();
            if (this.hurry) continue;
            const waits = this.stage.next?.ready && this.stage.next.switchAt === null;
            await Promise.race([sleep(waits ? eager : usual), new Promise<void>(resolve => { this.wake = resolve; })]);
        }
    }

    /// What the wall is: asked until it is answered.
    private async learn(): Promise<void> {
        while (!this.wall) {
            try {
                await this.identify();
                const wall = await desk.wall(this.number);
                await this.wardrobe.load();
                this.wall = wall;
                this.refusal = '';
                this.fit();
            } catch (cause) {
                const status = cause instanceof Failure ? cause.status : 0;
                this.refusal = status >= 400 && status < 500 ? String(status) : '';
                await sleep(1000);
            }
        }
    }

    /// A scene that is not on air, for the operator.
    private look(scene: number): void {
        const content = this.wall!.scenes.find(one => one.id === scene)?.content;
        if (!content) return;
        const picture = new Picture(this.wall!, this.place!, content, { stands_in: {} });
        this.stage = told(this.stage, { revision: 1, switchAt: 0 }, () => picture);
        void this.prepare(picture);
    }

    private async identify(): Promise<void> {
        setCsrf((await desk.account()).csrf ?? '');
    }

    get columns(): number { return this.wall?.columns ?? 1; }
    get pixels(): readonly [number, number] { return this.wall?.pixels ?? [0, 0]; }

    fit(): void {
        if (!this.wall || !this.place) return;
        const { rows, columns } = this.place;
        this.scale = Math.min(innerWidth / ((columns[1] - columns[0] + 1) * this.wall.pixels[0]),
            innerHeight / ((rows[1] - rows[0] + 1) * this.wall.pixels[1]));
    }

    private tell(): void {
        this.hurry = true;
        this.wake();
    }

    private async beat(): Promise<void> {
        const { rows, columns } = this.place!;
        const asked = performance.now();
        try {
            const answer = await desk.beat(this.number, {
                client: this.client, rows: spanText(rows), columns: spanText(columns),
                prepared: prepared(this.stage), shown: this.stage.shown?.revision ?? 0, known: this.known,
                standby: this.standby.number,
                ...(this.switchedAt ? { switched_at: this.switchedAt } : {}),
                ...(this.paintedAt ? { painted_at: this.paintedAt } : {}),
            }, AbortSignal.timeout(patience));
            this.clock.take(asked, performance.now(), answer.now);
            this.take(answer);
        } catch (cause) {
            if (cause instanceof Failure && (cause.status === 401 || cause.status === 403)) {
                await this.identify().catch(() => undefined); // a session that ended, or began
            }
        }
    }

    private take(answer: Told): void {
        const away = this.heardAt > 0 && this.clock.now() - this.heardAt > offlineAfter;
        this.heardAt = this.clock.now();
        this.now = this.heardAt;
        if (answer.content) {
            this.content = answer.content;
            this.known = answer.revision;
        }
        if (answer.view_at && answer.view_at > this.viewAt && answer.view) this.glideTo(answer.view, answer.view_at);
        const before = this.stage.next?.picture;
        this.stage = told(this.stage, { revision: answer.revision, switchAt: answer.switch_at }, () => {
            this.view = answer.view;
            this.viewAt = answer.view_at ?? 0;
            return this.foreseen(answer) ?? new Picture(this.wall!, this.place!, this.content!, answer);
        });
        const next = this.stage.next?.picture;
        if (next && next !== before) {
            if (next !== this.standby.picture) void this.prepare(next);
            else if (this.standby.ready) this.isReady(next);
        }
        this.plan();
        this.foresee(answer);
        if (away || answer.fed !== this.fed) {
            this.fed = answer.fed;
            void this.renew();
        }
    }

    /// The picture that is made ready already, if it is what is asked for.
    private foreseen(answer: Told): Picture | null {
        const { picture, key } = this.standby;
        return answer.view === null && key === keyOf(this.content!, answer.stands_in) ? picture : null;
    }

    /// Makes ready what is likely to come next, while nothing else is.
    private foresee(answer: Told): void {
        const { shown, next } = this.stage;
        const number = answer.standby_number;
        const content = answer.standby !== undefined ? answer.standby : this.standby.content;
        const key = content ? keyOf(content, answer.stands_in) : '';
        if (key !== this.standby.key) this.standby = { number, content, key, picture: null, ready: false };
        else if (number !== this.standby.number) this.standby = { ...this.standby, number };
        const rested = this.clock.now() - this.switchedAt > standbyRest;
        if (!content || this.standby.picture || !shown || next || !rested) return;
        const picture = new Picture(this.wall!, this.place!, content, answer);
        this.windows.keepOnly([shown.picture]);
        if (!this.windows.holds(picture)) return;
        this.standby = { number, content, key, picture, ready: false };
        void this.prepare(picture);
    }

    private async prepare(picture: Picture): Promise<void> {
        await tick(); // its canvases are there
        const standsBy = picture === this.standby.picture;
        if (!standsBy) {
            this.standby = { ...this.standby, picture: null, ready: false };
            this.windows.keepOnly([this.stage.shown?.picture, picture]);
        }
        const windows = this.windows.of(picture);
        const drawn = picture.parts.map((part, i) => windows[i]!.prepare({
            style: this.wardrobe.of(part.zone, new Date(this.clock.now())), box: part.box, whole: part.whole,
            view: picture.viewOf(part.zone, standsBy ? null : this.view), pieces: picture.pieces(part),
        }));
        await Promise.all([...drawn, this.fill(picture)]);
        picture.readyAt = this.clock.now();
        if (picture === this.standby.picture) this.standby = { ...this.standby, ready: true };
        this.isReady(picture);
    }

    private isReady(picture: Picture): void {
        this.stage = ready(this.stage, picture);
        this.plan();
        if (this.stage.next?.picture === picture) this.tell();
    }

    /// Lists and indicators; what cannot be had keeps what it had.
    private async fill(picture: Picture): Promise<void> {
        const zones = new Set(picture.cells.map(cell => cell.zone).filter((zone): zone is Zone => zone !== null));
        const panels = new Map<Zone, Panel>(picture.panels);
        const failures = new Map<Zone, number>(picture.failures);
        await Promise.all([...zones].map(async zone => {
            try {
                const panel = await within(fillPatience, load(zone, this.wardrobe.collections, this.clock.now()));
                if (panel) panels.set(zone, panel);
                failures.delete(zone);
            } catch {
                if (!failures.has(zone)) failures.set(zone, this.clock.now());
            }
        }));
        picture.panels = panels;
        picture.failures = failures;
    }

    /// Alerts that this screen may know; those it had stay while there is no answer.
    private async hearAlerts(): Promise<void> {
        this.hearing = undefined;
        if (!this.wardrobe.collections.some(one => one.id === alertsId)) return;
        const known = this.heard;
        this.heard = await readAlerts(language).catch(() => known);
        const isNew = (one: Alert) => gravity(one) >= grave && !known.some(other => other.id === one.id);
        if (sounds && this.alerts.some(isNew)) void this.ring();
    }

    /// A sound for a grave alert that nobody has acknowledged.
    private async ring(): Promise<void> {
        if (!this.alerts.some(one => gravity(one) >= grave && one.state !== 'acknowledged')) return;
        this.blocked = !await chime(true).catch(() => false);
    }

    /// What is seen is fetched anew: after a change, and now and then.
    private async renew(): Promise<void> {
        this.hearing ??= setTimeout(() => void this.hearAlerts(), settle);
        const picture = this.stage.shown?.picture;
        if (!picture || this.stage.next) return;
        const rest = this.renewed + renewRest - performance.now();
        this.renewed = performance.now() + Math.max(0, rest);
        if (rest > 0) await sleep(rest);
        for (const window of this.windows.of(picture)) window.refresh();
        await this.fill(picture);
        const { picture: likely, ready: made } = this.standby;
        if (likely && made && !this.stage.next) {
            for (const window of this.windows.of(likely)) window.refresh();
            await this.fill(likely);
        }
    }

    private plan(): void {
        clearTimeout(this.timer);
        const at = due(this.stage);
        if (at !== null) this.timer = setTimeout(() => this.change(), Math.max(0, at - this.clock.now()));
    }

    private change(): void {
        this.leaving = this.stage.shown?.picture ?? null;
        this.stage = switched(this.stage);
        const { picture, revision } = this.stage.shown!;
        this.windows.keepOnly([picture]);
        this.switchedAt = this.clock.now();
        if (this.switchedAt - picture.readyAt > renewRest) void this.renew();
        this.switches.push({ revision, at: this.switchedAt });
        requestAnimationFrame(() => requestAnimationFrame(() => { this.paintedAt = this.clock.now(); }));
        const { leaving } = this;
        setTimeout(() => { if (this.leaving === leaving) this.leaving = null; }, fade);
        this.tell();
    }

    /// All windows are at one place at one time, whichever frame their screens draw.
    private glideTo(to: View, at: number): void {
        const picture = this.stage.shown?.picture;
        const zone = picture?.parts[0]?.zone;
        this.viewAt = at;
        if (!picture || !zone) {
            this.view = to;
            return;
        }
        const from = picture.viewOf(zone, this.view);
        const step = () => {
            if (this.viewAt !== at || this.stage.next) return;
            const part = Math.min(1, Math.max(0, 1 - (at - this.clock.now()) / glide));
            const between = (a: number, b: number) => a + (b - a) * part;
            this.view = {
                centre: [between(from.centre[0], to.centre[0]), between(from.centre[1], to.centre[1])],
                zoom: between(from.zoom, to.zoom),
            };
            for (const window of this.windows.of(picture)) window.move(this.view);
            if (part < 1) requestAnimationFrame(step);
            else for (const window of this.windows.of(picture)) window.rest();
        };
        step();
    }
}
