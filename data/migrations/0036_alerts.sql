-- Alerts: opened once, escalated, acknowledged, closed by their own condition or by a person, expired
-- where nobody renews them. What is said of each to others stands in messages (CAP 1.2): Alert, Update,
-- Cancel.

CREATE SCHEMA alert AUTHORIZATION diaban_owner;
GRANT USAGE ON SCHEMA alert TO diaban_feed, diaban_serve, diaban_edit;

SET LOCAL ROLE diaban_owner;

SELECT diaban.add_field('alerts', definition::jsonb) FROM (VALUES
    ('{"name": "kind", "type": "text", "title": {"vi": "Loại", "en": "Kind"}, "tile": true, "codes": [
        {"code": "level", "vi": "Vượt mức báo động", "en": "Alert level reached"},
        {"code": "fast", "vi": "Biến đổi nhanh", "en": "Fast change"},
        {"code": "no_data", "vi": "Mất số liệu", "en": "No data"},
        {"code": "notice", "vi": "Thông báo", "en": "Notice"}]}'),
    ('{"name": "state", "type": "text", "title": {"vi": "Tình trạng", "en": "State"}, "tile": true, "codes": [
        {"code": "open", "vi": "Đang mở", "en": "Open"},
        {"code": "acknowledged", "vi": "Đã tiếp nhận", "en": "Acknowledged"},
        {"code": "closed", "vi": "Đã đóng", "en": "Closed"},
        {"code": "expired", "vi": "Hết hạn", "en": "Expired"}]}'),
    ('{"name": "level", "type": "integer", "title": {"vi": "Mức", "en": "Level"}, "tile": true}'),
    ('{"name": "source_kind", "type": "text", "title": {"vi": "Nguồn", "en": "Source"}, "tile": true, "codes": [
        {"code": "datastream", "vi": "Chuỗi số liệu đo", "en": "Datastream"},
        {"code": "person", "vi": "Cán bộ", "en": "Person"}]}'),
    ('{"name": "source", "type": "integer", "title": {"vi": "Mã nguồn", "en": "Which source"}, "tile": true}'),
    ('{"name": "event_en", "type": "text", "title": {"vi": "Sự kiện (tiếng Anh)", "en": "Event in English"}}'),
    ('{"name": "headline_en", "type": "text", "title": {"vi": "Tiêu đề tiếng Anh", "en": "Headline in English"}}'),
    ('{"name": "description", "type": "text", "title": {"vi": "Nội dung", "en": "Description"}}'),
    ('{"name": "description_en", "type": "text", "title": {"vi": "Nội dung tiếng Anh", "en": "Description in English"}}'),
    ('{"name": "opened_at", "type": "timestamp", "title": {"vi": "Mở lúc", "en": "Opened at"}, "tile": true}'),
    ('{"name": "acknowledged_at", "type": "timestamp", "title": {"vi": "Tiếp nhận lúc", "en": "Acknowledged at"}}'),
    ('{"name": "acknowledged_by", "type": "text", "title": {"vi": "Người tiếp nhận", "en": "Acknowledged by"}}'),
    ('{"name": "closed_at", "type": "timestamp", "title": {"vi": "Đóng lúc", "en": "Closed at"}}'),
    ('{"name": "closed_by", "type": "text", "title": {"vi": "Người đóng", "en": "Closed by"}}'),
    ('{"name": "close_reason", "type": "text", "title": {"vi": "Lý do đóng", "en": "Why closed"}}'))
    AS fields (definition);

-- Once: a source has one alert of a kind that is not over.
CREATE UNIQUE INDEX alerts_once ON record.alerts (source_kind, source, kind)
    WHERE state IN ('open', 'acknowledged') AND source IS NOT NULL;

-- How alerts are worded, by kind and level (0: any). {station}, {reading}, {value}, {unit}, {level} and
-- {at} stand for what they say.
CREATE TABLE alert.template (
    kind           text NOT NULL,
    level          integer NOT NULL DEFAULT 0,
    severity       text NOT NULL,
    urgency        text NOT NULL,
    certainty      text NOT NULL,
    event          text NOT NULL,
    event_en       text NOT NULL,
    headline       text NOT NULL,
    headline_en    text NOT NULL,
    description    text NOT NULL,
    description_en text NOT NULL,
    PRIMARY KEY (kind, level)
);
INSERT INTO alert.template VALUES
    ('level', 1, 'Moderate', 'Expected', 'Observed', 'Lũ', 'Flood',
     '{station}: báo động I ({reading})', '{station}: alert level I ({reading})',
     'Mực nước tại {station} lúc {at} là {value} {unit}, {reading}, đã đến mức báo động I.',
     'The water at {station} stood at {value} {unit} ({reading}) at {at}: alert level I is reached.'),
    ('level', 2, 'Severe', 'Expected', 'Observed', 'Lũ', 'Flood',
     '{station}: báo động II ({reading})', '{station}: alert level II ({reading})',
     'Mực nước tại {station} lúc {at} là {value} {unit}, {reading}, đã đến mức báo động II.',
     'The water at {station} stood at {value} {unit} ({reading}) at {at}: alert level II is reached.'),
    ('level', 3, 'Extreme', 'Immediate', 'Observed', 'Lũ', 'Flood',
     '{station}: báo động III ({reading})', '{station}: alert level III ({reading})',
     'Mực nước tại {station} lúc {at} là {value} {unit}, {reading}, đã đến mức báo động III.',
     'The water at {station} stood at {value} {unit} ({reading}) at {at}: alert level III is reached.'),
    ('fast', 0, 'Moderate', 'Expected', 'Observed', 'Biến đổi nhanh', 'Fast change',
     '{station}: biến đổi nhanh', '{station}: changing fast',
     'Giá trị tại {station} lúc {at} là {value} {unit}, biến đổi nhanh.',
     'The value at {station} was {value} {unit} at {at} and changes fast.'),
    ('no_data', 0, 'Minor', 'Expected', 'Observed', 'Mất số liệu', 'No data',
     '{station}: không có số liệu', '{station}: no data',
     'Không nhận được số liệu của {station} từ {at}.', 'Nothing has been heard of {station} since {at}.');

