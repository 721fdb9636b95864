-- Cầu Treo, Hà Tĩnh's border gate to Laos, with what it counts in both directions. Its position is approximate,
-- to a minute of arc; its figures are invented, and say so. To be run after gauges.sql,
-- which removes what an earlier run made.

INSERT INTO record.observed_properties (name, description)
VALUES ('Số lượng xe / vehicles', 'Xe đang chờ, xe đã qua, làn đang mở. / Vehicles waiting and passed, lanes open.');

WITH gate AS (
    INSERT INTO record.sensors (name, kind, station_code, status, description, geom)
    VALUES ('Cửa khẩu quốc tế Cầu Treo', 'border_gate', 'CT', 'active',
            'Vị trí gần đúng, số liệu giả lập. / Approximate position, invented values.', ST_Point(105.152, 18.393, 4326))
    RETURNING fid)
INSERT INTO record.datastreams (name, description, sensor, instrument, observed_property, unit_name, unit_symbol,
                                expected_seconds, gate_direction, gate_figure)
SELECT format('Cầu Treo: %s, %s', figure.title, way.title), 'Số liệu giả lập. / Invented values.', gate.fid,
       (SELECT max(fid) FROM record.instruments), (SELECT max(fid) FROM record.observed_properties),
       figure.unit, figure.unit, 3600, way.code, figure.code
FROM gate
CROSS JOIN (VALUES ('out', 'chiều xuất'), ('in', 'chiều nhập')) AS way (code, title)
CROSS JOIN (VALUES ('lanes', 'làn đang mở', 'làn'), ('queue', 'xe đang chờ', 'xe'), ('passed', 'xe đã qua', 'xe'))
    AS figure (code, title, unit);

-- Two hours, ten minutes apart: the queue to Laos grows.
SELECT sensor.open_month((now() - interval '2 hours')::date);
INSERT INTO sensor.observation (datastream, at, value)
SELECT d.fid, date_trunc('minute', now()) - make_interval(mins => 10 * i),
       CASE d.gate_figure WHEN 'lanes' THEN 2
                          WHEN 'queue' THEN CASE d.gate_direction WHEN 'out' THEN 44 - 3 * i ELSE 9 + i % 3 END
                          ELSE CASE d.gate_direction WHEN 'out' THEN 11 + i % 4 ELSE 14 + i % 3 END END
FROM record.datastreams AS d CROSS JOIN generate_series(0, 12) AS i
WHERE d.gate_figure IS NOT NULL;
INSERT INTO sensor.latest (datastream, first_at, at, value, received_at)
SELECT DISTINCT ON (o.datastream) o.datastream, min(o.at) OVER (PARTITION BY o.datastream), o.at, o.value, o.received_at
FROM sensor.observation AS o JOIN record.datastreams AS d ON d.fid = o.datastream
WHERE d.gate_figure IS NOT NULL ORDER BY o.datastream, o.at DESC;
SELECT sensor.tell_batch(1);
