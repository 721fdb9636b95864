import { faults } from './axe';
import { clickAt, expect, heart, keep, needsData, open, realData, settled, test, unitsOnly } from './console';

for (const theme of ['light', 'dark']) {
    test(`layers, file, list and keys are free of serious faults, ${theme}`, async ({ page }) => {
        await open(page, `#map=11/${heart.lat}/${heart.lon}&theme=${theme}`);
        const row = page.locator('[data-collection=places]');
        await row.getByRole('button').first().click();
        expect(await faults(page)).toEqual([]);
        await row.getByRole('button', { name: 'Danh sách trong khung nhìn' }).click();
        await expect(page.locator('aside ol button').first()).toBeVisible();
        expect(await faults(page)).toEqual([]);
        await clickAt(page, heart.lon, heart.lat);
        await expect(page.locator('article h2')).toBeVisible();
        expect(await faults(page)).toEqual([]);
        await page.keyboard.press('?');
        await expect(page.getByRole('dialog')).toBeVisible();
        expect(await faults(page)).toEqual([]);
    });

    test(`the room of indicators and the file of a place are free of serious faults, ${theme}`, async ({ page }) => {
        test.skip(!realData, needsData);
        await page.setViewportSize({ width: 1920, height: 1080 });
        await open(page, `#map=5/16/106.5&layers=places&theme=${theme}`);
        await page.getByRole('button', { name: 'Chỉ tiêu' }).click();
        await page.getByRole('region', { name: 'Xếp hạng' }).getByRole('button').first().click();
        await expect(page.getByRole('region', { name: 'Hồ sơ địa bàn' }).getByRole('table')).toBeVisible();
        await expect(page.getByRole('region', { name: 'Xu thế' })).toBeVisible();
        expect(await faults(page)).toEqual([]);
        await settled(page);
        await keep(page, `indicators-${theme}`);
    });
}

test('at 1920 both panels stand beside a map of at least 59 %', async ({ page }) => {
    await page.setViewportSize({ width: 1920, height: 1080 });
    await open(page, `#map=11/${heart.lat}/${heart.lon}`);
    await clickAt(page, heart.lon, heart.lat);
    await expect(page.locator('article h2')).toBeVisible();
    await expect(page.locator('aside')).toHaveCount(2);
    expect(await page.locator('main').evaluate(main => main.clientWidth / innerWidth)).toBeGreaterThanOrEqual(0.59);
    await settled(page);
    await keep(page, 'file-1920');
});

test('at 1440 one panel stands, the other is a tab', async ({ page }) => {
    await open(page, `#map=11/${heart.lat}/${heart.lon}&layers=places`);
    await clickAt(page, heart.lon, heart.lat);
    await expect(page.locator('article h2')).toBeVisible();
    await expect(page.locator('aside')).toHaveCount(1);
    expect(await page.locator('main').evaluate(main => main.clientWidth / innerWidth)).toBeGreaterThanOrEqual(0.68);
    await page.getByRole('button', { name: 'Lớp bản đồ', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Lớp bản đồ' })).toBeVisible();
});

test.describe('phone', () => {
    test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

    test('a sheet with three stops holds layers and file', async ({ page }) => {
        await open(page);
        const sheet = page.locator('.sheet');
        const height = () => sheet.evaluate(element => Math.round(element.getBoundingClientRect().height));
        await expect.poll(height).toBe(96);
        expect(await faults(page)).toEqual([]);
        await keep(page, 'phone-map');
        await page.getByRole('button', { name: 'Kéo lên' }).click();
        await expect.poll(height).toBe(Math.round(844 * 0.45));
        await page.getByRole('button', { name: 'Kéo lên' }).click();
        await expect.poll(height).toBe(Math.round(844 * 0.92));
        await keep(page, 'phone-layers');
        expect(await faults(page)).toEqual([]);
        await page.getByRole('button', { name: 'Hạ xuống' }).click();
        await page.getByRole('button', { name: 'Hạ xuống' }).click();
        await expect.poll(height).toBe(96);
        await open(page, `#map=12/${heart.lat}/${heart.lon}`);
        await clickAt(page, heart.lon, heart.lat);
        await expect(page.locator('article h2')).toBeVisible();
        await expect.poll(height).toBe(Math.round(844 * 0.45));
        await keep(page, 'phone-file');
    });

    test('every target is 44 px', async ({ page }) => {
        await open(page, unitsOnly);
        await page.getByRole('button', { name: 'Kéo lên' }).tap();
        const small = await page.evaluate(() => [...document.querySelectorAll<HTMLElement>('button, input[type=checkbox], select, a[href]')]
            .filter(element => element.offsetParent && !element.matches('.skip, .link'))
            .map(element => [element, (element.closest('label') ?? element).getBoundingClientRect()] as const)
            .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
            .map(([element, box]) => `${element.outerHTML.slice(0, 90)} ${box.width} × ${box.height}`));
        expect(small).toEqual([]);
    });
});
