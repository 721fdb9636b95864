// The response to an event in the console: a command is ordered, acknowledges, a call comes in, a team is
// sent, and the report on paper says so.

import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { heart, expect, keep, open, settled, test } from './console';
import { database, needsRecord, record } from './record';

test.skip(!database, needsRecord);
test.use({ locale: 'vi-VN' });
test.describe.configure({ mode: 'serial' });

const name = 'Lũ thử sông Rào Cái';

async function clean(): Promise<void> {
    await record(`DELETE FROM record.event_orders WHERE event IN (SELECT fid FROM record.disaster_events WHERE name = '${name}');
        DELETE FROM record.rescue_calls WHERE event IN (SELECT fid FROM record.disaster_events WHERE name = '${name}');
        DELETE FROM record.disaster_events WHERE name = '${name}';
        DELETE FROM record.rescue_teams WHERE name LIKE 'Đội thử %';
        DELETE FROM record.duty_roster WHERE name LIKE 'Trực thử %'`);
}

test.beforeAll(async () => {
    await clean();
    await record(`INSERT INTO record.disaster_events (kind, name, risk_level, phase, geom) VALUES ('flood', '${name}', 3, 'watch',
            ST_Multi(ST_Buffer(ST_Point(${heart.lon}, ${heart.lat}, 4326), 0.09)));
        INSERT INTO record.duty_roster (unit, name, superior) VALUES ('18739', 'Trực thử Hà', 'Trực thử Nam'), ('18073', 'Trực thử An', 'Trực thử Nam');
        INSERT INTO record.rescue_teams (name, kind, capacity, state, geom) VALUES
            ('Đội thử Một', 'boat', 6, 'free', ST_Point(${heart.lon + 0.02}, ${heart.lat + 0.01}, 4326)),
            ('Đội thử Hai', 'truck', 12, 'free', ST_Point(${heart.lon - 0.05}, ${heart.lat - 0.03}, 4326)),
            ('Đội thử Ba', 'foot', 4, 'off', ST_Point(${heart.lon + 0.04}, ${heart.lat - 0.05}, 4326))`);
});
test.afterAll(clean);

/// What the room says of the whole event, and when the record was so.
interface Seen { at: number; words: string[] }
const seen: Seen[] = [];

const wordsOf = async (room: Locator): Promise<string[]> => [
    await room.locator('[data-phase]').textContent() ?? '', ...await room.locator('h3.num').allTextContents(),
    await room.locator('[data-teams]').textContent() ?? '',
];

/// Kept for the replay, once the room has heard of everything.
async function remember(room: Locator): Promise<void> {
    const [at] = await record('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text');
    seen.push({ at: Number(at), words: await wordsOf(room) });
}

