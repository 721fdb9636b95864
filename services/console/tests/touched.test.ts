import { describe, expect, it } from 'vitest';
import { around, inView, serves, touched } from '../src/lib/touched';
import type { Bbox } from '../src/lib/types';

const view: Bbox = [105.8, 18.2, 106, 18.4];

describe('tiles of an event', () => {
    it('holds the tiles of a view at its own zoom and some around it', () => {
        const held = inView(view, 11.3);
        expect(held).toContainEqual({ z: 11, x: 1625, y: 918 });
        expect(Math.min(...held.map(t => t.z))).toBe(7);
        expect(Math.max(...held.map(t => t.z))).toBe(12);
        expect(held.length).toBeLessThan(60);
    });

    it('stays within the world and the last zoom', () => {
        expect(inView([-180, -90, 180, 90], 0)).toHaveLength(1 + 4);
        expect(Math.max(...inView([105.9, 18.3, 105.901, 18.301], 20.5).map(t => t.z))).toBe(19);
    });

    it('takes tiles named alone, and those below a named one', () => {
        const held = [{ z: 10, x: 812, y: 459 }, { z: 11, x: 1625, y: 918 }, { z: 11, x: 1626, y: 918 }];
        expect(touched(['11/1625/918', '14/1/1'], held)).toEqual([held[1]]);
        expect(touched(['10/812/459/*'], held)).toEqual([held[0], held[1]]);
        expect(touched(['0/0/0/*'], held)).toEqual(held);
        expect(touched([], held)).toEqual([]);
    });
});

describe('the box of a subscription', () => {
    it('serves a view until it is left, or far too large for it', () => {
        const asked = around(view);
        expect(serves(asked, view)).toBe(true);
        expect(serves(asked, [105.9, 18.3, 106.1, 18.5])).toBe(true);
        expect(serves(asked, [106.1, 18.3, 106.3, 18.5])).toBe(false);
        expect(serves(asked, [105.9, 18.3, 105.901, 18.301])).toBe(false);
        expect(serves(around([-180, -90, 180, 90]), [-200, -100, 200, 100])).toBe(true);
    });
});
