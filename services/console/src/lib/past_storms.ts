// Storms of the past near a province.

import { api, Failure, get } from './api';
import { atlas } from './atlas.svelte';
import type { LonLat } from './types';

export interface PastStorms {
    place: { code: string; full_name: string };
    count: number;
    months: { month: number; count: number }[];
    storms: { track: number; storm: string; name: string | null; distance_m: number; at: string | null; began: string }[];
    details: { tracks: { of: number; attribution: string } };
}

/// Of the province of today that holds the point; at sea, of the one that the console begins with.
export async function pastStorms(point: LonLat, within: number): Promise<PastStorms> {
    const [west, south, east, north] = atlas.home;
    const found = [await api.at(point), await api.at([(west + east) / 2, (south + north) / 2])]
        .flatMap(at => at.places).find(place => place.level === 'province' && !place.valid_to);
    if (!found) throw new Failure(404, '');
    return get<PastStorms>(`/storms/past?place=${found.code}&within=${within}&limit=1000`);
}
