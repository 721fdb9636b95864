-- Rules about rain as dated rows, by regions of former provinces; reservoirs with their curves.

SET LOCAL ROLE diaban_owner;

INSERT INTO diaban.code_list (id, title_vi, title_en) VALUES
    ('slide_zone', 'Vùng nguy cơ lũ quét, sạt lở', 'Susceptibility to flash floods and landslides');
INSERT INTO diaban.code (list, code, position, title_vi, title_en) VALUES
    ('slide_zone', 'low', 1, 'Thấp', 'Low'),
    ('slide_zone', 'medium', 2, 'Trung bình', 'Medium'),
    ('slide_zone', 'high', 3, 'Cao', 'High'),
    ('slide_zone', 'very_high', 4, 'Rất cao', 'Very high');

SELECT diaban.create_collection($json$
{"id": "rain_regions", "geometry": "none", "title": {"vi": "Khu vực tính rủi ro lũ quét, sạt lở", "en": "Regions of rain risk"},
 "description": {"vi": "Khu vực của từng tỉnh trước 01/7/2025 theo phụ lục XII Quyết định 18/2021/QĐ-TTg. Khánh Hòa được nêu ở cả hai khu vực 3 và 4 nên không có dòng.", "en": "The region of each province as it was before July 2025 (Decision 18/2021, annex XII). Khánh Hòa is named in regions 3 and 4 and has no row."},
 "label_field": "province",
 "fields": [
    {"name": "province", "type": "text", "title": {"vi": "Mã tỉnh cũ", "en": "Code of the former province"}, "tile": true, "required": true},
    {"name": "region", "type": "text", "title": {"vi": "Khu vực", "en": "Region"}, "tile": true, "required": true},
    {"name": "since", "type": "date", "title": {"vi": "Từ ngày", "en": "Since"}, "tile": true, "required": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "rain_risks", "geometry": "none", "title": {"vi": "Cấp độ rủi ro do mưa: lũ quét, sạt lở", "en": "Rain risk of flash floods and landslides"},
 "description": {"vi": "Cấp độ rủi ro theo lượng mưa 24 giờ, số ngày mưa trước, khu vực và vùng nguy cơ; 0 là dưới cấp 1. Trường hợp không có dòng là chưa biết.", "en": "Risk by rain of 24 hours, days of rain before, region and zone; 0 is below level 1. A case without a row is not known."},
 "label_field": "zone",
 "fields": [
    {"name": "region", "type": "text", "title": {"vi": "Khu vực", "en": "Region"}, "tile": true, "required": true},
    {"name": "zone", "type": "text", "code_list": "slide_zone", "title": {"vi": "Vùng nguy cơ", "en": "Zone"}, "tile": true, "required": true},
    {"name": "from_mm", "type": "number", "unit": "mm", "title": {"vi": "Mưa 24 giờ từ", "en": "Rain of 24 h from"}, "tile": true, "required": true},
    {"name": "until_mm", "type": "number", "unit": "mm", "title": {"vi": "đến", "en": "until"}, "tile": true, "required": true},
    {"name": "wet_from", "type": "integer", "unit": "d", "title": {"vi": "Số ngày mưa trước từ", "en": "Wet days before from"}, "tile": true, "required": true},
    {"name": "wet_until", "type": "integer", "unit": "d", "title": {"vi": "đến", "en": "until"}, "tile": true, "required": true},
    {"name": "risk", "type": "integer", "title": {"vi": "Cấp độ rủi ro", "en": "Risk level"}, "tile": true, "required": true},
    {"name": "since", "type": "date", "title": {"vi": "Từ ngày", "en": "Since"}, "tile": true, "required": true},
    {"name": "decision", "type": "text", "title": {"vi": "Văn bản", "en": "Decision"}, "tile": true}]}
$json$);
ALTER TABLE record.rain_risks
    ADD CONSTRAINT risk_has_five_levels CHECK (risk BETWEEN 0 AND 5),
    ADD CONSTRAINT ranges_ascend CHECK (from_mm <= until_mm AND wet_from <= wet_until);

SELECT diaban.create_collection($json$
{"id": "reservoir_curves", "geometry": "none", "title": {"vi": "Quan hệ mực nước – dung tích hồ chứa", "en": "Level and volume of reservoirs"},
 "description": {"vi": "Điểm của đường quan hệ mực nước – dung tích; giữa hai điểm nội suy thẳng, ngoài các điểm thì không tính.", "en": "Points of the curve of level and volume; straight between them, nothing beyond them."},
 "label_field": "reservoir",
 "fields": [
    {"name": "reservoir", "type": "text", "title": {"vi": "Hồ chứa", "en": "Reservoir"}, "tile": true, "required": true},
    {"name": "title", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true, "required": true},
    {"name": "level_m", "type": "number", "unit": "m", "title": {"vi": "Mực nước", "en": "Level"}, "tile": true, "required": true},
    {"name": "volume_m3", "type": "number", "unit": "m3", "title": {"vi": "Dung tích", "en": "Volume"}, "tile": true, "required": true},
    {"name": "mark", "type": "text", "title": {"vi": "Mốc", "en": "Mark"}, "tile": true, "codes": [
        {"code": "full", "vi": "Mực nước dâng bình thường", "en": "Full supply level"}]}]}
$json$);
CREATE UNIQUE INDEX reservoir_curves_point ON record.reservoir_curves (reservoir, level_m);
