// A file is edited in the console, and the map shows it.

import { expect, keep, open, settled, test } from './console';
import type { Page } from '@playwright/test';

interface Facility { id: number; geometry: { type: string; coordinates: [number, number] }; properties: Record<string, unknown> }

/// A facility of the demo, as the server has it.
async function someFacility(page: Page): Promise<Facility> {
    const answer = await page.request.get('/collections/facilities/items?limit=1');
    const { features } = await answer.json() as { features: Facility[] };
    expect(features.length, 'the demo has facilities').toBe(1);
    return features[0]!;
}

const openFile = async (page: Page, { id, geometry }: Facility): Promise<void> => {
    const [lon, lat] = geometry.coordinates;
    await open(page, `#map=16/${lat}/${lon}&layers=facilities&select=facilities/${id}`);
};

/// The name that the map's own tile gives the feature.
const drawnName = (page: Page, fid: number) => page.evaluate(id => globalThis.diaban.map
    .querySourceFeatures('facilities', { sourceLayer: 'facilities' })
    .find(feature => feature.id === id)?.properties.name as string | undefined, fid);

const field = (page: Page, name: string) => page.getByRole('form', { name: 'Sửa hồ sơ' }).getByLabel(name);

/// One answer was meant to fail: it is told twice, by the network and on the console.
async function forget(watched: string[], status: number): Promise<void> {
    await expect.poll(() => watched.length).toBe(2);
    expect(watched.every(fault => fault.includes(String(status)))).toBe(true);
    watched.length = 0;
}

test.describe('editing', () => {
    test('a field that is changed is on the map and in the history with its reason', async ({ page }) => {
        const facility = await someFacility(page);
        const name = `Trạm thử ${Date.now()}`;
        await openFile(page, facility);
        await page.getByRole('button', { name: 'Sửa' }).click();
        await field(page, 'Tên').fill(name);
        await field(page, 'Lý do thay đổi').fill('Đặt lại tên');
        await keep(page, 'edit-form');
        await page.getByRole('button', { name: 'Lưu' }).click();
        await expect(page.getByText('Đã lưu lúc')).toBeVisible();
        await expect(page.getByRole('heading', { name })).toBeVisible();
        await settled(page);
        await expect.poll(() => drawnName(page, facility.id)).toBe(name);
        await keep(page, 'edit-saved');
        const history = await page.request.get(`/collections/facilities/items/${facility.id}/history?limit=1`);
        const { features } = await history.json() as { features: { properties: Record<string, unknown> }[] };
        expect(features[0]!.properties).toMatchObject({ name, reason: 'Đặt lại tên', recorded_by: 'local' });
    });

    test('what is not valid is said at its field and nothing is written', async ({ page, watched }) => {
        const facility = await someFacility(page);
        await openFile(page, facility);
        await page.getByRole('button', { name: 'Sửa' }).click();
        await field(page, 'Sức chứa').fill('nhiều');
        await field(page, 'Tên').fill('');
        await page.getByRole('button', { name: 'Lưu' }).click();
        await expect(page.getByText('Chưa lưu: 2 chỗ chưa hợp lệ')).toBeVisible();
        await expect(field(page, 'Sức chứa')).toHaveAttribute('aria-invalid', 'true');
        await expect(field(page, 'Tên')).toHaveAttribute('aria-invalid', 'true');
        await keep(page, 'edit-faults');
        await forget(watched, 422);
        const now = await (await page.request.get(`/collections/facilities/items/${facility.id}`)).json() as Facility;
        expect(now.properties.name).toBe(facility.properties.name);
    });

    test('what somebody else changed meanwhile is shown beside, and neither is lost', async ({ page, watched }) => {
        const facility = await someFacility(page);
        await openFile(page, facility);
        await page.getByRole('button', { name: 'Sửa' }).click();
        const address = `Số ${Date.now()}`; // another one each time this runs
        await field(page, 'Tên').fill('Của tôi');
        const path = `/collections/facilities/items/${facility.id}`;
        const theirs = await page.request.patch(path, {
            headers: { 'If-Match': '*', 'Content-Type': 'application/merge-patch+json' },
            data: JSON.stringify({ properties: { name: 'Của họ', address } }),
        });
        expect(theirs.status()).toBe(200);
        await page.getByRole('button', { name: 'Lưu' }).click();
        const clash = page.getByRole('alert').filter({ hasText: 'Người khác vừa sửa hồ sơ này' });
        await expect(clash.getByRole('row', { name: 'Tên' })).toContainText('Của họ');
        await expect(clash.getByRole('row', { name: 'Tên' })).toContainText('Của tôi');
        await expect(clash.getByRole('row', { name: 'Địa chỉ' })).toContainText(address);
        await keep(page, 'edit-clash');
        await forget(watched, 412);
        await page.getByRole('button', { name: 'Lưu lại' }).click();
        await expect(page.getByText('Đã lưu lúc')).toBeVisible();
        const now = await (await page.request.get(path)).json() as Facility;
        expect(now.properties).toMatchObject({ name: 'Của tôi', address });
    });

    test('a point dragged on the map moves in the record by as much', async ({ page }) => {
        const facility = await someFacility(page);
        await openFile(page, facility);
        await page.getByRole('button', { name: 'Sửa' }).click();
        await page.getByRole('button', { name: 'Sửa trên bản đồ' }).click();
        await expect(page.getByText('Bấm đối tượng để chọn')).toBeVisible();
        await page.waitForFunction(() => Object.keys(globalThis.diaban.map.getStyle().sources).some(id => id.startsWith('td-')));
        await settled(page);
        const at = await page.evaluate(([x, y]) => {
            const { map } = globalThis.diaban;
            const box = map.getCanvas().getBoundingClientRect();
            const place = map.project([x!, y!]);
            return { x: box.left + place.x, y: box.top + place.y };
        }, facility.geometry.coordinates);
        await page.mouse.move(at.x, at.y);
        await page.mouse.down();
        await page.mouse.move(at.x + 20, at.y, { steps: 5 });
        await page.mouse.move(at.x + 60, at.y, { steps: 5 });
        await page.mouse.up();
        await expect(page.getByText('Vị trí, hình dạng đã đổi, chưa lưu')).toBeVisible();
        await keep(page, 'edit-drag');
        const [wanted] = await page.evaluate(([x, y]) => {
            const { map } = globalThis.diaban;
            const place = map.project([x!, y!]);
            return map.unproject([place.x + 60, place.y]).toArray();
        }, facility.geometry.coordinates);
        await page.getByRole('button', { name: 'Lưu' }).click();
        await expect(page.getByText('Đã lưu lúc')).toBeVisible();
        const now = await (await page.request.get(`/collections/facilities/items/${facility.id}`)).json() as Facility;
        const pixel = 360 / (512 * 2 ** 16); // degrees of longitude at zoom 16
        expect(Math.abs(now.geometry.coordinates[0] - wanted!)).toBeLessThan(4 * pixel);
        expect(now.geometry.coordinates[0]).not.toBe(facility.geometry.coordinates[0]);
    });
});
