-- What others say by CAP: alerts like any, which are not said again in our name.

SET LOCAL ROLE diaban_owner;

INSERT INTO diaban.code (list, code, position, title_vi, title_en)
VALUES ('alerts.source_kind', 'cap', 4, 'Bản tin CAP của nơi khác', 'Message of others (CAP)');
CREATE UNIQUE INDEX alerts_of_others_once ON record.alerts (identifier) WHERE source_kind = 'cap';

DROP TRIGGER say ON record.alerts;
CREATE TRIGGER say AFTER INSERT OR UPDATE ON record.alerts FOR EACH ROW
    WHEN (NEW.source_kind IS DISTINCT FROM 'cap') EXECUTE FUNCTION alert.say();
