import { expect, keep, open, test, unitsOnly } from './console';

/// ă â ê ô ơ ư đ and every vowel under every tone, small and capital: 134.
function letters(): string[] {
    const tones = ['\u0300', '\u0301', '\u0309', '\u0303', '\u0323'];
    const vowels = [...'aăâeêioôơuưy'];
    const small = [...'ăâêôơưđ', ...vowels.flatMap(vowel => tones.map(tone => (vowel + tone).normalize('NFC')))];
    return [...small, ...small.map(letter => letter.toLocaleUpperCase('vi'))];
}

/// Each letter as the map draws it is laid over the same letter drawn by the browser from the same
/// font at the same size. It must cover it (nothing cut off, nothing shifted), and cover it better
/// than any of the other 133 (no other font, no lost mark).
test('the 134 accented letters are drawn whole, in Noto Sans', async ({ page }) => {
    const all = letters();
    expect(new Set(all).size).toBe(134);
    expect(all.every(letter => [...letter].length === 1)).toBe(true);
    await page.setViewportSize({ width: 1890, height: 1300 });
    await open(page, unitsOnly);

    const result = await page.evaluate(async (signs: string[]) => {
        const { map } = globalThis.diaban;
        const [size, wide, high, columns] = [64, 92, 126, 15] as const;
        const shown = [...signs, 'H'];
        const cell = (i: number) => ({ x: 30 + (i % columns) * wide, y: 10 + Math.floor(i / columns) * high });
        const fonts = map.getStyle()['font-faces']!;
        map.jumpTo({ center: [105, 18], zoom: 10 });
        const features = shown.map((letter, i) => {
            const { x, y } = cell(i);
            const { lng, lat } = map.unproject([x + wide / 2, y + high / 2]);
            return {
                type: 'Feature' as const, properties: { letter }, geometry: { type: 'Point' as const, coordinates: [lng, lat] },
            };
        });
        map.setStyle({
            version: 8, 'font-faces': fonts,
            sources: { letters: { type: 'geojson', data: { type: 'FeatureCollection', features }, maxzoom: 18, tolerance: 0 } },
            layers: [
                { id: 'paper', type: 'background', paint: { 'background-color': '#ffffff' } },
                {
                    id: 'letters', type: 'symbol', source: 'letters',
                    layout: {
                        'text-field': ['get', 'letter'], 'text-font': ['Noto Sans Regular'], 'text-size': size,
                        'text-allow-overlap': true, 'text-ignore-placement': true,
                    },
                    paint: { 'text-color': '#000000' },
                },
            ],
        }, { diff: false });
        await new Promise(resolve => { map.once('idle', resolve); });

        const picture = await new Promise<ImageData>(resolve => {
            map.once('render', () => {
                const source = map.getCanvas();
                const copy = document.createElement('canvas');
                [copy.width, copy.height] = [source.width, source.height];
                const context = copy.getContext('2d')!;
                context.drawImage(source, 0, 0);
                resolve(context.getImageData(0, 0, copy.width, copy.height));
            });
            map.triggerRepaint();
        });

        await document.fonts.load(`${size}px "Noto Sans"`, 'Ẫ');
        await document.fonts.load(`${size}px "Noto Sans"`, 'A');
        const pen = new OffscreenCanvas(wide, high).getContext('2d', { willReadFrequently: true })!;

        type Ink = { dark: Uint8Array; left: number; right: number; top: number; bottom: number };
        const inkOf = (value: (x: number, y: number) => number): Ink => {
            const ink: Ink = { dark: new Uint8Array(wide * high), left: wide, right: -1, top: high, bottom: -1 };
            for (let y = 0; y < high; y += 1) {
                for (let x = 0; x < wide; x += 1) {
                    if (value(x, y) > 127) continue;
                    ink.dark[y * wide + x] = 1;
                    ink.left = Math.min(ink.left, x);
                    ink.right = Math.max(ink.right, x);
                    ink.top = Math.min(ink.top, y);
                    ink.bottom = Math.max(ink.bottom, y);
                }
            }
            return ink;
        };
        const drawn = shown.map((_, i) => {
            const { x: x0, y: y0 } = cell(i);
            return inkOf((x, y) => picture.data[((y0 + y) * picture.width + x0 + x) * 4]!);
        });
        const baseline = 88;
        const references = shown.map(letter => {
            pen.fillStyle = '#ffffff';
            pen.fillRect(0, 0, wide, high);
            pen.fillStyle = '#000000';
            pen.font = `${size}px "Noto Sans"`;
            pen.fillText(letter, 12, baseline);
            const { data } = pen.getImageData(0, 0, wide, high);
            return inkOf((x, y) => data[(y * wide + x) * 4]!);
        });
        // H stands on the baseline in both: what is left between them is the cell's own offset.
        const fall = drawn.at(-1)!.bottom - references.at(-1)!.bottom;

        const overlap = (a: Ink, b: Ink, dx: number, dy: number): number => {
            let [both, either] = [0, 0];
            for (let y = 0; y < high; y += 1) {
                for (let x = 0; x < wide; x += 1) {
                    const [xb, yb] = [x - dx, y - dy];
                    const one = a.dark[y * wide + x]!;
                    const two = xb >= 0 && xb < wide && yb >= 0 && yb < high ? b.dark[yb * wide + xb]! : 0;
                    both += one & two;
                    either += one | two;
                }
            }
            return either ? both / either : 0;
        };
        const best = (a: Ink, b: Ink): number => {
            let most = 0;
            for (const x of [-1, 0, 1]) {
                for (const y of [-1, 0, 1]) most = Math.max(most, overlap(a, b, a.left - b.left + x, fall + y));
            }
            return most;
        };
        return signs.map((letter, i) => {
            const [mine, reference] = [drawn[i]!, references[i]!];
            const own = best(mine, reference);
            let [rival, rivalScore] = ['', 0];
            references.slice(0, signs.length).forEach((other, j) => {
                if (j === i || Math.abs((other.right - other.left) - (mine.right - mine.left)) > 4) return;
                const score = best(mine, other);
                if (score > rivalScore) [rival, rivalScore] = [signs[j]!, score];
            });
            return {
                letter, own, rival, rivalScore,
                top: mine.top - fall - reference.top,
                bottom: mine.bottom - fall - reference.bottom,
                width: (mine.right - mine.left) - (reference.right - reference.left),
            };
        });
    }, all);

    await keep(page, 'letters');
    const wrong = result.filter(({ own, rivalScore, top, bottom, width }) => own < 0.7 || own <= rivalScore
        || Math.abs(top) > 2 || Math.abs(bottom) > 2 || Math.abs(width) > 3);
    expect(wrong).toEqual([]);
    expect(result).toHaveLength(134);
});

test('the interface has every letter in its own fonts', async ({ page }) => {
    await open(page, unitsOnly);
    const lacking = await page.evaluate(async (signs: string[]) => {
        const pen = document.createElement('canvas').getContext('2d')!;
        const width = (font: string, sign: string) => {
            pen.font = font;
            return pen.measureText(sign).width;
        };
        const found: string[] = [];
        for (const [weight, family] of [[400, 'Be Vietnam Pro'], [600, 'Be Vietnam Pro'], [400, 'Noto Sans']] as const) {
            await document.fonts.load(`${weight} 40px "${family}"`, signs.join(''));
            for (const sign of signs) {
                const [one, two] = ['monospace', 'serif'].map(rest => width(`${weight} 40px "${family}", ${rest}`, sign));
                if (one !== two) found.push(`${family} ${weight} ${sign}`);
            }
        }
        return found;
    }, letters());
    expect(lacking).toEqual([]);
});
