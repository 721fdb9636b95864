// An inspection in the console, on a telephone and at a desk: from a suspect to the end, through cut
// networks and lost receipts, each step signed by who took it.

import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { faults } from './axe';
import { expect, heart, keep, open, searchField, settled, test, unitAt, unitsOnly } from './console';
import { become, Registrar } from './people';
import { placed } from './photo';
import { database, needsRecord, record } from './record';
import { makeSheet, removeSheet } from './sheet';

test.skip(!database, needsRecord);
test.use({ locale: 'vi-VN' });
test.describe.configure({ mode: 'serial' });

const people = new Registrar('inspection');
const sheet = 9905;
const finding = 'Nhà cấp 4 một tầng, mái tôn, xây trên đất ở liền kề';
const decision = 'Lập biên bản vi phạm, yêu cầu khôi phục hiện trạng';
let commune = '';
let code = ''; // of it
let lot = ''; // the suspect
let middle: [number, number] = [0, 0]; // of it

const clean = () => record(`DELETE FROM land.pack WHERE login LIKE 'thu-kiem-%';
    DELETE FROM record.case_photos WHERE inspection IN (SELECT fid FROM record.inspection_cases WHERE sheet = ${sheet});
    DELETE FROM land.photo_upload WHERE inspection IN (SELECT fid FROM record.inspection_cases WHERE sheet = ${sheet});
    DELETE FROM record.inspection_cases WHERE sheet = ${sheet};
    DELETE FROM record.indicators WHERE code LIKE 'farmland_lost%' AND value = 0;
    DELETE FROM record.reports WHERE code = 'THU-KIEM-TRA';
    DELETE FROM record.land_inspectors WHERE login LIKE 'thu-kiem-%'`);

test.beforeAll(async ({ browser }) => {
    const page = await browser.newPage();
    const unit = await unitAt(page, heart.lon, heart.lat, 'commune');
    [commune, code] = [unit.full_name, unit.code];
    await page.close();
    await clean();
    await removeSheet(sheet);
    await makeSheet(sheet, unit.code);
    await record(`INSERT INTO record.land_inspectors (unit, office, login) SELECT DISTINCT scope, 'Phòng Kinh tế', login
        FROM record.parcels, (VALUES ('thu-kiem-an'), ('thu-kiem-binh')) AS l(login) WHERE sheet = ${sheet}`);
    const [[fid, lon, lat]] = await record(`SELECT fid, ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)) FROM record.parcels
        WHERE sheet = ${sheet} AND parcel_number = 1`) as [[string, string, string]];
    [lot, middle] = [fid, [Number(lon), Number(lat)]];
    await record(`UPDATE record.parcels SET land_use = 'LUC' WHERE fid = ${fid}`);
    await people.begin();
    const may = (collection: string, ...actions: string[]) => actions.map(action => ({ collection, action, everywhere: true, level: 1 }));
    await people.role('thu-kiem-tra', { title: 'Kiểm tra đất đai', grants: [
        ...may('inspection_cases', 'read', 'edit'), ...may('case_photos', 'read', 'edit'), ...may('land_inspectors', 'read'),
        ...may('parcels', 'read'), ...may('places', 'read'), ...may('reports', 'read'),
        ...may('indicators', 'read'), ...may('indicator_catalogue', 'read')] });
    for (const login of ['thu-kiem-an', 'thu-kiem-binh']) await people.account(login, ['thu-kiem-tra']);
});
test.afterAll(async () => {
    await people.end();
    await clean();
    await removeSheet(sheet);
});

/// A run of the monitoring that has ended with one suspect.
async function monitored(page: Page, suspect = lot, number = '1'): Promise<void> {
    await page.route('**/jobs?processID=land-use-suspects*', route => route.fulfill({ json: { jobs: [{ jobID: 'thu', finished: '2026-11-27T02:00:00Z' }] } }));
    await page.route('**/jobs/thu/results', route => route.fulfill({ json: { file: { href: '/jobs/thu/results/file' } } }));
    await page.route('**/jobs/thu/results/file', route => route.fulfill({ json: { type: 'FeatureCollection', features: [{
        type: 'Feature', geometry: { type: 'Point', coordinates: middle }, properties: {
            parcel: Number(suspect), sheet: String(sheet), number, commune_code: '', registered: 'LUC', planned: null, seen: 'built',
            seen_m2: 182.4, parcel_m2: 621.3, reason: 'departs', certainty: 'high' } }] } }));
}

