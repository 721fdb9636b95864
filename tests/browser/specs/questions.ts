// Ten boxes and ten filters, in the words of PostGIS and of the clients that are held against it.

import { record } from './record';

export type Box = [west: number, south: number, east: number, north: number];

export interface Question {
    id: string;
    filter: string; ///< as OGR says it
    expression?: string; ///< as QGIS says it, where that is different
    sql: string;
}

/// What OGR can say of the layers of the demo, each at least once true and once false.
export const questions: Question[] = [
    { id: 'parcels', filter: "land_use = 'LUC'", sql: "land_use = 'LUC'" },
    { id: 'parcels', filter: "land_use <> 'LUC' AND sheet >= 20", sql: "land_use <> 'LUC' AND sheet >= 20" },
    { id: 'parcels', filter: "land_use LIKE 'L%' OR parcel_number < 20", sql: "land_use LIKE 'L%' OR parcel_number < 20" },
    { id: 'parcels', filter: "sheet BETWEEN 3 AND 40 AND NOT land_use = 'ONT'",
        expression: "sheet >= 3 AND sheet <= 40 AND NOT land_use = 'ONT'", sql: "sheet BETWEEN 3 AND 40 AND NOT land_use = 'ONT'" },
    { id: 'parcels', filter: 'parcel_number IS NOT NULL', sql: 'parcel_number IS NOT NULL' },
    { id: 'places', filter: "level = 'commune' AND valid_to IS NULL", sql: "level = 'commune' AND valid_to IS NULL" },
    // QGIS keeps what it fetched in SQLite and hands ILIKE on to it, whose LIKE folds the letters of ASCII alone:
    // there Ẩ is not ẩ. Whole boxes came, and were thrown away.
    { id: 'places', filter: "name ILIKE 'cẨm%'", expression: "name ILIKE 'cẩm%'", sql: "name ILIKE 'cẨm%'" },
    { id: 'places', filter: "valid_from > '2025/04/01'", expression: "valid_from > to_date('2025-04-01')", sql: "valid_from > '2025-04-01'" },
    { id: 'facilities', filter: "capacity > 40.5 AND kind <> 'office'", sql: "capacity > 40.5 AND kind <> 'office'" },
    { id: 'reports', filter: "reported_at >= '2026/10/01 06:30:00'",
        expression: "reported_at >= to_datetime('2026-10-01T06:30:00Z')", sql: "reported_at >= '2026-10-01 06:30:00Z'" },
];

/// A random box around a random row of the collection, some 3 to 60 km a side; a tenth of that over parcels.
export async function boxOf(id: string, random: () => number): Promise<Box> {
    const [at] = await record(`
        select ST_X(point), ST_Y(point) from (select ST_PointOnSurface(geom) as point from record."${id}"
            where geom is not null order by fid offset floor(${random()} *
            (select count(*) from record."${id}" where geom is not null)) limit 1) one`);
    const [lon, lat] = at!.map(Number) as [number, number];
    const side = () => (id === 'parcels' ? 0.003 : 0.03) * 20 ** random();
    const [width, height] = [side(), side()];
    const [west, south] = [lon - width * random(), lat - height * random()];
    return [west, south, west + width, south + height].map(v => Number(v.toFixed(7))) as Box;
}

export async function countOf({ id, sql }: Question, box: Box): Promise<number> {
    const [row] = await record(`select count(*) from record."${id}"
        where ST_Intersects(geom, ST_MakeEnvelope(${box.join(', ')}, 4326)) and (${sql})`);
    return Number(row![0]);
}
