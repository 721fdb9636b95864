// What a layer is asked in the console: what is near, how many there are by unit, and a file of it.

import { readFile } from 'node:fs/promises';
import { expect, keep, open, test } from './console';
import type { Page } from '@playwright/test';

async function ask(page: Page, collection: string): Promise<void> {
    const row = page.locator(`[data-collection=${collection}]`);
    await row.getByRole('button').first().click();
    await row.getByRole('button', { name: 'Gần nhất, đếm, xuất tệp' }).click();
}

test('nearest facilities are those that the server finds, and each opens', async ({ page }) => {
    await open(page, '#layers=places,facilities');
    await ask(page, 'facilities');
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Gần nhất' }) });
    await expect(section.getByRole('listitem')).toHaveCount(5);
    const { lng, lat } = await page.evaluate(() => {
        const centre = globalThis.diaban.map.getCenter();
        return { lng: centre.lng, lat: centre.lat };
    });
    const answer = await page.request.get(`/collections/facilities/nearest?lon=${lng.toFixed(7)}&lat=${lat.toFixed(7)}&limit=5`);
    const { features } = await answer.json() as { features: { id: number; distance_m: number; properties: { name?: string } }[] };
    const shown = await section.getByRole('listitem').allInnerTexts();
    features.forEach(({ properties, distance_m: metres }, i) => {
        if (properties.name) expect(shown[i]).toContain(properties.name);
        const kilometres = (metres / 1000).toLocaleString('vi-VN', { maximumFractionDigits: 1 });
        if (metres >= 1000) expect(shown[i]).toContain(`${kilometres} km`);
    });
    await keep(page, 'ask');
    await section.getByRole('button').nth(1).click(); // the first is that of the centre
    await expect(page).toHaveURL(new RegExp(`select=facilities/${features[0]!.id}`));
});

test('counts by commune sum up to what lies in the view', async ({ page }) => {
    await open(page, '#layers=places,facilities');
    await ask(page, 'facilities');
    await page.getByRole('button', { name: 'Đếm', exact: true }).click();
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Đếm theo đơn vị' }) });
    const total = section.getByRole('status');
    await expect(total).toHaveText(/^[\d.]+ đối tượng$/);
    const bounds = await page.evaluate(() => globalThis.diaban.map.getBounds().toArray().flat());
    const answer = await page.request.get(`/collections/facilities/count?by=commune&bbox=${bounds.map(v => v.toFixed(6)).join(',')}`);
    const count = await answer.json() as { count: number; groups: { name: string; count: number }[] };
    expect(Number((await total.innerText()).replace(/\D/g, ''))).toBe(count.count);
    const most = count.groups.reduce((best, one) => Math.max(best, one.count), 0);
    await expect(section.getByRole('row').first()).toContainText(most.toLocaleString('vi-VN'));
});

test('a layer is exported as a job, fetched, and taken off the list', async ({ page }) => {
    test.setTimeout(120_000);
    await open(page, '#layers=places,facilities');
    await ask(page, 'facilities');
    await page.getByLabel('Khuôn dạng').selectOption('csv');
    const before = await page.locator('[data-job]').count();
    await page.getByRole('button', { name: 'Xuất', exact: true }).click();
    await expect(page.locator('[data-job]')).toHaveCount(before + 1);
    const job = page.locator('[data-job]').first();
    await expect(job).toContainText('Đã xong', { timeout: 60_000 });
    await keep(page, 'ask-export');
    const [download] = await Promise.all([page.waitForEvent('download'), job.getByRole('link', { name: /^Tải xuống/ }).click()]);
    expect(download.suggestedFilename()).toBe('facilities.csv');
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    const { numberMatched } = await (await page.request.get('/collections/facilities/items?limit=1')).json() as { numberMatched: number };
    expect(lines.length).toBe(numberMatched + 1);
    await job.getByRole('button', { name: 'Bỏ khỏi danh sách' }).click();
    await expect(page.locator('[data-job]')).toHaveCount(before);
});

test('an export under way shows its progress and can be cancelled', async ({ page }) => {
    test.setTimeout(120_000);
    await open(page, '#layers=places,parcels');
    await ask(page, 'parcels');
    await page.getByLabel('Khuôn dạng').selectOption('gpkg');
    await page.getByRole('button', { name: 'Xuất', exact: true }).click();
    const job = page.locator('[data-job]').first();
    await expect(job.getByRole('progressbar')).toBeVisible();
    await keep(page, 'ask-progress');
    await job.getByRole('button', { name: 'Hủy' }).click();
    await expect(page.locator('[data-job]', { has: page.getByRole('progressbar') })).toHaveCount(0);
});
