-- Inspections: what makes somebody look at a parcel becomes a case, goes to who inspects in its commune,
-- and is decided on what was found there. Cases are never public: their rows begin at sensitivity 1.

SET LOCAL ROLE diaban_owner;

SELECT diaban.create_collection($json$
{"id": "land_inspectors", "geometry": "none", "title": {"vi": "Cán bộ kiểm tra đất đai", "en": "Land inspectors"},
 "description": {"vi": "Ai kiểm tra thực địa ở đơn vị nào; mã đơn vị trống là mọi nơi còn lại.", "en": "Who inspects in which unit; without a code, everywhere else."},
 "label_field": "login",
 "fields": [
    {"name": "unit", "type": "text", "title": {"vi": "Mã đơn vị", "en": "Unit code"}, "tile": true},
    {"name": "office", "type": "text", "title": {"vi": "Cơ quan", "en": "Office"}, "tile": true, "required": true},
    {"name": "login", "type": "text", "title": {"vi": "Tài khoản", "en": "Account"}, "tile": true, "required": true}]}
$json$);
CREATE UNIQUE INDEX land_inspectors_once ON record.land_inspectors (coalesce(unit, ''), login);

SELECT diaban.create_collection($json$
{"id": "inspection_cases", "geometry": "point", "title": {"vi": "Hồ sơ kiểm tra thực địa", "en": "Inspection cases"},
 "description": {"vi": "Thửa đất cần kiểm tra: lý do, người được giao, biên bản, kết luận và xử lý.", "en": "Parcels to be looked at: why, by whom, what was found and decided."},
 "class_field": "state", "label_field": "parcel", "time_field": "opened_at",
 "fields": [
    {"name": "key", "type": "text", "title": {"vi": "Mã của nơi gửi", "en": "Sender’s key"}},
    {"name": "origin", "type": "text", "title": {"vi": "Nguồn", "en": "Origin"}, "tile": true, "required": true, "codes": [
        {"code": "suspicion", "vi": "Nghi vấn từ ảnh", "en": "Suspicion"},
        {"code": "report", "vi": "Phản ánh", "en": "Report"},
        {"code": "plan", "vi": "Kế hoạch", "en": "Plan"},
        {"code": "hand", "vi": "Cán bộ lập", "en": "By hand"}]},
    {"name": "reference", "type": "text", "title": {"vi": "Tham chiếu", "en": "Reference"}},
    {"name": "parcel", "type": "integer", "title": {"vi": "Thửa đất", "en": "Parcel"}, "tile": true},
    {"name": "identifier", "type": "text", "title": {"vi": "Mã định danh thửa", "en": "Parcel identifier"}},
    {"name": "sheet", "type": "integer", "title": {"vi": "Tờ bản đồ số", "en": "Sheet"}, "tile": true},
    {"name": "number", "type": "integer", "title": {"vi": "Thửa đất số", "en": "Parcel number"}, "tile": true},
    {"name": "reason", "type": "text", "title": {"vi": "Lý do", "en": "Reason"}, "required": true},
    {"name": "state", "type": "text", "title": {"vi": "Tình trạng", "en": "State"}, "tile": true, "required": true, "codes": [
        {"code": "new", "vi": "Mới", "en": "New"},
        {"code": "assigned", "vi": "Đã giao", "en": "Assigned"},
        {"code": "inspected", "vi": "Đã kiểm tra", "en": "Inspected"},
        {"code": "decided", "vi": "Đã kết luận", "en": "Decided"},
        {"code": "closed", "vi": "Đã kết thúc", "en": "Closed"}]},
    {"name": "move", "type": "text", "title": {"vi": "Bước vừa làm", "en": "Last step"}},
    {"name": "office", "type": "text", "title": {"vi": "Cơ quan", "en": "Office"}, "tile": true},
    {"name": "assignee", "type": "text", "title": {"vi": "Người được giao", "en": "Assigned to"}, "tile": true},
    {"name": "opened_at", "type": "timestamp", "title": {"vi": "Lập lúc", "en": "Opened at"}, "tile": true, "required": true},
    {"name": "opened_by", "type": "text", "title": {"vi": "Người lập", "en": "Opened by"}, "required": true},
    {"name": "due_on", "type": "date", "title": {"vi": "Hạn", "en": "Due on"}, "tile": true, "required": true},
    {"name": "checklist", "type": "date", "title": {"vi": "Danh mục kiểm tra từ ngày", "en": "Checklist of"}, "required": true},
    {"name": "answers", "type": "text", "title": {"vi": "Kết quả từng mục (JSON)", "en": "Answers (JSON)"}},
    {"name": "finding", "type": "text", "title": {"vi": "Ghi nhận tại thực địa", "en": "Finding"}},
    {"name": "measured_m2", "type": "number", "unit": "m2", "title": {"vi": "Diện tích đo", "en": "Measured area"}},
    {"name": "error_m2", "type": "number", "unit": "m2", "title": {"vi": "Sai số diện tích", "en": "Its error"}},
    {"name": "decision", "type": "text", "title": {"vi": "Kết luận, xử lý", "en": "Decision"}},
    {"name": "follow_up_on", "type": "date", "title": {"vi": "Kiểm tra lại ngày", "en": "Follow up on"}, "tile": true}]}
$json$);
ALTER TABLE record.inspection_cases ALTER COLUMN sensitivity SET DEFAULT 1;
ALTER TABLE record.inspection_cases
    ADD CONSTRAINT case_is_not_public CHECK (sensitivity >= 1),
    ADD CONSTRAINT case_has_a_place CHECK (geom IS NOT NULL),
    ADD CONSTRAINT assigned_says_whom CHECK (state = 'new' OR assignee IS NOT NULL),
    ADD CONSTRAINT inspected_says_what CHECK (state IN ('new', 'assigned') OR (answers IS NOT NULL AND finding IS NOT NULL)),
    ADD CONSTRAINT decided_says_what CHECK (state NOT IN ('decided', 'closed') OR decision IS NOT NULL),
    ADD CONSTRAINT area_says_its_error CHECK ((measured_m2 IS NULL) = (error_m2 IS NULL) AND measured_m2 >= 0 AND error_m2 >= 0);