/// What went wrong because the test cut the network.
function forgive(watched: string[]): void {
    watched.splice(0, watched.length, ...watched.filter(fault => !fault.includes('net::ERR_')));
}

const camera = (page: Page) => page.locator('input[type=file][capture]');
const photo = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/jpeg', buffer });
const state = (page: Page, name: string) => expect(page.locator(`[data-now=${name}]`)).toBeVisible();
const rows = async (what: string) => Number((await record(`SELECT count(*) FROM record.${what}`))[0]![0]);

/// What the file of the commune says of agricultural land lost against plan, this year.
async function lostLand(page: Page): Promise<number | null> {
    const file = await page.evaluate(async of => (await fetch(`/places/${of}`)).json() as Promise<{ indicators: { code: string; value: number }[] }>, code);
    return file.indicators.find(one => one.code === 'farmland_lost')?.value ?? null;
}

async function enterOnPhone(page: Page): Promise<void> {
    await page.getByRole('tab', { name: 'Kiểm tra' }).click();
    await page.getByRole('button', { name: 'Kéo lên' }).click();
}

test('on a telephone a suspect becomes a case that is inspected, decided and closed, each step signed', async ({ page, watched }) => {
    test.setTimeout(240_000);
    await page.setViewportSize({ width: 390, height: 844 });
    await monitored(page);
    await become(page, 'thu-kiem-an');
    const picture = await page.screenshot({ type: 'jpeg', quality: 100 });
    await enterOnPhone(page);
    const suspect = page.locator(`[data-suspect="${lot}"]`);
    await expect(suspect).toContainText('sổ ghi LUC, ảnh thấy công trình 182 m²');
    await keep(page, 'inspection-list-phone');
    await suspect.getByRole('button', { name: 'Lập hồ sơ' }).click();
    await expect(page.locator('[data-told]')).toContainText('Đã lập hồ sơ');
    await state(page, 'assigned');
    await page.getByRole('button', { name: 'Về danh sách' }).click();
    await expect(page.getByRole('list', { name: 'Hồ sơ kiểm tra' }).getByText('Nghi sai mục đích')).toBeVisible();
    await suspect.getByRole('button', { name: 'Lập hồ sơ' }).click();
    await expect(page.locator('[data-told]')).toContainText('đã có, không lập thêm');
    expect(await rows(`inspection_cases WHERE sheet = ${sheet}`)).toBe(1);

    const now = new Date();
    const many = Buffer.concat(Array.from({ length: Math.ceil(1_000_000 / picture.length) }, () => picture)); // digits after the picture's end
    const large = placed(many, ...middle, now);
    let parts = 0;
    await page.route('**/land/uploads/*', route => (route.request().method() === 'PATCH' && ++parts > 2 ? route.abort() : route.continue()));
    await camera(page).setInputFiles(photo('gan.jpg', large));
    await expect(page.locator('[data-sending=held]')).toContainText('chờ có mạng');
    await keep(page, 'inspection-held-phone');
    forgive(watched);
    await page.unroute('**/land/uploads/*');
    const offsets: number[] = [];
    page.on('request', asked => { if (asked.method() === 'PATCH') offsets.push(Number(asked.headers()['upload-offset'])); });
    await open(page, unitsOnly); // the page is gone, the photo is not
    await page.reload();
    await settled(page);
    await enterOnPhone(page);
    await page.locator('[data-case] button').first().click();
    await expect(page.locator('[data-photo]')).toHaveCount(1);
    await expect(page.locator('[data-photo]')).toContainText('trong thửa');
    expect(offsets[0]).toBeGreaterThan(0);

    await camera(page).setInputFiles(photo('xa.jpg', placed(picture, middle[0] + 0.01, middle[1], now)));
    await expect(page.locator('[data-photo]').nth(1)).toContainText(/Chụp xa thửa: 1(,\d)? km/);
    await camera(page).setInputFiles(photo('khong-vi-tri.jpg', picture));
    await expect(page.locator('[data-photo]').nth(2)).toContainText('Ảnh không có vị trí');
    await expect(page.locator('[data-sending]')).toHaveCount(0);
    await camera(page).setInputFiles(photo('gan-lan-hai.jpg', large)); // the same digits
    await expect(page.locator('[data-sending]')).toHaveCount(0);
    await page.getByRole('heading', { name: 'Ảnh hiện trường (3)' }).evaluate(heading => heading.scrollIntoView());
    await expect.poll(() => page.locator('[data-photo] img').evaluateAll(all => all.every(one => (one as HTMLImageElement).naturalWidth > 0))).toBe(true);
    expect(await faults(page)).toEqual([]);
    await keep(page, 'inspection-photos-phone');

    const form = page.getByRole('form', { name: 'Biên bản kiểm tra' });
    for (const [item, answer] of [['Mốc giới', 'Có'], ['Sử dụng đúng mục đích', 'Không'], ['Có công trình', 'Có'], ['lấn, chiếm', 'Chưa rõ'], ['có mặt', 'Có']])
        await form.getByRole('group', { name: item! }).getByLabel(answer!, { exact: true }).check();
    await form.getByLabel('Ghi nhận tại thực địa').fill(finding);
    await form.getByLabel('Diện tích đo (m²)').fill('182,4');
    await form.getByRole('button', { name: 'Ký và gửi' }).click();
    await expect(form.getByRole('alert')).toBeVisible(); // an area without its error
    await form.getByLabel('Sai số (± m²)').fill('1,5');
    await keep(page, 'inspection-finding-phone');
    await page.route('**/moves', async route => { await route.fetch(); await route.abort(); }); // the receipt is lost
    await form.getByRole('button', { name: 'Ký và gửi' }).click();
    await expect(page.locator('[data-told]')).toContainText('ký biên bản kiểm tra');
    await page.unroute('**/moves');
    forgive(watched);
    await state(page, 'inspected');
    await expect(page.locator('[data-area]')).toHaveText('182,4 ± 1,5 m²');

    const decide = page.getByRole('form', { name: 'Kết luận, xử lý' });
    await decide.getByLabel('Kết luận, xử lý').fill(decision);
    await decide.getByLabel('Kiểm tra lại ngày (nếu cần)').fill('2027-01-15');
    await decide.getByLabel('Đất nông nghiệp so với quy hoạch').selectOption('Xác nhận vi phạm: đất nông nghiệp bị mất');
    await expect(decide.getByLabel('Diện tích đất nông nghiệp (m²)')).toHaveValue('182,4'); // as it was measured
    expect(await lostLand(page)).toBeNull();
    await decide.getByRole('button', { name: 'Ký và gửi' }).click();
    await state(page, 'decided');
    const year = page.locator('[data-counted] [data-period]').nth(1);
    await expect(year).toContainText('182,4 m²');
    await expect(year).toContainText(/theo hồ sơ \d+/);
    await year.scrollIntoViewIfNeeded();
    await keep(page, 'inspection-counted-phone');
    expect(await faults(page)).toEqual([]);
    await page.getByText('Sửa kết luận', { exact: true }).click(); // the house was larger than was said
    await decide.getByLabel('Diện tích đất nông nghiệp (m²)').fill('200');
    await decide.getByRole('button', { name: 'Ký và gửi' }).click();
    await expect(year).toContainText('200 m²');
    await page.getByRole('button', { name: 'Xem chỉ tiêu của xã' }).click();
    const value = page.getByRole('row', { name: 'Đất nông nghiệp mất trái quy hoạch, theo tháng' });
    await expect(value.getByRole('cell').first()).toHaveText('200');
    await value.scrollIntoViewIfNeeded();
    await keep(page, 'inspection-indicator-phone');
    expect(await lostLand(page)).toBe(200);
    await page.getByRole('tab', { name: 'Kiểm tra' }).click();
    await expect(page.getByText('Kiểm tra lại ngày: 15/01/2027')).toBeVisible();
    await page.getByRole('button', { name: 'Kết thúc hồ sơ' }).click();
    await state(page, 'closed');
    const taken = page.locator('[data-step]');
    expect(await taken.evaluateAll(all => all.map(one => (one as HTMLElement).dataset.step))).toEqual(['open', 'inspect', 'decide', 'decide', 'close']);
    for (const one of await taken.all()) await expect(one).toContainText('thu-kiem-an');
    await taken.last().scrollIntoViewIfNeeded();
    await keep(page, 'inspection-closed-phone');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await faults(page)).toEqual([]);
    const [[found, measured, error, decided]] = await record(`SELECT finding = '${finding}', measured_m2, error_m2, decision = '${decision}'
        FROM record.inspection_cases WHERE sheet = ${sheet}`) as [string[]];
    expect([found, measured, error, decided]).toEqual(['t', '182.4', '1.5', 't']);
});

