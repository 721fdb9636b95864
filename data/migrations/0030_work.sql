-- Work of an operations centre: dossiers of public services on their clocks, directives, tasks, what could
-- not be tied to a place, and where indicators are pulled from.

SET LOCAL ROLE diaban_owner;

-- What a value may be, and from where on it is a warning or an alarm.
SELECT diaban.add_field('indicator_catalogue', $json$
{"name": "least", "type": "number", "title": {"vi": "Giá trị nhỏ nhất có thể", "en": "Least possible value"}, "tile": true}
$json$);
SELECT diaban.add_field('indicator_catalogue', $json$
{"name": "most", "type": "number", "title": {"vi": "Giá trị lớn nhất có thể", "en": "Greatest possible value"}, "tile": true}
$json$);
SELECT diaban.add_field('indicator_catalogue', $json$
{"name": "warn_at", "type": "number", "title": {"vi": "Ngưỡng cảnh báo (vàng)", "en": "Warning from (amber)"}, "tile": true}
$json$);
SELECT diaban.add_field('indicator_catalogue', $json$
{"name": "alarm_at", "type": "number", "title": {"vi": "Ngưỡng báo động (đỏ)", "en": "Alarm from (red)"}, "tile": true}
$json$);

SELECT diaban.create_collection($json$
{"id": "holidays", "geometry": "none", "title": {"vi": "Ngày nghỉ, ngày làm bù", "en": "Holidays and days worked instead"},
 "description": {"vi": "Ngày cơ quan nhà nước nghỉ ngoài thứ bảy, chủ nhật; và ngày thứ bảy, chủ nhật làm bù.", "en": "Days on which offices are closed beside Saturdays and Sundays; and Saturdays and Sundays that are worked instead."},
 "label_field": "title",
 "fields": [
    {"name": "day", "type": "date", "title": {"vi": "Ngày", "en": "Day"}, "tile": true, "required": true},
    {"name": "title", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true, "required": true},
    {"name": "worked", "type": "boolean", "title": {"vi": "Làm bù", "en": "Worked instead"}, "tile": true}]}
$json$);
CREATE UNIQUE INDEX holidays_day ON record.holidays (day);

