// The tutorial, done as it stands: its commands by a shell, its clicks by a browser, in a database of its own.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createServer } from 'node:net';
import type { Page } from '@playwright/test';
import { clickAt, dataFolder, expect, keep, open, realData, settled, test } from './console';
import { database, needsRecord } from './record';

const root = resolve(import.meta.dirname, '../../..');
const program = process.env.DIABAN_PROGRAM ?? join(root, 'build/release/diaban');
const name = `tutorial_${process.pid}`;

/// Commands of the page, one text for each block of lines that are set in; a blank line alone does not end one.
function blocks(): string[] {
    const lines = readFileSync(join(root, 'services/console/TUTORIAL.md'), 'utf8').split('\n');
    const found: string[] = [];
    let inside = false;
    for (const line of lines) {
        if (line.startsWith('    ')) {
            if (inside) found[found.length - 1] += `\n${line.slice(4)}`;
            else found.push(line.slice(4));
            inside = true;
        } else if (line === '' && inside) {
            found[found.length - 1] += '\n';
        } else {
            inside = false;
        }
    }
    return found.map(block => block.trim());
}

const freePort = () => new Promise<number>(done => {
    const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        server.close(() => done(port));
    });
});

/// A terminal of whoever follows the page: its folder, and the server that it has running.
class Terminal {
    readonly folder = mkdtempSync(join(tmpdir(), 'tutorial-'));
    private server: ChildProcess | undefined;
    private said = '';
    constructor(readonly port: number, readonly livePort: number) {
        mkdirSync(join(this.folder, 'bin'));
        symlinkSync(program, join(this.folder, 'bin/diaban'));
    }

    get origin() { return `http://127.0.0.1:${this.port}`; }

    private get environment(): NodeJS.ProcessEnv {
        const record = new URL(database.replace('@/', '@localhost/'));
        return {
            ...process.env, DIABAN_DATA: dataFolder, PATH: `${join(this.folder, 'bin')}:${process.env.PATH}`,
            PGHOST: record.searchParams.get('host') ?? record.hostname, PGUSER: record.username, DIABAN_LOG_LEVEL: 'warn',
            DIABAN_HOME: root, DIABAN_BLOBS: join(this.folder, 'blobs'), DIABAN_SEGMENTS: 'none',
            DIABAN_DATABASE: `postgresql:///${name}`,
        };
    }

    private mine = (text: string) => text.replaceAll(/\btutorial\b/g, name).replaceAll('localhost:8080', `127.0.0.1:${this.port}`)
        .replaceAll('--port 8080', `--port ${this.port} --live-port ${this.livePort}`);

    /// Runs a block; a server goes on while what follows is done.
    async run(block: string): Promise<string> {
        const [before = '', serve] = this.mine(block).split(/^(?=diaban serve)/m);
        const ended = spawnSync('bash', ['-euc', before], { cwd: this.folder, env: this.environment, encoding: 'utf8' });
        expect(ended.status, `${before}\n${ended.stdout}${ended.stderr}`).toBe(0);
        if (serve) await this.serve(serve);
        return ended.stdout;
    }

    private async serve(command: string): Promise<void> {
        this.stop();
        const server = spawn('bash', ['-c', `exec ${command}`], { cwd: this.folder, env: this.environment });
        server.stderr.on('data', (text: Buffer) => { this.said += text.toString(); });
        this.server = server;
        await expect.poll(async () => {
            expect(server.exitCode, this.said).toBeNull();
            return await fetch(`${this.origin}/readyz`).then(answer => answer.status, () => 0);
        }).toBe(200);
    }

    stop(): void {
        this.server?.kill('SIGKILL');
        this.server = undefined;
    }

    end(): void {
        this.stop();
        spawnSync('dropdb', ['--if-exists', '--force', name], { env: this.environment });
        rmSync(this.folder, { recursive: true });
    }
}

const row = (page: Page) => page.locator('[data-collection=xa]');
const drawn = (page: Page) => page.evaluate(() => globalThis.diaban.map.queryRenderedFeatures()
    .filter(feature => feature.source === 'xa' && feature.layer.type === 'fill').map(feature => feature.properties.ten as string));

let terminal: Terminal;
let address = ''; // once there is one
test.use({ baseURL: async ({}, use) => { await use(address || 'http://127.0.0.1:9'); } });
test.skip(!database, needsRecord);
test.beforeAll(async () => {
    if (!database) return;
    terminal = new Terminal(await freePort(), await freePort());
    address = terminal.origin;
});
test.afterAll(() => { if (address) terminal.end(); });

