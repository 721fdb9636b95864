-- Field packs: what an inspector takes along, which states of which cases it holds, and what it brought
-- back that had meanwhile changed here as well.

SET LOCAL ROLE diaban_owner;

CREATE TABLE land.pack (
    id          uuid PRIMARY KEY, -- of the job that made it
    login       text NOT NULL,
    area        text NOT NULL,    -- a commune's code, or a box
    made_at     timestamptz NOT NULL DEFAULT now(),
    returned_at timestamptz       -- the last time
);
CREATE INDEX ON land.pack (login, made_at);

-- `given` is what could be filled in, as the pack has it. `taken` is what came back last and stands in the
-- record since, in the state `taken_version`: it comes back again when the pack is sent twice.
CREATE TABLE land.pack_case (
    pack          uuid NOT NULL REFERENCES land.pack ON DELETE CASCADE,
    inspection    bigint NOT NULL,
    version       bigint NOT NULL,
    recorded_at   timestamptz NOT NULL,
    given         jsonb NOT NULL,
    taken         jsonb,
    taken_version bigint,
    PRIMARY KEY (pack, inspection),
    CHECK ((taken IS NULL) = (taken_version IS NULL))
);

-- Changed here and there: nothing is written before somebody says which of the two stands.
CREATE TABLE land.pack_conflict (
    pack       uuid NOT NULL REFERENCES land.pack ON DELETE CASCADE,
    number     bigint NOT NULL CHECK (number > 0),
    inspection bigint NOT NULL,
    base       jsonb NOT NULL, -- as the pack had it
    field      jsonb NOT NULL, -- as it was filled in
    arrived_at timestamptz NOT NULL DEFAULT now(),
    take       text CHECK (take IN ('field', 'record')),
    settled_by text,
    settled_at timestamptz,
    PRIMARY KEY (pack, number),
    CHECK ((take IS NULL) = (settled_by IS NULL) AND (take IS NULL) = (settled_at IS NULL))
);
CREATE INDEX ON land.pack_conflict (inspection) WHERE take IS NULL;

GRANT SELECT, INSERT, UPDATE ON land.pack, land.pack_case, land.pack_conflict TO diaban_edit;
GRANT SELECT ON diaban.place_crosswalk TO diaban_edit;
