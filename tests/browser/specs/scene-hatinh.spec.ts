// The demonstration hatinh: the night of 28 September. The guide's steps are walked, and what they show is held against
// PostGIS on the record.

import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { faults } from './axe';
import { clickAt, expect, keep, needsData, realData, settled, test } from './console';
import { database, needsRecord, record } from './record';
import { Tour } from './tour';

test.skip(!database, needsRecord);
test.skip(!realData, needsData);
test.use({ locale: 'vi-VN', permissions: ['clipboard-read', 'clipboard-write'] });

const storm = 'Bão số 10 (Bualoi)';
const bulletins = `SELECT key FROM record.storm_bulletins WHERE storm = '${storm}'`;
const gauge = "SELECT d.fid FROM record.datastreams d JOIN record.sensors s ON s.fid = d.sensor WHERE s.name = 'Linh Cảm'";
/// The centres of the bulletin, as the national centre published them.
const track = "ST_GeomFromText('LINESTRING(110.2 16.2, 107.6 17.5, 105.2 18.9)', 4326)";
const communes = "SELECT * FROM record.places WHERE level = 'commune' AND province_code = '42' AND valid_to IS NULL";

const one = async (statement: string) => (await record(statement))[0]!.join(' ');
const whole = (text: string | null) => Number((text ?? '').replace(/\D/g, ''));

interface Kept { latest: string; watch: string; station: string }

/// What Linh Cảm shows.
async function gaugeNow(): Promise<Kept> {
    return {
        latest: await one(`SELECT to_jsonb(l) FROM sensor.latest l WHERE datastream = (${gauge})`),
        watch: await one(`SELECT to_jsonb(w) FROM sensor.watch w WHERE datastream = (${gauge})`),
        station: await one("SELECT jsonb_build_object('reading', reading, 'value', reading_value, 'at', reading_at, 'level', alert_level) FROM record.sensors WHERE name = 'Linh Cảm'"),
    };
}

async function clean({ latest, watch, station }: Kept): Promise<void> {
    const told = (json: string) => `'${json.replaceAll("'", "''")}'::jsonb`;
    await record(`DELETE FROM sensor.observation WHERE datastream = (${gauge}) AND at > (${told(latest)}->>'at')::timestamptz;
        DELETE FROM record.alerts WHERE source_kind = 'datastream' AND source = (${gauge});
        UPDATE sensor.latest SET (first_at, at, value, received_at) = (SELECT first_at, at, value, received_at
            FROM jsonb_populate_record(NULL::sensor.latest, ${told(latest)})) WHERE datastream = (${gauge});
        UPDATE sensor.watch SET (at, silent, state) = (SELECT at, silent, state FROM jsonb_populate_record(NULL::sensor.watch, ${told(watch)}))
            WHERE datastream = (${gauge});
        UPDATE record.sensors SET reading = ${told(station)}->>'reading', reading_value = (${told(station)}->>'value')::double precision,
            reading_at = (${told(station)}->>'at')::timestamptz, alert_level = (${told(station)}->>'level')::bigint WHERE name = 'Linh Cảm';
        DELETE FROM record.storm_fixes WHERE bulletin IN (${bulletins});
        DELETE FROM record.storm_dangers WHERE bulletin IN (${bulletins});
        DELETE FROM record.storm_warnings WHERE bulletin IN (${bulletins});
        DELETE FROM record.storm_bulletins WHERE storm = '${storm}';
        DELETE FROM record.disaster_events WHERE name = '${storm}'`);
}

/// Alerts of the gauge's level as the record has them.
const levelAlerts = () => record(`SELECT level, state, headline FROM record.alerts WHERE source = (${gauge}) AND kind = 'level'`)
    .then(rows => rows.map(row => row.join(' ')));

async function draw(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Vẽ chỗ vỡ, chỗ xả' }).click();
    await page.waitForFunction(() => Object.keys(globalThis.diaban.map.getStyle().sources).some(id => id.startsWith('td-')));
    const centre = await page.evaluate(() => {
        const box = globalThis.diaban.map.getCanvas().getBoundingClientRect();
        return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    });
    await page.mouse.click(centre.x - 10, centre.y);
    await page.mouse.move(centre.x + 5, centre.y);
    await page.mouse.click(centre.x + 10, centre.y);
    await page.mouse.click(centre.x + 10, centre.y);
}

