-- Jobs: for whom and as what they run, why they failed, which file they left, and who may work on them.

SET LOCAL ROLE diaban_owner;

ALTER TABLE diaban.job
    ADD COLUMN policy     text NOT NULL DEFAULT '', -- what its reader might see when it was asked for
    ADD COLUMN language   text NOT NULL DEFAULT 'vi',
    ADD COLUMN problem    jsonb,                    -- why it failed: code, type, parameters
    ADD COLUMN blob       text REFERENCES diaban.blob, -- its file
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE INDEX ON diaban.job (login, created_at DESC, id);
CREATE INDEX ON diaban.job (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX ON diaban.job (blob) WHERE blob IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON diaban.job TO diaban_edit;
GRANT SELECT, INSERT, DELETE ON diaban.blob TO diaban_edit;

-- Takes files out of the record that no row names any more; gives how many. What else comes to own files
-- names them by a foreign key, and so keeps them.
CREATE FUNCTION diaban.forget_blobs(names text[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    name text;
    gone integer := 0;
BEGIN
    FOREACH name IN ARRAY names LOOP
        BEGIN
            DELETE FROM diaban.blob WHERE sha256 = name;
            gone := gone + 1;
        EXCEPTION WHEN foreign_key_violation THEN
            NULL;
        END;
    END LOOP;
    RETURN gone;
END
$$;
