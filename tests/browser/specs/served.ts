// What the tests of other programs ask of the server first: its collections, and chance that can be had again.

import { baseURL } from '../browser.mjs';

export interface Served {
    id: string;
    geometryType: 'point' | 'line' | 'polygon' | 'none';
    located: number;
    minzoom: number;
    nativeZoom: number;
}

/// The collections that have something to draw.
export async function drawn(): Promise<Served[]> {
    const answer = await fetch(`${baseURL()}/collections`);
    const { collections } = await answer.json() as { collections: Served[] };
    return collections.filter(one => one.geometryType !== 'none' && one.located > 0);
}

/// Numbers in [0, 1) from `DIABAN_SEED` or the clock; the seed is printed (mulberry32, by Tommy Ettinger).
export function chance(): () => number {
    let state = Number(process.env.DIABAN_SEED ?? Date.now()) >>> 0;
    console.log(`seed ${state} (DIABAN_SEED=${state} repeats it)`);
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let word = Math.imul(state ^ (state >>> 15), state | 1);
        word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
        return ((word ^ (word >>> 14)) >>> 0) / 4294967296;
    };
}
