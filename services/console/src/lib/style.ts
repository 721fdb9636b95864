// From the server's style to the one the map shows: without sources the server has no collection for,
// with the reader's visibility, opacity, day and selection.

import type {
    FilterSpecification, LayerSpecification, SourceSpecification, StyleSpecification,
} from '@maplibre/maplibre-gl-style-spec';
import type { Address } from './address';
import { above } from './choropleth';
import type { Bbox, Collection } from './types';

export interface LayerState {
    visible: boolean;
    opacity: number;
    filter?: string; // CQL2 as text; empty or missing: all is shown
}

/// A picture of the ground under everything that the record holds.
export interface Basemap { sources: Record<string, SourceSpecification>; layers: LayerSpecification[] }

/// Collections that are drawn of another moment, and how their tiles are asked for it.
export interface Past { query: string; collections: readonly string[] }

/// As it was recorded at an instant.
export const asOf = (at: string): string => `as-of=${encodeURIComponent(at)}`;

export interface Composition {
    collections: readonly Pick<Collection, 'id' | 'synthetic' | 'geometryType'>[];
    layers: Readonly<Record<string, LayerState>>;
    day: string;
    selection: GeoJSON.FeatureCollection;
    colours: { line: string; halo: string };
    /// Drawn under the labels: what is computed rather than served.
    extra?: { sources: Record<string, SourceSpecification>; layers: LayerSpecification[] };
    choropleth?: readonly LayerSpecification[]; // above areas, below lines and names
    past?: Past;
    base?: Basemap; // over the style's own ground, under all else
}

/// An opacity times `factor`: a number, or an expression whose zoom steps stay at the top.
export function scaled(value: unknown, factor: number): unknown {
    if (value === undefined) return factor;
    if (typeof value === 'number') return value * factor;
    if (Array.isArray(value)) {
        const [head] = value as unknown[];
        if (head === 'interpolate') return value.map((v: unknown, i) => (i >= 4 && i % 2 === 0 ? scaled(v, factor) : v));
        if (head === 'step') return value.map((v: unknown, i) => (i >= 2 && i % 2 === 0 ? scaled(v, factor) : v));
    }
    return ['*', value, factor];
}

const opacities: Record<string, string[]> = {
    fill: ['fill-opacity'],
    line: ['line-opacity'],
    symbol: ['icon-opacity', 'text-opacity'],
    circle: ['circle-opacity', 'circle-stroke-opacity'],
    background: ['background-opacity'],
};

export const sourceOf = (layer: LayerSpecification): string | undefined => (
    'source' in layer && typeof layer.source === 'string' ? layer.source : undefined);

const ofThePast = (source: SourceSpecification, { query }: Past): SourceSpecification => (
    source.type === 'vector' && source.url ? { ...source, url: `${source.url}?${query}` } : source);

const filtered = (source: SourceSpecification, filter: string | undefined): SourceSpecification => (
    filter && source.type === 'vector' && source.url
        ? { ...source, url: `${source.url}?filter=${encodeURIComponent(filter)}` } : source);

const isVector = (source: SourceSpecification | undefined) => source?.type === 'vector';

/// What an address says of layers: those it names are shown, with its opacity and filter, and no others.
export function showing(
    layers: Readonly<Record<string, LayerState>>, address: Pick<Address, 'layers' | 'filters'>,
): Record<string, LayerState> {
    return Object.fromEntries(Object.keys(layers).map(id => {
        const filter = address.filters?.[id];
        return [id, {
            visible: address.layers?.[id] !== undefined, opacity: address.layers?.[id] ?? 1, ...(filter ? { filter } : {}),
        }];
    }));
}

/// What `showing` reads back: layers that are seen.
export function statesOf(layers: Readonly<Record<string, LayerState>>): Required<Pick<Address, 'layers' | 'filters'>> {
    const seen = Object.entries(layers).filter(([, state]) => state.visible);
    return {
        layers: Object.fromEntries(seen.map(([id, state]) => [id, state.opacity])),
        filters: Object.fromEntries(seen.flatMap(([id, { filter }]) => (filter ? [[id, filter]] : []))),
    };
}

/// Collections that a style shows without being asked: those with a layer that is not hidden.
export function shownByDefault(style: StyleSpecification): Set<string> {
    const shown = new Set<string>();
    for (const layer of style.layers) {
        const source = sourceOf(layer);
        if (source && isVector(style.sources[source]) && layer.layout?.visibility !== 'none') shown.add(source);
    }
    return shown;
}

