// Writes one picture of the console: node picture.mjs PATH [WIDTHxHEIGHT] [#FRAGMENT]
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { baseURL, launchOptions } from './browser.mjs';

const [path = 'output/console.png', size = '1440x900', fragment = ''] = process.argv.slice(2);
const [width, height] = size.split('x').map(Number);

const browser = await chromium.launch(launchOptions);
const page = await browser.newPage({ viewport: { width, height }, locale: 'vi-VN', reducedMotion: 'reduce' });
await page.goto(`${baseURL()}/console/${fragment}`);
await page.waitForFunction(() => globalThis.diaban?.map?.loaded() && globalThis.diaban.map.areTilesLoaded(), null, {
    timeout: 60_000,
});
await page.waitForTimeout(1000); // labels fade in
mkdirSync(dirname(resolve(path)), { recursive: true });
await page.screenshot({ path });
await browser.close();
console.log(path);
