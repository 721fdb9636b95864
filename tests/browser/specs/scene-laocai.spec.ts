// The demonstration laocai: two-way warning. Telephones report a slide, the office deals with it; rain opens an alert,
// which is updated and cancelled.

import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { faults } from './axe';
import { clickAt, expect, keep, needsData, realData, settled, test } from './console';
import { database, needsRecord, record, run } from './record';
import { Tour } from './tour';

test.skip(!database, needsRecord);
test.skip(!realData, needsData);
test.use({ locale: 'vi-VN' });

const slide = { lon: 104.556, lat: 22.1745 };
const gauge = { lon: 104.5508, lat: 22.1691 };
// Another one each time: the same words or telephone too often are refused.
const subject = 'Sạt lở taluy, đất tràn xuống đường';
const words = `${subject} ${Date.now()}`;
const sender = { name: 'Lò Thị Diễn Tập', phone: `09${String(Date.now() % 100_000_000).padStart(8, '0')}` };
const stations = "SELECT fid FROM record.sensors WHERE station_code = 'DT-LC'";
const mine = `source_kind = 'rule' AND object IN (${stations})`;

const clean = () => record(`DELETE FROM record.alerts WHERE ${mine};
    DELETE FROM record.watch_rules WHERE name LIKE 'Diễn tập Lào Cai:%';
    DELETE FROM sensor.latest WHERE datastream IN (SELECT fid FROM record.datastreams WHERE sensor IN (${stations}));
    DELETE FROM sensor.observation WHERE datastream IN (SELECT fid FROM record.datastreams WHERE sensor IN (${stations}));
    DELETE FROM record.datastreams WHERE sensor IN (${stations});
    DELETE FROM record.sensors WHERE station_code = 'DT-LC';
    DELETE FROM report.route WHERE agency LIKE '%(diễn tập Lào Cai)';
    DELETE FROM record.reports WHERE description LIKE '${subject}%';
    UPDATE record.places SET population = NULL WHERE code = '02998' AND level = 'commune' AND valid_to IS NULL`);

test.beforeAll(async () => {
    await clean();
    await run('psql', ['-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-d', database, '-f', fileURLToPath(new URL('../../../data/scenes/laocai.sql', import.meta.url))]);
});
test.afterAll(clean);

/// A report as a telephone sends it.
async function tell(phone: Page, more: string): Promise<void> {
    await phone.goto('/console/report.html');
    await phone.getByLabel('Đường sá').check();
    await phone.getByLabel('Mô tả').fill(words + more);
    await phone.getByRole('button', { name: 'Lấy vị trí của tôi' }).tap();
    await expect(phone.getByText('Đã có vị trí')).toBeVisible();
    const picture = await phone.evaluate(async () => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [800, 600];
        const paper = canvas.getContext('2d')!;
        [['#7a9a5a', 0, 0, 800, 600], ['#9a6a3a', 250, 120, 320, 480], ['#555', 0, 460, 800, 60]].forEach(([colour, ...box]) => {
            paper.fillStyle = colour as string;
            paper.fillRect(...box as [number, number, number, number]);
        });
        return canvas.toDataURL('image/jpeg').split(',')[1]!;
    });
    await phone.getByLabel('Ảnh', { exact: true }).setInputFiles({ name: 'sạt lở.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(picture, 'base64') });
    await expect(phone.locator('[data-photo]')).toBeVisible();
    await phone.getByText('Liên hệ (không bắt buộc)').tap();
    await phone.getByLabel('Họ tên').fill(sender.name);
    await phone.getByLabel('Điện thoại').fill(sender.phone);
    await phone.getByRole('button', { name: 'Gửi phản ánh' }).tap();
}

/// A quadrangle around a place, drawn on the map.
async function drawAround(page: Page, { lon, lat }: typeof slide): Promise<void> {
    await page.waitForFunction(() => Object.keys(globalThis.diaban.map.getStyle().sources).some(id => id.startsWith('td-')));
    const corners = await page.evaluate(([x, y]) => {
        const { map } = globalThis.diaban;
        const box = map.getCanvas().getBoundingClientRect();
        return [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]].map(([east, north]) => {
            const { x: left, y: top } = map.project([x! + east! * 0.003, y! + north! * 0.002]);
            return [box.left + left, box.top + top] as const;
        });
    }, [lon, lat]);
    for (const [x, y] of corners) {
        await page.mouse.move(x, y);
        await page.mouse.click(x, y);
    }
}

