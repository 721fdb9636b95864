// What the URL's fragment holds: view, layers with opacity and filter, selection, day, coordinates, language, theme.

import type { CoordinateForm, Locale } from './format';
import type { Bbox } from './types';
import { zones } from './vn2000';

export type Theme = 'light' | 'dark';
export type Era = 'now' | 'before';

/// The last day of the provinces, districts and communes that ended with June 2025.
export const lastDayBefore = '2025-06-30';

export interface View { zoom: number; lat: number; lon: number }
export interface Selection { collection: string; fid: number }

export interface Address {
    view?: View;
    layers?: Record<string, number>; // visible collections and their opacity in (0, 1]
    filters?: Record<string, string>; // by collection: CQL2 that its features are held to
    selection?: Selection;
    era?: Era;
    coordinates?: CoordinateForm;
    lang?: Locale;
    theme?: Theme;
}

/// The longest filter, in letters.
export const mostFilter = 1000;

const identifier = /^[a-z][a-z0-9_]*$/;

function view(text: string | null): View | undefined {
    const [zoom, lat, lon] = (text ?? '').split('/').map(Number);
    if (zoom === undefined || lat === undefined || lon === undefined) return undefined;
    const inside = zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
    return inside ? { zoom, lat, lon } : undefined;
}

function layers(text: string | null): Record<string, number> | undefined {
    if (text === null) return undefined;
    const result: Record<string, number> = {};
    for (const part of text.split(',')) {
        const [id = '', opacity = '1'] = part.split(':');
        const value = Number(opacity);
        if (identifier.test(id) && value > 0 && value <= 1) result[id] = value;
    }
    return result;
}

/// Filters stand as `filter.ID=CQL2`.
function filters(query: URLSearchParams): Record<string, string> | undefined {
    const found = [...query].filter(([name, text]) => name.startsWith('filter.') && text.trim() !== ''
        && text.length <= mostFilter && identifier.test(name.slice(7)));
    return found.length > 0 ? Object.fromEntries(found.map(([name, text]) => [name.slice(7), text])) : undefined;
}

function selection(text: string | null): Selection | undefined {
    const [collection = '', fid = ''] = (text ?? '').split('/');
    return identifier.test(collection) && /^\d+$/.test(fid) ? { collection, fid: Number(fid) } : undefined;
}

function coordinateForm(text: string | null): CoordinateForm | undefined {
    if (text === 'decimal' || text === 'dms') return text;
    return text && zones[Number(text)] !== undefined ? `vn2000:${Number(text)}` : undefined;
}

/// Reads a fragment; what is missing, unknown or out of range is left out.
export function parse(fragment: string): Address {
    const query = new URLSearchParams(fragment.replace(/^#/, ''));
    const result: Address = {};
    const put = <K extends keyof Address>(key: K, value: Address[K] | undefined) => {
        if (value !== undefined) result[key] = value;
    };
    const one = <T extends string>(name: string, known: readonly T[]) => known.find(v => v === query.get(name));
    put('view', view(query.get('map')));
    put('layers', layers(query.get('layers')));
    put('filters', filters(query));
    put('selection', selection(query.get('select')));
    put('era', one('units', ['now', 'before'] as const));
    put('coordinates', coordinateForm(query.get('crs')));
    put('lang', one('lang', ['vi', 'en'] as const));
    put('theme', one('theme', ['light', 'dark'] as const));
    return result;
}

/// The fragment that `parse` reads back to the same address.
export function print(address: Address): string {
    const parts: string[] = [];
    if (address.view) {
        const { zoom, lat, lon } = address.view;
        parts.push(`map=${+zoom.toFixed(2)}/${+lat.toFixed(5)}/${+lon.toFixed(5)}`);
    }
    if (address.layers) {
        const list = Object.entries(address.layers).filter(([, opacity]) => opacity > 0);
        parts.push(`layers=${list.map(([id, o]) => (o < 1 ? `${id}:${+o.toFixed(2)}` : id)).join(',')}`);
    }
    for (const [id, text] of Object.entries(address.filters ?? {})) parts.push(`filter.${id}=${encodeURIComponent(text)}`);
    if (address.selection) parts.push(`select=${address.selection.collection}/${address.selection.fid}`);
    if (address.era === 'before') parts.push('units=before');
    if (address.coordinates) parts.push(`crs=${address.coordinates.replace('vn2000:', '')}`);
    if (address.lang) parts.push(`lang=${address.lang}`);
    if (address.theme) parts.push(`theme=${address.theme}`);
    return `#${parts.join('&')}`;
}

/// A view that shows a box whole.
export function viewOf([west, south, east, north]: Bbox): View {
    const span = Math.max((east - west) / 360, (north - south) / 180, 1e-6);
    return { lon: (west + east) / 2, lat: (south + north) / 2, zoom: Math.min(14, Math.log2(1.6 / span)) };
}
