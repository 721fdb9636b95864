-- Hữu Nghị, Lạng Sơn's border gate to China, with what it counts in both directions. Its position is approximate, to a minute
-- of arc; its figures are an exercise's, and say so. The queue is expected every half minute: when it is not heard, there is no
-- data. To be run as the record's owner; what an earlier run made, it replaces.

CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT d.fid, d.sensor FROM record.datastreams AS d JOIN record.sensors AS s ON s.fid = d.sensor WHERE s.station_code = 'DT-HN';
DELETE FROM record.alerts WHERE source IN (SELECT fid FROM made) AND source_kind = 'datastream';
DELETE FROM sensor.latest WHERE datastream IN (SELECT fid FROM made);
DELETE FROM sensor.observation WHERE datastream IN (SELECT fid FROM made);
DELETE FROM record.datastreams WHERE fid IN (SELECT fid FROM made);
DELETE FROM record.sensors WHERE station_code = 'DT-HN';

INSERT INTO record.observed_properties (name, description)
SELECT 'Số lượng xe / vehicles', 'Xe đang chờ, xe đã qua, làn đang mở. / Vehicles waiting and passed, lanes open.'
WHERE NOT EXISTS (SELECT FROM record.observed_properties WHERE name = 'Số lượng xe / vehicles');

WITH gate AS (
    INSERT INTO record.sensors (name, kind, station_code, status, description, geom)
    VALUES ('Cửa khẩu quốc tế Hữu Nghị', 'border_gate', 'DT-HN', 'active',
            'Diễn tập: vị trí gần đúng, số liệu giả lập. / Exercise: approximate position, invented values.',
            ST_Point(106.711, 21.972, 4326))
    RETURNING fid)
INSERT INTO record.datastreams (name, description, sensor, observed_property, unit_name, unit_symbol, expected_seconds,
                                change, change_seconds, gate_direction, gate_figure)
SELECT format('Hữu Nghị: %s, %s', figure.title, way.title), 'Diễn tập. / Exercise.', gate.fid,
       (SELECT max(fid) FROM record.observed_properties WHERE name = 'Số lượng xe / vehicles'), figure.unit, figure.unit,
       CASE WHEN figure.code = 'queue' AND way.code = 'out' THEN 30 END,
       CASE WHEN figure.code = 'queue' AND way.code = 'out' THEN 40 END,
       CASE WHEN figure.code = 'queue' AND way.code = 'out' THEN 3600 END, way.code, figure.code
FROM gate
CROSS JOIN (VALUES ('out', 'chiều xuất'), ('in', 'chiều nhập')) AS way (code, title)
CROSS JOIN (VALUES ('lanes', 'làn đang mở', 'làn'), ('queue', 'xe đang chờ', 'xe'), ('passed', 'xe đã qua', 'xe'))
    AS figure (code, title, unit);

-- Two hours, ten minutes apart, the last ten minutes ago.
SELECT sensor.open_month((now() - interval '3 hours')::date), sensor.open_month(now()::date);
INSERT INTO sensor.observation (datastream, at, value)
SELECT d.fid, date_trunc('minute', now()) - make_interval(mins => 10 * i),
       CASE d.gate_figure WHEN 'lanes' THEN 4 WHEN 'queue' THEN 25 + i % 3 ELSE 11 + i % 4 END
FROM record.datastreams AS d JOIN record.sensors AS s ON s.fid = d.sensor CROSS JOIN generate_series(1, 12) AS i
WHERE s.station_code = 'DT-HN';
INSERT INTO sensor.latest (datastream, first_at, at, value, received_at)
SELECT DISTINCT ON (o.datastream) o.datastream, min(o.at) OVER (PARTITION BY o.datastream), o.at, o.value, o.received_at
FROM sensor.observation AS o JOIN record.datastreams AS d ON d.fid = o.datastream JOIN record.sensors AS s ON s.fid = d.sensor
WHERE s.station_code = 'DT-HN' ORDER BY o.datastream, o.at DESC;
SELECT sensor.tell_batch(1);
