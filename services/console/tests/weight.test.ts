import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const dist = new URL('../dist/assets/', import.meta.url);

describe.runIf(existsSync(dist))('what a first visit loads', () => {
    it('is at most 600 KB of gzipped JavaScript and CSS', () => {
        const sizes = readdirSync(dist).filter(name => /\.(m?js|css)$/.test(name))
            .map(name => [name, gzipSync(readFileSync(new URL(name, dist))).length] as const);
        const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
        expect(sizes.length).toBeGreaterThanOrEqual(3);
        expect(total, JSON.stringify(sizes)).toBeLessThanOrEqual(600_000);
    });
});
