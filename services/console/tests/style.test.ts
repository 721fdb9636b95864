import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { validateStyleMin, type StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { parse, print } from '../src/lib/address';
import { drawn } from '../src/lib/basemap.svelte';
import { beyondZoom, compose, mergedAt, scaled, showing, shownByDefault, sourceOf, statesOf, type Composition } from '../src/lib/style';

const file = (name: string) => new URL(`../../../styles/${name}`, import.meta.url);
const read = <T>(name: string) => JSON.parse(readFileSync(file(name), 'utf8')) as T;
const themes = ['light', 'dark'] as const;
const styles = Object.fromEntries(themes.map(id => [id, read<StyleSpecification>(`${id}.json`)]));

const everything = (base: StyleSpecification): Composition => ({
    collections: Object.keys(base.sources).map(id => ({ id, synthetic: true, geometryType: 'polygon' as const })),
    layers: {},
    day: '2025-11-21',
    selection: { type: 'FeatureCollection', features: [] },
    colours: { line: '#000000', halo: '#FFFFFF' },
});

describe('style files', () => {
    it('are what their source makes', () => {
        execFileSync(process.execPath, [file('source/build.mjs').pathname, '--check'], { stdio: 'pipe' });
    }, 60_000);

    it.each(themes)('%s is valid', id => {
        expect(validateStyleMin(styles[id]!)).toEqual([]);
    });

    it('differ in colours only', () => {
        const skeleton = (style: StyleSpecification) => style.layers.map(l => [l.id, l.type, sourceOf(l)]);
        expect(skeleton(styles.dark!)).toEqual(skeleton(styles.light!));
    });

    it.each(themes)('%s names no address but its own server', id => {
        const text = readFileSync(file(`${id}.json`), 'utf8');
        for (const [address] of text.matchAll(/"[^"]*:\/\/[^"]*"/g)) expect.fail(address);
        expect(styles[id]!.glyphs).toBeUndefined();
        expect(Object.keys(styles[id]!['font-faces'] ?? {})).toEqual(['Noto Sans Regular', 'Noto Sans SemiBold']);
    });

    it.each(themes)('%s always names the sea and both archipelagos', id => {
        const sea = styles[id]!.sources.sea as { data: GeoJSON.FeatureCollection };
        const names = sea.data.features.filter(f => f.geometry.type === 'Point').map(f => f.properties?.name);
        expect(names).toEqual(['Quần đảo Hoàng Sa', 'Quần đảo Trường Sa', 'Biển Đông']);
        for (const layer of ['archipelago-name', 'sea-name']) {
            const found = styles[id]!.layers.find(l => l.id === layer);
            expect(found).toMatchObject({ layout: { 'text-allow-overlap': true, 'text-ignore-placement': true } });
            expect(found).not.toHaveProperty('minzoom');
            expect(found).not.toHaveProperty('maxzoom');
        }
    });

    it.each(themes)('%s has every icon it asks for, and every icon of its legend', id => {
        const sprite = read<Record<string, unknown>>(`sprite-${id}.json`);
        const legend = read<{ collections: Record<string, { icon?: string }[]> }>(`legends/${id}.json`);
        const wanted = Object.values(legend.collections).flat().flatMap(entry => entry.icon ?? []);
        for (const kind of ['gauge', 'rain', 'weather', 'water_quality', 'report', 'dam']) {
            wanted.push(`${kind}-full`, `${kind}-hollow`);
        }
        for (const name of wanted) expect(sprite, name).toHaveProperty(name);
        expect(Object.keys(sprite)).toEqual(Object.keys(read<object>(`sprite-${id}@2x.json`)));
    });

    it.each(themes)('%s has a legend for every source that it draws', id => {
        const legend = read<{ collections: object; groups: { collections: string[] }[] }>(`legends/${id}.json`);
        const drawn = Object.entries(styles[id]!.sources).filter(([, s]) => s.type === 'vector').map(([name]) => name);
        expect(Object.keys(legend.collections).sort()).toEqual(drawn.sort());
        expect(legend.groups.flatMap(g => g.collections).sort()).toEqual(drawn.sort());
    });
});

/// Relative luminance and contrast as WCAG 2.2 defines them.
const luminance = (hex: string) => {
    const [r, g, b] = [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16) / 255)
        .map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
};
const contrast = (a: string, b: string) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light! + 0.05) / (dark! + 0.05);
};

describe('colours of collections that no layer names', () => {
    it.each(themes)('%s has eight, all different, that hold 3:1 against the land', id => {
        const plain = (styles[id]!.metadata as { 'diaban:plain': { colours: string[] } })['diaban:plain'];
        const land = styles[id]!.layers.find(layer => layer.id === 'places-land')!.paint as { 'fill-color': string };
        expect(new Set(plain.colours).size).toBe(8);
        for (const colour of plain.colours) expect(contrast(colour, land['fill-color']), colour).toBeGreaterThanOrEqual(3);
    });
});

