// The demonstration hanam: the wall never lies. The guide's steps are walked on a server of its own, which is killed, with
// nine pages as the demo's wall; what is seen is held against the files that the scene is made of.

import { test } from '@playwright/test';
import { faults } from './axe';
import { expect, keep, needsData, realData, settled, watch } from './console';
import { database, needsRecord, record } from './record';
import { clearScene, loadScene, sceneFrom, sceneRows } from './scenes';
import { Tour } from './tour';
import { blank, colours, Node, Screens } from './wall';

test.skip(!database, needsRecord);
test.skip(!realData, needsData);
test.setTimeout(240_000);

const words = 'Ngập phố, diễn tập';
const street = [105.9309, 20.5306] as const;
const node = new Node();
let screens: Screens;

async function clean(): Promise<void> {
    await clearScene('hanam', ['indicators', 'catalogue', 'dossiers', 'cameras']);
    await record(`DELETE FROM record.reports WHERE description = '${words}'; DELETE FROM record.wall_scenes WHERE wall = 1 AND position = 4;
        DELETE FROM diaban.wall_state WHERE wall = 1; DELETE FROM diaban.wall_screen WHERE wall = 1`);
}

test.beforeAll(async ({ browser }) => {
    await clean();
    await loadScene('hanam');
    await node.start();
    // Nine maps of the whole province, which are the first scene, would draw for a minute on one machine.
    const clocks = { zones: [{ rows: [1, 3], columns: [1, 3], kind: 'clock' }] };
    expect((await node.post('/wall/1/air', { content: clocks })).status).toBe(204);
    screens = new Screens(browser, node.url, 1);
});
test.afterAll(async () => {
    await screens?.closeAll();
    await node.end();
    await clean();
});

const on = (cell: string) => screens.pages.get(cell)!.locator('[data-revision]');

/// Cameras of the file that face the street, by plane geometry: metres east and north, the bearing from north.
function facing(): { name: string; metres: number }[] {
    return sceneRows('hanam', 'cameras').flatMap(one => {
        const east = (street[0] - Number(one.lon)) * 111_320 * Math.cos(street[1] * Math.PI / 180);
        const north = (street[1] - Number(one.lat)) * 110_574;
        const aside = Math.abs((Math.atan2(east, north) * 180 / Math.PI - Number(one.azimuth) + 540) % 360 - 180);
        const metres = Math.hypot(east, north);
        return metres <= Number(one.range_m) && aside <= Number(one.field_of_view) / 2 ? [{ name: one.name!, metres }] : [];
    }).sort((a, b) => a.metres - b.metres);
}

