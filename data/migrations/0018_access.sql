-- Who may see and do what, as data: accounts, roles with their grants, sessions, tokens, providers of
-- identity. Nobody but diaban_access reads or writes them.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'diaban_access') THEN
        CREATE ROLE diaban_access NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database on this cluster was migrated at the same moment
END
$$;
GRANT USAGE ON SCHEMA diaban TO diaban_access;

SET LOCAL ROLE diaban_owner;

CREATE TABLE diaban.account (
    login       text PRIMARY KEY CHECK (login ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'),
    name        text NOT NULL DEFAULT '' CHECK (length(name) <= 200),
    password    text,  -- argon2id, encoded; null: signs in by a provider alone
    totp_secret bytea, -- null: no second factor
    disabled    boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Attempts to sign in by password, of logins that there are and of others alike.
CREATE TABLE diaban.sign_in (
    login        text PRIMARY KEY,
    failures     integer NOT NULL DEFAULT 0,
    locked_until timestamptz NOT NULL DEFAULT '-infinity',
    totp_step    bigint NOT NULL DEFAULT 0, -- the last one used: a code counts once
    at           timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON diaban.sign_in (at);

CREATE TABLE diaban.role (
    name       text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_-]{0,47}$'),
    title      text NOT NULL DEFAULT '' CHECK (length(title) <= 200),
    administer boolean NOT NULL DEFAULT false,
    audit      boolean NOT NULL DEFAULT false,
    operate    boolean NOT NULL DEFAULT false
);

-- What a role gives of a collection, or with `*` of every one that it does not name for the action.
CREATE TABLE diaban.role_grant (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role       text NOT NULL REFERENCES diaban.role ON DELETE CASCADE,
    collection text NOT NULL CHECK (collection ~ '^(\*|[a-z][a-z0-9_]{0,47})$'),
    action     text NOT NULL CHECK (action IN ('read', 'edit', 'personal', 'count')),
    everywhere boolean NOT NULL DEFAULT false,
    level      smallint NOT NULL DEFAULT 0 CHECK (level BETWEEN 0 AND 255),
    masked     text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX ON diaban.role_grant (role);

-- Units whose rows a grant reaches, from the first to the last day. A unit is itself and the units that
-- lie in it on the day that is asked of; '' is what belongs to no unit.
CREATE TABLE diaban.role_scope (
    role_grant bigint NOT NULL REFERENCES diaban.role_grant ON DELETE CASCADE,
    unit       text NOT NULL,
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to   date NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (role_grant, unit, valid_from),
    CHECK (valid_from <= valid_to)
);

CREATE TABLE diaban.account_role (
    login      text NOT NULL REFERENCES diaban.account ON DELETE CASCADE,
    role       text NOT NULL REFERENCES diaban.role ON DELETE CASCADE,
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to   date NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (login, role),
    CHECK (valid_from <= valid_to)
);

-- `id` is the SHA-256 of what the browser holds: who reads this table cannot take a session over.
CREATE TABLE diaban.session (
    id         text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),
    login      text NOT NULL REFERENCES diaban.account ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON diaban.session (login);
CREATE INDEX ON diaban.session (expires_at);

CREATE TABLE diaban.token (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256     text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    login      text NOT NULL REFERENCES diaban.account ON DELETE CASCADE,
    title      text NOT NULL DEFAULT '' CHECK (length(title) <= 200),
    scopes     text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON diaban.token (login);

-- Providers of OpenID Connect. Who comes from one is the account tied to (issuer, subject); where the
-- provider may make accounts, a stranger gets one with its roles.
CREATE TABLE diaban.identity_provider (
    name           text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_-]{0,47}$'),
    title          text NOT NULL CHECK (title <> ''),
    issuer         text NOT NULL UNIQUE CHECK (issuer ~ '^https?://'),
    client_id      text NOT NULL CHECK (client_id <> ''),
    client_secret  text, -- null: a public client, which PKCE protects
    scopes         text NOT NULL DEFAULT 'openid profile email',
    makes_accounts boolean NOT NULL DEFAULT false,
    roles          text[] NOT NULL DEFAULT '{}'
);

CREATE TABLE diaban.account_identity (
    issuer  text NOT NULL,
    subject text NOT NULL,
    login   text NOT NULL REFERENCES diaban.account ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject)
);

-- Counts what changes rights, so that every node knows when to look again.
CREATE TABLE diaban.access_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL DEFAULT 0
);
INSERT INTO diaban.access_state DEFAULT VALUES;

CREATE FUNCTION diaban.count_access() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE diaban.access_state SET version = version + 1;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    named text;
BEGIN
    FOREACH named IN ARRAY ARRAY['account', 'role', 'role_grant', 'role_scope', 'account_role', 'session',
                                 'token', 'identity_provider', 'account_identity'] LOOP
        EXECUTE format('CREATE TRIGGER count_access AFTER INSERT OR UPDATE OR DELETE ON diaban.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION diaban.count_access()', named);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON diaban.%I TO diaban_access', named);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON diaban.sign_in TO diaban_access;
GRANT SELECT ON diaban.access_state TO diaban_access;

-- The calendar day of the country.
CREATE FUNCTION diaban.today() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (now() AT TIME ZONE INTERVAL '+07:00')::date
$$;

-- Codes of a unit and of those that lie in it on a day.
CREATE FUNCTION diaban.units_within(unit text, day date) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT unit
    UNION
    SELECT p.code FROM record.places AS p
    WHERE unit <> '' AND unit IN (p.province_code, p.district_code)
      AND (p.valid_from IS NULL OR (p.valid_from AT TIME ZONE INTERVAL '+07:00')::date <= day)
      AND (p.valid_to IS NULL OR (p.valid_to AT TIME ZONE INTERVAL '+07:00')::date > day)
$$;
REVOKE EXECUTE ON FUNCTION diaban.units_within(text, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION diaban.units_within(text, date) TO diaban_access;

-- Everyone, signed in or not. At first as before there were accounts: all that is not sensitive may be
-- read and edited.
INSERT INTO diaban.role (name, title, operate) VALUES ('public', 'Mọi người', true);
INSERT INTO diaban.role_grant (role, collection, action, everywhere)
VALUES ('public', '*', 'read', true), ('public', '*', 'edit', true);

CREATE FUNCTION diaban.keep_public() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the role public stays' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER keep_public BEFORE DELETE ON diaban.role FOR EACH ROW
    WHEN (OLD.name = 'public') EXECUTE FUNCTION diaban.keep_public();
