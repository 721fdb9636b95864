-- Reports kept apart: public ones, those whose words tell of persons, hidden ones. A report that is hidden
-- is hidden as it was before, too: its former versions rise with it, and do not come down again with it,
-- for what was taken out of its words stands in them.

SET LOCAL ROLE diaban_owner;

INSERT INTO diaban.code_list (id, title_vi, title_en) VALUES
    ('report_visibility', 'Ai được xem', 'Who sees it');
INSERT INTO diaban.code (list, code, position, title_vi, title_en) VALUES
    ('report_visibility', 'public', 1, 'Công khai', 'Public'),
    ('report_visibility', 'personal', 2, 'Có thông tin cá nhân', 'Tells of persons'),
    ('report_visibility', 'hidden', 3, 'Ẩn', 'Hidden');
SELECT diaban.add_field('reports', $json$
{"name": "visibility", "type": "text", "code_list": "report_visibility", "title": {"vi": "Ai được xem", "en": "Who sees it"}}
$json$);

-- Who says it sets the row's sensitivity; row-level security refuses who does not reach that far.
CREATE FUNCTION report.set_sensitivity() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.sensitivity := CASE NEW.visibility WHEN 'personal' THEN 1 WHEN 'hidden' THEN 2 ELSE 0 END;
    RETURN NEW;
END
$$;
GRANT EXECUTE ON FUNCTION report.set_sensitivity() TO diaban_edit;
CREATE TRIGGER visibility_made BEFORE INSERT ON record.reports FOR EACH ROW
    WHEN (NEW.visibility IS NOT NULL) EXECUTE FUNCTION report.set_sensitivity();
CREATE TRIGGER visibility_changed BEFORE UPDATE ON record.reports FOR EACH ROW
    WHEN (NEW.visibility IS DISTINCT FROM OLD.visibility) EXECUTE FUNCTION report.set_sensitivity();

-- Fires behind `keep`, which has just laid the former version aside.
CREATE FUNCTION report.hide_past() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE record.reports_history SET sensitivity = NEW.sensitivity
    WHERE fid = NEW.fid AND sensitivity < NEW.sensitivity;
    RETURN NULL;
END
$$;
CREATE TRIGGER moderated AFTER UPDATE ON record.reports FOR EACH ROW
    WHEN (NEW.sensitivity > OLD.sensitivity) EXECUTE FUNCTION report.hide_past();

-- What statistics of reports are computed of stands in the mirror.
UPDATE diaban.field SET tile = true WHERE collection = 'reports' AND name IN ('due_at', 'closed_at');
UPDATE diaban.collection SET schema_version = schema_version + 1 WHERE id = 'reports';

-- What press and internet tell: items that publishers push or that are pulled from their feeds, tied to
-- the units that their words name. And what is seen through cameras: where their streams are had, and
-- traffic offences as incidents, whose plates and evidence tell of persons.

INSERT INTO diaban.code_list (id, title_vi, title_en) VALUES
    ('press_topic', 'Chủ đề', 'Topic'),
    ('offence', 'Hành vi vi phạm', 'Offence');
INSERT INTO diaban.code (list, code, position, title_vi, title_en) VALUES
    ('press_topic', 'disaster', 1, 'Thiên tai', 'Disasters'),
    ('press_topic', 'traffic', 2, 'Giao thông', 'Traffic'),
    ('press_topic', 'environment', 3, 'Môi trường', 'Environment'),
    ('press_topic', 'land', 4, 'Đất đai, xây dựng', 'Land and building'),
    ('press_topic', 'order', 5, 'An ninh trật tự', 'Public order'),
    ('press_topic', 'health', 6, 'Y tế', 'Health'),
    ('press_topic', 'education', 7, 'Giáo dục', 'Education'),
    ('press_topic', 'economy', 8, 'Kinh tế', 'Economy'),
    ('press_topic', 'other', 9, 'Khác', 'Other'),
    ('offence', 'red_light', 1, 'Vượt đèn đỏ', 'Red light'),
    ('offence', 'speed', 2, 'Quá tốc độ', 'Speeding'),
    ('offence', 'wrong_way', 3, 'Đi ngược chiều', 'Wrong way'),
    ('offence', 'lane', 4, 'Sai làn', 'Wrong lane'),
    ('offence', 'parking', 5, 'Dừng, đỗ sai nơi', 'Parking'),
    ('offence', 'helmet', 6, 'Không đội mũ bảo hiểm', 'No helmet'),
    ('offence', 'other', 7, 'Khác', 'Other'),
    ('incident_kind', 'offence', 11, 'Vi phạm giao thông', 'Traffic offence');

SELECT diaban.create_collection($json$
{"id": "press_sources", "geometry": "none", "title": {"vi": "Nguồn tin báo chí", "en": "Sources of press items"},
 "description": {"vi": "Địa chỉ RSS, Atom hay JSON Feed được lấy theo lịch.", "en": "Addresses of RSS, Atom or JSON feeds that are asked on a schedule."},
 "label_field": "name",
 "fields": [
    {"name": "name", "type": "text", "title": {"vi": "Tên nguồn", "en": "Name"}, "tile": true, "required": true},
    {"name": "url", "type": "text", "title": {"vi": "Địa chỉ", "en": "Address"}, "tile": true, "required": true},
    {"name": "every_minutes", "type": "integer", "unit": "min", "title": {"vi": "Chu kỳ", "en": "Every"}, "tile": true, "required": true},
    {"name": "topic", "type": "text", "title": {"vi": "Chủ đề khi không rõ", "en": "Topic where none is found"}, "tile": true, "code_list": "press_topic"}]}
$json$);
ALTER TABLE record.press_sources
    ADD CONSTRAINT not_too_often CHECK (every_minutes BETWEEN 1 AND 525600);

