// What offices report and owe: a form of indicators there and back, dossiers overdue by office, and a task
// from what it is about to its acceptance.

import { readFile, writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import Excel from 'exceljs';
import { clickAt, expect, heart, keep, open, settled, test, unitsOnly } from './console';
import { database, needsRecord, record } from './record';

test.skip(!database, needsRecord);
test.describe.configure({ mode: 'serial' });

const owner = 'Sở Thử nghiệm';
const codes = ['thu_cay', 'thu_che_phu'];
const red = 'FFFFC7CE';

async function clean(): Promise<void> {
    await record(`DELETE FROM record.indicators WHERE code IN ('${codes.join("','")}');
        DELETE FROM record.indicator_catalogue WHERE owner = '${owner}';
        DELETE FROM record.tasks WHERE title LIKE 'Thử:%' OR office = '${owner}';
        DELETE FROM record.service_pauses WHERE number LIKE 'THU-%';
        DELETE FROM record.service_dossiers WHERE number LIKE 'THU-%';
        DELETE FROM record.directives WHERE number LIKE '%/THU'`);
}

test.beforeAll(async () => {
    await clean();
    const dossier = (number: string, office: string, level: string, at: string, state: string, settled: string) =>
        `('${number}', 'Cấp giấy chứng nhận', '${office}', '${level}', '${at}', 40, '${state}', ${settled})`;
    await record(`INSERT INTO record.indicator_catalogue (code, sector, title, unit, direction, cadence, aggregation, decimals, owner, least, most)
        VALUES ('thu_cay', 'environment', 'Cây trồng mới', 'cây', 'up', 'year', 'sum', 0, '${owner}', 0, NULL),
               ('thu_che_phu', 'environment', 'Độ che phủ thử', '%', 'up', 'year', 'none', 1, '${owner}', 0, 100);
        INSERT INTO record.indicators (code, place_code, place_on, period, value) VALUES ('thu_cay', '42', '2025-07-01', '2025', 100);
        INSERT INTO record.service_dossiers (number, procedure, office, level, submitted_at, working_hours, state, settled_at) VALUES
        ${dossier('THU-1', 'Một cửa Thử A', 'commune', '2026-02-12T09:30:00+07:00', 'received', 'NULL')},
        ${dossier('THU-2', 'Một cửa Thử A', 'commune', '2026-02-12T09:30:00+07:00', 'settled', "'2026-02-26T09:30:00+07:00'")},
        ${dossier('THU-3', 'Một cửa Thử A', 'commune', '2026-02-12T09:30:00+07:00', 'settled', "'2026-02-26T09:31:00+07:00'")},
        ${dossier('THU-4', 'Một cửa Thử B', 'province', '2026-02-12T09:30:00+07:00', 'received', 'NULL')},
        ${dossier('THU-5', 'Một cửa Thử B', 'province', '2098-02-12T09:30:00+07:00', 'received', 'NULL')};
        INSERT INTO record.directives (number, issued_on, issuer, office, subject, deadline, state) VALUES
        ('12/THU', '2026-01-05', 'UBND tỉnh', '${owner}', 'Trồng rừng phòng hộ ven biển', '2026-03-01', 'open'),
        ('13/THU', '2026-01-06', 'UBND tỉnh', '${owner}', 'Kiểm kê đất đai', '2098-03-01', 'open')`);
});
test.afterAll(clean);

const panel = (page: Page, name: string) => page.getByRole('complementary', { name });

async function room(page: Page, name: string): Promise<void> {
    await page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
    await expect(panel(page, name)).toBeVisible();
}

async function reporting(page: Page) {
    await open(page, '#map=7/18.3/105.9&layers=places');
    await room(page, 'Chỉ tiêu');
    await panel(page, 'Chỉ tiêu').getByLabel('Chỉ tiêu', { exact: true }).selectOption('thu_cay');
    const forms = panel(page, 'Chỉ tiêu').getByRole('region', { name: 'Biểu mẫu báo cáo' });
    await expect(forms.getByLabel('Cơ quan báo cáo')).toHaveValue(owner);
    await expect(forms.getByLabel('Kỳ của biểu mẫu')).toHaveValue('2025');
    return forms;
}

/// The form as it is downloaded, and where it lies.
async function takeForm(page: Page, forms: ReturnType<typeof panel>): Promise<{ book: Excel.Workbook; sheet: Excel.Worksheet; path: string }> {
    const download = page.waitForEvent('download');
    await forms.getByRole('link', { name: 'Tải biểu mẫu' }).click();
    const path = await (await download).path();
    const book = new Excel.Workbook();
    await book.xlsx.readFile(path);
    return { book, sheet: book.worksheets[0]!, path };
}

async function handIn(forms: ReturnType<typeof panel>, book: Excel.Workbook): Promise<void> {
    await forms.getByLabel('Nộp biểu mẫu đã điền').setInputFiles({
        name: 'bieu-mau.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        buffer: Buffer.from(await book.xlsx.writeBuffer()),
    });
}

const stored = async () => (await record(`SELECT place_code, value FROM record.indicators WHERE code = 'thu_cay' AND period = '2025' ORDER BY 1`));

test('a form is taken, filled in and handed in: new values and a correction', async ({ page }) => {
    const forms = await reporting(page);
    const { book, sheet } = await takeForm(page, forms);
    expect(sheet.getCell('B1').value).toBe(owner);
    expect([sheet.getCell('C2').value, sheet.getCell('D2').value]).toEqual(codes);
    const row = sheet.getColumn(1).values.indexOf('42');
    expect(sheet.getCell(row, 3).value).toBe(100); // what was reported before
    sheet.getCell(row, 3).value = 120;
    sheet.getCell(row - 1, 3).value = 7;
    sheet.getCell(row, 4).value = 52.5;
    await handIn(forms, book);
    await expect(forms.getByRole('status')).toHaveText('Đã ghi 2 giá trị mới, 1 đính chính, trong 3 ô.');
    expect(await stored()).toContainEqual(['42', '120']);
    const history = await record(`SELECT value FROM record.indicators_history WHERE code = 'thu_cay' AND place_code = '42'`);
    expect(history).toContainEqual(['100']);
    await forms.scrollIntoViewIfNeeded();
    await keep(page, 'forms-stored');
});

test('ten planted faults come back as ten marked cells, and nothing is stored', async ({ page, watched }, info) => {
    const forms = await reporting(page);
    const before = await stored();
    const { book, sheet } = await takeForm(page, forms);
    const last = sheet.rowCount;
    const planted: [string, Excel.CellValue][] = [
        ['C4', 'một trăm'], ['D4', 101], ['D5', -1], ['C6', 1.5], ['B7', 'Tỉnh Nào Đó'], ['E2', 'khong_co'], ['F8', 3],
        ['G2', codes[0]!], [`A${last + 1}`, '99'], [`A${last + 2}`, '42'],
    ];
    for (const [cell, value] of planted) sheet.getCell(cell).value = value;
    await handIn(forms, book);
    const alert = forms.getByRole('alert');
    await expect(alert).toContainText('Có 10 ô sai. Chưa ghi gì.');
    await expect(alert.getByRole('listitem')).toHaveCount(10);
    await expect(alert).toContainText('C4 “một trăm” không phải số.');
    await alert.scrollIntoViewIfNeeded();
    await keep(page, 'forms-faults');

    const download = page.waitForEvent('download');
    await alert.getByRole('button', { name: 'Tải bản đánh dấu lỗi' }).click();
    const path = info.outputPath('loi.xlsx');
    await writeFile(path, await readFile(await (await download).path()));
    const copy = new Excel.Workbook();
    await copy.xlsx.readFile(path);
    const marked: string[] = [];
    copy.worksheets[0]!.eachRow(row => row.eachCell({ includeEmpty: true }, cell => {
        if (cell.fill?.type === 'pattern' && cell.fill.fgColor?.argb === red) marked.push(cell.address);
        expect(cell.note !== undefined, cell.address).toBe(marked.includes(cell.address)); // each says what is wrong
    }));
    expect(marked.sort()).toEqual(planted.map(([cell]) => cell).sort());
    expect(await stored()).toEqual(before);
    // The refusals, and the browser's own words on them, are what was wanted.
    expect(watched.splice(0).every(fault => fault.includes('422'))).toBe(true);
});

test('dossiers overdue are counted by office and level, on clocks that stand over Tết', async ({ page }) => {
    await open(page, unitsOnly);
    await room(page, 'Điều hành');
    const table = panel(page, 'Điều hành').getByRole('table', { name: 'Hồ sơ dịch vụ công: Theo cơ quan' });
    const cells = (office: string) => table.getByRole('row', { name: new RegExp(office) }).getByRole('cell');
    await expect(cells('Một cửa Thử A')).toHaveText(['3', '1', '1', '1', '0']);
    await expect(cells('Một cửa Thử B')).toHaveText(['2', '0', '0', '1', '0']);
    const overdue = panel(page, 'Điều hành').getByRole('list', { name: 'Hồ sơ quá hạn' });
    await expect(overdue.getByRole('listitem').filter({ hasText: 'THU-1' })).toContainText('hạn 26/02/2026');
    await expect(overdue).not.toContainText('THU-5');
    await record(`UPDATE record.service_dossiers SET state = 'settled', settled_at = '2026-03-02T08:00:00+07:00' WHERE number = 'THU-1'`);
    await expect(cells('Một cửa Thử A')).toHaveText(['3', '1', '2', '0', '0']); // as it is committed
    await settled(page);
    await keep(page, 'work-dossiers');
});

test('directives are found without accents, overdue ones by office', async ({ page }) => {
    await open(page, unitsOnly);
    await room(page, 'Điều hành');
    const work = panel(page, 'Điều hành');
    await work.getByLabel('Tìm văn bản').fill('trong rung');
    const list = work.getByRole('list', { name: 'Văn bản chỉ đạo' });
    await expect(list.getByRole('listitem')).toHaveCount(1);
    await expect(list).toContainText('12/THU');
    await expect(work.getByRole('table', { name: 'Văn bản chỉ đạo: Theo cơ quan' }).getByRole('cell')).toHaveText(['1', '1']);
});

test('a place becomes a task in two taps, and goes by evidence to its acceptance', async ({ page }) => {
    await open(page, `#map=11/${heart.lat}/${heart.lon}&layers=places`);
    await clickAt(page, heart.lon, heart.lat);
    const file = panel(page, 'Hồ sơ');
    await file.getByRole('button', { name: 'Giao việc' }).click(); // one tap
    const form = file.getByRole('form', { name: 'Giao việc' });
    const office = await form.getByLabel('Cơ quan thực hiện').inputValue();
    expect(office).toMatch(/^UBND /);
    await form.getByRole('button', { name: 'Giao', exact: true }).click(); // two
    await expect(file.getByRole('status')).toContainText(`Đã giao cho ${office}`);
    await record(`UPDATE record.tasks SET title = 'Thử: ' || title, deadline = '2026-01-05T10:00:00Z' WHERE office = '${office}'`);

    await room(page, 'Điều hành');
    const work = panel(page, 'Điều hành');
    const byOffice = work.getByRole('table', { name: 'Nhiệm vụ: Theo cơ quan' }).getByRole('row', { name: new RegExp(office) });
    await expect(byOffice.getByRole('cell')).toHaveText(['1', '1']);
    const task = work.getByRole('list', { name: 'Nhiệm vụ' }).getByRole('listitem').filter({ hasText: 'Thử:' });
    await expect(task).toContainText('Quá hạn');
    await task.getByLabel('Minh chứng').fill('Ảnh hiện trường 26/11');
    await task.getByRole('button', { name: 'Báo cáo xong' }).click();
    await expect(task).toContainText('Chờ nghiệm thu');
    await keep(page, 'work-task');
    await task.getByRole('button', { name: 'Trả lại' }).click();
    await task.getByLabel('Lý do trả lại').fill('Thiếu biên bản');
    await task.getByRole('button', { name: 'Trả lại' }).click();
    await expect(task).toContainText('Lý do trả lại: Thiếu biên bản');
    await task.getByLabel('Minh chứng').fill('Ảnh và biên bản');
    await task.getByRole('button', { name: 'Báo cáo xong' }).click();
    await task.getByRole('button', { name: 'Nghiệm thu' }).click();
    await expect(task).toContainText('Đã nghiệm thu');
    await expect(byOffice.getByRole('cell')).toHaveText(['0', '0']);
    await keep(page, 'work-accepted');
});

test('an indicator becomes a task of its owner in three taps', async ({ page }) => {
    await reporting(page);
    const indicators = panel(page, 'Chỉ tiêu');
    await indicators.getByRole('button', { name: 'Giao việc' }).click();
    await expect(indicators.getByLabel('Cơ quan thực hiện')).toHaveValue(owner);
    await indicators.getByRole('button', { name: 'Giao', exact: true }).click();
    await expect(indicators.getByRole('status').filter({ hasText: 'Đã giao' })).toContainText(owner);
    expect(await record(`SELECT subject_kind, subject, state FROM record.tasks WHERE office = '${owner}'`)).toEqual([['indicator', 'thu_cay', 'open']]);
});
