-- A reader can put messages away and take everything back, so a receipt is no longer only that of a reading.

-- A reader's "all read" has the number of its change as its epoch. The former watermark is kept for as long as it can be undone.
ALTER TABLE contact ADD COLUMN read_epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN former_read_position INTEGER;
ALTER TABLE contact ADD COLUMN former_read_epoch INTEGER;

ALTER TABLE receipt RENAME TO former_receipt;
-- Written only when the reader does something. A message is unread when its unread_epoch is the contact's read_epoch, or when
-- it has no read_at and lies above the watermark. A row with read_at has no unread_epoch.
CREATE TABLE receipt (
    site_id BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    position INTEGER NOT NULL, -- the message's, as it is while the message is shown
    read_at INTEGER,
    clicked_at INTEGER,
    archived_at INTEGER,
    deleted_at INTEGER,
    unread_epoch INTEGER, -- unread whatever the watermark says, until the next "all read" that reaches it
    aside INTEGER NOT NULL GENERATED ALWAYS AS (archived_at IS NOT NULL OR deleted_at IS NOT NULL) VIRTUAL,
    PRIMARY KEY (site_id, contact_id, message_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO receipt (site_id, contact_id, message_id, position, read_at, clicked_at)
    SELECT former.site_id, former.contact_id, former.message_id, message.position, former.read_at, former.clicked_at
    FROM former_receipt AS former CROSS JOIN message ON message.site_id = former.site_id AND message.id = former.message_id;
DROP TABLE former_receipt;
CREATE INDEX receipt_unread ON receipt (site_id, contact_id, unread_epoch, aside, position) WHERE unread_epoch IS NOT NULL;
CREATE INDEX receipt_archived ON receipt (site_id, contact_id, position) WHERE archived_at IS NOT NULL AND deleted_at IS NULL;
