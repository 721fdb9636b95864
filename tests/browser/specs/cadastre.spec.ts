// A parcel is found by sheet and number, its extract printed, and split by three people.

import { expect, heart, keep, open, searchField, test, unitAt, unitsOnly } from './console';
import { become, Registrar } from './people';
import { database, needsRecord } from './record';
import { makeSheet, removeSheet } from './sheet';
import type { Page } from '@playwright/test';

const people = new Registrar('cadastre');
const everything = { everywhere: true, level: 0 };
const devices = [
    { name: 'a desktop', sheet: 9901, size: { width: 1280, height: 800 } },
    { name: 'a phone', sheet: 9903, size: { width: 390, height: 844 } },
];

async function find(page: Page, sheet: number, number: number, name: string): Promise<void> {
    await searchField(page).fill(`tờ ${sheet} thửa ${number} ${name}`);
    await expect(page.getByRole('listbox', { name: 'Tìm địa danh, tọa độ' }).getByRole('option')).toHaveCount(1);
    await searchField(page).press('Enter');
    await expect(page.getByRole('heading', { name: 'Sổ địa chính' })).toBeVisible();
}

/// Signs the document under the form that is open, and drafts.
async function draft(page: Page, form: string, number: string): Promise<void> {
    const open = page.getByRole('form', { name: form });
    await open.getByLabel('Số văn bản').fill(number);
    await open.getByLabel('Ngày văn bản').fill('2026-11-20');
    await open.getByRole('button', { name: 'Lập hồ sơ' }).click();
    await expect(page.getByText('Đã lập, chờ kiểm tra')).toBeVisible();
    await expect(page.getByText('Bước này phải do người khác làm.')).toBeVisible();
}

/// A second person checks, a third approves.
async function carry(page: Page, sheet: number, number: number, commune: string): Promise<void> {
    await become(page, 'kiem');
    await find(page, sheet, number, commune);
    await page.getByRole('button', { name: 'Kiểm tra đạt' }).click();
    await expect(page.getByText('Đã kiểm tra, chờ duyệt')).toBeVisible();
    await expect(page.getByText('Bước này phải do người khác làm.')).toBeVisible();
    await become(page, 'duyet');
    await find(page, sheet, number, commune);
    await page.getByRole('button', { name: 'Duyệt', exact: true }).click();
    await expect(page.getByText('Không còn hiệu lực từ')).toBeVisible();
}

const historyOf = (page: Page) => page.getByRole('region', { name: 'Lịch sử biến động' });

