-- A change row is computed before the feed's lock is taken, so that writers hold it for the number,
-- the insertion and the flush alone.

SET LOCAL ROLE diaban_owner;

CREATE OR REPLACE FUNCTION diaban.feed_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    box_before float8[] := diaban.box_of(OLD.geom);
    box_after  float8[] := diaban.box_of(NEW.geom);
BEGIN
    INSERT INTO diaban.change (seq, collection, operation, fid, old_version, new_version,
                               old_box, new_box, old_scope, new_scope,
                               old_sensitivity, new_sensitivity)
    VALUES (diaban.next_change(), TG_ARGV[0], lower(TG_OP), coalesce(NEW.fid, OLD.fid),
            OLD.version, NEW.version, box_before, box_after,
            OLD.scope, NEW.scope, OLD.sensitivity, NEW.sensitivity);
    RETURN NULL;
END
$$;
