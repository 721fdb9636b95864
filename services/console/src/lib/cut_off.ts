// Who is cut off while a flood's water stands over the roads, and which shelters can still be reached.

import { api } from './api';
import { atlas } from './atlas.svelte';

interface Way { shelter: number; name: string | null; metres: number; minutes: number }
export interface CutOffPlace { id: number; name: string | null; people: number; access: 'joined' | 'cut-off' | 'apart' | 'far'; nearest: Way | null }
export interface CutOff {
    total: {
        people: number; people_joined: number; people_cut_off: number; people_apart: number; people_far: number;
        places_cut_off: number; closed_roads: number; closed_m: number;
    };
    places: CutOffPlace[];
    file: { href: string };
    details: { limits: { road_m: number }; roads: { collections: string[] }; places: { reach_m: number } };
}

const reach = 10_000; // m from a commune's middle to a road
const gap = 200; // m by which lines that are drawn coarsely fall short of each other

/// Of the coverage of depths at that instant. Roads are those of the map of the country, or else streets.
export function cutOff(coverage: string, datetime: string, signal: AbortSignal): Promise<CutOff> {
    const roads = ['roads', 'streets'].filter(id => atlas.byId.get(id)?.geometryType === 'line').slice(0, 1);
    return api.outcome<CutOff>('cut-off', { hazard: { coverage, datetime }, roads, gap, reach }, atlas.locale, signal);
}
