-- Walls of screens: what stands where, scenes in their order, and what is on air. A wall and its scenes are
-- rows like all others: who sees the wall's row may be one of its screens, who may edit it operates it.

SET LOCAL ROLE diaban_owner;

SELECT diaban.create_collection($json$
{"id": "walls", "geometry": "none", "title": {"vi": "Màn hình ghép", "en": "Video walls"},
 "description": {"vi": "Lưới màn hình: số hàng, số cột, điểm ảnh, bước điểm ảnh và khe giữa hai hình.", "en": "Grids of screens: rows, columns, pixels, pitch and the gap between two pictures."},
 "label_field": "title",
 "fields": [
    {"name": "number", "type": "integer", "title": {"vi": "Số", "en": "Number"}, "tile": true, "required": true},
    {"name": "title", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true, "required": true},
    {"name": "screen_rows", "type": "integer", "title": {"vi": "Số hàng", "en": "Rows"}, "tile": true, "required": true},
    {"name": "screen_columns", "type": "integer", "title": {"vi": "Số cột", "en": "Columns"}, "tile": true, "required": true},
    {"name": "pixel_width", "type": "integer", "unit": "px", "title": {"vi": "Điểm ảnh ngang", "en": "Pixels across"}, "tile": true, "required": true},
    {"name": "pixel_height", "type": "integer", "unit": "px", "title": {"vi": "Điểm ảnh dọc", "en": "Pixels down"}, "tile": true, "required": true},
    {"name": "pitch", "type": "number", "unit": "mm", "title": {"vi": "Bước điểm ảnh", "en": "Pixel pitch"}, "tile": true, "required": true},
    {"name": "gap_across", "type": "number", "unit": "mm", "title": {"vi": "Khe ngang giữa hai hình", "en": "Gap between pictures across"}, "tile": true, "required": true},
    {"name": "gap_down", "type": "number", "unit": "mm", "title": {"vi": "Khe dọc giữa hai hình", "en": "Gap between pictures down"}, "tile": true, "required": true}]}
$json$);
CREATE UNIQUE INDEX walls_number ON record.walls (number);
ALTER TABLE record.walls
    ADD CONSTRAINT wall_number CHECK (number BETWEEN 1 AND 9999),
    ADD CONSTRAINT wall_grid CHECK (screen_rows BETWEEN 1 AND 8 AND screen_columns BETWEEN 1 AND 8),
    ADD CONSTRAINT wall_pixels CHECK (pixel_width BETWEEN 320 AND 7680 AND pixel_height BETWEEN 180 AND 4320),
    ADD CONSTRAINT wall_pitch CHECK (pitch > 0 AND pitch <= 10),
    ADD CONSTRAINT wall_gaps CHECK (gap_across BETWEEN 0 AND 200 AND gap_down BETWEEN 0 AND 200);

SELECT diaban.create_collection($json$
{"id": "wall_scenes", "geometry": "none", "title": {"vi": "Cảnh màn hình ghép", "en": "Scenes of video walls"},
 "label_field": "title",
 "fields": [
    {"name": "wall", "type": "integer", "title": {"vi": "Màn hình ghép số", "en": "Wall number"}, "tile": true, "required": true},
    {"name": "position", "type": "integer", "title": {"vi": "Thứ tự", "en": "Order"}, "tile": true, "required": true},
    {"name": "title", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true, "required": true},
    {"name": "title_en", "type": "text", "title": {"vi": "Tên tiếng Anh", "en": "English name"}, "tile": true},
    {"name": "seconds", "type": "integer", "unit": "s", "title": {"vi": "Thời gian khi chạy vòng", "en": "Time in the carousel"}, "tile": true},
    {"name": "alert_severity", "type": "text", "code_list": "cap_severity", "title": {"vi": "Tự phát khi có cảnh báo từ mức", "en": "On air at an alert of this severity"}, "tile": true},
    {"name": "content", "type": "text", "title": {"vi": "Nội dung các vùng (JSON)", "en": "Content of the zones (JSON)"}, "tile": true, "required": true}]}
$json$);
CREATE INDEX wall_scenes_order ON record.wall_scenes (wall, position);
ALTER TABLE record.wall_scenes
    ADD CONSTRAINT scene_seconds CHECK (seconds BETWEEN 5 AND 86400),
    ADD CONSTRAINT scene_content CHECK (length(content) <= 20000 AND jsonb_typeof(content::jsonb) = 'object');

