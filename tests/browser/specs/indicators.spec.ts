// What is counted, on the map: choropleth over periods and both lists of units, ranking, trend, the file
// of a place, and a new value that recolours an open map.

import type { Page } from '@playwright/test';
import { ckmeans } from 'simple-statistics';
import { expect, keep, needsData, open, realData, settled, test } from './console';
import { database, needsRecord, record } from './record';

test.skip(!realData, needsData);

const panel = (page: Page) => page.getByRole('complementary', { name: 'Chỉ tiêu' });

async function counting(page: Page, code: string): Promise<void> {
    await open(page, '#map=5/16/106.5&layers=places');
    await page.getByRole('button', { name: 'Chỉ tiêu' }).click();
    await panel(page).getByLabel('Chỉ tiêu', { exact: true }).selectOption(code);
    await expect(panel(page).getByRole('list', { name: 'Chú giải' }).getByRole('listitem')).toHaveCount(5);
    await settled(page);
}

/// The colour of each unit, as the map's style has it.
const painted = (page: Page) => page.evaluate(() => {
    const fill = globalThis.diaban.map.getPaintProperty('indicator-fill', 'fill-color') as unknown as unknown[];
    const colours: Record<string, string> = {};
    for (let i = 2; i + 1 < fill.length; i += 2) for (const code of fill[i] as string[]) colours[code] = fill[i + 1] as string;
    return colours;
});

interface Values { period: string; values: { code: string; value: number | null }[]; classes: { bounds: number[] } }

test('classes are those of the reference library, in both lists and at every level', async ({ page }) => {
    for (const query of ['period=2019', 'period=2019&on=2025-06-30', 'period=2019&level=commune&province=42', 'period=2019&level=commune']) {
        for (const classes of [3, 5, 7]) {
            const answer = await page.request.get(`/indicators/census_population/values?${query}&classes=${classes}`);
            const { values, classes: { bounds } } = await answer.json() as Values;
            const numbers = values.flatMap(one => (one.value === null ? [] : [one.value]));
            const wanted = ckmeans(numbers, classes).slice(1).map(cluster => cluster[0]);
            expect(bounds, `${query}, ${classes} classes of ${numbers.length}`).toEqual(wanted);
        }
    }
});

test('the choropleth follows the slider and the list of units', async ({ page }) => {
    await counting(page, 'population');
    expect(Object.keys(await painted(page))).toHaveLength(34);
    const slider = panel(page).getByRole('slider', { name: 'Kỳ báo cáo' });
    await expect(slider).toHaveAttribute('aria-valuetext', '2020');
    const newest = await painted(page);
    await panel(page).getByRole('button', { name: 'Kỳ trước' }).click();
    await expect(slider).toHaveAttribute('aria-valuetext', '2019');
    await slider.focus();
    await page.keyboard.press('Home');
    await expect(slider).toHaveAttribute('aria-valuetext', '1998');
    await expect.poll(() => painted(page)).not.toEqual(newest);
    await panel(page).getByLabel('Trước 01/7/2025').check();
    await expect.poll(async () => Object.keys(await painted(page)).length).toBe(63);
    await settled(page);
    await keep(page, 'indicators-before');
});

test('budget, PCI, PAPI and the land cover of districts are mapped and ranked', async ({ page }) => {
    await counting(page, 'budget_revenue');
    await panel(page).getByLabel('Trước 01/7/2025').check();
    for (const [code, level, units] of [['budget_revenue', 'province', 63], ['budget_spending', 'province', 63],
        ['pci', 'province', 63], ['papi', 'province', 63], ['forest_share', 'district', 607], ['cropland_share', 'district', 607]] as const) {
        await panel(page).getByLabel('Chỉ tiêu', { exact: true }).selectOption(code);
        await panel(page).getByLabel('Cấp', { exact: true }).selectOption(level);
        await expect.poll(async () => Object.keys(await painted(page)).length, code).toBe(units);
        const ranks = panel(page).getByRole('region', { name: 'Xếp hạng' }).getByRole('listitem');
        await expect(ranks).toHaveCount(Math.min(units, 100));
        await expect(ranks.first()).toContainText('1');
    }
    await settled(page);
    await keep(page, 'indicators-districts');
});

test('the census says what is placed, estimated and waiting, and that parts agree', async ({ page }) => {
    await counting(page, 'census_population');
    await expect(panel(page).getByText('Tổng của 63 đơn vị khớp với các phần')).toBeVisible();
    await panel(page).getByLabel('Cấp', { exact: true }).selectOption('commune');
    const totals = panel(page).locator('.totals');
    await expect(totals).toContainText('82.210.772');
    await expect(totals).toContainText('7.567.249');
    await expect(totals).toContainText('6.430.963');
    await expect(totals).toContainText('96.208.984');
    await settled(page);
    await keep(page, 'indicators-communes');
});

test('a unit of the ranking opens its trend and its file', async ({ page }) => {
    await counting(page, 'budget_revenue');
    const ranking = panel(page).getByRole('region', { name: 'Xếp hạng' });
    await ranking.getByRole('button', { name: 'Tỉnh Thái Nguyên' }).click();
    const file = page.getByRole('region', { name: 'Hồ sơ địa bàn' });
    await expect(file.getByRole('button', { name: 'Tỉnh Bắc Kạn' })).toBeVisible(); // what it was made of
    await expect(file.getByRole('row', { name: /Thu ngân sách/ })).toContainText('/34');
    await keep(page, 'indicators-file');
    await page.getByRole('main').getByRole('button', { name: 'Chỉ tiêu' }).click(); // one panel at a time
    const trend = panel(page).getByRole('region', { name: 'Xu thế' });
    await expect(trend.getByRole('img', { name: 'Xu thế: Tỉnh Thái Nguyên, 9 kỳ' })).toBeVisible();
    await expect(trend.locator('svg path').first()).toBeAttached();
    await expect(trend.getByText(/Dự báo: .*80 %/)).toBeVisible();
    await trend.scrollIntoViewIfNeeded();
    await keep(page, 'indicators-trend');
});

test('a new value changes the colours of an open map without a tile being fetched', async ({ page }) => {
    test.skip(!database, needsRecord);
    await counting(page, 'passenger_traffic');
    const before = await painted(page);
    const tiles: string[] = [];
    page.on('request', request => { if (request.url().includes('.mvt')) tiles.push(request.url()); });
    const [[fid, was]] = await record(`select fid, value from record.indicators where code = 'passenger_traffic'
        and place_code = '42' and period = '2020'`) as [[string, string]];
    try {
        await record(`update record.indicators set value = 123456789 where fid = ${fid}`);
        await expect.poll(() => painted(page)).not.toEqual(before);
        expect((await painted(page))['42']).toBe('#05403C');
        await settled(page);
        expect(tiles).toEqual([]);
    } finally {
        await record(`update record.indicators set value = ${was} where fid = ${fid}`);
    }
    await expect.poll(() => painted(page)).toEqual(before);
    const history = await page.request.get(`/collections/indicators/items/${fid}/history`);
    const { features } = await history.json() as { features: { properties: { value: number } }[] };
    expect(features.slice(0, 2).map(one => one.properties.value)).toEqual([Number(was), 123_456_789]);
});
