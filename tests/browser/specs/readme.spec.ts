// The commands that the READMEs show, run by a shell as they stand there; only the address is the demo's.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

const program = process.env.DIABAN_PROGRAM ?? join(root, 'build/release/diaban');

/// Lines that are set in, of every README and of the tutorial; what is said beside them left out.
function shown(pattern: RegExp): { file: string; line: string }[] {
    const folders = ['.', 'geo', 'tiles', 'data', 'data/demo', 'services', 'services/console', 'styles', 'tests', 'tests/browser', 'docker'];
    const files = [...folders.map(folder => join(folder, 'README.md')), 'services/console/TUTORIAL.md'];
    return files.filter(file => existsSync(join(root, file))).flatMap(file => readFileSync(join(root, file), 'utf8').split('\n')
        .filter(line => line.startsWith('    ')).map(line => ({ file, line: line.trim().replace(/ +#.*/, '') }))
        .filter(({ line }) => pattern.test(line)));
}

test('commands of the program that the READMEs show are known to it, with their flags', () => {
    const lines = shown(/(^|\| |-- )diaban [a-z]/);
    expect(lines.length).toBeGreaterThan(15);
    const helps = new Map<string, string>();
    const help = (...words: string[]) => {
        const key = words.join(' ');
        if (!helps.has(key)) helps.set(key, spawnSync(program, [...words, '--help'], { encoding: 'utf8' }).stdout);
        return helps.get(key)!;
    };
    const commandsIn = (text: string) => [...(text.split('Subcommands:')[1] ?? '').matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name!);
    const settings = help();
    for (const { file, line } of lines) {
        const words = line.slice(line.search(/\bdiaban [a-z]/)).replace(/'[^']*'/g, 'X').split(/\s+/).slice(1);
        const path = [words[0]!];
        expect(commandsIn(settings), `${file}: ${line}`).toContain(path[0]);
        if (commandsIn(help(...path)).includes(words[1] ?? '')) path.push(words[1]!);
        for (const flag of words.filter(word => /^\[?--[a-z]/.test(word))) {
            const name = flag.replace(/[[\]]/g, '').split('=')[0]!;
            expect(`${help(...path)}${settings}`.includes(`${name} `) || `${help(...path)}${settings}`.includes(`${name}\n`)
                || `${help(...path)}${settings}`.includes(`${name},`), `${file}: ${line}: ${name}`).toBe(true);
        }
    }
});

test('scripts, presets and files that the READMEs show are there', () => {
    const scripts = (folder: string) => (JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { scripts: object }).scripts;
    for (const { file, line } of shown(/\bnpm (run|test)\b/)) {
        const folder = /--prefix (\S+)/.exec(line)?.[1] ?? file.replace(/\/[^/]*$/, '');
        expect(scripts(folder), `${file}: ${line}`).toHaveProperty(/npm run ([a-z]+)/.exec(line)?.[1] ?? 'test');
    }
    const usage = spawnSync(join(root, 'run'), ['help'], { encoding: 'utf8' }).stdout;
    const runs = shown(/^\.\/run /);
    expect(runs.length).toBeGreaterThan(1);
    for (const { file, line } of runs) expect(usage, file).toContain(line.split(' ').slice(0, 2).join(' '));
    const presets = readFileSync(join(root, 'CMakePresets.json'), 'utf8');
    for (const { line } of shown(/cmake --preset/)) expect(presets).toContain(`"${/--preset (\w+)/.exec(line)![1]}"`);
    for (const { file, line } of shown(/\S/)) {
        for (const [path] of line.matchAll(/(?<![\w/.:'])(data|docker|services|tests|styles)\/[\w./-]+\.(toml|sh|yaml|conf|mjs|py)\b/g)) {
            expect(existsSync(join(root, path)), `${file}: ${path}`).toBe(true);
        }
    }
});

test('the page of the API asks for nothing but itself', async () => {
    const page = await (await fetch(`${baseURL()}/api?f=html`)).text();
    expect(page).toContain('/collections/{collectionId}/items');
    expect(page).not.toMatch(/<(script|link|img|iframe)\b|@import|url\(/);
    for (const [, address] of page.matchAll(/\b(?:href|src)="([^"]*)"/g)) expect(address).toMatch(/^[/?#]/);
});
