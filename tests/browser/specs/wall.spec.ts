// Nine pages as one wall on one machine: in step, never blank, each at its place again.

import { expect, test, type Page } from '@playwright/test';
import { database, needsRecord, record } from './record';
import { handleOf, makeWall, Node, removeWall, scenes, Screens, wallNumber, type Handle } from './wall';

test.skip(!database, needsRecord);
test.describe.configure({ mode: 'serial' });
test.setTimeout(240_000);

interface Screen { rows: [number, number]; columns: [number, number]; prepared: number; shown: number; switched_at: number; painted_at: number }
interface Told { state: { revision: number; begun_at: number; switch_at: number | null }; screens: Screen[] }

const node = new Node();
let made: number[] = [];
let screens: Screens;

const wall = async () => await (await fetch(`${node.url}/wall/${wallNumber}`)).json() as Told;
const air = async (scene: number) => {
    expect((await node.post(`/wall/${wallNumber}/air`, { scene })).status).toBe(204);
    return (await wall()).state.revision;
};

/// How many colours a page shows: a blank one has one or two.
async function colours(page: Page, judge: Page): Promise<number> {
    const picture = await page.screenshot();
    return judge.evaluate(async data => {
        const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
        const canvas = new OffscreenCanvas(image.width, image.height);
        const paper = canvas.getContext('2d')!;
        paper.drawImage(image, 0, 0);
        return new Set(new Uint32Array(paper.getImageData(0, 0, image.width, image.height).data.buffer)).size;
    }, picture.toString('base64'));
}

/// What a screen shows, apart from what it makes ready or lets fade.
const on = (cell: string) => screens.pages.get(cell)!.locator('[data-revision]');

const blank = 12; // colours

test.beforeAll(async ({ browser }) => {
    test.setTimeout(240_000);
    made = await makeWall();
    await node.start();
    screens = new Screens(browser, node.url);
    await screens.openAll();
    await screens.show(1);
});

test.afterAll(async () => {
    await screens.closeAll();
    await node.end();
    await removeWall();
});

test('nine pages prepare a scene first and switch to it together', async () => {
    const revision = await air(made[1]!);
    await screens.show(revision);
    await expect.poll(async () => (await wall()).screens.filter(one => one.shown === revision).length).toBe(9);
    const { state, screens: told } = await wall();
    const switches = told.map(one => one.switched_at);
    const skew = Math.max(...switches) - Math.min(...switches);
    const painted = Math.max(...told.map(one => one.painted_at)) - Math.min(...told.map(one => one.painted_at));
    console.log(`switch called within ${skew.toFixed(1)} ms on nine pages, painted within ${painted.toFixed(1)} ms; `
        + `scene on air ${(Math.max(...switches) - state.begun_at).toFixed(0)} ms after it was asked for`);
    for (const page of screens.pages.values()) {
        const { switches: called, error } = await handleOf(page);
        expect(called.at(-1)!.revision).toBe(revision);
        // None before the instant that was set, as far as its clock can tell; timers of a browser round to 1 ms.
        expect(called.at(-1)!.at).toBeGreaterThanOrEqual(state.switch_at! - error - 2);
    }
    await expect(on('1/3').locator('section[data-kind=list] h1')).not.toBeEmpty();
    await expect(on('3/3').getByText('Giao ban 7 giờ 30')).toBeVisible();
    for (const cell of ['1/3', '2/2']) await screens.pages.get(cell)!.screenshot({ path: `output/wall-${cell.replace('/', '-')}.png` });
});

test('an operator moves the map and all pages come to the same place', async () => {
    await screens.show(await air(made[0]!));
    expect((await node.post(`/wall/${wallNumber}/view`, { lon: 105.9, lat: 18.4, zoom: 9.5 })).status).toBe(204);
    for (const page of screens.pages.values()) {
        await expect.poll(async () => (await handleOf(page)).view).toEqual({ centre: [105.9, 18.4], zoom: 9.5 });
    }
});

test('a page that loses its drawing context while it prepares comes on air all the same', async () => {
    const page = screens.pages.get('1/1')!;
    const lost = page.evaluate(async () => {
        const wall = () => (globalThis as unknown as { diabanWall: Handle }).diabanWall;
        while (wall().stage.next === null) await new Promise(done => { setTimeout(done, 5); });
        document.querySelector<HTMLCanvasElement>('.maplibregl-canvas')!.getContext('webgl2')!.getExtension('WEBGL_lose_context')!.loseContext();
    });
    const revision = await air(made[1]!);
    await lost;
    await screens.show(revision);
});

test('what was generated is stamped on every page that shows it', async () => {
    await screens.show(await air(made[1]!));
    for (const cell of ['1/3', '2/1']) await expect(on(cell).getByText('GIẢ LẬP')).toBeVisible();
    await expect(on('3/3').getByText('GIẢ LẬP')).toBeHidden();
});

test('a scene that is looked at before is ready on all screens, and on air at once', async () => {
    await screens.show(await air(made[1]!));
    expect((await node.post(`/wall/${wallNumber}/standby`, { scene: made[0] })).status).toBe(204);
    await screens.standBy();
    for (const scene of [made[0]!, made[1]!]) { // the second is what undo would bring back
        const revision = await air(scene);
        await screens.show(revision);
        await expect.poll(async () => (await wall()).screens.filter(one => one.shown === revision).length).toBe(9);
        const { state, screens: told } = await wall();
        console.log(`foreseen scene on air ${(Math.max(...told.map(one => one.switched_at)) - state.begun_at).toFixed(0)} ms after it was asked for`);
        expect(Math.max(...told.map(one => one.prepared))).toBe(revision);
        await screens.standBy();
    }
    await expect(on('3/3').getByText('Giao ban 7 giờ 30')).toBeVisible();
});

