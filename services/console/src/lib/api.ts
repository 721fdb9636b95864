// The console's requests. Every address is on the origin that served the page.

import type { StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import { lastDayBefore } from './address';
import type { Ground } from './basemap.svelte';
import { asHeader } from './form';
import type { HeatCells } from './heat_cells';
import type { EventTrend, HeatAbout, Rhythm } from './heat.svelte';
import type { Dossier, Parcel, ParcelFile } from './land.svelte';
import type { CameraView, Seeing } from './sight.svelte';
import type { Press } from './press.svelte';
import { sleep } from './sleep';
import type { Bulletin, BulletinHead, Reading } from './storm.svelte';
import type { NamedUnit, OpenReport, ReportMessage, ReportService, Visibility } from './triage.svelte';
import type { Directives, Owners, Reported, ServiceDossier, Services, Task, Tasks } from './work.svelte';
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

interface Problem { type?: string; detail?: string; title?: string; errors?: Fault[] }
type GeoReportErrors = { code: number; description: string }[];

async function ask(path: string, init: RequestInit, alsoGood: number[] = []): Promise<Response> {
    let answer: Response;
    try {
        answer = await fetch(path, signed(init));
    } catch (cause) {
        if (init.signal?.aborted) throw cause;
        throw new Failure(0, '');
    }
    if (answer.ok || alsoGood.includes(answer.status)) return answer;
    const told = await answer.json().catch(() => ({})) as Problem | GeoReportErrors;
    const problem: Problem = Array.isArray(told) ? { detail: told[0]?.description ?? '' } : told;
    const detail = problem.detail ?? problem.title ?? '';
    if (answer.status === 412) throw new Conflict(412, detail);
    if (problem.errors) throw new Invalid(answer.status, detail, problem.errors);
    throw new Failure(answer.status, detail, problem.type?.split(':').pop());
}

const json = { Accept: 'application/json' };

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
    await (await ask(path, { headers: json, ...(signal ? { signal } : {}) })).json() as T;

export const send = (method: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> => ask(path, {
    method, headers: { ...json, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}), ...(signal ? { signal } : {}),
});

/// Sends what follows from `offset` of an upload; how much the server has then.
export const sendPart = async (path: string, offset: number, part: Blob): Promise<number> => {
    const answer = await ask(path, { method: 'PATCH', body: part,
        headers: { ...json, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(offset) } });
    return Number(answer.headers.get('Upload-Offset'));
};

/// A case that was changed here and in the field, column by column.
export interface PackConflict {
    number: number; case: number; state: string | null; take: string | null; arrived_at: string;
    columns: { column: string; pack: unknown; field: unknown; record: unknown }[];
}
export interface Pack { id: string; login: string; area: string; made_at: string; returned_at: string | null; open: number; conflicts?: PackConflict[] }
export interface PackFault { row: number; column: string; value: string; accepted: string }
export interface PackOutcome {
    pack: string; unchanged: number; repeated: number; taken: number[]; opened: number[]; conflicts: number[]; faults: PackFault[];
}

const geopackage = 'application/geopackage+sqlite3';

/// A field pack of a commune; nothing while it is being made.
export const takePack = async (area: string): Promise<Blob | null> => {
    const answer = await ask(`/land/packs?${new URLSearchParams({ area })}`, { headers: { Accept: `${geopackage}, application/json` } });
    return answer.status === 202 ? null : answer.blob();
};

/// What became of a pack that is brought back; with faults nothing was taken.
export const bringPack = async (file: Blob): Promise<PackOutcome> => {
    const sent = { method: 'POST', headers: { ...json, 'Content-Type': geopackage }, body: file };
    return await (await ask('/land/packs', sent, [422])).json() as PackOutcome;
};

const workbook = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const formRequest = (form: Blob, accept: string): RequestInit =>
    signed({ method: 'POST', headers: { Accept: accept, 'Content-Type': workbook }, body: form });
const sendForm = (form: Blob, lang: string, accept: string): Promise<Response> =>
    ask(`/forms/indicators?lang=${lang}`, formRequest(form, accept));

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
    parcelsOf: (commune: string, sheet: number, number: number) => get<{ parcels: Parcel[] }>(
        `/land/parcels?commune=${encodeURIComponent(commune)}&sheet=${sheet}&number=${number}`).then(answer => answer.parcels),
    parcel: (fid: number) => get<ParcelFile>(`/land/parcels/${fid}`),
    dossiers: () => get<{ dossiers: Dossier[] }>('/land/dossiers?limit=200').then(answer => answer.dossiers),
    draftDossier: (draft: object) => send('POST', '/land/dossiers', draft),
    stepDossier: (id: number, step: 'check' | 'approve') => send('POST', `/land/dossiers/${id}/${step}`),
    returnDossier: (id: number, reason: string) => send('POST', `/land/dossiers/${id}/return`, { reason }),
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
    items: (collection: string, bbox: Bbox, limit: number, signal?: AbortSignal, filter = '') => get<Items>(
        `/collections/${collection}/items?bbox=${bbox.map(v => +v.toFixed(6)).join(',')}&limit=${limit}${filter
            && `&filter=${encodeURIComponent(filter)}`}`, signal),
    /// How many features of a collection a filter is true of.
    matching: (collection: string, filter: string, lang: string) => get<Items>(
        `/collections/${collection}/items?${new URLSearchParams({ filter, limit: '1', skipGeometry: 'true', lang })}`)
        .then(answer => answer.numberMatched ?? 0),
    /// Archives of tiles that the reader may see.
    archives: (lang: string) => get<{ tilesets: { archive?: string; title: string }[] }>(`/tiles?lang=${lang}`)
        .then(({ tilesets }) => tilesets.flatMap(({ archive, title }) => (archive ? [{ id: archive, name: title }] : []))),
    ground: (id: string) => get<Ground>(`/tiles/${id}.json`),
    /// Items as a query has them, in their order.
    listed: (collection: string, query: Record<string, string>) =>
        get<Items>(`/collections/${collection}/items?${new URLSearchParams({ skipGeometry: 'true', ...query })}`),
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
    owners: (lang: string) => get<Owners>(`/forms/indicators?lang=${lang}`),
    handInForm: async (form: Blob, lang: string) => await (await sendForm(form, lang, 'application/json')).json() as Reported,
    /// The same form with what is wrong in it marked: the answer that says so is a workbook.
    markedForm: async (form: Blob, lang: string) => {
        const answer = await fetch(`/forms/indicators?lang=${lang}`, formRequest(form, workbook));
        return await answer.blob();
    },
    tasks: (query: Record<string, string>) => get<Tasks>(`/tasks?${new URLSearchParams(query)}`),
    giveTask: (task: object, lang: string) => send('POST', `/tasks?lang=${lang}`, task),
    stepTask: async (id: number, step: 'report' | 'accept' | 'return', body: object, lang: string) =>
        await (await send('POST', `/tasks/${id}/${step}?lang=${lang}`, body)).json() as Task,
    services: () => get<Services>('/public-services'),
    overdueDossiers: (place = '') => get<{ dossiers: ServiceDossier[] }>(
        `/public-services/dossiers?state=overdue${place && `&place=${place}`}`).then(answer => answer.dossiers),
    directives: (query: Record<string, string>) => get<Directives>(`/directives?${new URLSearchParams(query)}`),
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
    values: (collection: string, field: string, lang: string) => get<{ values: { value: string; title?: string; count: number }[] }>(
        `/collections/${collection}/values/${field}?limit=50&lang=${lang}`),
    heat: (collection: string, query: Record<string, string>, signal: AbortSignal) =>
        get<HeatAbout>(`/collections/${collection}/heat?${new URLSearchParams(query)}`, signal),
    heatCells: (collection: string, query: Record<string, string>, signal: AbortSignal) =>
        get<HeatCells>(`/collections/${collection}/heat/cells?${new URLSearchParams(query)}`, signal),
    rhythm: (collection: string, query: Record<string, string>, signal: AbortSignal) =>
        get<Rhythm>(`/collections/${collection}/rhythm?${new URLSearchParams(query)}`, signal),
    eventTrend: (collection: string, query: Record<string, string>, signal: AbortSignal) =>
        get<EventTrend>(`/collections/${collection}/trend?${new URLSearchParams(query)}`, signal),
    cameraView: (fid: number, lang: string) => get<CameraView>(`/cameras/${fid}/view?lang=${lang}`),
    cameraPicture: async (fid: number, why: string, lang: string) => await (await ask(`/cameras/${fid}/snapshot?lang=${lang}`, {
        headers: { Accept: 'image/*', 'Access-Reason': asHeader(why) }, cache: 'no-store' })).blob(),
    press: (query: Record<string, string>) => get<Press>(`/press?${new URLSearchParams(query)}`),
    tiePress: (id: number, report: number, tied: boolean, lang: string) => send('POST', `/press/${id}/reports?lang=${lang}`, { report, tied }),
    camerasSeeing: ([lon, lat]: LonLat, lang: string) => get<Seeing>(`/cameras/seeing?lon=${+lon.toFixed(7)}&lat=${+lat.toFixed(7)}&lang=${lang}`),
    openReports: (lang: string) => get<OpenReport[]>(`/open311/v2/requests.json?status=open&lang=${lang}`),
    reportServices: (lang: string) => get<ReportService[]>(`/open311/v2/services.json?lang=${lang}`),
    /// What others told, as a form; its number.
    enterReport: async (members: Record<string, string>, lang: string): Promise<string> => {
        const answer = await ask(`/open311/v2/requests.json?lang=${lang}`, {
            method: 'POST', headers: { ...json, 'Content-Type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams(members).toString() });
        return (await answer.json() as { service_request_id: string }[])[0]!.service_request_id;
    },
    setVisibility: (id: string, visibility: Visibility, reason: string, lang: string) =>
        send('POST', `/reports/${id}/visibility?lang=${lang}`, { visibility, reason }),
    /// Units of today that are called so, the likeliest first.
    units: (q: string, on: string, signal?: AbortSignal) => get<{ features: NamedUnit[] }>(
        `/geocode?${new URLSearchParams({ q: q.normalize('NFC'), on, limit: '1' })}`, signal).then(answer => answer.features),
    reportMessages: (id: string) => get<{ messages: ReportMessage[] }>(`/reports/${id}/messages`).then(answer => answer.messages),
    tellReporter: (id: string, text: string) => send('POST', `/reports/${id}/messages`, { text }),
    /// A file that a job has left, as the map takes it.
    resultFile: (href: string) => {
        const address = new URL(href, location.href);
        return get<GeoJSON.FeatureCollection>(address.pathname + address.search);
    },
    stormBulletins: (lang: string) => get<{ bulletins: BulletinHead[] }>(`/storms/bulletins?lang=${lang}`).then(answer => answer.bulletins),
    stormBulletin: (key: string, lang: string) => get<Bulletin>(`/storms/bulletins/${key}?lang=${lang}`),
    readBulletin: async (text: string, lang: string) => await (await send('POST', `/storms/bulletins/reading?lang=${lang}`, { text })).json() as Reading,
    confirmBulletin: async (text: string, confirmed: string[], lang: string) =>
        await (await send('POST', `/storms/bulletins?lang=${lang}`, { text, confirmed })).json() as { key: string },
    coverages: (lang: string) => get<{ coverages: Coverage[] }>(`/coverages?lang=${lang}`).then(answer => answer.coverages),
    coverage: (id: string, lang: string) => get<Coverage>(`/coverages/${id}?lang=${lang}`),
    execute: async (process: string, inputs: object, lang: string) => await (await ask(
        `/processes/${process}/execution?lang=${lang}`, { method: 'POST', body: JSON.stringify({ inputs }),
            headers: { ...json, 'Content-Type': 'application/json', Prefer: 'respond-async' } })).json() as Job,
    /// Lets a job wait, or go on.
    hold: async (id: string, paused: boolean, lang: string) => await (await send(
        'POST', `/jobs/${id}/${paused ? 'pause' : 'resume'}?lang=${lang}`)).json() as Job,
    job: (id: string, lang: string) => get<Job>(`/jobs/${id}?lang=${lang}`),
    /// Runs a process and waits for what it gives; who does not want it any more ends it.
    outcome: async <T>(process: string, inputs: object, lang: string, signal: AbortSignal): Promise<T> => {
        const look = 100; // ms
        const answer = await ask(`/processes/${process}/execution?lang=${lang}`, {
            method: 'POST', body: JSON.stringify({ inputs }), headers: { ...json, 'Content-Type': 'application/json' }, signal });
        if (answer.status === 200) return await answer.json() as T;
        let job = await answer.json() as Job; // it takes longer than one waits for
        while (job.status === 'accepted' || job.status === 'running') {
            if (signal.aborted) await api.dismiss(job.jobID).catch(() => undefined);
            signal.throwIfAborted();
            await sleep(look);
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
