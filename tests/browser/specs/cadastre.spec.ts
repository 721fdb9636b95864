// A parcel is found by sheet and number, its extract printed, and split by three people.

import { expect, heart, keep, open, searchField, test, unitAt, unitsOnly } from './console';
import { Registrar, password } from './people';
import { database, needsRecord } from './record';
import { makeSheet, removeSheet } from './sheet';
import type { Page } from '@playwright/test';

const people = new Registrar('cadastre');
const everything = { everywhere: true, level: 0 };
const sheet = 9901;

async function find(page: Page, number: number, name: string): Promise<void> {
    await searchField(page).fill(`tờ ${sheet} thửa ${number} ${name}`);
    await expect(page.getByRole('listbox', { name: 'Tìm địa danh, tọa độ' }).getByRole('option')).toHaveCount(1);
    await searchField(page).press('Enter');
    await expect(page.getByRole('heading', { name: 'Sổ địa chính' })).toBeVisible();
}

async function become(page: Page, login: string): Promise<void> {
    await page.context().clearCookies();
    await page.goto('about:blank'); // what was read as somebody else is gone
    await open(page, unitsOnly);
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
    const dialog = page.getByRole('dialog', { name: 'Đăng nhập' });
    await dialog.getByLabel('Tên đăng nhập').fill(login);
    await dialog.getByLabel('Mật khẩu').fill(password);
    await dialog.getByRole('button', { name: 'Đăng nhập' }).click();
    await expect(page.getByRole('button', { name: `Tài khoản Người ${login}` })).toBeVisible();
}

test.describe('the cadastre', () => {
    test.skip(!database, needsRecord);
    let commune = '';
    test.beforeAll(async ({ browser }) => {
        const page = await browser.newPage();
        const unit = await unitAt(page, heart.lon, heart.lat, 'commune');
        commune = unit.full_name;
        await page.close();
        await removeSheet(sheet);
        await makeSheet(sheet, unit.code);
        await people.begin();
        await people.role('dia-chinh', { title: 'Địa chính', grants: [
            { collection: 'parcels', action: 'read', ...everything }, { collection: 'parcels', action: 'edit', ...everything }] });
        for (const login of ['lap', 'kiem', 'duyet']) await people.account(login, ['dia-chinh']);
    });
    test.afterAll(async () => {
        await people.end();
        await removeSheet(sheet);
    });

    test('a parcel is found by sheet and number, and its extract is one click away', async ({ page }) => {
        await open(page, unitsOnly);
        await find(page, 2, commune);
        const register = page.getByRole('region', { name: 'Sổ địa chính' });
        await expect(register).toContainText('621,3 m²');
        await expect(register).toContainText('VN-2000, EPSG:9209');
        await expect(page.getByText('Chưa có biến động')).toBeVisible();
        const href = await page.getByRole('link', { name: 'Trích lục' }).getAttribute('href');
        const answer = await page.request.get(href!);
        expect(answer.headers()['content-type']).toBe('application/pdf');
        expect((await answer.body()).subarray(0, 4).toString()).toBe('%PDF');
        await keep(page, 'cadastre-parcel');
    });

    test('on a phone too', async ({ page }) => {
        await page.setViewportSize({ width: 390, height: 844 });
        await open(page, unitsOnly);
        await find(page, 2, commune);
        await expect(page.getByRole('link', { name: 'Trích lục' })).toBeAttached();
        await keep(page, 'cadastre-phone');
    });

    test('a split is drafted, checked and approved by three people, and stands in the history', async ({ page }) => {
        await become(page, 'lap');
        await find(page, 1, commune);
        const form = page.getByRole('form', { name: 'Tách thửa' });
        await form.getByLabel('Diện tích tách ra').fill('400,0');
        await form.getByLabel('Số văn bản').fill('QĐ 77/2026');
        await form.getByLabel('Ngày văn bản').fill('2026-11-20');
        await form.getByRole('button', { name: 'Lập hồ sơ' }).click();
        await expect(page.getByText('Đã lập, chờ kiểm tra')).toBeVisible();
        await expect(page.getByText('Thửa 4: 400 m²')).toBeVisible();
        await expect(page.getByText('Thửa 5: 221,3 m²')).toBeVisible();
        await expect(page.getByText('Bước này phải do người khác làm.')).toBeVisible();
        await keep(page, 'cadastre-draft');

        await become(page, 'kiem');
        await find(page, 1, commune);
        await page.getByRole('button', { name: 'Kiểm tra đạt' }).click();
        await expect(page.getByText('Đã kiểm tra, chờ duyệt')).toBeVisible();
        await expect(page.getByText('Bước này phải do người khác làm.')).toBeVisible();

        await become(page, 'duyet');
        await find(page, 1, commune);
        await page.getByRole('button', { name: 'Duyệt', exact: true }).click();
        await expect(page.getByText('Không còn hiệu lực từ')).toBeVisible();
        const history = page.getByRole('region', { name: 'Lịch sử biến động' });
        await expect(history.getByRole('button')).toHaveText([/Thành thửa 4/, /Thành thửa 5/]);
        await expect(history).toContainText('QĐ 77/2026');
        await keep(page, 'cadastre-approved');
        await history.getByRole('button', { name: /Thành thửa 4/ }).click();
        await expect(page.getByRole('button', { name: /Từ thửa 1/ })).toBeVisible();
    });
});
