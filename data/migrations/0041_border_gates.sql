-- Border gates are stations: their datastreams say which direction and figure they count. Waiting time is
-- derived from them when it is asked for.

SET LOCAL ROLE diaban_owner;

SELECT diaban.add_field('datastreams', definition::jsonb) FROM (VALUES
    ('{"name": "gate_direction", "type": "text", "title": {"vi": "Chiều qua cửa khẩu", "en": "Direction at the gate"}, "tile": true, "codes": [
        {"code": "out", "vi": "Xuất", "en": "Outbound"}, {"code": "in", "vi": "Nhập", "en": "Inbound"}]}'),
    ('{"name": "gate_figure", "type": "text", "title": {"vi": "Số đếm tại cửa khẩu", "en": "Figure of the gate"}, "tile": true, "codes": [
        {"code": "lanes", "vi": "Làn đang mở", "en": "Lanes open"}, {"code": "queue", "vi": "Xe đang chờ", "en": "Vehicles waiting"},
        {"code": "passed", "vi": "Xe đã qua", "en": "Vehicles passed"}]}'))
    AS fields (definition);
CREATE INDEX ON record.datastreams (sensor) WHERE gate_figure IS NOT NULL;
