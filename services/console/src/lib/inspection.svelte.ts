// Inspections of land: cases from their opening to their end, and the suspects that cases are opened for.

import { session } from './account.svelte';
import { api, Failure, failureCode, get, send } from './api';
import { atlas } from './atlas.svelte';
import { casePhotos } from './case_photos.svelte';
import { hearChanges } from './hearing';
import { forget } from './kept';
import type { Key } from './messages';
import type { LonLat } from './types';

export const cases = 'inspection_cases';
export const filters = ['mine', 'open', 'overdue', 'all'] as const;
export type Filter = typeof filters[number];
export type Move = 'assign' | 'inspect' | 'decide' | 'close';

export interface Case {
    id: number; origin: string; reference?: string | null; parcel?: number | null; sheet?: number | null; number?: number | null;
    reason: string; state: string; office?: string | null; assignee?: string | null; opened_at: string; opened_by: string;
    due_on: string; answers?: Record<string, string> | null; finding?: string | null; measured_m2?: number | null;
    error_m2?: number | null; decision?: string | null; follow_up_on?: string | null;
    effect?: string | null; effect_m2?: number | null; decided_on?: string | null; lon: number; lat: number;
}
export interface Item { key: string; vi: string; en: string; accepted: string[] }
export interface Photo {
    id: number; taken_at?: string | null; lon?: number | null; lat?: number | null; distance_m?: number | null;
    received_at: string; sent_by: string;
}
export interface Step { move: string; state: string; assignee: string | null; who: string; why: string | null; at: string }
/// The value of an indicator that a decision counts towards.
export interface Counted { id: number; code: string; place_code: string; period: string; value: number | null; target?: number | null; basis?: string | null }
export const effects = ['lost', 'restored', 'none'] as const;
export interface Inspector { office: string; login: string; open: number }
export interface CaseFile extends Case { items: Item[]; moves: Move[]; photos: Photo[]; steps: Step[]; inspectors: Inspector[]; counted: Counted[] }
export interface Suspect {
    parcel: number; sheet: string; number: string; registered: string; planned: string | null; seen: string; seen_m2: number;
    parcel_m2: number; reason: string; certainty: string;
}
/// What the monitoring suspects, and where it lies.
export interface Suspected { suspect: Suspect; at: LonLat | null }
/// What a case is opened for, besides a suspect.
export interface NewCase {
    key: string; origin: 'hand' | 'report'; reference?: string; parcel?: number; lon?: number; lat?: number; reason: string;
    due_on?: string;
}
interface List { cases: Case[]; matched: number; counts: Record<Filter, number> }
interface Run { jobID: string; finished?: string }

const settle = 400; // ms: a burst of changes is one look
const step = 50; // cases that are shown at once, and that are added
export const mostCases = 200; // that the server tells at once
const asked: Record<Filter, Record<string, string>> = {
    mine: { assignee: 'me', state: 'open' }, open: { state: 'open' }, overdue: { state: 'overdue' }, all: {},
};
const certainties = ['high', 'medium', 'low'];

class Room {
    shown = $state(false);
    filter = $state<Filter>('mine');
    list = $state.raw<Case[]>([]);
    matched = $state(0);
    counts = $state.raw<Record<Filter, number>>({ mine: 0, open: 0, overdue: 0, all: 0 });
    id = $state<number | null>(null);
    file = $state.raw<CaseFile | null>(null);
    suspects = $state.raw<Suspected[]>([]);
    suspectsAt = $state<string | null>(null);
    failure = $state<string | null>(null);
    told = $state('');
    busy = $state(false);
    private limit = step;
    private endHearing: (() => void) | null = null;

    readonly may = $derived(session.visitor?.rights.collections[cases]?.includes('edit') ?? false);
    readonly login = $derived(session.visitor?.login ?? '');

    async enter(): Promise<void> {
        this.shown = true;
        this.told = '';
        atlas.show('inspection');
        this.endHearing ??= hearChanges([cases, 'case_photos', 'indicators'].filter(id => atlas.byId.has(id)), settle, () => void this.look());
        void casePhotos.begin(inspection => { if (inspection === this.id) void this.look(); });
        await Promise.all([this.look(), this.readSuspects()]);
    }

    close(): void {
        this.shown = false;
        this.endHearing?.();
        this.endHearing = null;
    }

    choose(filter: Filter): Promise<void> {
        this.filter = filter;
        this.limit = step;
        this.told = '';
        return this.look();
    }

    more(): Promise<void> {
        this.limit = Math.min(this.limit + step, mostCases);
        return this.look();
    }

    /// Opens a case beside the map; from elsewhere the room with it.
    async show(id: number): Promise<void> {
        this.id = id;
        this.file = null;
        if (!this.shown) await this.enter();
        else {
            atlas.show('inspection');
            await this.look();
        }
        atlas.sheetStop = 2;
    }

