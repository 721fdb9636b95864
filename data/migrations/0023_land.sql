-- The cadastre: sheets as they came, rights and restrictions, changes with their documents, dossiers.
-- After LADM (ISO 19152): parties, rights and restrictions, administrative units (places), spatial units
-- (record.parcels), source documents. What a parcel was is in its history and its lineage.

CREATE SCHEMA land AUTHORIZATION diaban_owner;
GRANT USAGE ON SCHEMA land TO diaban_feed, diaban_serve, diaban_edit;

SET LOCAL ROLE diaban_owner;

-- A sheet: its number is unique in the commune as it was when the sheet was drawn.
CREATE TABLE land.sheet (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    commune_code text NOT NULL,
    commune_from date NOT NULL,               -- first day of that commune: codes are used again
    number       bigint NOT NULL,
    srid         integer NOT NULL,            -- of its parcels' source coordinates
    axes_swapped boolean NOT NULL,            -- as the file had them
    datum_proved boolean NOT NULL,            -- the evidence would have shown a datum that is off
    scale        integer NOT NULL CHECK (scale > 0),
    drawn_on     date NOT NULL,
    file         text NOT NULL,
    encoding     text NOT NULL,
    imported_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (commune_code, commune_from, number)
);

-- What the register knows of a parcel besides its row in record.parcels.
CREATE TABLE land.parcel (
    fid               bigint PRIMARY KEY,
    sheet             bigint NOT NULL REFERENCES land.sheet,
    projected_area_m2 double precision NOT NULL -- in the sheet's CRS
);
CREATE INDEX ON land.parcel (sheet);

CREATE TABLE land.document (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number    text NOT NULL CHECK (number <> ''),
    issued_on date NOT NULL,
    title     text NOT NULL DEFAULT ''
);

-- Who may hold land: a reference to the register of persons, and a name. About a person.
CREATE TABLE land.party (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference text UNIQUE,
    name      text NOT NULL
);
CREATE INDEX ON land.party (name);

CREATE TABLE land.use_right (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fid         bigint NOT NULL,
    party       bigint REFERENCES land.party,
    certificate text,                          -- serial of the certificate
    document    bigint REFERENCES land.document,
    valid_from  date NOT NULL DEFAULT '-infinity',
    valid_to    date NOT NULL DEFAULT 'infinity'
);
CREATE INDEX ON land.use_right (fid);
CREATE INDEX ON land.use_right (certificate);
CREATE INDEX ON land.use_right (party);

CREATE TABLE land.restriction (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fid        bigint NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('mortgage', 'seizure', 'dispute', 'recovery')),
    document   bigint REFERENCES land.document,
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to   date NOT NULL DEFAULT 'infinity'
);
CREATE INDEX ON land.restriction (fid);

-- One change that the law knows, and what it made of what.
CREATE TABLE land.change (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL,                    -- a code of the list land_change
    document bigint NOT NULL REFERENCES land.document,
    dossier  bigint,
    undoes   bigint REFERENCES land.change,
    at       timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ON land.change (undoes);

CREATE TABLE land.lineage (
    change bigint NOT NULL REFERENCES land.change,
    parent bigint NOT NULL,
    child  bigint NOT NULL,
    PRIMARY KEY (change, parent, child),
    CONSTRAINT no_cycle CHECK (parent <> child)
);
CREATE INDEX ON land.lineage (parent);
CREATE INDEX ON land.lineage (child);

-- A change on its way: drafted, checked and approved by three people.
CREATE TABLE land.dossier (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('split', 'merge', 'undo')),
    state       text NOT NULL DEFAULT 'drafted'
                CHECK (state IN ('drafted', 'checked', 'approved', 'returned')),
    parents     bigint[] NOT NULL,
    versions    bigint[] NOT NULL,             -- of the parents when it was drafted
    proposal    jsonb NOT NULL,
    document    bigint NOT NULL REFERENCES land.document,
    undoes      bigint REFERENCES land.change,
    change      bigint REFERENCES land.change,
    drafted_by  text NOT NULL,
    drafted_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    checked_by  text,
    checked_at  timestamptz,
    approved_by text,
    approved_at timestamptz,
    reason      text NOT NULL DEFAULT '',
    CONSTRAINT checked_by_another CHECK (checked_by <> drafted_by),
    CONSTRAINT approved_by_a_third CHECK (approved_by <> drafted_by AND approved_by <> checked_by)
);
CREATE INDEX ON land.dossier (state, id);
CREATE INDEX ON land.dossier USING gin (parents);

-- Numbers that were given up: never given again.
CREATE TABLE land.retired_number (
    commune_code text NOT NULL,
    sheet        bigint NOT NULL,
    number       bigint NOT NULL,
    fid          bigint NOT NULL,
    PRIMARY KEY (commune_code, sheet, number)
);

-- Since a merger a sheet of an old commune has another number in a new one. Parcels keep theirs, and
-- their identifiers.
CREATE TABLE land.sheet_alias (
    commune_code     text NOT NULL,
    sheet            bigint NOT NULL,
    new_commune_code text NOT NULL,
    new_sheet        bigint NOT NULL,
    valid_from       date NOT NULL,
    PRIMARY KEY (commune_code, sheet, valid_from),
    UNIQUE (new_commune_code, new_sheet, valid_from)
);

