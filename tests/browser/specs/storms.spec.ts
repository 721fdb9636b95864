// A storm in the console: a bulletin is pasted, read, confirmed; its swath is drawn and counted, and the
// shelters of a commune are listed, in six clicks at most.

import { readFile } from 'node:fs/promises';
import { expect, keep, open, test, unitsOnly } from './console';
import { database, needsRecord, record } from './record';

declare global { var clicked: number }

test.skip(!database, needsRecord);
test.describe.configure({ mode: 'serial' });

/// The bulletin of the tests, as of today: the one who pastes has just received it.
async function bulletin(): Promise<string> {
    const source = await readFile(new URL('../../services/bulletin_bualoi.hpp', import.meta.url), 'utf8');
    const text = source.slice(source.indexOf('R"(') + 3, source.indexOf(')";'));
    const local = (ahead: number) => {
        const at = new Date(Date.now() + (7 + 24 * ahead) * 3_600_000);
        return `${at.getUTCDate()}/${at.getUTCMonth() + 1}`;
    };
    return text.replaceAll('28/9', local(0)).replaceAll('29/9', local(1)).replaceAll('số 10', 'số 99').replaceAll('SỐ 10', 'SỐ 99');
}

async function clean(): Promise<void> {
    await record(`DELETE FROM record.storm_fixes WHERE bulletin IN (SELECT key FROM record.storm_bulletins WHERE storm LIKE 'Bão số 99%');
        DELETE FROM record.storm_dangers WHERE bulletin IN (SELECT key FROM record.storm_bulletins WHERE storm LIKE 'Bão số 99%');
        DELETE FROM record.storm_warnings WHERE bulletin IN (SELECT key FROM record.storm_bulletins WHERE storm LIKE 'Bão số 99%');
        DELETE FROM record.storm_bulletins WHERE storm LIKE 'Bão số 99%';
        DELETE FROM record.disaster_events WHERE name LIKE 'Bão số 99%'`);
}
test.beforeAll(clean);
test.afterAll(clean);

test('from a pasted bulletin to the shelters of a commune are six clicks at most', async ({ page }) => {
    test.setTimeout(120_000);
    // Counted by the browser: every click that reaches the page, whoever makes it.
    await page.addInitScript(() => {
        globalThis.clicked = 0;
        addEventListener('click', event => { if (event.isTrusted) globalThis.clicked += 1; }, true);
    });
    await open(page, unitsOnly);
    const click = async (name: string) => page.getByRole('button', { name, exact: true }).first().click();
    await click('Thiên tai');
    await click('Bão');
    await page.getByRole('textbox', { name: 'Dán bản tin chính thức' }).fill(await bulletin());
    await click('Đọc bản tin');
    const fixes = page.locator('[data-storm=fixes]').first();
    await expect(fixes).toContainText('16,2N 110,2E');
    await expect(fixes).toContainText('12–13, giật 16');
    await expect(fixes).toContainText('đất liền ven biển từ Nghệ An đến Bắc Quảng Trị');
    await expect(page.locator('[data-storm=faults]')).toHaveCount(0);
    await click('Xác nhận bản tin');
    await expect(page.locator('[data-storm=official]')).toHaveText('Cấp 4');
    await expect(page.locator('[data-storm=computed]')).toContainText('Biển Đông: Cấp 3');
    const impact = page.locator('[data-storm=impact]');
    await expect(impact.locator('[data-people=affected]')).toHaveText(/\d/, { timeout: 30_000 });
    await page.waitForFunction(() => globalThis.diaban.map.getStyle().layers.some(layer => layer.id === 'storm-swath'));
    await impact.getByRole('button', { name: /Thạch Hà/ }).first().click();
    await expect(page.locator('[data-storm=shelters]')).toContainText('Điểm sơ tán ở');
    await expect(page.locator('[data-storm=shelters] li').first()).toBeVisible();
    const clicks = await page.evaluate(() => globalThis.clicked);
    console.log(`bulletin to shelters: ${clicks} clicks`);
    expect(clicks).toBeGreaterThan(0);
    expect(clicks).toBeLessThanOrEqual(6);
    await keep(page, 'storm');
    const [[kept]] = await record(`SELECT count(*) FROM record.storm_fixes f JOIN record.storm_bulletins b ON f.bulletin = b.key
        WHERE b.storm LIKE 'Bão số 99%'`) as [[string]];
    expect(kept).toBe('3');
});

test('a bulletin that cannot be is refused, and one that contradicts itself waits for a person', async ({ page }) => {
    await open(page, unitsOnly);
    await page.getByRole('button', { name: 'Thiên tai', exact: true }).click();
    await page.getByRole('button', { name: 'Bão', exact: true }).click();
    const paste = page.getByRole('textbox', { name: 'Dán bản tin chính thức' });
    const confirm = page.getByRole('button', { name: 'Xác nhận bản tin' });
    const text = await bulletin();
    await paste.fill(text.replace('17,5N-107,6E', '71,5N-107,6E'));
    await page.getByRole('button', { name: 'Đọc bản tin' }).click();
    await expect(page.locator('[data-storm=faults]')).toContainText('71,5N');
    await expect(confirm).toBeDisabled();
    await paste.fill(text.replace('118-133km/giờ', '103-117km/giờ'));
    await page.getByRole('button', { name: 'Đọc bản tin' }).click();
    const doubts = page.locator('[data-storm=doubts]');
    await expect(doubts).toContainText('103-117 km/h');
    await expect(confirm).toBeDisabled();
    await doubts.getByRole('checkbox').check();
    await expect(confirm).toBeEnabled();
    await page.getByRole('button', { name: 'English' }).click();
    await expect(page.getByRole('button', { name: 'Confirm the bulletin' })).toBeVisible();
});
