// The desk of who takes reports: by telephone without a mouse, hidden and shown again, what the press
// tells beside them, and their numbers on a telephone.

import { baseURL } from '../browser.mjs';
import { expect, heart, keep, open, test, unitAt } from './console';
import { Registrar, password } from './people';
import { database, needsRecord, record } from './record';
import type { Page } from '@playwright/test';

test.use({ locale: 'vi-VN' });

const people = new Registrar('desk');
const reports = (action: string) => ({ collection: 'reports', action, everywhere: true, level: 2 });

const listOf = (page: Page) => page.getByRole('listbox', { name: 'Phản ánh đang mở' });

/// Sends a report from elsewhere; its number.
async function sent(words: string): Promise<string> {
    const answer = await fetch(`${baseURL()}/open311/v2/requests.json`, {
        method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ service_code: 'road', lat: String(heart.lat), long: String(heart.lon), description: words }).toString(),
    });
    return (await answer.json() as { service_request_id: string }[])[0]!.service_request_id;
}

/// Whether everyone may see it.
const seen = async (id: string) => (await fetch(`${baseURL()}/open311/v2/requests/${id}.json`)).status;

async function choose(page: Page, id: string): Promise<void> {
    const list = listOf(page);
    await expect(list.locator(`[data-report="${id}"]`)).toHaveCount(1);
    await list.locator(`[data-report="${id}"]`).click();
    await expect(list).toBeFocused();
}

test('an operator takes a telephone report down by keyboard alone, in the keys of half a minute', async ({ page }) => {
    const unit = await unitAt(page, heart.lon, heart.lat, 'commune');
    await open(page, '#map=9/18.34/105.9&layers=places');
    await page.getByRole('button', { name: 'Phản ánh', exact: true }).press('Enter');
    await expect(page.locator('[data-open]')).toBeVisible();
    const list = listOf(page);
    await ((await list.count()) > 0 ? list : page.getByRole('button', { name: 'Nhập phản ánh' })).focus();

    let keys = 0;
    let fields = 0;
    const press = async (key: string) => { keys += 1; await page.keyboard.press(key); };
    const type = async (text: string) => { fields += 1; keys += text.length; await page.keyboard.type(text); };
    const words = `Cống tắc, nước tràn vào nhà lúc ${Date.now() % 100_000}`;
    await press((await list.count()) > 0 ? 'n' : 'Enter');
    const form = page.getByRole('form', { name: 'Phản ánh qua điện thoại, báo chí, trực tiếp' });
    await expect(form.getByLabel('Lĩnh vực')).toBeFocused();
    await expect(form.getByLabel('Lĩnh vực').getByRole('option')).not.toHaveCount(1);
    fields += 1;
    await press('ArrowDown');
    await press('Tab');
    await type(words);
    await press('Tab');
    await type(`Thôn 3, ${unit.full_name}`);
    await expect(form.locator('[data-found=yes]')).toContainText(unit.full_name);
    await keep(page, 'report-entry');
    await press('Control+Enter');
    await expect(page.locator('[data-told]')).toContainText('Đã ghi nhận');
    await expect(list).toBeFocused();
    const chosen = list.locator('[aria-selected=true]');
    await expect(chosen).toContainText(words);
    const id = (await chosen.getAttribute('data-report'))!;
    const item = await (await page.request.get(`/collections/reports/items/${id}`)).json() as { properties: Record<string, string> };
    expect(item.properties).toMatchObject({ channel: 'phone', description: words, address: `Thôn 3, ${unit.full_name}` });

    // Keystroke-level model (Card, Moran and Newell 1980): 0.2 s a key of a trained typist, 1.35 s to
    // think before each field and before the end.
    const seconds = keys * 0.2 + (fields + 1) * 1.35;
    expect(fields).toBe(3);
    expect(keys - words.length - unit.full_name.length).toBeLessThanOrEqual(15);
    expect(seconds).toBeLessThanOrEqual(30);
});

test('the numbers of reports on a telephone are the server\'s, and parts equal the whole', async ({ browser }) => {
    const phone = await browser.newContext({ baseURL: baseURL(), viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, locale: 'vi-VN' });
    const page = await phone.newPage();
    await page.goto('/console/report.html');
    await page.getByRole('link', { name: 'Số liệu phản ánh' }).tap();
    await page.getByLabel('Thời gian').selectOption('0');
    interface Told { all: { count: number }; services: { count: number }[]; areas: { units: { count: number }[]; elsewhere: { count: number }; unlocated: { count: number } } }
    const told = await (await page.request.get('/reports/statistics')).json() as Told;
    await expect(page.locator(`[data-count="${told.all.count}"]`)).toBeVisible();
    const column = async (part: string) => (await page.locator(`[data-part=${part}] tbody tr td:nth-child(2)`).allTextContents())
        .reduce((sum, text) => sum + Number(text.replace(/\D/g, '')), 0);
    expect(await column('byService')).toBe(told.all.count);
    expect(await column('byState')).toBe(told.all.count);
    expect(await column('byArea')).toBe(told.all.count);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await keep(page, 'report-numbers');
    await page.getByRole('link', { name: 'Gửi phản ánh' }).tap();
    await expect(page.getByLabel('Mô tả')).toBeVisible();
    await phone.close();
});

