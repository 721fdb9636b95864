-- Names of places are folded once, when they are written: folding thousands of them anew for each
-- search took hundreds of milliseconds.

SET LOCAL ROLE diaban_owner;

DROP INDEX record.places_name;
ALTER TABLE record.places
    ADD COLUMN folded_name text GENERATED ALWAYS AS (diaban.fold(name)) STORED,
    ADD COLUMN folded_full_name text GENERATED ALWAYS AS (diaban.fold(full_name)) STORED;
ALTER TABLE record.places_history
    ADD COLUMN folded_name text,
    ADD COLUMN folded_full_name text;
CREATE INDEX places_folded ON record.places USING gin (folded_full_name public.gin_trgm_ops);
