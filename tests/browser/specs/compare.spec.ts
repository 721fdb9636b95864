// Two moments side by side: the units of June 2025 beside those of today, the record of yesterday beside the present.

import type { Map as LibreMap } from 'maplibre-gl';
import type { Page } from '@playwright/test';
import { faults } from './axe';
import { expect, heart, keep, open, settled, test } from './console';
import { database, needsRecord, record } from './record';

declare global {
    var diabanPast: LibreMap; // see PastView.svelte
}

const begin = async (page: Page) => {
    await page.getByRole('button', { name: 'So sánh hai thời điểm' }).click();
    await page.waitForFunction(() => globalThis.diabanPast?.loaded() && globalThis.diabanPast.areTilesLoaded());
};

/// Values of a property of what is drawn of a source on one of the maps.
const drawn = (page: Page, which: 'diaban' | 'diabanPast', source: string, name: string) => page.evaluate(([map, id, property]) => {
    const of = map === 'diaban' ? globalThis.diaban.map : globalThis.diabanPast;
    return [...new Set(of.queryRenderedFeatures().filter(one => one.source === id).map(one => String(one.properties[property!] ?? '')))];
}, [which, source, name] as const);

test('units of before July 2025 stand beside those of today, and the line moves by mouse and keys', async ({ page }) => {
    await open(page, `#map=10.5/${heart.lat}/${heart.lon}&layers=places`);
    await begin(page);
    await expect(page.locator('[data-past="2025-06-30"]')).toBeVisible();
    expect(await drawn(page, 'diabanPast', 'places', 'valid_to')).not.toContain('');
    expect(await drawn(page, 'diaban', 'places', 'valid_to')).toEqual(['']);

    const line = page.getByRole('slider', { name: 'Vạch so sánh' });
    await line.focus();
    await page.keyboard.press('ArrowRight');
    await expect(line).toHaveAttribute('aria-valuenow', '55');
    const box = (await line.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, 300);
    await page.mouse.down();
    await page.mouse.move(box.x - 200, 300, { steps: 4 });
    await page.mouse.up();
    expect(Number(await line.getAttribute('aria-valuenow'))).toBeLessThan(45);

    await page.evaluate(() => globalThis.diaban.map.jumpTo({ center: [105.8, 18.4], zoom: 11 }));
    await expect.poll(() => page.evaluate(() => {
        const { lng, lat } = globalThis.diabanPast.getCenter();
        return [lng.toFixed(4), lat.toFixed(4), globalThis.diabanPast.getZoom()];
    })).toEqual(['105.8000', '18.4000', 11]);
    await settled(page);
    expect(await faults(page)).toEqual([]);
    await keep(page, 'compare');
    await page.getByRole('button', { name: 'Thôi so sánh' }).click();
    await expect(line).toBeHidden();
});

test('what was recorded today is not there in the record of yesterday', async ({ page }) => {
    test.skip(!database, needsRecord);
    const here = "name = 'Thử so sánh'";
    await record(`INSERT INTO record.cameras (name, geom) VALUES ('Thử so sánh', ST_Point(${heart.lon}, ${heart.lat}, 4326))`);
    try {
        await open(page, `#map=16/${heart.lat}/${heart.lon}&layers=cameras`);
        await begin(page);
        await page.getByRole('combobox', { name: 'Theo' }).selectOption({ label: 'những gì đã ghi nhận đến ngày đó' });
        const day = new Date(Date.now() + 7 * 3600_000 - 86_400_000).toISOString().slice(0, 10); // yesterday in Viet Nam
        await page.getByLabel('Bên trái: ngày').fill(day);
        await expect(page.locator(`[data-past="${day}"]`)).toBeVisible();
        await expect.poll(() => drawn(page, 'diaban', 'cameras', 'name')).toContain('Thử so sánh');
        await page.waitForFunction(() => globalThis.diabanPast.loaded() && globalThis.diabanPast.areTilesLoaded());
        expect(await drawn(page, 'diabanPast', 'cameras', 'name')).not.toContain('Thử so sánh');
    } finally {
        await record(`DELETE FROM record.cameras WHERE ${here}`);
    }
});
