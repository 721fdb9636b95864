-- Commits that flush together. Writers of the feed share its lock, so that none waits for the flush of
-- another; what may be read is decided by the reader, who for a moment takes the lock alone.
--
-- `seq` stays commit order: it is drawn at commit, so a commit that began after another had ended has
-- the higher one, and of two changes of one row so has the later. Only of commits that were under way
-- together the higher may be seen first; diaban.feed_settled() waits until the lower is seen too.

SET LOCAL ROLE diaban_owner;

CREATE OR REPLACE FUNCTION diaban.next_change() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock_shared(7263001);
    RETURN pg_catalog.nextval('diaban.change_seq');
END
$$;

-- Where the feed ends such that no change up to there is still to be seen. It gives up (lock not
-- available) while a transaction that made its constraints immediate keeps its change open. To be called
-- in a transaction of its own: while it lasts no writer can commit.
CREATE FUNCTION diaban.feed_settled() RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $$
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'the change feed is followed on the primary, and this is a standby'
            USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    PERFORM pg_advisory_xact_lock(7263001);
    RETURN diaban.feed_head();
END
$$;
REVOKE EXECUTE ON FUNCTION diaban.feed_settled() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION diaban.feed_settled() TO diaban_feed;