test('an alert stands on the first row while it is open, and goes when it ends', async () => {
    const [[alert]] = await record(`INSERT INTO record.alerts (event, headline, severity, state, opened_at, geom)
        VALUES ('Lũ', 'Thử: nước sông lên nhanh', 'Severe', 'open', now(), ST_Buffer(ST_Point(105.9, 18.34, 4326), 0.01)) RETURNING fid`) as [[string]];
    const band = (cell: string) => screens.pages.get(cell)!.locator(`[data-alert="${alert}"]`);
    try {
        await expect(band('1/1')).toContainText('Thử: nước sông lên nhanh');
        await expect(band('1/2')).toHaveCount(0); // one screen tells of it
        await expect(band('2/1')).toHaveCount(0);
        await screens.pages.get('1/1')!.screenshot({ path: 'output/wall-alert.png' });
        await record(`UPDATE record.alerts SET state = 'closed', closed_at = now() WHERE fid = ${alert}`);
        await expect(band('1/1')).toHaveCount(0);
    } finally {
        await record(`DELETE FROM record.alerts WHERE fid = ${alert}`);
    }
});

test('an operator puts a scene on air with three clicks, and a dead screen is named and stood in for', async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(`${node.url}/console/#layers=places`);
    let clicks = 0;
    const click = async (name: string, role: 'button' | 'option') => {
        await page.getByRole(role, { name, exact: role === 'button' }).click();
        clicks += 1;
    };
    await click('Màn hình ghép', 'button');
    await page.getByRole('combobox', { name: 'Màn hình ghép' }).selectOption('Tường thử'); // a demo has one of its own
    await click(scenes[0], 'option');
    const before = (await wall()).state.revision;
    await click('Phát', 'button');
    expect(clicks).toBe(3);
    await screens.show(before + 1);
    await expect(page.locator('[data-skew]')).toBeVisible();
    await page.getByRole('button', { name: 'Hoàn tác' }).click();
    await screens.show(before + 2);

    await page.getByRole('button', { name: 'Khóa', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Phát', exact: true })).toBeDisabled();
    await page.getByRole('button', { name: 'Mở khóa' }).click();
    await expect(page.getByRole('button', { name: 'Phát', exact: true })).toBeEnabled();

    await expect(page.locator('[data-dead]')).toHaveCount(0);
    const closed = Date.now();
    await screens.close('2/3');
    await expect(page.locator('[data-dead="2/3"]')).toBeVisible();
    console.log(`a dead screen was named after ${((Date.now() - closed) / 1000).toFixed(1)} s`);
    await page.getByRole('button', { name: 'Giao cho 2·2' }).click();
    const neighbour = on('2/2');
    await expect(neighbour.getByText('Thay màn hình 2·3')).toBeVisible();
    await expect(neighbour.locator('section[data-kind=indicator]')).toBeVisible();
    await page.screenshot({ path: 'output/wall-operator.png' });

    await screens.open('2/3');
    await expect(page.locator('[data-dead]')).toHaveCount(0);
    await expect(neighbour.getByText('Thay màn hình 2·3')).toBeHidden();
    await expect(on('2/3').locator('section[data-kind=indicator]')).toBeVisible();
    await context.close();
});

test('a killed server leaves the last picture on every page with its age, and a restart goes on', async ({ page: judge }) => {
    await screens.show((await wall()).state.revision);
    await node.kill();
    const least = new Map<string, number>();
    for (let round = 0; round < 4; round += 1) {
        for (const [cell, page] of screens.pages) {
            const seen = await colours(page, judge);
            least.set(cell, Math.min(seen, least.get(cell) ?? Infinity));
        }
    }
    console.log(`colours of pages without a server, the least of four: ${[...least].map(([cell, n]) => `${cell} ${n}`).join(', ')}`);
    for (const [cell, seen] of least) expect(seen, `screen ${cell}`).toBeGreaterThan(blank);
    for (const page of screens.pages.values()) await expect(page.getByText(/^Mất kết nối \d+ giây\. Giữ hình \d\d:\d\d$/)).toBeVisible();

    await node.start();
    for (const page of screens.pages.values()) await expect(page.getByText(/^Mất kết nối/)).toBeHidden();
    const revision = await air(made[0]!);
    await screens.show(revision);
    const reloaded = screens.pages.get('1/1')!;
    await reloaded.reload();
    await screens.show(revision);
    expect(await colours(reloaded, judge)).toBeGreaterThan(blank);
});

test('a page that spans the wall shows all of it, behind a controller', async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width: 960, height: 540 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(`${node.url}/wall/${wallNumber}/1-3/1-3`);
    await screens.show(await air(made[1]!));
    await expect(page.locator('.picture.on section')).toHaveCount(9);
    await expect(page.locator('.picture.on section[data-kind=map]')).toHaveCount(6);
    await page.screenshot({ path: 'output/wall-whole.png' });
    await context.close();
});
