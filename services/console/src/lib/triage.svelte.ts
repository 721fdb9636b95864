// Open reports, the most urgent first, and what an office does with each.

import { session } from './account.svelte';
import { api, failureCode, type Failure } from './api';
import { atlas } from './atlas.svelte';
import { isoDay } from './format';
import { hearChanges } from './hearing';
import { position } from './text';
import type { LonLat } from './types';

export interface OpenReport {
    service_request_id: string;
    code: string | null;
    state: string;
    state_name: string;
    service_name: string;
    description: string | null;
    agency_responsible: string | null;
    expected_datetime: string | null;
    address: string | null;
    media_url: string | null;
    lat: number | null;
    long: number | null;
    visibility?: Visibility; // told to who sees other than public ones
}
export const visibilities = ['public', 'personal', 'hidden'] as const;
export type Visibility = typeof visibilities[number];
export interface ReportService { service_code: string; service_name: string }
export interface NamedUnit { geometry: { coordinates: LonLat } | null; properties: { full_name: string; province_name?: string } }
/// Where operators hear of what they enter.
export const channels = ['phone', 'press', 'counter'] as const;
export interface ReportMessage { id: number; from: 'citizen' | 'office'; text: string; at: string }

/// In the order of their keys, 1 to 8.
export const states = ['received', 'investigating', 'planned', 'in_progress', 'fixed', 'duplicate', 'not_responsible', 'unable_to_fix'] as const;
const closing: ReadonlySet<string> = new Set(['fixed', 'duplicate', 'not_responsible', 'unable_to_fix']);
const settle = 400; // ms: a burst of changes is one look

class Triage {
    shown = $state(false);
    list = $state.raw<OpenReport[]>([]);
    at = $state(0);
    messages = $state.raw<ReportMessage[] | null>(null);
    told = $state('');
    failure = $state<string | null>(null);
    busy = $state(false);
    entering = $state(false);
    services = $state.raw<ReportService[]>([]);
    private endHearing: (() => void) | null = null;

    readonly current = $derived<OpenReport | undefined>(this.list[this.at]);
    readonly late = $derived(this.list.filter(one => this.isLate(one)).length);

    isLate = (one: OpenReport): boolean => one.expected_datetime !== null && Date.parse(one.expected_datetime) < Date.now();

    async open(): Promise<void> {
        this.shown = true;
        atlas.show('file');
        this.hear();
        await this.look();
    }

    close(): void {
        this.shown = false;
        this.endHearing?.();
        this.endHearing = null;
    }

    /// New reports come in without being asked for.
    private hear(): void {
        if (this.endHearing) return;
        this.endHearing = hearChanges(['reports'], settle, () => void this.look());
    }

    async look(): Promise<void> {
        const id = this.current?.service_request_id;
        try {
            const list = await api.openReports(atlas.locale);
            this.list = list.sort((a, b) => (a.expected_datetime ?? '~').localeCompare(b.expected_datetime ?? '~'));
            const found = this.list.findIndex(one => one.service_request_id === id);
            this.at = found >= 0 ? found : Math.min(this.at, Math.max(0, this.list.length - 1));
            this.failure = null;
            if (this.messages === null) await this.hearOut();
        } catch (cause) {
            this.failure = failureCode(cause);
        }
    }

    choose(at: number): void {
        if (at < 0 || at >= this.list.length) return;
        this.at = at;
        this.messages = null;
        void this.hearOut();
    }

    chooseReport(id: string): void {
        this.choose(this.list.findIndex(one => one.service_request_id === id));
    }

    /// What was said; only who may take part is told.
    async hearOut(): Promise<void> {
        const id = this.current?.service_request_id;
        if (!id || !session.signedIn) return;
        const messages = await api.reportMessages(id).catch(() => null);
        if (this.current?.service_request_id === id) this.messages = messages;
    }

    go(): void {
        const one = this.current;
        if (one?.lat != null && one.long != null) atlas.map?.go([one.long, one.lat], 16);
    }

    async set(state: string, name: string): Promise<void> {
        const one = this.current;
        if (!one || this.busy) return;
        this.busy = true;
        this.failure = null;
        try {
            const fid = Number(one.service_request_id);
            const { tag } = await api.tagged('reports', fid);
            const closed = closing.has(state) ? new Date().toISOString() : null;
            await api.patch('reports', fid, { properties: { status: state, closed_at: closed } },
                { reason: '', key: crypto.randomUUID(), lang: atlas.locale, tag });
            this.told = atlas.t('triage.done', { s: name, c: one.code ?? one.service_request_id });
            this.messages = null;
            await this.look();
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
        } finally {
            this.busy = false;
        }
    }

    async setVisibility(visibility: Visibility, reason: string, name: string): Promise<boolean> {
        const one = this.current;
        if (!one) return false;
        this.failure = null;
        try {
            await api.setVisibility(one.service_request_id, visibility, reason, atlas.locale);
            this.told = atlas.t('triage.done', { s: name, c: one.code ?? one.service_request_id });
            await this.look();
            return true;
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
            return false;
        }
    }

    async begin(): Promise<void> {
        this.entering = true;
        this.told = '';
        this.failure = null;
        if (this.services.length > 0) return;
        try {
            this.services = await api.reportServices(atlas.locale);
        } catch (cause) {
            this.failure = failureCode(cause);
        }
    }

    /// Coordinates, or the unit that the end of an address names: what stands before it is dropped part
    /// by part.
    async place(text: string, signal: AbortSignal): Promise<{ at: LonLat; name: string } | null> {
        const at = position(text);
        if (at) return { at, name: '' };
        for (let rest = text.trim(); rest;) {
            const [unit] = await api.units(rest, isoDay(new Date()), signal);
            if (unit?.geometry) {
                const { full_name: name, province_name: province } = unit.properties;
                return { at: unit.geometry.coordinates, name: province && province !== name ? `${name}, ${province}` : name };
            }
            rest = rest.includes(',') ? rest.slice(rest.indexOf(',') + 1).trim() : '';
        }
        return null;
    }

    async enter(members: Record<string, string>): Promise<boolean> {
        if (this.busy) return false;
        this.busy = true;
        this.failure = null;
        try {
            const id = await api.enterReport(members, atlas.locale);
            this.entering = false;
            await this.look();
            const entered = this.list.find(one => one.service_request_id === id);
            this.told = atlas.t('entry.done', { c: entered?.code ?? id });
            this.chooseReport(id);
            return true;
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
            return false;
        } finally {
            this.busy = false;
        }
    }

    async say(text: string): Promise<boolean> {
        const one = this.current;
        if (!one) return false;
        try {
            await api.tellReporter(one.service_request_id, text);
            this.told = atlas.t('triage.said');
            await this.hearOut();
            return true;
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
            return false;
        }
    }
}

export const triage = new Triage();
