// The commands that the READMEs show, run by a shell as they stand there; only the address is the demo's.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { baseURL } from '../browser.mjs';
import { dataFolder, needsData } from './console';

const root = resolve(import.meta.dirname, '../../..');

/// What a line needs that the demo has not: something its reader chose, or that another line made.
const another = [/…/, /\bdiaban\b/, /@\w+\.\w+/, /\\$/, /:8081/, /coverages\/ground/, /tiles\/land/, /events\/1\//, /items\/7/];

function commands(file: string): string[] {
    return readFileSync(join(root, file), 'utf8').split('\n')
        .filter(line => line.startsWith('    curl '))
        .map(line => line.trim())
        .filter(line => !another.some(part => part.test(line.replace(/ #.*/, ''))));
}

interface Ended { code: number | null; out: string; said: string }

function run(line: string, folder: string): Ended {
    const streams = /curl \S*N/.test(line);
    const bounded = line.replaceAll('localhost:8080', new URL(baseURL()).host)
        .replaceAll(/(^|; *)curl /g, `$1curl -sS --fail-with-body --max-time ${streams ? 3 : 30} `);
    const ended = spawnSync('bash', ['-c', bounded], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
    const outOfTime = 28;
    return { code: streams && ended.status === outOfTime ? 0 : ended.status, out: ended.stdout, said: ended.stderr };
}

for (const file of ['README.md', 'services/README.md']) {
    test(`every question that ${file} shows has an answer`, () => {
        test.skip(!dataFolder, needsData);
        test.setTimeout(120_000);
        const folder = mkdtempSync(join(tmpdir(), 'readme-'));
        try {
            const lines = commands(file);
            expect(lines.length).toBeGreaterThan(file === 'README.md' ? 12 : 5);
            for (const line of lines) {
                const { code, out, said } = run(line, folder);
                expect(code, `${line}\n${said}${out.slice(0, 500)}`).toBe(0);
                if (!/ -o /.test(line)) expect(out.length, line).toBeGreaterThan(20);
            }
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
}

test('the README finds the commune that it says it finds', async () => {
    test.skip(!dataFolder, needsData);
    const [line] = commands('README.md').filter(one => one.includes('finds Cẩm Duệ'));
    const { out } = run(line ?? '', tmpdir());
    const found = JSON.parse(out) as { features?: { properties: { name: string } }[] };
    expect(JSON.stringify(found)).toContain('Cẩm Duệ');
});
