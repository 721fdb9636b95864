-- Land statistics: what the register says at the end of a 31 December, kept as it was said.

SET LOCAL ROLE diaban_owner;

CREATE TABLE land.statistics (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    taken_on  date NOT NULL CHECK (extract(month FROM taken_on) = 12 AND extract(day FROM taken_on) = 31),
    kind      text NOT NULL CHECK (kind IN ('annual', 'inventory')),
    version   integer NOT NULL CHECK (version > 0),
    known_at  timestamptz NOT NULL,                -- as the record was then
    frozen_at timestamptz NOT NULL DEFAULT now(),
    author    text NOT NULL,
    previous  bigint REFERENCES land.statistics,   -- the last of an earlier day and this kind
    UNIQUE (taken_on, kind, version),
    CONSTRAINT statistics_of_a_day_that_is_over
        CHECK (taken_on < (frozen_at AT TIME ZONE INTERVAL '+07:00')::date),
    CONSTRAINT known_before_frozen CHECK (known_at <= frozen_at)
);

-- A parcel as it was, with the scope and sensitivity that it had: who may see it is asked of them.
CREATE TABLE land.statistics_rows (
    statistics    bigint NOT NULL REFERENCES land.statistics,
    parcel        bigint NOT NULL,                 -- fid
    sheet         bigint,
    parcel_number bigint,
    commune       text NOT NULL,                   -- as units were that day; '' is not known
    land_use      text NOT NULL,                   -- '' is not known
    user_class    text,                            -- null is not known: the register has none
    area_m2       double precision,                -- on the ellipsoid, of the outline; else as registered
    scope         text NOT NULL,
    sensitivity   smallint NOT NULL,
    PRIMARY KEY (statistics, parcel)
);
CREATE INDEX ON land.statistics_rows (statistics, scope, sensitivity);

CREATE FUNCTION land.keep_statistics() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'frozen land statistics stay as they are: a correction is a new version'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'frozen_statistics_stay';
END
$$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON land.statistics
    FOR EACH ROW EXECUTE FUNCTION land.keep_statistics();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON land.statistics EXECUTE FUNCTION land.keep_statistics();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON land.statistics_rows
    FOR EACH ROW EXECUTE FUNCTION land.keep_statistics();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON land.statistics_rows
    EXECUTE FUNCTION land.keep_statistics();

-- Freezes all parcels in force at the end of the day, as they were known at an instant (null: now), in one
-- statement. A commune is the one that the register names, in the units of that day: itself, what it went
-- into whole, else the one that the parcel lies in. What was frozen already is frozen anew only where it is
-- asked for: as the next version.
CREATE FUNCTION land.freeze_statistics(day date, of_kind text, again boolean, known timestamptz, who text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    ends timestamptz := (day + 1)::timestamp AT TIME ZONE INTERVAL '+07:00';
    seen timestamptz := coalesce(known, now());
    last integer;
    made bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7311050);
    SELECT coalesce(max(s.version), 0) INTO last FROM land.statistics AS s
    WHERE s.taken_on = day AND s.kind = of_kind;
    IF last > 0 AND again IS NOT TRUE THEN
        RAISE EXCEPTION 'statistics of % are frozen already, in version %', day, last
            USING ERRCODE = 'check_violation', CONSTRAINT = 'statistics_are_frozen_once';
    END IF;
    INSERT INTO land.statistics (taken_on, kind, version, known_at, author, previous)
    VALUES (day, of_kind, last + 1, seen, who, (SELECT s.id FROM land.statistics AS s
        WHERE s.kind = of_kind AND s.taken_on < day ORDER BY s.taken_on DESC, s.version DESC LIMIT 1))
    RETURNING id INTO made;

    WITH parcel AS (
        SELECT p.fid, p.sheet, p.parcel_number, p.commune_code, p.land_use, p.geom, p.area_m2, p.legal_area_m2,
               p.scope, p.sensitivity
        FROM record.parcels AS p
        WHERE p.recorded_at <= seen
          AND coalesce(p.valid_from, '-infinity') < ends AND coalesce(p.valid_to, 'infinity') >= ends
        UNION ALL
        SELECT p.fid, p.sheet, p.parcel_number, p.commune_code, p.land_use, p.geom, p.area_m2, p.legal_area_m2,
               p.scope, p.sensitivity
        FROM record.parcels_history AS p
        WHERE tstzrange(p.recorded_at, greatest(p.recorded_at, p.ended_at)) @> seen
          AND coalesce(p.valid_from, '-infinity') < ends AND coalesce(p.valid_to, 'infinity') >= ends
    ), named AS (
        SELECT c.code, coalesce(
            (SELECT min(u.code) FROM record.places AS u WHERE u.level = 'commune' AND u.code = c.code
               AND coalesce(u.valid_from, '-infinity') < ends AND coalesce(u.valid_to, 'infinity') >= ends),
            (SELECT min(x.new_code) FROM diaban.place_crosswalk AS x
             WHERE x.old_code = c.code AND x.effective <= day AND x.share IN ('whole', 'same')
             HAVING count(DISTINCT x.new_code) = 1)) AS unit
        FROM (SELECT DISTINCT p.commune_code AS code FROM parcel AS p WHERE p.commune_code <> '') AS c
    )
    INSERT INTO land.statistics_rows (statistics, parcel, sheet, parcel_number, commune, land_use, area_m2,
        scope, sensitivity)
    SELECT made, p.fid, p.sheet, p.parcel_number,
           coalesce(n.unit,
               (SELECT u.code FROM record.places AS u WHERE u.level = 'commune'
                  AND coalesce(u.valid_from, '-infinity') < ends AND coalesce(u.valid_to, 'infinity') >= ends
                  AND ST_Covers(u.geom, ST_PointOnSurface(p.geom)) ORDER BY u.fid LIMIT 1),
               p.commune_code, ''),
           coalesce(p.land_use, ''), coalesce(ST_Area(p.geom::geography), p.area_m2, p.legal_area_m2),
           p.scope, p.sensitivity
    FROM parcel AS p LEFT JOIN named AS n ON n.code = p.commune_code;
    RETURN made;
END
$$;
REVOKE EXECUTE ON FUNCTION land.freeze_statistics(date, text, boolean, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION land.freeze_statistics(date, text, boolean, timestamptz, text) TO diaban_edit;
GRANT SELECT ON land.statistics, land.statistics_rows TO diaban_serve, diaban_edit;