-- Rules with validity: a rule that changes gets a new row.
CREATE TABLE land.rule (
    id         text NOT NULL,
    land_use   text NOT NULL DEFAULT '',       -- code; empty: every other use
    value      double precision NOT NULL,
    unit       text NOT NULL,
    source     text NOT NULL,
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to   date NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (id, land_use, valid_from)
);
INSERT INTO land.rule (id, land_use, value, unit, source) VALUES
    ('area-tolerance', '', 0.0004, '× scale × √m²', 'former norms of cadastral surveying; to be replaced by those in force'),
    ('split-area-tolerance', '', 0.1, 'm²', 'areas are written to a tenth of a square metre'),
    ('minimum-area', 'ODT', 36, 'm²', 'to be replaced by the province''s decision'),
    ('minimum-area', 'ONT', 50, 'm²', 'to be replaced by the province''s decision'),
    ('minimum-area', '', 100, 'm²', 'to be replaced by the province''s decision'),
    ('minimum-frontage', '', 1, 'm', 'to be replaced by the province''s decision');

-- A parcel whose area by its corners is not what its papers say: the papers stand until it is settled.
CREATE TABLE land.correction_case (
    fid         bigint PRIMARY KEY,
    legal_m2    double precision NOT NULL,
    computed_m2 double precision NOT NULL,
    allowed_m2  double precision NOT NULL,
    opened_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Extracts that were handed out: who holds the code may ask whether the paper is true.
CREATE TABLE land.extract (
    code      text PRIMARY KEY,
    fid       bigint NOT NULL,
    version   bigint NOT NULL,
    made_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    statement jsonb NOT NULL,                  -- what it says of the parcel
    UNIQUE (fid, version)
);

INSERT INTO diaban.code_list (id, title_vi, title_en) VALUES
    ('land_change', 'Loại biến động', 'Kind of change'),
    ('topology_fault', 'Loại lỗi topo', 'Kind of topology fault');
INSERT INTO diaban.code (list, position, code, title_vi, title_en)
SELECT list, row_number() OVER (PARTITION BY list), code, title_vi, title_en
FROM (VALUES
    ('land_change', 'TN', 'Tách thửa, hợp thửa', 'Split or merge'),
    ('land_change', 'CM', 'Chuyển mục đích sử dụng đất', 'Change of purpose'),
    ('land_change', 'SA', 'Sạt lở đất', 'Landslide'),
    ('land_change', 'DH', 'Thay đổi địa giới hành chính', 'Administrative'),
    ('land_change', 'TH', 'Nhà nước thu hồi đất', 'Recovery by the State'),
    ('land_change', 'TD', 'Đính chính dữ liệu', 'Data correction'),
    ('topology_fault', 'overlap', 'Chồng đè', 'Overlap'),
    ('topology_fault', 'gap', 'Khe hở', 'Gap'),
    ('topology_fault', 'sliver', 'Mảnh vụn', 'Sliver'),
    ('topology_fault', 'edge_mismatch', 'Không khớp biên tờ', 'Edge mismatch between sheets'),
    ('topology_fault', 'self_touch', 'Ranh tự chạm', 'Ring touches itself'),
    ('topology_fault', 'duplicate_number', 'Trùng số thửa', 'Duplicate number'),
    ('topology_fault', 'missing_number', 'Thiếu số thửa', 'Missing number'),
    ('topology_fault', 'label_outside', 'Nhãn ngoài thửa', 'Label outside its parcel')
) AS codes (list, code, title_vi, title_en);

-- Faults of the cadastre are a collection like any other, made when there are some for the first time.
CREATE FUNCTION land.open_faults() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM diaban.collection WHERE id = 'topology_faults') THEN
        RETURN;
    END IF;
    PERFORM diaban.create_collection($json$
{"id": "topology_faults", "geometry": "polygon", "title": {"vi": "Lỗi topo địa chính", "en": "Faults of the cadastre"},
 "description": {"vi": "Chồng đè, khe hở, lệch biên, trùng hoặc thiếu số thửa, theo lần kiểm tra gần nhất.", "en": "Overlaps, gaps, mismatches, duplicate and missing numbers, as last checked."},
 "class_field": "kind", "label_field": "kind",
 "fields": [
    {"name": "kind", "type": "text", "title": {"vi": "Loại lỗi", "en": "Kind"}, "tile": true, "code_list": "topology_fault"},
    {"name": "size", "type": "number", "title": {"vi": "Độ lớn (m², m hoặc số)", "en": "Size (m², m or number)"}, "tile": true},
    {"name": "commune_code", "type": "text", "title": {"vi": "Mã xã", "en": "Commune code"}, "tile": true},
    {"name": "sheet", "type": "integer", "title": {"vi": "Số tờ bản đồ", "en": "Sheet"}, "tile": true},
    {"name": "parcels", "type": "text", "title": {"vi": "Các thửa", "en": "Parcels"}}]}
$json$::jsonb);
END
$$;

UPDATE diaban.field SET title_vi = 'Diện tích trên ellipsoid', title_en = 'Area on the ellipsoid'
WHERE collection = 'parcels' AND name = 'area_m2';

-- Parcels that stand today for what a certificate was given for: themselves, or what became of them.
CREATE FUNCTION land.heirs(serial text) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    WITH RECURSIVE line AS (
        SELECT fid FROM land.use_right WHERE certificate = serial
        UNION
        SELECT l.child FROM line JOIN land.lineage l ON l.parent = line.fid
        WHERE NOT EXISTS (SELECT FROM land.change u WHERE u.undoes = l.change))
    SELECT fid FROM line
$$;

CREATE INDEX parcels_by_number ON record.parcels (sheet, parcel_number);
CREATE INDEX parcels_by_identifier ON record.parcels (geohash);
CREATE INDEX parcels_by_use ON record.parcels (land_use, legal_area_m2);

GRANT SELECT ON land.sheet, land.parcel, land.document, land.restriction, land.change, land.lineage,
    land.sheet_alias, land.rule, land.correction_case, land.extract TO diaban_serve;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA land TO diaban_edit;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA land TO diaban_edit;
