-- The picture that is likely to come next, told to the screens before anybody asks for it: prepared out of sight, it
-- is on air at once. It is what the operator looks at, what the carousel shows next, or what undo would bring back.

SET LOCAL ROLE diaban_owner;

ALTER TABLE diaban.wall_state
    ADD COLUMN standby        jsonb,
    ADD COLUMN standby_number bigint NOT NULL DEFAULT 0; -- counts its changes

-- The carousel's scene after another; null: there is no other that has a time.
CREATE FUNCTION diaban.wall_next(the_wall integer, the_scene bigint) RETURNS record.wall_scenes
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.* FROM diaban.wall_open_scenes(the_wall) AS s
         LEFT JOIN record.wall_scenes AS now ON now.fid = the_scene
    WHERE s.seconds IS NOT NULL AND s.fid IS DISTINCT FROM the_scene
    ORDER BY (s.position, s.fid) > (coalesce(now.position, 0), coalesce(now.fid, 0)) DESC, s.position, s.fid
    LIMIT 1
$$;

CREATE OR REPLACE FUNCTION diaban.wall_turn(the_wall integer, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state  diaban.wall_state;
    chosen record.wall_scenes;
BEGIN
    SELECT * INTO state FROM diaban.wall_state WHERE wall = the_wall FOR UPDATE;
    IF state.turns_at IS NULL OR state.turns_at > at OR state.locked_by IS NOT NULL THEN RETURN; END IF;
    chosen := diaban.wall_next(the_wall, state.scene);
    IF chosen.fid IS NULL THEN
        UPDATE diaban.wall_state SET turns_at = diaban.wall_turn_time(state.scene, at) WHERE wall = the_wall;
    ELSE
        PERFORM diaban.wall_show(the_wall, chosen.fid, chosen.content::jsonb, at);
    END IF;
END
$$;

-- What was on air has been seen, what the carousel shows is for whoever sees the wall: neither tells a secret.
CREATE FUNCTION diaban.wall_foresee() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.content <> OLD.content THEN NEW.standby := OLD.content; END IF;
    IF NEW.carousel AND (NEW.content <> OLD.content OR NOT OLD.carousel) THEN
        NEW.standby := coalesce((diaban.wall_next(NEW.wall, NEW.scene)).content::jsonb, NEW.standby);
    END IF;
    IF NEW.standby = NEW.content THEN NEW.standby := NULL; END IF;
    IF NEW.standby IS DISTINCT FROM OLD.standby THEN NEW.standby_number := OLD.standby_number + 1; END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER wall_foresee BEFORE UPDATE ON diaban.wall_state
    FOR EACH ROW WHEN (NEW.content <> OLD.content OR NEW.carousel <> OLD.carousel OR NEW.standby IS DISTINCT FROM OLD.standby)
    EXECUTE FUNCTION diaban.wall_foresee();

-- Lets the screens prepare a kept scene. One that is not for everyone who sees the wall is told to no screen before
-- it is on air.
CREATE FUNCTION diaban.wall_stand_by(the_wall integer, the_scene bigint, at timestamptz DEFAULT clock_timestamp())
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM diaban.wall_begin(the_wall, at);
    UPDATE diaban.wall_state
    SET standby = (SELECT s.content::jsonb FROM diaban.wall_open_scenes(the_wall) AS s WHERE s.fid = the_scene)
    WHERE wall = the_wall AND locked_by IS NULL;
    RETURN CASE WHEN FOUND THEN 'done' ELSE 'locked' END;
END
$$;

REVOKE EXECUTE ON FUNCTION diaban.wall_next(integer, bigint), diaban.wall_foresee(),
    diaban.wall_stand_by(integer, bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION diaban.wall_stand_by(integer, bigint, timestamptz) TO diaban_edit;
