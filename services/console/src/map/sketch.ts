// Moving points and vertices on the map. Loaded when first needed.

import type { Map as LibreMap } from 'maplibre-gl';
import { TerraDraw, TerraDrawPointMode, TerraDrawPolygonMode, TerraDrawSelectMode } from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';

/// Decimals of a degree: every double of the record keeps its value where it is not moved.
const precision = 16;

type Simple = GeoJSON.Point | GeoJSON.Polygon;

function parts(geometry: GeoJSON.Geometry): Simple[] {
    switch (geometry.type) {
        case 'Point':
        case 'Polygon': return [geometry];
        case 'MultiPoint': return geometry.coordinates.map(coordinates => ({ type: 'Point', coordinates }));
        case 'MultiPolygon': return geometry.coordinates.map(coordinates => ({ type: 'Polygon', coordinates }));
        default: return [];
    }
}

function joined(kind: GeoJSON.Geometry['type'], all: Simple[]): GeoJSON.Geometry | null {
    if (kind === 'MultiPolygon') {
        return { type: kind, coordinates: all.flatMap(part => (part.type === 'Polygon' ? [part.coordinates] : [])) };
    }
    if (kind === 'MultiPoint') {
        return { type: kind, coordinates: all.flatMap(part => (part.type === 'Point' ? [part.coordinates] : [])) };
    }
    return all[0] ?? null;
}

/// Shows handles; `changed` hears of every move. Returns how to end it.
export function sketch(
    map: LibreMap, geometry: GeoJSON.Geometry, changed: (shape: GeoJSON.Geometry) => void,
): () => void {
    const coordinates = { midpoints: true, draggable: true, deletable: true };
    const draw = new TerraDraw({
        adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: precision }),
        modes: [
            new TerraDrawPointMode(), new TerraDrawPolygonMode(),
            new TerraDrawSelectMode({ flags: {
                point: { feature: { draggable: true } },
                polygon: { feature: { draggable: true, coordinates } },
            } }),
        ],
    });
    draw.start();
    const added = draw.addFeatures(parts(geometry).map(part => ({
        type: 'Feature' as const, geometry: part, properties: { mode: part.type === 'Point' ? 'point' : 'polygon' },
    })));
    draw.setMode('select');
    const ids = added.flatMap(({ id, valid }) => (valid && id !== undefined ? [id] : []));
    if (ids[0] !== undefined) draw.selectFeature(ids[0]);
    draw.on('change', (_, type) => {
        if (type !== 'update') return;
        const now = ids.flatMap(id => draw.getSnapshotFeature(id)?.geometry as Simple | undefined ?? []);
        const shape = joined(geometry.type, now);
        if (shape && JSON.stringify(shape) !== JSON.stringify(geometry)) changed(shape);
    });
    return () => draw.stop();
}
