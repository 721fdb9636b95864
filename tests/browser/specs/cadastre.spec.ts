// A parcel is found by sheet and number, its extract printed, and split by three people.

import { expect, heart, keep, open, searchField, test, unitAt, unitsOnly } from './console';
import { Registrar, password } from './people';
import { database, needsRecord, record } from './record';
import type { Page } from '@playwright/test';

const people = new Registrar('cadastre');
const everything = { everywhere: true, level: 0 };
const sheet = 9901;
const east = 542600;
const north = 2028900;

/// Two lots of 21.8 m by 28.5 m, and the road behind them, as rows of a sheet.
async function makeSheet(commune: string): Promise<void> {
    const lot = (number: number, use: string, x: number, y: number, width: number, height: number) =>
        `(${number}, '${use}', ST_MakeEnvelope(${x}, ${y}, ${x + width}, ${y + height}, 909209))`;
    await record(`WITH sheet AS (INSERT INTO land.sheet (commune_code, commune_from, number, srid, axes_swapped, datum_proved,
            scale, drawn_on, file, encoding) VALUES ('${commune}', '2025-07-01', ${sheet}, 9209, false, false, 1000, '2021-05-01',
            'thu.gpkg', 'unicode') RETURNING id),
        lots (number, use, shape) AS (VALUES ${lot(1, 'ONT', east, north, 21.8, 28.5)},
            ${lot(2, 'ONT', east + 21.8, north, 21.8, 28.5)}, ${lot(3, 'DGT', east, north + 28.5, 43.6, 6)}),
        made AS (INSERT INTO record.parcels (geom, source_srid, source_geom, valid_from, sheet, parcel_number, land_use, area_m2,
            legal_area_m2, commune_code, geohash) SELECT ST_Transform(shape, 4326), 9209, ST_SetSRID(shape, 9209), '2021-05-01',
            ${sheet}, number, use, round(ST_Area(ST_Transform(shape, 4326)::geography)::numeric, 1), round(ST_Area(shape)::numeric, 1),
            '${commune}', 'thu' || lpad(number::text, 9, '0') FROM lots RETURNING fid, source_geom)
        INSERT INTO land.parcel (fid, sheet, projected_area_m2) SELECT fid, id, ST_Area(source_geom) FROM made, sheet`);
}

async function removeSheet(): Promise<void> {
    await record(`DELETE FROM land.lineage WHERE parent IN (SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        UPDATE land.dossier SET change = NULL WHERE parents && ARRAY(SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        DELETE FROM land.change c USING land.dossier d WHERE c.dossier = d.id
            AND d.parents && ARRAY(SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        DELETE FROM land.dossier WHERE parents && ARRAY(SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        DELETE FROM land.retired_number WHERE sheet = ${sheet};
        DELETE FROM land.extract WHERE fid IN (SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        DELETE FROM land.parcel WHERE fid IN (SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        DELETE FROM land.sheet WHERE number = ${sheet}; DELETE FROM record.parcels WHERE sheet = ${sheet}`);
}

async function find(page: Page, number: number, name: string): Promise<void> {
    await searchField(page).fill(`tờ ${sheet} thửa ${number} ${name}`);
    await expect(page.getByRole('option')).toHaveCount(1);
    await searchField(page).press('Enter');
    await expect(page.getByRole('heading', { name: 'Sổ địa chính' })).toBeVisible();
}

async function become(page: Page, login: string): Promise<void> {
    await page.context().clearCookies();
    await open(page, unitsOnly);
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
    const dialog = page.getByRole('dialog', { name: 'Đăng nhập' });
    await dialog.getByLabel('Tên đăng nhập').fill(login);
    await dialog.getByLabel('Mật khẩu').fill(password);
    await dialog.getByRole('button', { name: 'Đăng nhập' }).click();
    await expect(page.getByRole('button', { name: `Tài khoản Người ${login}` })).toBeVisible();
}

test.describe('the cadastre', () => {
    test.skip(!database, needsRecord);
    let commune = '';
    test.beforeAll(async ({ browser }) => {
        const page = await browser.newPage();
        const unit = await unitAt(page, heart.lon, heart.lat, 'commune');
        commune = unit.full_name;
        await page.close();
        await removeSheet();
        await makeSheet(unit.code);
        await people.begin();
        await people.role('dia-chinh', { title: 'Địa chính', grants: [
            { collection: 'parcels', action: 'read', ...everything }, { collection: 'parcels', action: 'edit', ...everything }] });
        for (const login of ['lap', 'kiem', 'duyet']) await people.account(login, ['dia-chinh']);
    });
    test.afterAll(async () => {
        await people.end();
        await removeSheet();
    });

    test('a parcel is found by sheet and number, and its extract is one click away', async ({ page }) => {
        await open(page, unitsOnly);
        await find(page, 2, commune);
        const register = page.getByRole('region', { name: 'Sổ địa chính' });
        await expect(register).toContainText('621,3 m²');
        await expect(register).toContainText('VN-2000, EPSG:9209');
        await expect(page.getByText('Chưa có biến động')).toBeVisible();
        const href = await page.getByRole('link', { name: 'Trích lục' }).getAttribute('href');
        const answer = await page.request.get(href!);
        expect(answer.headers()['content-type']).toBe('application/pdf');
        expect((await answer.body()).subarray(0, 4).toString()).toBe('%PDF');
        await keep(page, 'cadastre-parcel');
    });

    test('on a phone too', async ({ page }) => {
        await page.setViewportSize({ width: 390, height: 844 });
        await open(page, unitsOnly);
        await find(page, 2, commune);
        await expect(page.getByRole('link', { name: 'Trích lục' })).toBeAttached();
        await keep(page, 'cadastre-phone');
    });

    test('a split is drafted, checked and approved by three people, and stands in the history', async ({ page }) => {
        await become(page, 'lap');
        await find(page, 1, commune);
        const form = page.getByRole('form', { name: 'Tách thửa' });
        await form.getByLabel('Diện tích tách ra').fill('400,0');
        await form.getByLabel('Số văn bản').fill('QĐ 77/2026');
        await form.getByLabel('Ngày văn bản').fill('2026-11-20');
        await form.getByRole('button', { name: 'Lập hồ sơ' }).click();
        await expect(page.getByText('Đã lập, chờ kiểm tra')).toBeVisible();
        await expect(page.getByText('Thửa 4: 400 m²')).toBeVisible();
        await expect(page.getByText('Thửa 5: 221,3 m²')).toBeVisible();
        await expect(page.getByText('Bước này phải do người khác làm.')).toBeVisible();
        await keep(page, 'cadastre-draft');

        await become(page, 'kiem');
        await find(page, 1, commune);
        await page.getByRole('button', { name: 'Kiểm tra đạt' }).click();
        await expect(page.getByText('Đã kiểm tra, chờ duyệt')).toBeVisible();
        await expect(page.getByText('Bước này phải do người khác làm.')).toBeVisible();

        await become(page, 'duyet');
        await find(page, 1, commune);
        await page.getByRole('button', { name: 'Duyệt', exact: true }).click();
        await expect(page.getByText('Không còn hiệu lực từ')).toBeVisible();
        const history = page.getByRole('region', { name: 'Lịch sử biến động' });
        await expect(history.getByRole('button')).toHaveText([/Thành thửa 4/, /Thành thửa 5/]);
        await expect(history).toContainText('QĐ 77/2026');
        await keep(page, 'cadastre-approved');
        await history.getByRole('button', { name: /Thành thửa 4/ }).click();
        await expect(page.getByRole('button', { name: /Từ thửa 1/ })).toBeVisible();
    });
});