const said = () => record(`SELECT m.type FROM alert.message m JOIN record.alerts a ON a.fid = m.alert WHERE ${mine} ORDER BY m.number`).then(rows => rows.flat());
/// Alerts whose area is drawn at the gauge.
const drawn = (page: Page) => page.evaluate(([x, y]) => {
    const { map } = globalThis.diaban;
    return map.queryRenderedFeatures(map.project([x!, y!]), { layers: ['alerts-fill'] }).length;
}, [gauge.lon, gauge.lat]);

test('the tour of Lào Cai takes a slide from a telephone to its closing, and a warning from rain to its end', async ({ page, browser, baseURL }) => {
    test.setTimeout(120_000);
    const telephone = () => browser.newContext({
        baseURL: baseURL!, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'vi-VN',
        geolocation: { latitude: slide.lat, longitude: slide.lon, accuracy: 12 }, permissions: ['geolocation'],
    });
    const [one, another] = [await telephone(), await telephone()];
    const tour = new Tour(page);
    await tour.begin('laocai', `#map=13/${slide.lat}/${slide.lon}&layers=places,reports,sensors,alerts`);
    expect(await faults(page)).toEqual([]);
    const click = (name: string) => page.getByRole('button', { name, exact: true }).first().click();
    const phone = await one.newPage();
    const desk = page.getByRole('complementary', { name: 'Xử lý phản ánh' });
    await tour.step('report', async () => {
        await click('Phản ánh');
        await tell(phone, '');
        await expect(phone.locator('[data-report]')).toBeVisible();
    });
    const id = (await phone.locator('[data-report]').getAttribute('data-report'))!;
    const row = desk.locator(`[role=option][data-report="${id}"]`);
    await tour.step('routed', async () => {
        const second = await another.newPage();
        await tell(second, ', xe không qua được');
        await expect(second.locator(`[data-similar="${id}"]`)).toBeVisible();
        await second.getByRole('button', { name: 'Đúng việc này, không gửi nữa' }).tap();
        await expect(second.getByText('đã có người phản ánh')).toBeVisible();
        await row.click();
    });
    const local = (time: string) => `(${time} AT TIME ZONE 'Asia/Ho_Chi_Minh')::date`;
    expect((await record(`SELECT ${local('due_at')} - ${local('reported_at')}, agency FROM record.reports WHERE description LIKE '${words}%'`)).map(cells => cells.join(' ')))
        .toEqual(['1 Ban Chỉ huy Phòng thủ dân sự xã Phúc Khánh (diễn tập Lào Cai)']);
    await settled(page);
    await keep(page, 'scene-laocai-1');

    const counting = page.waitForRequest(request => request.method() === 'POST' && request.url().includes('/processes/exposure/execution'));
    await tour.step('slide', async () => {
        await desk.getByRole('button', { name: 'Khoanh vùng trên bản đồ' }).click();
        await drawAround(page, slide);
    });
    const { inputs } = (await counting).postDataJSON() as { inputs: { hazard: { polygon: object } } };
    const polygon = `ST_SetSRID(ST_GeomFromGeoJSON('${JSON.stringify(inputs.hazard.polygon)}'), 4326)`;
    const [[census]] = await record(`SELECT sum(5595 * ST_Area(ST_Intersection(geom, ${polygon})::geography) / ST_Area(geom::geography)) FROM record.places
        WHERE code = '02998' AND level = 'commune' AND valid_to IS NULL`) as [[string]];
    const people = Number(await page.locator('[data-area-people]').getAttribute('data-area-people'));
    expect(Math.abs(people - Number(census)) / Number(census)).toBeLessThan(0.03);
    const figures = await (await page.request.get('/indicators/census_population/values?on=2025-07-01&level=commune&province=15')).json() as { values: { code: string; value: number }[] };
    expect(figures.values.find(({ code }) => code === '02998')!.value).toBe(5595);
    await keep(page, 'scene-laocai-2');

    await settled(page);
    const part = page.locator('.station');
    await tour.step('rain', async () => {
        await desk.getByRole('button', { name: /^Đóng/ }).click();
        await settled(page);
        await clickAt(page, gauge.lon, gauge.lat);
        for (const mm of ['120', '160']) {
            await part.getByLabel('Trị số (mm)').fill(mm);
            await part.getByRole('button', { name: 'Ghi trị số' }).click();
            await expect(part.getByText(`Đã ghi ${mm} mm`)).toBeVisible();
        }
    });
    const { risk } = await (await page.request.get('/hazards/rain-risk?province=10&zone=low&rain=160&wet-days=2')).json() as { risk: number };
    expect(risk).toBe(1);
    expect(await record(`SELECT count(*) FROM record.alerts WHERE ${mine}`)).toEqual([['1']]);
    expect(await said()).toEqual(['Alert']);
    await settled(page);
    await expect.poll(() => drawn(page)).toBeGreaterThan(0);
    await keep(page, 'scene-laocai-3');

    await tour.step('update', async () => {
        await part.getByRole('button', { name: /nguy cơ sạt lở/ }).click();
        await page.getByRole('button', { name: 'Sửa', exact: true }).click();
        await page.getByRole('form', { name: 'Sửa hồ sơ' }).getByLabel('Mức nghiêm trọng').selectOption('Severe');
        await page.getByRole('button', { name: 'Lưu', exact: true }).click();
    });
    expect(await said()).toEqual(['Alert', 'Update']);
    await tour.step('cancel', async () => {
        await page.getByRole('button', { name: /^Cảnh báo: / }).click();
        const item = page.getByRole('dialog', { name: 'Cảnh báo' }).locator('[data-alert]').filter({ hasText: 'DIỄN TẬP: nguy cơ sạt lở' });
        await item.getByRole('button', { name: 'Kết thúc cảnh báo…' }).click();
        await item.getByLabel('Vì sao kết thúc').fill('Mưa đã ngớt');
        await item.getByRole('button', { name: 'Kết thúc cảnh báo', exact: true }).click();
        await expect(item).toHaveCount(0);
        await page.keyboard.press('Escape');
    });
    expect(await said()).toEqual(['Alert', 'Update', 'Cancel']);
    const [[last]] = await record(`SELECT m.identifier FROM alert.message m JOIN record.alerts a ON a.fid = m.alert WHERE ${mine} AND m.type = 'Cancel'`) as [[string]];
    const cap = await (await page.request.get(`/cap/alerts/${last}.xml`)).text();
    expect(cap).toContain('<msgType>Cancel</msgType>');
    expect(cap.match(/<references>(.*)<\/references>/)![1]!.split(' ')).toHaveLength(2);
    expect(await (await page.request.get('/cap/feed')).text()).not.toContain('DIỄN TẬP: nguy cơ sạt lở');
    await settled(page);
    await expect.poll(() => drawn(page)).toBe(0);
    await keep(page, 'scene-laocai-4');

    await tour.step('fixed', async () => {
        await click('Phản ánh');
        await row.click();
        await page.keyboard.press('5');
        await expect(row).toHaveCount(0);
        await expect(phone.locator('[data-state=fixed]')).toBeVisible({ timeout: 20_000 });
        await phone.getByRole('button', { name: '5', exact: true }).tap();
        await expect(phone.getByText('Đã đánh giá 5/5')).toBeVisible();
    });
    await phone.screenshot({ path: 'output/scene-laocai-phone.png', fullPage: true });
    await settled(page);
    await tour.step('identity', async () => {
        await desk.getByRole('button', { name: /^Đóng/ }).click();
        await settled(page);
        await clickAt(page, slide.lon, slide.lat);
        await settled(page);
        await keep(page, 'scene-laocai-5');
    });
    expect(await record(`SELECT reporter_phone, rating FROM record.reports WHERE fid = ${id}`)).toEqual([[sender.phone, '5']]);
    for (const path of [`/open311/v2/requests/${id}.json`, `/open311/v2/requests/${id}.xml`, `/collections/reports/items/${id}`, `/collections/reports/items/${id}/history`,
        `/collections/reports/items?bbox=${slide.lon - 0.01},${slide.lat - 0.01},${slide.lon + 0.01},${slide.lat + 0.01}&f=csv`,
        `/reports/similar?lat=${slide.lat}&lon=${slide.lon}&category=road&text=S`, `/at?lon=${slide.lon}&lat=${slide.lat}&radius=50`]) {
        const told = await (await page.request.get(path)).text();
        for (const secret of [sender.phone, sender.name]) expect(told, path).not.toContain(secret);
    }
    expect(await page.locator('body').innerText()).not.toContain(sender.phone);
    expect(await tour.end()).toBe(8);
    await Promise.all([one.close(), another.close()]);
});