SELECT diaban.create_collection($json$
{"id": "press_items", "geometry": "none", "title": {"vi": "Tin báo chí", "en": "Press items"},
 "description": {"vi": "Tiêu đề, tóm tắt và đường dẫn do nơi đăng cung cấp, kèm địa danh tìm thấy trong lời.", "en": "Headline, summary and link as publishers give them, with the units that the words name."},
 "label_field": "title", "time_field": "published_at",
 "fields": [
    {"name": "title", "type": "text", "title": {"vi": "Tiêu đề", "en": "Headline"}, "tile": true, "required": true},
    {"name": "summary", "type": "text", "title": {"vi": "Tóm tắt", "en": "Summary"}, "tile": true},
    {"name": "link", "type": "text", "title": {"vi": "Đường dẫn", "en": "Link"}, "tile": true, "required": true},
    {"name": "link_key", "type": "text", "title": {"vi": "Khóa đường dẫn", "en": "What the link is known by"}, "tile": true, "required": true},
    {"name": "source", "type": "text", "title": {"vi": "Nguồn", "en": "Source"}, "tile": true, "required": true},
    {"name": "published_at", "type": "timestamp", "title": {"vi": "Đăng lúc", "en": "Published at"}, "tile": true},
    {"name": "arrived_at", "type": "timestamp", "title": {"vi": "Nhận lúc", "en": "Arrived at"}, "tile": true, "required": true},
    {"name": "topic", "type": "text", "title": {"vi": "Chủ đề", "en": "Topic"}, "tile": true, "required": true, "code_list": "press_topic"},
    {"name": "places", "type": "text", "title": {"vi": "Địa danh (mã=độ chắc)", "en": "Units named (code=certainty)"}, "tile": true},
    {"name": "reports", "type": "text", "title": {"vi": "Phản ánh liên quan", "en": "Reports concerned"}, "tile": true}]}
$json$);
CREATE UNIQUE INDEX ON record.press_items (link_key);

-- Words by which a topic is told; accents and case do not matter.
CREATE TABLE report.press_word (
    topic text NOT NULL,
    word  text NOT NULL CHECK (word <> ''),
    PRIMARY KEY (topic, word)
);
INSERT INTO report.press_word (topic, word) VALUES
    ('disaster', 'bão'), ('disaster', 'lũ'), ('disaster', 'ngập'), ('disaster', 'sạt lở'),
    ('disaster', 'áp thấp'), ('disaster', 'mưa lớn'), ('disaster', 'hạn hán'), ('disaster', 'cháy rừng'),
    ('traffic', 'giao thông'), ('traffic', 'tai nạn'), ('traffic', 'ùn tắc'), ('traffic', 'cao tốc'),
    ('environment', 'ô nhiễm'), ('environment', 'rác thải'), ('environment', 'nước thải'),
    ('environment', 'môi trường'),
    ('land', 'đất đai'), ('land', 'giải phóng mặt bằng'), ('land', 'quy hoạch'), ('land', 'xây dựng trái phép'),
    ('order', 'công an'), ('order', 'trộm'), ('order', 'ma túy'), ('order', 'lừa đảo'),
    ('health', 'bệnh viện'), ('health', 'dịch bệnh'), ('health', 'y tế'), ('health', 'ngộ độc'),
    ('education', 'trường học'), ('education', 'học sinh'), ('education', 'giáo dục'), ('education', 'thi tốt nghiệp'),
    ('economy', 'doanh nghiệp'), ('economy', 'xuất khẩu'), ('economy', 'đầu tư'), ('economy', 'thu ngân sách');
GRANT SELECT ON report.press_word TO diaban_serve, diaban_edit;

-- Sources of several collections are pulled: their rows are numbered alike.
ALTER TABLE diaban.pull ADD COLUMN collection text NOT NULL DEFAULT 'indicator_sources';
ALTER TABLE diaban.pull ALTER COLUMN collection DROP DEFAULT;
ALTER TABLE diaban.pull DROP CONSTRAINT pull_pkey, ADD PRIMARY KEY (collection, source);

SELECT diaban.add_field('incidents', $json$
{"name": "offence", "type": "text", "code_list": "offence", "title": {"vi": "Hành vi vi phạm", "en": "Offence"}, "tile": true}
$json$);
SELECT diaban.add_field('incidents', $json$
{"name": "camera", "type": "integer", "title": {"vi": "Số của camera", "en": "Number of the camera"}, "tile": true}
$json$);
SELECT diaban.add_field('incidents', $json$
{"name": "speed", "type": "number", "unit": "km/h", "title": {"vi": "Tốc độ", "en": "Speed"}, "tile": true}
$json$);
SELECT diaban.add_field('incidents', $json$
{"name": "plate_part", "type": "text", "title": {"vi": "Biển số (đã che)", "en": "Plate (in part)"}}
$json$);
SELECT diaban.add_field('incidents', $json$
{"name": "plate", "type": "text", "personal": true, "title": {"vi": "Biển số", "en": "Plate"}}
$json$);
SELECT diaban.add_field('incidents', $json$
{"name": "evidence", "type": "text", "personal": true, "title": {"vi": "Chứng cứ", "en": "Evidence"}}
$json$);

-- Where browsers get a camera's stream from: a gateway's address, `{camera}` in it standing for the
-- camera's number. Streams never pass through this server, and addresses of the cameras themselves are
-- not told where there is a gateway.
CREATE TABLE diaban.stream_gateway (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    address  text NOT NULL CHECK (address ~ '^https?://' AND position('{camera}' IN address) > 0)
);
GRANT SELECT ON diaban.stream_gateway TO diaban_serve;
