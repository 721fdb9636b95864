// A leader's morning: from the overview to a failing indicator, its commune, its overdue dossiers and the reports around
// it, in five clicks at most, which are counted here.

import type { Locator } from '@playwright/test';
import { faults } from './axe';
import { expect, keep, needsData, open, realData, settled, test, type AtAnswer } from './console';
import { database, needsRecord, record } from './record';

test.skip(!database, needsRecord);
test.skip(!realData, needsData);

const code = 'thu_dung_han';
const title = 'Hồ sơ đúng hạn thử';
/// Inside the commune 18739, of which the wanted figures are planted.
const inside = [105.919287, 18.1647] as const;

async function clean(): Promise<void> {
    await record(`DELETE FROM record.indicators WHERE code = '${code}'; DELETE FROM record.indicator_catalogue WHERE code = '${code}';
        DELETE FROM record.service_dossiers WHERE number LIKE 'THUSANG-%'; DELETE FROM record.reports WHERE code = 'PA-THUSANG'`);
}
test.beforeAll(async () => {
    await clean();
    const dossier = (number: string, place: string, at: string) =>
        `('${number}', 'Cấp giấy chứng nhận', 'Một cửa xã', 'commune', '${place}', '${at}', 40, 'received')`;
    await record(`INSERT INTO record.indicator_catalogue (code, sector, title, unit, direction, cadence, aggregation, decimals, owner, alarm_at)
        VALUES ('${code}', 'public_services', '${title}', '%', 'up', 'year', 'none', 0, 'Sở Thử', 60);
        INSERT INTO record.indicators (code, place_code, place_on, period, value) VALUES
            ('${code}', '18739', '2025-07-01', '2026', 41), ('${code}', '18073', '2025-07-01', '2026', 97), ('${code}', '18652', '2025-07-01', '2026', 61);
        INSERT INTO record.service_dossiers (number, procedure, office, level, place_code, submitted_at, working_hours, state) VALUES
            ${dossier('THUSANG-1', '18739', '2026-02-12T09:30:00+07:00')}, ${dossier('THUSANG-2', '18739', '2026-02-13T09:30:00+07:00')},
            ${dossier('THUSANG-3', '18073', '2026-02-12T09:30:00+07:00')}, ${dossier('THUSANG-4', '18739', '2098-02-12T09:30:00+07:00')};
        INSERT INTO record.reports (geom, code, category, description, status, reported_at)
            VALUES (ST_SetSRID(ST_MakePoint(${inside.join(', ')}), 4326), 'PA-THUSANG', 'road', 'Đường lún thử buổi sáng', 'received', now())`);
});
test.afterAll(clean);

test('from the overview to the reports around a failing commune are five clicks at most', async ({ page }) => {
    let clicks = 0;
    const press = async (what: Locator) => {
        await what.click();
        clicks += 1;
    };
    await open(page, '#layers=places');
    const card = page.getByRole('group', { name: 'Việc đầu ngày' });
    await expect(card.getByRole('button', { name: /^Hồ sơ quá hạn \d/ })).toBeVisible();
    expect(await faults(page)).toEqual([]);
    await keep(page, 'morning-overview');

    await press(card.getByRole('button', { name: /Không đạt \d/ }));
    const room = page.getByRole('complementary', { name: 'Chỉ tiêu' });
    await expect(room.getByRole('region', { name: /Không đạt \d/ }).getByRole('listitem').filter({ hasText: title })).toContainText('1/3 xã');
    await press(room.getByRole('region', { name: /Không đạt \d/ }).getByRole('button', { name: title }));
    const failing = room.getByRole('region', { name: `Xã, phường không đạt: ${title}` });
    await expect(failing.getByRole('listitem')).toHaveText(['Xã Cẩm Duệ']); // the others reach 60
    await settled(page);
    await keep(page, 'morning-indicator');

    await press(failing.getByRole('button', { name: 'Xã Cẩm Duệ' }));
    const file = page.getByRole('complementary', { name: 'Hồ sơ' });
    await press(file.getByRole('button', { name: 'Hồ sơ quá hạn (2)' }));
    const overdue = file.getByRole('list', { name: 'Hồ sơ quá hạn' });
    await expect(overdue.getByRole('listitem')).toHaveCount(2);
    await expect(overdue).toContainText('THUSANG-1');
    await expect(overdue).toContainText('THUSANG-2');
    expect(await faults(page)).toEqual([]);
    await keep(page, 'morning-dossiers');

    await press(file.getByRole('button', { name: 'Phản ánh quanh đây' }));
    await expect(file.getByRole('heading', { name: 'Phản ánh của người dân' })).toBeVisible();
    await expect(file.getByRole('listitem').first()).toBeVisible();
    // The commune is in sight, and its reports are drawn and listed.
    const seen = await page.evaluate(() => globalThis.diaban.map.getBounds().toArray().flat());
    expect(seen[0]! < inside[0] && inside[0] < seen[2]! && seen[1]! < inside[1] && inside[1] < seen[3]!).toBe(true);
    await settled(page);
    await keep(page, 'morning-reports');
    expect(clicks).toBeLessThanOrEqual(5);
    const { places } = await (await page.request.get(`/at?lon=${inside[0]}&lat=${inside[1]}`)).json() as AtAnswer;
    expect(places.some(one => one.code === '18739')).toBe(true); // the planted report lies in it
});
