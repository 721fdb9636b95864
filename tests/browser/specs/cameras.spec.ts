// A camera's sector, what of it the ground lets it see, and which cameras see a place.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { clickAt, expect, keep, open, settled, test } from './console';
import { Registrar, password } from './people';
import { database, needsRecord, record } from './record';

interface Camera { id: number; geometry: { coordinates: [number, number] }; properties: { azimuth: number; range_m: number; name: string } }
interface View { features: { properties: { part: string; area_m2?: number } }[] }

/// The camera of the demo that sees farthest.
async function farthest(page: import('@playwright/test').Page): Promise<Camera> {
    const answer = await page.request.get('/collections/cameras/items?sortby=-range_m&limit=1', { headers: { Accept: 'application/geo+json' } });
    return (await answer.json() as { features: Camera[] }).features[0]!;
}

test('a camera shows its sector and what it really sees, as the server computed it', async ({ page }) => {
    await page.goto('/console/#layers=places');
    const camera = await farthest(page);
    const [lon, lat] = camera.geometry.coordinates;
    await open(page, `#map=14/${lat}/${lon}&layers=places,cameras&select=cameras/${camera.id}`);
    await expect(page.getByRole('heading', { name: 'Camera nhìn thấy gì' })).toBeVisible();
    await page.getByRole('button', { name: 'Vẽ vùng nhìn' }).click();
    const seen = page.locator('[data-seen]');
    await expect(seen).toBeVisible();
    const view = await (await page.request.get(`/cameras/${camera.id}/view`)).json() as View;
    const area = view.features.find(one => one.properties.part === 'seen')!.properties.area_m2!;
    expect(Number(await seen.getAttribute('data-seen'))).toBeCloseTo(area, 3);
    await settled(page);
    const parts = await page.evaluate(() => [...new Set(globalThis.diaban.map.querySourceFeatures('sight').map(one => String(one.properties.part)))].sort());
    expect(parts).toContain('sector');
    expect(parts).toContain('seen');
    await keep(page, 'camera-view');
    await page.getByRole('button', { name: 'Xóa vùng nhìn' }).click();
    await page.waitForFunction(() => globalThis.diaban.map.getSource('sight') === undefined);
});

test('a place says which cameras see it, and each opens', async ({ page }) => {
    await page.goto('/console/#layers=places');
    const camera = await farthest(page);
    const [lon, lat] = camera.geometry.coordinates;
    // A third of its range along its axis: in its sector; whether ground is between, the server says.
    const metres = camera.properties.range_m / 3;
    const turn = camera.properties.azimuth * Math.PI / 180;
    const place = [lon + metres * Math.sin(turn) / (111_320 * Math.cos(lat * Math.PI / 180)), lat + metres * Math.cos(turn) / 110_700] as const;
    const seeing = await (await page.request.get(`/cameras/seeing?lon=${place[0]}&lat=${place[1]}`)).json() as { cameras: { fid: number }[]; behind_ground: { fid: number }[] };
    expect([...seeing.cameras, ...seeing.behind_ground].map(one => one.fid)).toContain(camera.id);
    await open(page, `#map=16/${place[1]}/${place[0]}&layers=places`);
    await clickAt(page, place[0], place[1]);
    await page.getByRole('button', { name: 'Camera nào thấy nơi này?' }).click();
    const told = page.locator('[data-seeing]');
    await expect(told).toHaveAttribute('data-seeing', String(seeing.cameras.length));
    if (seeing.cameras.length > 0) {
        await page.getByRole('button', { name: camera.properties.name }).click();
        await expect(page.getByRole('heading', { name: 'Camera nhìn thấy gì' })).toBeVisible();
    }
});

test.describe('pictures', () => {
    test.skip(!database, needsRecord);
    const people = new Registrar('cameras');
    // A camera: whatever is asked of it, it gives one picture.
    const device = createServer((_, answer) => {
        void readFile(new URL('../../../services/console/picture.jpg', import.meta.url)).then(bytes => {
            answer.writeHead(200, { 'Content-Type': 'image/jpeg' });
            answer.end(bytes);
        });
    });
    let host = '';
    test.beforeAll(async () => {
        await new Promise<void>(done => { device.listen(0, '127.0.0.1', done); });
        host = `127.0.0.1:${(device.address() as AddressInfo).port}`;
        await record(`INSERT INTO diaban.pull_host VALUES ('${host}')`);
        await people.begin();
        await people.role('truc-camera', { title: 'Trực camera', grants: [
            { collection: 'cameras', action: 'read', everywhere: true, level: 0 },
            { collection: 'cameras', action: 'personal', everywhere: true, level: 0 }] });
        await people.account('truc-camera', ['truc-camera']);
    });
    test.afterAll(async () => {
        await people.end();
        await record(`DELETE FROM diaban.pull_host WHERE host = '${host}'; UPDATE record.cameras SET snapshot_url = NULL WHERE snapshot_url LIKE 'http://${host}/%'`);
        device.close();
    });

    test('who may look through a camera says why, and sees its picture', async ({ page }) => {
        await page.goto('/console/#layers=places');
        const camera = await farthest(page);
        await record(`UPDATE record.cameras SET snapshot_url = 'http://${host}/now.jpg' WHERE fid = ${camera.id}`);
        const [lon, lat] = camera.geometry.coordinates;
        await open(page, `#map=14/${lat}/${lon}&layers=places&select=cameras/${camera.id}`);
        await expect(page.getByRole('heading', { name: 'Camera nhìn thấy gì' })).toBeVisible();
        const form = page.getByRole('form', { name: 'Xem ảnh chụp' });
        await expect(form).toHaveCount(0);
        await page.getByRole('button', { name: 'Đăng nhập' }).click();
        const dialog = page.getByRole('dialog', { name: 'Đăng nhập' });
        await dialog.getByLabel('Tên đăng nhập').fill('truc-camera');
        await dialog.getByLabel('Mật khẩu').fill(password);
        await dialog.getByRole('button', { name: 'Đăng nhập' }).click();
        await form.getByLabel('Lý do xem').fill('Kiểm tra ngập');
        const picture = form.getByRole('img');
        // The file of the camera is loaded anew for who has signed in: a picture may go with the former one.
        await expect(async () => {
            await form.getByRole('button', { name: 'Xem ảnh chụp' }).click();
            await expect(picture).toBeVisible({ timeout: 4000 });
        }).toPass();
        expect(await picture.evaluate(one => (one as HTMLImageElement).naturalWidth)).toBeGreaterThan(10);
        await keep(page, 'camera-picture');
        const audit = await (await people.ask('GET', '/audit?action=camera-snapshot&limit=1')).json() as { entries: { who: string; why: string }[] };
        expect(audit.entries[0]).toMatchObject({ who: 'truc-camera', why: 'Kiểm tra ngập' });
    });
});
