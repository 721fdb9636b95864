// The demonstration backan: figures survive the merger. The guide's steps are walked, and what they show is held against
// the official crosswalk and the record.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import Excel from 'exceljs';
import { faults } from './axe';
import { dataFolder, expect, keep, needsData, realData, searchField, settled, test } from './console';
import { database, needsRecord, record } from './record';
import { Tour } from './tour';

test.skip(!database, needsRecord);
test.skip(!realData, needsData);

const code = 'passenger_traffic';
const where = `code = '${code}' AND place_code = '06' AND period = '2020'`;
const people = '96.208.984'; // of the census of 2019

const panel = (page: Page) => page.getByRole('complementary', { name: 'Chỉ tiêu' });
const stored = async () => (await record(`SELECT value FROM record.indicators WHERE ${where}`))[0]![0]!;
const colourOf = (page: Page, unit: string) => page.evaluate(one => {
    const fill = globalThis.diaban.map.getPaintProperty('indicator-fill', 'fill-color') as unknown as unknown[];
    return fill.find((_, i) => i > 2 && Array.isArray(fill[i - 1]) && (fill[i - 1] as string[]).includes(one)) as string;
}, unit);

/// The form as it is downloaded, changed.
async function form(page: Page, change: (sheet: Excel.Worksheet) => void): Promise<void> {
    const forms = panel(page).getByRole('region', { name: 'Biểu mẫu báo cáo' });
    const download = page.waitForEvent('download');
    await forms.getByRole('link', { name: 'Tải biểu mẫu' }).click();
    const book = new Excel.Workbook();
    await book.xlsx.readFile(await (await download).path());
    change(book.worksheets[0]!);
    await forms.getByLabel('Nộp biểu mẫu đã điền').setInputFiles({
        name: 'bieu-mau.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        buffer: Buffer.from(await book.xlsx.writeBuffer()),
    });
}

/// Former communes of Bắc Kạn and the present ones they are in, by the table of the resolution.
function crosswalk(): [former: number, present: number] {
    const rows = readFileSync(join(dataFolder, 'admin/crosswalk_2025-07-01.csv'), 'utf8').normalize('NFC').split('\n')
        .filter(row => row.includes('Tỉnh Bắc Kạn (06)')).map(row => row.split(','));
    return [new Set(rows.map(row => row[4])).size, new Set(rows.map(row => row[2])).size];
}

test('the tour of Bắc Kạn shows that figures survive the merger', async ({ page, watched }) => {
    test.setTimeout(180_000);
    const before = await stored();
    const tour = new Tour(page);
    await tour.begin('backan', '#map=6.5/21.5/105.9&layers=places');
    expect(await faults(page)).toEqual([]);
    await keep(page, 'scene-backan-1');
    try {
        await tour.step('search', () => searchField(page).fill('Bac Kan'));
        await tour.step('place', async () => {
            await searchField(page).focus();
            await page.getByRole('option').filter({ hasText: 'Tỉnh Bắc Kạn' }).getByRole('button').click();
        });
        const file = page.getByRole('region', { name: 'Hồ sơ địa bàn' });
        await tour.step('became', async () => {
            await expect(file.getByRole('button', { name: 'Tỉnh Thái Nguyên' })).toBeVisible();
            await expect(file.locator('[data-communes]')).toHaveText('108 xã, phường cũ nằm trong 37 xã, phường mới');
        });
        expect(crosswalk()).toEqual([108, 37]);
        await tour.step('room', () => page.getByRole('navigation').getByRole('button', { name: 'Chỉ tiêu' }).click());
        await tour.step('indicator', () => panel(page).getByLabel('Chỉ tiêu', { exact: true }).selectOption(code));
        await expect(panel(page).getByRole('region', { name: 'Xếp hạng' }).getByRole('listitem')).toHaveCount(63);
        await settled(page);

        await tour.step('faults', async () => {
            await form(page, sheet => {
                const end = sheet.rowCount;
                const planted: [string, Excel.CellValue][] = [
                    ['C4', 'một trăm'], ['C5', 'hai'], ['C6', 'ba'], ['C7', 'bốn'], ['B8', 'Tỉnh Nào Đó'], ['D2', 'khong_co'], ['E8', 3],
                    ['F2', code], [`A${end + 1}`, '99'], [`A${end + 2}`, '06'],
                ];
                for (const [cell, value] of planted) sheet.getCell(cell).value = value;
            });
            await expect(panel(page).getByRole('alert')).toContainText('Có 10 ô sai. Chưa ghi gì.');
        });
        expect(watched.splice(0).every(fault => fault.includes('422'))).toBe(true); // the refusal is what was wanted
        expect(await stored()).toBe(before);
        await keep(page, 'scene-backan-2');

        const tiles: string[] = [];
        page.on('request', request => { if (request.url().includes('.mvt')) tiles.push(request.url()); });
        const colour = await colourOf(page, '06');
        await tour.step('stored', () => form(page, sheet => {
            sheet.getCell(sheet.getColumn(1).values.indexOf('06'), 3).value = 123456789;
        }));
        expect(await stored()).toBe('123456789');
        await expect.poll(() => colourOf(page, '06')).not.toBe(colour);
        await settled(page);
        expect(tiles, 'tiles fetched for new colours').toEqual([]);
        await keep(page, 'scene-backan-3');

        const totals = panel(page).locator('.totals');
        await tour.step('census', async () => {
            await panel(page).getByLabel('Chỉ tiêu', { exact: true }).selectOption('census_population');
            await panel(page).getByLabel('Cấp', { exact: true }).selectOption('commune');
            await expect(totals).toContainText(people);
        });
        await tour.step('present', async () => {
            await panel(page).getByLabel('Từ 01/7/2025').check();
            await expect(totals).toContainText('82.210.772');
            await expect(totals).toContainText('6.430.963'); // waits, and is not lost
            await expect(totals).toContainText(people);
        });
        await keep(page, 'scene-backan-4');
        await tour.step('late', async () => {
            const answer = await page.request.get('/forms/indicators');
            const { owners } = await answer.json() as { owners: { owner: string; late: number; missing: number }[] };
            const one = owners.find(({ owner }) => owner === 'Thống kê tỉnh')!;
            await expect(panel(page).locator('[data-owed]')).toHaveText(`${one.late} chỉ tiêu quá hạn, ${one.missing} chưa có số liệu`);
        });
        expect(await tour.end()).toBe(10);
    } finally {
        await record(`UPDATE record.indicators SET value = ${before} WHERE ${where}`);
    }
});
