// Zooms 6 to 16 as MapLibre draws them, merged and not, beside the same view drawn from the record's own outlines at eight
// times the size: means of 16 × 16 pixels, compared by structural similarity (Wang et al. 2004, as ssim.js
// has it). Both pictures are kept in output/.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { ssim } from 'ssim.js';
import { baseURL } from '../browser.mjs';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const side = 256; // of the view, in pixels
const cell = 16;
const enlarged = 8;

interface Subject {
    id: string;
    /// What tells colours apart.
    field: string;
    /// CQL2 for the record, and the same for MapLibre.
    filter?: string;
    drawnIf?: unknown[];
}

const zooms = Array.from({ length: 11 }, (_, i) => 6 + i);

const subjects: Subject[] = [
    { id: 'parcels', field: 'land_use' },
    {
        id: 'places', field: 'code', filter: 'level=\'commune\' AND valid_to IS NULL',
        drawnIf: ['all', ['==', ['get', 'level'], 'commune'], ['!', ['has', 'valid_to']]],
    },
];

interface Row { type: 'Feature'; geometry: unknown; properties: Record<string, string> }

/// The record's rows, with every point.
async function rowsOf({ id, field, filter }: Subject, box: number[]): Promise<Row[]> {
    const query = new URLSearchParams({ limit: '10000', bbox: box.join(',') });
    if (filter) query.set('filter', filter);
    const rows: Row[] = [];
    let next: string | undefined = `${baseURL()}/collections/${id}/items?${query}`;
    while (next) {
        const answer: Response = await fetch(next, { headers: { Accept: 'application/geo+json' } });
        expect(answer.status, next).toBe(200);
        const page = await answer.json() as { features: Row[]; links: { rel: string; href: string }[] };
        for (const { geometry, properties } of page.features) {
            rows.push({ type: 'Feature', geometry, properties: { [field]: String(properties[field]) } });
        }
        next = page.links.find(link => link.rel === 'next')?.href;
    }
    return rows;
}

/// A colour for each value, far from one another in brightness too.
function colours(field: string, values: string[]): unknown[] {
    const hue = (i: number) => `hsl(${(i * 137) % 360}, 70%, ${20 + (i * 37) % 60}%)`;
    return ['match', ['get', field], ...values.flatMap((value, i) => [value, hue(i)]), '#808080'];
}

/// A page of the server's own origin that holds MapLibre and the record's rows.
async function openPage(page: Page, rows: Row[]): Promise<void> {
    const record = JSON.stringify({ type: 'FeatureCollection', features: rows });
    await page.route('**/pictures/*', route => {
        const name = new URL(route.request().url()).pathname.split('/').pop()!;
        if (name === '') return route.fulfill({ contentType: 'text/html', body: '<!doctype html><div id="map"></div>' });
        if (name === 'record.json') return route.fulfill({ contentType: 'application/json', body: record });
        return route.fulfill({ contentType: 'text/javascript', path: here(`../node_modules/maplibre-gl/dist/${name}`) });
    });
    await page.goto(`${baseURL()}/pictures/`);
}

interface Shot { means: number[]; picture: string }

