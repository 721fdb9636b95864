// Archives that `diaban seed` writes, read by readers that are not ours: the npm package pmtiles, GDAL's MBTiles
// driver and QGIS (Debian 12's GDAL 3.6 and QGIS 3.22 read no PMTiles). Every tile of them is held against what the running server answers.

import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { PMTiles, TileType, tileIdToZxy, type RangeResponse, type Source } from 'pmtiles';
import { baseURL } from '../browser.mjs';
import { needsQgis, noQgis, qgis } from './qgis';
import { database, needsRecord, run } from './record';

const program = process.env.DIABAN_PROGRAM ?? resolve('../../build/release/diaban');
const collections = 'places';
const zooms = [0, 8] as const;

let folder = '';

test.skip(!database, needsRecord);
test.beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'diaban-archives-'));
});
test.afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
});

async function seeded(name: string): Promise<string> {
    const file = join(folder, name);
    await run(program, ['seed', '--database', database, '--home', resolve('../..'), '--collections', collections,
        '--zooms', zooms.join('-'), '-o', file]);
    return file;
}

/// A file as the package reads servers: by ranges.
class FileSource implements Source {
    constructor(private readonly file: FileHandle) {}

    getKey() { return 'file'; }

    async getBytes(offset: number, length: number): Promise<RangeResponse> {
        const { bytesRead, buffer } = await this.file.read(new Uint8Array(length), 0, length, offset);
        return { data: buffer.buffer.slice(0, bytesRead) };
    }
}

async function live(z: number, x: number, y: number): Promise<Buffer | undefined> {
    const answer = await fetch(`${baseURL()}/tiles/${collections}/${z}/${x}/${y}.mvt`);
    expect([200, 204]).toContain(answer.status);
    return answer.status === 204 ? undefined : Buffer.from(await answer.arrayBuffer());
}

/// How many tiles the zooms have.
const below = (zoom: number) => (4 ** zoom - 1) / 3;

test('the npm package pmtiles reads every tile, and it is what the server answers', async () => {
    test.setTimeout(120_000);
    const file = await open(await seeded('tiles.pmtiles'));
    try {
        const archive = new PMTiles(new FileSource(file));
        const header = await archive.getHeader();
        expect(header).toMatchObject({ specVersion: 3, tileType: TileType.Mvt, clustered: true, minZoom: 0, maxZoom: 8 });
        const metadata = await archive.getMetadata() as { vector_layers: { id: string }[] };
        const described = await (await fetch(`${baseURL()}/tiles/${collections}.json`)).json() as { vector_layers: { id: string }[] };
        expect(metadata.vector_layers.map(({ id }) => id)).toEqual(described.vector_layers.map(({ id }) => id));
        let held = 0;
        let compared = 0;
        for (let number = 0; number < below(9); number++) {
            const [z, x, y] = tileIdToZxy(number);
            const kept = await archive.getZxy(z, x, y);
            if (kept) held++;
            // Where nothing is kept the server is asked to zoom 4 alone: that is every tile there.
            if (!kept && z > 4) continue;
            compared++;
            const expected = await live(z, x, y);
            expect(kept !== undefined, `${z}/${x}/${y}`).toBe(expected !== undefined);
            if (kept) expect(Buffer.from(kept.data).equals(expected!), `${z}/${x}/${y}`).toBe(true);
        }
        expect(held).toBe(header.numAddressedTiles);
        expect(held).toBeGreaterThan(8);
        console.log(`${held} tiles, ${compared} compared`);
    } finally {
        await file.close();
    }
});

test('GDAL reads MBTiles: its driver finds the layer and its features', async () => {
    test.setTimeout(120_000);
    const file = await seeded('tiles.mbtiles');
    const { stdout } = await run('ogrinfo', ['-ro', '-al', '-so', file, '-oo', 'ZOOM_LEVEL=8']);
    expect(stdout).toContain("using driver `MBTiles' successful");
    expect(stdout).toContain(`Layer name: ${collections}`);
    const count = Number(/Layer name: places\n[\s\S]*?Feature Count: (\d+)/.exec(stdout)?.[1]);
    expect(count).toBeGreaterThan(0);
});

test('QGIS opens MBTiles with their zooms, and draws what is in them', async () => {
    test.skip(noQgis, needsQgis);
    test.setTimeout(120_000);
    const seen = await qgis<{ version: string; zooms: number[]; drawn: number }>('qgis_archive.py', {
        file: await seeded('qgis.mbtiles'), picture: resolve('output/qgis/archive.png'),
        center: [11_790_000, 2_080_000], zoom: 7, // Hà Tĩnh
    });
    console.log(`QGIS ${seen.version}: ${(seen.drawn * 100).toFixed(1)} % drawn`);
    expect(seen.zooms).toEqual([...zooms]);
    expect(seen.drawn).toBeGreaterThan(0.2);
});
