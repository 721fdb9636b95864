// What every test of the console has: a page that is watched, and ways to wait for the map.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as plain, expect, type Page } from '@playwright/test';
import type { Map as LibreMap } from 'maplibre-gl';

declare global {
    // The console's own handle, see MapView.svelte.
    var diaban: { readonly map: LibreMap };
}

/// The folder of the real data, where the server holds it; relative to the top of the project.
const top = fileURLToPath(new URL('../../../', import.meta.url));
export const dataFolder = process.env.DIABAN_DATA ? resolve(top, process.env.DIABAN_DATA) : '';
export const realData = dataFolder !== '';
export const needsData = 'needs the real data: DIABAN_DATA is not set';

export const heart = { lat: 18.343, lon: 105.905 };

/// MapLibre sets ten vertices aside for each point of a line before it knows how few it needs, and says
/// so of a ring of more than 6,553 points; such rings are in the lowest tiles, and are drawn whole.
const reserved = /^Max vertices per segment is 65535: bucket requested/;

export const test = plain.extend<{ watched: string[] }>({
    /// Every console error, uncaught exception, failed answer and request to elsewhere fails the test.
    watched: [async ({ page, baseURL }, use) => {
        const faults: string[] = [];
        const origin = new URL(baseURL!).origin;
        page.on('console', message => {
            if (!['error', 'warning'].includes(message.type()) || reserved.test(message.text())) return;
            faults.push(`console: ${message.text()}`);
        });
        page.on('pageerror', error => faults.push(`exception: ${error.message}`));
        page.on('request', request => {
            const url = new URL(request.url());
            const live = url.hostname === new URL(origin).hostname && url.pathname === '/live'; // on its own port
            if (url.protocol.startsWith('http') && url.origin !== origin && !live) faults.push(`left the machine: ${url}`);
        });
        page.on('response', response => {
            if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
        });
        await use(faults);
        expect(faults).toEqual([]);
    }, { auto: true }],
});

export { expect };

export async function settled(page: Page): Promise<void> {
    await page.waitForFunction(() => globalThis.diaban?.map?.loaded() && globalThis.diaban.map.areTilesLoaded()
        && !globalThis.diaban.map.isMoving(), null, { timeout: 60_000 });
    await page.waitForTimeout(400); // labels fade in
}

/// Units alone: for tests that ask nothing of the other layers, a software renderer is slow.
export const unitsOnly = '#layers=places';

export async function open(page: Page, fragment = ''): Promise<void> {
    await page.goto(`/console/${fragment}`);
    await settled(page);
}

export async function clickAt(page: Page, lon: number, lat: number): Promise<void> {
    const point = await page.evaluate(([x, y]) => {
        const { map } = globalThis.diaban;
        const box = map.getCanvas().getBoundingClientRect();
        const place = map.project([x!, y!]);
        return { x: box.left + place.x, y: box.top + place.y };
    }, [lon, lat]);
    await page.mouse.click(point.x, point.y);
}

export const searchField = (page: Page) => page.getByRole('combobox', { name: 'Tìm địa danh, tọa độ' });

/// A picture for people, kept in output/.
export const keep = (page: Page, name: string) => page.screenshot({ path: `output/${name}.png` });

export interface AtAnswer {
    places: { fid: number; level: string; full_name: string; code: string; valid_to: string | null }[];
}

/// The unit of a level at a point: today's where there is one.
export async function unitAt(page: Page, lon: number, lat: number, level: string): Promise<AtAnswer['places'][number]> {
    const answer = await page.request.get(`/at?lon=${lon}&lat=${lat}`);
    expect(answer.ok()).toBe(true);
    const { places } = await answer.json() as AtAnswer;
    const all = places.filter(place => place.level === level);
    const unit = all.find(place => !place.valid_to) ?? all[0];
    expect(unit, `a ${level} at ${lat}, ${lon}`).toBeDefined();
    return unit!;
}

/// How many pixels of the map are red above blue (or, negative, blue above red) by more than so much.
export const redderPixels = (page: Page, by: number) => page.evaluate(async least => {
    const { map } = globalThis.diaban;
    await new Promise<void>(resolve => { map.once('render', () => resolve()); map.triggerRepaint(); });
    const picture = map.getCanvas();
    const copy = document.createElement('canvas');
    copy.width = picture.width;
    copy.height = picture.height;
    const paper = copy.getContext('2d')!;
    map.triggerRepaint();
    await new Promise<void>(resolve => {
        map.once('render', () => { paper.drawImage(picture, 0, 0); resolve(); });
    });
    const { data } = paper.getImageData(0, 0, copy.width, copy.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
        const redder = data[i]! - data[i + 2]!;
        if (least > 0 ? redder > least : redder < least) count += 1;
    }
    return count;
}, by);
