// The response to a disaster event: its phase, orders with their receipts, calls for rescue and teams.

import { api, failureCode, get, send, type Failure } from './api';
import { atlas } from './atlas.svelte';
import { hearChanges } from './hearing';
import { replay } from './replay.svelte';
import type { Feature, LonLat } from './types';

export interface DisasterEvent { id: number; name: string; phase: string; open: boolean }
export interface Order {
    id: number; unit: string; to_whom: string; superior: string; text: string; issued_at: string; due_minutes: number;
    state: 'issued' | 'acknowledged' | 'escalated';
    acknowledged_at: string | null; acknowledged_by: string | null; escalated_at: string | null; escalated_to: string | null;
}
export interface Call {
    id: number; people: number; vulnerable: number; depth_m: number | null; received_at: string; priority: number;
    state: 'new' | 'merged' | 'assigned' | 'done'; merged_into: number | null; team: number | null; distance_m: number | null;
    at: LonLat | null;
}
export interface Team { id: number; name: string; state: string; capacity: number | null }
export interface Duty { unit: string; name: string; superior: string }
export interface Entry { at: string; kind: string; [told: string]: unknown }
export interface NewCall {
    text: string; people: number; vulnerable: number; depth_m?: number; caller?: string; phone?: string; lon: number; lat: number;
}

export const phases = ['watch', 'prepare', 'respond', 'recover', 'closed'] as const;
const settle = 400; // ms: a burst of changes is one look
const most = '10000';
const shown = ['disaster_events', 'event_orders', 'rescue_calls', 'rescue_teams'] as const;

const row = <T>(feature: Feature): T => ({ ...feature.properties, id: Number(feature.id) }) as T;
/// All rows of a collection, now or at the moment looked at, that the visitor may see; none of one that he may not
/// know of. Those of the past are not chosen by the server.
async function rows(collection: string, event: number | null, geometry = false): Promise<Feature[]> {
    if (!atlas.byId.has(collection)) return [];
    const { at } = replay;
    const chosen: Record<string, string> = at ? { 'as-of': at } : event === null ? {} : { filter: `event=${event}` };
    let page = await api.listed(collection, { limit: most, skipGeometry: String(!geometry), ...chosen });
    const all = page.features;
    for (let next = api.next(page); next; next = api.next(page)) {
        page = await next;
        all.push(...page.features);
    }
    return event === null ? all : all.filter(feature => feature.properties.event === event);
}

class Room {
    shown = $state(false);
    events = $state.raw<DisasterEvent[]>([]);
    id = $state<number | null>(null);
    orders = $state.raw<Order[]>([]);
    calls = $state.raw<Call[]>([]);
    teams = $state.raw<Team[]>([]);
    roster = $state.raw<Duty[]>([]);
    timeline = $state.raw<Entry[]>([]);
    at = $state('');
    failure = $state<string | null>(null);
    told = $state('');
    busy = $state(false);
    private endHearing: (() => void) | null = null;
    private turn = 0;

    readonly event = $derived(this.events.find(one => one.id === this.id));
    /// What is not done, as it is to be dealt with: by priority, then as it came in.
    readonly open = $derived(this.calls.filter(one => one.state === 'new' || one.state === 'assigned')
        .sort((a, b) => Number(a.state === 'assigned') - Number(b.state === 'assigned') || a.priority - b.priority
            || a.received_at.localeCompare(b.received_at)));
    readonly done = $derived(this.calls.filter(one => one.state === 'done').length);
    /// Overdue ones first, then those that wait, the latest first.
    readonly inOrder = $derived([...this.orders].sort((a, b) => rank(a) - rank(b) || b.issued_at.localeCompare(a.issued_at)));

    merged = (call: number): number => this.calls.filter(one => one.merged_into === call).length;
    teamName = (id: number | null): string => this.teams.find(one => one.id === id)?.name ?? atlas.t('response.team', { n: id ?? '—' });

    async enter(): Promise<void> {
        this.shown = true;
        this.told = '';
        atlas.show('response');
        this.hear();
        await this.look();
    }

    close(): void {
        this.shown = false;
        replay.stop();
        this.endHearing?.();
        this.endHearing = null;
    }

