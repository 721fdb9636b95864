// Nine pages as one wall: how far apart they call the switch, how far apart it is painted, and how long a scene takes
// from the operator's word to the last switch: one that was looked at before, and one that nobody foresaw.
// node wall_bench.mjs ROUNDS; one line a figure, the median of rounds and the worst, by tabs.

import { chromium } from '@playwright/test';
import { baseURL, launchOptions } from './browser.mjs';

const rounds = Number(process.argv[2] ?? 10);
const url = baseURL();
const map = zoom => ({ zones: [{ rows: [1, 3], columns: [1, 3], kind: 'map', centre: [105.75, 18.33], zoom, layers: ['places', 'parcels'] }] });

const browser = await chromium.launch(launchOptions);
const pages = [];
for (const row of [1, 2, 3]) for (const column of [1, 2, 3]) {
    const context = await browser.newContext({ viewport: { width: 320, height: 180 } });
    const page = await context.newPage();
    await page.goto(`${url}/wall/1/${row}/${column}`);
    pages.push(page);
}

const wall = async () => (await fetch(`${url}/wall/1`)).json();
const pause = ms => new Promise(done => { setTimeout(done, ms); });

/// Until all nine show what is on air, painted.
async function settled() {
    for (let tries = 0; tries < 600; tries += 1) {
        const told = await wall();
        const shown = told.screens.filter(one => one.heard_ms < 3000 && one.shown === told.state.revision
            && one.painted_at >= one.switched_at);
        if (shown.length === 9) return { state: told.state, shown };
        await pause(100);
    }
    throw new Error('nine pages do not show one scene within a minute');
}

/// Until all nine have made ready what is likely to come next.
const standBy = () => Promise.all(pages.map(page => page.waitForFunction(() => globalThis.diabanWall.standby.ready)));

const spread = values => Math.max(...values) - Math.min(...values);
const figures = { switch: [], paint: [], foreseen: [], scene: [] };

async function air(content, kind) {
    const answer = await fetch(`${url}/wall/1/air`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ content }),
    });
    if (answer.status !== 204) throw new Error(`${answer.status} ${await answer.text()}`);
    const { state, shown } = await settled();
    figures.switch.push(spread(shown.map(one => one.switched_at)));
    figures.paint.push(spread(shown.map(one => one.painted_at)));
    figures[kind].push(Math.max(...shown.map(one => one.switched_at)) - state.begun_at);
    await standBy();
}

await settled();
await air(map(8.8), 'scene');
await air(map(11), 'scene');
for (const values of Object.values(figures)) values.length = 0; // programs and tiles were fetched for the first time
for (let round = 1; round <= rounds; round += 1) {
    const [before, content] = [map(11 - (round - 1) / 10), map(11 - round / 10)];
    await air(content, 'scene');
    await air(before, 'foreseen');
    await air(content, 'foreseen');
}
await browser.close();
for (const [name, values] of Object.entries(figures)) {
    values.sort((a, b) => a - b);
    console.log(`${name}\t${values[Math.floor(values.length / 2)].toFixed(1)}\t${values.at(-1).toFixed(1)}`);
}