-- One row a wall. A revision is prepared by every screen, then shown by all at `switch_at`.
CREATE TABLE diaban.wall_state (
    wall      integer PRIMARY KEY,
    revision  bigint NOT NULL DEFAULT 1,
    scene     bigint,                         -- fid; null: content of no kept scene
    content   jsonb NOT NULL,
    stands_in jsonb NOT NULL DEFAULT '{}',    -- {"2/3": "2/2"}: what 2/3 would show stands on 2/2
    begun_at  timestamptz NOT NULL,
    switch_at timestamptz,                    -- null: being prepared
    view      jsonb,                          -- where the operator has moved the map to
    view_at   timestamptz,                    -- when the screens are to be there
    locked_by text,
    carousel  boolean NOT NULL DEFAULT false,
    alerted   bigint,                         -- fid of the scene that an alert has put on air
    turns_at  timestamptz,                    -- when the carousel goes on
    before    jsonb NOT NULL DEFAULT '[]'     -- what was on air, the latest last
);

-- What screens say of themselves four times a second: worth nothing after a crash.
CREATE UNLOGGED TABLE diaban.wall_screen (
    wall         integer NOT NULL,
    client       text NOT NULL,
    first_row    smallint NOT NULL,
    last_row     smallint NOT NULL,
    first_column smallint NOT NULL,
    last_column  smallint NOT NULL,
    prepared     bigint NOT NULL,
    shown        bigint NOT NULL,
    switched_at  timestamptz, -- when the page called the switch to what it shows, by our clock
    painted_at   timestamptz, -- when that was painted
    seen_at      timestamptz NOT NULL,
    left_behind  bigint NOT NULL DEFAULT 0, -- a revision that it was waited for in vain
    PRIMARY KEY (wall, client)
) WITH (fillfactor = 50); -- room to write a row beside itself

-- A screen lives that was heard of within this time.
CREATE FUNCTION diaban.wall_patience() RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT interval '3 seconds'
$$;

CREATE FUNCTION diaban.wall_lives(the_wall integer, the_row integer, the_column integer, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM diaban.wall_screen AS s
                   WHERE s.wall = the_wall AND s.seen_at > at - diaban.wall_patience()
                     AND the_row BETWEEN s.first_row AND s.last_row
                     AND the_column BETWEEN s.first_column AND s.last_column)
$$;

-- Scenes that may come on air without an operator: those which whoever sees the wall may see.
CREATE FUNCTION diaban.wall_open_scenes(the_wall integer) RETURNS SETOF record.wall_scenes
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.* FROM record.wall_scenes AS s JOIN record.walls AS w ON w.number = s.wall
    WHERE s.wall = the_wall AND s.sensitivity <= w.sensitivity AND s.scope = w.scope
    ORDER BY s.position, s.fid
$$;

