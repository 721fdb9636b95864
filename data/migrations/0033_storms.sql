-- Storms: scales and rules as dated rows; official bulletins as they came, what was read from them, and who
-- says that it was read right. What a bulletin says of risk stands here; what is computed never does.

SET LOCAL ROLE diaban_owner;

INSERT INTO diaban.code_list (id, title_vi, title_en) VALUES
    ('storm_kind', 'Cấp bão', 'Class of a storm'),
    ('storm_zone', 'Khu vực chịu bão', 'Zone of storm risk');
INSERT INTO diaban.code (list, code, position, title_vi, title_en) VALUES
    ('storm_kind', 'depression', 1, 'Áp thấp nhiệt đới', 'Tropical depression'),
    ('storm_kind', 'storm', 2, 'Bão', 'Storm'),
    ('storm_kind', 'strong', 3, 'Bão mạnh', 'Strong storm'),
    ('storm_kind', 'very_strong', 4, 'Bão rất mạnh', 'Very strong storm'),
    ('storm_kind', 'super', 5, 'Siêu bão', 'Super storm'),
    ('storm_zone', 'sea', 1, 'Biển Đông', 'East Sea'),
    ('storm_zone', 'north', 2, 'Ven biển, Đông Bắc, đồng bằng Bắc Bộ, Bắc và Trung Trung Bộ', 'Coast, North-East, Red River delta, north and mid Central'),
    ('storm_zone', 'south_central', 3, 'Nam Trung Bộ', 'South Central'),
    ('storm_zone', 'south', 4, 'Nam Bộ', 'South'),
    ('storm_zone', 'highlands', 5, 'Tây Bắc, Việt Bắc, Tây Nguyên', 'North-West, Viet Bac, Central Highlands');