describe('filters of layers', () => {
    const base = styles.light!;
    const filter = "kind='clinic' AND name LIKE 'Trạm%'";
    const composed = compose(base, { ...everything(base), layers: { facilities: { visible: true, opacity: 1, filter } } });

    it('are asked of the server with the tiles of their layer, and of no other', () => {
        const url = (id: string) => (composed.sources[id] as { url: string }).url;
        expect(new URL(url('facilities').replace('{origin}', 'http://x')).searchParams.get('filter')).toBe(filter);
        expect(url('roads')).not.toContain('filter');
    });

    it('are kept in the address, with the layers that are seen', () => {
        const layers = { facilities: { visible: true, opacity: 0.5, filter }, roads: { visible: false, opacity: 1, filter } };
        const read = parse(print(statesOf(layers)));
        expect(read).toEqual({ layers: { facilities: 0.5 }, filters: { facilities: filter } });
        expect(showing(layers, read)).toEqual({ facilities: layers.facilities, roads: { visible: false, opacity: 1 } });
    });

    it('that are empty, too long or of no layer are not read', () => {
        expect(parse(`#filter.roads=&filter.Rö=a&filter.rivers=${'x'.repeat(1001)}`)).toEqual({});
    });
});

describe('base maps', () => {
    const base = styles.light!;
    const tiles = { name: 'n', tiles: ['http://x/{z}/{x}/{y}'], minzoom: 0, maxzoom: 9 };

    it('lie over the land and under everything else, pictures or vectors', () => {
        for (const ground of [drawn(tiles), drawn({ ...tiles, vector_layers: [{ id: 'roads' }, { id: 'roads_label' }] })]) {
            const style = compose(base, { ...everything(base), base: ground });
            expect(validateStyleMin(style)).toEqual([]);
            const ids = style.layers.map(layer => layer.id);
            const first = ids.findIndex(id => id.startsWith('basemap'));
            expect(ids[first - 1]).toBe('places-land');
            expect(ids.slice(first, first + ground.layers.length)).toEqual(ground.layers.map(layer => layer.id));
            expect(ids.join()).not.toContain('_label');
            expect(style.layers.filter(layer => sourceOf(layer) !== 'basemap').map(layer => layer.id))
                .toEqual(compose(base, everything(base)).layers.map(layer => layer.id));
        }
    });
});

describe('composition', () => {
    it.each(themes)('%s stays valid with every layer faded and with none', id => {
        const all = everything(styles[id]!);
        const faded = Object.fromEntries(all.collections.map(c => [c.id, { visible: true, opacity: 0.4 }]));
        expect(validateStyleMin(compose(styles[id]!, { ...all, layers: faded }))).toEqual([]);
        const none = compose(styles[id]!, { ...all, collections: [] });
        expect(validateStyleMin(none)).toEqual([]);
        expect(Object.keys(none.sources)).toEqual(['sea', 'selection']);
        expect(none.layers.map(l => l.id)).toContain('archipelago-name');
    });

    it('hatches generated areas only', () => {
        const base = styles.light!;
        const real = { ...everything(base), collections: [{ id: 'parcels', synthetic: false, geometryType: 'polygon' as const }] };
        expect(compose(base, real).layers.map(l => l.id)).not.toContain('parcels-synthetic');
        expect(compose(base, everything(base)).layers.map(l => l.id)).toContain('parcels-synthetic');
    });

    it('fades numbers and zoom curves alike', () => {
        expect(scaled(undefined, 0.5)).toBe(0.5);
        expect(scaled(0.8, 0.5)).toBe(0.4);
        expect(scaled(['interpolate', ['linear'], ['zoom'], 12, 0.4, 15, 1], 0.5))
            .toEqual(['interpolate', ['linear'], ['zoom'], 12, 0.2, 15, 0.5]);
        expect(scaled(['step', ['zoom'], 1, 9, 0.4], 0.5)).toEqual(['step', ['zoom'], 0.5, 9, 0.2]);
        expect(scaled(['get', 'o'], 0.5)).toEqual(['*', ['get', 'o'], 0.5]);
    });

    it('shows by default what the style does not hide', () => {
        const shown = shownByDefault(styles.light!);
        expect(shown.has('places')).toBe(true);
        expect(shown.has('cyclone_tracks')).toBe(false);
        expect(shown.has('sea')).toBe(false);
    });

    it('tells which visible layers begin at a higher zoom', () => {
        const collections = [
            { id: 'parcels', minzoom: 13, count: 9 }, { id: 'cameras', minzoom: 8, count: 9 }, { id: 'alerts', minzoom: 12, count: 0 },
        ];
        const on = { visible: true, opacity: 1 };
        const layers = { parcels: on, cameras: { visible: false, opacity: 1 }, alerts: on };
        expect(beyondZoom(collections, layers, 9)).toEqual([{ id: 'parcels', zoom: 13 }]);
        expect(beyondZoom(collections, layers, 13)).toEqual([]);
    });

    it('tells which visible layers are merged, and from which zoom each feature is seen', () => {
        const collections = [
            { id: 'parcels', minzoom: 0, mergedBelow: 12, count: 9 }, { id: 'roads', minzoom: 7, count: 9 },
            { id: 'cameras', minzoom: 0, mergedBelow: 10, count: 9 }, { id: 'places', minzoom: 0, count: 9 },
        ];
        const on = { visible: true, opacity: 1 };
        const layers = { parcels: on, roads: on, cameras: { visible: false, opacity: 1 }, places: on };
        expect(mergedAt(collections, layers, 5)).toEqual([{ id: 'parcels', zoom: 12 }]);
        expect(mergedAt(collections, layers, 12)).toEqual([]);
    });
});
