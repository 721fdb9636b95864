// A wall of the tests: a row of its own with two scenes, a server of its own that may be killed, nine pages.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { database, record } from './record';

const top = fileURLToPath(new URL('../../../', import.meta.url));

export const wallNumber = 77;
export const scenes = ['Thử một bản đồ', 'Thử nhiều vùng'] as const;

const contents = [
    { zones: [{ rows: [1, 3], columns: [1, 3], kind: 'map', centre: [105.75, 18.33], zoom: 8.8, layers: ['places', 'rivers'] }] },
    { zones: [
        { rows: [1, 3], columns: [1, 2], kind: 'map', centre: [105.9, 18.343], zoom: 10, layers: ['places', 'rivers', 'cameras'] },
        { rows: [1, 1], columns: [3, 3], kind: 'list', collection: 'cameras' },
        { rows: [2, 2], columns: [3, 3], kind: 'indicator', indicator: 'population' },
        { rows: [3, 3], columns: [3, 3], kind: 'text', text: 'Giao ban 7 giờ 30' },
    ] },
];

export async function makeWall(): Promise<number[]> {
    await removeWall();
    await record(`INSERT INTO record.walls (number, title, screen_rows, screen_columns, pixel_width, pixel_height, pitch, gap_across, gap_down)
        VALUES (${wallNumber}, 'Tường thử', 3, 3, 1920, 1080, 0.53, 5.3, 5.3)`);
    const made: number[] = [];
    for (const [i, content] of contents.entries()) {
        const [[fid]] = await record(`INSERT INTO record.wall_scenes (wall, position, title, content)
            VALUES (${wallNumber}, ${i + 1}, '${scenes[i]}', '${JSON.stringify(content)}') RETURNING fid`) as [[string]];
        made.push(Number(fid));
    }
    return made;
}

export const removeWall = (): Promise<unknown> => record(`DELETE FROM record.wall_scenes WHERE wall = ${wallNumber};
    DELETE FROM record.walls WHERE number = ${wallNumber}; DELETE FROM diaban.wall_state WHERE wall = ${wallNumber};
    DELETE FROM diaban.wall_screen WHERE wall = ${wallNumber}`);

async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>(done => { server.listen(0, '127.0.0.1', done); });
    const { port } = server.address() as AddressInfo;
    await new Promise(done => { server.close(done); });
    return port;
}

/// A node of the demo's record.
export class Node {
    private child: ChildProcess | null = null;
    private folder = '';
    private ports: [number, number] = [0, 0];

    get url(): string { return `http://127.0.0.1:${this.ports[0]}`; }

    async start(): Promise<void> {
        if (!this.folder) {
            this.folder = await mkdtemp(join(tmpdir(), 'diaban-wall-'));
            this.ports = [await freePort(), await freePort()];
        }
        this.child = spawn(join(top, 'build/release/diaban'), ['serve', '--database', database, '--home', top, '--port', String(this.ports[0]),
            '--live-port', String(this.ports[1]), '--segments', 'none', '--blobs', this.folder], { stdio: 'ignore' });
        for (let tries = 0; tries < 1200; tries += 1) {
            const answer = await fetch(`${this.url}/readyz`).catch(() => null);
            if (answer?.ok) return;
            await new Promise(done => { setTimeout(done, 50); });
        }
        throw new Error('the node is not ready after a minute');
    }

    /// As if its machine had failed.
    async kill(): Promise<void> {
        const { child } = this;
        if (!child) return;
        const gone = new Promise(done => { child.once('exit', done); });
        child.kill('SIGKILL');
        await gone;
        this.child = null;
    }

    async end(): Promise<void> {
        await this.kill();
        await rm(this.folder, { recursive: true, force: true });
    }

    post = (path: string, body: object): Promise<Response> => fetch(`${this.url}${path}`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
}

/// What a page of the wall tells of itself, see Wall.svelte.
export interface Handle {
    stage: { shown: { revision: number } | null; next: unknown };
    standby: { ready: boolean };
    switches: { revision: number; at: number }[];
    clock: { error: number };
    view: { centre: [number, number]; zoom: number } | null;
}

export const handleOf = (page: Page) => page.evaluate(() => {
    const { stage, switches, clock, view } = (globalThis as unknown as { diabanWall: Handle }).diabanWall;
    return { revision: stage.shown?.revision ?? 0, waits: stage.next !== null, switches, error: clock.error, view };
});

/// Screens of a wall, each as on a machine of its own: a sixth of their pixels.
export class Screens {
    readonly pages = new Map<string, Page>();
    private readonly contexts = new Map<string, BrowserContext>();

    constructor(private readonly browser: Browser, private readonly url: string) {}

    async open(cell: string): Promise<Page> {
        const context = await this.browser.newContext({ viewport: { width: 320, height: 180 }, reducedMotion: 'reduce' });
        const page = await context.newPage();
        await page.goto(`${this.url}/wall/${wallNumber}/${cell}`);
        this.contexts.set(cell, context);
        this.pages.set(cell, page);
        return page;
    }

    async openAll(): Promise<void> {
        await Promise.all([1, 2, 3].flatMap(row => [1, 2, 3].map(column => this.open(`${row}/${column}`))));
    }

    /// As if it had lost its power.
    async close(cell: string): Promise<void> {
        await this.contexts.get(cell)?.close();
        this.contexts.delete(cell);
        this.pages.delete(cell);
    }

    async closeAll(): Promise<void> {
        for (const cell of [...this.contexts.keys()]) await this.close(cell);
    }

    /// Until every page has made ready what is likely to come next.
    async standBy(): Promise<void> {
        await Promise.all([...this.pages.values()].map(page => page.waitForFunction(
            () => (globalThis as unknown as { diabanWall: Handle }).diabanWall.standby.ready, undefined, { timeout: 60_000 })));
    }

    /// Until every page shows a revision of at least that number, and none is under way.
    async show(revision: number): Promise<void> {
        await Promise.all([...this.pages.values()].map(page => page.waitForFunction(least => {
            const { stage } = (globalThis as unknown as { diabanWall: Handle }).diabanWall;
            return (stage.shown?.revision ?? 0) >= least && stage.next === null;
        }, revision, { timeout: 60_000 })));
    }
}
