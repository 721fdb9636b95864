// The description of the API against a linter that is not ours, and every answer against the description.

import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect, test } from '@playwright/test';
import { baseURL } from '../browser.mjs';
import { heart } from './console';
import { Registrar } from './people';
import { database, needsRecord, record } from './record';
import { makeSheet, removeSheet } from './sheet';

interface Schema { $ref?: string; type?: string; enum?: unknown[]; default?: unknown; minimum?: number; maximum?: number; format?: string }
interface Parameter { $ref?: string; name: string; in: 'path' | 'query'; required: boolean; schema: Schema }
interface Answer { $ref?: string; content?: Record<string, { schema: Schema }> }
interface Operation { operationId: string; parameters: Parameter[]; responses: Record<string, Answer> }
interface Document {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Schema>; responses: Record<string, Answer>; parameters: Record<string, Parameter> };
}

async function description(form: string): Promise<Document> {
    return await (await fetch(`${baseURL()}/api?f=${form}`)).json() as Document;
}

/// A job that is over, and has a file.
async function exportOf(collection: string, who: Record<string, string>): Promise<string> {
    const asked = await fetch(`${baseURL()}/processes/export/execution`, {
        method: 'POST', headers: { ...who, 'Content-Type': 'application/json' },
        body: JSON.stringify({ inputs: { collection, format: 'geojson', filter: "level = 'province'" } }),
    });
    const { jobID } = await asked.json() as { jobID: string };
    await expect.poll(async () => (await (await fetch(`${baseURL()}/jobs/${jobID}`, { headers: who })).json() as { status: string }).status,
        { timeout: 60_000 }).toBe('successful');
    return jobID;
}

const sheet = 9902;

/// A parcel of a sheet, a dossier that would split it, and the code of its extract.
async function landOf(who: Record<string, string>): Promise<{ parcelId: string; dossierId: string; extractCode: string }> {
    const [[parcelId]] = await record(`SELECT fid FROM record.parcels WHERE sheet = ${sheet} AND parcel_number = 1`) as [[string]];
    const [kept] = await record(`SELECT id FROM land.dossier WHERE parents = ARRAY[${parcelId}::bigint]`);
    let dossierId = kept?.[0] ?? '';
    if (dossierId === '') {
        const drafted = await fetch(`${baseURL()}/land/dossiers`, { method: 'POST', headers: { ...who, 'content-type': 'application/json' },
            body: JSON.stringify({ kind: 'split', parcels: [Number(parcelId)], area_m2: 400, azimuth: 0, document: 'QĐ 12', issued_on: '2026-11-20' }) });
        const dossier = await drafted.json() as { id: number };
        expect(drafted.status, JSON.stringify(dossier)).toBe(201);
        dossierId = String(dossier.id);
    }
    await fetch(`${baseURL()}/land/parcels/${parcelId}/extract.pdf`, { headers: who });
    const [[extractCode]] = await record(`SELECT code FROM land.extract WHERE fid = ${parcelId}`) as [[string]];
    return { parcelId, dossierId, extractCode };
}

/// A report that was sent with a photo: what it, its token and its photo are called.
async function reportOf(): Promise<{ reportId: string; requestFile: string; tokenFile: string; photoName: string }> {
    const segment = (marker: number, size: number) => [0xff, marker, 0, size + 2, ...Array<number>(size).fill(1)];
    const jpeg = new Uint8Array([0xff, 0xd8, ...segment(0xc0, 15), ...segment(0xda, 10), ...Array<number>(20).fill(9), 0xff, 0xd9]);
    const taken = await fetch(`${baseURL()}/open311/v2/photos`, { method: 'POST', headers: { 'content-type': 'image/jpeg' }, body: jpeg });
    const { media_url } = await taken.json() as { media_url: string };
    const sent = await fetch(`${baseURL()}/open311/v2/requests.json`, {
        method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ service_code: 'road', lat: '18.34', long: '105.9', description: `Ổ gà trước chợ ${Date.now()}`, media_url }).toString(),
    });
    const [{ service_request_id, token }] = await sent.json() as [{ service_request_id: string; token: string }];
    return { reportId: service_request_id, requestFile: `${service_request_id}.json`, tokenFile: `${token}.json`, photoName: media_url.split('/').at(-1)! };
}

/// What the record has last, or is given.
async function lastOr(last: string, given: string): Promise<string> {
    const found = async () => (await record(last))[0]![0]!;
    if (!await found()) await record(given);
    return found();
}

