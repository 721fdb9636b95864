// An alert from its opening to its end, as who is on duty sees and hears it.

import type { Page } from '@playwright/test';
import { faults } from './axe';
import { expect, heart, keep, open, settled, test, unitsOnly } from './console';
import { become, Registrar } from './people';
import { database, needsRecord, record } from './record';

test.skip(!database, needsRecord);
test.use({ locale: 'vi-VN' });

const people = new Registrar('alerts');
/// The banner while it tells of that alert; the record may hold others.
const region = (page: Page, headline: string) => page.getByRole('region', { name: 'Cảnh báo', exact: true }).filter({ hasText: headline });

test.beforeAll(async () => {
    await people.begin();
    const may = (collection: string, ...actions: string[]) => actions.map(action => ({ collection, action, everywhere: true, level: 1 }));
    await people.role('thu-canh-bao', { title: 'Trực ban', grants: [
        ...may('alerts', 'read', 'edit'), ...may('places', 'read'), ...may('cameras', 'read')] });
    await people.account('thu-truc-ban', ['thu-canh-bao']);
});
test.afterAll(async () => {
    await people.end();
    await record("DELETE FROM record.alerts WHERE headline LIKE 'Thử báo động%'");
});

test('an alert appears as it is opened, sounds, is acknowledged and shown with its cameras in three clicks, and ended with a reason', async ({ page }) => {
    await page.addInitScript(() => {
        const { createOscillator } = AudioContext.prototype;
        AudioContext.prototype.createOscillator = function counted() {
            const told = document.documentElement.dataset;
            told.tones = String(Number(told.tones ?? 0) + 1);
            return createOscillator.call(this);
        };
    });
    await become(page, 'thu-truc-ban', `#map=12/${heart.lat}/${heart.lon}&layers=places,alerts`);
    await settled(page);
    await expect(page.locator('[data-alerts]')).toBeVisible();
    const before = Number(await page.locator('[data-alerts]').getAttribute('data-alerts'));
    const opened = Date.now();
    await record(`INSERT INTO record.alerts (event, headline, severity, state, opened_at, geom)
        VALUES ('Lũ', 'Thử báo động II ở Linh Cảm', 'Extreme', 'open', now(), ST_Buffer(ST_Point(${heart.lon}, ${heart.lat}, 4326), 0.01))`);
    const banner = region(page, 'Thử báo động II ở Linh Cảm');
    await expect(banner).toBeVisible();
    console.log(`an alert was on the screen ${Date.now() - opened} ms after it was recorded`);
    await expect.poll(async () => Number(await page.locator('[data-alerts]').getAttribute('data-alerts'))).toBeGreaterThan(before);
    await expect.poll(async () => Number(await page.locator('html').getAttribute('data-tones'))).toBeGreaterThanOrEqual(2);
    await settled(page);
    expect(await faults(page)).toEqual([]);
    await keep(page, 'alert');

    await banner.getByRole('button', { name: 'Thử báo động II ở Linh Cảm' }).click();
    await banner.getByRole('button', { name: 'Xác nhận' }).click();
    await expect(banner).toBeHidden();
    await page.getByRole('button', { name: 'Camera nào thấy nơi này?' }).click();
    await expect(page.locator('[data-seeing]')).toBeVisible();
    const said = "headline LIKE 'Thử báo động%'";
    expect(await record(`SELECT state, acknowledged_by FROM record.alerts WHERE ${said}`)).toEqual([['acknowledged', 'thu-truc-ban']]);

    await page.getByRole('button', { name: /^Cảnh báo: / }).click();
    const list = page.getByRole('dialog', { name: 'Cảnh báo' });
    const item = list.locator('[data-alert]').filter({ hasText: 'Thử báo động II' });
    await item.getByRole('button', { name: 'Kết thúc cảnh báo…' }).click();
    await item.getByLabel('Vì sao kết thúc').fill('Nước đã rút');
    await item.getByRole('button', { name: 'Kết thúc cảnh báo', exact: true }).click();
    await expect(item).toHaveCount(0);
    expect(await record(`SELECT state FROM record.alerts WHERE ${said} AND close_reason = 'Nước đã rút'`)).toEqual([['closed']]);
});

test('an alert is hidden from one screen, and still stands', async ({ page }) => {
    await record(`INSERT INTO record.alerts (event, headline, severity, state, opened_at, geom)
        VALUES ('Mưa lớn', 'Thử báo động mưa', 'Extreme', 'open', now(), ST_Buffer(ST_Point(${heart.lon}, ${heart.lat}, 4326), 0.01))`);
    await open(page, unitsOnly);
    const banner = region(page, 'Thử báo động mưa');
    await expect(banner).toBeVisible();
    await banner.getByRole('button', { name: 'Ẩn khỏi màn hình này' }).click();
    await expect(banner).toBeHidden();
    await page.getByRole('button', { name: /^Cảnh báo: / }).click();
    await expect(page.getByRole('dialog', { name: 'Cảnh báo' })).toContainText('Thử báo động mưa');
});
