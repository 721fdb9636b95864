// The demonstration langson: anywhere, on a telephone. The guide's steps are walked on a telephone's page of a server of its
// own, with Mosquitto between it and the gate; the outage lasts seconds here, and in the demonstration a minute.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type Page } from '@playwright/test';
import { faults } from './axe';
import { clickAt, expect, keep, needsData, realData, searchField, settled, watch } from './console';
import { password, Registrar } from './people';
import { database, needsRecord, record, run } from './record';
import { clearScene, loadScene, sceneFrom, sceneRole } from './scenes';
import { Tour } from './tour';
import { freePort, Node, Screens } from './wall';

test.skip(!database, needsRecord);
test.skip(!realData, needsData);
test.setTimeout(240_000);

const people = new Registrar('langson');
const gate = [106.711, 21.972] as const;
const [own, other] = [{ code: '06184', name: 'Đồng Đăng' }, { code: '06187', name: 'Kỳ Lừa' }];
const streams = "SELECT d.fid FROM record.datastreams AS d JOIN record.sensors AS s ON s.fid = d.sensor WHERE s.station_code = 'DT-HN'";
let node: Node | undefined;
let screens: Screens | undefined;
let broker: ChildProcess | undefined;
let folder = '';
let port = 0;

async function clean(): Promise<void> {
    await clearScene('langson', ['reports']);
    await record(`DELETE FROM record.alerts WHERE source_kind = 'datastream' AND source IN (${streams});
        DELETE FROM sensor.latest WHERE datastream IN (${streams}); DELETE FROM sensor.observation WHERE datastream IN (${streams});
        DELETE FROM record.datastreams WHERE fid IN (${streams}); DELETE FROM record.sensors WHERE station_code = 'DT-HN'`);
}

