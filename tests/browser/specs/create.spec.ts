// Features are made, deleted and taken back in the console; open pages follow.

import { expect, keep, open, settled, test } from './console';
import type { Page } from '@playwright/test';

interface Item { id: number; geometry: { type: string; coordinates: unknown }; properties: Record<string, unknown> }

const made: { collection: string; fid: number }[] = [];

/// A place of the demo where things are, some steps apart from test to test.
async function place(page: Page, step: number): Promise<{ lon: number; lat: number }> {
    const answer = await page.request.get('/collections/facilities/items?limit=1');
    const { features } = await answer.json() as { features: Item[] };
    const [lon, lat] = features[0]!.geometry.coordinates as [number, number];
    return { lon: lon + step * 0.003, lat };
}

const item = async (page: Page, collection: string, fid: number): Promise<Item> =>
    await (await page.request.get(`/collections/${collection}/items/${fid}`)).json() as Item;

/// Where a position is on the screen.
const screen = (page: Page, lon: number, lat: number) => page.evaluate(([x, y]) => {
    const { map } = globalThis.diaban;
    const box = map.getCanvas().getBoundingClientRect();
    const at = map.project([x!, y!]);
    return { x: box.left + at.x, y: box.top + at.y };
}, [lon, lat]);

const drawingReady = (page: Page) => page.waitForFunction(() =>
    Object.keys(globalThis.diaban.map.getStyle().sources).some(id => id.startsWith('td-')));

/// Opens the form for a new feature of a layer.
async function startCreating(page: Page, collection: string, title: string): Promise<void> {
    const row = page.locator(`[data-collection=${collection}]`);
    await row.getByRole('button', { name: `Chú giải và nguồn của ${title}` }).click();
    await row.getByRole('button', { name: 'Thêm đối tượng' }).click();
    await expect(page.getByRole('form', { name: 'Thêm hồ sơ' })).toBeVisible();
}

const form = (page: Page) => page.getByRole('form', { name: 'Thêm hồ sơ' });
const selected = (page: Page) => page.evaluate(() => Number(/select=\w+\/(\d+)/.exec(location.hash)?.[1] ?? 0));

async function opened(page: Page, collection: string): Promise<number> {
    await expect.poll(() => selected(page)).toBeGreaterThan(0);
    const fid = await selected(page);
    made.push({ collection, fid });
    return fid;
}

const drawn = (page: Page, collection: string, fid: number) => page.evaluate(([source, id]) => globalThis.diaban.map
    .querySourceFeatures(source as string, { sourceLayer: source as string, filter: ['==', ['id'], id as number] }).length,
[collection, fid] as const);

async function titleOf(page: Page, id: string): Promise<string> {
    const answer = await page.request.get('/collections');
    const { collections } = await answer.json() as { collections: { id: string; titles: { vi: string } }[] };
    return collections.find(one => one.id === id)!.titles.vi;
}

/// A feature made by somebody else, for a test to change.
async function givenFacility(page: Page, name: string, lon: number, lat: number): Promise<Item> {
    const answer = await page.request.post('/collections/facilities/items', {
        headers: { 'Content-Type': 'application/geo+json' },
        data: JSON.stringify({ type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] },
            properties: { name, kind: 'clinic' } }),
    });
    expect(answer.status()).toBe(201);
    const feature = await answer.json() as Item;
    made.push({ collection: 'facilities', fid: feature.id });
    return feature;
}

test.afterEach(async ({ page }) => {
    for (const { collection, fid } of made.splice(0)) {
        await page.request.delete(`/collections/${collection}/items/${fid}`, { headers: { 'If-Match': '*' } });
    }
});

