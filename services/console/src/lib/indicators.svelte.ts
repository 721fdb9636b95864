// What is counted, on the map: which indicator, period, level and list of units; what is shown follows
// new values as they are told.

import { api, failureCode } from './api';
import { atlas } from './atlas.svelte';
import { choropleth } from './choropleth';
import { hearChanges } from './hearing';
import type {
    Indicator, IndicatorRanking, IndicatorTrend, IndicatorValues, UnitLevel,
} from './types';

export type Breaks = 'natural' | 'quantile' | 'deviation';
const settle = 150; // ms: a burst of values is one look

/// An indicator that units of a province fail: which of how many.
export interface Failing { code: string; title: string; province: string; units: { code: string; name: string }[]; of: number }

class Indicators {
    open = $state(false);
    list = $state.raw<Indicator[]>([]);
    code = $state('');
    periods = $state.raw<string[]>([]);
    at = $state(0); // place in `periods`
    level = $state<UnitLevel>('province');
    breaks = $state<Breaks>('natural');
    within = $state(''); // province whose units alone are shown
    values = $state.raw<IndicatorValues | null>(null);
    ranking = $state.raw<IndicatorRanking | null>(null);
    trend = $state.raw<IndicatorTrend | null>(null);
    place = $state(''); // code of the unit whose trend is shown
    failing = $state.raw<Failing[]>([]);
    failure = $state<string | null>(null);
    renewed = $state(0); // how often values were told to be new
    private running: AbortController | null = null;
    private endHearing: (() => void) | null = null;

    readonly period = $derived(this.periods[this.at] ?? '');
    readonly indicator = $derived(this.list.find(one => one.code === this.code));
    readonly layers = $derived(this.open && this.values
        ? choropleth(this.values.values, this.values.classes.bounds, this.level, atlas.theme) : []);

    async show(): Promise<void> {
        this.open = true;
        atlas.left = true;
        this.hear();
        if (this.list.length === 0) await this.learn();
        else await this.renew();
    }

    close(): void {
        this.open = false;
        this.endHearing?.();
        this.endHearing = null;
    }

    /// Values lie nowhere: the map's own stream, which is of a box, does not tell them.
    private hear(): void {
        if (this.endHearing) return;
        this.endHearing = hearChanges(['indicators', 'indicator_catalogue'], settle, () => void this.renew());
    }

    /// What there is; indicators without values stay in the list, as missing.
    private async learn(): Promise<void> {
        this.failure = null;
        try {
            this.list = await api.indicators(atlas.locale);
            const first = this.list.find(one => one.code === 'census_population' && one.periods.count > 0)
                ?? this.list.find(one => one.periods.count > 0);
            if (first && !this.code) await this.choose(first.code);
        } catch (cause) {
            this.failure = failureCode(cause);
        }
    }

    async choose(code: string): Promise<void> {
        this.code = code;
        this.place = '';
        this.trend = null;
        this.periods = []; // those of another are none of its
        try {
            const { all_periods: periods } = await api.indicator(code, atlas.locale);
            if (this.code !== code) return; // another was chosen meanwhile
            this.periods = periods;
            this.at = Math.max(0, this.periods.length - 1);
            if (periods.length === 0) this.values = this.ranking = null;
            await this.look();
        } catch (cause) {
            this.failure = failureCode(cause);
        }
    }

    /// The communes of its province, so that those are seen that fail.
    async chooseFailing({ code, province }: Failing): Promise<void> {
        [this.level, this.within] = ['commune', province];
        await this.choose(code);
    }

    private query(): Record<string, string> {
        return {
            period: this.period, on: atlas.day, level: this.level, lang: atlas.locale,
            ...(this.within ? { province: this.within } : {}),
        };
    }

    /// Fetches what is to be seen now; an older look that is still under way is given up.
    async look(): Promise<void> {
        this.running?.abort();
        if (!this.code || !this.period) return; // its periods are still being learned, or there are none
        const { signal } = this.running = new AbortController();
        this.failure = null;
        try {
            const query = this.query();
            const [values, ranking] = await Promise.all([
                api.indicatorValues(this.code, { ...query, breaks: this.breaks }, signal),
                api.indicatorRanking(this.code, query, signal),
            ]);
            if (!signal.aborted) [this.values, this.ranking] = [values, ranking];
        } catch (cause) {
            if (!signal.aborted) this.failure = failureCode(cause);
        }
    }

    private async renew(): Promise<void> {
        const { period, code } = this;
        if (!this.open || !code) return;
        this.list = await api.indicators(atlas.locale);
        const { all_periods: periods } = await api.indicator(code, atlas.locale);
        if (this.code !== code) return;
        this.periods = periods;
        this.at = Math.max(0, this.periods.indexOf(period));
        await this.look();
        if (this.place) await this.follow(this.place);
        this.renewed += 1;
    }

    step(by: number): void {
        const to = this.at + by;
        if (to < 0 || to >= this.periods.length) return;
        this.at = to;
        void this.look();
    }

    /// The series of a unit.
    async follow(place: string): Promise<void> {
        this.place = place;
        try {
            const trend = await api.indicatorTrend(this.code, { place, on: atlas.day, lang: atlas.locale });
            if (this.place === place) this.trend = trend;
        } catch (cause) {
            this.trend = null;
            this.failure = failureCode(cause);
        }
    }

    /// Opens the file of a unit of the list that is shown.
    async visit(code: string): Promise<void> {
        void this.follow(code);
        try {
            const { place } = await api.placeFile(code, atlas.day, atlas.locale);
            await atlas.open({ collection: 'places', fid: place.fid });
        } catch (cause) {
            this.failure = failureCode(cause);
        }
    }
}

export const indicators = new Indicators();
