-- A job may be held for a while: it keeps its place and its memory, and the turn goes to others.

SET LOCAL ROLE diaban_owner;

ALTER TABLE diaban.job ADD COLUMN paused boolean NOT NULL DEFAULT false;