    /// Orders, receipts and calls of others come in without being asked for.
    private hear(): void {
        if (this.endHearing) return;
        const heard = shown.filter(id => atlas.byId.has(id));
        this.endHearing = hearChanges(heard, settle, () => { if (!replay.at) void this.look(); });
    }

    /// Reads everything of the event; of several that are open the newest is shown first.
    async look(): Promise<void> {
        try {
            const events = (await rows('disaster_events', null)).map(feature => {
                const { id, name, phase } = row<{ id: number; name: string | null; phase: string | null }>(feature);
                return { id, name: name ?? String(id), phase: phase ?? 'watch', open: phase !== 'closed' };
            });
            this.events = events.sort((a, b) => Number(b.open) - Number(a.open) || b.id - a.id);
            if (!this.event && !replay.at) this.id = this.events[0]?.id ?? null;
            if (this.id !== null) await this.read(this.id);
            this.failure = null;
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
        }
    }

    private async read(id: number): Promise<void> {
        const mine = ++this.turn;
        const until = replay.at ? `?datetime=${encodeURIComponent(`../${replay.at}`)}` : '';
        const [orders, calls, teams, roster, timeline] = await Promise.all([
            rows('event_orders', id), rows('rescue_calls', id, true),
            rows('rescue_teams', null), rows('duty_roster', null),
            get<{ at: string; entries: Entry[] }>(`/events/${id}/timeline${until}`),
        ]);
        if (mine !== this.turn) return;
        this.orders = orders.map(feature => row<Order>(feature));
        this.calls = calls.map(feature => ({
            ...row<Call>(feature), at: feature.geometry?.type === 'Point' ? feature.geometry.coordinates as LonLat : null,
        }));
        this.teams = teams.map(feature => row<Team>(feature));
        this.roster = roster.map(feature => row<Duty>(feature)).sort((a, b) => a.unit.localeCompare(b.unit));
        this.timeline = [...timeline.entries].reverse();
        this.at = timeline.at;
    }

    /// From the first entry of what happened to the last, as each left the record.
    async replay(): Promise<void> {
        const times = [...new Set(this.timeline.map(entry => entry.at))].reverse();
        await replay.start(times, this.at, () => this.look());
    }

    async backToNow(): Promise<void> {
        replay.stop();
        await this.look();
    }

    async choose(id: number): Promise<void> {
        replay.stop();
        this.id = id;
        this.told = '';
        await this.look();
    }

    setPhase(phase: string): Promise<boolean> {
        return this.act(() => send('POST', `/events/${this.id}/phase`, { phase }));
    }

    issue(text: string, units: string[], minutes: number): Promise<boolean> {
        return this.act(() => send('POST', `/events/${this.id}/orders`, { text, units, due_minutes: minutes }));
    }

    acknowledge(order: number): Promise<boolean> {
        return this.act(() => send('POST', `/orders/${order}/acknowledge`));
    }

    /// Taken once by its key, however often it is sent.
    take(call: NewCall, key: string): Promise<boolean> {
        return this.act(async () => {
            const answer = await send('POST', '/rescue-calls', { ...call, key, event: this.id, source: '112' });
            const taken = await answer.json() as { id: number; priority: number; merged_into: number | null };
            this.told = taken.merged_into === null ? atlas.t('response.taken', { n: taken.id, p: taken.priority })
                : atlas.t('response.merged', { n: taken.merged_into });
        });
    }

    dispatch(call: number): Promise<boolean> {
        return this.act(() => send('POST', `/rescue-calls/${call}/assign`));
    }

    finish(call: number): Promise<boolean> {
        return this.act(() => send('POST', `/rescue-calls/${call}/done`));
    }

    private async act(work: () => Promise<unknown>): Promise<boolean> {
        this.busy = true;
        this.told = '';
        try {
            await work();
            await this.look();
            return this.failure === null;
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
            return false;
        } finally {
            this.busy = false;
        }
    }
}

const rank = (order: Order): number => ['escalated', 'issued', 'acknowledged'].indexOf(order.state);

export const response = new Room();
