// What a station measures: its datastreams with their alert levels, its alerts, and readings that are entered.

import { alertsId, alertsOf, type Alert } from './alert';
import { api, send } from './api';
import type { Locale } from './format';

export interface Datastream { id: number; name: string; unit: string; levels: (number | null)[] }

export async function datastreamsOf(station: number): Promise<Datastream[]> {
    const { features } = await api.listed('datastreams', { filter: `sensor=${station}`, limit: '20' });
    return features.map(({ id, properties }) => ({
        id, name: String(properties.name ?? id), unit: String(properties.unit_symbol ?? ''),
        levels: [1, 2, 3].map(n => (typeof properties[`level_${n}`] === 'number' ? properties[`level_${n}`] as number : null)),
    }));
}

/// Those that stand, of what the station measures, and of rules about it.
export async function alertsOfStation(station: number, datastreams: readonly Datastream[], locale: Locale): Promise<Alert[]> {
    const rules = (await api.listed('watch_rules', { filter: "source='sensors'", limit: '1000' }).catch(() => ({ features: [] }))).features.map(one => one.id);
    const sources = [
        ...(datastreams.length > 0 ? [`(source_kind='datastream' AND source IN (${datastreams.map(one => one.id).join(',')}))`] : []),
        ...(rules.length > 0 ? [`(source_kind='rule' AND object=${station} AND source IN (${rules.join(',')}))`] : []),
    ];
    if (sources.length === 0) return [];
    return alertsOf(await api.listed(alertsId, { filter: `(${sources.join(' OR ')}) AND state IN ('open', 'acknowledged')`, limit: '50' }), locale);
}

/// A value that somebody read now.
export const enterReading = (datastream: number, value: number, at: Date): Promise<Response> => send('POST', '/sta/v1.1/Observations', {
    phenomenonTime: at.toISOString(), result: value, Datastream: { '@iot.id': datastream },
});
