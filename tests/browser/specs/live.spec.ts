// An open map stays current: what one commits is on the other's screen without a reload.

import { execFileSync } from 'node:child_process';
import type { Page } from '@playwright/test';
import { expect, open, settled, test } from './console';

const database = process.env.DIABAN_DATABASE ?? '';

function sql(statement: string): string {
    return execFileSync('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', statement],
        { encoding: 'utf8' }).trim();
}

interface Parcel { fid: string; lon: number; lat: number }

/// A parcel of the demo, far from the last one taken.
function parcel(skip: number): Parcel {
    const [fid, lon, lat] = sql(`select fid || ' ' || st_x(p) || ' ' || st_y(p)
        from (select fid, st_pointonsurface(geom) p from record.parcels order by fid offset ${skip * 500} limit 1) r`).split(' ');
    return { fid: fid!, lon: Number(lon), lat: Number(lat) };
}

const at = ({ lon, lat }: Parcel) => `#map=17/${lat}/${lon}&layers=parcels`;

/// What the page draws of a parcel.
const drawn = (page: Page, fid: string) => page.evaluate(id => globalThis.diaban.map
    .querySourceFeatures('parcels', { sourceLayer: 'parcels', filter: ['==', ['id'], Number(id)] })
    .map(feature => String(feature.properties.parcel_number)), fid);

const connected = (page: Page) => expect(page.getByText('Trực tuyến')).toBeVisible();

test.skip(!database, 'needs the record: DIABAN_DATABASE is not set');

test('a change appears on two open pages without a reload, and where it was drawn nothing else is fetched', async ({ page, context }) => {
    const one = parcel(1);
    const other = await context.newPage();
    for (const each of [page, other]) {
        await open(each, at(one));
        await connected(each);
        await each.evaluate(() => { Object.assign(globalThis, { sameDocument: true }); });
    }
    const fetched: string[] = [];
    page.on('request', request => { if (request.url().includes('.mvt')) fetched.push(request.url()); });
    const number = String(700_000 + Math.floor(Math.random() * 1000));
    sql(`update record.parcels set parcel_number = ${number} where fid = ${one.fid}`);
    for (const each of [page, other]) {
        await expect.poll(() => drawn(each, one.fid)).toContain(number);
        expect(await each.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
    }
    expect(fetched.every(url => url.includes('/tiles/parcels/'))).toBe(true);
    expect(fetched.length).toBeLessThan(12);
    await expect(page.getByText(/^trễ \d+(,\d+)? s$/)).toBeVisible();
});

test('a page that was cut off goes on where it was, without a reload', async ({ page, context, watched }) => {
    const one = parcel(2);
    await open(page, at(one));
    await connected(page);
    await page.evaluate(() => { Object.assign(globalThis, { sameDocument: true }); });
    await context.setOffline(true);
    await expect(page.getByText(/^Mất kết nối \d+ giây/)).toBeVisible();
    const number = String(800_000 + Math.floor(Math.random() * 1000));
    sql(`update record.parcels set parcel_number = ${number} where fid = ${one.fid}`);
    await page.waitForTimeout(2000); // away while it happens
    expect(await drawn(page, one.fid)).not.toContain(number);
    await context.setOffline(false);
    await connected(page);
    await expect.poll(() => drawn(page, one.fid)).toContain(number);
    expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
    watched.length = 0; // what the browser says of requests that could not leave
});

test('a tile that was out of view when it changed is new when it comes back', async ({ page }) => {
    const one = parcel(3);
    await open(page, at(one));
    await connected(page);
    const go = async (lon: number) => {
        await page.evaluate(([x, y]) => globalThis.diaban.map.jumpTo({ center: [x!, y!] }), [lon, one.lat]);
        await settled(page);
    };
    await go(one.lon + 0.1);
    const number = String(900_000 + Math.floor(Math.random() * 1000));
    sql(`update record.parcels set parcel_number = ${number} where fid = ${one.fid}`);
    await page.waitForTimeout(500); // heard, if it were
    await go(one.lon);
    await expect.poll(() => drawn(page, one.fid)).toContain(number);
});
