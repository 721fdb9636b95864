-- Who read or changed what about persons, who signed in, who changed whose rights: each entry holds the
-- hash of the one before, so that none can be changed, removed or put between without a trace.
-- Whoever owns the database can still write the whole chain anew: what `diaban audit verify` prints of
-- its end is to be kept elsewhere.

SET LOCAL ROLE diaban_owner;

CREATE TABLE diaban.audit (
    seq        bigint PRIMARY KEY,
    at         timestamptz NOT NULL,
    who        text NOT NULL, -- login; '' is nobody who is known
    action     text NOT NULL CHECK (action ~ '^[a-z][a-z-]{0,47}$'),
    collection text NOT NULL DEFAULT '',
    fid        bigint,
    why        text NOT NULL DEFAULT '',
    detail     jsonb NOT NULL DEFAULT '{}', -- names of fields and things, never values about persons
    previous   text NOT NULL,
    hash       text NOT NULL
);
CREATE INDEX ON diaban.audit (at);
CREATE INDEX ON diaban.audit (who, seq);
CREATE INDEX ON diaban.audit (collection, fid, seq);

-- Where the chain begins: the last entry that was trimmed; and for how long entries are kept.
CREATE TABLE diaban.audit_begin (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq      bigint NOT NULL DEFAULT 0,
    hash     text NOT NULL DEFAULT repeat('0', 64),
    keep     interval NOT NULL DEFAULT '5 years' CHECK (keep >= interval '30 days')
);
INSERT INTO diaban.audit_begin DEFAULT VALUES;

CREATE FUNCTION diaban.audit_hash(entry diaban.audit) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        entry.seq, (extract(epoch FROM entry.at) * 1000000)::bigint, entry.who, entry.action,
        entry.collection, entry.fid, entry.why, entry.detail, entry.previous)::text, 'UTF8')), 'hex')
$$;

-- Adds an entry; with the rest of its transaction, or not at all. Entries take turns.
CREATE FUNCTION diaban.note(who text, action text, collection text, fid bigint, why text, detail jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    entry diaban.audit;
BEGIN
    PERFORM pg_advisory_xact_lock(7263004);
    SELECT last.seq, last.hash INTO entry.seq, entry.previous
    FROM (SELECT a.seq, a.hash FROM diaban.audit AS a ORDER BY a.seq DESC LIMIT 1) AS last;
    IF entry.seq IS NULL THEN
        SELECT b.seq, b.hash INTO STRICT entry.seq, entry.previous FROM diaban.audit_begin AS b;
    END IF;
    entry.seq := entry.seq + 1;
    entry.at := clock_timestamp();
    entry.who := note.who;
    entry.action := note.action;
    entry.collection := coalesce(note.collection, '');
    entry.fid := note.fid;
    entry.why := coalesce(note.why, '');
    entry.detail := coalesce(note.detail, '{}');
    entry.hash := diaban.audit_hash(entry);
    INSERT INTO diaban.audit SELECT entry.*;
    RETURN entry.seq;
END
$$;

-- The first entry that does not fit, or null; how many there are, and the hash at the end.
CREATE FUNCTION diaban.audit_check(OUT broken bigint, OUT entries bigint, OUT last_seq bigint,
                                   OUT head text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH chained AS (
        SELECT a.seq, a.hash, diaban.audit_hash(a) AS counted, a.previous,
               lag(a.hash, 1, b.hash) OVER entry AS before, lag(a.seq, 1, b.seq) OVER entry AS seq_before
        FROM diaban.audit AS a, diaban.audit_begin AS b
        WINDOW entry AS (ORDER BY a.seq)
    )
    SELECT min(c.seq) FILTER (WHERE c.hash <> c.counted OR c.previous <> c.before
                                 OR c.seq <> c.seq_before + 1),
           count(*), coalesce(max(c.seq), (SELECT b.seq FROM diaban.audit_begin AS b)),
           coalesce((SELECT a.hash FROM diaban.audit AS a ORDER BY a.seq DESC LIMIT 1),
                    (SELECT b.hash FROM diaban.audit_begin AS b))
    FROM chained AS c
$$;

-- Removes what is kept no longer, from the oldest on, and says so in the chain.
CREATE FUNCTION diaban.audit_trim(who text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last    diaban.audit;
    trimmed bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7263004);
    SELECT a.* INTO last FROM diaban.audit AS a, diaban.audit_begin AS b
    WHERE a.at < clock_timestamp() - b.keep ORDER BY a.seq DESC LIMIT 1;
    IF last.seq IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM set_config('diaban.trimming', 'on', true);
    DELETE FROM diaban.audit AS a WHERE a.seq <= last.seq;
    GET DIAGNOSTICS trimmed = ROW_COUNT;
    PERFORM set_config('diaban.trimming', '', true);
    UPDATE diaban.audit_begin SET seq = last.seq, hash = last.hash;
    PERFORM diaban.note(who, 'audit-trim', '', NULL, '',
                        jsonb_build_object('entries', trimmed, 'through', last.seq));
    RETURN trimmed;
END
$$;

CREATE FUNCTION diaban.keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON diaban.audit FOR EACH ROW
    WHEN (coalesce(current_setting('diaban.trimming', true), '') <> 'on')
    EXECUTE FUNCTION diaban.keep_audit();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON diaban.audit EXECUTE FUNCTION diaban.keep_audit();

REVOKE EXECUTE ON FUNCTION diaban.note(text, text, text, bigint, text, jsonb),
    diaban.audit_check(), diaban.audit_trim(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION diaban.note(text, text, text, bigint, text, jsonb)
    TO diaban_access, diaban_edit;
GRANT EXECUTE ON FUNCTION diaban.audit_check(), diaban.audit_trim(text) TO diaban_access;
GRANT SELECT ON diaban.audit, diaban.audit_begin TO diaban_access;
