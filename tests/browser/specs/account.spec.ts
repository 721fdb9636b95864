// Signing in in the console, and what is there for whom.

import { test as plain } from '@playwright/test';
import { expect, keep, open, test, unitsOnly } from './console';
import { Registrar, password } from './people';
import { database, needsRecord } from './record';
import type { Page } from '@playwright/test';

const people = new Registrar('account');
const everything = { everywhere: true, level: 0 };

async function signIn(page: Page, login: string, word = password): Promise<void> {
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
    const dialog = page.getByRole('dialog', { name: 'Đăng nhập' });
    await dialog.getByLabel('Tên đăng nhập').fill(login);
    await dialog.getByLabel('Mật khẩu').fill(word);
    await dialog.getByRole('button', { name: 'Đăng nhập' }).click();
}

test.describe('accounts', () => {
    test.skip(!database, needsRecord);
    test.beforeAll(async () => {
        await people.begin();
        // What a role names nothing of is as for everyone: it names reports, and gives none of them.
        await people.role('doc-gia', { title: 'Độc giả', grants: [
            { collection: 'facilities', action: 'read', ...everything },
            { collection: 'reports', action: 'read', scopes: [] },
            { collection: 'facilities', action: 'edit', scopes: [] }] });
        await people.role('quan-tri', { title: 'Quản trị', administer: true, audit: true, grants: [] });
        await people.account('doc-gia', ['doc-gia']);
        await people.account('quan-tri', ['quan-tri']);
        await people.account('nguoi-moi');
    });
    test.afterAll(async () => { await people.end(); });

    test('whoever signs in is named, and signs out again', async ({ page }) => {
        await open(page, unitsOnly);
        await signIn(page, 'doc-gia');
        const own = page.getByRole('button', { name: 'Tài khoản Người doc-gia' });
        await expect(own).toBeVisible();
        await own.click();
        const dialog = page.getByRole('dialog', { name: 'Tài khoản' });
        await expect(dialog.getByText('Người doc-gia (doc-gia)')).toBeVisible();
        await expect(dialog.getByRole('tab')).toHaveCount(0);
        await keep(page, 'account-self');
        const cookies = await page.context().cookies();
        expect(cookies.find(one => one.name === 'diaban_session')).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
        expect(await page.evaluate(() => document.cookie)).toBe('');
        await dialog.getByRole('button', { name: 'Đăng xuất' }).click();
        await expect(page.getByRole('button', { name: 'Đăng nhập' })).toBeVisible();
    });

    test('rows that are not theirs are not counted for them, and the live channel knows them', async ({ page }) => {
        await open(page, unitsOnly);
        const counted = async () => (await (await page.request.get('/collections/reports')).json() as { count: number }).count;
        expect(await counted()).toBeGreaterThan(0);
        await signIn(page, 'doc-gia');
        await expect(page.getByRole('button', { name: 'Tài khoản Người doc-gia' })).toBeVisible();
        expect(await counted()).toBe(0);
        await expect(page.getByText('Trực tuyến')).toBeVisible();
    });

    test('an administrator gives a role, and it is in the audit', async ({ page }) => {
        await open(page, unitsOnly);
        await signIn(page, 'quan-tri');
        await page.getByRole('button', { name: 'Tài khoản Người quan-tri' }).click();
        const dialog = page.getByRole('dialog', { name: 'Tài khoản' });
        await dialog.getByRole('tab', { name: 'Người dùng và vai trò' }).click();
        const row = dialog.getByRole('row', { name: /nguoi-moi/ });
        await row.getByLabel('Độc giả').check();
        await expect.poll(async () => {
            const { accounts } = await (await people.ask('GET', '/access/accounts')).json() as { accounts: { login: string; roles: string[] }[] };
            return accounts.find(one => one.login === 'nguoi-moi')?.roles;
        }).toEqual(['doc-gia']);
        await keep(page, 'account-users');
        await dialog.getByRole('tab', { name: 'Nhật ký truy cập' }).click();
        await expect(dialog.getByText('Chuỗi nhật ký toàn vẹn')).toBeVisible();
        await expect(dialog.getByRole('row', { name: /quan-tri.*role-give.*nguoi-moi/ })).toHaveCount(1);
        await keep(page, 'account-audit');
    });
});

plain.describe('signing in wrongly', () => {
    plain.skip(!database, needsRecord);

    plain('says so in the reader’s language and lets nobody in', async ({ page }) => {
        await open(page, unitsOnly);
        await signIn(page, 'khong-co-ai', 'mật khẩu nào đó');
        await expect(page.getByRole('alert')).toContainText('không đúng');
        expect((await page.context().cookies()).find(one => one.name === 'diaban_session')).toBeUndefined();
    });
});
