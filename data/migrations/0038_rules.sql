-- Rules: what of moving things and of values alarms somebody. One rule covers a whole collection of zones.
-- They are rows like any, so that rights, history and edits are those of any, and are taken up while
-- everything runs.

SET LOCAL ROLE diaban_owner;

SELECT diaban.create_collection($json$
{"id": "vehicles", "geometry": "point", "title": {"vi": "Phương tiện", "en": "Vehicles"},
 "description": {"vi": "Vị trí mới nhất của từng phương tiện; các vị trí trước nằm trong lịch sử.", "en": "Where each vehicle was last; where it was before is its history."},
 "class_field": "kind", "label_field": "name", "time_field": "seen_at",
 "fields": [
    {"name": "code", "type": "text", "title": {"vi": "Mã phương tiện", "en": "Code"}, "tile": true, "required": true},
    {"name": "name", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true, "required": true},
    {"name": "kind", "type": "text", "title": {"vi": "Loại", "en": "Kind"}, "tile": true, "codes": [
        {"code": "boat", "vi": "Tàu thuyền", "en": "Boat"},
        {"code": "rescue", "vi": "Xe cứu hộ", "en": "Rescue vehicle"},
        {"code": "ambulance", "vi": "Xe cứu thương", "en": "Ambulance"},
        {"code": "fire", "vi": "Xe chữa cháy", "en": "Fire engine"},
        {"code": "police", "vi": "Xe công an", "en": "Police car"},
        {"code": "truck", "vi": "Xe tải", "en": "Lorry"},
        {"code": "other", "vi": "Khác", "en": "Other"}]},
    {"name": "speed", "type": "number", "unit": "km/h", "title": {"vi": "Tốc độ", "en": "Speed"}, "tile": true},
    {"name": "heading", "type": "number", "unit": "deg", "title": {"vi": "Hướng đi", "en": "Heading"}, "tile": true},
    {"name": "seen_at", "type": "timestamp", "title": {"vi": "Thấy lúc", "en": "Seen at"}, "tile": true}]}
$json$);
CREATE UNIQUE INDEX vehicles_by_code ON record.vehicles (code);

