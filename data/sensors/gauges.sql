-- River gauges of Hà Tĩnh with the alert levels of Decision 05/2020/QĐ-TTg. Their positions are approximate,
-- to a minute of arc; their readings are invented, and say so. To be run as the record's owner; what an earlier run made, it replaces.

CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT d.fid, d.sensor, d.instrument, d.observed_property
FROM record.datastreams AS d JOIN record.instruments AS i ON i.fid = d.instrument
WHERE i.metadata = 'data/sensors/gauges.sql';
DELETE FROM sensor.latest WHERE datastream IN (SELECT fid FROM made);
DELETE FROM sensor.observation WHERE datastream IN (SELECT fid FROM made);
DELETE FROM record.datastreams WHERE fid IN (SELECT fid FROM made);
DELETE FROM record.sensors WHERE fid IN (SELECT sensor FROM made);
DELETE FROM record.instruments WHERE fid IN (SELECT instrument FROM made);
DELETE FROM record.observed_properties WHERE fid IN (SELECT observed_property FROM made);

UPDATE alert.sender SET status = 'Test', name = 'Địa bàn, bản trình diễn / demo';

INSERT INTO record.instruments (name, description, encoding_type, metadata)
VALUES ('Giả lập / generated', 'Số liệu giả lập, không phải số đo. / Invented values, no measurement.',
        'text/plain', 'data/sensors/gauges.sql');
INSERT INTO record.observed_properties (name, definition, description)
VALUES ('Mực nước / water level', 'http://codes.wmo.int/wmdr/ObservedVariableTerrestrial/172',
        'Mực nước sông theo mốc của trạm, mét. / River stage above the gauge''s datum, metres.');

WITH gauge (code, name, lon, lat, one, two, three) AS (VALUES
    ('HD', 'Hòa Duyệt', 105.583, 18.367, 7.5, 9.0, 10.5),
    ('SD', 'Sơn Diệm', 105.350, 18.500, 10.0, 11.5, 13.0),
    ('LC', 'Linh Cảm', 105.567, 18.533, 4.5, 5.5, 6.5),
    ('CL', 'Chu Lễ', 105.700, 18.217, NULL, 12.0, 13.5)),
station AS (
    INSERT INTO record.sensors (name, kind, station_code, status, description, geom)
    SELECT name, 'gauge', code, 'active', 'Vị trí gần đúng, số liệu giả lập. / Approximate position, invented values.',
           ST_Point(lon, lat, 4326)
    FROM gauge
    RETURNING fid, station_code, name)
INSERT INTO record.datastreams (name, description, sensor, instrument, observed_property, unit_name, unit_symbol,
                                unit_definition, level_1, level_2, level_3, hysteresis, change, change_seconds)
SELECT 'Mực nước ' || station.name, 'Số liệu giả lập. / Invented values.', station.fid,
       (SELECT max(fid) FROM record.instruments), (SELECT max(fid) FROM record.observed_properties), 'mét', 'm',
       'http://unitsofmeasure.org/ucum.html#m', gauge.one, gauge.two, gauge.three, 0.05, 1, 3600
FROM station JOIN gauge ON gauge.code = station.station_code;

-- Three days, an hour apart: a small flood that has passed, with the tide at Linh Cảm.
SELECT sensor.open_month((now() - interval '3 days')::date), sensor.open_month(now()::date);
INSERT INTO sensor.observation (datastream, at, value)
SELECT d.fid, date_trunc('hour', now()) - make_interval(hours => 72 - i),
       round((coalesce(d.level_1, d.level_2 - 1.5) - 1.2 + 1.1 * exp(-(((i - 40) / 14.0) ^ 2))
              + 0.15 * sin(i * pi() / 6.2))::numeric, 2)
FROM record.datastreams AS d CROSS JOIN generate_series(0, 72) AS i
WHERE d.unit_symbol = 'm';
INSERT INTO sensor.latest (datastream, first_at, at, value, received_at)
SELECT DISTINCT ON (datastream) datastream, min(at) OVER (PARTITION BY datastream), at, value, received_at
FROM sensor.observation ORDER BY datastream, at DESC
ON CONFLICT DO NOTHING;
SELECT sensor.tell_batch(1);
