-- Fields whose sums merged features carry below the native zoom.

SET LOCAL ROLE diaban_owner;

ALTER TABLE diaban.field
    ADD COLUMN sum boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT sum_of_numbers_in_tiles CHECK (NOT sum OR (
        tile AND type IN ('integer', 'number')
        AND name NOT IN ('count', 'area_m2', 'length_m', 'drawn'))); -- those are the merger's own

-- As add_column, and marks the field's sum.
ALTER FUNCTION diaban.add_column(text, jsonb) RENAME TO add_plain_column;

CREATE FUNCTION diaban.add_column(collection text, definition jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM diaban.add_plain_column(collection, definition);
    IF coalesce((definition ->> 'sum')::boolean, false) THEN
        UPDATE diaban.field f SET sum = true
        WHERE f.collection = add_column.collection AND f.name = definition ->> 'name';
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION diaban.add_column(text, jsonb) FROM PUBLIC;

UPDATE diaban.field SET sum = true
WHERE (collection, name) IN (('facilities', 'capacity')) AND tile AND type IN ('integer', 'number');
