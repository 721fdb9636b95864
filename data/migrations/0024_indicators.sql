-- Indicators: what each one is, and values that say of which list their unit is.

SET LOCAL ROLE diaban_owner;

SELECT diaban.create_collection($json$
{"id": "indicator_catalogue", "geometry": "none", "title": {"vi": "Danh mục chỉ tiêu", "en": "Catalogue of indicators"},
 "description": {"vi": "Mỗi chỉ tiêu: đơn vị tính, chiều tốt, kỳ báo cáo, nguồn, cơ quan phụ trách và cách cộng lên cấp trên.", "en": "Each indicator: its unit, which way is better, cadence, source, owner, and how it is summed upward."},
 "label_field": "title",
 "fields": [
    {"name": "code", "type": "text", "title": {"vi": "Mã chỉ tiêu", "en": "Indicator code"}, "tile": true, "required": true},
    {"name": "sector", "type": "text", "title": {"vi": "Lĩnh vực", "en": "Sector"}, "tile": true, "required": true, "codes": [
        {"code": "socio_economy", "vi": "Kinh tế - xã hội", "en": "Socio-economy"},
        {"code": "production", "vi": "Sản xuất", "en": "Production"},
        {"code": "budget", "vi": "Ngân sách", "en": "Budget"},
        {"code": "agriculture", "vi": "Nông nghiệp", "en": "Agriculture"},
        {"code": "industry", "vi": "Công nghiệp", "en": "Industry"},
        {"code": "trade", "vi": "Thương mại", "en": "Trade"},
        {"code": "services", "vi": "Dịch vụ", "en": "Services"},
        {"code": "border_gates", "vi": "Cửa khẩu", "en": "Border gates"},
        {"code": "health", "vi": "Y tế", "en": "Health"},
        {"code": "education", "vi": "Giáo dục", "en": "Education"},
        {"code": "tourism", "vi": "Du lịch, lưu trú", "en": "Tourism and lodging"},
        {"code": "public_services", "vi": "Dịch vụ công, một cửa", "en": "Public services, one-stop"},
        {"code": "documents", "vi": "Văn bản", "en": "Documents"},
        {"code": "environment", "vi": "Môi trường", "en": "Environment"},
        {"code": "transport", "vi": "Giao thông, an toàn giao thông", "en": "Transport and road safety"},
        {"code": "security", "vi": "An ninh trật tự", "en": "Security"},
        {"code": "social_protection", "vi": "An sinh xã hội", "en": "Social protection"},
        {"code": "digital", "vi": "Kinh tế số, xã hội số", "en": "Digital economy and society"},
        {"code": "citizen_reports", "vi": "Phản ánh, mức hài lòng", "en": "Citizen reports and satisfaction"},
        {"code": "land", "vi": "Đất đai", "en": "Land"}]},
    {"name": "title", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true, "required": true},
    {"name": "title_en", "type": "text", "title": {"vi": "Tên tiếng Anh", "en": "Name in English"}, "tile": true},
    {"name": "unit", "type": "text", "title": {"vi": "Đơn vị tính", "en": "Unit of measure"}, "tile": true, "required": true},
    {"name": "direction", "type": "text", "title": {"vi": "Chiều tốt", "en": "Better is"}, "tile": true, "required": true, "codes": [
        {"code": "up", "vi": "Càng cao càng tốt", "en": "Higher is better"},
        {"code": "down", "vi": "Càng thấp càng tốt", "en": "Lower is better"},
        {"code": "none", "vi": "Không xét", "en": "Neither"}]},
    {"name": "cadence", "type": "text", "title": {"vi": "Kỳ báo cáo", "en": "Cadence"}, "tile": true, "required": true, "codes": [
        {"code": "year", "vi": "Năm", "en": "Year"},
        {"code": "quarter", "vi": "Quý", "en": "Quarter"},
        {"code": "month", "vi": "Tháng", "en": "Month"},
        {"code": "week", "vi": "Tuần", "en": "Week"},
        {"code": "day", "vi": "Ngày", "en": "Day"},
        {"code": "live", "vi": "Trực tiếp", "en": "Live"}]},
    {"name": "due_days", "type": "integer", "unit": "d", "title": {"vi": "Hạn nộp sau kỳ", "en": "Due after the period"}, "tile": true},
    {"name": "aggregation", "type": "text", "title": {"vi": "Cách cộng lên cấp trên", "en": "Aggregation"}, "tile": true, "required": true, "codes": [
        {"code": "sum", "vi": "Cộng", "en": "Sum"},
        {"code": "mean", "vi": "Bình quân có trọng số", "en": "Weighted mean"},
        {"code": "none", "vi": "Không cộng", "en": "Not aggregated"}]},
    {"name": "weight", "type": "text", "title": {"vi": "Chỉ tiêu làm trọng số", "en": "Weighted by"}, "tile": true},
    {"name": "decimals", "type": "integer", "title": {"vi": "Số chữ số thập phân", "en": "Decimals"}, "tile": true},
    {"name": "source", "type": "text", "title": {"vi": "Nguồn", "en": "Source"}, "tile": true},
    {"name": "owner", "type": "text", "title": {"vi": "Cơ quan phụ trách", "en": "Owner"}, "tile": true}]}
$json$);

CREATE UNIQUE INDEX indicator_catalogue_code ON record.indicator_catalogue (code);
ALTER TABLE record.indicator_catalogue ADD CONSTRAINT mean_says_by_what
    CHECK (aggregation <> 'mean' OR weight IS NOT NULL);

-- A unit's code means something only together with a list: codes are used again for other units.
SELECT diaban.add_field('indicators', $json$
{"name": "place_on", "type": "date", "title": {"vi": "Mã theo danh mục ngày", "en": "Code as of"}}
$json$);
-- What came without a code keeps the name that it came with, and the unit that surely holds it.
SELECT diaban.add_field('indicators', $json$
{"name": "place_name", "type": "text", "title": {"vi": "Tên đơn vị như trong nguồn", "en": "Unit’s name in the source"}}
$json$);
SELECT diaban.add_field('indicators', $json$
{"name": "within", "type": "text", "title": {"vi": "Thuộc đơn vị", "en": "Within the unit"}}
$json$);

-- One value an indicator, unit and period; a correction is a version of it, and the former is kept.
CREATE UNIQUE INDEX indicators_value ON record.indicators
    (code, place_code, place_on, period, place_name) NULLS NOT DISTINCT;

-- Read from memory, like all that is asked often. There is no geometry, and so no tile.
UPDATE diaban.field SET tile = true
WHERE collection = 'indicators' AND name IN ('code', 'place_code', 'place_on', 'place_name', 'within',
                                             'period', 'value', 'target');
