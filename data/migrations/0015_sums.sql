-- Fields whose sums merged features carry below the native zoom.

SET LOCAL ROLE diaban_owner;

ALTER TABLE diaban.field
    ADD COLUMN sum boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT sum_of_numbers_in_tiles CHECK (NOT sum OR (
        tile AND type IN ('integer', 'number')
        AND name NOT IN ('count', 'area_m2', 'length_m', 'drawn'))); -- those are the merger's own

-- As before, and takes `sum` from the definition.
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
                              personal, sum, code_list)
    SELECT add_column.collection, field, coalesce(max(f.position), 0) + 1, kind,
           coalesce(definition ->> 'unit', ''), definition #>> '{title,vi}',
           coalesce(definition #>> '{title,en}', ''),
           coalesce((definition ->> 'tile')::boolean, false),
           coalesce((definition ->> 'personal')::boolean, false),
           coalesce((definition ->> 'sum')::boolean, false), list
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

UPDATE diaban.field SET sum = true
WHERE (collection, name) IN (('facilities', 'capacity')) AND tile AND type IN ('integer', 'number');
