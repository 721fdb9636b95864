-- Edits of single rows, over HTTP or by any client of PostgreSQL: who may make them, who made them and
-- why, which fields they must give.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'diaban_edit') THEN
        CREATE ROLE diaban_edit NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database on this cluster was migrated at the same moment
END
$$;
GRANT USAGE ON SCHEMA diaban, record TO diaban_edit;

SET LOCAL ROLE diaban_owner;

-- Who made a version of a row, when and why; of a deletion the version is the one that never came.
-- Versions that an import made have none: diaban.import says who.
CREATE TABLE diaban.authorship (
    collection text NOT NULL,
    fid        bigint NOT NULL,
    version    bigint NOT NULL,
    operation  text NOT NULL CHECK (operation IN ('insert', 'update', 'delete')),
    at         timestamptz NOT NULL, -- recorded_at of the version, ended_at of what was deleted
    who        text NOT NULL,
    why        text
);
-- Not unique: a fid that was deleted and is put back by hand begins again at version 1.
CREATE INDEX ON diaban.authorship (collection, fid, version);

-- Its argument is the collection. diaban.who and diaban.why are set for one transaction by whoever edits
-- on behalf of others; else the login did it.
CREATE FUNCTION diaban.keep_author() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO diaban.authorship (collection, fid, version, operation, at, who, why)
    VALUES (TG_ARGV[0], coalesce(NEW.fid, OLD.fid), coalesce(NEW.version, OLD.version + 1), lower(TG_OP),
            coalesce(NEW.recorded_at, greatest(now(), OLD.recorded_at)),
            coalesce(nullif(current_setting('diaban.who', true), ''), session_user),
            nullif(current_setting('diaban.why', true), ''));
    RETURN NULL;
END
$$;

CREATE FUNCTION diaban.open_edits(collection text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER author AFTER INSERT OR UPDATE OR DELETE ON record.%I FOR EACH ROW '
                   'WHEN (coalesce(current_setting(''diaban.import'', true), '''') = '''') '
                   'EXECUTE FUNCTION diaban.keep_author(%L)', collection, collection);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON record.%I TO diaban_edit', collection);
    EXECUTE format('GRANT USAGE ON SEQUENCE diaban.%I TO diaban_edit', collection || '_fid');
END
$$;

CREATE OR REPLACE FUNCTION diaban.create_tables(collection text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM diaban.create_row_tables(collection);
    PERFORM diaban.create_keep(collection);
    PERFORM diaban.create_stamp(collection);
    PERFORM diaban.open_history(collection);
    PERFORM diaban.open_edits(collection);
END
$$;

SELECT diaban.open_edits(id) FROM diaban.collection;

GRANT SELECT ON diaban.authorship TO diaban_serve;
GRANT SELECT, INSERT, UPDATE, DELETE ON diaban.idempotency TO diaban_edit;
GRANT SELECT ON SEQUENCE diaban.change_seq TO diaban_edit; -- currval: where its own change stands

-- What an edit must give. Files may lack it: an import takes what there is.
ALTER TABLE diaban.field ADD COLUMN required boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION diaban.add_column(collection text, definition jsonb) RETURNS void
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
                              personal, sum, required, code_list)
    SELECT add_column.collection, field, coalesce(max(f.position), 0) + 1, kind,
           coalesce(definition ->> 'unit', ''), definition #>> '{title,vi}',
           coalesce(definition #>> '{title,en}', ''),
           coalesce((definition ->> 'tile')::boolean, false),
           coalesce((definition ->> 'personal')::boolean, false),
           coalesce((definition ->> 'sum')::boolean, false),
           coalesce((definition ->> 'required')::boolean, false), list
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

UPDATE diaban.field SET required = true
FROM (VALUES ('places', 'code'), ('places', 'level'), ('places', 'name'),
             ('parcels', 'sheet'), ('parcels', 'parcel_number'), ('parcels', 'land_use'),
             ('indicators', 'code'), ('indicators', 'place_code'), ('indicators', 'period'),
             ('cameras', 'name'), ('cameras', 'kind'),
             ('reports', 'category'), ('reports', 'status'),
             ('disaster_events', 'kind'), ('disaster_events', 'name'),
             ('sensors', 'name'), ('sensors', 'kind'),
             ('facilities', 'name'), ('facilities', 'kind'),
             ('incidents', 'kind'), ('incidents', 'occurred_at'),
             ('alerts', 'event'), ('alerts', 'severity')) AS needed (collection, name)
WHERE field.collection = needed.collection AND field.name = needed.name;