interface Impact {
    total: { people: { affected: number } };
    parts: { unit: string | null; people?: { affected: number } }[];
    arrivals: { unit: string; begins: string }[];
}

test('the tour of Hà Tĩnh walks a storm from its bulletin to the replay', async ({ page }) => {
    test.setTimeout(180_000);
    const before = await gaugeNow();
    await clean(before);
    const tour = new Tour(page);
    try {
        await tour.begin('hatinh', '#map=8.2/18.1/106.1&layers=places,sensors');
        expect(await faults(page)).toEqual([]);
        const click = (name: string) => page.getByRole('button', { name, exact: true }).first().click();

        await tour.step('storm', async () => { await click('Thiên tai'); await click('Bão'); });
        const panel = page.getByRole('complementary', { name: 'Bão' });
        await tour.step('read', async () => {
            await tour.card.getByRole('button', { name: 'Chép văn bản' }).click();
            await expect(tour.card.getByRole('button', { name: '✓ Đã chép' })).toBeVisible();
            await panel.getByRole('textbox').focus();
            await page.keyboard.press('Control+V');
            await click('Đọc bản tin');
        });
        const counted = page.waitForResponse(async answer => answer.ok() && /\/processes\/storm\/execution|\/jobs\/[^/]+\/results$/.test(answer.url())
            && (await answer.text()).includes('"arrivals"'));
        await tour.step('confirm', async () => {
            for (const doubt of await panel.locator('[data-storm=doubts]').getByRole('checkbox').all()) await doubt.check();
            await click('Xác nhận bản tin');
        });
        const impact = await (await counted).json() as Impact;

        await tour.step('arrival', () => panel.locator('[data-storm=impact] .communes button').filter({ hasText: 'Phường Hoành Sơn' }).click());
        const ours = new Set((await record(`SELECT code FROM (${communes}) p`)).flat());
        const arrivals = impact.arrivals.filter(({ unit }) => ours.has(unit)).sort((a, b) => a.begins.localeCompare(b.begins));
        expect(arrivals).toHaveLength(69);
        // Within the forecast, and first where the storm comes from.
        expect(arrivals[0]!.begins > '2025-09-28T09:00:00Z' && arrivals.at(-1)!.begins < '2025-09-28T21:00:00Z').toBe(true);
        const near = async (code: string) => Number(await one(`SELECT ST_Distance(geom::geography, ST_Point(107.6, 17.5, 4326)::geography) FROM (${communes}) p WHERE code = '${code}'`));
        expect(await near(arrivals[0]!.unit)).toBeLessThan(await near(arrivals.at(-1)!.unit));
        await settled(page);
        await keep(page, 'scene-hatinh-1');

        await tour.step('swath');
        expect(await record(`SELECT count(*) FILTER (WHERE province_code = '42'), count(*) FROM record.places WHERE level = 'commune' AND valid_to IS NULL
            AND ST_DWithin(geom::geography, ${track}::geography, 40000)`)).toEqual([['68', '155']]);
        expect(impact.parts.filter(({ unit }) => unit !== null && ours.has(unit))).toHaveLength(68);
        const sum = impact.parts.reduce((all, part) => all + (part.people?.affected ?? 0), 0);
        expect(Math.abs(sum - impact.total.people.affected)).toBeLessThan(1e-6);
        const people = whole(await panel.locator('[data-people=affected]').textContent());
        expect(whole(await panel.locator('[data-parts]').getAttribute('data-people'))).toBe(people);
        const planar = Number(await one(`WITH swath AS (SELECT ST_Buffer(ST_Transform(ST_Segmentize(${track}::geography, 5000)::geometry, 32648), 40000) AS geom)
            SELECT sum(population * ST_Area(ST_Intersection(ST_Transform(p.geom, 32648), swath.geom)) / ST_Area(ST_Transform(p.geom, 32648)))
            FROM (${communes}) p, swath`));
        expect(Math.abs(people - planar) / planar).toBeLessThan(0.005);

        await tour.step('past', () => panel.locator('details summary').click());
        // 59 is what PostGIS says of these tracks and communes, storm by storm: tests/services/storms_real.cpp.
        await expect(panel.locator('[data-past]')).toHaveText(/^59 trong 859 cơn bão/);
        await panel.locator('details').scrollIntoViewIfNeeded();
        await keep(page, 'scene-hatinh-2');

        await settled(page);
        const part = page.locator('.station');
        await tour.step('station', async () => {
            await panel.getByRole('button', { name: /^Đóng/ }).click();
            await settled(page);
            await clickAt(page, 105.567, 18.533);
        });
        const enter = async (value: string) => {
            await part.getByLabel('Trị số (m)').fill(value);
            await part.getByRole('button', { name: 'Ghi trị số' }).click();
        };
        await tour.step('one', () => enter('5.34'));
        await expect.poll(levelAlerts).toEqual(['1 open Linh Cảm: báo động I (BĐ2 − 0.16)']);
        await tour.step('three', () => enter('6.60'));
        await expect.poll(levelAlerts).toEqual(['3 open Linh Cảm: báo động III (BĐ3 + 0.10)']);
        await expect(part.locator('[data-rung].reached')).toHaveCount(3);
        await settled(page);
        await keep(page, 'scene-hatinh-3');
        await tour.step('fall', () => enter('4.20'));
        await expect.poll(levelAlerts).toEqual(['3 closed Linh Cảm: báo động III (BĐ3 + 0.10)']);

        await tour.step('draw', async () => {
            await click('Thiên tai');
            await expect(page.getByRole('heading', { name: 'Mực nước trên dòng chảy' })).toBeVisible();
            await settled(page);
            await draw(page);
        });
        await tour.step('frames', async () => {
            await page.getByLabel('Lưu lượng (m³/s)').fill('1500');
            await page.getByLabel('Kéo dài (giờ)').fill('1');
            await click('Chạy mô phỏng');
            await expect(page.locator('[data-flood=successful]')).toBeVisible({ timeout: 90_000 });
        });
        await tour.step('cutoff', async () => {
            await click('Tìm nơi bị cô lập ở khung này');
            await expect(page.locator('[data-cut-off]')).toBeVisible({ timeout: 30_000 });
        });
        const places = await page.locator('[data-cut-place]').evaluateAll(all => all.map(place => (place as HTMLElement).dataset.cutPlace));
        expect(places.length).toBeGreaterThan(0);
        expect(await page.locator('[data-cut-off]').getAttribute('data-cut-off'))
            .toBe(await one(`SELECT sum(population) FROM record.places WHERE fid IN (${places.join(',')})`));
        await page.locator('[data-cut-off]').scrollIntoViewIfNeeded();
        await settled(page);
        await keep(page, 'scene-hatinh-4');

        const room = page.getByRole('complementary', { name: 'Điều hành sự kiện' });
        await tour.step('event', async () => {
            await click('Sự kiện');
            await room.getByLabel('Sự kiện', { exact: true }).selectOption({ label: `${storm} · Theo dõi` });
            await room.getByRole('button', { name: 'Ứng phó' }).click();
        });
        const link = room.getByRole('link', { name: 'Báo cáo nhanh (PDF)' });
        const answer = await page.request.get((await link.getAttribute('href'))!);
        await writeFile('output/scene-hatinh.pdf', await answer.body());
        const paper = execFileSync('pdftotext', ['-layout', 'output/scene-hatinh.pdf', '-'], { encoding: 'utf8' }).normalize('NFC');
        for (const words of [storm, 'BẢN ĐỒ TÌNH HÌNH']) expect(paper).toContain(words);
        await tour.step('replay', async () => {
            await room.getByText('Diễn biến', { exact: true }).click();
            await room.getByRole('button', { name: 'Xem lại từ đầu' }).click();
            await expect(room.locator('[data-phase]')).toHaveText('Theo dõi');
            await settled(page);
            await keep(page, 'scene-hatinh-5');
        });
        expect(await tour.end()).toBe(15);
    } finally {
        await clean(before);
    }
});
