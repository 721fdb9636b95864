// Storms in the console: an official bulletin that is pasted, read and confirmed, the swath along its
// track, when its winds come to which commune, and the shelters there.

import type { FilterSpecification } from '@maplibre/maplibre-gl-style-spec';
import { api, failureCode, Invalid, type Failure } from './api';
import { atlas } from './atlas.svelte';
import { flood, type Extra } from './flood.svelte';
import type { Exposure, Impact } from './types';

export interface OfficialRisk { area: string; mainland: boolean; risk: number }
export interface StormFix {
    at: string;
    forecast: boolean;
    lon: number;
    lat: number;
    level_from: number;
    level_until: number;
    gust: number | null;
    danger_stated: string | null;
    official: OfficialRisk[];
}
/// Something that cannot be in a bulletin, or that a person is to look at.
export interface Remark { type: string; at: string | null; title: string; detail: string }
export interface Reading { key: string; storm: string; fixes: StormFix[]; faults: Remark[]; doubts: Remark[] }
export interface BulletinHead { key: string; event: number; storm: string; observed_at: string; confirmed_at: string }
export interface Bulletin extends BulletinHead {
    fixes: StormFix[];
    official_risk: number | null;
    computed: { fixes: { at: string; class: string | null; risks: Record<string, number | null> }[]; rules_since: string | null };
}
interface StormExposure extends Exposure { shelters?: { count: number; list: string[] } }
export type StormPart = StormExposure & { unit: string | null; name: string };
export interface Arrival { unit: string; name: string; begins: string; ends: string; highest_level: number | null }
interface StormImpact extends Impact {
    total: StormExposure;
    parts: StormPart[];
    arrivals: Arrival[];
    file: { href: string };
    details: { swath_m: number; wind_level: number; counted_at: string };
}
export interface Shelter { fid: number; name: string; capacity: number | null }

class Storm {
    shown = $state(false);
    failure = $state<string | null>(null);
    busy = $state(false);

    text = $state('');
    reading = $state.raw<Reading | null>(null);
    agreed = $state<string[]>([]); // doubts that somebody has ticked

    bulletins = $state.raw<BulletinHead[]>([]);
    bulletin = $state.raw<Bulletin | null>(null);
    impact = $state.raw<StormImpact | null>(null);
    areas = $state.raw<GeoJSON.FeatureCollection | null>(null);

    unit = $state<string | null>(null); // the commune whose shelters are listed
    shelters = $state.raw<Shelter[] | null>(null);

    private asked: AbortController | undefined;

    readonly arrivals = $derived(new Map((this.impact?.arrivals ?? []).map(one => [one.unit, one])));
    readonly communes = $derived((this.impact?.parts ?? []).filter(part => part.unit !== null)
        .sort((a, b) => (this.arrivals.get(a.unit!)?.begins ?? '9').localeCompare(this.arrivals.get(b.unit!)?.begins ?? '9')
            || (b.people?.affected ?? 0) - (a.people?.affected ?? 0)));
    /// Of all parts, those outside communes too.
    readonly partsPeople = $derived((this.impact?.parts ?? []).reduce((sum, part) => sum + (part.people?.affected ?? 0), 0));
    readonly mayConfirm = $derived(this.reading !== null && this.reading.faults.length === 0
        && this.reading.doubts.every(one => this.agreed.includes(one.type)));

    async open(): Promise<void> {
        this.shown = true;
        await this.try(async () => {
            this.bulletins = await api.stormBulletins(atlas.locale);
            const latest = this.bulletins[0];
            if (latest && !this.bulletin) await this.choose(latest.key);
        });
    }

    close(): void {
        this.shown = false;
        this.asked?.abort();
    }

    async read(): Promise<void> {
        this.agreed = [];
        this.reading = null;
        await this.try(async () => { this.reading = await api.readBulletin(this.text, atlas.locale); });
    }

    async confirm(): Promise<void> {
        await this.try(async () => {
            const { key } = await api.confirmBulletin(this.text, this.agreed, atlas.locale);
            this.text = '';
            this.reading = null;
            this.bulletins = await api.stormBulletins(atlas.locale);
            await this.choose(key);
        });
    }

