import { expect, heart, keep, open, searchField, settled, test, unitAt, unitsOnly } from './console';

test('the map moves, zooms and names its centre by keys alone', async ({ page }) => {
    await open(page, `#map=11/${heart.lat}/${heart.lon}&layers=places`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter'); // the skip link
    expect(await page.evaluate(() => document.activeElement?.classList.contains('maplibregl-canvas'))).toBe(true);
    const centre = () => page.evaluate(() => globalThis.diaban.map.getCenter().toArray());
    const zoom = () => page.evaluate(() => globalThis.diaban.map.getZoom());
    const [before] = [await centre()];
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => (await centre())[0]).toBeGreaterThan(before[0]!);
    await page.keyboard.press('ArrowLeft');
    await settled(page);
    await page.keyboard.press('+');
    await expect.poll(zoom).toBeCloseTo(12, 1);
    await page.keyboard.press('-');
    await expect.poll(zoom).toBeCloseTo(11, 1);
    await settled(page);
    await page.keyboard.press('Enter');
    const [lon, lat] = await centre();
    const commune = await unitAt(page, lon!, lat!, 'commune');
    await expect(page.getByRole('heading', { name: commune.full_name })).toBeVisible();
    await keep(page, 'keyboard');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('heading', { name: commune.full_name })).toBeHidden();
    await expect(page).not.toHaveURL(/select=/);
});

test('/ goes to the search, arrows choose, Esc leaves it', async ({ page }) => {
    await open(page, unitsOnly);
    await page.keyboard.press('/');
    const field = searchField(page);
    await expect(field).toBeFocused();
    await expect(field).toHaveValue('');
    const { lng, lat } = await page.evaluate(() => {
        const c = globalThis.diaban.map.getCenter();
        return { lng: c.lng, lat: c.lat };
    });
    const province = await unitAt(page, lng, lat, 'province');
    await page.keyboard.type(province.full_name);
    await expect(page.getByRole('option').first()).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('option').first()).toBeHidden();
    await page.keyboard.press('Escape');
    await expect(field).toHaveValue('');
    await page.keyboard.press('Escape');
    await expect(field).not.toBeFocused();
});

test('the focus is always seen', async ({ page }) => {
    await open(page, unitsOnly);
    const unseen: string[] = [];
    for (let i = 0; i < 40; i += 1) {
        await page.keyboard.press('Tab');
        const found = await page.evaluate(() => {
            const element = document.activeElement as HTMLElement | null;
            if (!element || element === document.body) return '';
            const marked = [element, element.nextElementSibling, element.closest('.map')].filter(Boolean).some(one => {
                const style = getComputedStyle(one!);
                const after = getComputedStyle(one!, '::after');
                return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || after.boxShadow !== 'none';
            });
            return marked ? '' : element.outerHTML.slice(0, 120);
        });
        if (found) unseen.push(found);
    }
    expect(unseen).toEqual([]);
});

test('? shows the keys, Esc closes them', async ({ page }) => {
    await open(page, unitsOnly);
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Phím tắt' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
});
