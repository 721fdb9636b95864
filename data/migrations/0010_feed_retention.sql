-- How long the change feed is kept, and what an import does to the native zoom.

SET LOCAL ROLE diaban_owner;

-- Changes beyond either bound are trimmed, oldest first; feed_trimmed is the highest seq that was.
-- Whoever has not read so far must load anew.
ALTER TABLE diaban.instance
    ADD COLUMN feed_keep_age  interval NOT NULL DEFAULT '7 days'
               CHECK (feed_keep_age >= interval '0'),
    ADD COLUMN feed_keep_rows bigint NOT NULL DEFAULT 5000000 CHECK (feed_keep_rows >= 0),
    ADD COLUMN feed_trimmed   bigint NOT NULL DEFAULT 0;

-- Where the feed ends: the last change, kept or trimmed.
CREATE FUNCTION diaban.feed_head() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest((SELECT max(seq) FROM diaban.change), feed_trimmed) FROM diaban.instance
$$;

-- Trims at most `most` changes; returns how many. It takes no lock that a writer of the feed waits
-- for: what is visible is final, because seq is commit order. Of several callers one trims. Rows are
-- counted by their numbers, of which those that were rolled back are few.
CREATE FUNCTION diaban.trim_changes(most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settings diaban.instance;
    head     bigint := diaban.feed_head();
    last     bigint;
    trimmed  bigint;
BEGIN
    IF pg_is_in_recovery() OR NOT pg_try_advisory_xact_lock(7263003) THEN
        RETURN 0;
    END IF;
    SELECT * INTO STRICT settings FROM diaban.instance;
    SELECT max(seq) INTO last
    FROM (SELECT seq, bool_and(at < clock_timestamp() - settings.feed_keep_age)
                          OVER (ORDER BY seq) AS too_old
          FROM (SELECT seq, at FROM diaban.change ORDER BY seq LIMIT most) AS oldest) AS judged
    WHERE too_old OR seq <= head - settings.feed_keep_rows;
    IF last IS NULL THEN
        RETURN 0;
    END IF;
    DELETE FROM diaban.change WHERE seq <= last;
    GET DIAGNOSTICS trimmed = ROW_COUNT;
    UPDATE diaban.instance SET feed_trimmed = last;
    RETURN trimmed;
END
$$;
REVOKE EXECUTE ON FUNCTION diaban.trim_changes(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION diaban.trim_changes(integer) TO diaban_feed;

-- Where an import ends (TRUNCATE is one that begins and ends at once) the native zoom is to be
-- measured anew. Then and not before: the registry's row stays locked from here to the commit.
CREATE FUNCTION diaban.forget_native_zoom() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE diaban.collection SET native_zoom = NULL
    WHERE id = NEW.collection AND native_zoom IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER forget_native_zoom AFTER INSERT OR UPDATE OF finished_at ON diaban.import
    FOR EACH ROW WHEN (NEW.finished_at IS NOT NULL) EXECUTE FUNCTION diaban.forget_native_zoom();
