-- Citizens' reports: who is to answer within which time, messages both ways, photos. Who reported stands
-- in personal fields of the report itself; what a reporter holds is kept as a hash there.

CREATE SCHEMA report AUTHORIZATION diaban_owner;
GRANT USAGE ON SCHEMA report TO diaban_feed, diaban_serve, diaban_edit;

SET LOCAL ROLE diaban_owner;

INSERT INTO diaban.code_list (id, title_vi, title_en) VALUES
    ('report_channel', 'Kênh tiếp nhận', 'Channel');
INSERT INTO diaban.code (list, code, position, title_vi, title_en) VALUES
    ('report_channel', 'web', 1, 'Trang web', 'Web'),
    ('report_channel', 'app', 2, 'Ứng dụng', 'App'),
    ('report_channel', 'phone', 3, 'Điện thoại', 'Telephone'),
    ('report_channel', 'press', 4, 'Báo chí', 'Press'),
    ('report_channel', 'counter', 5, 'Trực tiếp', 'In person');

SELECT diaban.add_field('reports', $json$
{"name": "channel", "type": "text", "code_list": "report_channel", "title": {"vi": "Kênh tiếp nhận", "en": "Channel"}, "tile": true}
$json$);
SELECT diaban.add_field('reports', $json$
{"name": "address", "type": "text", "title": {"vi": "Địa chỉ", "en": "Address"}}
$json$);
SELECT diaban.add_field('reports', $json$
{"name": "media", "type": "text", "title": {"vi": "Ảnh", "en": "Photo"}}
$json$);
SELECT diaban.add_field('reports', $json$
{"name": "response", "type": "text", "title": {"vi": "Trả lời", "en": "Answer"}}
$json$);
SELECT diaban.add_field('reports', $json$
{"name": "closed_at", "type": "timestamp", "title": {"vi": "Đóng lúc", "en": "Closed at"}}
$json$);
SELECT diaban.add_field('reports', $json$
{"name": "rating", "type": "integer", "title": {"vi": "Đánh giá (1–5)", "en": "Rating (1–5)"}, "tile": true}
$json$);
SELECT diaban.add_field('reports', $json$
{"name": "reporter_email", "type": "text", "personal": true, "title": {"vi": "Thư điện tử người phản ánh", "en": "Reporter’s email"}}
$json$);
SELECT diaban.add_field('reports', $json$
{"name": "reporter_account", "type": "text", "personal": true, "title": {"vi": "Tài khoản người phản ánh", "en": "Reporter’s account"}}
$json$);
SELECT diaban.add_field('reports', $json$
{"name": "reporter_token", "type": "text", "personal": true, "title": {"vi": "Khóa theo dõi (băm)", "en": "Tracking key (hash)"}}
$json$);

-- Who answers a category in a unit, within how many days; the unit '' is everywhere else.
CREATE TABLE report.route (
    category text NOT NULL,
    unit     text NOT NULL DEFAULT '',
    agency   text NOT NULL CHECK (agency <> ''),
    days     integer NOT NULL CHECK (days BETWEEN 1 AND 365),
    PRIMARY KEY (category, unit)
);
INSERT INTO report.route (category, agency, days) VALUES
    ('road', 'Phòng Kinh tế, Hạ tầng và Đô thị', 10),
    ('flooding', 'Ban Chỉ huy Phòng thủ dân sự', 3),
    ('waste', 'Đơn vị vệ sinh môi trường', 5),
    ('lighting', 'Đơn vị quản lý chiếu sáng', 7),
    ('pollution', 'Phòng Nông nghiệp và Môi trường', 15),
    ('water', 'Đơn vị cấp nước', 5),
    ('power', 'Điện lực khu vực', 2),
    ('tree', 'Đơn vị quản lý cây xanh', 5),
    ('construction', 'Phòng Kinh tế, Hạ tầng và Đô thị', 15),
    ('order', 'Công an xã, phường', 7),
    ('other', 'Trung tâm Phục vụ hành chính công', 15);

CREATE TABLE report.message (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fid    bigint NOT NULL,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    side   text NOT NULL CHECK (side IN ('citizen', 'office')),
    author text NOT NULL DEFAULT '', -- login of an office's side; a citizen's is never kept here
    text   text NOT NULL CHECK (text <> '')
);
CREATE INDEX ON report.message (fid, id);

-- A photo is shown to whoever sees a report that names it.
CREATE INDEX ON record.reports (media) WHERE media IS NOT NULL;
CREATE INDEX ON record.reports (reporter_token) WHERE reporter_token IS NOT NULL;

-- What was sent lately, by a hash of what it is counted by: spam and floods are bounded by it.
CREATE TABLE report.sent (
    key text NOT NULL,
    at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON report.sent (key, at);

GRANT SELECT ON report.route, report.message TO diaban_serve, diaban_edit;
GRANT INSERT ON report.message TO diaban_edit;
GRANT SELECT, INSERT, DELETE ON report.sent TO diaban_edit;