test('on a telephone from a suspect to a signed finding are five taps, beside what is found', async ({ page }) => {
    test.setTimeout(120_000);
    await page.setViewportSize({ width: 390, height: 844 });
    const [[second]] = await record(`SELECT fid FROM record.parcels WHERE sheet = ${sheet} AND parcel_number = 2`) as [[string]];
    await monitored(page, second, '2');
    await become(page, 'thu-kiem-an');
    let taps = 0;
    const tap = async (what: Locator) => {
        await what.click();
        taps += 1;
    };
    try {
        await tap(page.getByRole('tab', { name: 'Kiểm tra' }));
        await tap(page.getByRole('button', { name: 'Kéo lên' }));
        await tap(page.locator(`[data-suspect="${second}"]`).getByRole('button', { name: 'Lập hồ sơ' }));
        await state(page, 'assigned');
        const chosen = page.waitForEvent('filechooser');
        await tap(page.getByRole('button', { name: 'Chụp ảnh' }));
        await (await chosen).setFiles(photo('gan.jpg', placed(await page.screenshot({ type: 'jpeg' }), ...middle, new Date())));
        await expect(page.locator('[data-photo]')).toHaveCount(1);
        const form = page.getByRole('form', { name: 'Biên bản kiểm tra' });
        for (const group of await form.getByRole('group').all()) await group.getByLabel('Không', { exact: true }).check();
        await form.getByLabel('Ghi nhận tại thực địa').fill(finding);
        await tap(form.getByRole('button', { name: 'Ký và gửi' }));
        await state(page, 'inspected');
        expect(taps).toBeLessThanOrEqual(5);
    } finally {
        await record(`DELETE FROM record.case_photos WHERE inspection IN (SELECT fid FROM record.inspection_cases WHERE sheet = ${sheet} AND number = 2);
            DELETE FROM land.photo_upload WHERE inspection IN (SELECT fid FROM record.inspection_cases WHERE sheet = ${sheet} AND number = 2);
            DELETE FROM record.inspection_cases WHERE sheet = ${sheet} AND number = 2`);
    }
});

