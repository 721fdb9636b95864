// A field pack in QGIS as it comes: filled in there and brought back, while the record goes on.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { baseURL } from '../browser.mjs';
import { expect, test } from '@playwright/test';
import { Registrar } from './people';
import { needsQgis, noQgis, qgis } from './qgis';
import { database, needsRecord, record } from './record';
import { makeSheet, removeSheet } from './sheet';

interface Filled { version: string; layers: Record<string, number>; renderer: string; classes: string[];
    widgets: Record<string, string>; titles: Record<string, string>; key: string }
interface Outcome { pack: string; taken: number[]; opened: number[]; conflicts: number[]; faults: object[]; repeated: number }
interface Conflict { case: number; columns: { column: string; pack: unknown; field: unknown; record: unknown }[] }

const people = new Registrar('qgis-pack');
const sheet = 9906;
const commune = '99906'; // nobody else's
const type = { 'content-type': 'application/geopackage+sqlite3' };
const answers = { marks: 'yes', use: 'no', building: 'yes', encroachment: 'no', present: 'no' };

const clean = async () => {
    await record(`DELETE FROM land.pack WHERE login = 'registrar-qgis-pack';
        DELETE FROM record.inspection_cases WHERE opened_by = 'registrar-qgis-pack'`);
    await removeSheet(sheet);
};

/// A request in the registrar's name; its answer, which is as it should be.
async function ask<Answer>(path: string, body?: object | Buffer): Promise<Answer> {
    const file = body instanceof Buffer;
    const answer = await fetch(baseURL() + path, { headers: { ...people.headers, ...(file ? type : { 'content-type': 'application/json' }) },
        ...(body ? { method: 'POST', body: file ? new Uint8Array(body) : JSON.stringify(body) } : {}) });
    const text = await answer.text();
    expect(answer.ok, `${path}: ${answer.status} ${text}`).toBe(true);
    return JSON.parse(text) as Answer;
}

test('a pack is filled in with QGIS as it comes, and a conflict is shown and overwrites nothing', async () => {
    test.skip(database === '', needsRecord);
    test.skip(noQgis, needsQgis);
    test.setTimeout(240_000);
    try {
        await clean();
        await makeSheet(sheet, commune);
        await people.begin();
        const may = (collection: string, ...actions: string[]) => actions.map(action => ({ collection, action, everywhere: true, level: 1 }));
        await people.role('thu-goi', { title: 'Gói thực địa', administer: true, grants: [...may('inspection_cases', 'read', 'edit'),
            ...may('parcels', 'read'), ...may('case_photos', 'read'), ...may('land_inspectors', 'read'), ...may('places', 'read')] });
        await people.takeRole('thu-goi');
        const [[fid, lon, lat]] = await record(`SELECT fid, ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)) FROM record.parcels
            WHERE sheet = ${sheet} AND parcel_number = 2`) as [[string, string, string]];
        const [quiet, disputed] = await Promise.all([1, 2].map(async turn => (await ask<{ id: number }>('/land/cases',
            { key: `goi-${turn}`, origin: 'hand', parcel: Number(fid), reason: 'Xây trên đất lúa' })).id));
        await record(`UPDATE record.inspection_cases SET state = 'assigned', assignee = 'registrar-qgis-pack' WHERE fid IN (${quiet}, ${disputed}) AND state = 'new'`);

        const path = `${baseURL()}/land/packs?area=${commune}`;
        let answer = await fetch(path, { headers: people.headers });
        expect(answer.status).toBe(202);
        await expect.poll(async () => { answer = await fetch(path, { headers: people.headers }); return answer.status; }).toBe(200);
        mkdirSync('output/qgis', { recursive: true });
        const file = resolve('output/qgis/pack.gpkg');
        writeFileSync(file, Buffer.from(await answer.arrayBuffer()));

        // Meanwhile, at the office.
        await ask(`/land/cases/${disputed}/moves`, { move: 'inspect', finding: 'Nhà xưởng', answers });
        const values = (finding: string) => ({ finding, measured_m2: 182.4, error_m2: 1.5,
            ...Object.fromEntries(Object.entries(answers).map(([item, given]) => [`answer_${item}`, given])) });
        const question = (one: number, finding: string) => ({ file, case: one, values: values(finding),
            add: [Number(lon), Number(lat)], reason: 'Đào ao' });
        const seen = await qgis<Filled>('qgis_pack.py', question(quiet!, 'Nhà cấp 4'));
        console.log(`QGIS ${seen.version}: ${JSON.stringify(seen.layers)}`);
        expect(seen.layers).toEqual({ parcels: 3, cases: 2 });
        expect(seen.renderer).toBe('categorizedSymbol');
        expect(seen.classes).toContain('assigned');
        expect(seen.widgets).toMatchObject({ answer_use: 'ValueMap', finding: 'TextEdit' });
        expect(seen.titles.finding).toBe('Ghi nhận tại thực địa');
        expect(seen.key).toMatch(/^\{[0-9a-f-]{36}\}$/);
        await qgis<Filled>('qgis_pack.py', question(disputed!, 'Nhà ở'));

        const outcome = await ask<Outcome>('/land/packs', readFileSync(file));
        expect(outcome).toMatchObject({ taken: [quiet], conflicts: [1], faults: [] });
        expect(outcome.opened).toHaveLength(2);
        expect(await ask(`/land/cases/${quiet}`)).toMatchObject({ state: 'inspected', finding: 'Nhà cấp 4', measured_m2: 182.4 });
        expect(await ask(`/land/cases/${disputed}`)).toMatchObject({ finding: 'Nhà xưởng', measured_m2: null });
        const { conflicts: [shown] } = await ask<{ conflicts: Conflict[] }>(`/land/packs/${outcome.pack}`);
        expect(shown).toMatchObject({ case: disputed });
        expect(shown!.columns).toContainEqual({ column: 'finding', pack: null, field: 'Nhà ở', record: 'Nhà xưởng' });
        expect(await ask('/land/packs', readFileSync(file))).toMatchObject({ taken: [], opened: [], conflicts: [] });
    } finally {
        await people.end();
        await clean();
    }
});