/// Where something comes in while the map is open, also beyond what there was when it was opened.
const growing: ReadonlySet<string> = new Set(['reports', 'incidents', 'alerts', 'rescue_calls', 'disaster_events']);
const everywhere: Bbox = [-180, -85.05, 180, 85.05];
const grown = (id: string, source: SourceSpecification): SourceSpecification => (
    growing.has(id) && source.type === 'vector' ? { ...source, bounds: everywhere } : source);

export function compose(base: StyleSpecification, what: Composition): StyleSpecification {
    const known = new Map(what.collections.map(c => [c.id, c]));
    const sources = Object.fromEntries(Object.entries(base.sources)
        .filter(([id, source]) => !isVector(source) || known.has(id))
        .map(([id, source]) => [id, what.past?.collections.includes(id) ? ofThePast(source, what.past)
            : filtered(grown(id, source), what.layers[id]?.filter)]));

    const layers: LayerSpecification[] = [];
    for (const layer of base.layers) {
        const source = sourceOf(layer);
        if (!source || !isVector(base.sources[source])) {
            layers.push(layer);
            continue;
        }
        const collection = known.get(source);
        if (!collection) continue;
        const metadata = layer.metadata as Record<string, unknown> | undefined;
        if (metadata?.['diaban:synthetic'] && !collection.synthetic) continue;
        const state = what.layers[source] ?? { visible: true, opacity: 1 };
        const paint = { ...(layer.paint as Record<string, unknown> | undefined) };
        if (state.opacity < 1) {
            for (const name of opacities[layer.type] ?? []) paint[name] = scaled(paint[name], state.opacity);
        }
        layers.push({
            ...layer, paint, layout: { ...layer.layout, visibility: state.visible ? 'visible' : 'none' },
        } as LayerSpecification);
    }

    const ground = layers.findLastIndex(layer => layer.type === 'background' || layer.id === 'places-land');
    layers.splice(ground + 1, 0, ...what.base?.layers ?? []);

    const extra = what.extra ?? { sources: {}, layers: [] };
    const labels = layers.findIndex(layer => layer.type === 'symbol');
    layers.splice(labels < 0 ? layers.length : labels, 0, ...extra.layers);

    const outline = (id: string, colour: string, width: number): LayerSpecification => ({
        id, type: 'line', source: 'selection', filter: ['!=', ['geometry-type'], 'Point'] as FilterSpecification,
        layout: { 'line-join': 'round', 'line-cap': 'round' },
        paint: { 'line-color': colour, 'line-width': width },
    });
    layers.push(
        outline('selection-halo', what.colours.halo, 5),
        outline('selection-line', what.colours.line, 3),
        {
            id: 'selection-point', type: 'circle', source: 'selection',
            filter: ['==', ['geometry-type'], 'Point'],
            paint: {
                'circle-radius': 16, 'circle-color': 'rgba(0, 0, 0, 0)', 'circle-stroke-width': 3,
                'circle-stroke-color': what.colours.line,
            },
        },
    );
    return {
        ...base,
        state: { ...base.state, on: { default: what.day } },
        sources: { ...sources, ...what.base?.sources, ...extra.sources, selection: { type: 'geojson', data: what.selection } },
        layers: what.choropleth?.length ? above(layers, what.choropleth) : layers,
    };
}

/// Visible collections that are merged at `zoom`, with the zoom from which each feature is seen.
export function mergedAt(
    collections: readonly Pick<Collection, 'id' | 'minzoom' | 'mergedBelow' | 'count'>[],
    layers: Readonly<Record<string, LayerState>>,
    zoom: number,
): { id: string; zoom: number }[] {
    return collections
        .filter(c => layers[c.id]?.visible && c.count > 0 && c.minzoom <= zoom && zoom < (c.mergedBelow ?? 0))
        .map(c => ({ id: c.id, zoom: c.mergedBelow ?? 0 }))
        .sort((a, b) => a.zoom - b.zoom);
}

/// Visible collections whose tiles begin above `zoom`, with the zoom from which they are seen.
export function beyondZoom(
    collections: readonly Pick<Collection, 'id' | 'minzoom' | 'count'>[],
    layers: Readonly<Record<string, LayerState>>,
    zoom: number,
): { id: string; zoom: number }[] {
    return collections
        .filter(c => layers[c.id]?.visible && c.count > 0 && c.minzoom > zoom)
        .map(c => ({ id: c.id, zoom: c.minzoom }))
        .sort((a, b) => a.zoom - b.zoom);
}
