// Writes ../light.json, ../dark.json, ../legends/*.json and the sprites from the sources beside this
// file. `node build.mjs` writes; `node build.mjs --check` compares and exits 1 on any difference.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { themes } from './tokens.mjs';
import { icons } from './icons.mjs';
import { legend } from './legends.mjs';
import { style } from './style.mjs';

const at = path => new URL(path, import.meta.url);
const require = createRequire(at('../../services/console/package.json'));
const { initWasm, Resvg } = require('@resvg/resvg-wasm');
await initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));

const names = {
    light: 'Địa bàn, nền sáng',
    dark: 'Địa bàn, nền tối',
};

/// Noto Sans in three files a weight; the first whose range holds a letter draws it.
const ranges = JSON.parse(readFileSync(require.resolve('@fontsource/noto-sans/unicode.json')));
const fontFaces = Object.fromEntries([['Regular', 400], ['SemiBold', 600]].map(([face, weight]) => [
    `Noto Sans ${face}`,
    ['vietnamese', 'latin', 'latin-ext'].map(subset => ({
        url: `{origin}/console/fonts/noto-sans-${subset}-${weight}.woff2`,
        'unicode-range': ranges[subset].split(','),
    })),
]));

const maki = name => readFileSync(require.resolve(`@mapbox/maki/icons/${name}.svg`), 'utf8')
    .replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>[\s\S]*$/, '').trim();

/// Rows of icons, tallest first, in a sheet 512 px wide.
function sheet(svgs, ratio) {
    const drawn = Object.entries(svgs).map(([name, svg]) => {
        const image = new Resvg(svg, { fitTo: { mode: 'zoom', value: ratio } }).render();
        return { name, width: image.width, height: image.height, svg };
    }).sort((a, b) => b.height - a.height || (a.name < b.name ? -1 : 1));
    const limit = 512 * ratio;
    const index = {};
    let [x, y, row, body] = [0, 0, 0, ''];
    for (const one of drawn) {
        if (x + one.width > limit) [x, y, row] = [0, y + row, 0];
        index[one.name] = { x, y, width: one.width, height: one.height, pixelRatio: ratio };
        const inner = one.svg
            .replace('<svg ', `<svg x="${x / ratio}" y="${y / ratio}" `)
            .replaceAll('id="h"', `id="h-${one.name}"`).replaceAll('url(#h)', `url(#h-${one.name})`);
        body += inner;
        x += one.width;
        row = Math.max(row, one.height);
    }
    const height = y + row;
    const whole = `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="${height / ratio}">${body}</svg>`;
    return {
        index: Object.fromEntries(Object.entries(index).sort(([a], [b]) => (a < b ? -1 : 1))),
        png: new Resvg(whole, { fitTo: { mode: 'zoom', value: ratio } }).render().asPng(),
    };
}

/// Seas and archipelagos in the styles: positions from the official special zones' islands.
const sea = JSON.parse(readFileSync(at('./sea.json')));

const outputs = {};
const json = value => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
for (const [id, tokens] of Object.entries(themes)) {
    outputs[`../${id}.json`] = json(style(id, names[id], tokens, sea, fontFaces));
    outputs[`../legends/${id}.json`] = json(legend(id, tokens));
    const svgs = icons(tokens, maki);
    for (const [ratio, suffix] of [[1, ''], [2, '@2x']]) {
        const { index, png } = sheet(svgs, ratio);
        outputs[`../sprite-${id}${suffix}.json`] = json(index);
        outputs[`../sprite-${id}${suffix}.png`] = Buffer.from(png);
    }
}

let stale = 0;
for (const [path, bytes] of Object.entries(outputs)) {
    const file = at(path);
    if (existsSync(file) && readFileSync(file).equals(bytes)) continue;
    stale += 1;
    if (process.argv.includes('--check')) {
        console.error(`${path.slice(3)} is not what styles/source makes: run npm run styles`);
    } else {
        mkdirSync(at('../legends/'), { recursive: true });
        writeFileSync(file, bytes);
        console.log(`wrote ${path.slice(3)}`);
    }
}
if (process.argv.includes('--check') && stale > 0) process.exit(1);
