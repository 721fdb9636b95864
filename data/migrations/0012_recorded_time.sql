-- The recorded time is the database's own, whoever writes the row and whatever it brings.
-- What one transaction wrote was recorded at one instant, its beginning: a look at any instant of the
-- past sees all of a transaction or nothing, of an import too. A row that another transaction wrote
-- after that beginning follows it by a microsecond, so that versions never overlap.

SET LOCAL ROLE diaban_owner;

CREATE OR REPLACE FUNCTION diaban.stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.fid <> OLD.fid THEN
        RAISE EXCEPTION 'a fid never changes (% to %)', OLD.fid, NEW.fid
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.version := OLD.version + 1;
    NEW.recorded_at := greatest(now(), OLD.recorded_at + interval '1 microsecond');
    RETURN NEW;
END
$$;

-- A row that is copied with all its columns (pasted in QGIS, INSERT … SELECT *) is new all the same.
CREATE FUNCTION diaban.stamp_new_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := 1;
    NEW.recorded_at := now();
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION diaban.keep_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept bigint;
BEGIN
    EXECUTE format('INSERT INTO record.%I SELECT greatest(now(), t.recorded_at), ''truncate'', t.* '
                   'FROM ONLY %I.%I AS t', TG_ARGV[0] || '_history', TG_TABLE_SCHEMA, TG_TABLE_NAME);
    GET DIAGNOSTICS kept = ROW_COUNT;
    IF kept > 0 THEN
        INSERT INTO diaban.import (collection, mode, source, finished_at, deleted)
        VALUES (TG_ARGV[0], 'truncate', '', clock_timestamp(), kept);
    END IF;
    RETURN NULL;
END
$$;

-- What the trigger `keep` of record.<id> calls.
CREATE FUNCTION diaban.create_keep(collection text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($function$
        CREATE OR REPLACE FUNCTION diaban.%1$I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $body$
        BEGIN
            INSERT INTO record.%2$I
            SELECT CASE TG_OP WHEN 'UPDATE' THEN NEW.recorded_at
                              ELSE greatest(now(), OLD.recorded_at) END,
                   lower(TG_OP), OLD.*;
            RETURN NULL;
        END
        $body$ $function$, collection || '_keep', collection || '_history');
END
$$;

-- The condition spares an import the call: 0.7 µs a row are left.
CREATE FUNCTION diaban.create_stamp(collection text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER stamp_new BEFORE INSERT ON record.%I FOR EACH ROW '
                   'WHEN (NEW.recorded_at <> now() OR NEW.version <> 1) '
                   'EXECUTE FUNCTION diaban.stamp_new_row()', collection);
END
$$;

CREATE OR REPLACE FUNCTION diaban.create_tables(collection text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM diaban.create_row_tables(collection);
    PERFORM diaban.create_keep(collection);
    PERFORM diaban.create_stamp(collection);
    PERFORM diaban.open_history(collection);
END
$$;

SELECT diaban.create_keep(id), diaban.create_stamp(id) FROM diaban.collection;
