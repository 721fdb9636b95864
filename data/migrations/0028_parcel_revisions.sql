-- Parcels by their address, the place of their number, tolerances between vertices, corrected sheets.

SET LOCAL ROLE diaban_owner;

-- Parcels by their address: all its words must be there, small and without accents.
ALTER TABLE land.parcel ADD COLUMN address text, ADD COLUMN address_folded text;
CREATE INDEX ON land.parcel USING gin (to_tsvector('simple'::regconfig, address_folded));

-- Where a drawing writes the number of a parcel, in its sheet's CRS.
ALTER TABLE land.parcel ADD COLUMN label_x double precision, ADD COLUMN label_y double precision;

-- Faults are looked for again after edits, by whoever edits.
ALTER FUNCTION land.open_faults() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;

-- Tolerances between vertices go by scale; a case of either kind may be open of one parcel.
ALTER TABLE land.rule ADD COLUMN scale integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT rule_pkey, ADD PRIMARY KEY (id, land_use, scale, valid_from);
INSERT INTO land.rule (id, scale, value, unit, source)
SELECT 'vertex-tolerance', scale, value, 'm', 'former norms of cadastral surveying; to be replaced by those in force'
FROM (VALUES (200, 0.05), (500, 0.07), (1000, 0.15), (2000, 0.30), (5000, 1.5), (10000, 3.0)) AS norm (scale, value);
ALTER TABLE land.correction_case ADD COLUMN kind text NOT NULL DEFAULT 'area' CHECK (kind IN ('area', 'vertex')),
    ADD COLUMN moved_m double precision, ADD COLUMN allowed_m double precision,
    ALTER COLUMN legal_m2 DROP NOT NULL, ALTER COLUMN allowed_m2 DROP NOT NULL,
    DROP CONSTRAINT correction_case_pkey, ADD PRIMARY KEY (fid, kind);

-- What a sheet was before a corrected one replaced it; its parcels' former states are their history.
CREATE TABLE land.sheet_delivery (
    sheet        bigint NOT NULL REFERENCES land.sheet,
    replaced_by  bigint NOT NULL REFERENCES land.change,
    srid         integer NOT NULL,
    axes_swapped boolean NOT NULL,
    datum_proved boolean NOT NULL,
    scale        integer NOT NULL,
    drawn_on     date NOT NULL,
    file         text NOT NULL,
    encoding     text NOT NULL,
    imported_at  timestamptz NOT NULL,
    PRIMARY KEY (sheet, replaced_by)
);
GRANT SELECT ON land.sheet_delivery TO diaban_serve;

GRANT SELECT ON record.parcels_history TO diaban_edit;

