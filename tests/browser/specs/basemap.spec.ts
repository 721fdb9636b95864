// Archives of tiles as the ground under the map: a vector one that `diaban seed` writes, a picture one that GDAL writes.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, keep, open, settled, test } from './console';
import { database, needsRecord, run } from './record';

const root = resolve(import.meta.dirname, '../../..');
const program = process.env.DIABAN_PROGRAM ?? join(root, 'build/release/diaban');
const attribution = 'Ảnh thử © Sở Tài nguyên';

let folder = '';
let origin = '';
let server: ChildProcess | undefined;

const freePort = () => new Promise<number>(done => {
    const listening = createServer().listen(0, '127.0.0.1', () => {
        const { port } = listening.address() as { port: number };
        listening.close(() => done(port));
    });
});

/// One red picture over the province, as MBTiles with an attribution.
async function redPicture(file: string): Promise<void> {
    const small = join(folder, 'red.tif');
    await run('gdal_create', ['-of', 'GTiff', '-outsize', '256', '256', '-bands', '3', '-burn', '200', '-burn', '30', '-burn', '30',
        '-a_srs', 'EPSG:4326', '-a_ullr', '105', '19', '107', '17.5', small]);
    await run('gdal_translate', ['-q', '-of', 'MBTILES', small, file]);
    await run('gdaladdo', ['-q', '-r', 'nearest', file, '2', '4', '8']);
    await run('python3', ['-c', 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]);'
        + 'd.execute("delete from metadata where name = \'attribution\'");'
        + 'd.execute("insert into metadata values (\'attribution\', ?)", [sys.argv[2]]); d.commit()', file, attribution]);
}

test.use({ baseURL: async ({}, use) => { await use(origin || 'http://127.0.0.1:9'); } });
test.skip(!database, needsRecord);
test.beforeAll(async () => {
    if (!database) return;
    folder = mkdtempSync(join(tmpdir(), 'basemap-'));
    await redPicture(join(folder, 'red.mbtiles'));
    await run(program, ['seed', '--database', database, '--home', root, '--collections', 'places', '--zooms', '0-6',
        '-o', join(folder, 'units.pmtiles')]);
    const [port, live] = [await freePort(), await freePort()];
    origin = `http://127.0.0.1:${port}`;
    server = spawn(program, ['serve', '--database', database, '--home', root, '--port', String(port), '--live-port', String(live),
        '--archives', folder, '--segments', 'none', '--blobs', join(folder, 'blobs'), '--log-level', 'warn', '--job-slots', '0'],
    { stdio: 'ignore' });
    await expect.poll(async () => await fetch(`${origin}/readyz`).then(answer => answer.status, () => 0), { timeout: 60_000 }).toBe(200);
});
test.afterAll(() => {
    server?.kill('SIGKILL');
    if (folder) rmSync(folder, { recursive: true, force: true });
});

const choice = (page: Page) => page.getByRole('region', { name: 'Bản đồ nền' });
const order = (page: Page) => page.evaluate(() => globalThis.diaban.map.getStyle().layers.map(layer => layer.id));
const legend = (page: Page) => page.locator('[data-collection=places] .swatch').count();

test('an archive of pictures lies under the units, with its attribution, and is there again when the page is opened again', async ({ page }) => {
    await open(page, '#map=8/18.3/105.9&layers=places');
    const before = await legend(page);
    await choice(page).getByRole('radio', { name: 'red', exact: true }).check();
    await settled(page);
    const ids = await order(page);
    expect(ids[ids.indexOf('basemap') - 1]).toBe('places-land');
    await expect(page.locator('footer')).toContainText(attribution);
    expect(await legend(page)).toBe(before);
    await keep(page, 'basemap-pictures');
    await page.goto('about:blank');
    await open(page, '#map=8/18.3/105.9&layers=places');
    await expect.poll(async () => (await order(page)).includes('basemap')).toBe(true);
    await expect(choice(page).getByRole('radio', { name: 'red', exact: true })).toBeChecked();
    await choice(page).getByRole('radio', { name: 'Không có nền' }).check();
    await expect.poll(async () => (await order(page)).includes('basemap')).toBe(false);
    await expect(page.locator('footer')).not.toContainText(attribution);
});

test('an archive of vectors is drawn in greys, and nothing in it is opened by a click', async ({ page }) => {
    await open(page, '#map=6/18.3/105.9&layers=facilities');
    await choice(page).getByRole('radio', { name: /^(Đơn vị hành chính|Administrative units)$/ }).check();
    await settled(page);
    await expect.poll(() => page.evaluate(() => globalThis.diaban.map.queryRenderedFeatures()
        .filter(feature => feature.source === 'basemap').length)).toBeGreaterThan(0);
    await keep(page, 'basemap-vectors');
    const box = (await page.locator('#map').boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await expect.poll(() => page.url()).toMatch(/select=(places|facilities)\//); // of the record, whichever lies there
});
