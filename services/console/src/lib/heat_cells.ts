// Heat counted by cells or units: how large cells are at a zoom, and how they are painted.

import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from '@maplibre/maplibre-gl-style-spec';
import { unitsOf } from './choropleth';
import type { Extra } from './flood.svelte';
import type { Bbox } from './types';

export const heatForms = ['density', 'hexagon', 'square', 'commune', 'province'] as const;
export type HeatForm = typeof heatForms[number];
export const isUnit = (form: HeatForm): form is 'commune' | 'province' => form === 'commune' || form === 'province';

export interface HeatCells extends GeoJSON.FeatureCollection<GeoJSON.Polygon | null, HeatCell> {
    by: HeatForm; size_m?: number; count: number; top: number; elsewhere: number; unlocated: number;
}
export interface HeatCell { code?: string; name?: string; count: number; weight: number; per_km2: number | null }
export interface Shade { share_of_top: number; colour: string }

const sizes = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000]; // m
const wanted = 48; // pixels from side to side

/// The size nearest to what looks right at a zoom of MapLibre, whose world is 512 pixels wide at 0.
export function sizeAt(zoom: number, lat: number): number {
    const metres = wanted * 78_271.517 * Math.cos(lat * Math.PI / 180) / 2 ** zoom;
    return sizes.reduce((best, one) => (Math.abs(Math.log(one / metres)) < Math.abs(Math.log(best / metres)) ? one : best));
}

/// The view with two cells more on each side: those that are seen are counted whole.
export function around([west, south, east, north]: Bbox, size: number): Bbox {
    const up = 2 * size / 110_574;
    const aside = 2 * size / (111_320 * Math.cos(Math.max(Math.abs(south), Math.abs(north)) * Math.PI / 180));
    return [Math.max(-180, west - aside), Math.max(-85, south - up), Math.min(180, east + aside), Math.min(85, north + up)];
}

function ramp(share: unknown, shades: readonly Shade[]): ExpressionSpecification {
    return ['interpolate', ['linear'], share, ...shades.flatMap(one => [one.share_of_top, one.colour])] as unknown as ExpressionSpecification;
}

/// What is drawn: cells with their own outlines, units by those that their tiles have.
export function drawCells(cells: HeatCells, shades: readonly Shade[]): Extra {
    const top = Math.max(cells.top, 1e-9);
    const line = { 'line-color': '#7B8894', 'line-width': 0.6 };
    if (!isUnit(cells.by)) {
        const fill = ramp(['/', ['get', 'per_km2'], top], shades);
        return {
            sources: { 'heat-cells': { type: 'geojson', data: cells as GeoJSON.FeatureCollection } as SourceSpecification },
            layers: [
                { id: 'heat-cells', type: 'fill', source: 'heat-cells', paint: { 'fill-color': fill, 'fill-opacity': 0.85 } },
                { id: 'heat-cells-line', type: 'line', source: 'heat-cells', paint: line },
            ] as LayerSpecification[],
        };
    }
    const shares = cells.features.flatMap(({ properties: { code, per_km2: density } }) => (code && density !== null ? [code, density / top] : []));
    const common = { source: 'places', 'source-layer': 'places', filter: unitsOf(cells.by) };
    const share = shares.length > 0 ? ['match', ['get', 'code'], ...shares, 0] : ['literal', 0];
    return {
        sources: {},
        layers: [
            { id: 'heat-cells', type: 'fill', ...common, paint: { 'fill-color': ramp(share, shades), 'fill-opacity': 0.85 } },
            { id: 'heat-cells-line', type: 'line', ...common, paint: line },
        ] as unknown as LayerSpecification[],
    };
}