    /// Shows a bulletin, and counts what is in the storm's way.
    async choose(key: string): Promise<void> {
        this.asked?.abort();
        const asked = this.asked = new AbortController();
        this.impact = this.areas = this.shelters = this.unit = null;
        const bulletin = await api.stormBulletin(key, atlas.locale);
        if (asked.signal.aborted) return;
        this.bulletin = bulletin;
        const impact = await api.outcome<StormImpact>('storm', { bulletin: key }, atlas.locale, asked.signal);
        const areas = await api.resultFile(impact.file.href);
        if (asked.signal.aborted) return;
        [this.areas, this.impact] = [areas, impact];
    }

    async showShelters(part: StormPart): Promise<void> {
        this.unit = part.unit;
        this.shelters = null;
        await this.try(async () => {
            const lists = await Promise.all((part.shelters?.list ?? []).map(href => api.resultFile(`${href}&limit=1000&f=json`)));
            if (this.unit !== part.unit) return;
            this.shelters = lists.flatMap(list => list.features.map(one => ({
                fid: Number(one.id), name: String(one.properties?.name ?? one.id),
                capacity: one.properties?.capacity === null ? null : Number(one.properties?.capacity),
            })));
        });
    }

    private async try(work: () => Promise<void>): Promise<void> {
        this.failure = null;
        this.busy = true;
        try {
            await work();
        } catch (cause) {
            const said = cause instanceof Invalid ? cause.faults.map(one => one.detail).join(' ') : (cause as Failure).detail;
            this.failure = said || failureCode(cause);
        } finally {
            this.busy = false;
        }
    }

    /// What was observed is solid, what is forecast dashed; winds are outlined.
    readonly extra = $derived.by((): Extra => {
        const extra: Extra = { sources: {}, layers: [] };
        const fixes = this.bulletin?.fixes ?? [];
        if (!flood.shown || !this.shown || fixes.length === 0) return extra;
        const ink = atlas.theme === 'dark' ? '#E6EDF3' : '#1E2A36';
        const part = (name: string): FilterSpecification => ['==', ['get', 'part'], name];
        if (this.areas) {
            extra.sources['storm-areas'] = { type: 'geojson', data: this.areas };
            extra.layers.push(
                { id: 'storm-swath', type: 'fill', source: 'storm-areas', filter: part('swath'), paint: { 'fill-color': '#8E2FA3', 'fill-opacity': 0.14 } },
                { id: 'storm-swath-edge', type: 'line', source: 'storm-areas', filter: part('swath'), paint: { 'line-color': '#8E2FA3', 'line-width': 1.6 } },
                { id: 'storm-winds', type: 'line', source: 'storm-areas', filter: part('wind'), paint: {
                    'line-color': ['step', ['get', 'level'], '#2E6F95', 8, '#9A4B00', 10, '#8C0E08', 12, '#4E1060'], 'line-width': 1.2 } },
            );
        }
        const track = (forecast: boolean, ends: StormFix[]): GeoJSON.Feature => ({
            type: 'Feature', properties: { part: forecast ? 'forecast' : 'observed' },
            geometry: { type: 'LineString', coordinates: ends.map(fix => [fix.lon, fix.lat]) },
        });
        const observed = fixes.filter(fix => !fix.forecast);
        const ahead = [...observed.slice(-1), ...fixes.filter(fix => fix.forecast)];
        extra.sources['storm-track'] = { type: 'geojson', data: { type: 'FeatureCollection', features: [
            ...(observed.length > 1 ? [track(false, observed)] : []),
            ...(ahead.length > 1 ? [track(true, ahead)] : []),
            ...fixes.map((fix): GeoJSON.Feature => ({ type: 'Feature', properties: { part: 'fix' }, geometry: { type: 'Point', coordinates: [fix.lon, fix.lat] } })),
        ] } };
        extra.layers.push(
            { id: 'storm-observed', type: 'line', source: 'storm-track', filter: part('observed'), paint: { 'line-color': ink, 'line-width': 2.4 } },
            { id: 'storm-forecast', type: 'line', source: 'storm-track', filter: part('forecast'), paint: { 'line-color': ink, 'line-width': 2.4, 'line-dasharray': [2, 1.5] } },
            { id: 'storm-fixes', type: 'circle', source: 'storm-track', filter: part('fix'), paint: { 'circle-radius': 5, 'circle-color': ink, 'circle-stroke-color': '#FFFFFF', 'circle-stroke-width': 2 } },
        );
        return extra;
    });
}

export const storm = new Storm();
