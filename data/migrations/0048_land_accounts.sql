-- What land becomes, counted: the effect of an inspection's decision on a plan's indicators.

SET LOCAL ROLE diaban_owner;

-- The three groups of land use. Codes without a row are of none.
CREATE TABLE land.use_group (
    land_use   text NOT NULL,
    use_group  text NOT NULL CHECK (use_group IN ('agricultural', 'other', 'unused')),
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to   date NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (land_use, valid_from)
);
INSERT INTO land.use_group (land_use, use_group)
SELECT code, CASE
        WHEN coalesce(parent, code) IN ('LUC', 'LUK', 'HNK', 'CLN', 'RDD', 'RPH', 'RSX', 'NTS', 'CNT', 'LMU', 'NKH')
            THEN 'agricultural'
        WHEN code IN ('CGT', 'BCS', 'DCS', 'NCS', 'MCS') THEN 'unused'
        ELSE 'other' END
FROM diaban.code WHERE list = 'land_use';
GRANT SELECT ON land.use_group TO diaban_serve, diaban_edit;

SELECT diaban.add_field('inspection_cases', $json$
{"name": "effect", "type": "text", "title": {"vi": "Hệ quả đối với đất nông nghiệp", "en": "Effect on agricultural land"}, "codes": [
    {"code": "lost", "vi": "Xác nhận vi phạm: đất nông nghiệp bị mất", "en": "Violation confirmed: agricultural land lost"},
    {"code": "restored", "vi": "Đã khôi phục đất nông nghiệp", "en": "Agricultural land restored"},
    {"code": "none", "vi": "Không thay đổi đất nông nghiệp", "en": "No change of agricultural land"}]}
$json$);
SELECT diaban.add_field('inspection_cases', $json$
{"name": "effect_m2", "type": "number", "unit": "m2", "title": {"vi": "Diện tích đất nông nghiệp thay đổi", "en": "Agricultural land changed"}}
$json$);
SELECT diaban.add_field('inspection_cases', $json$
{"name": "decided_on", "type": "date", "title": {"vi": "Kết luận ngày", "en": "Decided on"}}
$json$);
ALTER TABLE record.inspection_cases
    ADD CONSTRAINT effect_is_of_a_decision CHECK (effect IS NULL OR state IN ('decided', 'closed')),
    ADD CONSTRAINT effect_says_how_much CHECK ((coalesce(effect, 'none') <> 'none') = (effect_m2 IS NOT NULL) AND effect_m2 > 0);
CREATE INDEX ON record.inspection_cases (scope, decided_on) WHERE effect IN ('lost', 'restored');
-- A decision may be corrected until the case is closed; it keeps its day, and so what it counts towards.
INSERT INTO land.case_move (move, from_state, to_state) VALUES ('decide', 'decided', 'decided');

CREATE FUNCTION land.check_case_effect() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
BEGIN
    IF NEW.state IN ('decided', 'closed') AND NEW.decided_on IS NULL THEN
        NEW.decided_on := CASE WHEN TG_OP = 'UPDATE' THEN OLD.decided_on END;
        NEW.decided_on := coalesce(NEW.decided_on, today);
    END IF;
    IF NEW.effect IN ('lost', 'restored') AND (TG_OP = 'INSERT' OR NEW.effect IS DISTINCT FROM OLD.effect)
        AND EXISTS (SELECT FROM record.parcels AS p JOIN land.use_group AS g ON g.land_use = p.land_use
                    AND today >= g.valid_from AND today < g.valid_to
                    WHERE p.fid = NEW.parcel AND g.use_group <> 'agricultural') THEN
        RAISE EXCEPTION 'parcel % is not agricultural land', NEW.parcel
            USING ERRCODE = 'check_violation', CONSTRAINT = 'effect_is_on_agricultural_land';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER effect BEFORE INSERT OR UPDATE ON record.inspection_cases
    FOR EACH ROW EXECUTE FUNCTION land.check_case_effect();

SELECT diaban.add_field('indicators', $json$
{"name": "basis", "type": "text", "title": {"vi": "Căn cứ", "en": "Basis"}}
$json$);