test('an event is run from the order to the report on paper', async ({ page }) => {
    test.setTimeout(120_000);
    await open(page, `#map=11/${heart.lat}/${heart.lon}&layers=places,disaster_events,rescue_teams,rescue_calls`);
    await page.getByRole('button', { name: 'Sự kiện', exact: true }).click();
    const room = page.getByRole('complementary', { name: 'Điều hành sự kiện' });
    await expect(room.getByLabel('Sự kiện', { exact: true })).toContainText(name);
    await room.getByLabel('Sự kiện', { exact: true }).selectOption({ label: `${name} · Theo dõi` });
    await room.getByRole('button', { name: 'Ứng phó' }).click();
    await expect(room.locator('[data-phase=respond]')).toHaveText('Ứng phó');
    await remember(room);

    await room.getByRole('button', { name: 'Ra lệnh' }).click();
    const order = room.getByRole('form', { name: 'Ra lệnh' });
    await order.getByLabel('Nội dung lệnh').fill('Sơ tán dân vùng trũng trước 18 giờ');
    await order.getByLabel('18739 · Trực thử Hà').check();
    await order.getByLabel('18073 · Trực thử An').check();
    await order.getByRole('button', { name: 'Gửi lệnh' }).click();
    await expect(room.locator('[data-order]')).toHaveCount(2);
    const mine = room.locator('[data-order]').filter({ hasText: 'Trực thử Hà' });
    await mine.getByRole('button', { name: 'Xác nhận đã nhận' }).click();
    await expect(room.locator('[data-order][data-state=acknowledged]')).toContainText('Trực thử Hà');
    await expect(room.getByRole('heading', { name: 'Mệnh lệnh: 2, chờ xác nhận 1, đã báo cấp trên 0' })).toBeVisible();
    await record(`UPDATE record.event_orders SET state = 'escalated', escalated_at = now(), escalated_to = superior
        WHERE state = 'issued' AND to_whom = 'Trực thử An'`);
    await expect(room.locator('[data-order]').first()).toContainText('Trực thử An chưa xác nhận; đã báo Trực thử Nam');
    await remember(room);

    const take = async (words: string, people: string, vulnerable: string, depth: string) => {
        await room.getByRole('button', { name: 'Nhập cuộc gọi' }).click();
        const call = room.getByRole('form', { name: 'Nhập cuộc gọi' });
        await call.getByLabel('Người gọi nói gì').fill(words);
        await call.getByLabel('Số người').fill(people);
        await call.getByLabel('Trong đó người yếu thế').fill(vulnerable);
        await call.getByLabel('Ngập sâu (m), nếu biết').fill(depth);
        await call.getByLabel('Điện thoại').fill(`09${people}${depth.replace('.', '')}00011`);
        await call.getByRole('button', { name: 'Ghi nhận cuộc gọi' }).click();
        await expect(call).toHaveCount(0);
    };
    await take('Nhà ven đê, cần thuốc', '2', '0', '0.3');
    await take('Nước lên mái nhà, có hai cụ già', '4', '2', '1.6');
    await take('nước lên mái nhà rồi, hai cụ già chờ', '4', '2', '1.6');
    await expect(room.locator('[data-told]')).toContainText('Đã gộp vào cuộc gọi');
    const calls = room.locator('[data-call]');
    await expect(calls).toHaveCount(2);
    await expect(calls.first()).toContainText('4 người, 2 yếu thế');
    await expect(calls.first()).toContainText('gộp 1 cuộc');
    await remember(room);
    const priorities = await calls.locator('[data-priority]').evaluateAll(all => all.map(one => Number((one as HTMLElement).dataset.priority)));
    expect(priorities).toEqual([...priorities].sort());
    await calls.first().getByRole('button', { name: 'Điều đội gần nhất' }).click();
    await expect(room.locator('[data-call][data-state=assigned]')).toContainText(/Đã điều Đội thử Một, cách \d,\d km/);
    await expect(room.locator('[data-teams]')).toContainText('1 đang làm nhiệm vụ');
    await expect(calls.filter({ hasText: 'gộp 1 cuộc' })).toContainText(/nhận \S+ \d\d:\d\d · ngập 1,6 m · gộp 1 cuộc/);
    await remember(room);
    await settled(page);
    await keep(page, 'response');
    // The area's name stands once, whatever tiles it lies in, and no commune's name over a call.
    const shown = await page.evaluate(() => {
        const { map } = globalThis.diaban;
        const over = map.queryRenderedFeatures({ layers: ['rescue_calls'] }).map(call => {
            const { x, y } = map.project((call.geometry as unknown as { coordinates: [number, number] }).coordinates);
            return map.queryRenderedFeatures([[x - 6, y - 6], [x + 6, y + 6]], { layers: ['places-commune-name'] }).length;
        });
        return { names: map.queryRenderedFeatures({ layers: ['disaster_events-name'] }).map(one => String(one.properties.name)), over };
    });
    expect(shown.names.filter(one => one === name)).toHaveLength(1);
    expect(shown.over.length).toBeGreaterThan(0);
    expect(Math.max(...shown.over)).toBe(0);

    const link = room.getByRole('link', { name: 'Báo cáo nhanh (PDF)' });
    const opened = page.waitForEvent('popup');
    await link.click();
    await (await opened).close();
    const answer = await page.request.get((await link.getAttribute('href'))!);
    expect(answer.headers()['content-type']).toBe('application/pdf');
    await writeFile('output/response.pdf', await answer.body());
    const paper = execFileSync('pdftotext', ['-layout', 'output/response.pdf', '-'], { encoding: 'utf8' }).normalize('NFC');
    for (const words of [name, 'Sơ tán dân vùng trũng', 'BẢN ĐỒ TÌNH HÌNH', 'Cuộc gọi chờ đội (số: ưu tiên): 1',
        'Cuộc gọi đã điều đội: 1', 'Đội đang làm nhiệm vụ: 1']) expect(paper).toContain(words);

    await room.locator('[data-call][data-state=assigned]').getByRole('button', { name: 'Đã cứu xong' }).click();
    await expect(room.getByText('Đã cứu: 1 cuộc gọi')).toBeVisible();
    await room.getByText('Diễn biến', { exact: true }).click();
    await expect(room.locator('details li').first()).toContainText('Đã cứu xong cuộc gọi');
    await settled(page);
    await keep(page, 'response-timeline');
    await remember(room);
});