-- Where the watch of a datastream stands: what was judged up to which time of observation.
CREATE TABLE sensor.watch (
    datastream bigint PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT '-infinity',
    silent     boolean NOT NULL DEFAULT false,
    state      jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);

CREATE FUNCTION sensor.keep_watch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO sensor.watch (datastream) VALUES (NEW.fid) ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM sensor.watch WHERE datastream = OLD.fid;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_watch AFTER INSERT OR DELETE ON record.datastreams
    FOR EACH ROW EXECUTE FUNCTION sensor.keep_watch();
INSERT INTO sensor.watch (datastream) SELECT fid FROM record.datastreams;

-- What was said, as it was said.
CREATE TABLE alert.message (
    identifier text PRIMARY KEY,
    alert      bigint NOT NULL,
    number     integer NOT NULL,
    type       text NOT NULL CHECK (type IN ('Alert', 'Update', 'Cancel')),
    sent       timestamptz NOT NULL,
    refers     text[] NOT NULL DEFAULT '{}', -- identifiers that it ends
    said       jsonb NOT NULL,               -- the row
    area       public.geometry,
    UNIQUE (alert, number)
);
ALTER TABLE alert.message ENABLE ROW LEVEL SECURITY;
CREATE POLICY visitor ON alert.message TO diaban_serve, diaban_edit
    USING (alert IN (SELECT fid FROM record.alerts));

CREATE FUNCTION alert.is_live(state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(state IN ('open', 'acknowledged'), false)
$$;

-- Alerts about our own instruments are for the house; of others each change of what is said is a message.
CREATE FUNCTION alert.say() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was_live boolean := TG_OP = 'UPDATE' AND alert.is_live(OLD.state);
    kind     text;
    count    integer;
BEGIN
    IF NEW.kind = 'no_data' THEN
        RETURN NULL;
    ELSIF alert.is_live(NEW.state) AND NOT was_live THEN
        kind := 'Alert';
    ELSIF was_live AND NEW.state = 'closed' THEN
        kind := 'Cancel';
    ELSIF was_live AND alert.is_live(NEW.state)
          AND ROW (NEW.event, NEW.event_en, NEW.severity, NEW.urgency, NEW.certainty, NEW.onset, NEW.expires,
                   NEW.headline, NEW.headline_en, NEW.description, NEW.description_en, NEW.level,
                   public.st_asbinary(NEW.geom))
              IS DISTINCT FROM
              ROW (OLD.event, OLD.event_en, OLD.severity, OLD.urgency, OLD.certainty, OLD.onset, OLD.expires,
                   OLD.headline, OLD.headline_en, OLD.description, OLD.description_en, OLD.level,
                   public.st_asbinary(OLD.geom)) THEN
        kind := 'Update';
    ELSE
        RETURN NULL;
    END IF;
    SELECT count(*) INTO count FROM alert.message m WHERE m.alert = NEW.fid;
    INSERT INTO alert.message (identifier, alert, number, type, sent, refers, said, area)
    SELECT format('diaban-%s-%s', NEW.fid, count + 1), NEW.fid, count + 1, kind,
           date_trunc('second', clock_timestamp()),
           CASE WHEN kind = 'Alert' THEN '{}'
                ELSE (SELECT array_agg(m.identifier ORDER BY m.number)
                      FROM alert.message m WHERE m.alert = NEW.fid) END,
           to_jsonb(NEW) - 'geom', NEW.geom;
    RETURN NULL;
END
$$;
CREATE TRIGGER say AFTER INSERT OR UPDATE ON record.alerts
    FOR EACH ROW EXECUTE FUNCTION alert.say();

-- In whose name alerts are said, and whether in earnest (a status of CAP).
CREATE TABLE alert.sender (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    sender   text NOT NULL DEFAULT 'diaban' CHECK (sender ~ '^[^\s,<&]+$'),
    name     text NOT NULL DEFAULT 'Trung tâm điều hành',
    status   text NOT NULL DEFAULT 'Actual' CHECK (status IN ('Actual', 'Exercise', 'System', 'Test', 'Draft'))
);
INSERT INTO alert.sender DEFAULT VALUES;

GRANT SELECT ON alert.template, alert.sender, alert.message TO diaban_feed, diaban_serve, diaban_edit;
GRANT SELECT, UPDATE ON sensor.watch TO diaban_edit;