test.describe('the cadastre', () => {
    test.skip(!database, needsRecord);
    let commune = '';
    test.beforeAll(async ({ browser }) => {
        const page = await browser.newPage();
        const unit = await unitAt(page, heart.lon, heart.lat, 'commune');
        commune = unit.full_name;
        await page.close();
        for (const { sheet } of devices) {
            await removeSheet(sheet);
            await makeSheet(sheet, unit.code);
        }
        await people.begin();
        await people.role('dia-chinh', { title: 'Địa chính', grants: [
            { collection: 'parcels', action: 'read', ...everything }, { collection: 'parcels', action: 'edit', ...everything }] });
        for (const login of ['lap', 'kiem', 'duyet']) await people.account(login, ['dia-chinh']);
    });
    test.afterAll(async () => {
        await people.end();
        for (const { sheet } of devices) await removeSheet(sheet);
    });

    for (const { name, sheet, size } of devices) {
        test(`on ${name} a parcel is found by sheet and number, and its extract is printed`, async ({ page }) => {
            await page.setViewportSize(size);
            await open(page, unitsOnly);
            await find(page, sheet, 2, commune);
            const register = page.getByRole('region', { name: 'Sổ địa chính' });
            await expect(register).toContainText('621,3 m²');
            await expect(register).toContainText('VN-2000, EPSG:9209');
            await expect(page.getByText('Chưa có biến động')).toBeAttached();
            const link = page.getByRole('link', { name: 'Trích lục' });
            await link.scrollIntoViewIfNeeded();
            await keep(page, `cadastre-parcel-${size.width}`);
            const opened = page.context().waitForEvent('page');
            await link.click();
            expect((await opened).url() + (await link.getAttribute('href'))!).toContain('extract.pdf');
            const answer = await page.request.get((await link.getAttribute('href'))!);
            expect(answer.headers()['content-type']).toBe('application/pdf');
            expect((await answer.body()).subarray(0, 4).toString()).toBe('%PDF');
        });

        test(`on ${name} a split is drafted, checked and approved by three people, and stands in the history`, async ({ page }) => {
            test.setTimeout(180_000);
            await page.setViewportSize(size);
            await become(page, 'lap');
            await find(page, sheet, 1, commune);
            await page.getByRole('form', { name: 'Tách thửa' }).getByLabel('Diện tích tách ra').fill('400,0');
            await draft(page, 'Tách thửa', 'QĐ 77/2026');
            await expect(page.getByText('Thửa 4: 400 m²')).toBeVisible();
            await expect(page.getByText('Thửa 5: 221,3 m²')).toBeVisible();
            await keep(page, `cadastre-draft-${size.width}`);
            await carry(page, sheet, 1, commune);
            const history = historyOf(page);
            await expect(history.getByRole('button')).toHaveText([/Thành thửa 4/, /Thành thửa 5/]);
            await expect(history).toContainText('QĐ 77/2026');
            await keep(page, `cadastre-approved-${size.width}`);
            await history.getByRole('button', { name: /Thành thửa 4/ }).click();
            await expect(page.getByRole('button', { name: /Từ thửa 1/ })).toBeVisible();
        });
    }

    test('a merger is returned with the reason, drafted again and approved', async ({ page }) => {
        test.setTimeout(180_000);
        const { sheet } = devices[0]!;
        await become(page, 'lap');
        await find(page, sheet, 4, commune);
        const choose = page.getByLabel('Loại biến động');
        await choose.selectOption('Hợp thửa');
        const others = page.getByLabel('Hợp với các thửa số');
        await others.fill('77');
        const form = page.getByRole('form', { name: 'Hợp thửa' });
        await form.getByLabel('Số văn bản').fill('QĐ 78/2026');
        await form.getByLabel('Ngày văn bản').fill('2026-11-21');
        await form.getByRole('button', { name: 'Lập hồ sơ' }).click();
        await expect(page.getByRole('alert')).toHaveText('Không có thửa 77 đang hiệu lực trong tờ này.');
        await others.fill('5');
        await draft(page, 'Hợp thửa', 'QĐ 78/2026');
        await expect(page.getByText('Thửa 6: 621,3 m²')).toBeVisible();

        await become(page, 'kiem');
        await find(page, sheet, 5, commune);
        await page.getByLabel('Lý do trả lại').fill('thiếu bản vẽ');
        await page.getByRole('button', { name: 'Trả lại' }).click();
        await expect(page.getByText('Đã trả lại')).toBeVisible();
        await expect(page.getByText('Lý do: kiem: thiếu bản vẽ')).toBeVisible();
        await keep(page, 'cadastre-returned');

        await become(page, 'lap');
        await find(page, sheet, 4, commune);
        await choose.selectOption('Hợp thửa');
        await others.fill('5');
        await draft(page, 'Hợp thửa', 'QĐ 79/2026');
        await carry(page, sheet, 4, commune);
        await expect(historyOf(page).getByRole('button')).toHaveText([/Từ thửa 1/, /Thành thửa 6/]);
    });

    test('a split is undone by a correcting change, and the parcel before it is in force again', async ({ page }) => {
        test.setTimeout(180_000);
        const { sheet } = devices[1]!;
        await become(page, 'lap');
        await find(page, sheet, 4, commune);
        await page.getByLabel('Loại biến động').selectOption('Hoàn tác biến động');
        await page.getByLabel('Biến động cần hoàn tác').selectOption({ index: 0 });
        await draft(page, 'Hoàn tác biến động', 'QĐ 80/2026');
        await expect(page.getByText('Thửa trước biến động có hiệu lực trở lại.')).toBeVisible();
        await carry(page, sheet, 4, commune);
        await expect(historyOf(page)).toContainText('đã hoàn tác');
        await historyOf(page).getByRole('button', { name: /Từ thửa 1/ }).click();
        await expect(page.getByRole('heading', { name: 'Thửa đất số 1,' })).toBeVisible();
        await expect(page.getByText('Không còn hiệu lực từ')).toHaveCount(0);
        await expect(historyOf(page)).toContainText('đã hoàn tác');
        await keep(page, 'cadastre-undone');
    });
});
