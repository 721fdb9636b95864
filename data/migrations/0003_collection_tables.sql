-- How a collection becomes tables: record.<id> and record.<id>_history, with their triggers.
--
-- fid   a bigint below 2^53 (JSON's integers): 10 bits shard, 43 bits number.
-- geom  EPSG:4326 doubles; either absent or within the world, never empty, NaN or beyond it.
-- A date field in valid_from or valid_to: see diaban.add_column.

SET LOCAL ROLE diaban_owner;

-- Fills in what a row's version and recorded time must be, whoever writes it.
CREATE FUNCTION diaban.stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.fid <> OLD.fid THEN
        RAISE EXCEPTION 'a fid never changes (% to %)', OLD.fid, NEW.fid
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.version := OLD.version + 1;
    NEW.recorded_at := greatest(clock_timestamp(), OLD.recorded_at + interval '1 microsecond');
    RETURN NEW;
END
$$;

-- TRUNCATE of a table or of one of its partitions: all rows go to the history, one row to the feed.
CREATE FUNCTION diaban.keep_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept bigint;
BEGIN
    EXECUTE format('INSERT INTO record.%I SELECT clock_timestamp(), ''truncate'', * FROM ONLY %I.%I',
                   TG_ARGV[0] || '_history', TG_TABLE_SCHEMA, TG_TABLE_NAME);
    GET DIAGNOSTICS kept = ROW_COUNT;
    IF kept > 0 THEN
        INSERT INTO diaban.import (collection, mode, source, finished_at, deleted)
        VALUES (TG_ARGV[0], 'truncate', '', clock_timestamp(), kept);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION diaban.column_type(field_type text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE field_type
        WHEN 'text' THEN 'text' WHEN 'integer' THEN 'bigint' WHEN 'number' THEN 'double precision'
        WHEN 'boolean' THEN 'boolean' WHEN 'date' THEN 'date' WHEN 'timestamp' THEN 'timestamptz'
    END
$$;

-- Registers a field and adds its column to the table, if there is one already, and its history.
-- A field valid_from or valid_to has no column: it is the row's validity.
CREATE FUNCTION diaban.add_column(collection text, definition jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    field  text := definition ->> 'name';
    list   text := definition ->> 'code_list';
    kind   text := definition ->> 'type';
    finite text;
BEGIN
    IF jsonb_array_length(coalesce(definition -> 'codes', '[]')) > 0 THEN
        list := add_column.collection || '.' || field;
        INSERT INTO diaban.code_list (id, title_vi, title_en)
        VALUES (list, definition #>> '{title,vi}', coalesce(definition #>> '{title,en}', ''));
        INSERT INTO diaban.code (list, code, position, title_vi, title_en)
        SELECT list, entry ->> 'code', position, entry ->> 'vi', coalesce(entry ->> 'en', '')
        FROM jsonb_array_elements(definition -> 'codes') WITH ORDINALITY AS codes (entry, position);
    END IF;
    INSERT INTO diaban.field (collection, name, position, type, unit, title_vi, title_en, tile,
                              personal, code_list)
    SELECT add_column.collection, field, coalesce(max(f.position), 0) + 1, kind,
           coalesce(definition ->> 'unit', ''), definition #>> '{title,vi}',
           coalesce(definition #>> '{title,en}', ''),
           coalesce((definition ->> 'tile')::boolean, false),
           coalesce((definition ->> 'personal')::boolean, false), list
    FROM diaban.field f WHERE f.collection = add_column.collection;

    IF field IN ('valid_from', 'valid_to') THEN
        RETURN;
    END IF;
    finite := CASE kind
        WHEN 'number' THEN format('abs(%I) <= 1.7976931348623157e308', field)
        WHEN 'date' THEN format('isfinite(%I)', field)
        WHEN 'timestamp' THEN format('isfinite(%I)', field)
    END;
    EXECUTE format('ALTER TABLE record.%I ADD COLUMN %I %s', collection, field,
                   diaban.column_type(kind));
    IF finite IS NOT NULL THEN -- JSON has no word for anything else
        EXECUTE format('ALTER TABLE record.%I ADD CONSTRAINT %I CHECK (%s)', collection,
                       field || '_finite', finite);
    END IF;
    EXECUTE format('ALTER TABLE record.%I ADD COLUMN %I %s', collection || '_history', field,
                   diaban.column_type(kind));
END
$$;

-- Partitions are ranges of 2^22 numbers of this database's shard: four at first, and one for all
-- other fids, so that no row is ever without a place.
CREATE FUNCTION diaban.create_partitions(collection text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first bigint := (SELECT shard::bigint << 43 FROM diaban.instance);
    step  bigint := 1::bigint << 22;
    part  text;
BEGIN
    FOR i IN 0..4 LOOP
        part := format('%s_part_%s', collection, CASE WHEN i = 4 THEN 'other' ELSE i::text END);
        EXECUTE format('CREATE TABLE diaban.%I PARTITION OF record.%I ', part, collection) ||
            CASE WHEN i = 4 THEN 'DEFAULT'
                 ELSE format('FOR VALUES FROM (%s) TO (%s)', first + i * step, first + (i + 1) * step)
            END;
        EXECUTE format('CREATE TRIGGER keep_truncated BEFORE TRUNCATE ON diaban.%I '
                       'EXECUTE FUNCTION diaban.keep_truncated(%L)', part, collection);
        EXECUTE format('GRANT SELECT ON diaban.%I TO diaban_feed', part);
    END LOOP;
END
$$;

CREATE FUNCTION diaban.create_tables(collection text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    registered diaban.collection;
    first      bigint := (SELECT shard::bigint << 43 FROM diaban.instance);
    shapes     text;
BEGIN
    SELECT * INTO STRICT registered FROM diaban.collection c WHERE c.id = collection;
    shapes := CASE registered.geometry
        WHEN 'none' THEN 'geom IS NULL'
        WHEN 'point' THEN 'public.geometrytype(geom) IN (''POINT'', ''MULTIPOINT'')'
        WHEN 'line' THEN 'public.geometrytype(geom) IN (''LINESTRING'', ''MULTILINESTRING'')'
        WHEN 'polygon' THEN 'public.geometrytype(geom) IN (''POLYGON'', ''MULTIPOLYGON'')'
    END;
    EXECUTE format('CREATE SEQUENCE diaban.%I AS bigint MINVALUE %s MAXVALUE %s',
                   collection || '_fid', first + 1, first + (1::bigint << 43) - 1);
    EXECUTE format($table$
        CREATE TABLE record.%1$I (
            fid         bigint NOT NULL DEFAULT nextval(%2$L) PRIMARY KEY
                        CONSTRAINT fid_in_range CHECK (fid > 0 AND fid < 9007199254740992),
            geom        public.geometry(Geometry, 4326)
                        CONSTRAINT geometry_of_kind CHECK (%3$s)
                        CONSTRAINT geometry_in_world CHECK
                            (geom OPERATOR(public.@) public.st_makeenvelope(-180, -90, 180, 90, 4326)),
            source_srid integer,
            %4$s
            scope       text NOT NULL DEFAULT '',
            sensitivity smallint NOT NULL DEFAULT 0
                        CONSTRAINT sensitivity_in_range CHECK (sensitivity BETWEEN 0 AND 255),
            valid_from  timestamptz CONSTRAINT valid_from_finite CHECK (isfinite(valid_from)),
            valid_to    timestamptz CONSTRAINT valid_to_finite CHECK (isfinite(valid_to)),
            recorded_at timestamptz NOT NULL DEFAULT now(),
            version     bigint NOT NULL DEFAULT 1,
            CONSTRAINT validity_not_empty CHECK (valid_from < valid_to)
        ) %5$s $table$,
        collection, format('diaban.%I', collection || '_fid'), shapes,
        CASE WHEN registered.keeps_source THEN 'source_geom public.geometry,' END,
        CASE WHEN registered.partitioned THEN 'PARTITION BY RANGE (fid)' END);
    -- Doubles hardly compress, and an uncompressed shape is read in part.
    EXECUTE format('ALTER TABLE record.%I ALTER COLUMN geom SET STORAGE EXTERNAL', collection);
    EXECUTE format('CREATE INDEX ON record.%I USING gist (geom)', collection);

    EXECUTE format('CREATE TABLE record.%I (ended_at timestamptz NOT NULL, ended_by text NOT NULL, '
                   'LIKE record.%I INCLUDING STORAGE)', collection || '_history', collection);
    EXECUTE format('CREATE INDEX ON record.%I (fid, version)', collection || '_history');

    EXECUTE format($function$
        CREATE FUNCTION diaban.%1$I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $body$
        BEGIN
            INSERT INTO record.%2$I
            SELECT CASE TG_OP WHEN 'UPDATE' THEN NEW.recorded_at
                              ELSE greatest(clock_timestamp(), OLD.recorded_at) END,
                   lower(TG_OP), OLD.*;
            RETURN NULL;
        END
        $body$ $function$, collection || '_keep', collection || '_history');
    EXECUTE format('CREATE TRIGGER stamp BEFORE UPDATE ON record.%I '
                   'FOR EACH ROW EXECUTE FUNCTION diaban.stamp_row()', collection);
    EXECUTE format('CREATE TRIGGER keep AFTER UPDATE OR DELETE ON record.%I '
                   'FOR EACH ROW EXECUTE FUNCTION diaban.%I()', collection, collection || '_keep');
    EXECUTE format('CREATE CONSTRAINT TRIGGER feed AFTER INSERT OR UPDATE OR DELETE ON record.%I '
                   'DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
                   'WHEN (coalesce(current_setting(''diaban.import'', true), '''') = '''') '
                   'EXECUTE FUNCTION diaban.feed_row(%L)', collection, collection);
    IF registered.partitioned THEN
        PERFORM diaban.create_partitions(collection);
    ELSE
        EXECUTE format('CREATE TRIGGER keep_truncated BEFORE TRUNCATE ON record.%I '
                       'EXECUTE FUNCTION diaban.keep_truncated(%L)', collection, collection);
    END IF;
    EXECUTE format('GRANT SELECT ON record.%I TO diaban_feed, diaban_serve', collection);
    EXECUTE format('GRANT SELECT ON record.%I TO diaban_feed', collection || '_history');
END
$$;

-- Registers a collection and makes its tables. The definition:
--   {id, geometry, title: {vi, en}, description: {vi, en}, source_srid, class_field, label_field,
--    time_field, all_zooms, attribution, licence, synthetic, partitioned, keeps_source,
--    fields: [{name, type, unit, title, tile, personal, codes: [{code, vi, en}] or code_list}]}
CREATE FUNCTION diaban.create_collection(definition jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id text := definition ->> 'id';
    named  text;
    field  jsonb;
BEGIN
    INSERT INTO diaban.collection (
        id, title_vi, title_en, description_vi, description_en, geometry, source_srid,
        class_field, label_field, time_field, all_zooms, attribution, licence, synthetic,
        partitioned, keeps_source)
    VALUES (
        new_id, definition #>> '{title,vi}', coalesce(definition #>> '{title,en}', ''),
        coalesce(definition #>> '{description,vi}', ''),
        coalesce(definition #>> '{description,en}', ''),
        definition ->> 'geometry', coalesce((definition ->> 'source_srid')::integer, 4326),
        nullif(definition ->> 'class_field', ''), nullif(definition ->> 'label_field', ''),
        nullif(definition ->> 'time_field', ''),
        coalesce((definition ->> 'all_zooms')::boolean, false),
        coalesce(definition ->> 'attribution', ''), coalesce(definition ->> 'licence', ''),
        coalesce((definition ->> 'synthetic')::boolean, false),
        coalesce((definition ->> 'partitioned')::boolean, false),
        coalesce((definition ->> 'keeps_source')::boolean, false));
    PERFORM diaban.create_tables(new_id);
    FOR field IN SELECT * FROM jsonb_array_elements(coalesce(definition -> 'fields', '[]')) LOOP
        PERFORM diaban.add_column(new_id, field);
    END LOOP;
    FOREACH named IN ARRAY ARRAY['class_field', 'label_field', 'time_field'] LOOP
        IF coalesce(definition ->> named, '') <> '' AND NOT EXISTS (
            SELECT FROM diaban.field f
            WHERE f.collection = new_id AND f.name = definition ->> named)
        THEN
            RAISE EXCEPTION '% names no field: %', named, definition ->> named
                USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
END
$$;

-- Adds a field to a collection that exists; empty in all rows.
CREATE FUNCTION diaban.add_field(collection text, definition jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM diaban.add_column(collection, definition);
    UPDATE diaban.collection SET schema_version = schema_version + 1
    WHERE id = add_field.collection;
END
$$;

REVOKE EXECUTE ON FUNCTION diaban.create_collection(jsonb), diaban.add_field(text, jsonb) FROM PUBLIC;