test('at a desk a case is opened from the file of a parcel, once though its receipt was lost, and given to another', async ({ page, watched }) => {
    test.setTimeout(180_000);
    await become(page, 'thu-kiem-an');
    const find = async () => {
        await searchField(page).fill(`tờ ${sheet} thửa 2 ${commune}`);
        await expect(page.getByRole('listbox', { name: 'Tìm địa danh, tọa độ' }).getByRole('option')).toHaveCount(1);
        await searchField(page).press('Enter');
        await page.getByRole('button', { name: 'Lập hồ sơ kiểm tra' }).click();
    };
    await find();
    const form = page.getByRole('form', { name: 'Lập hồ sơ kiểm tra' });
    await form.getByLabel('Vì sao phải kiểm tra').fill('Dân báo đổ đất san nền trên thửa');
    await page.route('**/land/cases', async route => { await route.fetch(); await route.abort(); });
    await form.getByRole('button', { name: 'Lập hồ sơ' }).click();
    await expect(form.getByRole('alert')).toContainText('sẽ không tạo hồ sơ thứ hai');
    await page.unroute('**/land/cases');
    forgive(watched);
    await page.reload();
    await settled(page);
    await find();
    await expect(form.getByLabel('Vì sao phải kiểm tra')).toHaveValue('Dân báo đổ đất san nền trên thửa');
    await form.getByRole('button', { name: 'Lập hồ sơ' }).click();
    const room = page.getByRole('complementary', { name: 'Kiểm tra đất đai' });
    await expect(room.locator('[data-told]')).toContainText('đã có, không lập thêm');
    expect(await rows(`inspection_cases WHERE sheet = ${sheet} AND number = 2`)).toBe(1);

    const assign = room.getByRole('form', { name: 'Giao người kiểm tra' });
    await expect(assign.getByLabel('Giao cho')).toContainText('thu-kiem-an (1 hồ sơ đang mở)');
    await assign.getByLabel('Giao cho').selectOption('thu-kiem-binh');
    await assign.getByRole('button', { name: 'Giao', exact: true }).click();
    await expect(room.locator('[data-step]').last()).toContainText('giao cho thu-kiem-binh');
    await settled(page);
    await keep(page, 'inspection-case-desk');
    expect(await faults(page)).toEqual([]);

    await record(`UPDATE record.inspection_cases SET due_on = current_date - 40 WHERE sheet = ${sheet} AND number = 2`);
    await room.getByRole('button', { name: 'Về danh sách' }).click();
    await room.getByRole('button', { name: /Quá hạn \(\d+\)/ }).click();
    await expect(room.locator('[data-case]').first()).toContainText(/quá hạn (39|40|41) ngày/);
    await room.getByRole('button', { name: 'Lập hồ sơ kiểm tra' }).click();
    await expect(room.getByRole('form', { name: 'Lập hồ sơ kiểm tra' })).toContainText('Vị trí:');
    await expect(room.getByLabel('Thửa đất').locator('option:checked')).toHaveText(`Tờ ${sheet}, thửa 2`); // of those there, the open one
    expect(await faults(page)).toEqual([]);
    await keep(page, 'inspection-list-desk');
});

