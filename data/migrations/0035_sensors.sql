-- What stations observe. Stations are the collection `sensors`; what each of them measures, with what and
-- against which alert levels, are collections too: rights, history and edits are those of any. Values
-- stand in a table by month, whoever sees their datastream sees them.

CREATE SCHEMA sensor AUTHORIZATION diaban_owner;
GRANT USAGE ON SCHEMA sensor TO diaban_feed, diaban_serve, diaban_edit;

SET LOCAL ROLE diaban_owner;

SELECT diaban.create_collection($json$
{"id": "instruments", "geometry": "none", "title": {"vi": "Thiết bị đo", "en": "Instruments"},
 "description": {"vi": "Thiết bị hoặc cách đo sinh ra số liệu.", "en": "Devices or procedures that values come from."},
 "label_field": "name",
 "fields": [
    {"name": "name", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true, "required": true},
    {"name": "description", "type": "text", "title": {"vi": "Mô tả", "en": "Description"}, "tile": true},
    {"name": "encoding_type", "type": "text", "title": {"vi": "Kiểu của lý lịch", "en": "Type of its metadata"}, "tile": true},
    {"name": "metadata", "type": "text", "title": {"vi": "Lý lịch", "en": "Metadata"}, "tile": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "observed_properties", "geometry": "none", "title": {"vi": "Đại lượng đo", "en": "Observed properties"},
 "label_field": "name",
 "fields": [
    {"name": "name", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true, "required": true},
    {"name": "definition", "type": "text", "title": {"vi": "Định nghĩa", "en": "Definition"}, "tile": true},
    {"name": "description", "type": "text", "title": {"vi": "Mô tả", "en": "Description"}, "tile": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "datastreams", "geometry": "none", "title": {"vi": "Chuỗi số liệu đo", "en": "Datastreams"},
 "description": {"vi": "Một đại lượng của một trạm: đơn vị, chu kỳ báo về, mức báo động I–III, ngưỡng biến đổi nhanh.", "en": "One property of one station: unit, expected interval, alert levels I–III, what is a fast change."},
 "label_field": "name",
 "fields": [
    {"name": "name", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true, "required": true},
    {"name": "description", "type": "text", "title": {"vi": "Mô tả", "en": "Description"}, "tile": true},
    {"name": "sensor", "type": "integer", "title": {"vi": "Trạm", "en": "Station"}, "tile": true, "required": true},
    {"name": "instrument", "type": "integer", "title": {"vi": "Thiết bị", "en": "Instrument"}, "tile": true},
    {"name": "observed_property", "type": "integer", "title": {"vi": "Đại lượng", "en": "Observed property"}, "tile": true, "required": true},
    {"name": "unit_name", "type": "text", "title": {"vi": "Đơn vị", "en": "Unit"}, "tile": true},
    {"name": "unit_symbol", "type": "text", "title": {"vi": "Ký hiệu đơn vị", "en": "Unit’s symbol"}, "tile": true},
    {"name": "unit_definition", "type": "text", "title": {"vi": "Định nghĩa đơn vị", "en": "Unit’s definition"}, "tile": true},
    {"name": "observation_type", "type": "text", "title": {"vi": "Kiểu quan trắc", "en": "Type of observation"}, "tile": true},
    {"name": "expected_seconds", "type": "integer", "unit": "s", "title": {"vi": "Chu kỳ báo về", "en": "Expected every"}, "tile": true},
    {"name": "level_1", "type": "number", "title": {"vi": "Báo động I", "en": "Alert level I"}, "tile": true},
    {"name": "level_2", "type": "number", "title": {"vi": "Báo động II", "en": "Alert level II"}, "tile": true},
    {"name": "level_3", "type": "number", "title": {"vi": "Báo động III", "en": "Alert level III"}, "tile": true},
    {"name": "falling", "type": "boolean", "title": {"vi": "Báo động khi xuống thấp", "en": "Low values alarm"}, "tile": true},
    {"name": "hysteresis", "type": "number", "title": {"vi": "Độ trễ khi rút", "en": "Hysteresis"}, "tile": true},
    {"name": "change", "type": "number", "title": {"vi": "Biến đổi nhanh từ", "en": "A fast change is"}, "tile": true},
    {"name": "change_seconds", "type": "integer", "unit": "s", "title": {"vi": "Trong thời gian", "en": "Within"}, "tile": true}]}
$json$);
ALTER TABLE record.datastreams
    ADD CONSTRAINT expected_is_positive CHECK (expected_seconds BETWEEN 1 AND 31622400),
    ADD CONSTRAINT hysteresis_is_no_less_than_zero CHECK (hysteresis >= 0),
    ADD CONSTRAINT change_says_within_what
        CHECK (change IS NULL OR (change > 0 AND change_seconds BETWEEN 1 AND 31622400)),
    ADD CONSTRAINT levels_in_order CHECK (
        CASE WHEN coalesce(falling, false)
             THEN coalesce(level_1 > level_2, true) AND coalesce(level_2 > level_3, true)
                  AND coalesce(level_1 > level_3, true)
             ELSE coalesce(level_1 < level_2, true) AND coalesce(level_2 < level_3, true)
                  AND coalesce(level_1 < level_3, true) END);
CREATE INDEX ON record.datastreams (sensor);
CREATE INDEX ON record.datastreams (instrument);
CREATE INDEX ON record.datastreams (observed_property);

-- What the map shows of a station: the words of a bulletin, of which value and time, and that silence is
-- no data.
SELECT diaban.add_field('sensors', definition::jsonb) FROM (VALUES
    ('{"name": "description", "type": "text", "title": {"vi": "Mô tả", "en": "Description"}}'),
    ('{"name": "reading", "type": "text", "title": {"vi": "Số đo gần nhất", "en": "Latest reading"}, "tile": true}'),
    ('{"name": "reading_value", "type": "number", "title": {"vi": "Giá trị gần nhất", "en": "Latest value"}, "tile": true}'),
    ('{"name": "reading_at", "type": "timestamp", "title": {"vi": "Đo lúc", "en": "Observed at"}, "tile": true}'),
    ('{"name": "alert_level", "type": "integer", "title": {"vi": "Mức báo động", "en": "Alert level"}, "tile": true}'),
    ('{"name": "no_data", "type": "boolean", "title": {"vi": "Mất số liệu", "en": "No data"}, "tile": true}'))
    AS fields (definition);

-- Where a station has stood, and since when; the last row is where it stands.
CREATE TABLE sensor.location (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station bigint NOT NULL,
    since   timestamptz NOT NULL,
    geom    public.geometry(Point, 4326) NOT NULL
);
CREATE INDEX ON sensor.location (station, since, id);

CREATE FUNCTION sensor.keep_location() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM sensor.location WHERE station = OLD.fid;
    ELSIF NEW.geom IS NOT NULL
          AND (TG_OP = 'INSERT' OR OLD.geom IS NULL
               OR public.st_asbinary(NEW.geom) <> public.st_asbinary(OLD.geom)) THEN
        INSERT INTO sensor.location (station, since, geom)
        VALUES (NEW.fid, NEW.recorded_at, public.st_geometryn(NEW.geom, 1));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_location AFTER INSERT OR DELETE OR UPDATE OF geom ON record.sensors
    FOR EACH ROW EXECUTE FUNCTION sensor.keep_location();
INSERT INTO sensor.location (station, since, geom)
SELECT fid, recorded_at, public.st_geometryn(geom, 1)
FROM record.sensors WHERE geom IS NOT NULL;

-- The values. `message` names what a sender sent: the same datastream, time and message is the same
-- observation, however often it arrives.
CREATE SEQUENCE sensor.observation_id AS bigint;
CREATE TABLE sensor.observation (
    id          bigint NOT NULL DEFAULT nextval('sensor.observation_id'),
    datastream  bigint NOT NULL,
    at          timestamptz NOT NULL, -- of the phenomenon
    value       double precision NOT NULL CHECK (abs(value) <= 1.7976931348623157e308),
    result_at   timestamptz,          -- when the result was made, where it was said
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    message     text NOT NULL DEFAULT '' CHECK (length(message) <= 200),
    PRIMARY KEY (datastream, at, message)
) PARTITION BY RANGE (at);
CREATE INDEX ON sensor.observation (id);
ALTER SEQUENCE sensor.observation_id OWNED BY sensor.observation.id;

-- The last value of each datastream, as observed, and when the first was.
CREATE TABLE sensor.latest (
    datastream  bigint PRIMARY KEY,
    first_at    timestamptz NOT NULL,
    at          timestamptz NOT NULL,
    value       double precision NOT NULL,
    received_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Values by the hour, of months that are not kept value by value any more.
CREATE TABLE sensor.hourly (
    datastream bigint NOT NULL,
    hour       timestamptz NOT NULL,
    least      double precision NOT NULL,
    most       double precision NOT NULL,
    mean       double precision NOT NULL,
    count      bigint NOT NULL,
    PRIMARY KEY (datastream, hour)
);

-- How long values are kept one by one.
CREATE TABLE sensor.retention (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    keep_days integer NOT NULL DEFAULT 1826 CHECK (keep_days BETWEEN 31 AND 36525)
);
INSERT INTO sensor.retention DEFAULT VALUES;

DO $$
DECLARE
    part text;
BEGIN
    ALTER TABLE sensor.location ENABLE ROW LEVEL SECURITY;
    CREATE POLICY visitor ON sensor.location TO diaban_serve, diaban_edit
        USING (station IN (SELECT fid FROM record.sensors));
    FOREACH part IN ARRAY ARRAY['observation', 'latest', 'hourly'] LOOP
        EXECUTE format('ALTER TABLE sensor.%I ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format('CREATE POLICY visitor ON sensor.%I TO diaban_serve, diaban_edit '
                       'USING (datastream IN (SELECT fid FROM record.datastreams))', part);
        EXECUTE format('GRANT SELECT ON sensor.%I TO diaban_feed, diaban_serve, diaban_edit', part);
    END LOOP;
END
$$;
GRANT SELECT ON sensor.location, sensor.retention TO diaban_feed, diaban_serve, diaban_edit;
GRANT INSERT ON sensor.observation TO diaban_edit;
GRANT INSERT, UPDATE ON sensor.latest TO diaban_edit;
GRANT USAGE ON SEQUENCE sensor.observation_id TO diaban_edit;

-- A month of observations, by its first day (UTC).
CREATE FUNCTION sensor.open_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first_day date := date_trunc('month', month)::date;
    part      text := 'observation_' || to_char(first_day, 'YYYYMM');
BEGIN
    IF to_regclass('sensor.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(7263031);
    IF to_regclass('sensor.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE sensor.%I (LIKE sensor.observation INCLUDING ALL)', part);
    EXECUTE format('ALTER TABLE sensor.observation ATTACH PARTITION sensor.%I '
                   'FOR VALUES FROM (%L) TO (%L)', part, first_day::timestamptz,
                   (first_day + interval '1 month')::timestamptz);
END
$$;

-- Says in the feed that observations came in: one change, whatever their number, of the collection
-- `datastreams`.
CREATE FUNCTION sensor.tell_batch(first_id bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO diaban.change (seq, collection, operation, import)
    VALUES (diaban.next_change(), 'datastreams', 'import', first_id)
$$;

-- Opens this month and the next; of the oldest month that is kept value by value and need not be any more,
-- keeps the hours and drops the values. How many values went. One month a call; of several callers one
-- works.
CREATE FUNCTION sensor.maintain() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    kept_from date := (now() - (SELECT make_interval(days => keep_days) FROM sensor.retention))::date;
    part      text;
    gone      bigint;
BEGIN
    IF pg_is_in_recovery() OR NOT pg_try_advisory_xact_lock(7263032) THEN
        RETURN 0;
    END IF;
    PERFORM sensor.open_month(now()::date);
    PERFORM sensor.open_month((now() + interval '1 month')::date);
    SELECT min(c.relname) INTO part
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'sensor.observation'::regclass
      AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= kept_from;
    IF part IS NULL THEN
        RETURN 0;
    END IF;
    EXECUTE format('INSERT INTO sensor.hourly AS h '
                   'SELECT datastream, date_trunc(''hour'', at), min(value), max(value), avg(value), '
                   'count(*) FROM sensor.%I GROUP BY 1, 2 '
                   'ON CONFLICT (datastream, hour) DO UPDATE SET '
                   'least = least(h.least, excluded.least), most = greatest(h.most, excluded.most), '
                   'mean = (h.mean * h.count + excluded.mean * excluded.count) '
                   '/ (h.count + excluded.count), count = h.count + excluded.count', part);
    EXECUTE format('SELECT count(*) FROM sensor.%I', part) INTO gone;
    EXECUTE format('DROP TABLE sensor.%I', part);
    RETURN gone;
END
$$;

REVOKE EXECUTE ON FUNCTION sensor.open_month(date), sensor.tell_batch(bigint), sensor.maintain()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sensor.open_month(date), sensor.tell_batch(bigint) TO diaban_edit;
GRANT EXECUTE ON FUNCTION sensor.maintain() TO diaban_feed;
SELECT sensor.open_month(now()::date), sensor.open_month((now() + interval '1 month')::date);
