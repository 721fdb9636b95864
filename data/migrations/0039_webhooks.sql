-- Who is told of alerts by HTTP. What is said of an alert and to whom it is to be sent are one transaction;
-- it is sent until it is taken, in its order for each subscription.

SET LOCAL ROLE diaban_owner;

CREATE TABLE alert.subscription (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title       text NOT NULL DEFAULT '' CHECK (length(title) <= 200),
    url         text NOT NULL CHECK (url ~ '^https?://' AND length(url) <= 2000),
    secret      text NOT NULL CHECK (length(secret) BETWEEN 16 AND 200),
    -- What is watched (`datastreams`, what a rule watches; `alerts` for those of people), and how grave it
    -- is; none: all.
    collections text[] NOT NULL DEFAULT '{}',
    severities  text[] NOT NULL DEFAULT '{}',
    -- What it may know: a level, and units; null: everywhere.
    level       smallint NOT NULL DEFAULT 0 CHECK (level BETWEEN 0 AND 255),
    scopes      text[],
    enabled     boolean NOT NULL DEFAULT true,
    created_by  text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    rests_until timestamptz NOT NULL DEFAULT '-infinity' -- after it failed
);

CREATE TABLE alert.delivery (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription bigint NOT NULL REFERENCES alert.subscription ON DELETE CASCADE,
    message      text NOT NULL REFERENCES alert.message ON DELETE CASCADE,
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    since        timestamptz NOT NULL DEFAULT clock_timestamp(), -- when it was put among those waiting
    attempts     integer NOT NULL DEFAULT 0,
    UNIQUE (subscription, message)
);
CREATE INDEX ON alert.delivery (subscription, id) WHERE state = 'waiting';

-- What became of each attempt.
CREATE TABLE alert.receipt (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    delivery bigint NOT NULL REFERENCES alert.delivery ON DELETE CASCADE,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    status   integer,                 -- of HTTP; null: there was no answer
    fault    text NOT NULL DEFAULT '' -- why it was not taken
);
CREATE INDEX ON alert.receipt (delivery);

CREATE FUNCTION alert.send() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    watched text := CASE NEW.said ->> 'source_kind'
        WHEN 'datastream' THEN 'datastreams'
        WHEN 'rule' THEN (SELECT r.source FROM record.watch_rules r
                          WHERE r.fid = (NEW.said ->> 'source')::bigint)
        ELSE 'alerts' END;
BEGIN
    INSERT INTO alert.delivery (subscription, message)
    SELECT s.id, NEW.identifier FROM alert.subscription s
    WHERE s.enabled
      AND (s.collections = '{}' OR watched = ANY (s.collections))
      AND (s.severities = '{}' OR NEW.said ->> 'severity' = ANY (s.severities))
      AND (NEW.said ->> 'sensitivity')::smallint <= s.level
      AND (s.scopes IS NULL OR NEW.said ->> 'scope' = ANY (s.scopes))
    ORDER BY s.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER send AFTER INSERT ON alert.message FOR EACH ROW EXECUTE FUNCTION alert.send();

-- What was taken is kept for 30 days.
CREATE FUNCTION alert.forget_deliveries() RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM alert.delivery WHERE state = 'delivered' AND created_at < now() - interval '30 days'
$$;
REVOKE EXECUTE ON FUNCTION alert.forget_deliveries() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION alert.forget_deliveries() TO diaban_edit;

GRANT SELECT, INSERT, UPDATE, DELETE ON alert.subscription TO diaban_edit;
GRANT SELECT, UPDATE ON alert.delivery TO diaban_edit;
GRANT SELECT, INSERT ON alert.receipt TO diaban_edit;
