-- Provinces on servers of their own. Each has a whole record: its own range of fids (the shard), its own
-- registry, accounts, history and feed, so that none needs another to be read or edited. What one gives
-- to others are copies of its rows, by PostgreSQL's logical replication into the range of fids that is
-- its own in their tables: they read them as they read theirs, and never write them.
--
-- Foreign tables cannot be these ranges: PostgreSQL refuses them under a primary key and under a
-- constraint trigger, and a server that is away would stop the reading of the whole table.

SET LOCAL ROLE diaban_owner;

-- Whose rows are here as copies.
CREATE TABLE diaban.neighbour (
    collection diaban.name NOT NULL REFERENCES diaban.collection,
    shard      integer NOT NULL CHECK (shard BETWEEN 0 AND 1023),
    PRIMARY KEY (collection, shard)
);

-- Numbers from here on come from another range. For a new record: rows keep their fids, and a
-- partitioned collection may not have any yet.
CREATE FUNCTION diaban.take_shard(number integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first   bigint := number::bigint << 43;
    member  record;
    part    regclass;
    is_used boolean;
BEGIN
    UPDATE diaban.instance SET shard = number;
    FOR member IN SELECT id, partitioned FROM diaban.collection LOOP
        EXECUTE format('ALTER SEQUENCE diaban.%I MINVALUE %s MAXVALUE %s START %s RESTART',
                       member.id || '_fid', first + 1, first + (1::bigint << 43) - 1, first + 1);
        CONTINUE WHEN NOT member.partitioned;
        EXECUTE format('SELECT EXISTS (SELECT FROM record.%I)', member.id) INTO is_used;
        IF is_used THEN
            RAISE EXCEPTION '% has rows already', member.id
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        FOR part IN SELECT inhrelid FROM pg_inherits
                    WHERE inhparent = format('record.%I', member.id)::regclass LOOP
            EXECUTE format('DROP TABLE %s', part);
        END LOOP;
        PERFORM diaban.create_partitions(member.id);
    END LOOP;
END
$$;

-- Offers the rows of one's own range to others. TRUNCATE is not told: it would empty their tables too.
-- Needs wal_level = logical, and a login that may create publications here.
CREATE FUNCTION diaban.publish_shard(VARIADIC collections text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first bigint := (SELECT shard::bigint << 43 FROM diaban.instance);
BEGIN
    EXECUTE 'CREATE PUBLICATION diaban_shard FOR TABLE ' ||
        (SELECT string_agg(format('record.%I WHERE (fid >= %s AND fid < %s)', collection, first,
                                  first + (1::bigint << 43)), ', ') FROM unnest(collections) AS collection) ||
        ' WITH (publish = ''insert, update, delete'', publish_via_partition_root = true)';
END
$$;

CREATE FUNCTION diaban.refuse_copy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the row is kept by another server, and changed there'
        USING ERRCODE = 'restrict_violation';
END
$$;

-- A place for the rows of another range, before they are subscribed to. Triggers of the table do not
-- run for what is replicated; this one runs for everything else.
CREATE FUNCTION diaban.receive_shard(collection text, number integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first bigint := number::bigint << 43;
    part  text := collection || '_from_' || number;
BEGIN
    INSERT INTO diaban.neighbour (collection, shard) VALUES (receive_shard.collection, number);
    EXECUTE format('CREATE TABLE diaban.%I PARTITION OF record.%I FOR VALUES FROM (%s) TO (%s)', part,
                   collection, first, first + (1::bigint << 43));
    EXECUTE format('CREATE TRIGGER copied BEFORE INSERT OR UPDATE OR DELETE ON diaban.%I '
                   'FOR EACH ROW EXECUTE FUNCTION diaban.refuse_copy()', part);
    EXECUTE format('CREATE TRIGGER copied_whole BEFORE TRUNCATE ON diaban.%I '
                   'EXECUTE FUNCTION diaban.refuse_copy()', part);
    EXECUTE format('GRANT SELECT ON diaban.%I TO diaban_feed', part);
END
$$;

-- When the first copy is whole: it is told as an import, and from here on each change of the other
-- server is a change of the feed, in the order of its commits.
CREATE FUNCTION diaban.follow_shard(collection text, number integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    copied bigint;
BEGIN
    EXECUTE format('ALTER TABLE diaban.%I ENABLE REPLICA TRIGGER feed', collection || '_from_' || number);
    EXECUTE format('SELECT count(*) FROM diaban.%I', collection || '_from_' || number) INTO copied;
    INSERT INTO diaban.import (collection, mode, source, finished_at, inserted)
    VALUES (follow_shard.collection, 'append', 'shard ' || number, clock_timestamp(), copied);
END
$$;

REVOKE EXECUTE ON FUNCTION diaban.take_shard(integer), diaban.publish_shard(text[]),
    diaban.receive_shard(text, integer), diaban.follow_shard(text, integer) FROM PUBLIC;
