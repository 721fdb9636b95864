-- The name of a disaster's area, and of an alert's, stands once on the map: in the tile of its label point.

SET LOCAL ROLE diaban_owner;

UPDATE diaban.collection SET label_field = 'name', schema_version = schema_version + 1 WHERE id = 'disaster_events';
UPDATE diaban.collection SET label_field = 'headline', schema_version = schema_version + 1 WHERE id = 'alerts';
