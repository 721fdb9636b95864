import { expect, heart, open, settled, test, unitAt } from './console';

test('an address brings back view, layers, opacity, selection, units, language and theme', async ({ page, context }) => {
    await page.goto('/console/');
    const commune = await unitAt(page, heart.lon, heart.lat, 'commune');
    const fragment = `#map=11.5/${heart.lat}/${heart.lon}&layers=places:0.6&select=places/${commune.fid}&crs=dms&lang=en&theme=dark`;
    const other = await context.newPage();
    await open(other, fragment);
    await expect(other.getByRole('heading', { name: commune.full_name })).toBeVisible();
    await expect(other.locator('html')).toHaveAttribute('data-theme', 'dark');
    await expect(other.locator('html')).toHaveAttribute('lang', 'en');
    expect(await other.evaluate(() => globalThis.diaban.map.getZoom())).toBeCloseTo(11.5, 2);
    expect(await other.evaluate(() => globalThis.diaban.map.getPaintProperty('places-commune', 'line-opacity'))).toBe(0.6);
    await expect(other.getByText('18°20′34.8″N')).toBeVisible();
    await settled(other);
    expect(decodeURIComponent(new URL(other.url()).hash)).toBe(fragment);
});

test('the address follows the map', async ({ page }) => {
    await open(page, `#map=10/${heart.lat}/${heart.lon}&layers=places`);
    await page.getByRole('button', { name: 'Phóng to', exact: true }).first().click();
    await expect(page).toHaveURL(/#map=11\//);
});

test('a broken address opens as if there were none', async ({ page }) => {
    await open(page, '#map=99/x/y&layers=%3Cscript%3E&select=places/abc&theme=pink');
    await expect(page.getByRole('heading', { name: 'Lớp bản đồ' })).toBeVisible();
});

test('coordinates change their system', async ({ page }) => {
    await open(page, `#map=12/${heart.lat}/${heart.lon}&crs=9209&layers=places`);
    await page.mouse.move(5, 5);
    await expect(page.locator('output')).toHaveText(/X 2\.028\.900,\d {2}Y 542\.60\d,\d/);
    await page.getByLabel('Hệ tọa độ').selectOption('decimal');
    await expect(page.locator('output')).toHaveText('18,34300° B  105,90500° Đ');
    await expect(page).toHaveURL(/crs=decimal/);
});
