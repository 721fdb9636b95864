import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { clickAt, dataFolder, expect, heart, keep, needsData, open, realData, settled, test, unitAt, unitsOnly } from './console';

test('opens on the province, in Vietnamese, with its layers and their figures', async ({ page }) => {
    await open(page);
    await expect(page.locator('html')).toHaveAttribute('lang', 'vi');
    const collections = (await (await page.request.get('/collections')).json()).collections as {
        id: string; geometryType: string; synthetic: boolean; titles: { vi: string };
    }[];
    const drawn = collections.filter(c => c.geometryType !== 'none');
    for (const { id, titles, synthetic } of drawn) {
        const row = page.locator(`[data-collection="${id}"]`);
        await expect(row.getByRole('checkbox', { name: titles.vi })).toBeVisible();
        await expect(row.getByText('GIẢ LẬP', { exact: true })).toHaveCount(synthetic ? 1 : 0);
    }
    await expect(page.getByText('Trực tuyến')).toBeVisible();
    await keep(page, 'home-1440');
});

test('draws every commune of Hà Tĩnh, and their names', async ({ page }) => {
    test.skip(!realData, needsData);
    const table = readFileSync(`${dataFolder}/admin/gso_codes_2025.csv`, 'utf8').split(/\r?\n/).map(l => l.split(','));
    const [head] = table;
    const [code, province] = ['code', 'province_code'].map(name => head!.indexOf(name));
    const official = table.slice(1).filter(row => row[province!] === '42').map(row => row[code!]);
    expect(official).toHaveLength(69);

    await open(page);
    const shown = await page.evaluate(() => globalThis.diaban.map.queryRenderedFeatures({ layers: ['places-commune'] })
        .map(feature => String(feature.properties.code)));
    expect(official.filter(unit => !shown.includes(unit!))).toEqual([]);

    await open(page, `#map=11/${heart.lat}/${heart.lon}`);
    const labels = await page.evaluate(() => globalThis.diaban.map.queryRenderedFeatures({ layers: ['places-commune-name'] })
        .map(feature => String(feature.properties.name)));
    const unit = await unitAt(page, heart.lon, heart.lat, 'commune');
    expect(labels.map(name => name.normalize('NFC'))).toEqual(labels);
    expect(labels.some(name => unit.full_name.endsWith(name))).toBe(true);
    expect(new Set(labels).size).toBeGreaterThan(8);
    await keep(page, 'communes');
});

test('names Hoàng Sa, Trường Sa and Biển Đông over the whole country', async ({ page }) => {
    await open(page, '#map=4.6/15/110');
    const names = await page.evaluate(() => globalThis.diaban.map
        .queryRenderedFeatures({ layers: ['archipelago-name', 'sea-name'] }).map(f => String(f.properties.name)));
    expect(new Set(names)).toEqual(new Set(['Quần đảo Hoàng Sa', 'Quần đảo Trường Sa', 'Biển Đông']));
    await keep(page, 'country');
});

test('says which layers are merged at a low zoom, and goes to where each feature is seen', async ({ page }) => {
    const { collections } = await (await page.request.get('/collections')).json() as {
        collections: { id: string; mergedBelow?: number; count: number }[];
    };
    const merged = collections.filter(c => (c.mergedBelow ?? 0) > 6).sort((a, b) => a.mergedBelow! - b.mergedBelow!);
    expect(merged.map(c => c.id)).toContain('parcels');
    await open(page, `#map=6/${heart.lat}/${heart.lon}&layers=places,${merged.map(c => c.id).join(',')}`);
    const row = page.locator(`[data-collection="${merged[0]!.id}"]`);
    const notice = page.locator('[data-notice=merged]');
    await expect(notice).toContainText('Gộp theo loại');
    await expect(notice).not.toContainText('Đơn vị hành chính'); // thinned, not merged
    await expect(row).toContainText('Đang gộp theo loại');
    const drawn = await page.evaluate(() => globalThis.diaban.map.querySourceFeatures('parcels', { sourceLayer: 'parcels' })
        .map(f => ({ id: f.id, count: Number(f.properties.count), use: String(f.properties.land_use) })));
    expect(drawn.length).toBeGreaterThan(3);
    expect(drawn.every(f => f.id === undefined && f.count > 0)).toBe(true);
    await notice.getByRole('button', { name: 'Phóng to' }).click();
    await expect.poll(() => page.evaluate(() => globalThis.diaban.map.getZoom())).toBeGreaterThanOrEqual(merged[0]!.mergedBelow!);
    await expect(row).not.toContainText('Đang gộp theo loại');
});

test('hides, shows and fades a layer', async ({ page }) => {
    await open(page, unitsOnly);
    const visibility = () => page.evaluate(() => globalThis.diaban.map.getLayoutProperty('places-commune', 'visibility'));
    const opacity = () => page.evaluate(() => globalThis.diaban.map.getPaintProperty('places-commune', 'line-opacity') ?? 1);
    const row = page.locator('[data-collection=places]');
    expect(await visibility()).toBe('visible');

    await row.getByRole('button').click();
    const slider = row.getByRole('slider');
    await slider.fill('0.5');
    await expect.poll(opacity).toBe(0.5);
    await expect(page).toHaveURL(/layers=[^&]*places:0\.5/);

    await row.getByRole('checkbox').uncheck();
    await expect.poll(visibility).toBe('none');
    await expect(page).not.toHaveURL(/layers=[^&]*places/);
    await row.getByRole('checkbox').check();
    await expect.poll(visibility).toBe('visible');
});

