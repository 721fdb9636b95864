// The console's requests. Every address is on the origin that served the page.

import type { StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import { lastDayBefore } from './address';
import { asHeader } from './form';
import type { Dossier, Parcel, ParcelFile } from './land.svelte';
import type {
    At, Bbox, Collection, Count, Coverage, Feature, Indicator, IndicatorRanking, IndicatorTrend, IndicatorValues, Items, Job,
    Legend, LonLat, NearFeature, Place, PlaceFile, Sprite,
} from './types';

/// An answer that is none: HTTP status (0 when nothing came back) and the server's own words.
export class Failure extends Error {
    constructor(readonly status: number, readonly detail: string, readonly type = '') {
        super(`${status} ${detail}`);
    }
    get code(): string { return this.status ? `HTTP ${this.status}` : 'MẠNG'; }
}

/// One thing that is wrong with what was sent, and where (a JSON pointer into it).
export interface Fault { pointer: string; type: string; detail: string }

/// Not written: parts of it are not valid.
export class Invalid extends Failure {
    constructor(status: number, detail: string, readonly faults: Fault[]) { super(status, detail); }
}

/// Not written: somebody else changed it since it was read.
export class Conflict extends Failure {}

/// What a session's changes must show; empty without a session.
let csrf = '';
export const setCsrf = (token: string): void => { csrf = token; };

/// A change says that it comes from a page of this server.
const signed = (init: RequestInit): RequestInit => (csrf && init.method
    ? { ...init, headers: { ...init.headers, 'X-CSRF-Token': csrf } } : init);

async function ask(path: string, init: RequestInit): Promise<Response> {
    let answer: Response;
    try {
        answer = await fetch(path, signed(init));
    } catch (cause) {
        if (init.signal?.aborted) throw cause;
        throw new Failure(0, '');
    }
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => ({})) as { type?: string; detail?: string; title?: string; errors?: Fault[] };
    const detail = problem.detail ?? problem.title ?? '';
    if (answer.status === 412) throw new Conflict(412, detail);
    if (problem.errors) throw new Invalid(answer.status, detail, problem.errors);
    throw new Failure(answer.status, detail, problem.type?.split(':').pop());
}

const json = { Accept: 'application/json' };

const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
    await (await ask(path, { headers: json, ...(signal ? { signal } : {}) })).json() as T;

