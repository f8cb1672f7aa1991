-- Categories that readers mute: messages of these are in none of their lists and counts.

CREATE TABLE mute (
    site_id BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    category TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (site_id, contact_id, category),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A placement repeats the category of its message, so that a lane is filtered without a look at the message.
ALTER TABLE placement ADD COLUMN category TEXT;
UPDATE placement INDEXED BY placement_message SET category = m.category FROM message AS m
    WHERE m.category IS NOT NULL AND placement.site_id = m.site_id AND placement.message_id = m.id;
