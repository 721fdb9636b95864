-- Files owned by rows, jobs, and answers remembered for repeated requests.

SET LOCAL ROLE diaban_owner;

-- A file of the blob folder, named by its SHA-256. A file without a row here is an orphan.
CREATE TABLE diaban.blob (
    sha256     text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size       bigint NOT NULL CHECK (size >= 0),
    media_type text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE diaban.job (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    process      text NOT NULL,
    inputs       jsonb NOT NULL,
    login        text NOT NULL,
    state        text NOT NULL DEFAULT 'accepted'
                 CHECK (state IN ('accepted', 'running', 'successful', 'failed', 'dismissed')),
    priority     integer NOT NULL DEFAULT 0,
    attempts     integer NOT NULL DEFAULT 0,
    progress     smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    message      text NOT NULL DEFAULT '',
    result       jsonb,
    node         text,        -- who holds the lease
    leased_until timestamptz, -- moved on by the heartbeat; a job past it is taken over
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at   timestamptz,
    finished_at  timestamptz
);
CREATE INDEX ON diaban.job (priority DESC, created_at) WHERE state IN ('accepted', 'running');

-- The answer to a request that carried an Idempotency-Key: the same key from the same login gets
-- the same answer, and with another request body an error.
CREATE TABLE diaban.idempotency (
    login          text NOT NULL,
    key            text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_sha256 text NOT NULL,
    status         smallint, -- null while the first request is still at work
    headers        jsonb,
    body           bytea,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (login, key)
);
CREATE INDEX ON diaban.idempotency (created_at);