test('at a desk a case is opened from a report, in the parcel where it lies', async ({ page }) => {
    test.setTimeout(120_000);
    const [[report]] = await record(`INSERT INTO record.reports (code, category, status, description, reported_at, geom)
        VALUES ('THU-KIEM-TRA', 'environment', 'received', 'Đổ phế thải xuống ruộng', now(), ST_Point(${middle[0]}, ${middle[1]}, 4326)) RETURNING fid`) as [[string]];
    await become(page, 'thu-kiem-binh', `#map=16/${middle[1]}/${middle[0]}&layers=places&select=reports/${report}`);
    await page.getByRole('button', { name: 'Lập hồ sơ kiểm tra' }).click();
    const form = page.getByRole('form', { name: 'Lập hồ sơ kiểm tra' });
    await expect(form.getByLabel('Vì sao phải kiểm tra')).toHaveValue('Đổ phế thải xuống ruộng');
    await form.getByLabel('Vì sao phải kiểm tra').fill('Đổ phế thải xuống ruộng, có ảnh');
    await record("UPDATE record.reports SET agency = 'Phòng Kinh tế' WHERE code = 'THU-KIEM-TRA'");
    await expect(page.getByRole('complementary', { name: 'Hồ sơ' }).getByText('Phòng Kinh tế')).toBeVisible();
    await expect(form.getByLabel('Vì sao phải kiểm tra')).toHaveValue('Đổ phế thải xuống ruộng, có ảnh'); // what is typed stays
    await form.getByLabel('Thửa đất').selectOption({ label: `Tờ ${sheet}, thửa 1` });
    await form.getByRole('button', { name: 'Lập hồ sơ' }).click();
    const room = page.getByRole('complementary', { name: 'Kiểm tra đất đai' });
    await expect(room.locator('[data-told]')).toContainText('Đã lập hồ sơ');
    await expect(room.getByText('Phản ánh, THU-KIEM-TRA')).toBeVisible();
});