test('whoever follows the tutorial has a layer of their own that is styled, filtered and live', async ({ page, context }) => {
    const all = blocks();
    const [making, real, made, creating, planning, serving, styling, condition, asking] = all as [
        string, string, string, string, string, string, string, string, string];
    expect(all).toHaveLength(9);
    await terminal.run(making);
    await terminal.run(realData ? real : made);
    const count = realData ? 69 : 4;
    expect(await terminal.run(creating)).toContain(`${count}`);
    await terminal.run(planning);
    await terminal.run(serving);

    const { collections } = await (await fetch(`${terminal.origin}/collections`)).json() as {
        collections: { id: string; count: number; labelField: string; extent: { spatial: { bbox: number[][] } } }[] };
    const own = collections.find(one => one.id === 'xa')!;
    expect(own).toMatchObject({ count, labelField: 'ten' });
    const [west, south, east, north] = own.extent.spatial.bbox[0] as [number, number, number, number];
    const at = `#map=${realData ? 9 : 11}/${(south + north) / 2}/${(west + east) / 2}&layers=xa`;
    await open(page, at);
    await expect.poll(() => drawn(page)).not.toHaveLength(0);
    await expect(row(page)).toContainText('Xã, phường');
    await keep(page, 'tutorial-plain');

    await terminal.run(styling);
    await page.reload();
    await settled(page);
    await row(page).getByRole('button', { name: 'Chú giải và nguồn của Xã, phường' }).click();
    await expect(row(page).getByRole('list', { name: 'Chú giải' })).toContainText('Từ 200 km²');
    await keep(page, 'tutorial-styled');

    await row(page).getByLabel('Bộ lọc (CQL2)').fill(condition);
    await row(page).getByRole('button', { name: 'Lọc', exact: true }).click();
    const answer = JSON.parse(await terminal.run(asking)) as { numberMatched: number; features: { id: number; properties: { ten: string } }[] };
    expect(answer.numberMatched).toBeGreaterThan(0);
    expect(answer.numberMatched).toBeLessThan(count);
    await expect(row(page).getByRole('status')).toHaveText(`${answer.numberMatched} trong ${count} đối tượng`);
    await settled(page);
    await expect.poll(() => page.url()).toContain('filter.xa=');
    await keep(page, 'tutorial-filtered');

    const second = await context.newPage();
    await open(second, new URL(page.url()).hash);
    await second.evaluate(() => { Object.assign(globalThis, { sameDocument: true }); });
    const chosen = answer.features[0]!;
    const { geometry } = await (await fetch(`${terminal.origin}/collections/xa/items/${chosen.id}`)).json() as {
        geometry: { coordinates: number[][][] | number[][][][] } };
    const label = await page.evaluate(id => globalThis.diaban.map.querySourceFeatures('xa', { sourceLayer: 'xa_label' })
        .filter(feature => feature.id === id).map(feature => (feature.geometry as GeoJSON.Point).coordinates)[0], chosen.id);
    expect(geometry.coordinates.length).toBeGreaterThan(0);
    await clickAt(page, label![0]!, label![1]!);
    await page.getByRole('button', { name: 'Sửa', exact: true }).click();
    await page.getByRole('form', { name: 'Sửa hồ sơ' }).getByLabel('Tên').fill('Tên mới');
    await page.getByRole('button', { name: 'Lưu' }).click();
    await expect(page.getByText('Đã lưu lúc')).toBeVisible();
    await expect.poll(() => drawn(second)).toContain('Tên mới');
    expect(await second.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
    await settled(second);
    await keep(second, 'tutorial-second-page');
});

test('a filter that cannot be read is told at its field, and changes nothing', async ({ page, watched }) => {
    await open(page, '#layers=xa');
    await row(page).getByRole('button', { name: 'Chú giải và nguồn của Xã, phường' }).click();
    await row(page).getByLabel('Bộ lọc (CQL2)').fill('không_có = 1');
    await row(page).getByRole('button', { name: 'Lọc', exact: true }).click();
    await expect(row(page).getByLabel('Bộ lọc (CQL2)')).toHaveAttribute('aria-invalid', 'true');
    await expect(row(page).getByRole('status')).not.toBeEmpty();
    expect(page.url()).not.toContain('filter.xa');
    await expect.poll(() => watched.length).toBe(2);
    expect(watched.every(fault => fault.includes('400'))).toBe(true);
    watched.length = 0;
});
