// A sheet of the register for a test: it comes and goes with the test.

import { record } from './record';

const east = 542600;
const north = 2028900;

/// Two lots of 21.8 m by 28.5 m, and the road behind them, as rows of a sheet.
export async function makeSheet(sheet: number, commune: string): Promise<void> {
    const lot = (number: number, use: string, x: number, y: number, width: number, height: number) =>
        `(${number}, '${use}', ST_MakeEnvelope(${x}, ${y}, ${x + width}, ${y + height}, 909209))`;
    await record(`WITH sheet AS (INSERT INTO land.sheet (commune_code, commune_from, number, srid, axes_swapped, datum_proved,
            scale, drawn_on, file, encoding) VALUES ('${commune}', '2025-07-01', ${sheet}, 9209, false, false, 1000, '2021-05-01',
            'thu.gpkg', 'unicode') RETURNING id),
        lots (number, use, shape) AS (VALUES ${lot(1, 'ONT', east, north, 21.8, 28.5)},
            ${lot(2, 'ONT', east + 21.8, north, 21.8, 28.5)}, ${lot(3, 'DGT', east, north + 28.5, 43.6, 6)}),
        made AS (INSERT INTO record.parcels (geom, source_srid, source_geom, valid_from, sheet, parcel_number, land_use, area_m2,
            legal_area_m2, commune_code, geohash) SELECT ST_Transform(shape, 4326), 9209, ST_SetSRID(shape, 9209), '2021-05-01',
            ${sheet}, number, use, round(ST_Area(ST_Transform(shape, 4326)::geography)::numeric, 1), round(ST_Area(shape)::numeric, 1),
            '${commune}', 'thu' || lpad(number::text, 9, '0') FROM lots RETURNING fid, source_geom)
        INSERT INTO land.parcel (fid, sheet, projected_area_m2) SELECT fid, id, ST_Area(source_geom) FROM made, sheet`);
}

export async function removeSheet(sheet: number): Promise<void> {
    await record(`DELETE FROM land.lineage WHERE parent IN (SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        UPDATE land.dossier SET change = NULL, undoes = NULL WHERE parents && ARRAY(SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        DELETE FROM land.change c USING land.dossier d WHERE c.dossier = d.id
            AND d.parents && ARRAY(SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        DELETE FROM land.dossier WHERE parents && ARRAY(SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        DELETE FROM land.retired_number WHERE sheet = ${sheet};
        DELETE FROM land.extract WHERE fid IN (SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        DELETE FROM land.parcel WHERE fid IN (SELECT fid FROM record.parcels WHERE sheet = ${sheet});
        DELETE FROM land.sheet WHERE number = ${sheet}; DELETE FROM record.parcels WHERE sheet = ${sheet}`);
}
