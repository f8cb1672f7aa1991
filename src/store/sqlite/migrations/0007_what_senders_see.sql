-- What a sender sees of messages: to whom they came, who saw and read them and when, lists to look through; and forgetting them.

ALTER TABLE contact ADD COLUMN delivered_position INTEGER NOT NULL DEFAULT 0; -- all shown up to here was answered to them
UPDATE contact SET delivered_position = seen_position;

ALTER TABLE message ADD COLUMN name TEXT; -- for senders only
ALTER TABLE message ADD COLUMN test INTEGER NOT NULL DEFAULT 0; -- sent to try it: in no list and no count

-- Each move of a reader's watermark: what lies above the one position and not above the other has been delivered, seen or read by it.
CREATE TABLE watermark_log (
    site_id BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- 0 delivered, 1 seen, 2 read
    from_position INTEGER NOT NULL,
    to_position INTEGER NOT NULL,
    number INTEGER NOT NULL, -- that of the "all read", by which it is undone; else 0
    at INTEGER NOT NULL, -- 0 is before this was kept
    PRIMARY KEY (site_id, contact_id, kind, to_position, number),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX watermark_log_at ON watermark_log (site_id, at);
INSERT INTO watermark_log (site_id, contact_id, kind, from_position, to_position, number, at)
    SELECT site_id, id, 0, 0, seen_position, 0, 0 FROM contact WHERE seen_position > 0
    UNION ALL SELECT site_id, id, 1, 0, seen_position, 0, 0 FROM contact WHERE seen_position > 0
    UNION ALL SELECT site_id, id, 2, 0, read_position, read_epoch, 0 FROM contact WHERE read_position > 0;

CREATE INDEX message_created ON message (site_id, created_at, id) WHERE test = 0;
CREATE INDEX message_state ON message (site_id, state, created_at, id) WHERE test = 0;
CREATE INDEX message_category ON message (site_id, category, created_at, id) WHERE test = 0;
CREATE INDEX message_published ON message (site_id, publish_at);
CREATE INDEX receipt_message ON receipt (site_id, message_id);
CREATE INDEX receipt_read ON receipt (site_id, read_at) WHERE read_at IS NOT NULL;
