-- Alerts that are not over are counted and listed without a look at those that are.

SET LOCAL ROLE diaban_owner;

CREATE INDEX alerts_standing ON record.alerts (level) WHERE state IN ('open', 'acknowledged');
