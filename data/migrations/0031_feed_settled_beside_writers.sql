-- Where the feed ends, without holding anybody up: the reader waits for the commits that are under way,
-- and none waits for the reader.
--
-- Whoever draws a number holds the feed's shared lock from before the drawing until its rows can be seen
-- or are rolled back. So of the numbers up to one that is seen, all that are still missing belong to
-- transactions that hold the lock now; when these have let go of it, what is missing is missing for good.

SET LOCAL ROLE diaban_owner;

-- Who holds the feed's lock: virtual transactions, whose names are not used twice while the server runs.
CREATE FUNCTION diaban.feed_commits() RETURNS text[] LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(l.virtualtransaction), '{}')
    FROM pg_locks AS l
    WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = 7263001 AND l.objsubid = 1
      AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
$$;

-- Where the feed ends such that no change up to there is still to be seen by a snapshot taken afterwards.
-- It gives up (lock not available) after 200 ms: a transaction that made its constraints immediate keeps
-- its change open. To be called in a transaction of its own, whose statements see what is committed.
CREATE OR REPLACE FUNCTION diaban.feed_settled() RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head      bigint;
    under_way text[];
    patience  CONSTANT timestamptz := clock_timestamp() + interval '200 ms';
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'the change feed is followed on the primary, and this is a standby'
            USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    head := diaban.feed_head();
    under_way := diaban.feed_commits();
    WHILE under_way && diaban.feed_commits() LOOP
        IF clock_timestamp() > patience THEN
            RAISE EXCEPTION 'a change of the feed is kept open' USING ERRCODE = 'lock_not_available';
        END IF;
        PERFORM pg_sleep(0.001);
    END LOOP;
    RETURN head;
END
$$;
REVOKE EXECUTE ON FUNCTION diaban.feed_commits() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION diaban.feed_commits() TO diaban_feed;