test.describe('with rights', () => {
    test.skip(!database, needsRecord);
    test.beforeAll(async () => {
        await people.begin();
        await people.role('dieu-hanh', { title: 'Điều hành', grants: [reports('read'), reports('edit'),
            { collection: 'press_items', action: 'read', everywhere: true, level: 0 },
            { collection: 'press_items', action: 'edit', everywhere: true, level: 0 }] });
        await people.account('dieu-hanh', ['dieu-hanh']);
    });
    test.afterAll(async () => {
        await people.end();
        await record("DELETE FROM record.press_items WHERE source = 'Báo Thử'");
    });

    async function enter(page: Page): Promise<void> {
        await open(page, '#map=9/18.34/105.9&layers=places');
        await page.getByRole('button', { name: 'Đăng nhập' }).click();
        const dialog = page.getByRole('dialog', { name: 'Đăng nhập' });
        await dialog.getByLabel('Tên đăng nhập').fill('dieu-hanh');
        await dialog.getByLabel('Mật khẩu').fill(password);
        await dialog.getByRole('button', { name: 'Đăng nhập' }).click();
        await expect(page.getByRole('button', { name: 'Tài khoản Người dieu-hanh' })).toBeVisible();
        await page.getByRole('button', { name: 'Phản ánh', exact: true }).click();
        await expect(page.locator('[data-open]')).toBeVisible();
    }

    test('a report is hidden from everyone by keyboard, and shown again, with the reason in the audit', async ({ page }) => {
        const id = await sent(`Ông A số 0912 đổ đất ra đường ${Date.now()}`);
        await enter(page);
        await choose(page, id);
        const set = async (reason: string) => {
            await page.keyboard.press('h');
            const form = page.getByRole('form', { name: 'Ai được xem' });
            await expect(form.getByLabel('Ai được xem')).toBeFocused();
            await page.keyboard.press('Tab');
            await page.keyboard.type(reason);
            await page.keyboard.press('Enter');
            await expect(form).toHaveCount(0);
            await expect(listOf(page)).toBeFocused();
        };
        expect(await seen(id)).toBe(200);
        await set('Có tên và số điện thoại');
        await expect(listOf(page).locator(`[data-report="${id}"] [data-visibility=hidden]`)).toBeVisible();
        expect(await seen(id)).toBe(404);
        await keep(page, 'report-hidden');
        await set('Đã bỏ tên');
        await expect(listOf(page).locator(`[data-report="${id}"] [data-visibility]`)).toHaveCount(0);
        expect(await seen(id)).toBe(200);
        const audit = await (await people.ask('GET', '/audit?action=set-visibility&limit=2')).json() as { entries: { who: string; why: string }[] };
        expect(audit.entries.map(one => [one.who, one.why])).toEqual([['dieu-hanh', 'Đã bỏ tên'], ['dieu-hanh', 'Có tên và số điện thoại']]);
    });

    test('what the press tells is found by topic and tied to the report that is open', async ({ page }) => {
        const unit = await unitAt(page, heart.lon, heart.lat, 'commune');
        const id = await sent(`Nước ngập đường liên xã ${Date.now()}`);
        const link = `https://bao.example/${Date.now()}`;
        const pushed = await people.ask('POST', '/press', { source: 'Báo Thử', items: [
            { title: `Ngập sâu ở ${unit.full_name}`, link, published_at: new Date().toISOString() }] });
        expect(pushed.status).toBe(200);
        const { stored } = await pushed.json() as { stored: number[] };
        await enter(page);
        await choose(page, id);
        await page.getByText('Báo chí, mạng').click();
        await page.getByLabel('Tìm trong tin').fill('ngap sau');
        await page.getByRole('button', { name: 'Tìm', exact: true }).click();
        const item = page.locator(`[data-item="${stored[0]}"]`);
        await expect(item).toContainText('Thiên tai');
        await expect(item).toContainText(unit.full_name);
        await expect(item).toContainText('(chắc 95 %)');
        await item.getByRole('button', { name: 'Gắn với phản ánh đang mở' }).click();
        await expect(item.getByRole('button', { name: 'Bỏ gắn' })).toBeVisible();
        const tied = await (await page.request.get(`/press?report=${id}`)).json() as { matched: number };
        expect(tied.matched).toBe(1);
        await keep(page, 'press');
    });
});
