// Drawing, and moving points and vertices on the map. Loaded when first needed.

import type { Map as LibreMap } from 'maplibre-gl';
import {
    TerraDraw, TerraDrawLineStringMode, TerraDrawPointMode, TerraDrawPolygonMode, TerraDrawSelectMode,
} from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';
import type { Sketched } from '../lib/types';

/// Decimals of a degree: every double of the record keeps its value where it is not moved.
const precision = 16;

type Simple = GeoJSON.Point | GeoJSON.LineString | GeoJSON.Polygon;
type Kind = GeoJSON.Geometry['type'];

const modes = { Point: 'point', LineString: 'linestring', Polygon: 'polygon' } as const;
const kinds: Record<string, Simple['type']> = { point: 'Point', line: 'LineString', polygon: 'Polygon' };

function parts(geometry: GeoJSON.Geometry): Simple[] {
    switch (geometry.type) {
        case 'Point':
        case 'LineString':
        case 'Polygon': return [geometry];
        case 'MultiPoint': return geometry.coordinates.map(coordinates => ({ type: 'Point', coordinates }));
        case 'MultiLineString': return geometry.coordinates.map(coordinates => ({ type: 'LineString', coordinates }));
        case 'MultiPolygon': return geometry.coordinates.map(coordinates => ({ type: 'Polygon', coordinates }));
        default: return [];
    }
}

function joined(kind: Kind, all: Simple[]): GeoJSON.Geometry | null {
    const of = <T extends Simple['type']>(type: T) =>
        all.flatMap(part => (part.type === type ? [part as Extract<Simple, { type: T }>] : []));
    switch (kind) {
        case 'MultiPoint': return { type: kind, coordinates: of('Point').map(part => part.coordinates) };
        case 'MultiLineString': return { type: kind, coordinates: of('LineString').map(part => part.coordinates) };
        case 'MultiPolygon': return { type: kind, coordinates: of('Polygon').map(part => part.coordinates) };
        default: return all[0] ?? null;
    }
}

/// Shows handles of a geometry, or lets one be drawn and then shows its handles; `changed` hears of what
/// was drawn and of every move. Returns how to end it.
export function sketch(
    map: LibreMap, what: Sketched, changed: (shape: GeoJSON.Geometry) => void,
): () => void {
    const coordinates = { midpoints: true, draggable: true, deletable: true };
    const draw = new TerraDraw({
        adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: precision }),
        modes: [
            new TerraDrawPointMode(), new TerraDrawLineStringMode(), new TerraDrawPolygonMode(),
            new TerraDrawSelectMode({ flags: {
                point: { feature: { draggable: true } },
                linestring: { feature: { draggable: true, coordinates } },
                polygon: { feature: { draggable: true, coordinates } },
            } }),
        ],
    });
    draw.start();
    const shape = typeof what === 'string' ? null : what;
    const kind = shape?.type ?? kinds[what as string];
    let ids = shape ? draw.addFeatures(parts(shape).map(part => ({
        type: 'Feature' as const, geometry: part, properties: { mode: modes[part.type] },
    }))).flatMap(({ id, valid }) => (valid && id !== undefined ? [id] : [])) : [];
    const select = () => {
        draw.setMode('select');
        if (ids[0] !== undefined) draw.selectFeature(ids[0]);
    };
    const tell = () => {
        const now = ids.flatMap(id => draw.getSnapshotFeature(id)?.geometry as Simple | undefined ?? []);
        const made = kind && joined(kind, now);
        if (made && JSON.stringify(made) !== JSON.stringify(shape)) changed(made);
    };
    draw.on('change', (_, type) => { if (type === 'update') tell(); });
    draw.on('finish', (id, { action }) => {
        if (action !== 'draw') return;
        ids = [id];
        tell();
        select();
    });
    if (shape) select();
    else if (kind) draw.setMode(modes[kind as Simple['type']]);
    return () => draw.stop();
}