-- A case is opened once by the key of who sends it, and once for a suspect that is not settled.
CREATE UNIQUE INDEX inspection_cases_key ON record.inspection_cases (opened_by, key);
CREATE UNIQUE INDEX inspection_cases_suspect ON record.inspection_cases (parcel, reference)
    WHERE origin = 'suspicion' AND state <> 'closed';
CREATE INDEX ON record.inspection_cases (assignee) WHERE state <> 'closed';

-- What may follow what.
CREATE TABLE land.case_move (
    move       text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (move, from_state)
);
INSERT INTO land.case_move (move, from_state, to_state) VALUES
    ('assign', 'new', 'assigned'),
    ('assign', 'assigned', 'assigned'),
    ('assign', 'inspected', 'assigned'),
    ('inspect', 'assigned', 'inspected'),
    ('decide', 'inspected', 'decided'),
    ('close', 'decided', 'closed');

-- Whoever changes a case, by whatever way: it moves as the table says.
CREATE FUNCTION land.check_case_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM land.case_move WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        RAISE EXCEPTION 'a case does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_moves_as_allowed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER moves BEFORE UPDATE ON record.inspection_cases
    FOR EACH ROW EXECUTE FUNCTION land.check_case_move();

-- What is to be answered on the ground. A list that changes gets a new row.
CREATE TABLE land.checklist (
    since date PRIMARY KEY,
    items jsonb NOT NULL -- [{key, vi, en, accepted: [code, …]}, …]
);
INSERT INTO land.checklist (since, items) VALUES ('2025-07-01', $json$[
    {"key": "marks", "vi": "Mốc giới, ranh giới thửa còn đúng hiện trạng", "en": "Boundary marks stand as registered", "accepted": ["yes", "no", "unclear"]},
    {"key": "use", "vi": "Sử dụng đúng mục đích đã ghi trong sổ", "en": "Used as registered", "accepted": ["yes", "no", "unclear"]},
    {"key": "building", "vi": "Có công trình xây dựng", "en": "Something is built", "accepted": ["yes", "no", "unclear"]},
    {"key": "encroachment", "vi": "Có lấn, chiếm đất liền kề hoặc đất công", "en": "Encroaches on neighbours or public land", "accepted": ["yes", "no", "unclear"]},
    {"key": "present", "vi": "Người sử dụng đất có mặt", "en": "The land user was present", "accepted": ["yes", "no"]}]$json$);
