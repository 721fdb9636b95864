-- Events and orders: the phase that a disaster event is in, orders to the communes' commands with their
-- receipts, and who is on duty, under whom. An order that nobody acknowledges goes to the superior by name.

SET LOCAL ROLE diaban_owner;

SELECT diaban.add_field('disaster_events', $json$
{"name": "phase", "type": "text", "title": {"vi": "Giai đoạn", "en": "Phase"}, "tile": true, "codes": [
    {"code": "watch", "vi": "Theo dõi", "en": "Watch"},
    {"code": "prepare", "vi": "Chuẩn bị", "en": "Prepare"},
    {"code": "respond", "vi": "Ứng phó", "en": "Respond"},
    {"code": "recover", "vi": "Khắc phục", "en": "Recover"},
    {"code": "closed", "vi": "Kết thúc", "en": "Closed"}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "duty_roster", "geometry": "none", "title": {"vi": "Danh sách trực", "en": "Duty roster"},
 "description": {"vi": "Người trực chỉ huy của từng đơn vị và cấp trên trực tiếp.", "en": "Who is on duty in each unit’s command, and under whom."},
 "label_field": "name",
 "fields": [
    {"name": "unit", "type": "text", "title": {"vi": "Mã đơn vị", "en": "Unit code"}, "tile": true, "required": true},
    {"name": "name", "type": "text", "title": {"vi": "Người trực", "en": "On duty"}, "tile": true, "required": true},
    {"name": "superior", "type": "text", "title": {"vi": "Cấp trên trực tiếp", "en": "Superior"}, "tile": true, "required": true},
    {"name": "phone", "type": "text", "personal": true, "title": {"vi": "Điện thoại", "en": "Telephone"}}]}
$json$);
CREATE INDEX ON record.duty_roster (unit);

SELECT diaban.create_collection($json$
{"id": "event_orders", "geometry": "none", "title": {"vi": "Mệnh lệnh, chỉ đạo", "en": "Orders"},
 "description": {"vi": "Lệnh gửi ban chỉ huy cấp xã trong một thiên tai và việc xác nhận đã nhận; quá hạn thì báo lên cấp trên, nêu tên.", "en": "Orders to communes’ commands in an event, with receipts; what is not acknowledged in time goes to the superior by name."},
 "label_field": "text", "time_field": "issued_at",
 "fields": [
    {"name": "event", "type": "integer", "title": {"vi": "Thiên tai", "en": "Disaster event"}, "tile": true, "required": true},
    {"name": "unit", "type": "text", "title": {"vi": "Mã đơn vị", "en": "Unit code"}, "tile": true, "required": true},
    {"name": "to_whom", "type": "text", "title": {"vi": "Người nhận", "en": "To"}, "tile": true, "required": true},
    {"name": "superior", "type": "text", "title": {"vi": "Cấp trên khi ra lệnh", "en": "Superior when issued"}, "tile": true, "required": true},
    {"name": "text", "type": "text", "title": {"vi": "Nội dung", "en": "Text"}, "tile": true, "required": true},
    {"name": "issued_at", "type": "timestamp", "title": {"vi": "Ra lệnh lúc", "en": "Issued at"}, "tile": true, "required": true},
    {"name": "issued_by", "type": "text", "title": {"vi": "Người ra lệnh", "en": "Issued by"}, "tile": true},
    {"name": "due_minutes", "type": "integer", "unit": "min", "title": {"vi": "Phải xác nhận trong", "en": "To be acknowledged within"}, "tile": true, "required": true},
    {"name": "state", "type": "text", "title": {"vi": "Tình trạng", "en": "State"}, "tile": true, "required": true, "codes": [
        {"code": "issued", "vi": "Chờ xác nhận", "en": "Issued"},
        {"code": "acknowledged", "vi": "Đã xác nhận", "en": "Acknowledged"},
        {"code": "escalated", "vi": "Đã báo cấp trên", "en": "Escalated"}]},
    {"name": "acknowledged_at", "type": "timestamp", "title": {"vi": "Xác nhận lúc", "en": "Acknowledged at"}, "tile": true},
    {"name": "acknowledged_by", "type": "text", "title": {"vi": "Người xác nhận", "en": "Acknowledged by"}, "tile": true},
    {"name": "escalated_at", "type": "timestamp", "title": {"vi": "Báo cấp trên lúc", "en": "Escalated at"}, "tile": true},
    {"name": "escalated_to", "type": "text", "title": {"vi": "Báo lên", "en": "Escalated to"}, "tile": true}]}
$json$);
ALTER TABLE record.event_orders
    ADD CONSTRAINT due_within_a_day CHECK (due_minutes BETWEEN 1 AND 1440),
    ADD CONSTRAINT receipt_says_when CHECK (state <> 'acknowledged' OR acknowledged_at IS NOT NULL),
    ADD CONSTRAINT escalation_says_to_whom CHECK (state <> 'escalated' OR (escalated_at IS NOT NULL AND escalated_to IS NOT NULL));
CREATE INDEX ON record.event_orders (event);
CREATE INDEX event_orders_waiting ON record.event_orders (issued_at) WHERE state = 'issued';