    back(): void {
        this.id = null;
        this.file = null;
        this.failure = null;
        void this.look();
    }

    async look(): Promise<void> {
        const { id, filter } = this;
        try {
            const list = await get<List>(`/land/cases?${new URLSearchParams({ ...asked[filter], limit: String(this.limit) })}`);
            const file = id === null ? null : await get<CaseFile>(`/land/cases/${id}`);
            if (this.filter === filter) [this.list, this.matched, this.counts] = [list.cases, list.matched, list.counts];
            if (this.id === id) this.file = file;
            this.failure = null;
        } catch (cause) {
            this.failure = wordsOf(cause);
        }
    }

    /// The suspects of the reader's last run of the monitoring, the surest and largest first.
    async readSuspects(): Promise<void> {
        if (!this.may) return;
        try {
            const { jobs: [run] } = await get<{ jobs: Run[] }>('/jobs?processID=land-use-suspects&status=successful&limit=1');
            if (!run) return;
            const { file } = await get<{ file: { href: string } }>(`/jobs/${run.jobID}/results`);
            const { features } = await api.resultFile(file.href);
            this.suspects = features.map(({ properties, geometry }) => ({
                suspect: properties as Suspect, at: 'coordinates' in geometry ? firstOf(geometry.coordinates) : null,
            })).sort(({ suspect: a }, { suspect: b }) =>
                certainties.indexOf(a.certainty) - certainties.indexOf(b.certainty) || b.seen_m2 - a.seen_m2);
            this.suspectsAt = run.finished ?? null;
        } catch {
            this.suspects = []; // a run that is gone, or of somebody who may see less now
        }
    }

    openSuspect(suspect: Suspect): Promise<boolean> {
        return this.open({ suspect });
    }

    /// Opens a case by its sender's key, and shows it; what was kept under `draft` is forgotten then.
    openNew(asked: NewCase, draft: string): Promise<boolean> {
        return this.open(asked, draft);
    }

    private open(body: object, draft = ''): Promise<boolean> {
        return this.act(async () => {
            const answer = await send('POST', '/land/cases', body);
            const { id } = await answer.json() as { id: number };
            forget(draft);
            await this.show(id);
            this.told = atlas.t(answer.status === 201 ? 'inspection.created' : 'inspection.known', { n: id });
        });
    }

    /// The next step of the case that is open, signed by who is signed in.
    move(move: Move, body: Record<string, unknown> = {}, draft = ''): Promise<boolean> {
        const { id } = this;
        return this.act(async () => {
            try {
                await send('POST', `/land/cases/${id}/moves`, { move, ...body });
            } catch (cause) {
                if (!await this.took(id!, move, body)) throw cause;
            }
            forget(draft);
            await this.look();
            this.told = atlas.t('inspection.done', { m: this.moveName(move, this.file?.assignee ?? '') });
        });
    }

    /// The step was taken, and only its receipt was lost.
    private async took(id: number, move: Move, body: Record<string, unknown>): Promise<boolean> {
        const file = await get<CaseFile>(`/land/cases/${id}`).catch(() => null);
        const last = file?.steps.at(-1);
        return file !== null && last?.move === move && last.who === this.login
            && (['finding', 'decision', 'effect'] as const).every(name => body[name] === undefined || body[name] === file[name]);
    }

    moveName(move: string, assignee: string): string {
        return atlas.t(`inspection.move.${move}` as Key, { a: assignee });
    }

    /// The file of a commune, with its indicators.
    async visit(code: string): Promise<void> {
        try {
            const { place } = await api.placeFile(code, atlas.day, atlas.locale);
            this.close();
            await atlas.open({ collection: 'places', fid: place.fid });
        } catch (cause) {
            this.failure = wordsOf(cause);
        }
    }

    place(one: Case): string {
        return one.sheet && one.number ? atlas.t('inspection.parcel', { s: one.sheet, n: one.number }) : atlas.t('inspection.noParcel');
    }

    onMap(at: LonLat): void {
        atlas.sheetStop = 1;
        atlas.map?.go(at, 17);
    }

    private async act(work: () => Promise<void>): Promise<boolean> {
        this.busy = true;
        this.told = '';
        try {
            await work();
            return true;
        } catch (cause) {
            this.failure = cause instanceof Failure && cause.status === 0 ? atlas.t('inspection.kept') : wordsOf(cause);
            return false;
        } finally {
            this.busy = false;
        }
    }
}

/// The first position of coordinates, however they are nested.
const firstOf = (part: unknown): LonLat | null => (!Array.isArray(part) ? null
    : typeof part[0] === 'number' ? [part[0], Number(part[1])] : firstOf(part[0]));

const wordsOf = (cause: unknown): string => (cause as Failure).detail || failureCode(cause);

export const inspections = new Room();