test('wears light and dark', async ({ page }) => {
    await open(page);
    const background = () => page.evaluate(() => globalThis.diaban.map.getPaintProperty('beyond', 'background-color'));
    const light = await background();
    await page.getByRole('button', { name: 'Nền tối' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await expect.poll(background).not.toBe(light);
    await settled(page);
    await keep(page, 'home-dark');
    await page.getByRole('button', { name: 'Nền sáng' }).click();
    await expect.poll(background).toBe(light);
});

test('speaks Vietnamese and English', async ({ page }) => {
    await open(page, unitsOnly);
    await page.getByRole('button', { name: 'English' }).click();
    await expect(page.getByRole('heading', { name: 'Map layers' })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(page).toHaveURL(/lang=en/);
    await page.getByRole('button', { name: 'Tiếng Việt' }).click();
    await expect(page.getByRole('heading', { name: 'Lớp bản đồ' })).toBeVisible();
});

test('shows the units of before July 2025 beside those of today', async ({ page }) => {
    test.skip(!realData, needsData);
    await open(page, `#map=9/${heart.lat}/${heart.lon}&layers=places`);
    const drawn = (layer: string) => page.evaluate(
        id => globalThis.diaban.map.queryRenderedFeatures({ layers: [id] }).length, layer);
    expect(await drawn('places-commune')).toBeGreaterThan(60);
    expect(await drawn('places-district')).toBe(0);
    await page.getByRole('radio', { name: 'Cũ' }).check();
    await expect.poll(() => drawn('places-district')).toBeGreaterThan(10);
    expect(await drawn('places-commune')).toBe(0);
    await expect(page).toHaveURL(/units=before/);
    await settled(page);
    await keep(page, 'units-before');

    await clickAt(page, heart.lon, heart.lat);
    const former = await (await page.request.get(`/at?lon=${heart.lon}&lat=${heart.lat}&on=2025-06-30`)).json() as {
        places: { level: string; full_name: string; valid_to: string | null }[];
    };
    const district = former.places.find(p => p.level === 'district' && p.valid_to);
    await expect(page.getByRole('heading', { name: district!.full_name })).toBeVisible();
});

test('a lost WebGL context keeps the picture and comes back', async ({ page }) => {
    await open(page, `#map=9/${heart.lat}/${heart.lon}&layers=places`);
    await page.evaluate(() => {
        const gl = globalThis.diaban.map.getCanvas().getContext('webgl2')!;
        gl.getExtension('WEBGL_lose_context')!.loseContext();
    });
    await expect(page.getByText('Bản đồ đang được dựng lại')).toBeVisible();
    const still = page.locator('canvas.still');
    await expect(still).toBeVisible();
    expect(await still.evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        const seen = new Set<number>();
        for (let i = 0; i < data.length; i += 400) seen.add(data[i]! << 16 | data[i + 1]! << 8 | data[i + 2]!);
        return seen.size;
    })).toBeGreaterThan(4);
    await expect(page.getByText('Bản đồ đang được dựng lại')).toBeHidden({ timeout: 30_000 });
    await settled(page);
    expect(await page.evaluate(() => globalThis.diaban.map.getCanvas().getContext('webgl2')!.isContextLost())).toBe(false);
    expect(await page.evaluate(() => globalThis.diaban.map.queryRenderedFeatures({ layers: ['places-province'] }).length))
        .toBeGreaterThan(0);
    expect(await page.evaluate(() => globalThis.diaban.map.getZoom())).toBeCloseTo(9, 2);
});

test('says when the server is away, keeps the picture, and says when it is back', async ({ page, context, watched }) => {
    await open(page, unitsOnly);
    await context.setOffline(true);
    await expect(page.getByText(/Mất kết nối \d+ giây\. Giữ hình \d\d:\d\d/)).toBeVisible();
    await context.setOffline(false);
    await expect(page.getByText('Trực tuyến')).toBeVisible({ timeout: 30_000 });
    watched.length = 0; // requests fail while there is no network, and Chromium says so
});

test('a first visit loads at most 600 KB of JavaScript and CSS, gzipped', async ({ page }) => {
    const bodies: Promise<readonly [string, number]>[] = [];
    page.on('response', response => {
        const { pathname } = new URL(response.url());
        if (/\.(m?js|css)$/.test(pathname)) {
            bodies.push(response.body().then(body => [pathname, gzipSync(body).length] as const));
        }
    });
    await open(page);
    const sizes = await Promise.all(bodies);
    expect(sizes.map(([name]) => name).join(' ')).toContain('worker');
    expect(sizes.reduce((sum, [, bytes]) => sum + bytes, 0), JSON.stringify(sizes)).toBeLessThanOrEqual(600_000);
});
