// The same features, counted by PostGIS on the record, and by GDAL over HTTP: its OGC API Features driver and
// its vector tile driver.

import { expect, test } from '@playwright/test';
import { baseURL } from '../browser.mjs';
import { database, needsRecord, record, run } from './record';
import { chance, drawn, type Served } from './served';

const boxes = 10;
const circumference = 40075016.685578488;

type Box = [west: number, south: number, east: number, north: number];

const mercator = (lon: number, lat: number): [number, number] => [
    lon / 360 * circumference,
    Math.log(Math.tan(Math.PI / 4 + lat * Math.PI / 360)) / (2 * Math.PI) * circumference,
];

/// A zoom at which the box is about two tiles wide, and every feature is shown.
function zoomFor([west, , east]: Box, { nativeZoom }: Served): number {
    return Math.min(19, Math.max(nativeZoom, Math.round(Math.log2(360 / (east - west))) + 1));
}

interface Counts { degrees: number; surely: number; possibly: number }

/// What PostGIS counts: rows that meet the box in degrees, and in Mercator rows that meet it made smaller and
/// larger by two tile units.
async function counted({ id }: Served, box: Box, zoom: number): Promise<Counts> {
    const unit = circumference / 2 ** zoom / 4096;
    const square = [...mercator(box[0], box[1]), ...mercator(box[2], box[3])].join(', ');
    const [row] = await record(`
        with boxes as (select ST_MakeEnvelope(${box.join(', ')}, 4326) as degrees, ST_MakeEnvelope(${square}, 3857) as metres),
        near as (select geom, ST_Transform(geom, 3857) as drawn, degrees, metres from record."${id}", boxes
                 where geom && ST_Expand(degrees, 0.01) and ST_YMax(geom) < 85 and ST_YMin(geom) > -85)
        select count(*) filter (where ST_Intersects(geom, degrees)),
               count(*) filter (where ST_Intersects(drawn, ST_Expand(metres, ${-2 * unit}))),
               count(*) filter (where ST_Intersects(drawn, ST_Expand(metres, ${2 * unit})))
        from near`);
    const [degrees, surely, possibly] = row!.map(Number);
    return { degrees: degrees!, surely: surely!, possibly: possibly! };
}

/// A random box around a random vertex of the collection, 300 m to 30 km a side.
async function anyBox({ id }: Served, random: () => number): Promise<Box> {
    const [at] = await record(`
        with one as (select geom from record."${id}" where geom is not null order by fid
                     offset floor(${random()} * (select count(*) from record."${id}" where geom is not null)) limit 1)
        select ST_X(point), ST_Y(point) from one, lateral (select geom as point from ST_DumpPoints(one.geom)) points
        offset floor(${random()} * (select ST_NPoints(geom) from one)) limit 1`);
    const [lon, lat] = at!.map(Number) as [number, number];
    const side = () => 0.003 * 100 ** random();
    const [width, height] = [side(), side()];
    const [west, south] = [lon - width * random(), lat - height * random()];
    return [west, south, west + width, south + height].map(v => Number(v.toFixed(7))) as Box;
}

/// Features that GDAL reads page by page and holds against the box once more, itself.
async function overFeatures({ id }: Served, box: Box): Promise<number> {
    const { stdout } = await run('ogrinfo', ['-ro', '-so', '-oo', 'PAGE_SIZE=1000', '-spat', ...box.map(String),
        `OAPIF:${baseURL()}/collections/${id}`, id]);
    return Number(/^Feature Count: (\d+)$/m.exec(stdout)?.[1]);
}

/// Features that GDAL finds in the tiles under the box: one that lies in several is cut into several, so what
/// counts is how many ids there are.
async function overTiles({ id }: Served, box: Box, zoom: number): Promise<number> {
    const square = [...mercator(box[0], box[1]), ...mercator(box[2], box[3])];
    const { stdout } = await run('ogrinfo', ['-ro', '-q', '-al', '-geom=NO', '-spat', ...square.map(String),
        '-oo', 'TILE_EXTENSION=mvt', '-oo', `METADATA_FILE=${baseURL()}/tiles/${id}.json`,
        `MVT:${baseURL()}/tiles/${id}/${zoom}`, id], { maxBuffer: 1 << 28 });
    return new Set([...stdout.matchAll(/^ {2}mvt_id \(Integer(?:64)?\) = (\d+)$/gm)].map(match => match[1])).size;
}

for (const kind of ['polygon', 'line', 'point'] as const) {
    test(`GDAL counts the features of ten boxes as PostGIS does, over items and over tiles: ${kind}s`, async () => {
        test.skip(database === '', needsRecord);
        test.setTimeout(120_000);
        const random = chance();
        const served = (await drawn()).filter(one => one.geometryType === kind);
        expect(served.length).toBeGreaterThan(0);
        let sum = 0;
        for (let done = 0, tries = 0; done < boxes; tries++) {
            expect(tries, 'boxes without a feature on their border').toBeLessThan(20 * boxes);
            const of = served[tries % served.length]!;
            const box = await anyBox(of, random);
            const zoom = zoomFor(box, of);
            const counts = await counted(of, box, zoom);
            // A tile says where a feature is to a tile unit. Where one lies that close to the box's border, a
            // count over tiles may differ with right; such boxes are not compared.
            if (counts.surely !== counts.possibly || counts.surely > 5000) continue;
            const [items, tiles] = await Promise.all([overFeatures(of, box), overTiles(of, box, zoom)]);
            const where = `${of.id}, box ${box}, zoom ${zoom}`;
            console.log(`${where}: PostGIS ${counts.degrees}, items ${items}, tiles ${tiles}`);
            expect(items, where).toBe(counts.degrees); // sides straight in degrees
            expect(tiles, where).toBe(counts.surely); // sides straight in Mercator, as a map draws them
            sum += items;
            done += 1;
        }
        expect(sum).toBeGreaterThan(boxes);
    });
}
