// Pictures of maps: what is where in them, of which moment, for whom, and that they are drawn once. Reservoirs are plain
// blue on the sea: their colours and places are known without any renderer.

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { baseURL } from '../browser.mjs';
import { Registrar } from './people';
import { readPng, type Pixels } from './png';
import { database, needsRecord, record } from './record';

test.skip(!database, needsRecord);
test.describe.configure({ mode: 'serial' });

const box = [107, 17.4, 107.8, 18.2] as const; // sea, of which the record holds nothing
const side = 300;
const water = { light: '#C9DDE8', dark: '#1C3446' };
const beyond = { light: '#E3E9EC', dark: '#0A1824' };
const name = 'Hồ thử';

/// Squares of 0.1 degrees around these middles.
const open = [107.2, 18] as const;
const former = [107.6, 18] as const;
const hidden = [107.2, 17.6] as const;
const nothing = [107.6, 17.6] as const;

const people = new Registrar('anh');
const tokens: Record<string, string> = {};

async function square([lon, lat]: readonly [number, number], more: Record<string, string> = {}): Promise<void> {
    const fields = { name: `'${name}'`, geom: `ST_MakeEnvelope(${lon - 0.05}, ${lat - 0.05}, ${lon + 0.05}, ${lat + 0.05}, 4326)`, ...more };
    await record(`INSERT INTO record.reservoirs (${Object.keys(fields).join(', ')}) VALUES (${Object.values(fields).join(', ')})`);
}
const clean = () => record(`DELETE FROM record.reservoirs WHERE name = '${name}'`);

/// A token of an account, put into the record by hand.
async function token(login: string, scopes: string): Promise<string> {
    const secret = randomBytes(24).toString('base64url');
    await record(`INSERT INTO diaban.token (sha256, login, scopes, expires_at)
        VALUES ('${createHash('sha256').update(secret).digest('hex')}', '${login}', '{${scopes}}', now() + interval '1 hour')`);
    return secret;
}

const shown = async (): Promise<number> => {
    const answer = await fetch(`${baseURL()}/collections/reservoirs/items?bbox=${box.join(',')}&limit=10`);
    return (await answer.json() as { features: unknown[] }).features.length;
};

async function ask(more: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Response> {
    const query = new URLSearchParams({ bbox: box.join(','), size: `${side}x${side}`, layers: 'reservoirs', ...more });
    return fetch(`${baseURL()}/maps/static?${query}`, { headers });
}

async function picture(more: Record<string, string> = {}, who = ''): Promise<Pixels> {
    const answer = await ask(more, who ? { Authorization: `Bearer ${tokens[who]}` } : {});
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.status, answer.status === 200 ? '' : bytes.toString()).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/png');
    return readPng(bytes);
}

/// Where a position lies in a picture of the box, which is higher than wide in the plane of Web Mercator.
function pixelOf([lon, lat]: readonly [number, number]): [number, number] {
    const y = (degrees: number) => Math.log(Math.tan(Math.PI / 4 + degrees * Math.PI / 360)) * 180 / Math.PI;
    const perPixel = Math.max((box[2] - box[0]) / side, (y(box[3]) - y(box[1])) / side);
    const middle = [(box[0] + box[2]) / 2, (y(box[1]) + y(box[3])) / 2] as const;
    return [Math.round(side / 2 + (lon - middle[0]) / perPixel), Math.round(side / 2 - (y(lat) - middle[1]) / perPixel)];
}
const colourAt = (pixels: Pixels, place: readonly [number, number]) => pixels.at(...pixelOf(place));

function keep(file: string, bytes: Buffer): string {
    mkdirSync('output', { recursive: true });
    writeFileSync(`output/${file}`, bytes);
    return `output/${file}`;
}

test.beforeAll(async () => {
    await clean();
    await people.begin();
    await people.role('ho-kin', { title: 'Hồ kín', grants: [{ collection: 'reservoirs', action: 'read', everywhere: true, level: 2 }] });
    await people.account('anh-kin', ['ho-kin']);
    tokens.all = await token('anh-kin', 'read');
    tokens.places = await token('anh-kin', 'read:places');
    await square(open);
    await square(former, { valid_from: "'2010-01-01'", valid_to: "'2020-01-01'" });
    await expect.poll(shown).toBe(2);
    await expect.poll(async () => (await ask({}, { Authorization: `Bearer ${tokens.places}` })).status).toBe(404); // it is known
});
test.afterAll(async () => {
    await clean();
    await people.end();
});