SELECT diaban.create_collection($json$
{"id": "watch_rules", "geometry": "none", "title": {"vi": "Quy tắc cảnh báo", "en": "Watch rules"},
 "description": {"vi": "Điều gì của vật di động hay của giá trị thì báo động; một quy tắc gồm cả một lớp vùng.", "en": "What of moving things or of values alarms; one rule covers a whole collection of zones."},
 "label_field": "name",
 "fields": [
    {"name": "name", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true, "required": true},
    {"name": "kind", "type": "text", "title": {"vi": "Khi", "en": "When"}, "tile": true, "required": true, "codes": [
        {"code": "enter", "vi": "Vào vùng", "en": "Enters a zone"},
        {"code": "exit", "vi": "Ra khỏi vùng", "en": "Leaves a zone"},
        {"code": "dwell", "vi": "Ở lại trong vùng", "en": "Stays in a zone"},
        {"code": "cross", "vi": "Đi xuyên qua vùng", "en": "Passes through a zone"},
        {"code": "above", "vi": "Giá trị từ ngưỡng trở lên", "en": "A value is at or above the threshold"},
        {"code": "below", "vi": "Giá trị từ ngưỡng trở xuống", "en": "A value is at or below the threshold"},
        {"code": "changed", "vi": "Giá trị tăng nhanh", "en": "A value rises fast"}]},
    {"name": "source", "type": "text", "title": {"vi": "Lớp theo dõi", "en": "Collection that is watched"}, "tile": true, "required": true},
    {"name": "source_filter", "type": "text", "title": {"vi": "Điều kiện (CQL2)", "en": "Which of it (CQL2)"}, "tile": true},
    {"name": "zones", "type": "text", "title": {"vi": "Lớp vùng", "en": "Collection of zones"}, "tile": true},
    {"name": "zone_filter", "type": "text", "title": {"vi": "Điều kiện vùng (CQL2)", "en": "Which zones (CQL2)"}, "tile": true},
    {"name": "field", "type": "text", "title": {"vi": "Trường", "en": "Field"}, "tile": true},
    {"name": "threshold", "type": "number", "title": {"vi": "Ngưỡng", "en": "Threshold"}, "tile": true},
    {"name": "margin", "type": "number", "title": {"vi": "Biên trễ (m, hoặc đơn vị của trường)", "en": "Margin (m, or the field’s unit)"}, "tile": true},
    {"name": "dwell_seconds", "type": "integer", "unit": "s", "title": {"vi": "Thời gian ở lại", "en": "How long"}, "tile": true},
    {"name": "severity", "type": "text", "title": {"vi": "Mức nghiêm trọng", "en": "Severity"}, "tile": true, "required": true, "code_list": "cap_severity"},
    {"name": "headline", "type": "text", "title": {"vi": "Tiêu đề", "en": "Headline"}, "tile": true},
    {"name": "headline_en", "type": "text", "title": {"vi": "Tiêu đề tiếng Anh", "en": "Headline in English"}, "tile": true},
    {"name": "description", "type": "text", "title": {"vi": "Nội dung", "en": "Description"}, "tile": true},
    {"name": "description_en", "type": "text", "title": {"vi": "Nội dung tiếng Anh", "en": "Description in English"}, "tile": true},
    {"name": "enabled", "type": "boolean", "title": {"vi": "Đang dùng", "en": "Enabled"}, "tile": true, "required": true}]}
$json$);
ALTER TABLE record.watch_rules
    ADD CONSTRAINT margin_is_no_less_than_zero CHECK (margin >= 0),
    ADD CONSTRAINT how_long_is_in_bounds CHECK (dwell_seconds BETWEEN 0 AND 31622400),
    ADD CONSTRAINT movements_have_zones
        CHECK (kind NOT IN ('enter', 'exit', 'dwell', 'cross') OR zones IS NOT NULL),
    ADD CONSTRAINT values_have_no_zones
        CHECK (kind NOT IN ('above', 'below', 'changed') OR (zones IS NULL AND zone_filter IS NULL)),
    ADD CONSTRAINT values_have_a_threshold
        CHECK (kind NOT IN ('above', 'below', 'changed') OR (field IS NOT NULL AND threshold IS NOT NULL)),
    ADD CONSTRAINT changes_are_more_than_nothing
        CHECK (kind <> 'changed' OR (threshold > 0 AND coalesce(dwell_seconds, 0) > 0)),
    ADD CONSTRAINT stays_last CHECK (kind <> 'dwell' OR coalesce(dwell_seconds, 0) > 0);

-- What is watched are points, zones are areas; alerts watch no alerts.
CREATE FUNCTION alert.check_rule() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM diaban.collection WHERE id = NEW.source AND geometry = 'point') THEN
        RAISE EXCEPTION 'no collection of points: %', NEW.source
            USING ERRCODE = 'check_violation', CONSTRAINT = 'source_is_a_collection_of_points';
    END IF;
    IF NEW.zones IS NOT NULL AND NOT EXISTS (
        SELECT FROM diaban.collection WHERE id = NEW.zones AND geometry = 'polygon') THEN
        RAISE EXCEPTION 'no collection of areas: %', NEW.zones
            USING ERRCODE = 'check_violation', CONSTRAINT = 'zones_are_a_collection_of_areas';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER check_rule BEFORE INSERT OR UPDATE ON record.watch_rules
    FOR EACH ROW EXECUTE FUNCTION alert.check_rule();

INSERT INTO diaban.code (list, code, position, title_vi, title_en) VALUES
    ('alerts.kind', 'enter', 5, 'Vào vùng', 'Entered a zone'),
    ('alerts.kind', 'exit', 6, 'Ra khỏi vùng', 'Left a zone'),
    ('alerts.kind', 'dwell', 7, 'Ở lại trong vùng', 'Stays in a zone'),
    ('alerts.kind', 'cross', 8, 'Đi xuyên qua vùng', 'Passed through a zone'),
    ('alerts.kind', 'above', 9, 'Trên ngưỡng', 'Above a threshold'),
    ('alerts.kind', 'below', 10, 'Dưới ngưỡng', 'Below a threshold'),
    ('alerts.kind', 'changed', 11, 'Tăng nhanh', 'Rising fast'),
    ('alerts.source_kind', 'rule', 3, 'Quy tắc cảnh báo', 'Watch rule');
