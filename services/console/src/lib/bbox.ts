// The box of a geometry in degrees; what crosses 180° is not expected here.

import type { Bbox } from './types';

export function bboxOf(geometry: GeoJSON.Geometry): Bbox {
    const box: Bbox = [180, 90, -180, -90];
    const visit = (part: unknown): void => {
        if (!Array.isArray(part)) return;
        if (typeof part[0] === 'number') {
            const [x, y] = part as [number, number];
            box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y);
            box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
        } else {
            part.forEach(visit);
        }
    };
    if (geometry.type === 'GeometryCollection') geometry.geometries.forEach(g => visit((g as { coordinates?: unknown }).coordinates));
    else visit(geometry.coordinates);
    return box;
}