-- The commune of a case: its scope, else where it lies.
CREATE FUNCTION land.commune_of(scope text, at public.geometry) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(nullif(scope, ''), (SELECT p.code FROM record.places AS p WHERE p.level = 'commune'
        AND p.valid_to IS NULL AND ST_Covers(p.geom, at) ORDER BY p.fid LIMIT 1))
$$;

-- The value of a unit and period is counted anew from its cases: however often, it is the same. Who may
-- know one of the cases may know the value, nobody else.
CREATE FUNCTION land.count_lost_land(indicator text, commune text, first_day date, after date, of_period text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    counted record;
    list    date;
BEGIN
    PERFORM pg_advisory_xact_lock(7311048, hashtext(commune));
    SELECT coalesce(sum(CASE c.effect WHEN 'lost' THEN c.effect_m2 ELSE -c.effect_m2 END::numeric), 0)::float8 AS m2,
           count(*) AS cases, max(c.sensitivity) AS sensitivity, max(c.scope) AS scope,
           'inspection_cases/' || string_agg(c.fid::text, ', ' ORDER BY c.fid) AS basis
    INTO counted FROM record.inspection_cases AS c
    WHERE c.scope IN (commune, '') AND land.commune_of(c.scope, c.geom) = commune AND c.decided_on >= first_day AND c.decided_on < after AND c.effect IN ('lost', 'restored');
    SELECT max((p.valid_from AT TIME ZONE INTERVAL '+07:00')::date) INTO list FROM record.places AS p
    WHERE p.code = commune AND p.level = 'commune'
      AND coalesce(p.valid_from, '-infinity') < after::timestamp AT TIME ZONE INTERVAL '+07:00'
      AND coalesce(p.valid_to, 'infinity') > first_day::timestamp AT TIME ZONE INTERVAL '+07:00';
    UPDATE record.indicators AS i SET value = counted.m2, basis = counted.basis,
        sensitivity = greatest(i.sensitivity, counted.sensitivity)
    WHERE i.code = indicator AND i.place_code = commune AND i.place_on IS NOT DISTINCT FROM list
      AND i.period = of_period AND i.place_name IS NULL
      AND (i.value IS DISTINCT FROM counted.m2 OR i.basis IS DISTINCT FROM counted.basis);
    IF counted.cases > 0 AND NOT EXISTS (SELECT FROM record.indicators AS i WHERE i.code = indicator
        AND i.place_code = commune AND i.place_on IS NOT DISTINCT FROM list AND i.period = of_period
        AND i.place_name IS NULL) THEN
        INSERT INTO record.indicators (code, place_code, place_on, period, value, unit, basis, scope, sensitivity)
        VALUES (indicator, commune, list, of_period, counted.m2, 'm²', counted.basis, counted.scope, counted.sensitivity);
    END IF;
END
$$;

CREATE FUNCTION land.feed_lost_land() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT DISTINCT land.commune_of(scope, geom) AS commune, date_trunc('month', decided_on)::date AS month FROM (
            SELECT OLD.scope, OLD.geom, OLD.decided_on, OLD.effect WHERE TG_OP <> 'INSERT'
            UNION ALL SELECT NEW.scope, NEW.geom, NEW.decided_on, NEW.effect WHERE TG_OP <> 'DELETE') AS touched
        WHERE effect IN ('lost', 'restored') AND land.commune_of(scope, geom) IS NOT NULL ORDER BY 1, 2 LOOP
        PERFORM land.count_lost_land('farmland_lost_month', one.commune, one.month,
            (one.month + INTERVAL '1 month')::date, to_char(one.month, 'YYYY-MM'));
        PERFORM land.count_lost_land('farmland_lost', one.commune, date_trunc('year', one.month)::date,
            (date_trunc('year', one.month) + INTERVAL '1 year')::date, to_char(one.month, 'YYYY'));
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER lost_land AFTER INSERT OR UPDATE OR DELETE ON record.inspection_cases
    FOR EACH ROW EXECUTE FUNCTION land.feed_lost_land();
