-- Roles, schemas and the registry of collections.
--
-- Roles belong to the cluster, not to the database: they are made once, and a second database on
-- the cluster finds them. Login users are members of one of them.
--   diaban_owner  owns every table; imports and changes the schema
--   diaban_feed   fills mirrors and follows the change feed; past row-level security
--   diaban_serve  answers requests; reads

DO $$
DECLARE
    wanted record;
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the database must be encoded in UTF8, not %',
            current_setting('server_encoding');
    END IF;
    FOR wanted IN SELECT * FROM (VALUES ('diaban_owner', ''), ('diaban_feed', 'BYPASSRLS'),
                                        ('diaban_serve', '')) AS roles (name, attributes)
    LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN %s', wanted.name, wanted.attributes);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database on this cluster was migrated at the same moment
        END;
    END LOOP;
END
$$;

CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE SCHEMA diaban AUTHORIZATION diaban_owner;
CREATE SCHEMA record AUTHORIZATION diaban_owner;
GRANT USAGE ON SCHEMA diaban, record TO diaban_feed, diaban_serve;

SET LOCAL ROLE diaban_owner;

CREATE TABLE diaban.migration (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row: which shard this database numbers for, and the generation of its change feed. A restored
-- database takes a new generation, so that cursors into the old feed are not believed.
CREATE TABLE diaban.instance (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    shard      integer NOT NULL CHECK (shard BETWEEN 0 AND 1023),
    generation bigint NOT NULL
);
INSERT INTO diaban.instance (shard, generation)
VALUES (0, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);

CREATE DOMAIN diaban.name AS text CHECK (VALUE ~ '^[a-z][a-z0-9_]{0,47}$');

-- Code lists are data with validity, never an enum. `parent` maps a sub-code upward.
CREATE TABLE diaban.code_list (
    id       text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9_.]{0,97}$'),
    title_vi text NOT NULL,
    title_en text NOT NULL DEFAULT ''
);

CREATE TABLE diaban.code (
    list       text NOT NULL REFERENCES diaban.code_list,
    code       text NOT NULL CHECK (code <> ''),
    valid_from date NOT NULL DEFAULT '-infinity', -- first day
    valid_to   date NOT NULL DEFAULT 'infinity',  -- last day
    position   integer NOT NULL,
    parent     text,
    title_vi   text NOT NULL,
    title_en   text NOT NULL DEFAULT '',
    PRIMARY KEY (list, code, valid_from),
    CHECK (valid_from <= valid_to)
);

CREATE TABLE diaban.collection (
    id             diaban.name PRIMARY KEY CHECK (id !~ '_history$'),
    position       bigint GENERATED ALWAYS AS IDENTITY,
    title_vi       text NOT NULL,
    title_en       text NOT NULL DEFAULT '',
    description_vi text NOT NULL DEFAULT '',
    description_en text NOT NULL DEFAULT '',
    geometry       text NOT NULL CHECK (geometry IN ('none', 'point', 'line', 'polygon')),
    source_srid    integer NOT NULL DEFAULT 4326,
    class_field    text,
    label_field    text,
    time_field     text,
    native_zoom    smallint CHECK (native_zoom BETWEEN 0 AND 19), -- null: not measured yet
    all_zooms      boolean NOT NULL DEFAULT false,
    attribution    text NOT NULL DEFAULT '',
    licence        text NOT NULL DEFAULT '',
    synthetic      boolean NOT NULL DEFAULT false,
    schema_version integer NOT NULL DEFAULT 1,
    partitioned    boolean NOT NULL DEFAULT false, -- stored in ranges of fid
    keeps_source   boolean NOT NULL DEFAULT false, -- source coordinates are kept
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE diaban.field (
    collection diaban.name NOT NULL REFERENCES diaban.collection,
    name       diaban.name NOT NULL,
    position   integer NOT NULL,
    type       text NOT NULL
               CHECK (type IN ('text', 'integer', 'number', 'boolean', 'date', 'timestamp')),
    unit       text NOT NULL DEFAULT '',
    title_vi   text NOT NULL,
    title_en   text NOT NULL DEFAULT '',
    tile       boolean NOT NULL DEFAULT false, -- enters the mirror
    personal   boolean NOT NULL DEFAULT false, -- about a person: never enters the mirror
    code_list  text REFERENCES diaban.code_list,
    PRIMARY KEY (collection, name),
    UNIQUE (collection, position),
    CHECK (NOT (tile AND personal)),
    CONSTRAINT name_not_reserved CHECK (name NOT IN (
        'fid', 'geom', 'source_srid', 'source_geom', 'scope', 'sensitivity', 'recorded_at',
        'version', 'ended_at', 'ended_by',
        'ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid')),
    -- A field of this name is the row's validity itself and has no column of its own.
    CONSTRAINT validity_in_time CHECK (
        name NOT IN ('valid_from', 'valid_to') OR type IN ('date', 'timestamp'))
);

GRANT SELECT ON diaban.instance, diaban.code_list, diaban.code, diaban.collection, diaban.field
    TO diaban_feed, diaban_serve;
GRANT UPDATE (native_zoom) ON diaban.collection TO diaban_feed;
