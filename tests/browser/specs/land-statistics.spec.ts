// Land statistics in the console: frozen after being asked once more, by use, with what changed since.

import { readFileSync } from 'node:fs';
import { faults } from './axe';
import { expect, heart, keep, settled, test, unitAt } from './console';
import { become, Registrar } from './people';
import { database, needsRecord, record } from './record';
import { makeSheet, removeSheet } from './sheet';

test.skip(!database, needsRecord);
test.use({ locale: 'vi-VN' });

const people = new Registrar('statistics');
const sheet = 9907;
const login = 'thu-thong-ke';

const clean = () => record(`ALTER TABLE land.statistics DISABLE TRIGGER frozen; ALTER TABLE land.statistics_rows DISABLE TRIGGER frozen;
    DELETE FROM land.statistics_rows USING land.statistics s WHERE s.id = statistics AND s.author = '${login}';
    DELETE FROM land.statistics WHERE author = '${login}';
    ALTER TABLE land.statistics ENABLE TRIGGER frozen; ALTER TABLE land.statistics_rows ENABLE TRIGGER frozen`);

test.beforeAll(async ({ browser }) => {
    const page = await browser.newPage();
    const unit = await unitAt(page, heart.lon, heart.lat, 'commune');
    await page.close();
    await clean();
    await removeSheet(sheet);
    await makeSheet(sheet, unit.code);
    await people.begin();
    const all = (collection: string, action: string) => ({ collection, action, everywhere: true, level: 255 });
    await people.role(login, { title: 'Thống kê đất đai', grants: [
        all('inspection_cases', 'read'), all('parcels', 'read'), all('parcels', 'edit'), all('places', 'read')] });
    await people.account(login, [login]);
});
test.afterAll(async () => {
    await people.end();
    await clean();
    await removeSheet(sheet);
});

test('statistics are frozen after being asked once more, and show uses, communes and what changed since', async ({ page }) => {
    test.setTimeout(120_000);
    await become(page, login);
    await page.getByRole('button', { name: 'Kiểm tra', exact: true }).click();
    const part = page.locator('[data-statistics]');
    const year = new Date().getFullYear() - 1;
    const freeze = async (of: number) => {
        await part.getByLabel('Đến hết ngày 31/12 năm').selectOption(String(of));
        await part.getByRole('button', { name: 'Chốt số liệu' }).click();
        await expect(part.getByText(`31/12/${of}`).last()).toBeVisible();
        await part.getByRole('button', { name: 'Chốt', exact: true }).click();
        await expect(part.locator('[data-statistics-told]')).toContainText(`Đã chốt số liệu ngày 31/12/${of}`);
    };
    await freeze(year - 1);
    await record(`UPDATE record.parcels SET land_use = 'ODT' WHERE sheet = ${sheet} AND parcel_number = 1`);
    await freeze(year);
    await expect(part.locator('[data-uses] [data-use=ODT]')).toBeVisible();
    await expect(part.locator('[data-changes] tr', { hasText: /^ONT/ })).toContainText(/0,0[67]/); // 621,3 m², to one of its neighbours
    await expect(part.locator('[data-changes]')).toContainText('Không còn');
    await expect(part.getByText(`Biến động so với 31/12/${year - 1} (ha)`)).toBeVisible();
    await part.getByLabel('Xã', { exact: true }).selectOption({ index: 1 });
    await expect(part.locator('[data-uses]')).toContainText('Tổng diện tích');
    const fetched = page.waitForEvent('download');
    await part.getByRole('link', { name: 'Tải biểu (XLSX)' }).click();
    const file = await fetched;
    expect(file.suggestedFilename()).toMatch(new RegExp(`^thong-ke-dat-dai-${year}-12-31-v\\d+\\.xlsx$`));
    expect(readFileSync(await file.path()).subarray(0, 2).toString()).toBe('PK');
    await settled(page);
    expect(await faults(page)).toEqual([]);
    await keep(page, 'land-statistics');
});
