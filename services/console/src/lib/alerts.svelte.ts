// Alerts in the console: which stand, who has taken them up, and what is heard of them.

import { session } from './account.svelte';
import { alertsId, gravity, grave, readAlerts, standing, type Alert } from './alert';
import { api, failureCode, send, type Failure } from './api';
import { atlas } from './atlas.svelte';
import { bboxOf } from './bbox';
import { again, chime } from './chime';
import { hearChanges } from './hearing';
import { keep, kept } from './kept';
import type { LonLat } from './types';

const settle = 300; // ms: a burst of changes is one look
const lookEvery = 60_000; // ms, whatever is heard
const muteKey = 'alerts/muted';

class Alarm {
    private all = $state.raw<Alert[]>([]);
    muted = $state(kept<{ muted: boolean }>(muteKey)?.muted ?? false);
    blocked = $state(false); // the browser keeps the page silent
    failure = $state<string | null>(null);
    busy = $state(false);
    private hidden = $state.raw<readonly number[]>([]); // from the banner, by who reads here
    private readonly sounded = new Set<number>();
    private timer: ReturnType<typeof setInterval> | undefined;

    readonly list = $derived(standing(this.all, atlas.now));
    readonly waiting = $derived(this.list.filter(one => one.state !== 'acknowledged'));
    /// What stands over the map.
    readonly first = $derived(this.waiting.find(one => !this.hidden.includes(one.id)) ?? null);
    private readonly loud = $derived(this.muted ? [] : this.waiting.filter(one => gravity(one) >= grave));
    readonly may = $derived(session.visitor?.rights.collections[alertsId]?.includes('edit') ?? false);

    /// Until the given end is called.
    begin(): () => void {
        const endHearing = hearChanges([alertsId], settle, () => void this.look());
        const looking = setInterval(() => void this.look(), lookEvery);
        void this.look();
        return () => {
            endHearing();
            clearInterval(looking);
            clearInterval(this.timer);
            this.timer = undefined;
        };
    }

    async look(): Promise<void> {
        try {
            this.all = await readAlerts(atlas.locale);
            this.sound();
        } catch {
            // the bar says how old all is
        }
    }

    private sound(): void {
        const fresh = this.loud.some(one => !this.sounded.has(one.id));
        for (const one of this.loud) this.sounded.add(one.id);
        if (this.timer && this.loud.length > 0 && !fresh) return;
        clearInterval(this.timer);
        this.timer = undefined;
        if (this.loud.length === 0) return;
        const once = async () => {
            if (this.loud.length > 0) this.blocked = !await chime().catch(() => false);
        };
        void once();
        this.timer = setInterval(() => void once(), again);
    }

    mute(muted: boolean): void {
        this.muted = muted;
        keep(muteKey, { muted });
        this.sound();
    }

    hide(alert: Alert): void {
        this.hidden = [...this.hidden, alert.id];
    }

    private async act(path: string, body?: object): Promise<void> {
        this.busy = true;
        try {
            await send('POST', path, body);
            this.failure = null;
            await this.look();
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
        } finally {
            this.busy = false;
        }
    }

    acknowledge(alert: Alert): Promise<void> {
        return this.act(`/alerts/${alert.id}/acknowledge`);
    }

    end(alert: Alert, reason: string): Promise<void> {
        return this.act(`/alerts/${alert.id}/close`, { reason });
    }

    /// Its file, and the place that it is about.
    async show(alert: Alert): Promise<void> {
        const feature = await api.item(alertsId, alert.id).catch(() => null);
        if (feature?.geometry) {
            const box = bboxOf(feature.geometry);
            const middle: LonLat = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
            if (box[0] === box[2] && box[1] === box[3]) atlas.map?.go(middle, Math.max(atlas.view.zoom, 13));
            else atlas.map?.fit(box, 14);
            atlas.clicked = middle;
        }
        await atlas.open({ collection: alertsId, fid: alert.id });
    }
}

export const alarm = new Alarm();
