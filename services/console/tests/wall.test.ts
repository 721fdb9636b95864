import { expect, test } from 'vitest';
import { sourceOf } from '../src/wall/content';
import { Clock } from '../src/wall/clock';
import { boxOf, cellOf, centreOf, magnified, parseSpan, type Grid } from '../src/wall/geometry';
import { due, empty, prepared, ready, switched, told, type Stage } from '../src/wall/stage';

/// 46 inch: 1920 × 0.53 = 1017.6 mm; a gap of 5.3 mm is 10 px, one of 2.65 mm 5.
const grid: Grid = { rows: 3, columns: 3, pixels: [1920, 1080], pitch_mm: 0.53, gaps_mm: [5.3, 2.65] };
const whole = boxOf(grid, { rows: [1, 3], columns: [1, 3] });

/// By hand: 3 × 1920 + 2 × 10 = 5780 across, 3 × 1080 + 2 × 5 = 3250 down.
test('a wall is as large as its pictures and the gaps between them', () => {
    expect(whole.width).toBeCloseTo(5780, 9);
    expect(whole.height).toBeCloseTo(3250, 9);
    expect(boxOf(grid, { rows: [1, 1], columns: [1, 1] })).toEqual({ x: 0, y: 0, width: 1920, height: 1080 });
});

/// By hand: the third column begins after two pictures and two gaps, the second row after one of each.
test('a screen stands behind the pictures and the gaps before it', () => {
    const box = boxOf(grid, cellOf(2, 3));
    expect([box.x, box.y, box.width, box.height].map(v => +v.toFixed(6))).toEqual([3860, 1085, 1920, 1080]);
});

test('the middle screen of a wall shows the middle of its map', () => {
    const [lon, lat] = centreOf(boxOf(grid, cellOf(2, 2)), whole, [105.9, 18.34], 9);
    expect(lon).toBeCloseTo(105.9, 12);
    expect(lat).toBeCloseTo(18.34, 12);
});

/// By hand: at zoom 9 the world is 512 × 512 = 262,144 px of the style, five times that on the wall: a degree of
/// longitude is 1,310,720 / 360 = 3640.888… px. Screen 2/3 is 1930 px right of the middle: 0.530090… degrees.
test('neighbours differ by a picture and a gap', () => {
    const [lon] = centreOf(boxOf(grid, cellOf(2, 3)), whole, [105.9, 18.34], 9);
    expect(lon - 105.9).toBeCloseTo(1930 / (1_310_720 / 360), 10);
});

/// A point of the ground lies at one place of the wall, whichever screen is asked: against the plane itself.
test('what two screens show of a line goes on straight behind the gap', () => {
    const zoom = 11.3;
    const world = 512 * 2 ** zoom * magnified;
    const plane = (lat: number) => Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
    for (let row = 1; row <= 3; row += 1) for (let column = 1; column <= 3; column += 1) {
        const box = boxOf(grid, cellOf(row, column));
        const [lon, lat] = centreOf(box, whole, [105.9, 18.34], zoom);
        const x = whole.width / 2 + ((lon - 105.9) / 360) * world;
        const y = whole.height / 2 - (plane(lat) - plane(18.34)) * world;
        expect(x).toBeCloseTo(box.x + box.width / 2, 4);
        expect(y).toBeCloseTo(box.y + box.height / 2, 4);
    }
});

test('an address names a cell or a span of them', () => {
    expect(['1', '1-3', '2-2'].map(text => parseSpan(text))).toEqual([[1, 1], [1, 3], [2, 2]]);
    expect(['0', '3-1', '1-9', 'x', '1-', '', '-1', '1.5'].map(text => parseSpan(text))).toEqual(Array(8).fill(null));
});

test('a screen shows the dead one it stands in for, and else its own', () => {
    expect(sourceOf(2, 2, { '2/3': '2/2' })).toEqual([2, 3]);
    expect(sourceOf(2, 3, { '2/3': '2/2' })).toEqual([2, 3]);
    expect(sourceOf(1, 1, {})).toEqual([1, 1]);
});

test('the clock goes by the quickest answer, and errs by half its delay at most', () => {
    let local = 1000;
    const clock = new Clock(() => local);
    const truth = 5_000_000; // theirs is ahead by so much
    for (const [there, back] of [[40, 2], [3, 5], [200, 10], [1, 90]] as const) {
        const asked = local;
        local += there;
        const said = local + truth;
        local += back;
        clock.take(asked, local, said);
        expect(Math.abs(clock.now() - local - truth)).toBeLessThanOrEqual(clock.error);
    }
    expect(clock.error).toBe(4);
    expect(clock.now() - local).toBe(truth - 1);
});

/// mulberry32, by Tommy Ettinger.
function chance(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let word = Math.imul(state ^ (state >>> 15), state | 1);
        word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
        return ((word ^ (word >>> 14)) >>> 0) / 4294967296;
    };
}

/// Against a list of all that happened: what may be shown is the last picture that was ready when its switch came.
test('a stage leaves a picture only for one that is ready, whatever order things come in', () => {
    const seed = Number(process.env.DIABAN_SEED ?? Date.now()) >>> 0;
    console.log(`seed ${seed} (DIABAN_SEED=${seed} repeats it)`);
    const random = chance(seed);
    for (let round = 0; round < 300; round += 1) {
        let stage: Stage<string> = empty();
        let revision = 1;
        let switchAt: number | null = null;
        let made = 0;
        const isReady = new Set<string>();
        let last: string | null = null;
        for (let step = 0; step < 60; step += 1) {
            const dice = random();
            if (dice < 0.15) {
                revision += 1;
                switchAt = null;
            } else if (dice < 0.35) switchAt ??= step + Math.floor(random() * 4);
            else if (dice < 0.6) {
                stage = told(stage, { revision, switchAt }, () => `${revision}.${made += 1}`);
                const known = stage.next?.revision ?? stage.shown?.revision;
                expect(known).toBe(revision);
            } else if (dice < 0.8) {
                const picture = random() < 0.7 && stage.next ? stage.next.picture : `${revision}.0`;
                if (stage.next?.picture === picture) isReady.add(picture);
                stage = ready(stage, picture);
            } else {
                const at = due(stage);
                if (at !== null && at <= step) {
                    const { picture } = stage.next!;
                    stage = switched(stage);
                    expect(isReady.has(picture)).toBe(true);
                    expect(stage.shown!.picture).toBe(picture);
                    last = picture;
                }
            }
            expect(stage.shown?.picture ?? null).toBe(last); // never blank again
            expect(prepared(stage)).toBe(stage.next && isReady.has(stage.next.picture) ? stage.next.revision : stage.shown?.revision ?? 0);
        }
    }
});