test('the replay of an event shows at each moment what the room said then', async ({ page }) => {
    test.setTimeout(120_000);
    const { entries } = await (await page.request.get(`/events/${(await record(`SELECT fid::text FROM record.disaster_events WHERE name = '${name}'`))[0]}/timeline`)).json() as { entries: { at: string }[] };
    const times = [...new Set(entries.map(one => one.at))];
    await open(page, `#map=11/${heart.lat}/${heart.lon}&layers=places,disaster_events,rescue_teams,rescue_calls`);
    await page.getByRole('button', { name: 'Sự kiện', exact: true }).click();
    const room = page.getByRole('complementary', { name: 'Điều hành sự kiện' });
    await room.getByLabel('Sự kiện', { exact: true }).selectOption({ label: `${name} · Ứng phó` });
    await expect(room.getByText('Đã cứu: 1 cuộc gọi')).toBeVisible();
    await room.getByText('Diễn biến', { exact: true }).click();
    await room.getByRole('button', { name: 'Xem lại từ đầu' }).click();
    const bar = page.getByRole('group', { name: 'Thời điểm xem lại' });
    await expect(bar.locator('output')).toHaveAttribute('data-frames', String(times.length));
    await expect(room.locator('[data-phase]')).toHaveText('Theo dõi');
    await expect(room.getByRole('button', { name: 'Ra lệnh' })).toHaveCount(0);
    for (const { at, words } of seen) {
        const frame = times.findLastIndex(time => Date.parse(time) <= at);
        await bar.getByRole('slider').fill(String(frame));
        await expect.poll(() => wordsOf(room), { message: times[frame]! }).toEqual(words);
    }
    await bar.getByRole('slider').fill(String(times.findLastIndex(time => Date.parse(time) <= seen[2]!.at)));
    await expect.poll(() => wordsOf(room)).toEqual(seen[2]!.words);
    await settled(page);
    const drawn = await page.evaluate(() => globalThis.diaban.map.queryRenderedFeatures({ layers: globalThis.diaban.map.getStyle().layers
        .filter(layer => 'source' in layer && layer.source === 'rescue_calls').map(layer => layer.id) }).map(one => String(one.properties.state)));
    expect([...new Set(drawn)]).toEqual(['new']);
    await keep(page, 'response-replay');
    await room.getByRole('button', { name: 'Về hiện tại' }).click();
    await expect(bar).toHaveCount(0);
    await expect(room.getByText('Đã cứu: 1 cuộc gọi')).toBeVisible();
});

test('on a telephone the room is a sheet', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open(page, `#map=11/${heart.lat}/${heart.lon}&layers=places,disaster_events,rescue_teams,rescue_calls`);
    await page.getByRole('tab', { name: 'Sự kiện' }).click();
    await page.getByRole('button', { name: 'Kéo lên' }).click();
    await expect(page.getByRole('tabpanel').getByRole('link', { name: 'Báo cáo nhanh (PDF)' })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await keep(page, 'response-phone');
});