SELECT diaban.create_collection($json$
{"id": "service_dossiers", "geometry": "none", "title": {"vi": "Hồ sơ dịch vụ công", "en": "Dossiers of public services"},
 "description": {"vi": "Hồ sơ một cửa cấp tỉnh và cấp xã: thời hạn tính theo giờ làm việc, dừng khi chờ người dân.", "en": "One-stop dossiers of province and commune: terms in working time, paused while the citizen must act."},
 "label_field": "number",
 "fields": [
    {"name": "number", "type": "text", "title": {"vi": "Mã hồ sơ", "en": "Number"}, "tile": true, "required": true},
    {"name": "procedure", "type": "text", "title": {"vi": "Thủ tục", "en": "Procedure"}, "tile": true, "required": true},
    {"name": "office", "type": "text", "title": {"vi": "Cơ quan giải quyết", "en": "Office"}, "tile": true, "required": true},
    {"name": "level", "type": "text", "title": {"vi": "Cấp", "en": "Level"}, "tile": true, "required": true, "codes": [
        {"code": "province", "vi": "Cấp tỉnh", "en": "Province"},
        {"code": "district", "vi": "Cấp huyện (đến 30/6/2025)", "en": "District (until 30 June 2025)"},
        {"code": "commune", "vi": "Cấp xã", "en": "Commune"}]},
    {"name": "place_code", "type": "text", "title": {"vi": "Mã đơn vị", "en": "Unit code"}, "tile": true},
    {"name": "submitted_at", "type": "timestamp", "title": {"vi": "Tiếp nhận lúc", "en": "Received at"}, "tile": true, "required": true},
    {"name": "working_hours", "type": "number", "unit": "h", "title": {"vi": "Thời hạn (giờ làm việc)", "en": "Term in working hours"}, "tile": true, "required": true},
    {"name": "state", "type": "text", "title": {"vi": "Tình trạng", "en": "State"}, "tile": true, "required": true, "codes": [
        {"code": "received", "vi": "Đang giải quyết", "en": "Under way"},
        {"code": "paused", "vi": "Chờ người dân bổ sung", "en": "Waiting for the citizen"},
        {"code": "settled", "vi": "Đã trả kết quả", "en": "Settled"},
        {"code": "refused", "vi": "Từ chối, rút", "en": "Refused or withdrawn"}]},
    {"name": "settled_at", "type": "timestamp", "title": {"vi": "Trả kết quả lúc", "en": "Settled at"}, "tile": true},
    {"name": "published", "type": "boolean", "title": {"vi": "Công khai trên Cổng", "en": "Published on the portal"}, "tile": true},
    {"name": "digitised", "type": "boolean", "title": {"vi": "Đã số hóa", "en": "Digitised"}, "tile": true},
    {"name": "online", "type": "boolean", "title": {"vi": "Nộp trực tuyến", "en": "Handed in online"}, "tile": true},
    {"name": "paid_online", "type": "boolean", "title": {"vi": "Thanh toán trực tuyến", "en": "Paid online"}, "tile": true},
    {"name": "satisfied", "type": "boolean", "title": {"vi": "Hài lòng", "en": "Satisfied"}, "tile": true},
    {"name": "applicant", "type": "text", "title": {"vi": "Người nộp", "en": "Applicant"}, "personal": true}]}
$json$);
CREATE UNIQUE INDEX service_dossiers_number ON record.service_dossiers (number);
ALTER TABLE record.service_dossiers
    ADD CONSTRAINT term_is_positive CHECK (working_hours > 0 AND working_hours <= 8000),
    ADD CONSTRAINT settled_says_when CHECK (state <> 'settled' OR settled_at IS NOT NULL),
    -- There are no districts from 2025-07-01 on (Viet Nam's midnight).
    ADD CONSTRAINT no_district_any_more CHECK (level <> 'district' OR submitted_at < '2025-06-30T17:00:00Z');

SELECT diaban.create_collection($json$
{"id": "service_pauses", "geometry": "none", "title": {"vi": "Thời gian dừng hồ sơ", "en": "Pauses of dossiers"},
 "label_field": "reason",
 "fields": [
    {"name": "number", "type": "text", "title": {"vi": "Mã hồ sơ", "en": "Number"}, "tile": true, "required": true},
    {"name": "from_at", "type": "timestamp", "title": {"vi": "Dừng từ", "en": "From"}, "tile": true, "required": true},
    {"name": "until_at", "type": "timestamp", "title": {"vi": "Tiếp tục từ", "en": "Until"}, "tile": true},
    {"name": "reason", "type": "text", "title": {"vi": "Lý do", "en": "Reason"}, "tile": true, "required": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "service_scores", "geometry": "none", "title": {"vi": "Thang điểm phục vụ", "en": "Points for service"},
 "description": {"vi": "Điểm tối đa của từng tiêu chí theo văn bản và ngày hiệu lực.", "en": "The most that each criterion can score, by decision and first day."},
 "label_field": "title",
 "fields": [
    {"name": "part", "type": "text", "title": {"vi": "Tiêu chí", "en": "Criterion"}, "tile": true, "required": true, "codes": [
        {"code": "published", "vi": "Công khai", "en": "Published"},
        {"code": "in_time", "vi": "Đúng hạn", "en": "In time"},
        {"code": "digitised", "vi": "Số hóa", "en": "Digitised"},
        {"code": "online", "vi": "Nộp trực tuyến", "en": "Online"},
        {"code": "paid_online", "vi": "Thanh toán trực tuyến", "en": "Paid online"},
        {"code": "satisfied", "vi": "Hài lòng", "en": "Satisfied"}]},
    {"name": "part_group", "type": "integer", "title": {"vi": "Nhóm", "en": "Group"}, "tile": true, "required": true},
    {"name": "title", "type": "text", "title": {"vi": "Tên nhóm", "en": "Group’s name"}, "tile": true, "required": true},
    {"name": "points", "type": "number", "title": {"vi": "Điểm tối đa", "en": "Most points"}, "tile": true, "required": true},
    {"name": "since", "type": "date", "title": {"vi": "Từ ngày", "en": "Since"}, "tile": true, "required": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "directives", "geometry": "none", "title": {"vi": "Văn bản chỉ đạo", "en": "Directives"},
 "label_field": "number",
 "fields": [
    {"name": "number", "type": "text", "title": {"vi": "Số, ký hiệu", "en": "Number"}, "tile": true, "required": true},
    {"name": "issued_on", "type": "date", "title": {"vi": "Ngày ban hành", "en": "Issued on"}, "tile": true, "required": true},
    {"name": "issuer", "type": "text", "title": {"vi": "Cơ quan ban hành", "en": "Issued by"}, "tile": true},
    {"name": "office", "type": "text", "title": {"vi": "Cơ quan thực hiện", "en": "Office"}, "tile": true, "required": true},
    {"name": "subject", "type": "text", "title": {"vi": "Trích yếu", "en": "Subject"}, "tile": true, "required": true},
    {"name": "deadline", "type": "date", "title": {"vi": "Hạn", "en": "Deadline"}, "tile": true},
    {"name": "state", "type": "text", "title": {"vi": "Tình trạng", "en": "State"}, "tile": true, "required": true, "codes": [
        {"code": "open", "vi": "Đang thực hiện", "en": "Open"},
        {"code": "done", "vi": "Đã xong", "en": "Done"}]},
    {"name": "done_on", "type": "date", "title": {"vi": "Xong ngày", "en": "Done on"}, "tile": true},
    {"name": "places", "type": "text", "title": {"vi": "Mã đơn vị liên quan", "en": "Units concerned"}, "tile": true},
    {"name": "parcels", "type": "text", "title": {"vi": "Thửa đất liên quan", "en": "Parcels concerned"}, "tile": true},
    {"name": "events", "type": "text", "title": {"vi": "Sự kiện liên quan", "en": "Events concerned"}, "tile": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "tasks", "geometry": "none", "title": {"vi": "Nhiệm vụ", "en": "Tasks"},
 "description": {"vi": "Việc giao từ chỉ tiêu, địa bàn, phản ánh, cảnh báo, hồ sơ hay văn bản: cơ quan, hạn, minh chứng, nghiệm thu hoặc trả lại.", "en": "What was asked about an indicator, a place, a report, an alert, a dossier or a directive: office, deadline, evidence, accepted or returned."},
 "label_field": "title",
 "fields": [
    {"name": "title", "type": "text", "title": {"vi": "Nội dung", "en": "What"}, "tile": true, "required": true},
    {"name": "subject_kind", "type": "text", "title": {"vi": "Giao từ", "en": "About a"}, "tile": true, "required": true, "codes": [
        {"code": "indicator", "vi": "Chỉ tiêu", "en": "Indicator"},
        {"code": "place", "vi": "Địa bàn", "en": "Place"},
        {"code": "report", "vi": "Phản ánh", "en": "Report"},
        {"code": "alert", "vi": "Cảnh báo", "en": "Alert"},
        {"code": "dossier", "vi": "Hồ sơ", "en": "Dossier"},
        {"code": "directive", "vi": "Văn bản", "en": "Directive"}]},
    {"name": "subject", "type": "text", "title": {"vi": "Mã đối tượng", "en": "Which"}, "tile": true, "required": true},
    {"name": "place_code", "type": "text", "title": {"vi": "Mã đơn vị", "en": "Unit code"}, "tile": true},
    {"name": "office", "type": "text", "title": {"vi": "Cơ quan thực hiện", "en": "Office"}, "tile": true, "required": true},
    {"name": "deadline", "type": "timestamp", "title": {"vi": "Hạn", "en": "Deadline"}, "tile": true, "required": true},
    {"name": "state", "type": "text", "title": {"vi": "Tình trạng", "en": "State"}, "tile": true, "required": true, "codes": [
        {"code": "open", "vi": "Đã giao", "en": "Open"},
        {"code": "reported", "vi": "Chờ nghiệm thu", "en": "Reported done"},
        {"code": "returned", "vi": "Trả lại", "en": "Returned"},
        {"code": "accepted", "vi": "Đã nghiệm thu", "en": "Accepted"}]},
    {"name": "evidence", "type": "text", "title": {"vi": "Minh chứng", "en": "Evidence"}, "tile": true},
    {"name": "reported_at", "type": "timestamp", "title": {"vi": "Báo cáo lúc", "en": "Reported at"}, "tile": true},
    {"name": "reason", "type": "text", "title": {"vi": "Lý do trả lại", "en": "Why returned"}, "tile": true},
    {"name": "asked_by", "type": "text", "title": {"vi": "Người giao", "en": "Asked by"}, "tile": true},
    {"name": "closed_by", "type": "text", "title": {"vi": "Người nghiệm thu", "en": "Judged by"}, "tile": true}]}
$json$);
ALTER TABLE record.tasks ADD CONSTRAINT accepted_has_evidence
    CHECK (state NOT IN ('reported', 'accepted') OR evidence IS NOT NULL);

SELECT diaban.create_collection($json$
{"id": "untied", "geometry": "none", "title": {"vi": "Chờ gắn địa bàn", "en": "Waiting for a place"},
 "description": {"vi": "Tin đến mà chưa gắn được vào địa bàn, kèm lý do.", "en": "What arrived and could not be tied to a place, with the reason."},
 "label_field": "given",
 "fields": [
    {"name": "source", "type": "text", "title": {"vi": "Nguồn", "en": "Source"}, "tile": true, "required": true},
    {"name": "given_as", "type": "text", "title": {"vi": "Cho bằng", "en": "Given as"}, "tile": true, "required": true},
    {"name": "given", "type": "text", "title": {"vi": "Nội dung", "en": "What was given"}, "tile": true, "required": true},
    {"name": "reason", "type": "text", "title": {"vi": "Lý do", "en": "Reason"}, "tile": true, "required": true},
    {"name": "arrived_at", "type": "timestamp", "title": {"vi": "Đến lúc", "en": "Arrived at"}, "tile": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "indicator_sources", "geometry": "none", "title": {"vi": "Nguồn lấy số liệu định kỳ", "en": "Sources that are pulled"},
 "description": {"vi": "Địa chỉ REST lấy số liệu theo lịch và cách đọc câu trả lời; lấy hỏng thì giữ số liệu tốt gần nhất.", "en": "REST addresses that are asked on a schedule and how the answer is read; where one fails, the last good values stand."},
 "label_field": "url",
 "fields": [
    {"name": "indicator", "type": "text", "title": {"vi": "Mã chỉ tiêu", "en": "Indicator code"}, "tile": true, "required": true},
    {"name": "url", "type": "text", "title": {"vi": "Địa chỉ", "en": "Address"}, "tile": true, "required": true},
    {"name": "every_minutes", "type": "integer", "unit": "min", "title": {"vi": "Chu kỳ", "en": "Every"}, "tile": true, "required": true},
    {"name": "list_at", "type": "text", "title": {"vi": "Danh sách ở (JSON pointer)", "en": "List at (JSON pointer)"}, "tile": true},
    {"name": "place_at", "type": "text", "title": {"vi": "Mã đơn vị ở", "en": "Unit code at"}, "tile": true, "required": true},
    {"name": "period_at", "type": "text", "title": {"vi": "Kỳ ở", "en": "Period at"}, "tile": true, "required": true},
    {"name": "value_at", "type": "text", "title": {"vi": "Giá trị ở", "en": "Value at"}, "tile": true, "required": true}]}
$json$);
ALTER TABLE record.indicator_sources
    ADD CONSTRAINT not_too_often CHECK (every_minutes BETWEEN 1 AND 525600);

-- When each source is asked next, and how the last asking went. The values themselves stand among the
-- indicators: where an asking fails, the last good ones are those that are there.
CREATE TABLE diaban.pull (
    source   bigint PRIMARY KEY,
    next_at  timestamptz NOT NULL,
    asked_at timestamptz NOT NULL,
    good_at  timestamptz,
    stored   bigint NOT NULL DEFAULT 0,
    fault    text NOT NULL DEFAULT ''
);

-- The only hosts that are asked (name, with the port where it is not the usual one). Whoever may edit rows
-- may name an address; whom this server speaks to, in the network it stands in, is its owner's to say.
CREATE TABLE diaban.pull_host (
    host text PRIMARY KEY CHECK (host <> '')
);
GRANT SELECT ON diaban.pull_host TO diaban_serve, diaban_edit;
GRANT SELECT ON diaban.pull TO diaban_serve;
GRANT SELECT, INSERT, UPDATE ON diaban.pull TO diaban_edit;
