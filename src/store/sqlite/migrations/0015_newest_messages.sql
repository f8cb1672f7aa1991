-- Of each reader the newest messages are kept. How many were placed for a contact by name since they were last counted, so that who may
-- have too many is found by an index of these alone.
ALTER TABLE contact ADD COLUMN placed INTEGER NOT NULL DEFAULT 0;
UPDATE contact SET placed = lane.count
    FROM (SELECT site_id, contact_id, count(*) AS count FROM placement WHERE contact_id > 0 AND position > 0 GROUP BY site_id, contact_id) AS lane
    WHERE contact.site_id = lane.site_id AND contact.id = lane.contact_id;
-- Whose end was begun and not finished.
CREATE INDEX message_leaving ON message (site_id, id) WHERE state = 3 AND recalled_at IS NULL;
CREATE INDEX contact_full ON contact (site_id, id) WHERE placed > 1000;
