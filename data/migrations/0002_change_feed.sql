-- Imports and the change feed.
--
-- A change row is written by a deferred constraint trigger, that is at commit, after taking one
-- lock that every such trigger takes: `seq` is commit order. What is rolled back leaves a gap.
-- An import suppresses the rows' own triggers (setting diaban.import, for its transaction only) and
-- is one row of the feed; TRUNCATE is an import of nothing.

SET LOCAL ROLE diaban_owner;

CREATE TABLE diaban.import (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection  diaban.name NOT NULL REFERENCES diaban.collection,
    mode        text NOT NULL CHECK (mode IN ('append', 'replace', 'upsert', 'truncate')),
    source      text NOT NULL,
    login       text NOT NULL DEFAULT session_user,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    inserted    bigint NOT NULL DEFAULT 0,
    updated     bigint NOT NULL DEFAULT 0,
    unchanged   bigint NOT NULL DEFAULT 0,
    deleted     bigint NOT NULL DEFAULT 0,
    repaired    bigint NOT NULL DEFAULT 0,
    faults      bigint NOT NULL DEFAULT 0
);
CREATE INDEX ON diaban.import (collection, id);

-- Rows that were not accepted, with what they were. Nothing is dropped in silence.
CREATE TABLE diaban.import_fault (
    import       bigint NOT NULL REFERENCES diaban.import ON DELETE CASCADE,
    number       bigint GENERATED ALWAYS AS IDENTITY,
    source_row   bigint NOT NULL,
    reason       text NOT NULL,
    detail       text NOT NULL,
    original_wkb bytea, -- in the CRS of the source
    original     jsonb, -- the row's fields
    PRIMARY KEY (import, number)
);

CREATE TABLE diaban.change (
    seq             bigint PRIMARY KEY,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    collection      text NOT NULL,
    operation       text NOT NULL CHECK (operation IN ('insert', 'update', 'delete', 'import')),
    fid             bigint, -- null for an import
    import          bigint, -- null but for an import
    -- Before and after, each absent where there was no row; boxes are west, south, east, north,
    -- absent without geometry.
    old_version     bigint,
    new_version     bigint,
    old_box         float8[],
    new_box         float8[],
    old_scope       text,
    new_scope       text,
    old_sensitivity smallint,
    new_sensitivity smallint
);
CREATE SEQUENCE diaban.change_seq AS bigint OWNED BY diaban.change.seq;

-- The lock that makes seq commit order; held from the first change row to the end of the
-- transaction. Its number is any that nothing else in Diaban uses.
CREATE FUNCTION diaban.next_change() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(7263001);
    RETURN pg_catalog.nextval('diaban.change_seq');
END
$$;

CREATE FUNCTION diaban.box_of(shape public.geometry) RETURNS float8[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN shape IS NOT NULL THEN
        ARRAY[public.st_xmin(shape), public.st_ymin(shape),
              public.st_xmax(shape), public.st_ymax(shape)]
    END
$$;

-- Deferred, for each row of a collection; its argument is the collection.
CREATE FUNCTION diaban.feed_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO diaban.change (seq, collection, operation, fid, old_version, new_version,
                               old_box, new_box, old_scope, new_scope,
                               old_sensitivity, new_sensitivity)
    VALUES (diaban.next_change(), TG_ARGV[0], lower(TG_OP), coalesce(NEW.fid, OLD.fid),
            OLD.version, NEW.version, diaban.box_of(OLD.geom), diaban.box_of(NEW.geom),
            OLD.scope, NEW.scope, OLD.sensitivity, NEW.sensitivity);
    RETURN NULL;
END
$$;

-- Deferred, for each row of diaban.import: the one change row of an import.
CREATE FUNCTION diaban.feed_import() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO diaban.change (seq, collection, operation, import)
    VALUES (diaban.next_change(), NEW.collection, 'import', NEW.id);
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER feed AFTER INSERT ON diaban.import
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION diaban.feed_import();

-- Opens an import in this transaction: rows written from here on are not fed one by one. Two
-- imports into one collection take turns.
CREATE FUNCTION diaban.begin_import(collection text, mode text, source text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    new_id bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7263002, hashtext(begin_import.collection));
    INSERT INTO diaban.import (collection, mode, source)
    VALUES (begin_import.collection, begin_import.mode, begin_import.source)
    RETURNING id INTO new_id;
    PERFORM set_config('diaban.import', new_id::text, true);
    RETURN new_id;
END
$$;

-- A restored database calls this once before it is served.
CREATE FUNCTION diaban.new_generation() RETURNS bigint LANGUAGE sql AS $$
    UPDATE diaban.instance
    SET generation = greatest(generation + 1,
                              (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
    RETURNING generation
$$;

GRANT SELECT ON diaban.import, diaban.change TO diaban_feed;
