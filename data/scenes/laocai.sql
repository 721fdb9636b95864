-- What the demonstration laocai stands on: a rain gauge in Phúc Khánh that belongs to an exercise, a rule about it, and
-- whom reports of roads there go to. To be run as the record's owner; what an earlier run made, it replaces.

DELETE FROM record.watch_rules WHERE name LIKE 'Diễn tập Lào Cai:%';
DELETE FROM record.alerts WHERE source_kind = 'rule' AND object IN (SELECT fid FROM record.sensors WHERE station_code = 'DT-LC');
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT d.fid, d.sensor, d.instrument, d.observed_property
FROM record.datastreams AS d JOIN record.sensors AS s ON s.fid = d.sensor WHERE s.station_code = 'DT-LC';
DELETE FROM sensor.latest WHERE datastream IN (SELECT fid FROM made);
DELETE FROM sensor.observation WHERE datastream IN (SELECT fid FROM made);
DELETE FROM record.datastreams WHERE fid IN (SELECT fid FROM made);
DELETE FROM record.sensors WHERE fid IN (SELECT sensor FROM made);
DELETE FROM record.instruments WHERE fid IN (SELECT instrument FROM made);
DELETE FROM record.observed_properties WHERE fid IN (SELECT observed_property FROM made);
DELETE FROM report.route WHERE agency LIKE '%(diễn tập Lào Cai)';

INSERT INTO record.instruments (name, description, encoding_type, metadata)
VALUES ('Diễn tập / exercise', 'Số liệu diễn tập, không phải số đo. / Of an exercise, no measurement.', 'text/plain', 'data/scenes/laocai.sql');
INSERT INTO record.observed_properties (name, definition, description)
VALUES ('Mưa 24 giờ / rain of 24 hours', 'http://codes.wmo.int/wmdr/ObservedVariableAtmosphere/210', 'Lượng mưa 24 giờ, mm. / Rain of 24 hours, mm.');
INSERT INTO record.sensors (name, kind, station_code, status, description, scope, geom)
VALUES ('Mưa Phúc Khánh (diễn tập)', 'rain', 'DT-LC', 'active', 'Trạm của diễn tập, không có thật. / Of an exercise, it does not exist.',
        '02998', ST_Point(104.5508, 22.1691, 4326));
INSERT INTO record.datastreams (name, description, sensor, instrument, observed_property, unit_name, unit_symbol, unit_definition, scope)
SELECT 'Mưa 24 giờ', 'Số liệu diễn tập. / Of an exercise.', s.fid, (SELECT max(fid) FROM record.instruments),
       (SELECT max(fid) FROM record.observed_properties), 'milimét', 'mm', 'http://unitsofmeasure.org/ucum.html#mm', '02998'
FROM record.sensors AS s WHERE s.station_code = 'DT-LC';

-- Decision 18/2021/QĐ-TTg, Article 46: in region 1, to which Lào Cai belongs, risk begins at 100 mm in 24 hours.
INSERT INTO record.watch_rules (name, kind, source, source_filter, field, threshold, margin, severity, headline, headline_en, description, description_en, enabled)
VALUES ('Diễn tập Lào Cai: mưa 24 giờ từ 100 mm', 'above', 'sensors', 'name = ''Mưa Phúc Khánh (diễn tập)''', 'reading_value', 100, 10, 'Moderate',
        'DIỄN TẬP: nguy cơ sạt lở, mưa 24 giờ {value} mm', 'EXERCISE: risk of landslides, {value} mm of rain in 24 hours',
        'Diễn tập. Mưa 24 giờ tại Phúc Khánh lúc {at} là {value} mm, từ ngưỡng {threshold} mm trở lên (Quyết định 18/2021/QĐ-TTg, Điều 46).',
        'Exercise. At {at} 24 hours of rain at Phúc Khánh came to {value} mm; the threshold is {threshold} mm (Decision 18/2021/QĐ-TTg, Article 46).', true);

INSERT INTO report.route (category, unit, agency, days)
VALUES ('road', '02998', 'Ban Chỉ huy Phòng thủ dân sự xã Phúc Khánh (diễn tập Lào Cai)', 1);

-- Census of 2019: the wards that make up Phúc Khánh lie in it whole, 5,595 people.
UPDATE record.places SET population = 5595 WHERE code = '02998' AND level = 'commune' AND valid_to IS NULL;
