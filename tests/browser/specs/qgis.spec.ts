// QGIS without a screen: features over OGC API Features counted as PostGIS counts them, and vector tiles drawn.

import { resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { baseURL } from '../browser.mjs';
import { needsQgis, noQgis, qgis } from './qgis';
import { boxOf, countOf, questions } from './questions';
import { database, needsRecord, record } from './record';
import { chance } from './served';

interface Seen { version: string; counts: number[]; drawn: number }

test('QGIS counts what PostGIS counts, and draws the tiles', async () => {
    test.skip(database === '', needsRecord);
    test.skip(noQgis, needsQgis);
    test.setTimeout(240_000);
    const random = chance();
    const items: { id: string; filter: string; box: number[] }[] = [];
    const expected: number[] = [];
    for (const question of questions) {
        for (let i = 0; i < 10; i++) {
            const box = await boxOf(question.id, random);
            const { id, filter } = question;
            items.push({ id, filter: question.expression ?? filter, box });
            expected.push(await countOf(question, box));
        }
    }
    const [middle] = await record(`select ST_X(p), ST_Y(p) from (select
        ST_Transform(ST_SetSRID(ST_Centroid(ST_Extent(geom)::geometry), 4326), 3857) p from record.parcels) one`);
    const seen = await qgis<Seen>('qgis_layers.py', {
        url: baseURL(), picture: resolve('output/qgis-tiles.png'), items,
        tiles: { id: 'parcels', center: middle!.map(Number), zoom: 10 },
    });
    console.log(`QGIS ${seen.version}: ${seen.counts.reduce((a, b) => a + b, 0)} features counted, ${seen.drawn} of the picture drawn`);
    const wrong = items.map((item, i) => ({ ...item, counted: seen.counts[i], expected: expected[i] }))
        .filter(one => one.counted !== one.expected);
    expect(wrong).toEqual([]);
    expect(seen.drawn).toBeGreaterThan(0.02);
});
