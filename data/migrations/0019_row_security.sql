-- The second wall: what a request's policy does not see, the database does not give, whatever it is
-- asked. Owner and feed are past it; a transaction that names no policy sees nothing.
--
-- What reads rows under it by box needs operators that PostgreSQL trusts with rows it then hides: they
-- tell nothing of their arguments, neither by error nor by log.

DO $$
BEGIN
    IF current_setting('is_superuser') = 'on' THEN
        ALTER FUNCTION public.geometry_overlaps(public.geometry, public.geometry) LEAKPROOF;
        ALTER FUNCTION pg_catalog.tstzrange(timestamptz, timestamptz) LEAKPROOF;
        ALTER FUNCTION pg_catalog.range_contains_elem(anyrange, anyelement) LEAKPROOF;
    END IF;
END
$$;

SET LOCAL ROLE diaban_owner;

CREATE FUNCTION diaban.seen_level() RETURNS smallint LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(pg_catalog.current_setting('diaban.level', true), '')::smallint, -1::smallint)
$$;

CREATE FUNCTION diaban.sees_all_scopes() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(pg_catalog.current_setting('diaban.scopes', true) = '*', false)
$$;

CREATE FUNCTION diaban.seen_scopes() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN diaban.sees_all_scopes() THEN '{}'
                ELSE coalesce(nullif(pg_catalog.current_setting('diaban.scopes', true), '')::text[], '{}')
           END
$$;

-- Each setting is read once a statement, in a subquery.
CREATE FUNCTION diaban.guard_rows(collection text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY ARRAY[collection, collection || '_history'] LOOP
        EXECUTE format('ALTER TABLE record.%I ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format('CREATE POLICY visitor ON record.%I TO diaban_serve, diaban_edit USING '
                       '(sensitivity <= (SELECT diaban.seen_level()) AND '
                       '((SELECT diaban.sees_all_scopes()) OR '
                       'scope = ANY ((SELECT diaban.seen_scopes())::text[])))', part);
    END LOOP;
END
$$;

ALTER FUNCTION diaban.create_tables(text) RENAME TO create_open_tables;
CREATE FUNCTION diaban.create_tables(collection text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM diaban.create_open_tables(collection);
    PERFORM diaban.guard_rows(collection);
END
$$;

SELECT diaban.guard_rows(id) FROM diaban.collection;
