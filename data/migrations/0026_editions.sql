-- Registers that come as whole editions: every lot anew each year. What is the same lot is found by
-- its ground and its id, and the evidence is kept.

SET LOCAL ROLE diaban_owner;

-- An edition of the register in record.<collection>: its rows are in force from that day on.
CREATE TABLE land.edition (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection  text NOT NULL REFERENCES diaban.collection,
    since       date NOT NULL,
    file        text NOT NULL,
    srid        integer NOT NULL,             -- the plane in which it is measured
    step_x      double precision,             -- m, of the grid it is drawn on; null: on none
    step_y      double precision,
    noise       double precision,             -- m, how far a corner may have moved by being drawn anew
    use_field   text NOT NULL,                -- the field whose change is one of purpose; empty: none
    lots        bigint NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (collection, since)
);

-- What became of lots of the edition before; every lot of both editions is in one event.
CREATE TABLE land.edition_event (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    edition        bigint NOT NULL REFERENCES land.edition,
    kind           text NOT NULL,
    parents        bigint[] NOT NULL,
    children       bigint[] NOT NULL,
    covered_before double precision NOT NULL, -- least share of a parent that the children cover
    covered_after  double precision NOT NULL
);
CREATE INDEX ON land.edition_event (edition, kind);

-- The evidence: ground that two lots have in common.
CREATE TABLE land.edition_link (
    event     bigint NOT NULL REFERENCES land.edition_event,
    parent    bigint NOT NULL,
    child     bigint NOT NULL,
    of_parent double precision NOT NULL,      -- share of its area
    of_child  double precision NOT NULL,
    moved_m   double precision,               -- farthest corner of either from the other's border
    same_id   boolean NOT NULL
);
CREATE INDEX ON land.edition_link (event);
CREATE INDEX ON land.edition_link (parent);
CREATE INDEX ON land.edition_link (child);

-- Lots that one id names in both editions and whose purpose is another one.
CREATE TABLE land.edition_purpose (
    edition    bigint NOT NULL REFERENCES land.edition,
    parent     bigint NOT NULL,
    child      bigint NOT NULL,
    lot        text NOT NULL,
    use_before text NOT NULL,
    use_after  text NOT NULL,
    PRIMARY KEY (edition, parent, child)
);
CREATE INDEX ON land.edition_purpose (parent);
CREATE INDEX ON land.edition_purpose (child);

INSERT INTO diaban.code_list (id, title_vi, title_en) VALUES
    ('lot_change', 'Loại thay đổi giữa hai kỳ', 'Kind of change between editions');
INSERT INTO diaban.code (list, position, code, title_vi, title_en)
SELECT 'lot_change', position, code, vi, en FROM (VALUES
    (1, 'renumbered', 'Đổi số thửa', 'Renumbered'),
    (2, 'boundary', 'Đổi ranh giới', 'Boundary moved'),
    (3, 'split', 'Tách thửa', 'Split'),
    (4, 'merge', 'Hợp thửa', 'Merged'),
    (5, 'rearranged', 'Dồn đổi thửa', 'Rearranged'),
    (6, 'appeared', 'Thửa mới', 'New lot'),
    (7, 'ended', 'Thửa không còn', 'Lot gone'),
    (8, 'purpose', 'Chuyển mục đích', 'Change of purpose')
) AS codes (position, code, vi, en);

-- Changes are a collection like any other, beside the register's: made with its second edition.
CREATE FUNCTION land.open_changes(register text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    known diaban.collection;
BEGIN
    SELECT * INTO STRICT known FROM diaban.collection WHERE id = register;
    IF EXISTS (SELECT FROM diaban.collection WHERE id = register || '_changes') THEN
        RETURN register || '_changes';
    END IF;
    PERFORM diaban.create_collection(jsonb_build_object(
        'id', register || '_changes', 'geometry', 'polygon',
        'title', jsonb_build_object('vi', 'Biến động: ' || known.title_vi,
                                    'en', 'Changes: ' || coalesce(nullif(known.title_en, ''), known.title_vi)),
        'attribution', known.attribution, 'licence', known.licence, 'synthetic', known.synthetic,
        'class_field', 'kind', 'label_field', 'kind', 'fields', $json$[
    {"name": "kind", "type": "text", "title": {"vi": "Loại thay đổi", "en": "Kind"}, "tile": true, "code_list": "lot_change"},
    {"name": "before", "type": "text", "title": {"vi": "Thửa trước", "en": "Lots before"}},
    {"name": "after", "type": "text", "title": {"vi": "Thửa sau", "en": "Lots after"}},
    {"name": "lots_before", "type": "integer", "title": {"vi": "Số thửa trước", "en": "How many before"}, "tile": true},
    {"name": "lots_after", "type": "integer", "title": {"vi": "Số thửa sau", "en": "How many after"}, "tile": true},
    {"name": "use_before", "type": "text", "title": {"vi": "Mục đích trước", "en": "Purpose before"}, "tile": true},
    {"name": "use_after", "type": "text", "title": {"vi": "Mục đích sau", "en": "Purpose after"}, "tile": true},
    {"name": "covered_before", "type": "number", "title": {"vi": "Phần thửa trước được phủ (nhỏ nhất)", "en": "Share of the lots before that is covered (least)"}, "tile": true},
    {"name": "covered_after", "type": "number", "title": {"vi": "Phần thửa sau được phủ (nhỏ nhất)", "en": "Share of the lots after that is covered (least)"}, "tile": true},
    {"name": "moved_m", "type": "number", "unit": "m", "title": {"vi": "Đỉnh xa nhất so với ranh cũ", "en": "Farthest corner from the other border"}, "tile": true},
    {"name": "noise_m", "type": "number", "unit": "m", "title": {"vi": "Sai số số hóa giữa hai kỳ", "en": "What digitising twice may move"}, "tile": true},
    {"name": "same_id", "type": "boolean", "title": {"vi": "Giữ số thửa", "en": "Keeps its id"}, "tile": true},
    {"name": "evidence", "type": "text", "title": {"vi": "Bằng chứng", "en": "Evidence"}}]$json$::jsonb));
    RETURN register || '_changes';
END
$$;

-- Parcels end: where no time is asked for, those in force now are meant.
UPDATE diaban.collection SET time_field = 'valid_to' WHERE id = 'parcels';

GRANT SELECT ON land.edition, land.edition_event, land.edition_link, land.edition_purpose TO diaban_serve;