INSERT INTO land.rule (id, land_use, value, unit, source) VALUES
    ('inspection-days', '', 15, 'days', 'to be replaced by the province''s decision');

SELECT diaban.create_collection($json$
{"id": "case_photos", "geometry": "none", "title": {"vi": "Ảnh kiểm tra thực địa", "en": "Photos of inspections"},
 "time_field": "received_at",
 "fields": [
    {"name": "inspection", "type": "integer", "title": {"vi": "Hồ sơ kiểm tra", "en": "Inspection case"}, "tile": true, "required": true},
    {"name": "sha256", "type": "text", "title": {"vi": "SHA-256", "en": "SHA-256"}, "required": true},
    {"name": "media_type", "type": "text", "title": {"vi": "Loại tệp", "en": "Media type"}, "required": true},
    {"name": "size", "type": "integer", "unit": "bytes", "title": {"vi": "Dung lượng", "en": "Size"}, "required": true},
    {"name": "taken_at", "type": "timestamp", "title": {"vi": "Chụp lúc (EXIF)", "en": "Taken at (EXIF)"}},
    {"name": "lon", "type": "number", "unit": "deg", "title": {"vi": "Kinh độ (EXIF)", "en": "Longitude (EXIF)"}},
    {"name": "lat", "type": "number", "unit": "deg", "title": {"vi": "Vĩ độ (EXIF)", "en": "Latitude (EXIF)"}},
    {"name": "distance_m", "type": "number", "unit": "m", "title": {"vi": "Cách thửa", "en": "Distance to the parcel"}},
    {"name": "received_at", "type": "timestamp", "title": {"vi": "Nhận lúc", "en": "Received at"}, "required": true},
    {"name": "sent_by", "type": "text", "title": {"vi": "Người gửi", "en": "Sent by"}, "required": true}]}
$json$);
ALTER TABLE record.case_photos ALTER COLUMN sensitivity SET DEFAULT 1;
ALTER TABLE record.case_photos
    ADD CONSTRAINT photo_is_not_public CHECK (sensitivity >= 1),
    ADD CONSTRAINT photo_is_a_picture CHECK (media_type IN ('image/jpeg', 'image/png')),
    ADD CONSTRAINT position_is_whole CHECK ((lon IS NULL) = (lat IS NULL) AND (lon IS NULL) = (distance_m IS NULL));
CREATE INDEX ON record.case_photos (inspection);

-- A photo on its way: what came so far, part by part, until it is whole. Those of a day ago are given up.
CREATE TABLE land.photo_upload (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    inspection bigint NOT NULL,
    login      text NOT NULL,
    key        text NOT NULL,
    length     bigint NOT NULL CHECK (length > 0),
    sha256     text NOT NULL DEFAULT '', -- as the sender says it; may be empty
    received   bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND length),
    photo      bigint,                   -- once it is whole
    began_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (login, key)
);
CREATE TABLE land.photo_part (
    upload bigint NOT NULL REFERENCES land.photo_upload ON DELETE CASCADE,
    at     bigint NOT NULL,
    bytes  bytea NOT NULL,
    PRIMARY KEY (upload, at)
);

GRANT SELECT ON land.case_move, land.checklist TO diaban_serve;
GRANT SELECT ON land.case_move, land.checklist TO diaban_edit;
GRANT SELECT, INSERT, UPDATE, DELETE ON land.photo_upload, land.photo_part TO diaban_edit;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA land TO diaban_edit;