test('at a desk a field pack is taken and brought back, and of what changed here and there one stands', async ({ page, watched }) => {
    test.setTimeout(120_000);
    const [[one]] = await record(`INSERT INTO record.inspection_cases (origin, reason, state, assignee, opened_at, opened_by, due_on, checklist,
        parcel, sheet, number, geom) SELECT 'hand', 'Đào ao', 'assigned', 'thu-kiem-an', now(), 'thu-kiem-an', current_date + 9, '2025-07-01',
        fid, sheet, parcel_number, ST_Centroid(geom) FROM record.parcels WHERE sheet = ${sheet} AND parcel_number = 2 RETURNING fid`) as [[string]];
    await become(page, 'thu-kiem-an');
    await page.getByRole('tab', { name: 'Kiểm tra' }).or(page.getByRole('button', { name: 'Kiểm tra', exact: true })).first().click();
    const packs = page.getByRole('region', { name: 'Gói thực địa' });
    await packs.getByLabel('Mã xã').fill(code);
    const downloading = page.waitForEvent('download');
    await packs.getByRole('button', { name: 'Tạo gói' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`goi-thuc-dia-${code}.gpkg`);
    const told = packs.locator('[data-pack-told]');
    await expect(told).toContainText('Đã tải gói');
    const file = await download.path();
    await packs.getByLabel('Gửi gói đã điền về').setInputFiles({ name: 'goi.gpkg', mimeType: '', buffer: readFileSync(file) });
    await expect(told).toContainText('0 hồ sơ điền xong, 0 hồ sơ lập mới, 0 xung đột');
    await packs.getByLabel('Gửi gói đã điền về').setInputFiles({ name: 'x.gpkg', mimeType: '', buffer: Buffer.from('biên bản') });
    await expect(packs.getByRole('alert')).toContainText('không đọc được');
    watched.splice(0, watched.length, ...watched.filter(fault => !fault.includes('400')));

    // What a phone found while an office wrote its own.
    await record(`UPDATE record.inspection_cases SET state = 'inspected', finding = 'Ao 50 m²', answers = '{}' WHERE fid = ${one};
        INSERT INTO land.pack_conflict (pack, number, inspection, base, field) SELECT id, 1, ${one}, '{"answers": {}}',
            '{"answers": {"use": "no"}, "finding": "Ao 200 m²", "measured_m2": 200, "error_m2": 5}' FROM land.pack WHERE login = 'thu-kiem-an'`);
    await page.reload();
    await settled(page);
    await page.getByRole('tab', { name: 'Kiểm tra' }).or(page.getByRole('button', { name: 'Kiểm tra', exact: true })).first().click();
    const conflict = packs.locator(`[data-conflict="${one}"]`);
    await expect(conflict.locator('[data-column=finding]')).toHaveText(/—\s*Ao 200 m²\s*Ao 50 m²/);
    await expect(conflict.locator('[data-column=measured_m2]')).toHaveText(/—\s*200\s*—/);
    await conflict.scrollIntoViewIfNeeded();
    expect(await faults(page)).toEqual([]);
    await keep(page, 'field-pack-conflict-desk');
    await packs.getByRole('button', { name: 'Lấy thực địa' }).click();
    await expect(told).toContainText('Đã xử lý xung đột');
    await expect(conflict).toHaveCount(0);
    const [[found, state]] = await record(`SELECT finding = 'Ao 200 m²', state FROM record.inspection_cases WHERE fid = ${one}`) as [string[]];
    expect([found, state]).toEqual(['t', 'inspected']);
});