async function messageOf(): Promise<string> {
    return lastOr('SELECT m.identifier FROM alert.message m JOIN record.alerts a ON a.fid = m.alert ORDER BY m.sent DESC LIMIT 1',
        `INSERT INTO record.alerts (kind, state, event, severity, headline, expires)
            VALUES ('notice', 'open', 'Thử', 'Minor', 'Thử', now() + interval '1 hour')`);
}

async function bulletinOf(): Promise<string> {
    return lastOr('SELECT key FROM record.storm_bulletins ORDER BY observed_at DESC LIMIT 1',
        `INSERT INTO record.storm_bulletins (key, event, storm, observed_at, text, confirmed_at)
            VALUES ('thu', 1, 'Thử', now(), 'Thử', now())`);
}

async function eventOf(): Promise<string> {
    return lastOr('SELECT max(fid) FROM record.disaster_events',
        `INSERT INTO record.disaster_events (kind, name, phase) VALUES ('flood', 'Thử', 'watch')`);
}

/// A case of inspection in the middle of the province, and a photo of it that has arrived.
async function inspectionOf(who: Record<string, string>): Promise<{ caseId: string; photoId: string; uploadId: string }> {
    const caseId = await lastOr(`SELECT max(fid) FROM record.inspection_cases WHERE key = 'thu'`,
        `INSERT INTO record.inspection_cases (key, origin, reason, state, opened_at, opened_by, due_on, checklist, geom)
            VALUES ('thu', 'hand', 'Thử', 'new', now(), 'thu', '2027-01-01', '2025-07-01', ST_Point(105.9, 18.34, 4326))`);
    const png = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
        (letter) => letter.charCodeAt(0));
    const begun = await fetch(`${baseURL()}/land/cases/${caseId}/uploads`, { method: 'POST', headers: { ...who, 'content-type': 'application/json' },
        body: JSON.stringify({ key: 'thu-anh-1', length: png.length }) });
    const upload = await begun.json() as { id: number; offset: number };
    expect(begun.ok, JSON.stringify(upload)).toBe(true);
    if (upload.offset < png.length) {
        const sent = await fetch(`${baseURL()}/land/uploads/${upload.id}`, { method: 'PATCH', body: png,
            headers: { ...who, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' } });
        expect(sent.status, await sent.text()).toBe(204);
    }
    const [[photoId]] = await record(`SELECT max(fid) FROM record.case_photos WHERE inspection = ${caseId}`) as [[string]];
    return { caseId, photoId, uploadId: String(upload.id) };
}

/// A field pack that its taker knows of.
async function packOf(login: string): Promise<{ packId: string }> {
    return { packId: await lastOr(`SELECT id FROM land.pack WHERE area = 'thu' AND login = '${login}'`,
        `INSERT INTO land.pack (id, login, area) VALUES (gen_random_uuid(), '${login}', 'thu')`) };
}

/// Land statistics, of the sheet at least.
async function statisticsOf(who: Record<string, string>): Promise<{ statisticsId: string }> {
    const frozen = await fetch(`${baseURL()}/land/statistics`, { method: 'POST', headers: { ...who, 'content-type': 'application/json' },
        body: JSON.stringify({ taken_on: '2025-12-31', again: true }) });
    const made = await frozen.json() as { id: number };
    expect(frozen.status, JSON.stringify(made)).toBe(201);
    return { statisticsId: String(made.id) };
}

/// What a test froze goes with it; but for its owner nobody could.
const forgetStatistics = `ALTER TABLE land.statistics DISABLE TRIGGER frozen; ALTER TABLE land.statistics_rows DISABLE TRIGGER frozen;
    DELETE FROM land.statistics_rows USING land.statistics s WHERE s.id = statistics AND s.author = 'registrar-api';
    DELETE FROM land.statistics WHERE author = 'registrar-api';
    ALTER TABLE land.statistics ENABLE TRIGGER frozen; ALTER TABLE land.statistics_rows ENABLE TRIGGER frozen`;

async function webhookOf(): Promise<string> {
    return lastOr('SELECT id FROM alert.subscription ORDER BY id DESC LIMIT 1',
        `INSERT INTO alert.subscription (title, url, secret, enabled) VALUES ('Thử', 'http://localhost/', 'mười sáu chữ trở lên', false)`);
}

async function cameraOf(): Promise<{ cameraId: string }> {
    const answer = await (await fetch(`${baseURL()}/collections/cameras/items?limit=1`, { headers: { accept: 'application/geo+json' } })).json() as { features: { id: number }[] };
    return { cameraId: String(answer.features[0]!.id) };
}

/// What stands in a path: something that every demo has. A field depends on the question.
async function placesOfPath(who: Record<string, string>): Promise<(path: string, name: string) => string> {
    // A unit with an outline: former units have none.
    const first = await (await fetch(`${baseURL()}/collections/places/items?limit=1&bbox=105.9,18.34,105.91,18.35`)).json() as { features: { id: number }[] };
    const jobId = await exportOf('places', who);
    const values: Record<string, string> = {
        collectionId: 'places', collections: 'places', archiveId: 'none', featureId: String(first.features[0]!.id), tileMatrixSet: 'WebMercatorQuad',
        tileMatrix: '6', tileRow: '28', tileCol: '50', zoom: '6', row: '28', column: '50', style: 'light', rest: '-light.json',
        processId: 'export', jobId, output: 'file', provider: 'none', coverageId: 'terrain', code: 'terrarium', indicatorId: 'population', staPath: 'Things', messageId: await messageOf(), bulletinKey: await bulletinOf(), eventId: await eventOf(), webhookId: await webhookOf(), reservoirId: 'ke-go', format: 'json', serviceFile: 'road.json',
        placeCode: '42', wallId: '1', ...await landOf(who), ...await inspectionOf(who), ...await packOf('registrar-api'), ...await statisticsOf(who), ...await reportOf(), ...await cameraOf(),
    };
    return (path, name) => {
        if (name === 'field') return path.includes('/histogram/') ? 'valid_from' : 'level';
        if (name === 'collectionId' && path.includes('/heat')) return 'reports';
        const value = values[name];
        if (value === undefined) throw new Error(`no example of {${name}} in ${path}`);
        return value;
    };
}

/// Values of a query parameter that a client might send, the right ones first.
function valuesOf({ name, schema }: Parameter): string[] {
    const known: Record<string, string[]> = {
        bbox: ['105,17.9,106.6,18.8'], 'bbox-crs': ['http://www.opengis.net/def/crs/OGC/1.3/CRS84'], datetime: ['2025-07-01', '../2025-07-01'],
        'as-of': ['2099-01-01T00:00:00Z'], filter: ["level = 'commune'"], 'filter-crs': ['http://www.opengis.net/def/crs/OGC/1.3/CRS84'],
        q: ['cẩm'], on: ['2025-07-01'], lon: ['105.9'], lat: ['18.34'], cursor: ['x'], sum: ['x'], from: ['2000-01-01'], to: ['2100-01-01'],
        crs: ['http://www.opengis.net/def/crs/OGC/1.3/CRS84', 'EPSG:9210', 'EPSG:1'], sortby: ['-level', 'x'], properties: ['level', 'x'],
        collections: ['places'], kinds: ['update'], after: ['x'], status: ['successful,failed', 'lost'], processID: ['export'],
        sector: ['budget'], province: ['42', 'x'], period: ['2019', '1999'], transfer: ['area', 'x'], breaks: ['quantile', 'x'], classes: ['3', '1'],
        bounds: ['1,2', '2,1'], polygon: ['105,18,106,18,106,19', 'x'], place: ['42', 'x'], ahead: ['2', '25'], confidence: ['0.9', '1'],
        who: ['x'], action: ['sign-in', 'x'], collection: ['places'], fid: ['1', 'x'], before: ['9', 'x'],
        line: ['105.7,18.2,105.9,18.3', 'x'], weight: ['x'], jurisdiction_id: ['x'], service_request_id: ['1'], service_code: ['road', 'x'], start_date: ['2026-11-01T00:00:00Z', 'x'],
        end_date: ['2026-11-02T00:00:00Z', 'x'], long: ['105.9'], category: ['road'], target: ['2', 'x'], terrain: ['terrain', 'x'], hours: ['7-9', 'x'], weekdays: ['1-5', '8'], band: ['x'], sheet: ['1'], number: ['1', 'x'], commune: ['18739'], identifier: ['w7dwtsdsdsds'],
        certificate: ['AB 123456'], holder: ['x'], address: ['12 nguyễn du'], use: ['ONT', 'x'], area: ['18739', 'x'], 'area-from': ['100', 'x'], 'area-to': ['1000', 'x'], state: ['drafted', 'x'], assignee: ['me'],
        with: ['places', 'x'], owner: ['Sở Tài chính', 'x'], office: ['x'], text: ['chay rung'], size: ['2000', '1'], style: ['light', 'x'], layers: ['places', 'x'], topic: ['disaster'], report: ['1', 'x'], 'wind-factor': ['0.93', '2'], 'at-level': ['31.15', 'x'], 'level-after': ['32.5', 'x'],
        $filter: ["name eq 'x'", 'x'], $expand: ['Datastreams', 'x'], $orderby: ['name desc', 'x y'], $select: ['name', 'x'],
    };
    if (known[name]) return known[name];
    if (schema.type === 'boolean') return ['true', 'maybe'];
    if (schema.enum) return schema.enum.map(String);
    if (schema.minimum !== undefined && schema.maximum !== undefined) return [schema.minimum, Math.min(schema.maximum, 50), schema.maximum + 1].map(String);
    throw new Error(`no example of the parameter ${name}`);
}

for (const [form, version] of [['json', '3.0.3'], ['json31', '3.1.0']] as const) {
    test(`a linter finds nothing wrong with the description in OpenAPI ${version}`, async () => {
        const config = await createConfig({ extends: ['recommended'] });
        const source = await (await fetch(`${baseURL()}/api?f=${form}`)).text();
        expect((JSON.parse(source) as { openapi: string }).openapi).toBe(version);
        const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
        const said = problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer})`);
        expect(said.filter(line => !(new URL(baseURL()).hostname.match(/^(localhost|127\.)/) && line.startsWith('no-server-')))).toEqual([]);
    });
}

test('both descriptions have the same routes, and say the same of them', async () => {
    const [older, newer] = await Promise.all(['json', 'json31'].map(async form =>
        await (await fetch(`${baseURL()}/api?f=${form}`)).json() as Document));
    const operations = (document: Document) => Object.entries(document.paths).flatMap(([path, all]) =>
        Object.entries(all).map(([method, one]) => [method, path, one.operationId, Object.keys(one.responses)]));
    expect(operations(newer!)).toEqual(operations(older!));
    const accept = { accept: 'application/vnd.oai.openapi+json;version=3.1' };
    expect((await (await fetch(`${baseURL()}/api`, { headers: accept })).json() as { openapi: string }).openapi).toBe('3.1.0');
});

interface Judge {
    form: string;
    document: Document;
    schemas: ReadonlyMap<string, ValidateFunction>;
    /// What is wrong with an answer, by the description; an empty sentence where nothing is.
    faultOf: (path: string, status: number, type: string, body: unknown) => string;
}

/// Holds answers against a description.
async function judge(form: string, ajv: Ajv): Promise<Judge> {
    const document = await description(form);
    formats.default(ajv);
    ajv.addSchema({ $id: 'api', ...document });
    const schemas = new Map<string, ValidateFunction>();
    const schema = (pointer: string) => {
        if (!schemas.has(pointer)) schemas.set(pointer, ajv.compile({ $ref: `api#${pointer}` }));
        return schemas.get(pointer)!;
    };
    const escaped = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D');
    const faultOf = (path: string, status: number, type: string, body: unknown) => {
        let pointer = `/paths/${escaped(path)}/get/responses/${status}`;
        let described = document.paths[path]!['get']!.responses[status];
        if (!described) return `${status} is not described`;
        if (described.$ref) {
            pointer = described.$ref.slice(1);
            described = document.components.responses[described.$ref.split('/').at(-1)!]!;
        }
        if (status === 204 || status === 304) return '';
        const bare = type.split(';')[0]!;
        const named = Object.keys(described.content ?? {}).find(one => one.split(';')[0] === bare);
        if (!named) return `${type} is not described`;
        if (!bare.endsWith('json')) return '';
        const valid = schema(`${pointer}/content/${escaped(named)}/schema`);
        return valid(body) ? '' : ajv.errorsText(valid.errors).slice(0, 300);
    };
    return { form, document, schemas, faultOf };
}

// Of a demo without a provider of OpenID Connect nobody can leave for one; behind its cameras there is none.
// Nor has it archives of pictures.
const unanswered = [...['png', 'jpg', 'webp', 'avif'].map(form => `/tiles/{archiveId}/{zoom}/{column}/{row}.${form}`),
    '/account/oidc/{provider}', '/account/oidc/{provider}/callback', '/cameras/{cameraId}/snapshot', '/cameras/{cameraId}/stream'];

test.describe('asked by somebody who may do everything', () => {
    const people = new Registrar('api');
    test.skip(!database, needsRecord);
    test.beforeAll(async () => {
        await people.begin();
        await people.role('moi-viec', { title: 'Mọi việc', administer: true, audit: true, operate: true, grants: [
            { collection: 'places', action: 'read', everywhere: true, level: 0 },
            { collection: 'places', action: 'personal', everywhere: true, level: 0 },
            { collection: 'parcels', action: 'read', everywhere: true, level: 0 },
            { collection: 'parcels', action: 'edit', everywhere: true, level: 0 },
            ...['inspection_cases', 'case_photos'].flatMap((collection) => ['read', 'edit'].map((action) =>
                ({ collection, action, everywhere: true, level: 1 })))] });
        const [[commune]] = await record(`SELECT code FROM record.places WHERE level = 'commune' AND valid_to IS NULL
            AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(${heart.lon}, ${heart.lat}), 4326))`) as [[string]];
        await removeSheet(sheet);
        await makeSheet(sheet, commune);
        await people.takeRole('moi-viec');
    });
    test.afterAll(async () => {
        await people.end();
        await removeSheet(sheet);
        await record(forgetStatistics);
        await record(`DELETE FROM record.case_photos WHERE inspection IN (SELECT fid FROM record.inspection_cases WHERE key = 'thu');
            DELETE FROM land.photo_upload WHERE key = 'thu-anh-1'; DELETE FROM land.pack WHERE area = 'thu'; DELETE FROM record.inspection_cases WHERE key = 'thu'; DELETE FROM record.storm_bulletins WHERE key = 'thu'; DELETE FROM record.disaster_events WHERE name = 'Thử'; DELETE FROM record.alerts WHERE headline = 'Thử'; DELETE FROM alert.subscription WHERE title = 'Thử'`);
    });

    test('every answer of every route is as both descriptions say', async () => {
        test.setTimeout(300_000);
        const who = { ...people.headers, 'Access-Reason': 'Kiem%20tra' };
        const place = await placesOfPath(who);
        const judges = await Promise.all([
            judge('json', new Ajv({ strict: false, allErrors: true })), judge('json31', new Ajv2020({ strict: false, allErrors: true }))]);
        const { document } = judges[0]!;
        const wrong: string[] = [];
        const statuses = new Map<string, Set<number>>();

        const check = async (path: string, target: string, accept: string) => {
            const answer = await fetch(baseURL() + target, { headers: { ...who, accept } });
            statuses.get(path)!.add(answer.status);
            const type = answer.headers.get('content-type') ?? '';
            const isJson = type.split(';')[0]!.endsWith('json');
            const body = isJson ? await answer.json() as unknown : undefined;
            if (!isJson) await answer.body?.cancel(); // some never end
            for (const { form, faultOf } of judges) {
                const fault = faultOf(path, answer.status, type, body);
                if (fault) wrong.push(`${target} (${accept}, ${form}): ${fault}`);
            }
        };

        for (const [path, operations] of Object.entries(document.paths)) {
            const operation = operations['get'];
            if (!operation) continue;
            statuses.set(path, new Set());
            const parameters = operation.parameters.map(one => one.$ref ? document.components.parameters[one.$ref.split('/').at(-1)!]! : one);
            const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(place(path, name)).replaceAll('%2C', ','));
            const needed = parameters.filter(one => one.in === 'query' && one.required);
            const query = new URLSearchParams(needed.map(one => [one.name, valuesOf(one)[0]!]));
            const targetWith = (name?: string, value?: string) => {
                const all = new URLSearchParams(query);
                if (name !== undefined) all.set(name, value!);
                if (value === 'grid') all.set('zoom', '8');
                return all.size > 0 ? `${filled}?${all}` : filled;
            };
            await check(path, targetWith(), '*/*');
            await check(path, targetWith(), 'text/html');
            await check(path, targetWith('no-such-parameter', '1'), '*/*');
            for (const parameter of parameters.filter(one => one.in === 'query')) {
                for (const value of valuesOf(parameter)) await check(path, targetWith(parameter.name, value), '*/*');
            }
        }
        expect(wrong).toEqual([]);
        const unseen = [...statuses].filter(([path, seen]) => !seen.has(200) && !unanswered.includes(path)).map(([path]) => path);
        expect(unseen, 'routes that never answered 200').toEqual([]);
        console.log(`${statuses.size} routes, ${judges.map(({ schemas }) => schemas.size).join(' and ')} schemas`);
    });
});