const send = (method: string, path: string, body?: object): Promise<Response> => ask(path, {
    method, headers: { ...json, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
});

/// Who asks, as the server knows them, and what they may: by collection, and beside them.
export interface Visitor {
    login: string | null;
    name: string;
    roles: string[];
    way: 'anonymous' | 'session' | 'token';
    csrf?: string;
    rights: { collections: Record<string, string[]>; duties: string[] };
    providers: { name: string; title: string; href: string }[];
}
export interface Account { login: string; name: string; disabled: boolean; password: boolean; code: boolean; roles: string[] }
export interface Grant { collection: string; action: string; everywhere: boolean; level: number; masked: string[]; scopes: { unit: string }[] }
export interface Role { name: string; title: string; administer: boolean; audit: boolean; operate: boolean; grants: Grant[] }
export interface AuditEntry { seq: number; at: string; who: string; action: string; collection: string; fid: number | null; why: string; detail: Record<string, unknown> }

/// A feature, and the tag of the state that this is.
export interface Tagged { feature: Feature; tag: string }

const tagged = async (answer: Response): Promise<Tagged> =>
    ({ feature: await answer.json() as Feature, tag: answer.headers.get('ETag') ?? '' });

/// What is said with a change: why, in which language to answer, and a name under which it counts
/// once, however often it is sent.
export interface Said { reason: string; key: string; lang: string }
/// The state that is changed.
export interface Stated { tag: string }

const bodyTypes = { POST: 'application/geo+json', PATCH: 'application/merge-patch+json', DELETE: '' };

const write = (method: keyof typeof bodyTypes, path: string, said: Said & Partial<Stated>, body?: object): Promise<Response> =>
    ask(`${path}?lang=${said.lang}`, {
        method,
        headers: {
            'Idempotency-Key': said.key,
            ...(body ? { 'Content-Type': bodyTypes[method] } : {}),
            ...(said.tag ? { 'If-Match': said.tag } : {}),
            ...(said.reason.trim() ? { 'Change-Reason': asHeader(said.reason.trim()) } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
    });

export const failureCode = (cause: unknown): string => (cause instanceof Failure ? cause.code : 'JS');

const item = (collection: string, fid: number) => `/collections/${collection}/items/${fid}`;

export const api = {
    collections: (signal?: AbortSignal) => get<{ collections: Collection[] }>('/collections', signal)
        .then(answer => answer.collections),
    style: (id: string) => get<StyleSpecification>(`/styles/${id}`),
    legend: (id: string) => get<Legend>(`/styles/${id}/legend`),
    sprite: async (id: string): Promise<Sprite> => ({
        image: `/styles/sprite-${id}@2x.png`,
        index: await get<Sprite['index']>(`/styles/sprite-${id}@2x.json`),
    }),
    places: (q: string, signal?: AbortSignal) => get<{ places: Place[] }>(
        `/places?q=${encodeURIComponent(q.normalize('NFC'))}&limit=10`, signal).then(answer => answer.places),
    /// What holds a point: units of today and of the last day before the change, areas of all layers.
    at: async ([lon, lat]: LonLat, signal?: AbortSignal): Promise<At> => {
        const path = `/at?lon=${+lon.toFixed(7)}&lat=${+lat.toFixed(7)}`;
        const [now, before] = await Promise.all([get<At>(path, signal), get<At>(`${path}&on=${lastDayBefore}`, signal)]);
        const known = new Set(now.places.map(place => place.fid));
        return { ...now, places: [...now.places, ...before.places.filter(place => !known.has(place.fid))] };
    },
    parcels: (q: string, signal?: AbortSignal) => get<{ parcels: Parcel[] }>(
        `/land/parcels?q=${encodeURIComponent(q.normalize('NFC'))}&limit=10`, signal).then(answer => answer.parcels),
    parcel: (fid: number) => get<ParcelFile>(`/land/parcels/${fid}`),
    dossiers: () => get<{ dossiers: Dossier[] }>('/land/dossiers?limit=200').then(answer => answer.dossiers),
    draftDossier: (draft: object) => send('POST', '/land/dossiers', draft),
    stepDossier: (id: number, step: 'check' | 'approve') => send('POST', `/land/dossiers/${id}/${step}`),
    item: (collection: string, fid: number, signal?: AbortSignal) => get<Feature>(item(collection, fid), signal),
    tagged: async (collection: string, fid: number) =>
        tagged(await ask(item(collection, fid), { headers: json, cache: 'no-cache' })),
    create: async (collection: string, feature: object, said: Said) =>
        tagged(await write('POST', `/collections/${collection}/items`, said, feature)),
    /// Changes a feature that is in the state `tag`.
    patch: async (collection: string, fid: number, patch: object, said: Said & Stated) =>
        tagged(await write('PATCH', item(collection, fid), said, patch)),
    remove: async (collection: string, fid: number, said: Said & Stated): Promise<void> => {
        await write('DELETE', item(collection, fid), said);
    },
    items: (collection: string, bbox: Bbox, limit: number, signal?: AbortSignal) => get<Items>(
        `/collections/${collection}/items?bbox=${bbox.map(v => +v.toFixed(6)).join(',')}&limit=${limit}`, signal),
    next: (items: Items, signal?: AbortSignal): Promise<Items> | null => {
        const href = items.links?.find(link => link.rel === 'next')?.href;
        if (!href) return null;
        const address = new URL(href, location.href);
        return get<Items>(address.pathname + address.search, signal);
    },
    account: () => get<Visitor>('/account'),
    signIn: (login: string, password: string, code: string) => send('POST', '/account/session', { login, password, code }),
    signOut: () => send('DELETE', '/account/session'),
    accounts: () => get<{ accounts: Account[] }>('/access/accounts').then(answer => answer.accounts),
    makeAccount: (account: object) => send('POST', '/access/accounts', account),
    changeAccount: async (login: string, change: object) =>
        await (await send('PATCH', `/access/accounts/${encodeURIComponent(login)}`, change)).json() as Account,
    roles: () => get<{ roles: Role[] }>('/access/roles').then(answer => answer.roles),
    audit: (who: string, action: string) => get<{ entries: AuditEntry[] }>(
        `/audit?${new URLSearchParams({ limit: '200', ...(who ? { who } : {}), ...(action ? { action } : {}) })}`).then(answer => answer.entries),
    auditCheck: () => get<{ whole: boolean }>('/audit/check'),
    nearest: (collection: string, [lon, lat]: LonLat, limit: number, lang: string) => get<{ features: NearFeature[] }>(
        `/collections/${collection}/nearest?lon=${+lon.toFixed(7)}&lat=${+lat.toFixed(7)}&limit=${limit}&lang=${lang}`,
    ).then(answer => answer.features),
    indicators: (lang: string) => get<{ indicators: Indicator[] }>(`/indicators?lang=${lang}`).then(answer => answer.indicators),
    indicator: (code: string, lang: string) => get<{ all_periods: string[] }>(`/indicators/${code}?lang=${lang}`),
    indicatorValues: (code: string, query: Record<string, string>, signal?: AbortSignal) =>
        get<IndicatorValues>(`/indicators/${code}/values?${new URLSearchParams(query)}`, signal),
    indicatorRanking: (code: string, query: Record<string, string>, signal?: AbortSignal) =>
        get<IndicatorRanking>(`/indicators/${code}/ranking?${new URLSearchParams(query)}`, signal),
    indicatorTrend: (code: string, query: Record<string, string>) =>
        get<IndicatorTrend>(`/indicators/${code}/trend?${new URLSearchParams(query)}`),
    placeFile: (code: string, on: string, lang: string, signal?: AbortSignal) =>
        get<PlaceFile>(`/places/${code}?datetime=${on}&lang=${lang}`, signal),
    count: (collection: string, by: string, bbox: Bbox | null) => get<Count>(
        `/collections/${collection}/count?by=${by}${bbox ? `&bbox=${bbox.map(v => +v.toFixed(6)).join(',')}` : ''}`),
    export: async (inputs: object, lang: string) => await (await ask(`/processes/export/execution?lang=${lang}`, {
        method: 'POST', headers: { ...json, 'Content-Type': 'application/json' }, body: JSON.stringify({ inputs }),
    })).json() as Job,
    /// The reader's exports, those that are done with their files.
    exports: async (lang: string): Promise<Job[]> => {
        const { jobs } = await get<{ jobs: Job[] }>(`/jobs?processID=export&limit=20&lang=${lang}`);
        return await Promise.all(jobs.map(async job => (job.status === 'successful'
            ? { ...job, ...await get<Pick<Job, 'file'>>(`/jobs/${job.jobID}/results`) } : job)));
    },
    coverages: (lang: string) => get<{ coverages: Coverage[] }>(`/coverages?lang=${lang}`).then(answer => answer.coverages),
    coverage: (id: string, lang: string) => get<Coverage>(`/coverages/${id}?lang=${lang}`),
    execute: async (process: string, inputs: object, lang: string) => await (await send(
        'POST', `/processes/${process}/execution?lang=${lang}`, { inputs })).json() as Job,
    job: (id: string, lang: string) => get<Job>(`/jobs/${id}?lang=${lang}`),
    /// Runs a process and waits for what it gives; who does not want it any more ends it.
    outcome: async <T>(process: string, inputs: object, lang: string, signal: AbortSignal): Promise<T> => {
        const look = 100; // ms
        let job = await api.execute(process, inputs, lang);
        while (job.status === 'accepted' || job.status === 'running') {
            if (signal.aborted) await api.dismiss(job.jobID).catch(() => undefined);
            signal.throwIfAborted();
            await new Promise(resolve => { setTimeout(resolve, look); });
            job = await api.job(job.jobID, lang);
        }
        signal.throwIfAborted();
        if (job.status !== 'successful') throw new Failure(0, job.message ?? '');
        return await get<T>(`/jobs/${job.jobID}/results`);
    },
    dismiss: (id: string) => ask(`/jobs/${id}`, { method: 'DELETE', headers: json }),
    alive: async (): Promise<number> => {
        const start = performance.now();
        const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => null);
        if (!answer?.ok) throw new Failure(answer?.status ?? 0, '');
        return performance.now() - start;
    },
};
