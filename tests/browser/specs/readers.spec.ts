// Tiles, read by a reader that is not ours.

import { classifyRings, VectorTile, type VectorTileFeature } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { expect, test } from '@playwright/test';
import { baseURL } from '../browser.mjs';
import { chance, drawn, type Served } from './served';

const sampleSize = 2000;
const deepest = 19;

interface Tile { z: number; x: number; y: number; body: Uint8Array }

async function fetchTile(id: string, z: number, x: number, y: number): Promise<Tile | undefined> {
    const answer = await fetch(`${baseURL()}/tiles/${id}/${z}/${x}/${y}.mvt`);
    if (answer.status === 204) return undefined;
    expect(answer.status, answer.url).toBe(200);
    return { z, x, y, body: new Uint8Array(await answer.arrayBuffer()) };
}

interface TileJson { bounds: number[]; vector_layers: { id: string; fields: Record<string, string> }[] }

/// The tiles of the lowest native zoom that a collection's bounds meet.
function topTiles({ nativeZoom: z }: Served, bounds: number[]): [number, number][] {
    const size = 2 ** z;
    const last = size - 1;
    const column = (lon: number) => Math.min(last, Math.floor((lon + 180) / 360 * size));
    const row = (lat: number) => {
        const sine = Math.sin(Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI / 180);
        return Math.min(last, Math.floor((0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * size));
    };
    const [west, south, east, north] = bounds as [number, number, number, number];
    const tiles: [number, number][] = [];
    for (let x = column(west); x <= column(east); x++) {
        for (let y = row(north); y <= row(south); y++) tiles.push([x, y]);
    }
    return tiles;
}

/// Twice the area of a closed ring; an exterior's is positive with y down.
function twiceArea(ring: { x: number; y: number }[]): number {
    let sum = 0;
    for (let i = 0; i + 1 < ring.length; i++) sum += ring[i]!.x * ring[i + 1]!.y - ring[i + 1]!.x * ring[i]!.y;
    return sum;
}

/// What is wrong with a feature's geometry, or nothing.
function fault(feature: VectorTileFeature): string | undefined {
    const paths = feature.loadGeometry();
    if (paths.length === 0 || paths.some(path => path.length === 0)) return 'no geometry';
    if (feature.type === 2) return paths.some(path => path.length < 2) ? 'a line of one point' : undefined;
    if (feature.type !== 3) return undefined;
    for (const ring of paths) {
        const [first, last] = [ring[0]!, ring.at(-1)!];
        if (first.x !== last.x || first.y !== last.y) return 'an open ring';
        if (ring.length < 4 || twiceArea(ring) === 0) return 'a ring without area';
    }
    if (twiceArea(paths[0]!) < 0) return 'a hole first';
    const polygons = classifyRings(paths);
    if (polygons.flat().length !== paths.length) return 'rings that belong to no polygon';
    for (const [exterior, ...holes] of polygons) {
        if (twiceArea(exterior!) < 0) return 'an exterior wound as a hole';
        if (holes.some(hole => twiceArea(hole) > 0)) return 'a hole wound as an exterior';
        const holed = holes.reduce((sum, hole) => sum - twiceArea(hole), 0);
        if (holed > twiceArea(exterior!)) return 'holes larger than their exterior';
    }
    return undefined;
}

/// Everything wrong with a tile.
function faults(tile: Tile, { id, geometryType }: Served, layers: TileJson['vector_layers']): string[] {
    const found: string[] = [];
    const read = new VectorTile(new PbfReader(tile.body));
    const names = Object.keys(read.layers);
    if (!names.includes(id) && !names.includes(`${id}_label`)) found.push(`holds ${names}`);
    for (const name of names) {
        const layer = read.layers[name]!;
        const described = layers.find(one => one.id === name);
        if (!described) { found.push(`${name} is not in the TileJSON`); continue; }
        if (layer.version !== 2 || layer.extent !== 4096) found.push(`${name}: version ${layer.version}, extent ${layer.extent}`);
        const type = name === id ? { point: 1, line: 2, polygon: 3, none: 0 }[geometryType] : 1;
        const ids = new Set<number>();
        for (let i = 0; i < layer.length; i++) {
            const feature = layer.feature(i);
            const say = (what: string) => found.push(`${name} ${feature.id}: ${what}`);
            if (!Number.isSafeInteger(feature.id) || feature.id! <= 0) say('no id');
            if (ids.has(feature.id!)) say('twice');
            ids.add(feature.id!);
            if (feature.type !== type) say(`type ${feature.type}`);
            const unknown = Object.keys(feature.properties).filter(field => !(field in described.fields));
            if (unknown.length > 0) say(`fields ${unknown} are not in the TileJSON`);
            const wrong = fault(feature);
            if (wrong) say(wrong);
        }
        if (layer.length === 0) found.push(`${name}: empty`);
    }
    return found;
}

test('@mapbox/vector-tile reads 2,000 tiles of every collection: ids, types and windings are right', async () => {
    test.setTimeout(180_000);
    const random = chance();
    const served = await drawn();
    expect(served.length).toBeGreaterThan(5);
    const described = new Map<string, TileJson>();
    for (const { id } of served) {
        described.set(id, await (await fetch(`${baseURL()}/tiles/${id}.json`)).json() as TileJson);
    }
    const seen = new Set<string>();
    const count = new Map<string, number>(served.map(({ id }) => [id, 0]));
    const wrong: string[] = [];
    const look = async (of: Served, z: number, x: number, y: number): Promise<boolean> => {
        const tile = await fetchTile(of.id, z, x, y);
        const name = `${of.id}/${z}/${x}/${y}`;
        if (!tile || seen.has(name)) return tile !== undefined;
        seen.add(name);
        count.set(of.id, count.get(of.id)! + 1);
        try {
            wrong.push(...faults(tile, of, described.get(of.id)!.vector_layers).map(what => `${name}: ${what}`));
        } catch (error) {
            wrong.push(`${name}: cannot be read: ${error}`);
        }
        return true;
    };
    // Walks from a native zoom down to the deepest, each step into a child that is not empty: where something
    // is, at every zoom alike. The collection with the fewest tiles so far is next.
    for (let walk = 0; seen.size < sampleSize && walk < 10_000; walk++) {
        const of = served.reduce((least, one) => count.get(one.id)! < count.get(least.id)! ? one : least);
        const tops = topTiles(of, described.get(of.id)!.bounds);
        let [x, y] = tops[Math.floor(random() * tops.length)]!;
        let z = of.nativeZoom;
        if (!await look(of, z, x, y)) continue;
        while (z < deepest && seen.size < sampleSize) {
            const children: [number, number][] = [];
            for (const child of [[2 * x, 2 * y], [2 * x + 1, 2 * y], [2 * x, 2 * y + 1], [2 * x + 1, 2 * y + 1]] as const) {
                if (await look(of, z + 1, ...child)) children.push([...child]);
            }
            // A feature may lie in the buffer alone: then no child shows it.
            if (children.length === 0) break;
            [x, y] = children[Math.floor(random() * children.length)]!;
            z += 1;
        }
    }
    console.log(`${seen.size} tiles: ${[...count].map(([id, n]) => `${id} ${n}`).join(', ')}`);
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(seen.size).toBeGreaterThanOrEqual(sampleSize);
    expect(Math.min(...count.values())).toBeGreaterThan(sampleSize / served.length / 2);
});
