-- The sessions of a reader in the order in which they began: of more than a reader may have, the oldest end.
ALTER TABLE widget_session ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
DROP INDEX widget_session_contact;
CREATE INDEX widget_session_contact ON widget_session (site_id, contact_id, sequence);

-- Counts each change of what a segment's rule may ask of a contact, so that what was found for one version need not be asked again.
ALTER TABLE contact ADD COLUMN profile INTEGER NOT NULL DEFAULT 0;

-- Rows that were added to a contact's `watermark_log` since it was last made shorter, or a few more. An index holds only the contacts with too many.
ALTER TABLE contact ADD COLUMN moves INTEGER NOT NULL DEFAULT 0;
CREATE INDEX contact_moved ON contact (site_id, id) WHERE moves > 1000;
UPDATE contact SET moves = logged.rows FROM (
        SELECT site_id, contact_id, count(*) AS rows FROM watermark_log GROUP BY site_id, contact_id HAVING count(*) > 500) AS logged
    WHERE contact.site_id = logged.site_id AND contact.id = logged.contact_id;

-- What a rule costs to ask of one contact, in bytes looked at (`Rule::cost`). Of rules that were stored before, about.
ALTER TABLE segment ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;
UPDATE segment SET cost = length(condition) + (length(condition) - length(replace(condition, '"contains":', ''))) / 11 * 16384;

-- What a delivery is about: one that waits for the same endpoint and contact takes the place of the next one about the same.
ALTER TABLE webhook_delivery ADD COLUMN subject TEXT;
CREATE INDEX webhook_delivery_subject ON webhook_delivery (endpoint, contact_id, type, subject) WHERE state = 0 AND subject IS NOT NULL;
-- How many deliveries of one contact wait for an endpoint. Contact 0 stands for those of no contact.
CREATE TABLE webhook_backlog (
    endpoint INTEGER NOT NULL REFERENCES webhook_endpoint (number) ON DELETE CASCADE,
    contact INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    PRIMARY KEY (endpoint, contact)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_backlog_longest ON webhook_backlog (endpoint, waiting);
INSERT INTO webhook_backlog (endpoint, contact, waiting)
    SELECT endpoint, coalesce(contact_id, 0), count(*) FROM webhook_delivery WHERE state = 0 GROUP BY 1, 2;
CREATE TRIGGER webhook_backlog_added AFTER INSERT ON webhook_delivery WHEN new.state = 0 BEGIN
    INSERT INTO webhook_backlog (endpoint, contact, waiting) VALUES (new.endpoint, coalesce(new.contact_id, 0), 1)
        ON CONFLICT DO UPDATE SET waiting = waiting + 1;
END;
CREATE TRIGGER webhook_backlog_left AFTER UPDATE OF state ON webhook_delivery WHEN old.state = 0 AND new.state <> 0 BEGIN
    UPDATE webhook_backlog SET waiting = waiting - 1 WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0);
    DELETE FROM webhook_backlog WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0) AND waiting <= 0;
END;
CREATE TRIGGER webhook_backlog_back AFTER UPDATE OF state ON webhook_delivery WHEN old.state <> 0 AND new.state = 0 BEGIN
    INSERT INTO webhook_backlog (endpoint, contact, waiting) VALUES (new.endpoint, coalesce(new.contact_id, 0), 1)
        ON CONFLICT DO UPDATE SET waiting = waiting + 1;
END;
CREATE TRIGGER webhook_backlog_removed AFTER DELETE ON webhook_delivery WHEN old.state = 0 BEGIN
    UPDATE webhook_backlog SET waiting = waiting - 1 WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0);
    DELETE FROM webhook_backlog WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0) AND waiting <= 0;
END;

-- Bytes of the answers that a site's idempotency records keep.
CREATE TABLE repeat_use (
    site_id BLOB NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO repeat_use (site_id, bytes) SELECT site_id, sum(256 + coalesce(length(body), 0)) FROM repeat GROUP BY site_id;
CREATE TRIGGER repeat_use_added AFTER INSERT ON repeat BEGIN
    INSERT INTO repeat_use (site_id, bytes) VALUES (new.site_id, 256 + coalesce(length(new.body), 0))
        ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
-- An `INSERT OR REPLACE` fires no trigger for the row that goes.
CREATE TRIGGER repeat_use_replaced BEFORE INSERT ON repeat BEGIN
    UPDATE repeat_use SET bytes = bytes - coalesce(
        (SELECT 256 + coalesce(length(body), 0) FROM repeat WHERE repeat.site_id = new.site_id AND repeat.key = new.key), 0) WHERE site_id = new.site_id;
END;
CREATE TRIGGER repeat_use_changed AFTER UPDATE OF body ON repeat BEGIN
    UPDATE repeat_use SET bytes = bytes + coalesce(length(new.body), 0) - coalesce(length(old.body), 0) WHERE site_id = new.site_id;
END;
CREATE TRIGGER repeat_use_removed AFTER DELETE ON repeat BEGIN
    UPDATE repeat_use SET bytes = bytes - 256 - coalesce(length(old.body), 0) WHERE site_id = old.site_id;
END;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('contact', 'contact_moved', '10000 100 1'),
    ('repeat_use', 'repeat_use', '100 1'),
    ('webhook_backlog', 'webhook_backlog', '10000 100 1'),
    ('webhook_backlog', 'webhook_backlog_longest', '10000 100 10 1'),
    ('webhook_delivery', 'webhook_delivery_subject', '100000 1000 10 10 1'),
    ('widget_session', 'widget_session_contact', '10000000 100000 5 1 1');
ANALYZE sqlite_schema;
