// What the address of the page asks for; the server writes it, and has checked it.

import { asOf, type Past } from '../lib/style';
import { isoDay, type Locale } from '../lib/format';

export interface Wanted {
    style: string;
    zoom: number;
    lat: number;
    lon: number;
    locale: Locale;
    layers: string[] | null; // null: those that the style shows of itself
    valid: string | null;    // an instant or a day: what is so then
    recorded: string | null; // an instant: what was known then
    exercise: boolean;       // nothing of it is meant in earnest
}

export function read(search: string): Wanted {
    const query = new URLSearchParams(search);
    const [zoom = 0, lat = 0, lon = 0] = (query.get('view') ?? '').split('/').map(Number);
    return {
        style: query.get('style') ?? 'light', zoom, lat, lon,
        locale: query.get('lang') === 'en' ? 'en' : 'vi',
        layers: query.get('layers')?.split(',') ?? null,
        valid: query.get('datetime'), recorded: query.get('as-of'), exercise: query.get('exercise') === 'true',
    };
}

/// The day whose units are drawn.
export function dayOf({ valid, recorded }: Wanted, now: Date): string {
    const moment = valid ?? recorded;
    if (!moment) return isoDay(now);
    return moment.includes('T') ? isoDay(new Date(moment)) : moment;
}

/// How tiles are asked for; units say in theirs when they were there, at every zoom.
export function pastOf({ valid, recorded }: Wanted, collections: readonly { id: string }[]): Past | undefined {
    const asked = [valid && `datetime=${encodeURIComponent(valid)}`, recorded && asOf(recorded)].filter(Boolean);
    if (asked.length === 0) return undefined;
    return { query: asked.join('&'), collections: collections.map(one => one.id).filter(id => id !== 'places') };
}
