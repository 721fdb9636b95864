// A person edits the table with QGIS, past our own server: the open map follows.

import type { Page } from '@playwright/test';
import { expect, open, test } from './console';
import { needsQgis, noQgis, qgis } from './qgis';
import { database, needsRecord, record } from './record';

interface Edited { version: string; added: number[] }

/// How libpq's address of the record is told to QGIS.
function connection(): { host: string; database: string; user: string } {
    const [, user = '', name = '', query = ''] = /^postgres(?:ql)?:\/\/([^@/]*)@?\/([^?]*)\??(.*)$/.exec(database) ?? [];
    return { host: new URLSearchParams(query).get('host') ?? '', database: name, user };
}

const edit = (...steps: object[]) => qgis<Edited>('qgis_edit.py', { ...connection(), table: 'facilities', steps });

interface Drawn { name: string; lon: number }

/// What the map's tiles give of a feature.
const drawn = (page: Page, fid: number) => page.evaluate(id => {
    const [feature] = globalThis.diaban.map.querySourceFeatures('facilities', {
        sourceLayer: 'facilities', filter: ['==', ['id'], id] });
    if (!feature || feature.geometry.type !== 'Point') return null;
    return { name: String(feature.properties.name), lon: feature.geometry.coordinates[0] } as Drawn;
}, fid);

test('what QGIS changes, adds and deletes in the table is on the open map without a reload', async ({ page }) => {
    test.skip(database === '', needsRecord);
    test.skip(noQgis, needsQgis);
    test.setTimeout(180_000);
    const [row] = await record('select fid, st_x(geom), st_y(geom) from record.facilities where geom is not null order by fid limit 1');
    const [fid, lon, lat] = row!.map(Number) as [number, number, number];
    await open(page, `#map=16/${lat}/${lon}&layers=facilities`);
    await expect(page.getByText('Trực tuyến')).toBeVisible();
    await expect.poll(() => drawn(page, fid)).not.toBeNull();
    await page.evaluate(() => { Object.assign(globalThis, { sameDocument: true }); });

    const name = `Trạm sửa bằng QGIS ${Date.now()}`;
    const { version, added } = await edit(
        { change: fid, field: 'name', value: name, shift: [0.001, 0] },
        { add: [lon + 0.002, lat], values: { name: 'Trạm thêm bằng QGIS', kind: 'clinic' } },
    );
    console.log(`QGIS ${version} changed ${fid} and added ${added.join(', ')}`);
    expect(added).toHaveLength(1);
    await expect.poll(async () => (await drawn(page, fid))?.name).toBe(name);
    const step = 360 / 2 ** 16 / 4096 * 8; // eight tile units at zoom 16
    expect(Math.abs((await drawn(page, fid))!.lon - lon - 0.001)).toBeLessThan(step);
    await expect.poll(async () => (await drawn(page, added[0]!))?.name).toBe('Trạm thêm bằng QGIS');

    await edit({ delete: added[0]! }, { change: fid, field: 'name', value: name, shift: [-0.001, 0] });
    await expect.poll(() => drawn(page, added[0]!)).toBeNull();
    await expect.poll(async () => Math.abs((await drawn(page, fid))!.lon - lon)).toBeLessThan(step);
    expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
});
