import { clickAt, expect, heart, keep, needsData, open, realData, searchField, settled, test, unitAt, unitsOnly } from './console';

test('finds Cẩm Duệ by its letters without marks, and goes there', async ({ page }) => {
    test.skip(!realData, needsData);
    await open(page, unitsOnly);
    const field = searchField(page);
    await field.fill('cam due');
    const first = page.getByRole('option').first();
    await expect(first).toContainText('Xã Cẩm Duệ');
    await expect(first).toContainText('Hà Tĩnh');
    await keep(page, 'search');
    await field.press('Enter');
    await expect(page.getByRole('heading', { name: 'Xã Cẩm Duệ' })).toBeVisible();
    await settled(page);
    const inside = await page.evaluate(() => {
        const { lng, lat } = globalThis.diaban.map.getCenter();
        return { lng, lat };
    });
    expect((await unitAt(page, inside.lng, inside.lat, 'province')).full_name).toBe('Tỉnh Hà Tĩnh');
    await expect(page).toHaveURL(/select=places\/\d+/);
    await keep(page, 'place-file');
});

test('finds a place of any server by folded letters', async ({ page }) => {
    await open(page, unitsOnly);
    const { lng, lat } = await page.evaluate(() => {
        const centre = globalThis.diaban.map.getCenter();
        return { lng: centre.lng, lat: centre.lat };
    });
    const province = await unitAt(page, lng, lat, 'province');
    const plain = province.full_name.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/gi, 'd').toLowerCase();
    await searchField(page).fill(plain);
    await expect(page.getByRole('option').filter({ hasText: province.full_name }).first()).toBeVisible();
});

test('says so when nothing is found', async ({ page }) => {
    await open(page, unitsOnly);
    await searchField(page).fill('zzzzqq');
    await expect(page.getByText('Không tìm thấy “zzzzqq”')).toBeVisible();
});

test('goes to coordinates', async ({ page }) => {
    await open(page, unitsOnly);
    await searchField(page).fill(`${heart.lat}, ${heart.lon}`);
    await searchField(page).press('Enter');
    await settled(page);
    const centre = await page.evaluate(() => globalThis.diaban.map.getCenter().toArray());
    expect(centre[0]).toBeCloseTo(heart.lon, 4);
    expect(centre[1]).toBeCloseTo(heart.lat, 4);
});

test('a click names the commune that the record says, and the former units', async ({ page }) => {
    await open(page, `#map=12/${heart.lat}/${heart.lon}&layers=places`);
    const units = (await Promise.all(['', '&on=2025-06-30'].map(async day => {
        const answer = await page.request.get(`/at?lon=${heart.lon}&lat=${heart.lat}${day}`);
        return (await answer.json() as { places: { full_name: string }[] }).places;
    }))).flat();
    const commune = await unitAt(page, heart.lon, heart.lat, 'commune');
    // Independent of the server: Hà Tĩnh's full-resolution communes hold the point in this one.
    if (realData) expect(commune.full_name).toBe('Phường Thành Sen');
    await clickAt(page, heart.lon, heart.lat);
    await expect(page.getByRole('heading', { name: commune.full_name })).toBeVisible();
    const values = page.locator('dd');
    await expect(values.getByText('Cấp xã', { exact: true })).toBeVisible(); // the title, not the code
    await expect(values.getByText('commune', { exact: true })).toHaveCount(0);
    const listed = page.locator('section', { has: page.getByRole('heading', { name: 'Đơn vị hành chính' }) });
    for (const { full_name: name } of units) await expect(listed.getByRole('button', { name }).first()).toBeVisible();
    const selected = await page.evaluate(() => (globalThis.diaban.map.getStyle().sources.selection as {
        data: { features: unknown[] };
    }).data.features.length);
    expect(selected).toBe(1);
});

test('several things at one point are listed, and each opens', async ({ page }) => {
    await open(page, unitsOnly);
    const { collections } = await (await page.request.get('/collections')).json() as {
        collections: {
            id: string; located: number; extent: { spatial: { bbox: number[][] } };
            fields: { personal: boolean }[];
        }[];
    };
    test.skip(!collections.some(c => c.id === 'parcels' && c.located > 0), 'this server holds no parcels');
    const { extent, fields } = collections.find(c => c.id === 'parcels')!;
    const [west, south, east, north] = extent.spatial.bbox[0]! as [
        number, number, number, number];
    const [x, y, around] = [(west + east) / 2, (south + north) / 2, Math.max(east - west, north - south) / 8];
    const middle = [x - around, y - around, x + around, y + around];
    const items = await (await page.request.get(`/collections/parcels/items?bbox=${middle.join(',')}&limit=1`)).json() as {
        features: { id: number; geometry: { type: string; coordinates: number[][][] | number[][][][] } }[];
    };
    const parcel = items.features[0]!;
    const ring = (parcel.geometry.type === 'Polygon' ? parcel.geometry.coordinates[0] : parcel.geometry.coordinates[0]![0]) as number[][];
    const lon = ring.slice(1).reduce((sum, c) => sum + c[0]!, 0) / (ring.length - 1);
    const lat = ring.slice(1).reduce((sum, c) => sum + c[1]!, 0) / (ring.length - 1);
    await open(page, `#map=17.5/${lat}/${lon}&layers=places,parcels`);
    await clickAt(page, lon, lat);
    await expect(page.getByRole('heading', { name: /Thửa đất số \d+, tờ bản đồ số \d+/ })).toBeVisible();
    await expect(page.getByText('Loại đất', { exact: true })).toBeVisible();
    // A personal field is either not known to exist, or known and refused; it is never shown.
    const refused = fields.some(field => field.personal);
    await expect(page.getByText('Bạn không có quyền xem trường này')).toHaveCount(refused ? 1 : 0);
    const commune = await unitAt(page, lon, lat, 'commune');
    await page.getByRole('button', { name: commune.full_name }).click();
    await expect(page.getByRole('heading', { name: commune.full_name })).toBeVisible();
    await settled(page);
    await keep(page, 'parcels');
});

test('a layer has a list twin of the view, from which a thing opens', async ({ page }) => {
    await open(page, unitsOnly);
    const row = page.locator('[data-collection=places]');
    await row.getByRole('button').first().click();
    await row.getByRole('button', { name: 'Danh sách trong khung nhìn' }).click();
    await expect(page.getByText(/^Hiện [\d.]+ trong [\d.]+$/)).toBeVisible();
    const item = page.locator('aside ol button').first();
    const name = await item.locator('span').first().innerText();
    await item.click();
    await expect(page.getByRole('heading', { name })).toBeVisible();
});
