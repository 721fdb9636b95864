import { defineConfig } from '@playwright/test';
import { baseURL, launchOptions } from './browser.mjs';

export default defineConfig({
    testDir: 'specs',
    outputDir: 'output/failures',
    timeout: 90_000,
    expect: { timeout: 20_000 },
    workers: 1,
    forbidOnly: true,
    reporter: [['list']],
    use: {
        baseURL: baseURL(),
        browserName: 'chromium',
        launchOptions,
        viewport: { width: 1440, height: 900 },
        locale: 'vi-VN',
        timezoneId: 'America/New_York', // the console shows Vietnam's clock wherever it is opened
        contextOptions: { reducedMotion: 'reduce' },
        screenshot: 'only-on-failure',
    },
});