for (const style of ['light', 'dark'] as const) {
    test(`known colours lie at known places, ${style}`, async () => {
        const pixels = await picture({ style });
        expect(pixels.width).toBe(side);
        expect(pixels.height).toBeGreaterThan(side); // scale, legend and sources below the map
        for (const inside of [open, former, [open[0] + 0.04, open[1] - 0.04], [open[0] - 0.04, open[1] + 0.02]] as const) {
            expect(colourAt(pixels, inside), `${inside}`).toBe(water[style]);
        }
        for (const outside of [nothing, hidden, [open[0] + 0.06, open[1]], [open[0], open[1] - 0.06]] as const) {
            expect(colourAt(pixels, outside), `${outside}`).toBe(beyond[style]);
        }
    });
}

test('of another moment it shows what was so then, and what was known then', async () => {
    const before = await picture({ datetime: '2015-06-01' });
    const after = await picture({ datetime: '2021-06-01T00:00:00Z' });
    expect([colourAt(before, former), colourAt(after, former)]).toEqual([water.light, beyond.light]);
    expect([colourAt(before, open), colourAt(after, open)]).toEqual([water.light, water.light]);
    const unknown = await picture({ 'as-of': '2026-01-01T00:00:00Z' });
    expect(colourAt(unknown, open)).toBe(beyond.light);
});

test('it shows what its visitor may see and never more, and says nothing of what they may not', async () => {
    const tag = (await ask()).headers.get('etag')!;
    await square(hidden, { sensitivity: '2' });
    await expect.poll(async () => colourAt(await picture({}, 'all'), hidden)).toBe(water.light);
    const anonymous = await ask({}, { 'If-None-Match': tag });
    expect(anonymous.status, 'a hidden row changes nothing for who may not see it').toBe(304);
    expect(colourAt(await picture(), hidden)).toBe(beyond.light);
    // A token that reads no reservoirs: they are neither drawn, nor in the legend, nor to be named.
    const narrow = { Authorization: `Bearer ${tokens.places}` };
    const query = new URLSearchParams({ bbox: box.join(','), size: `${side}x${side}`, format: 'pdf' });
    const answer = await fetch(`${baseURL()}/maps/static?${query}`, { headers: narrow });
    const file = keep('static-narrow.pdf', Buffer.from(await answer.arrayBuffer()));
    expect(execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).normalize('NFC')).not.toContain('Hồ chứa');
    expect((await ask({}, narrow)).status).toBe(404);
    const unknown = await ask({ layers: 'nothing_at_all' }, narrow);
    expect(unknown.status).toBe(404);
});

test('it is drawn once for what it shows: the same again is not sent, a change in view is', async () => {
    const first = await ask();
    const tag = first.headers.get('etag')!;
    expect((await ask({}, { 'If-None-Match': tag })).status).toBe(304);
    const again = await ask();
    expect(Buffer.from(await again.arrayBuffer()).equals(Buffer.from(await first.arrayBuffer()))).toBe(true);
    await square(nothing);
    await expect.poll(shown).toBe(3);
    const changed = await ask({}, { 'If-None-Match': tag });
    expect(changed.status).toBe(200);
    expect(colourAt(readPng(Buffer.from(await changed.arrayBuffer())), nothing)).toBe(water.light);
});

test('on paper it has legend, scale, sources, its instant, and what of it is generated', async () => {
    const query = new URLSearchParams({ bbox: '105.85,18.3,105.95,18.4', size: '900x600', format: 'pdf', exercise: 'true', layers: 'places,parcels,facilities,cameras' });
    const answer = await fetch(`${baseURL()}/maps/static?${query}`);
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    const file = keep('static.pdf', Buffer.from(await answer.arrayBuffer()));
    const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).normalize('NFC');
    for (const words of ['DIỄN TẬP', 'GIẢ LẬP: Thửa đất', 'Gộp theo loại ở tỷ lệ này: Thửa đất', 'Camera', 'Nguồn dữ liệu', 'tỷ lệ khoảng 1:']) expect(text).toContain(words);
    expect(text).toMatch(/Dữ liệu lúc \d\d\/\d\d\/\d{4} \d\d:\d\d/);
    expect(execFileSync('pdfinfo', [file], { encoding: 'utf8' })).toMatch(/Pages: +1\n/);
    query.set('format', 'jpeg');
    query.set('lang', 'en');
    const photo = await fetch(`${baseURL()}/maps/static?${query}`);
    expect(photo.headers.get('content-type')).toBe('image/jpeg');
    keep('static.jpeg', Buffer.from(await photo.arrayBuffer()));
});
