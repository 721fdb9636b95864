// What stands on a wall beside maps: lists and indicators, as rows that flow from cell to cell, so that no text
// crosses a gap.

import { api } from '../lib/api';
import { fieldValue, number } from '../lib/format';
import { nameOf } from '../lib/naming';
import type { Collection } from '../lib/types';
import type { IndicatorZone, ListZone, Zone } from './content';
import { language } from './words';

export interface Panel {
    title: string;
    rows: [label: string, value: string][];
    total: number;
    at: number; // ms of the server's clock
    synthetic: boolean;
}

/// Rows of 80 px letters under a title of 120 on a screen of 1080.
export const rowsOfCell = 6;
export const cellsOf = ({ rows, columns }: Zone): number => (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1);

async function list(zone: ListZone, collections: readonly Collection[], now: number): Promise<Panel> {
    const collection = collections.find(one => one.id === zone.collection);
    const items = await api.listed(zone.collection, {
        limit: String(rowsOfCell * cellsOf(zone)),
        ...(zone.filter ? { filter: zone.filter } : {}), ...(zone.sort ? { sortby: zone.sort } : {}),
    });
    const field = collection?.fields.find(one => one.name === zone.field);
    return {
        title: collection?.titles[language] ?? zone.collection,
        rows: items.features.map(({ id, properties }) => [
            nameOf(collection, properties, id, collection?.titles[language] ?? '', language),
            field ? fieldValue(field, properties[field.name], language) : '',
        ]),
        total: items.numberMatched ?? items.features.length,
        at: now,
        synthetic: collection?.synthetic ?? false,
    };
}

async function indicator(zone: IndicatorZone, collections: readonly Collection[], now: number): Promise<Panel> {
    const about = (await api.indicators(language)).find(one => one.code === zone.indicator);
    const { ranking, unranked } = await api.indicatorRanking(zone.indicator, { lang: language });
    return {
        title: about?.unit ? `${about.title} (${about.unit})` : about?.title ?? zone.indicator,
        rows: ranking.slice(0, rowsOfCell * cellsOf(zone)).map(one => [
            `${one.rank}. ${one.name}`, one.value === null ? '—' : number(one.value, language, about?.decimals ?? 1),
        ]),
        total: ranking.length + unranked,
        at: now,
        synthetic: collections.find(one => one.id === 'indicators')?.synthetic ?? false,
    };
}

/// Null for a zone that needs nothing of the server.
export async function load(zone: Zone, collections: readonly Collection[], now: number): Promise<Panel | null> {
    if (zone.kind === 'list') return list(zone, collections, now);
    if (zone.kind === 'indicator') return indicator(zone, collections, now);
    return null;
}
