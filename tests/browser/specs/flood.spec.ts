// Water in the console: a level that moves without the server, a breach that is drawn, frames as they
// come, and who and what is in them.

import { expect, heart, keep, open, redderPixels, test } from './console';
import type { Page } from '@playwright/test';

const view = `#map=12/${heart.lat}/${heart.lon}&layers=places`;

async function openFlood(page: Page): Promise<void> {
    await open(page, view);
    await page.getByRole('button', { name: 'Thiên tai', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Mực nước trên dòng chảy' })).toBeVisible();
    await page.waitForFunction(() => globalThis.diaban.map.isSourceLoaded('flood-hand'));
}

/// Water that was computed: land, sea and lines are greyer.
const wetPixels = (page: Page) => redderPixels(page, -35);

/// A short line beside the middle of the map.
async function drawBreach(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Vẽ chỗ vỡ' }).click();
    await page.waitForFunction(() =>
        Object.keys(globalThis.diaban.map.getStyle().sources).some(id => id.startsWith('td-')));
    const centre = await page.evaluate(() => {
        const box = globalThis.diaban.map.getCanvas().getBoundingClientRect();
        return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    });
    await page.mouse.click(centre.x - 10, centre.y);
    await page.mouse.move(centre.x + 5, centre.y + 10);
    await page.mouse.click(centre.x + 10, centre.y + 15);
    await page.mouse.click(centre.x + 10, centre.y + 15);
    await expect(page.getByText('Đã vẽ')).toBeVisible();
}

const numberIn = (text: string) => Number(text.replace(/\D/g, ''));

test('the level moves water on the map without asking the server for tiles, and its impact follows', async ({ page }) => {
    test.setTimeout(120_000);
    await openFlood(page);
    const dry = await wetPixels(page);
    const asked: string[] = [];
    page.on('request', request => {
        if (new URL(request.url()).pathname.includes('/tiles/')) asked.push(request.url());
    });
    const slider = page.getByRole('slider', { name: 'Mực nước trên dòng chảy' });
    await slider.fill('2');
    const low = await wetPixels(page);
    await slider.fill('6');
    const high = await wetPixels(page);
    expect(low).toBeGreaterThan(dry);
    expect(high).toBeGreaterThan(low);
    expect(asked).toEqual([]);
    const people = page.locator('[data-people=affected]');
    await expect(people).toHaveText(/\d/, { timeout: 60_000 });
    await expect(page.getByText('Đang đếm…')).toHaveCount(0, { timeout: 60_000 });
    const many = numberIn(await people.innerText());
    await keep(page, 'flood-level');
    for (let i = 0; i < 10; i += 1) await page.getByRole('button', { name: 'Hạ mực nước' }).click();
    await expect(page.getByText('+1 m', { exact: true })).toBeVisible();
    await expect(async () => {
        expect(numberIn(await people.innerText())).toBeLessThan(many);
    }).toPass({ timeout: 60_000 });
    const list = page.locator('[data-exposed=facilities] a');
    const shown = numberIn(await list.innerText());
    const answer = await page.request.get(`${await list.getAttribute('href')}&limit=1`, { headers: { Accept: 'application/geo+json' } });
    expect((await answer.json() as { numberMatched: number }).numberMatched).toBe(shown);
});

test('a breach is drawn, its frames arrive, and the impact panel follows the time slider', async ({ page }) => {
    test.setTimeout(180_000);
    await openFlood(page);
    await drawBreach(page);
    await page.getByLabel('Kéo dài (giờ)').fill('2');
    await page.getByRole('button', { name: 'Chạy mô phỏng' }).click();

    const frames = page.locator('[data-frames]');
    await expect(frames).toBeVisible({ timeout: 60_000 });
    await expect(page.locator('[data-flood=successful]')).toBeVisible({ timeout: 120_000 });
    await expect(frames).toHaveAttribute('data-frames', '12');
    await expect(frames).toContainText('12/12');
    await expect(page.getByText(/Sai số khối lượng nước/)).toBeVisible();

    const parcels = page.locator('[data-exposed=parcels] td').first();
    await expect(parcels).toHaveText(/\d/, { timeout: 60_000 });
    await expect(page.getByText('Đang đếm…')).toHaveCount(0, { timeout: 60_000 });
    await page.waitForFunction(() => globalThis.diaban.map.isSourceLoaded('flood-frame'));
    const late = numberIn(await parcels.innerText());
    const wide = await wetPixels(page);
    await keep(page, 'flood-breach');

    const counting = page.waitForRequest(one => one.method() === 'POST' && one.url().includes('/processes/exposure/execution'));
    await page.getByRole('slider', { name: 'Thời gian ngập' }).fill('0');
    await expect(frames).toContainText('1/12');
    await counting;
    await expect(page.getByText('Đang đếm…')).toHaveCount(0, { timeout: 60_000 });
    await page.waitForFunction(() => globalThis.diaban.map.isSourceLoaded('flood-frame'));
    expect(numberIn(await parcels.innerText())).toBeLessThan(late);
    expect(await wetPixels(page)).toBeLessThan(wide);
});

test('a flood is paused, goes on, and its scenario is changed from a frame', async ({ page }) => {
    test.setTimeout(240_000);
    await openFlood(page);
    await drawBreach(page);
    await page.getByLabel('Kéo dài (giờ)').fill('12');
    await page.getByRole('button', { name: 'Chạy mô phỏng' }).click();
    const job = page.locator('[data-flood]');
    const frames = page.locator('[data-frames]');
    await expect(frames).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Tạm dừng tính' }).click();
    await expect(job).toHaveAttribute('data-paused', 'true');
    await expect(page.getByText(/Đang tạm dừng ở/)).toBeVisible();
    const count = async () => Number(await frames.getAttribute('data-frames'));
    let before = -1;
    await expect(async () => { // the frame under way is finished first
        const now = await count();
        const rests = now === before;
        before = now;
        expect(rests).toBe(true);
    }).toPass({ timeout: 30_000, intervals: [2_500] });
    await keep(page, 'flood-paused');
    await page.getByRole('button', { name: 'Tính tiếp' }).click();
    await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(before);
    await expect(page.locator('[data-flood=successful]')).toBeVisible({ timeout: 180_000 });

    await page.getByRole('slider', { name: 'Thời gian ngập' }).fill('2');
    await expect(frames).toContainText('3/');
    await page.getByLabel('Lưu lượng (m³/s)').fill('900');
    await page.getByLabel('Kéo dài (giờ)').fill('2');
    const asked = page.waitForRequest(one => one.url().includes('/processes/inundation/execution'));
    await page.getByRole('button', { name: 'Đổi kịch bản từ khung 3' }).click();
    const { inputs } = (await asked).postDataJSON() as { inputs: { from: { frame: number }; releases: { discharge: number[][] }[] } };
    expect(inputs.from.frame).toBe(3);
    expect(inputs.releases[0]!.discharge.at(-1)).toEqual([50, 900]);
    await expect(page.locator('[data-flood=successful]')).toBeVisible({ timeout: 120_000 });
    await expect(frames).toHaveAttribute('data-frames', '12', { timeout: 120_000 });
});
