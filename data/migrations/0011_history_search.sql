-- The past is searched by window and time: what was known at an instant inside a box. With the time
-- in the index a row that was edited a thousand times costs no more than one that was edited once.
-- Serving the past needs to read it.

SET LOCAL ROLE diaban_owner;

-- greatest: a clock that was set back leaves a row known at no time, never an index that refuses it.
CREATE FUNCTION diaban.open_history(collection text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT SELECT ON record.%I TO diaban_serve', collection || '_history');
    IF (SELECT geometry FROM diaban.collection c WHERE c.id = collection) <> 'none' THEN
        EXECUTE format('CREATE INDEX ON record.%I USING gist '
                       '(geom, tstzrange(recorded_at, greatest(recorded_at, ended_at)))',
                       collection || '_history');
    END IF;
END
$$;

ALTER FUNCTION diaban.create_tables(text) RENAME TO create_row_tables;
CREATE FUNCTION diaban.create_tables(collection text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM diaban.create_row_tables(collection);
    PERFORM diaban.open_history(collection);
END
$$;

SELECT diaban.open_history(id) FROM diaban.collection;