SELECT diaban.create_collection($json$
{"id": "wind_levels", "geometry": "none", "title": {"vi": "Thang cấp gió", "en": "Levels of wind"},
 "description": {"vi": "Cấp gió Beaufort theo vận tốc gió trung bình và cách gọi bão có cấp gió mạnh nhất đó.", "en": "Beaufort levels by mean wind, and what a storm is called whose highest wind has the level."},
 "label_field": "level",
 "fields": [
    {"name": "level", "type": "integer", "title": {"vi": "Cấp", "en": "Level"}, "tile": true, "required": true},
    {"name": "from_ms", "type": "number", "unit": "m/s", "title": {"vi": "Từ vận tốc", "en": "From"}, "tile": true, "required": true},
    {"name": "kind", "type": "text", "code_list": "storm_kind", "title": {"vi": "Cấp bão", "en": "Class of a storm"}, "tile": true},
    {"name": "since", "type": "date", "title": {"vi": "Từ ngày", "en": "Since"}, "tile": true, "required": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "storm_risks", "geometry": "none", "title": {"vi": "Cấp độ rủi ro do bão", "en": "Risk levels of storms"},
 "description": {"vi": "Cấp độ rủi ro thiên tai theo cấp gió và khu vực; mỗi văn bản một ngày hiệu lực.", "en": "Risk by level of wind and zone; each decision with its first day."},
 "label_field": "zone",
 "fields": [
    {"name": "zone", "type": "text", "code_list": "storm_zone", "title": {"vi": "Khu vực", "en": "Zone"}, "tile": true, "required": true},
    {"name": "level_from", "type": "integer", "title": {"vi": "Từ cấp gió", "en": "From level"}, "tile": true, "required": true},
    {"name": "level_until", "type": "integer", "title": {"vi": "Đến cấp gió", "en": "Until level"}, "tile": true, "required": true},
    {"name": "risk", "type": "integer", "title": {"vi": "Cấp độ rủi ro", "en": "Risk level"}, "tile": true, "required": true},
    {"name": "since", "type": "date", "title": {"vi": "Từ ngày", "en": "Since"}, "tile": true, "required": true},
    {"name": "decision", "type": "text", "title": {"vi": "Văn bản", "en": "Decision"}, "tile": true}]}
$json$);
ALTER TABLE record.storm_risks
    ADD CONSTRAINT risk_has_five_levels CHECK (risk BETWEEN 1 AND 5),
    ADD CONSTRAINT levels_ascend CHECK (level_from <= level_until);

SELECT diaban.create_collection($json$
{"id": "storm_bulletins", "geometry": "none", "title": {"vi": "Bản tin bão", "en": "Storm bulletins"},
 "description": {"vi": "Bản tin chính thức nguyên văn; số liệu đọc được nằm ở các lớp tâm bão, vùng nguy hiểm và cấp độ rủi ro theo bản tin, do người xác nhận.", "en": "Official bulletins as they came; what was read of them stands among centres, danger zones and official risks, confirmed by a person."},
 "label_field": "storm",
 "fields": [
    {"name": "key", "type": "text", "title": {"vi": "Mã bản tin", "en": "Bulletin"}, "tile": true, "required": true},
    {"name": "event", "type": "integer", "title": {"vi": "Thiên tai", "en": "Disaster event"}, "tile": true, "required": true},
    {"name": "storm", "type": "text", "title": {"vi": "Bão", "en": "Storm"}, "tile": true, "required": true},
    {"name": "issuer", "type": "text", "title": {"vi": "Cơ quan phát tin", "en": "Issued by"}, "tile": true},
    {"name": "observed_at", "type": "timestamp", "title": {"vi": "Thời điểm phân tích", "en": "Analysed at"}, "tile": true, "required": true},
    {"name": "wind_minutes", "type": "integer", "unit": "min", "title": {"vi": "Gió trung bình trong", "en": "Winds are means of"}, "tile": true},
    {"name": "text", "type": "text", "title": {"vi": "Nguyên văn", "en": "Text"}, "required": true},
    {"name": "doubts", "type": "text", "title": {"vi": "Điểm đã cảnh báo khi xác nhận", "en": "Doubts it was confirmed with"}},
    {"name": "confirmed_by", "type": "text", "title": {"vi": "Người xác nhận", "en": "Confirmed by"}},
    {"name": "confirmed_at", "type": "timestamp", "title": {"vi": "Xác nhận lúc", "en": "Confirmed at"}, "tile": true, "required": true}]}
$json$);
-- A text is taken once: its key is the beginning of its hash.
CREATE UNIQUE INDEX storm_bulletins_key ON record.storm_bulletins (key);

SELECT diaban.create_collection($json$
{"id": "storm_fixes", "geometry": "point", "title": {"vi": "Tâm bão theo bản tin", "en": "Centres by bulletin"},
 "class_field": "forecast", "label_field": "level_until", "time_field": "at",
 "fields": [
    {"name": "bulletin", "type": "text", "title": {"vi": "Bản tin", "en": "Bulletin"}, "tile": true, "required": true},
    {"name": "at", "type": "timestamp", "title": {"vi": "Thời điểm", "en": "At"}, "tile": true, "required": true},
    {"name": "forecast", "type": "boolean", "title": {"vi": "Dự báo", "en": "Forecast"}, "tile": true, "required": true},
    {"name": "level_from", "type": "integer", "title": {"vi": "Cấp gió từ", "en": "Wind level from"}, "tile": true, "required": true},
    {"name": "level_until", "type": "integer", "title": {"vi": "Cấp gió đến", "en": "Wind level until"}, "tile": true, "required": true},
    {"name": "gust", "type": "integer", "title": {"vi": "Giật cấp", "en": "Gust level"}, "tile": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "storm_dangers", "geometry": "polygon", "title": {"vi": "Vùng nguy hiểm theo bản tin", "en": "Danger zones by bulletin"},
 "time_field": "at",
 "fields": [
    {"name": "bulletin", "type": "text", "title": {"vi": "Bản tin", "en": "Bulletin"}, "tile": true, "required": true},
    {"name": "at", "type": "timestamp", "title": {"vi": "Thời điểm", "en": "At"}, "tile": true, "required": true},
    {"name": "stated", "type": "text", "title": {"vi": "Nguyên văn", "en": "As stated"}, "tile": true, "required": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "storm_warnings", "geometry": "none", "title": {"vi": "Cấp độ rủi ro theo bản tin", "en": "Official risks by bulletin"},
 "label_field": "area",
 "fields": [
    {"name": "bulletin", "type": "text", "title": {"vi": "Bản tin", "en": "Bulletin"}, "tile": true, "required": true},
    {"name": "at", "type": "timestamp", "title": {"vi": "Thời điểm", "en": "At"}, "tile": true, "required": true},
    {"name": "area", "type": "text", "title": {"vi": "Khu vực", "en": "Area"}, "tile": true, "required": true},
    {"name": "mainland", "type": "boolean", "title": {"vi": "Đất liền", "en": "Mainland"}, "tile": true, "required": true},
    {"name": "risk", "type": "integer", "title": {"vi": "Cấp độ rủi ro", "en": "Risk level"}, "tile": true, "required": true}]}
$json$);
ALTER TABLE record.storm_warnings ADD CONSTRAINT risk_has_five_levels CHECK (risk BETWEEN 1 AND 5);
