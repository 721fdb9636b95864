-- Coverages: rasters of the record. Their bytes are files of the blob folder; what they mean stands here.

SET LOCAL ROLE diaban_owner;

CREATE TABLE diaban.coverage (
    id             text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9_]{0,62}$'),
    title_vi       text NOT NULL CHECK (title_vi <> ''),
    title_en       text NOT NULL DEFAULT '',
    quantity       text NOT NULL CHECK (quantity ~ '^[a-z][a-z_]{0,31}$'),
    unit           text NOT NULL DEFAULT '',
    bands          text[] NOT NULL DEFAULT '{}', -- names; empty: one without
    vertical_srid  integer NOT NULL DEFAULT 0, -- EPSG code of the vertical CRS; 0: the quantity has none
    vertical_datum text NOT NULL DEFAULT '',
    srid           integer NOT NULL,
    columns        integer NOT NULL CHECK (columns > 0),
    rows           integer NOT NULL CHECK (rows > 0),
    west           double precision NOT NULL,
    north          double precision NOT NULL,
    cell_width     double precision NOT NULL CHECK (cell_width > 0),
    cell_height    double precision NOT NULL CHECK (cell_height > 0),
    least          double precision, -- of all cells with data
    most           double precision,
    origin         text NOT NULL CHECK (origin IN ('measured', 'synthetic', 'model')),
    attribution    text NOT NULL DEFAULT '',
    licence        text NOT NULL DEFAULT '',
    source         text NOT NULL DEFAULT '', -- the file, or how it was made
    details        jsonb NOT NULL DEFAULT '{}',
    derived_from   text REFERENCES diaban.coverage ON DELETE CASCADE,
    scope          text NOT NULL DEFAULT '',
    sensitivity    smallint NOT NULL DEFAULT 0 CHECK (sensitivity BETWEEN 0 AND 255),
    login          text, -- what a job left is there for whoever asked for it alone; null: for all who may
    job            uuid REFERENCES diaban.job ON DELETE CASCADE,
    recorded_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON diaban.coverage (derived_from);
CREATE INDEX ON diaban.coverage (job);

-- A coverage without time has one file, at -infinity; one with time has a file an instant.
CREATE TABLE diaban.coverage_file (
    coverage text NOT NULL REFERENCES diaban.coverage ON DELETE CASCADE,
    at       timestamptz NOT NULL DEFAULT '-infinity',
    blob     text NOT NULL REFERENCES diaban.blob,
    size     bigint NOT NULL,
    PRIMARY KEY (coverage, at)
);
CREATE INDEX ON diaban.coverage_file (blob);

-- Counts what changes coverages, so that every node knows when to look again.
CREATE TABLE diaban.coverage_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL DEFAULT 0
);
INSERT INTO diaban.coverage_state DEFAULT VALUES;

CREATE FUNCTION diaban.count_coverages() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE diaban.coverage_state SET version = version + 1;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_coverages AFTER INSERT OR UPDATE OR DELETE ON diaban.coverage
    FOR EACH STATEMENT EXECUTE FUNCTION diaban.count_coverages();
CREATE TRIGGER count_coverages AFTER INSERT OR UPDATE OR DELETE ON diaban.coverage_file
    FOR EACH STATEMENT EXECUTE FUNCTION diaban.count_coverages();

-- A file goes with the last row that names it.
CREATE FUNCTION diaban.forget_coverage_blob() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM diaban.forget_blobs(ARRAY[OLD.blob]);
    RETURN NULL;
END
$$;
CREATE TRIGGER forget_blob AFTER DELETE OR UPDATE ON diaban.coverage_file
    FOR EACH ROW EXECUTE FUNCTION diaban.forget_coverage_blob();

GRANT SELECT ON diaban.coverage, diaban.coverage_file, diaban.coverage_state TO diaban_serve;
GRANT SELECT, INSERT, UPDATE, DELETE ON diaban.coverage, diaban.coverage_file TO diaban_edit;
GRANT SELECT ON diaban.coverage_state TO diaban_edit;
