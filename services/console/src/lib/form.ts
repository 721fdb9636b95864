// Between the record's values and what a person types into a form; and what of it is a change.

import type { Locale } from './format';
import type { Collection, Field, LonLat } from './types';

const vietnamOffset = 7 * 3_600_000; // ms; there is no summer time

/// A value as the input of its field holds it.
export function asInput(field: Field, value: unknown, locale: Locale): string {
    if (value === null || value === undefined) return '';
    if (field.type === 'timestamp') {
        const instant = Date.parse(String(value));
        return Number.isNaN(instant) ? '' : new Date(instant + vietnamOffset).toISOString().slice(0, 19);
    }
    if (field.type === 'number' && locale === 'vi') return String(value).replace('.', ',');
    return String(value);
}

/// What was typed as the record takes it: JSON's null for nothing. What is no number is left as typed:
/// the server says what it accepts.
export function fromInput(field: Field, text: string): unknown {
    const typed = text.trim();
    if (typed === '') return null;
    switch (field.type) {
        case 'integer':
        case 'number': {
            const plain = typed.replace(',', '.');
            const value = Number(plain);
            return /^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(plain) && Number.isFinite(value) ? value : typed;
        }
        case 'boolean': return typed === 'true';
        case 'timestamp': return `${typed.length === 16 ? `${typed}:00` : typed}+07:00`;
        default: return text;
    }
}

/// Fields whose input is no longer what the record's value would show, with their new values.
export function changed(
    fields: readonly Field[], base: Record<string, unknown>, inputs: Record<string, string>, locale: Locale,
): Record<string, unknown> {
    const changes: Record<string, unknown> = {};
    for (const field of fields) {
        const text = inputs[field.name];
        if (text === undefined || text === asInput(field, base[field.name], locale)) continue;
        changes[field.name] = fromInput(field, text);
    }
    return changes;
}

/// Whether a geometry can be moved on the map: points, lines, and polygons without holes.
export function movable(geometry: GeoJSON.Geometry | null): boolean {
    switch (geometry?.type) {
        case 'Point':
        case 'MultiPoint': return true;
        case 'LineString':
        case 'MultiLineString': return true;
        case 'Polygon': return geometry.coordinates.length === 1;
        case 'MultiPolygon': return geometry.coordinates.every(rings => rings.length === 1);
        default: return false;
    }
}

/// A point, line or area through corners; null as long as there are too few.
export function shapeOf(kind: Collection['geometryType'], corners: readonly LonLat[]): GeoJSON.Geometry | null {
    const [first, ...others] = corners;
    if (!first) return null;
    switch (kind) {
        case 'point': return { type: 'Point', coordinates: corners.at(-1)! };
        case 'line': return others.length > 0 ? { type: 'LineString', coordinates: [...corners] } : null;
        case 'polygon': return others.length > 1 ? { type: 'Polygon', coordinates: [[...corners, first]] } : null;
        case 'none': return null;
    }
}

/// A header field's value: UTF-8, percent-encoded.
export const asHeader = (text: string): string => encodeURIComponent(text.normalize('NFC'));

/// A name for a request, to be sent again with it; also where the page is no secure context.
export function newKey(): string {
    return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