/// Draws a style; gives back the means of its cells (red, green, blue, opaque) and the picture at the view's size.
async function shoot(page: Page, style: object, center: number[], zoom: number, width: number): Promise<Shot> {
    return page.evaluate(async ([style, center, zoom, width, across, side]) => {
        const library = '/pictures/maplibre-gl.mjs';
        const { Map: LibreMap, setWorkerUrl } = await import(library);
        setWorkerUrl('/pictures/maplibre-gl-worker.mjs');
        const container = document.getElementById('map')!;
        container.style.width = container.style.height = `${width}px`;
        const map = new LibreMap({
            container, style, center, zoom, pixelRatio: 1, maxCanvasSize: [width, width], fadeDuration: 0,
            attributionControl: false, interactive: false,
            canvasContextAttributes: { preserveDrawingBuffer: true },
        });
        await new Promise((resolve, reject) => {
            map.once('idle', resolve);
            map.on('error', (event: { error: Error }) => reject(event.error));
        });
        const drawing = map.getCanvas() as HTMLCanvasElement;
        const flat = new OffscreenCanvas(width, width).getContext('2d', { willReadFrequently: true })!;
        flat.drawImage(drawing, 0, 0);
        const means: number[] = [];
        const pixels = width / across;
        for (let y = 0; y < across; ++y) {
            for (let x = 0; x < across; ++x) {
                const { data } = flat.getImageData(x * pixels, y * pixels, pixels, pixels);
                for (let band = 0; band < 4; ++band) {
                    let sum = 0;
                    for (let i = band; i < data.length; i += 4) sum += data[i]!;
                    means.push(sum * 4 / data.length);
                }
            }
        }
        const small = document.createElement('canvas');
        small.width = small.height = side;
        const context = small.getContext('2d')!;
        context.imageSmoothingQuality = 'high';
        context.drawImage(drawing, 0, 0, side, side);
        const picture = small.toDataURL('image/png');
        const size = [drawing.width, drawing.height];
        map.remove();
        if (size[0] !== width || size[1] !== width) throw new Error(`drawn ${size.join(' × ')} instead of ${width}`);
        return { means, picture };
    }, [style, center, zoom, width, side / cell, side] as const);
}

function keep(name: string, { picture }: Shot): void {
    mkdirSync(here('../output'), { recursive: true });
    writeFileSync(here(`../output/${name}.png`), Buffer.from(picture.split(',')[1]!, 'base64'));
}

for (const subject of subjects) {
    test(`zooms 6 to 16 of ${subject.id} look like the record from afar`, async ({ page }) => {
        test.setTimeout(900_000);
        const { bounds } = await (await fetch(`${baseURL()}/tiles/parcels.json`)).json() as { bounds: number[] };
        const center = [(bounds[0]! + bounds[2]!) / 2, (bounds[1]! + bounds[3]!) / 2];
        const rows = await rowsOf(subject, bounds);
        const values = [...new Set(rows.map(row => row.properties[subject.field]!))].sort();
        await openPage(page, rows);
        const layer = (of: object) => ({
            version: 8, sources: { rows: of },
            layers: [
                { id: 'ground', type: 'background', paint: { 'background-color': '#ffffff' } },
                {
                    id: 'rows', type: 'fill', source: 'rows',
                    paint: { 'fill-color': colours(subject.field, values), 'fill-antialias': false },
                },
            ],
        });
        const full = layer({ type: 'geojson', data: '/pictures/record.json', tolerance: 0 });
        const low = layer({
            type: 'vector', tiles: [`${baseURL()}/tiles/${subject.id}/{z}/{x}/{y}.mvt`], minzoom: 0, maxzoom: 19,
        });
        // Only what the record was asked for: rows of the box, of those that match.
        Object.assign(low.layers[1]!, { 'source-layer': subject.id });
        Object.assign(low.layers[1]!, {
            filter: ['all', ['in', ['get', subject.field], ['literal', values]], ...(subject.drawnIf ? [subject.drawnIf] : [])],
        });
        for (const zoom of zooms) {
            const truth = await shoot(page, full, center, zoom + Math.log2(enlarged), side * enlarged);
            const seen = await shoot(page, low, center, zoom, side);
            keep(`zoom-${subject.id}-z${zoom}`, seen);
            keep(`zoom-${subject.id}-z${zoom}-full`, truth);
            const image = ({ means }: Shot) => ({ data: new Uint8ClampedArray(means), width: side / cell, height: side / cell });
            const { mssim } = ssim(image(truth), image(seen));
            console.log(`${subject.id} z${zoom}: structural similarity ${mssim.toFixed(4)}`);
            expect.soft(mssim, `zoom ${zoom}`).toBeGreaterThanOrEqual(0.95);
        }
    });
}
