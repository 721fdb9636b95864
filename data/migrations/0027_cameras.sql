-- What a register of cameras holds besides where they look. Addresses of pictures and streams let one
-- look through a camera: they are told like what is told of persons, to who has the right, with audit.

SET LOCAL ROLE diaban_owner;

SELECT diaban.add_field('cameras', $json$
{"name": "tilt", "type": "number", "unit": "deg", "title": {"vi": "Góc ngẩng", "en": "Tilt"}}
$json$);
SELECT diaban.add_field('cameras', $json$
{"name": "vertical_field", "type": "number", "unit": "deg", "title": {"vi": "Góc nhìn dọc", "en": "Vertical field of view"}}
$json$);
SELECT diaban.add_field('cameras', $json$
{"name": "purpose", "type": "text", "title": {"vi": "Mục đích", "en": "Purpose"}}
$json$);
SELECT diaban.add_field('cameras', $json$
{"name": "retention_days", "type": "integer", "unit": "d", "title": {"vi": "Lưu hình (ngày)", "en": "Pictures kept (days)"}}
$json$);
SELECT diaban.add_field('cameras', $json$
{"name": "last_seen", "type": "timestamp", "title": {"vi": "Tín hiệu gần nhất", "en": "Last seen"}}
$json$);
SELECT diaban.add_field('cameras', $json$
{"name": "onvif", "type": "text", "title": {"vi": "Dữ liệu ONVIF", "en": "ONVIF data"}}
$json$);
SELECT diaban.add_field('cameras', $json$
{"name": "snapshot_url", "type": "text", "personal": true, "title": {"vi": "Địa chỉ ảnh chụp", "en": "Address of snapshots"}}
$json$);
SELECT diaban.add_field('cameras', $json$
{"name": "stream_url", "type": "text", "personal": true, "title": {"vi": "Địa chỉ luồng (HLS, WebRTC)", "en": "Address of the stream (HLS, WebRTC)"}}
$json$);