test('the tour of Hà Nam shows that the wall never lies', async ({ browser, page: judge }) => {
    const context = await browser.newContext({ baseURL: node.url });
    const page = await context.newPage();
    const watched = watch(page, node.url);
    const nav = (name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
    const tour = new Tour(page);
    await tour.begin('hanam', sceneFrom('hanam'));
    expect(await faults(page)).toEqual([]);

    await tour.step('wall', () => nav('Màn hình ghép'));
    const revision = async () => (await (await fetch(`${node.url}/wall/1`)).json() as { state: { revision: number } | null }).state?.revision ?? 0;
    await tour.step('screens', async () => {
        await screens.openAll();
        await screens.show(await revision());
    });
    await tour.step('air', async () => {
        await page.getByRole('option', { name: /^Hà Nam: giao ban/ }).click();
        await page.getByRole('button', { name: 'Phát', exact: true }).click();
        await expect(page.locator('[data-told]')).toContainText('Đã phát');
        await screens.show(await revision());
    });
    await keep(page, 'scene-hanam-1');
    for (const cell of screens.pages.keys()) await expect(on(cell).getByText('DIỄN TẬP', { exact: true })).toBeVisible();
    const figures = sceneRows('hanam', 'indicators');
    await expect(on('1/3').getByRole('listitem').first()).toContainText('Phường Duy Tiên');
    await expect(on('1/3').getByRole('listitem')).toHaveCount(figures.length);
    const dossiers = sceneRows('hanam', 'dossiers').filter(one => one.state === 'received');
    await expect(on('2/3').getByRole('listitem')).toHaveCount(dossiers.length);
    await expect(on('3/1').getByRole('listitem')).toHaveCount(sceneRows('hanam', 'cameras').length);

    await tour.step('report', async () => {
        await nav('Phản ánh');
        await page.getByRole('button', { name: /^Nhập phản ánh/ }).click();
        const form = page.getByRole('form', { name: 'Phản ánh qua điện thoại, báo chí, trực tiếp' });
        await form.getByLabel('Lĩnh vực').selectOption('flooding');
        await form.getByLabel('Nội dung').fill(words);
        await form.getByRole('button', { name: 'Lấy tâm bản đồ' }).click();
        await form.getByRole('button', { name: /^Ghi nhận/ }).click();
    });
    const told = Date.now();
    // Far from all reports that there were when the page was opened.
    await expect.poll(() => page.evaluate(() => globalThis.diaban.map.queryRenderedFeatures({ layers: ['reports'] }).length)).toBe(1);
    const seers = facing();
    expect(seers.map(one => one.name)).toEqual(['Diễn tập 1: ngã tư phía tây', 'Diễn tập 2: đầu phố phía bắc']);
    await expect(on('3/2').getByRole('heading', { name: words })).toBeVisible();
    const rows = on('3/2').getByRole('listitem');
    await expect(rows).toHaveText(seers.map(({ name, metres }) => new RegExp(`^${name}\\s*${Math.round(metres)} m$`)));
    console.log(`the wall named the cameras ${Date.now() - told} ms after the guide saw the report`);
    await tour.step('cameras', async () => {
        for (const { name } of seers) await expect(page.getByRole('button', { name })).toBeVisible();
    });
    await settled(page);
    await keep(page, 'scene-hanam-2');
    for (const cell of ['1/1', '2/3', '3/2']) await screens.pages.get(cell)!.screenshot({ path: `output/scene-hanam-wall-${cell.replace('/', '-')}.png` });

    await tour.step('failing', async () => {
        await page.getByRole('navigation').getByRole('link', { name: 'Tổng quan' }).click();
        await page.getByRole('group', { name: 'Việc đầu ngày' }).getByRole('button', { name: /^✗ Không đạt 1$/ }).click();
    });
    await tour.step('commune', async () => {
        await page.getByRole('button', { name: 'Hồ sơ đúng hạn (diễn tập)' }).click();
        const failing = figures.filter(one => Number(one.value) <= 60).length;
        await expect(page.getByRole('region', { name: /^Xã, phường không đạt/ }).getByRole('listitem')).toHaveCount(failing);
        expect(failing).toBe(2);
        await page.getByRole('button', { name: 'Phường Phủ Lý' }).first().click();
    });
    const held = dossiers.filter(one => one.place_code === '13285');
    await tour.step('dossiers', async () => {
        await page.getByRole('button', { name: `Hồ sơ quá hạn (${held.length})` }).click();
        for (const { number } of held) await expect(page.getByRole('list', { name: 'Hồ sơ quá hạn' })).toContainText(number!);
    });
    await keep(page, 'scene-hanam-3');

    await tour.step('dead', async () => {
        await nav('Màn hình ghép');
        await screens.close('2/3');
    });
    await tour.step('neighbour', () => page.getByRole('button', { name: 'Giao cho 2·2' }).click());
    await expect(on('2/2').getByText('Thay màn hình 2·3')).toBeVisible();
    await expect(on('2/2').getByRole('listitem')).toHaveCount(dossiers.length);
    await screens.pages.get('2/2')!.screenshot({ path: 'output/scene-hanam-wall-2-2.png' });
    expect(watched).toEqual([]);

    await tour.step('kill', () => node.kill());
    await keep(page, 'scene-hanam-4');
    for (const [cell, screen] of screens.pages) {
        await expect(screen.getByText(/^Mất kết nối \d+ giây\. Giữ hình \d\d:\d\d$/)).toBeVisible();
        expect(await colours(screen, judge), `screen ${cell}`).toBeGreaterThan(blank);
    }
    await screens.pages.get('1/1')!.screenshot({ path: 'output/scene-hanam-wall-offline.png' });
    await tour.step('back', () => node.start());
    for (const screen of screens.pages.values()) await expect(screen.getByText(/^Mất kết nối/)).toBeHidden();
    expect(await tour.end()).toBe(12);
    await context.close();
});
