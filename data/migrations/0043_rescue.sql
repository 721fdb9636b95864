-- Rescue: calls as they came in (112, web), merged and triaged by dated rules, and the teams that are sent.
-- Who called stands in personal fields.

SET LOCAL ROLE diaban_owner;

SELECT diaban.create_collection($json$
{"id": "triage_rules", "geometry": "none", "title": {"vi": "Quy tắc phân loại cứu nạn", "en": "Rules of triage"},
 "description": {"vi": "Mức ưu tiên của cuộc gọi theo độ sâu ngập, người yếu thế và số người; mọi điều kiện nêu trong hàng phải đạt, lấy mức cao nhất.", "en": "Priority of a call by depth, vulnerable and number of people; all that a row states must be met, the highest priority counts."},
 "label_field": "priority",
 "fields": [
    {"name": "priority", "type": "integer", "title": {"vi": "Mức ưu tiên (1 cao nhất)", "en": "Priority (1 is highest)"}, "tile": true, "required": true},
    {"name": "depth_from", "type": "number", "unit": "m", "title": {"vi": "Ngập từ", "en": "Depth from"}, "tile": true},
    {"name": "vulnerable_from", "type": "integer", "title": {"vi": "Người yếu thế từ", "en": "Vulnerable people from"}, "tile": true},
    {"name": "people_from", "type": "integer", "title": {"vi": "Số người từ", "en": "People from"}, "tile": true},
    {"name": "since", "type": "date", "title": {"vi": "Từ ngày", "en": "Since"}, "tile": true, "required": true},
    {"name": "basis", "type": "text", "title": {"vi": "Căn cứ", "en": "Basis"}, "tile": true}]}
$json$);
ALTER TABLE record.triage_rules ADD CONSTRAINT four_priorities CHECK (priority BETWEEN 1 AND 4);

SELECT diaban.create_collection($json$
{"id": "rescue_teams", "geometry": "point", "title": {"vi": "Đội cứu nạn", "en": "Rescue teams"},
 "class_field": "state", "label_field": "name",
 "fields": [
    {"name": "name", "type": "text", "title": {"vi": "Tên đội", "en": "Name"}, "tile": true, "required": true},
    {"name": "kind", "type": "text", "title": {"vi": "Phương tiện", "en": "Kind"}, "tile": true, "codes": [
        {"code": "boat", "vi": "Xuồng", "en": "Boat"},
        {"code": "truck", "vi": "Xe tải gầm cao", "en": "High truck"},
        {"code": "foot", "vi": "Đi bộ", "en": "On foot"},
        {"code": "medical", "vi": "Y tế", "en": "Medical"}]},
    {"name": "capacity", "type": "integer", "unit": "people", "title": {"vi": "Chở được", "en": "Capacity"}, "tile": true},
    {"name": "state", "type": "text", "title": {"vi": "Tình trạng", "en": "State"}, "tile": true, "required": true, "codes": [
        {"code": "free", "vi": "Sẵn sàng", "en": "Free"},
        {"code": "busy", "vi": "Đang làm nhiệm vụ", "en": "Busy"},
        {"code": "off", "vi": "Nghỉ", "en": "Off"}]}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "rescue_calls", "geometry": "point", "title": {"vi": "Cuộc gọi cứu nạn", "en": "Rescue calls"},
 "description": {"vi": "Yêu cầu cứu nạn qua 112 và trang web: gộp, phân loại, điều đội; không mất cuộc nào.", "en": "Calls for rescue by 112 and web: merged, triaged, dispatched; none is lost."},
 "class_field": "state", "time_field": "received_at",
 "fields": [
    {"name": "event", "type": "integer", "title": {"vi": "Thiên tai", "en": "Disaster event"}, "tile": true, "required": true},
    {"name": "key", "type": "text", "title": {"vi": "Mã của nơi gửi", "en": "Sender’s key"}, "required": true},
    {"name": "source", "type": "text", "title": {"vi": "Kênh", "en": "Source"}, "tile": true, "required": true, "codes": [
        {"code": "112", "vi": "Tổng đài 112", "en": "112"},
        {"code": "web", "vi": "Trang web", "en": "Web"}]},
    {"name": "text", "type": "text", "personal": true, "title": {"vi": "Nội dung", "en": "Text"}, "required": true},
    {"name": "people", "type": "integer", "title": {"vi": "Số người", "en": "People"}, "tile": true, "required": true},
    {"name": "vulnerable", "type": "integer", "title": {"vi": "Người yếu thế", "en": "Vulnerable"}, "tile": true, "required": true},
    {"name": "depth_m", "type": "number", "unit": "m", "title": {"vi": "Độ sâu ngập", "en": "Depth"}, "tile": true},
    {"name": "received_at", "type": "timestamp", "title": {"vi": "Nhận lúc", "en": "Received at"}, "tile": true, "required": true},
    {"name": "state", "type": "text", "title": {"vi": "Tình trạng", "en": "State"}, "tile": true, "required": true, "codes": [
        {"code": "new", "vi": "Mới", "en": "New"},
        {"code": "merged", "vi": "Đã gộp", "en": "Merged"},
        {"code": "assigned", "vi": "Đã điều đội", "en": "Assigned"},
        {"code": "done", "vi": "Đã cứu", "en": "Done"}]},
    {"name": "merged_into", "type": "integer", "title": {"vi": "Gộp vào", "en": "Merged into"}, "tile": true},
    {"name": "priority", "type": "integer", "title": {"vi": "Mức ưu tiên", "en": "Priority"}, "tile": true, "required": true},
    {"name": "team", "type": "integer", "title": {"vi": "Đội", "en": "Team"}, "tile": true},
    {"name": "distance_m", "type": "number", "unit": "m", "title": {"vi": "Đội ở cách", "en": "Team’s distance"}, "tile": true},
    {"name": "assigned_at", "type": "timestamp", "title": {"vi": "Điều đội lúc", "en": "Assigned at"}, "tile": true},
    {"name": "done_at", "type": "timestamp", "title": {"vi": "Xong lúc", "en": "Done at"}, "tile": true},
    {"name": "caller", "type": "text", "personal": true, "title": {"vi": "Người gọi", "en": "Caller"}},
    {"name": "phone", "type": "text", "personal": true, "title": {"vi": "Điện thoại", "en": "Telephone"}}]}
$json$);
ALTER TABLE record.rescue_calls
    ADD CONSTRAINT call_has_a_place CHECK (geom IS NOT NULL),
    ADD CONSTRAINT people_are_counted CHECK (people BETWEEN 1 AND 10000 AND vulnerable BETWEEN 0 AND people),
    ADD CONSTRAINT depth_is_water CHECK (depth_m BETWEEN 0 AND 20),
    ADD CONSTRAINT four_priorities CHECK (priority BETWEEN 1 AND 4),
    ADD CONSTRAINT merged_says_into_which CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
    ADD CONSTRAINT sent_says_who CHECK (state <> 'assigned' OR (team IS NOT NULL AND assigned_at IS NOT NULL));
-- A call is taken once, by the key of who sends it.
CREATE UNIQUE INDEX rescue_calls_key ON record.rescue_calls (key);
CREATE INDEX ON record.rescue_calls (event, received_at);
CREATE INDEX ON record.rescue_calls (phone) WHERE phone IS NOT NULL;
CREATE UNIQUE INDEX rescue_calls_team ON record.rescue_calls (team) WHERE state = 'assigned';
CREATE INDEX rescue_teams_free ON record.rescue_teams (fid) WHERE state = 'free';