SELECT diaban.add_field('alerts', definition::jsonb) FROM (VALUES
    ('{"name": "object", "type": "integer", "title": {"vi": "Đối tượng", "en": "Object"}, "tile": true}'),
    ('{"name": "zone", "type": "integer", "title": {"vi": "Vùng", "en": "Zone"}, "tile": true}'))
    AS fields (definition);

-- Once: a source has one alert of a kind that is not over; a rule one for each object and zone.
DROP INDEX record.alerts_once;
CREATE UNIQUE INDEX alerts_once
    ON record.alerts (source_kind, source, kind, coalesce(object, 0), coalesce(zone, 0))
    WHERE state IN ('open', 'acknowledged') AND source IS NOT NULL;

INSERT INTO alert.template VALUES
    ('enter', 0, 'Moderate', 'Immediate', 'Observed', 'Vào vùng', 'Entered a zone',
     '{object} đã vào {zone}', '{object} has entered {zone}',
     '{object} đã vào {zone} lúc {at}.', '{object} entered {zone} at {at}.'),
    ('exit', 0, 'Moderate', 'Immediate', 'Observed', 'Ra khỏi vùng', 'Left a zone',
     '{object} đã ra khỏi {zone}', '{object} has left {zone}',
     '{object} đã ra khỏi {zone} lúc {at}.', '{object} left {zone} at {at}.'),
    ('dwell', 0, 'Moderate', 'Immediate', 'Observed', 'Ở lại trong vùng', 'Stays in a zone',
     '{object} ở lại trong {zone}', '{object} stays in {zone}',
     '{object} vẫn ở trong {zone} lúc {at}.', '{object} was still in {zone} at {at}.'),
    ('cross', 0, 'Moderate', 'Past', 'Observed', 'Đi xuyên qua vùng', 'Passed through a zone',
     '{object} đã đi xuyên qua {zone}', '{object} has passed through {zone}',
     '{object} đã đi xuyên qua {zone} trước {at}.', '{object} passed through {zone} before {at}.'),
    ('above', 0, 'Moderate', 'Immediate', 'Observed', 'Trên ngưỡng', 'Above a threshold',
     '{object}: {value} {unit}', '{object}: {value} {unit}',
     '{object} lúc {at} là {value} {unit}, từ ngưỡng {threshold} trở lên.',
     '{object} stood at {value} {unit} at {at}: the threshold {threshold} is reached.'),
    ('below', 0, 'Moderate', 'Immediate', 'Observed', 'Dưới ngưỡng', 'Below a threshold',
     '{object}: {value} {unit}', '{object}: {value} {unit}',
     '{object} lúc {at} là {value} {unit}, từ ngưỡng {threshold} trở xuống.',
     '{object} stood at {value} {unit} at {at}: it is no more than {threshold}.'),
    ('changed', 0, 'Moderate', 'Immediate', 'Observed', 'Tăng nhanh', 'Rising fast',
     '{object}: tăng nhanh, {value} {unit}', '{object}: rising fast, {value} {unit}',
     '{object} lúc {at} là {value} {unit}, đã tăng từ {threshold} trở lên.',
     '{object} stood at {value} {unit} at {at} and has risen by {threshold} or more.');

-- Who judges, and up to where of the feed everything is judged: what follows from it is written in the
-- same transaction. A node that is not heard of is succeeded.
CREATE TABLE alert.judge (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    node       text NOT NULL DEFAULT '',
    until      timestamptz NOT NULL DEFAULT '-infinity',
    generation bigint,
    seq        bigint
) WITH (fillfactor = 50);
INSERT INTO alert.judge DEFAULT VALUES;

-- Which version of a rule is in force, and why none is.
CREATE TABLE alert.rule_state (
    rule    bigint PRIMARY KEY,
    version bigint NOT NULL,
    kind    text NOT NULL,
    source  text NOT NULL,
    zones   text NOT NULL,
    fault   text NOT NULL DEFAULT ''
);

-- Objects in zones; of a rule about values, objects beyond its threshold, zone 0.
CREATE TABLE alert.stay (
    rule   bigint NOT NULL,
    object bigint NOT NULL,
    zone   bigint NOT NULL,
    since  timestamptz NOT NULL,
    told   boolean NOT NULL,
    PRIMARY KEY (rule, object, zone)
);
GRANT SELECT, UPDATE ON alert.judge TO diaban_edit;
GRANT SELECT, INSERT, UPDATE, DELETE ON alert.rule_state, alert.stay TO diaban_edit;
