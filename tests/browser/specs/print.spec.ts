// The map on paper: what is seen, with scale, legend, corners and sources, in one PDF.

import { execFileSync } from 'node:child_process';
import { expect, heart, open, settled, test } from './console';

test('a printed map has its picture, scale, legend, corners, sources and what is generated', async ({ page }) => {
    await page.addInitScript(() => { window.print = () => { document.documentElement.dataset.printed = 'true'; }; });
    await open(page, `#map=11/${heart.lat}/${heart.lon}&layers=places,cameras,rivers`);
    await settled(page);
    await page.getByRole('button', { name: 'In bản đồ (giấy, PDF)' }).click();
    await expect(page.locator('html[data-printed]')).toBeAttached();
    const pdf = 'output/map.pdf';
    await page.pdf({ path: pdf, preferCSSPageSize: true, printBackground: true });

    const text = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' }).normalize('NFC');
    expect(text).toContain('Địa bàn');
    expect(text).toMatch(/In lúc \d\d\/\d\d\/\d{4} \d\d:\d\d/);
    expect(text).toMatch(/tỷ lệ khoảng 1:\d{2,3}\.000 trên giấy A4/);
    for (const words of ['Chú giải', 'Camera', 'Nguồn dữ liệu', 'GIẢ LẬP']) expect(text).toContain(words);
    const images = execFileSync('pdfimages', ['-list', pdf], { encoding: 'utf8' }).trim().split('\n').slice(2)
        .map(line => line.trim().split(/\s+/)).map(([, , , width]) => Number(width));
    expect(Math.max(...images)).toBeGreaterThan(600); // px of the map itself
});