test('a point that is placed by a click is made with its form, and is on another open page without a reload', async ({ page, context }) => {
    const { lon, lat } = await place(page, 1);
    const at = `#map=16/${lat}/${lon}&layers=facilities`;
    const other = await context.newPage();
    await open(other, at);
    await expect(other.getByText('Trực tuyến')).toBeVisible();
    await other.evaluate(() => { Object.assign(globalThis, { sameDocument: true }); });
    await open(page, at);
    await startCreating(page, 'facilities', await titleOf(page, 'facilities'));
    const name = `Trạm mới ${Date.now()}`;
    await form(page).getByLabel('Tên').fill(name);
    await form(page).getByLabel('Loại').selectOption('clinic');
    await page.getByRole('button', { name: 'Vẽ trên bản đồ' }).click();
    await expect(page.getByText('Bấm vào vị trí trên bản đồ')).toBeVisible();
    await drawingReady(page);
    const spot = await screen(page, lon, lat);
    await page.mouse.move(spot.x + 30, spot.y + 20);
    await page.mouse.click(spot.x + 40, spot.y + 20);
    await expect(page.getByText('Đã có vị trí, hình dạng, chưa lưu')).toBeVisible();
    await settled(page);
    await keep(page, 'create-point');
    await form(page).getByLabel('Lý do thay đổi').fill('Mở trạm');
    await page.getByRole('button', { name: 'Lưu' }).click();
    await expect(page.getByText(`Đã thêm “${name}”`)).toBeVisible();
    const fid = await opened(page, 'facilities');
    const wanted = await page.evaluate(([x, y]) => globalThis.diaban.map.unproject([x!, y!]).toArray(),
        await page.evaluate(([x, y]) => {
            const at = globalThis.diaban.map.project([x!, y!]);
            return [at.x + 40, at.y + 20];
        }, [lon, lat]));
    const now = await item(page, 'facilities', fid);
    const pixel = 360 / (512 * 2 ** 16); // degrees of longitude at zoom 16
    expect(now.properties.name).toBe(name);
    expect(Math.abs((now.geometry.coordinates as number[])[0]! - wanted[0]!)).toBeLessThan(2 * pixel);
    expect(Math.abs((now.geometry.coordinates as number[])[1]! - wanted[1]!)).toBeLessThan(2 * pixel);
    for (const each of [page, other]) await expect.poll(() => drawn(each, 'facilities', fid)).toBeGreaterThan(0);
    expect(await other.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
    await page.getByRole('button', { name: 'Hoàn tác' }).click();
    await expect(page.getByText('Đã hoàn tác lúc')).toBeVisible();
    for (const each of [page, other]) await expect.poll(() => drawn(each, 'facilities', fid)).toBe(0);
});

test('an area is drawn corner by corner, by clicks or without a pointer', async ({ page }) => {
    const { lon, lat } = await place(page, 0);
    await open(page, `#map=17/${lat}/${lon}&layers=parcels`);
    await startCreating(page, 'parcels', await titleOf(page, 'parcels'));
    await page.getByRole('button', { name: 'Vẽ trên bản đồ' }).click();
    await drawingReady(page);
    const middle = await screen(page, lon, lat);
    const corners = [[-60, -60], [60, -60], [60, 60], [-60, -60]] as const;
    for (const [x, y] of corners) {
        await page.mouse.move(middle.x + x - 3, middle.y + y, { steps: 3 });
        await page.mouse.move(middle.x + x, middle.y + y);
        await page.mouse.click(middle.x + x, middle.y + y);
    }
    await expect(page.getByText('Đã có vị trí, hình dạng, chưa lưu')).toBeVisible();
    await settled(page);
    await keep(page, 'create-area');
    await page.getByRole('button', { name: 'Vẽ lại' }).click();
    const go = (x: number, y: number) => page.evaluate(([east, north]) => {
        globalThis.diaban.map.jumpTo({ center: [east!, north!] });
    }, [lon + x, lat + y]);
    for (const [x, y] of [[0, 0], [0.001, 0], [0.001, 0.001]] as const) {
        await go(x, y);
        await page.getByRole('button', { name: 'Thêm đỉnh tại tâm bản đồ' }).click();
    }
    await expect(page.getByText('Đã đặt 3 đỉnh')).toBeVisible();
    await form(page).getByLabel('Số tờ bản đồ').fill('1');
    await form(page).getByLabel('Số thửa').fill('999');
    await form(page).getByLabel(/^Loại đất \(/).selectOption('ODT');
    await page.getByRole('button', { name: 'Lưu' }).click();
    await expect(page.getByText('Đã thêm')).toBeVisible();
    const fid = await opened(page, 'parcels');
    const { geometry } = await item(page, 'parcels', fid);
    const ring = (geometry.type === 'MultiPolygon'
        ? (geometry.coordinates as number[][][][])[0]![0]! : (geometry.coordinates as number[][][])[0]!);
    expect(ring).toHaveLength(4);
    for (const [x, y] of [[0, 0], [0.001, 0], [0.001, 0.001]] as const) {
        expect(ring.some(corner => Math.abs(corner[0]! - lon - x) < 1e-9 && Math.abs(corner[1]! - lat - y) < 1e-9)).toBe(true);
    }
});

test('what is not valid is said at its field, and nothing is made', async ({ page, watched }) => {
    const { lon, lat } = await place(page, 2);
    await open(page, `#map=16/${lat}/${lon}&layers=facilities`);
    await startCreating(page, 'facilities', await titleOf(page, 'facilities'));
    await form(page).getByLabel('Sức chứa').fill('nhiều');
    await page.getByRole('button', { name: 'Đặt tại tâm bản đồ' }).click();
    await page.getByRole('button', { name: 'Lưu' }).click();
    await expect(page.getByText(/^Chưa lưu: \d chỗ chưa hợp lệ$/)).toBeVisible();
    await expect(form(page).getByLabel('Sức chứa')).toHaveAttribute('aria-invalid', 'true');
    await expect(form(page).getByLabel('Tên')).toHaveAttribute('aria-invalid', 'true');
    await keep(page, 'create-faults');
    await expect.poll(() => watched.length).toBe(2);
    expect(watched.every(fault => fault.includes('422'))).toBe(true);
    watched.length = 0;
    await page.keyboard.press('Escape');
    await expect(form(page)).toBeHidden();
});

test('a file is deleted with its reason, and leaves the map', async ({ page }) => {
    const { lon, lat } = await place(page, 3);
    const { id } = await givenFacility(page, `Trạm bỏ ${Date.now()}`, lon, lat);
    await open(page, `#map=16/${lat}/${lon}&layers=facilities&select=facilities/${id}`);
    await expect.poll(() => drawn(page, 'facilities', id)).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Xóa', exact: true }).click();
    const ask = page.getByRole('form', { name: 'Xóa hồ sơ' });
    await expect(ask.getByRole('button', { name: 'Xóa hồ sơ này' })).toBeDisabled();
    await ask.getByLabel('Lý do xóa').fill('Trạm đã đóng');
    await keep(page, 'remove');
    await ask.getByRole('button', { name: 'Xóa hồ sơ này' }).click();
    await expect(page.getByText('Đã xóa')).toBeVisible();
    await expect.poll(() => drawn(page, 'facilities', id)).toBe(0);
    const history = await page.request.get(`/collections/facilities/items/${id}/history`);
    expect(JSON.stringify(await history.json())).toContain('Trạm đã đóng');
});

test('what somebody else changed meanwhile is shown before it is deleted', async ({ page, watched }) => {
    const { lon, lat } = await place(page, 4);
    const { id } = await givenFacility(page, 'Trước', lon, lat);
    await open(page, `#map=16/${lat}/${lon}&layers=facilities&select=facilities/${id}`);
    await page.getByRole('button', { name: 'Xóa', exact: true }).click();
    const ask = page.getByRole('form', { name: 'Xóa hồ sơ' });
    await ask.getByLabel('Lý do xóa').fill('Nhầm');
    const theirs = await page.request.patch(`/collections/facilities/items/${id}`, {
        headers: { 'If-Match': '*', 'Content-Type': 'application/merge-patch+json' },
        data: JSON.stringify({ properties: { name: 'Sau' } }),
    });
    expect(theirs.status()).toBe(200);
    await ask.getByRole('button', { name: 'Xóa hồ sơ này' }).click();
    const row = page.getByRole('alert').filter({ hasText: 'Người khác vừa sửa hồ sơ này' }).getByRole('row', { name: 'Tên' });
    await expect(row).toContainText('Trước');
    await expect(row).toContainText('Sau');
    await keep(page, 'remove-clash');
    await expect.poll(() => watched.length).toBe(2);
    expect(watched.every(fault => fault.includes('412'))).toBe(true);
    watched.length = 0;
    await ask.getByRole('button', { name: 'Vẫn xóa' }).click();
    await expect(page.getByText('Đã xóa')).toBeVisible();
    expect((await page.request.get(`/collections/facilities/items/${id}`)).status()).toBe(404);
});

test('the last change is taken back, unless somebody changed the file since', async ({ page, watched }) => {
    const { lon, lat } = await place(page, 5);
    const before = await givenFacility(page, 'Tên cũ', lon, lat);
    const path = `/collections/facilities/items/${before.id}`;
    await open(page, `#map=16/${lat}/${lon}&layers=facilities&select=facilities/${before.id}`);
    const rename = async (name: string) => {
        await page.getByRole('button', { name: 'Sửa' }).click();
        await page.getByRole('form', { name: 'Sửa hồ sơ' }).getByLabel('Tên').fill(name);
        await page.getByRole('button', { name: 'Lưu' }).click();
        await expect(page.getByText('Đã lưu lúc')).toBeVisible();
    };
    await rename('Tên mới');
    await page.getByRole('button', { name: 'Hoàn tác' }).click();
    await expect(page.getByText('Đã hoàn tác lúc')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Tên cũ' })).toBeVisible();
    const now = await item(page, 'facilities', before.id);
    expect(now.properties).toEqual(before.properties);
    expect(now.geometry).toEqual(before.geometry);
    await rename('Tên khác');
    await page.request.patch(path, {
        headers: { 'If-Match': '*', 'Content-Type': 'application/merge-patch+json' },
        data: JSON.stringify({ properties: { address: 'Của họ' } }),
    });
    await page.getByRole('button', { name: 'Hoàn tác' }).click();
    await expect(page.getByRole('alert')).toContainText('412');
    await expect.poll(() => watched.length).toBe(2);
    expect(watched.every(fault => fault.includes('412'))).toBe(true);
    watched.length = 0;
    expect((await item(page, 'facilities', before.id)).properties).toMatchObject({ name: 'Tên khác', address: 'Của họ' });
});