-- A wall that nobody has operated begins with its first scene.
CREATE FUNCTION diaban.wall_begin(the_wall integer, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO diaban.wall_state (wall, scene, content, begun_at, switch_at)
    SELECT the_wall, s.fid, coalesce(s.content::jsonb, '{"zones": []}'), at, at
    FROM (SELECT) AS one LEFT JOIN LATERAL (SELECT * FROM diaban.wall_open_scenes(the_wall) LIMIT 1) AS s ON true
    WHERE NOT EXISTS (SELECT FROM diaban.wall_state WHERE wall = the_wall)
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION diaban.wall_turn_time(the_scene bigint, at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT at + make_interval(secs => seconds) FROM record.wall_scenes WHERE fid = the_scene
$$;

-- Puts something on air; what was there can be taken back, twenty times.
CREATE FUNCTION diaban.wall_show(the_wall integer, the_scene bigint, shown jsonb, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE diaban.wall_state
    SET before = CASE WHEN jsonb_array_length(before) >= 20 THEN before - 0 ELSE before END
                 || jsonb_build_object('scene', scene, 'content', content),
        revision = revision + 1, scene = the_scene, content = shown, begun_at = at, switch_at = NULL,
        view = NULL, view_at = NULL, alerted = NULL,
        turns_at = CASE WHEN carousel THEN diaban.wall_turn_time(the_scene, at) END
    WHERE wall = the_wall
$$;

-- The carousel's next scene: the one after that on air, of those that have a time.
CREATE FUNCTION diaban.wall_turn(the_wall integer, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state  diaban.wall_state;
    chosen record.wall_scenes;
BEGIN
    SELECT * INTO state FROM diaban.wall_state WHERE wall = the_wall FOR UPDATE;
    IF state.turns_at IS NULL OR state.turns_at > at OR state.locked_by IS NOT NULL THEN RETURN; END IF;
    SELECT s.* INTO chosen
    FROM diaban.wall_open_scenes(the_wall) AS s
         LEFT JOIN record.wall_scenes AS now ON now.fid = state.scene
    WHERE s.seconds IS NOT NULL
    ORDER BY (s.position, s.fid) > (coalesce(now.position, 0), coalesce(now.fid, 0)) DESC, s.position, s.fid
    LIMIT 1;
    IF chosen.fid IS NULL OR chosen.fid = state.scene THEN
        UPDATE diaban.wall_state SET turns_at = diaban.wall_turn_time(state.scene, at) WHERE wall = the_wall;
    ELSE
        PERFORM diaban.wall_show(the_wall, chosen.fid, chosen.content::jsonb, at);
    END IF;
END
$$;

-- What a screen says, and what the wall is to show. `ready` is the newest revision it has prepared, `on_it` the
-- one it shows. The switch is set 300 ms ahead once all living screens are ready, or after 2.5 s. A screen that was
-- waited for in vain is not waited for again before it has come so far.
CREATE FUNCTION diaban.wall_beat(the_wall integer, who text, row_from integer, row_to integer, column_from integer,
                                 column_to integer, ready bigint, on_it bigint, switched timestamptz,
                                 painted timestamptz, at timestamptz DEFAULT clock_timestamp())
RETURNS diaban.wall_state LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state diaban.wall_state;
    back  text[];
BEGIN
    PERFORM diaban.wall_begin(the_wall, at);
    UPDATE diaban.wall_screen AS s
    SET first_row = row_from, last_row = row_to, first_column = column_from, last_column = column_to, prepared = ready,
        shown = on_it, switched_at = switched, painted_at = painted, seen_at = at
    WHERE s.wall = the_wall AND s.client = who
      AND (s.seen_at <= at - interval '50 milliseconds' -- who says the same more often than that is not written down
           OR (s.prepared, s.shown, s.switched_at, s.painted_at) IS DISTINCT FROM (ready, on_it, switched, painted));
    IF NOT FOUND AND NOT EXISTS (SELECT FROM diaban.wall_screen AS s WHERE s.wall = the_wall AND s.client = who) THEN
        DELETE FROM diaban.wall_screen AS s WHERE s.wall = the_wall AND s.seen_at < at - interval '1 minute';
        IF (SELECT count(*) FROM diaban.wall_screen AS s WHERE s.wall = the_wall) >= 128 THEN
            RAISE EXCEPTION 'too many screens' USING ERRCODE = 'configuration_limit_exceeded';
        END IF;
        INSERT INTO diaban.wall_screen
        VALUES (the_wall, who, row_from, row_to, column_from, column_to, ready, on_it, switched, painted, at, 0)
        ON CONFLICT DO NOTHING;
    END IF;

    SELECT * INTO state FROM diaban.wall_state WHERE wall = the_wall;
    IF state.stands_in <> '{}' THEN -- who is back has its own place again
        SELECT array_agg(cell) INTO back FROM jsonb_object_keys(state.stands_in) AS cell
        WHERE split_part(cell, '/', 1)::integer BETWEEN row_from AND row_to
          AND split_part(cell, '/', 2)::integer BETWEEN column_from AND column_to;
        IF back IS NOT NULL THEN
            UPDATE diaban.wall_state
            SET stands_in = stands_in - back, revision = revision + 1, begun_at = at, switch_at = NULL
            WHERE wall = the_wall AND revision = state.revision;
        END IF;
    END IF;
    IF state.turns_at <= at AND state.locked_by IS NULL THEN PERFORM diaban.wall_turn(the_wall, at); END IF;

    SELECT * INTO state FROM diaban.wall_state WHERE wall = the_wall;
    IF state.switch_at IS NULL
       AND (at >= state.begun_at + interval '2.5 seconds'
            OR NOT EXISTS (SELECT FROM diaban.wall_screen AS s
                           WHERE s.wall = the_wall AND s.seen_at > at - diaban.wall_patience()
                             AND s.prepared < state.revision AND s.prepared >= s.left_behind)) THEN
        UPDATE diaban.wall_screen AS s SET left_behind = state.revision
        WHERE s.wall = the_wall AND s.prepared < state.revision;
        UPDATE diaban.wall_state SET switch_at = at + interval '300 milliseconds'
        WHERE wall = the_wall AND revision = state.revision AND switch_at IS NULL;
        SELECT * INTO state FROM diaban.wall_state WHERE wall = the_wall;
    END IF;
    RETURN state;
END
$$;

-- What an operator does. Each says how it went: done; locked; and what else the comment names.

CREATE FUNCTION diaban.wall_air(the_wall integer, the_scene bigint, shown jsonb, at timestamptz DEFAULT clock_timestamp())
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM diaban.wall_begin(the_wall, at);
    PERFORM FROM diaban.wall_state WHERE wall = the_wall AND locked_by IS NULL FOR UPDATE;
    IF NOT FOUND THEN RETURN 'locked'; END IF;
    PERFORM diaban.wall_show(the_wall, the_scene, shown, at);
    RETURN 'done';
END
$$;

-- `nothing`: there is nothing to take back.
CREATE FUNCTION diaban.wall_undo(the_wall integer, at timestamptz DEFAULT clock_timestamp())
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state diaban.wall_state;
BEGIN
    PERFORM diaban.wall_begin(the_wall, at);
    SELECT * INTO state FROM diaban.wall_state WHERE wall = the_wall FOR UPDATE;
    IF state.locked_by IS NOT NULL THEN RETURN 'locked'; END IF;
    IF state.before = '[]' THEN RETURN 'nothing'; END IF;
    UPDATE diaban.wall_state
    SET revision = revision + 1, scene = (before -> -1 ->> 'scene')::bigint, content = before -> -1 -> 'content',
        before = before - (-1), begun_at = at, switch_at = NULL, view = NULL, view_at = NULL, alerted = NULL,
        turns_at = CASE WHEN carousel THEN diaban.wall_turn_time((before -> -1 ->> 'scene')::bigint, at) END
    WHERE wall = the_wall;
    RETURN 'done';
END
$$;

CREATE FUNCTION diaban.wall_lock(the_wall integer, who text, at timestamptz DEFAULT clock_timestamp())
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM diaban.wall_begin(the_wall, at);
    UPDATE diaban.wall_state SET locked_by = who WHERE wall = the_wall;
    RETURN 'done';
END
$$;

-- The screens hear of it within 250 ms, and are there together.
CREATE FUNCTION diaban.wall_look_at(the_wall integer, place jsonb, at timestamptz DEFAULT clock_timestamp())
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM diaban.wall_begin(the_wall, at);
    UPDATE diaban.wall_state SET view = place, view_at = at + interval '350 milliseconds'
    WHERE wall = the_wall AND locked_by IS NULL;
    RETURN CASE WHEN FOUND THEN 'done' ELSE 'locked' END;
END
$$;

-- Shows on the screen at `by` what the dead one at `cell` would show; `by` null ends that. `lives`: nobody
-- stands in for a screen that lives. `dead`: a dead one cannot. `busy`: it stands in already.
CREATE FUNCTION diaban.wall_stand_in(the_wall integer, cell text, by text, at timestamptz DEFAULT clock_timestamp())
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state diaban.wall_state;
BEGIN
    PERFORM diaban.wall_begin(the_wall, at);
    SELECT * INTO state FROM diaban.wall_state WHERE wall = the_wall FOR UPDATE;
    IF by IS NOT NULL THEN
        IF diaban.wall_lives(the_wall, split_part(cell, '/', 1)::integer, split_part(cell, '/', 2)::integer, at) THEN
            RETURN 'lives';
        END IF;
        IF NOT diaban.wall_lives(the_wall, split_part(by, '/', 1)::integer, split_part(by, '/', 2)::integer, at) THEN
            RETURN 'dead';
        END IF;
        IF EXISTS (SELECT FROM jsonb_each_text(state.stands_in) AS s WHERE s.value = by AND s.key <> cell) THEN
            RETURN 'busy';
        END IF;
    END IF;
    UPDATE diaban.wall_state
    SET stands_in = CASE WHEN by IS NULL THEN stands_in - cell ELSE stands_in || jsonb_build_object(cell, by) END,
        revision = revision + 1, begun_at = at, switch_at = NULL
    WHERE wall = the_wall;
    RETURN 'done';
END
$$;

CREATE FUNCTION diaban.wall_carousel(the_wall integer, going boolean, at timestamptz DEFAULT clock_timestamp())
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM diaban.wall_begin(the_wall, at);
    UPDATE diaban.wall_state
    SET carousel = going,
        turns_at = CASE WHEN going THEN coalesce(diaban.wall_turn_time(scene, at), at) END
    WHERE wall = the_wall AND locked_by IS NULL;
    RETURN CASE WHEN FOUND THEN 'done' ELSE 'locked' END;
END
$$;

-- An alert puts a scene on air that waits for one of its severity or a lesser one, the gravest that does; when no
-- such alert is open any more, what was there before comes back. A locked wall stays as it is.

CREATE FUNCTION diaban.wall_severity(severity text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_position(ARRAY['Minor', 'Moderate', 'Severe', 'Extreme'], severity), 0)
$$;

CREATE FUNCTION diaban.wall_alert_open(alert jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(alert ->> 'state', 'open') IN ('open', 'acknowledged')
       AND coalesce((alert ->> 'expires')::timestamptz, 'infinity') > clock_timestamp()
$$;

-- Whether an alert of that severity or a graver one is open, of those that whoever sees the wall may know.
CREATE FUNCTION diaban.wall_alert_stands(the_wall integer, from_on text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT from_on IS NOT NULL AND EXISTS (
        SELECT FROM record.alerts AS a JOIN record.walls AS w ON w.number = the_wall
        WHERE a.sensitivity <= w.sensitivity AND diaban.wall_severity(a.severity) >= diaban.wall_severity(from_on) AND diaban.wall_alert_open(to_jsonb(a)))
$$;

CREATE FUNCTION diaban.wall_hear_alert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was  integer := 0; -- severity while it was open
    now  integer := 0;
    hit  record;
BEGIN
    IF TG_OP <> 'INSERT' AND diaban.wall_alert_open(to_jsonb(OLD)) THEN was := diaban.wall_severity(OLD.severity); END IF;
    IF TG_OP <> 'DELETE' AND diaban.wall_alert_open(to_jsonb(NEW)) THEN now := diaban.wall_severity(NEW.severity); END IF;
    IF now > was THEN
        FOR hit IN SELECT w.number::integer, s.fid, s.content FROM record.walls AS w,
                   LATERAL (SELECT * FROM diaban.wall_open_scenes(w.number::integer) AS o
                            WHERE diaban.wall_severity(o.alert_severity) BETWEEN 1 AND now
                            ORDER BY diaban.wall_severity(o.alert_severity) DESC LIMIT 1) AS s
                   WHERE NEW.sensitivity <= w.sensitivity LOOP
            PERFORM diaban.wall_begin(hit.number, clock_timestamp());
            PERFORM FROM diaban.wall_state WHERE wall = hit.number AND locked_by IS NULL AND scene IS DISTINCT FROM hit.fid FOR UPDATE;
            CONTINUE WHEN NOT FOUND;
            PERFORM diaban.wall_show(hit.number, hit.fid, hit.content::jsonb, clock_timestamp());
            UPDATE diaban.wall_state SET alerted = hit.fid WHERE wall = hit.number;
        END LOOP;
    ELSIF now < was THEN
        FOR hit IN SELECT t.wall FROM diaban.wall_state AS t JOIN record.wall_scenes AS s ON s.fid = t.alerted
                   WHERE t.scene = t.alerted AND NOT diaban.wall_alert_stands(t.wall, s.alert_severity) LOOP
            PERFORM diaban.wall_undo(hit.wall);
            UPDATE diaban.wall_state AS t SET alerted = t.scene FROM record.wall_scenes AS s -- that of a lesser one
            WHERE t.wall = hit.wall AND s.fid = t.scene AND diaban.wall_alert_stands(t.wall, s.alert_severity);
        END LOOP;
    END IF;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN -- no alert is lost for the sake of a wall
    RAISE WARNING 'a wall did not follow an alert: %', SQLERRM;
    RETURN NULL;
END
$$;
CREATE TRIGGER wall_hear_alert AFTER INSERT OR UPDATE OR DELETE ON record.alerts
    FOR EACH ROW EXECUTE FUNCTION diaban.wall_hear_alert();

DO $$
DECLARE
    named text;
BEGIN
    FOR named IN SELECT p.oid::regprocedure FROM pg_proc AS p
                 WHERE p.pronamespace = 'diaban'::regnamespace AND p.proname LIKE 'wall\_%' LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', named);
    END LOOP;
    FOREACH named IN ARRAY ARRAY['beat', 'air', 'undo', 'lock', 'look_at', 'stand_in', 'carousel'] LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION diaban.wall_%s TO diaban_edit', named);
    END LOOP;
END
$$;
GRANT SELECT ON diaban.wall_state, diaban.wall_screen TO diaban_serve, diaban_edit;
