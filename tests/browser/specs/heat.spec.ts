// Heat in the console: by kind and hour, with when and whether it rises, and hot spots on the map.

import { expect, keep, needsData, open, realData, redderPixels, test } from './console';
import type { Page } from '@playwright/test';

interface Counted { count: number }
const counted = async (page: Page, collection: string, query: string) => (await (
    await page.request.get(`/collections/${collection}/heat?${query}`)).json() as Counted).count;
const shown = async (page: Page) => Number(await page.locator('[data-heat-count]').getAttribute('data-heat-count'));

const warmPixels = (page: Page) => redderPixels(page, 60);

async function openHeat(page: Page, fragment: string): Promise<void> {
    await open(page, fragment);
    await page.getByRole('button', { name: 'Sự cố', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Mật độ sự cố' })).toBeVisible();
    await expect(page.locator('[data-heat-count]')).toBeVisible();
}

const drawn = (page: Page) => page.waitForFunction(() => globalThis.diaban.map.isSourceLoaded('heat') && globalThis.diaban.map.areTilesLoaded());

test('heat of reports follows the chosen hours and categories, and says how many they are', async ({ page }) => {
    await openHeat(page, '#map=9/18.34/105.9&layers=places');
    const all = await counted(page, 'reports', '');
    expect(await shown(page)).toBe(all);
    await expect(page.locator('.heat').getByText('GIẢ LẬP', { exact: true })).toBeVisible();
    await drawn(page);
    const warm = await warmPixels(page);
    expect(warm).toBeGreaterThan(500);
    await expect(page.getByRole('img', { name: /^Theo giờ và thứ/ }).locator('svg')).toBeVisible();

    const kinds = page.getByRole('group', { name: /^Loại/ }).getByRole('checkbox');
    const tiles = page.waitForResponse(answer => answer.url().includes('/heat/tiles/') && answer.url().includes('filter='));
    await kinds.first().check();
    await tiles;
    const { values } = await (await page.request.get('/collections/reports/values/category')).json() as { values: { value: string; count: number }[] };
    await expect(page.locator('[data-heat-count]')).toHaveAttribute('data-heat-count', String(values[0]!.count));
    await page.getByLabel('Từ giờ').selectOption('18');
    const evening = await counted(page, 'reports', `hours=18-23&filter=${encodeURIComponent(`category IN ('${values[0]!.value}')`)}`);
    await expect(page.locator('[data-heat-count]')).toHaveAttribute('data-heat-count', String(evening));
    expect(evening).toBeLessThan(values[0]!.count);
    await drawn(page);
    await expect(async () => expect(await warmPixels(page)).toBeLessThan(warm)).toPass({ timeout: 10_000 });
    await keep(page, 'heat-reports');

    // The table of hours agrees with what is chosen.
    await page.getByText('Số liệu', { exact: true }).click();
    const cells = await page.locator('[data-cell]').evaluateAll(all => all.map(one => [one.getAttribute('data-cell')!, Number(one.textContent!.replace(/\D/g, ''))] as const));
    expect(cells.filter(([cell]) => Number(cell.split('-')[1]) < 18).every(([, count]) => count === 0)).toBe(true);
    expect(cells.reduce((sum, [, count]) => sum + count, 0)).toBe(evening);
});

test('heat is shown as hexagons, squares and communes, whose counts are the server\'s', async ({ page }) => {
    await openHeat(page, '#map=10/18.34/105.9&layers=places');
    interface Cells { count: number; features: { properties: { count: number } }[]; elsewhere: number }
    for (const form of ['hexagon', 'square', 'commune'] as const) {
        const answered = page.waitForResponse(answer => answer.url().includes(`by=${form}`));
        await page.getByLabel('Hiện bằng').selectOption(form);
        const cells = await (await answered).json() as Cells;
        const told = page.locator(`[data-cells][data-form=${form}]`);
        await expect(told).toHaveAttribute('data-cells', String(cells.features.length));
        expect(cells.features.reduce((sum, one) => sum + one.properties.count, 0) + cells.elsewhere).toBe(cells.count);
        expect(cells.features.length).toBeGreaterThan(5);
        await page.waitForFunction(() => globalThis.diaban.map.getLayer('heat-cells') !== undefined && globalThis.diaban.map.areTilesLoaded());
        await page.waitForFunction(() => globalThis.diaban.map.queryRenderedFeatures({ layers: ['heat-cells'] }).length > 5);
        await keep(page, `heat-${form}`);
    }
    await page.getByLabel('Hiện bằng').selectOption('density');
    await page.waitForFunction(() => globalThis.diaban.map.getLayer('heat') !== undefined && globalThis.diaban.map.getLayer('heat-cells') === undefined);
});

test('real incidents of a city as heat by hour and category, with hot spots of the view', async ({ page }) => {
    test.skip(!realData, needsData);
    test.setTimeout(120_000);
    await openHeat(page, '#map=10/29.76/-95.37&layers=places');
    await page.getByLabel('Lớp dữ liệu').selectOption('incidents_houston');
    await expect(page.locator('[data-heat-count="86309"]')).toBeVisible();
    await drawn(page);
    await keep(page, 'heat-houston');
    await page.getByRole('checkbox', { name: /^Cướp/ }).check();
    await page.getByLabel('Từ giờ').selectOption('20');
    const query = `hours=20-23&filter=${encodeURIComponent("kind IN ('robbery')")}`;
    await expect(page.locator('[data-heat-count]')).toHaveAttribute('data-heat-count', String(await counted(page, 'incidents_houston', query)));
    await drawn(page);
    await page.getByRole('button', { name: 'Tìm điểm nóng trong khung nhìn' }).click();
    const spots = page.locator('[data-spots]');
    await expect(spots).toBeVisible({ timeout: 60_000 });
    expect(Number(await spots.getAttribute('data-spots'))).toBeGreaterThan(5);
    await page.waitForFunction(() => globalThis.diaban.map.querySourceFeatures('hot-spots').length > 0);
    await keep(page, 'heat-spots');
});
