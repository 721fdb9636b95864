-- Places: keyed by (code, first day), found without diacritics, with the official crosswalk.

SET LOCAL ROLE diaban_owner;

ALTER TABLE record.places ADD CONSTRAINT code_given CHECK (code IS NOT NULL AND code <> '');
CREATE UNIQUE INDEX places_code_valid_from ON record.places (code, valid_from) NULLS NOT DISTINCT;

-- Latin letters without diacritics: every Vietnamese letter but đ falls apart into a plain letter
-- and marks.
CREATE FUNCTION diaban.plain(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT translate(regexp_replace(normalize(words, NFD), '[\u0300-\u036F]', '', 'g'), 'Đđ', 'Dd')
$$;

-- What names are compared by: lower-case plain letters and digits, single blanks between.
CREATE FUNCTION diaban.fold(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT btrim(regexp_replace(lower(diaban.plain(words)), '[^a-z0-9]+', ' ', 'g'))
$$;

CREATE INDEX places_name ON record.places USING gin (diaban.fold(full_name) public.gin_trgm_ops);

-- On `effective`, (some of) the old unit became the new one; many to many. The old unit is the one
-- of that code whose last day was the day before. An empty old_code is land that belonged to no
-- unit of its own: old_name says which.
--   whole    all of it was merged
--   same     all of it went on by itself: kept, renamed, or of another kind
--   part     some of it; no share is published
--   unknown  the note does not say
CREATE TABLE diaban.place_crosswalk (
    effective date NOT NULL,
    old_code  text NOT NULL,
    old_name  text NOT NULL,
    new_code  text NOT NULL,
    share     text NOT NULL CHECK (share IN ('whole', 'same', 'part', 'unknown')),
    note      text NOT NULL,
    PRIMARY KEY (effective, new_code, old_code, old_name)
);
CREATE INDEX ON diaban.place_crosswalk (old_code, effective);

GRANT SELECT ON diaban.place_crosswalk TO diaban_feed, diaban_serve;
