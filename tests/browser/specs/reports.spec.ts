// A report from a telephone to its closing, with a photo; an office deals with it by keyboard.

import { expect, heart, open, test } from './console';
import type { Page } from '@playwright/test';

test.use({ locale: 'vi-VN' });

/// A picture that a camera might have taken.
async function picture(page: Page): Promise<Buffer> {
    const bytes = await page.evaluate(async () => {
        const canvas = document.createElement('canvas');
        canvas.width = 1600;
        canvas.height = 1200;
        const paper = canvas.getContext('2d')!;
        paper.fillStyle = '#888';
        paper.fillRect(0, 0, 1600, 1200);
        paper.fillStyle = '#222';
        paper.fillRect(500, 500, 400, 300);
        const blob = await new Promise<Blob>(resolve => { canvas.toBlob(one => resolve(one!), 'image/jpeg'); });
        return [...new Uint8Array(await blob.arrayBuffer())];
    });
    return Buffer.from(bytes);
}

test('a report goes from a telephone with a photo to its closing, its rating and its reopening', async ({ browser, baseURL }) => {
    test.setTimeout(120_000);
    const words = `Nắp cống vỡ trước cổng trường ${Date.now()}`;
    const phone = await browser.newContext({
        baseURL: baseURL!, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'vi-VN',
        geolocation: { latitude: heart.lat, longitude: heart.lon, accuracy: 12 }, permissions: ['geolocation'],
    });
    const citizen = await phone.newPage();
    await citizen.goto('/console/report.html');
    await citizen.getByLabel('Đường sá').check();
    await citizen.getByLabel('Mô tả').fill(words);
    await citizen.getByRole('button', { name: 'Lấy vị trí của tôi' }).tap();
    await expect(citizen.getByText('Đã có vị trí, sai số khoảng 12 m')).toBeVisible();
    await citizen.getByLabel('Ảnh', { exact: true }).setInputFiles({ name: 'hiện trường.jpg', mimeType: 'image/jpeg', buffer: await picture(citizen) });
    await expect(citizen.locator('[data-photo]')).toBeVisible();
    await citizen.getByText('Liên hệ (không bắt buộc)').tap();
    await citizen.getByLabel('Điện thoại').fill(`09${Date.now() % 100_000_000}`);
    expect(await citizen.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await citizen.screenshot({ path: 'output/report-phone.png', fullPage: true });
    await citizen.getByRole('button', { name: 'Gửi phản ánh' }).tap();
    const anyway = citizen.getByRole('button', { name: 'Việc khác, vẫn gửi' });
    const report = citizen.locator('[data-report]');
    await expect(anyway.or(report)).toBeVisible();
    if (await anyway.isVisible()) await anyway.tap();
    await expect(report).toBeVisible();
    await expect(citizen.locator('[data-state=received]')).toBeVisible();
    await expect(report.getByRole('img')).toBeVisible();
    const id = (await report.getAttribute('data-report'))!;

    // The same again from the same place is offered, not sent.
    const second = await phone.newPage();
    await second.goto('/console/report.html');
    await second.getByLabel('Rác thải').check();
    await second.getByLabel('Mô tả').fill(`${words}, nguy hiểm`);
    await second.getByRole('button', { name: 'Lấy vị trí của tôi' }).tap();
    await expect(second.getByText('Đã có vị trí')).toBeVisible();
    await second.getByRole('button', { name: 'Gửi phản ánh' }).tap();
    await expect(second.locator(`[data-similar="${id}"]`)).toBeVisible();
    await second.getByRole('button', { name: 'Đúng việc này, không gửi nữa' }).tap();
    await expect(second.getByText('đã có người phản ánh')).toBeVisible();

    // An office chooses it and closes it without touching the mouse.
    const desk = await browser.newContext({ baseURL: baseURL!, locale: 'vi-VN' });
    const office = await desk.newPage();
    await open(office, '#map=9/18.34/105.9&layers=places');
    await office.getByRole('button', { name: 'Phản ánh', exact: true }).press('Enter');
    const list = office.getByRole('listbox', { name: 'Phản ánh đang mở' });
    const mine = list.locator(`[data-report="${id}"]`);
    await expect(mine).toHaveCount(1);
    const place = await list.locator('[role=option]').evaluateAll((all, wanted) => all.findIndex(one => one.getAttribute('data-report') === wanted), id);
    await list.focus();
    for (let i = 0; i < place; i += 1) await office.keyboard.press(i % 2 === 0 ? 'j' : 'ArrowDown');
    await expect(mine).toHaveAttribute('aria-selected', 'true');
    await office.screenshot({ path: 'output/triage.png' });
    await office.keyboard.press('4');
    await expect(office.locator('[data-told]')).toContainText('Đang xử lý');
    await expect(citizen.locator('[data-state=in_progress]')).toBeVisible({ timeout: 20_000 });
    await expect(mine).toHaveAttribute('aria-selected', 'true');
    await office.keyboard.press('5');
    await expect(mine).toHaveCount(0);

    await expect(citizen.locator('[data-state=fixed]')).toBeVisible({ timeout: 20_000 });
    await citizen.getByRole('button', { name: '5', exact: true }).tap();
    await expect(citizen.getByText('Đã đánh giá 5/5')).toBeVisible();
    await citizen.getByLabel('Vì sao mở lại').fill('Nắp mới lại vỡ');
    await citizen.getByRole('button', { name: 'Chưa xong? Mở lại' }).tap();
    await expect(citizen.locator('[data-state=received]')).toBeVisible({ timeout: 20_000 });
    await expect(citizen.getByText('Nắp mới lại vỡ')).toBeVisible();
    await expect(mine).toHaveCount(1); // told without being asked
    await office.keyboard.press('Escape');
    await citizen.getByLabel('Nhắn cơ quan xử lý').fill('Cảm ơn');
    await citizen.getByRole('button', { name: 'Gửi lời nhắn' }).tap();
    await expect(citizen.getByText('Cảm ơn')).toBeVisible();
    await phone.close();
    await desk.close();
});