async function startBroker(): Promise<void> {
    port = await freePort();
    folder = await mkdtemp(join(tmpdir(), 'diaban-broker-'));
    const settings = join(folder, 'mosquitto.conf');
    await writeFile(settings, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
    broker = spawn('mosquitto', ['-c', settings], { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
    const listens = () => new Promise<boolean>(done => {
        const socket = createConnection(port, '127.0.0.1', () => { socket.destroy(); done(true); });
        socket.on('error', () => done(false));
    });
    await expect.poll(listens).toBe(true);
}

/// What the gate counts, as its station sends it.
async function send(vehicles: number): Promise<void> {
    const [[stream]] = await record(`${streams} AND gate_figure = 'queue' AND gate_direction = 'out'`) as [[string]];
    await run('mosquitto_pub', ['-p', String(port), '-q', '1', '-t', `diaban/v1.1/Datastreams(${stream})/Observations`,
        '-m', JSON.stringify({ phenomenonTime: new Date().toISOString(), result: vehicles })]);
}

test.beforeAll(async ({ browser }) => {
    test.setTimeout(120_000);
    await clean();
    await loadScene('langson');
    await startBroker();
    node = new Node(['--mqtt', `mqtt://127.0.0.1:${port}`]);
    await node.start();
    screens = new Screens(browser, node.url, 1);
    await people.begin();
    await people.role('langson', sceneRole('langson'));
    await people.account('langson', ['langson']);
});
test.afterAll(async () => {
    await screens?.closeAll();
    await node?.end();
    broker?.kill();
    await rm(folder, { recursive: true, force: true });
    await people.end();
    await clean();
    await record('DELETE FROM diaban.wall_screen WHERE wall = 1');
});

/// What the map draws of units and reports: names and codes.
const drawn = (page: Page) => page.evaluate(() => {
    const { map } = globalThis.diaban;
    const names = map.querySourceFeatures('places', { sourceLayer: 'places' }).map(one => String(one.properties.name));
    const reports = map.querySourceFeatures('reports', { sourceLayer: 'reports' }); // one near a tile's edge is in both
    return { names: [...new Set(names)], reports: new Set(reports.map(one => one.id ?? JSON.stringify(one.properties))).size };
});

test('the tour of Lạng Sơn shows what a telephone sees of a border gate, and what an officer does not', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: node!.url, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const page = await context.newPage();
    const watched = watch(page, node!.url);
    const wall = await screens!.open('1/1');
    const tour = new Tour(page);
    await tour.begin('langson', sceneFrom('langson'));
    await settled(page);
    expect(await faults(page)).toEqual([]);
    await page.evaluate(() => { Object.assign(globalThis, { sameDocument: true }); });
    await keep(page, 'scene-langson-1');

    const table = page.getByRole('region', { name: 'Thông quan tại cửa khẩu' }).getByRole('table');
    const queue = table.getByRole('row', { name: /^Xe đang chờ/ }).getByRole('cell').first();
    await tour.step('gate', () => clickAt(page, ...gate));
    const sent = Date.now();
    await tour.step('queue', () => send(61));
    console.log(`61 vehicles were on the telephone ${Date.now() - sent} ms after they were sent`);
    await expect(queue).toHaveText('61');
    await table.scrollIntoViewIfNeeded();
    await keep(page, 'scene-langson-2');

    await tour.step('alert', () => send(97));
    const [[alert]] = await record(`SELECT fid FROM record.alerts WHERE source_kind = 'datastream' AND kind = 'fast' AND source IN (${streams})`) as [[string]];
    const band = wall.locator(`[data-alert="${alert}"]`);
    await expect(band).toContainText('Cửa khẩu quốc tế Hữu Nghị');
    await keep(page, 'scene-langson-3');
    await wall.screenshot({ path: 'output/scene-langson-wall.png' });
    await page.locator(`.banner [data-alert="${alert}"]`).getByRole('button', { name: 'Xác nhận' }).tap();
    await expect(band).toHaveAttribute('data-state', 'acknowledged');
    expect(watched).toEqual([]);

    await tour.step('offline', () => context.setOffline(true));
    await send(72);
    await page.waitForTimeout(5000);
    await expect(queue).toHaveText('97'); // kept, and said to be old
    await keep(page, 'scene-langson-4');
    await tour.step('back', () => context.setOffline(false));
    expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
    watched.length = 0; // what the browser says of requests that could not leave

    await page.evaluate(() => globalThis.diaban.map.jumpTo({ center: [106.77, 21.9], zoom: 10.5 }));
    await settled(page);
    const before = await drawn(page);
    expect(before.names).toEqual(expect.arrayContaining([own!.name, other!.name]));
    expect(before.reports).toBeGreaterThan(1);
    const tile = await page.evaluate(() => performance.getEntriesByType('resource').map(one => one.name).filter(one => one.includes('/tiles/places/')).at(-1)!);
    const tag = await page.evaluate(async one => (await fetch(one)).headers.get('ETag')!, tile);
    await tour.step('silence');
    await expect(queue).toHaveText(/^không có dữ liệu từ /);
    await expect(table.getByRole('row', { name: /^Thời gian chờ/ }).getByRole('cell').first()).toHaveText('—');
    await keep(page, 'scene-langson-5');

    await tour.step('officer', async () => {
        await page.getByRole('button', { name: 'Đăng nhập' }).tap();
        const dialog = page.getByRole('dialog', { name: 'Đăng nhập' });
        await dialog.getByLabel('Tên đăng nhập').fill('langson');
        await dialog.getByLabel('Mật khẩu').fill(password);
        await dialog.getByRole('button', { name: 'Đăng nhập' }).tap();
    });
    await settled(page);
    await expect.poll(() => drawn(page)).toEqual({ names: [own!.name], reports: 1 });
    await tour.step('list', async () => {
        await page.getByRole('tab', { name: 'Lớp bản đồ' }).tap();
        const row = page.locator('[data-collection=reports]');
        await row.getByRole('button').first().tap();
        await row.getByRole('button', { name: 'Danh sách trong khung nhìn' }).tap();
    });
    await settled(page);
    await keep(page, 'scene-langson-6');
    await tour.step('search', () => searchField(page).fill('Ky Lua'));
    expect(await tour.end()).toBe(9);

    // Neither counted nor found, and nothing that this page had before is given out of a cache.
    const asked = await page.evaluate(async ({ tile, tag, code }) => {
        const counted = async (where: string) => ((await (await fetch(where)).json()) as { numberMatched: number }).numberMatched;
        const kept = await fetch(tile, { cache: 'only-if-cached', mode: 'same-origin' }).then(async one => (one.ok ? one.text() : ''), () => '');
        return {
            places: await counted(`/collections/places/items?limit=1&filter=${encodeURIComponent(`code = '${code}'`)}`),
            reports: await counted('/collections/reports/items?limit=1'),
            again: (await fetch(tile, { headers: { 'If-None-Match': tag }, cache: 'no-store' })).status,
            kept,
        };
    }, { tile, tag, code: other!.code });
    expect(asked.kept).not.toContain(other!.name);
    expect({ ...asked, kept: '' }).toEqual({ places: 0, reports: 1, again: 200, kept: '' });
    expect(watched).toEqual([]);
    await context.close();
});
