-- Segments: a placement's contact_id is a lane. Above 0 it is a contact, 0 is everyone, below 0 it is a segment (less its number).

ALTER TABLE site ADD COLUMN next_segment INTEGER NOT NULL DEFAULT 1;
-- Above 0 while some segment is in use. Its absolute value grows with each change of which are, or of what they say, so that a
-- process may keep what it read under this number.
ALTER TABLE site ADD COLUMN segments INTEGER NOT NULL DEFAULT 0;

-- With a rowid: a rule may be too large for the inner pages of a clustered key.
CREATE TABLE segment (
    site_id BLOB NOT NULL REFERENCES site (id),
    number INTEGER NOT NULL,
    name TEXT, -- NULL where a message described it on the spot
    hash BLOB NOT NULL,
    in_use INTEGER NOT NULL DEFAULT 0, -- a message that is shown or waits goes to it
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    lists INTEGER NOT NULL, -- how many lists the condition speaks of
    condition TEXT NOT NULL, -- JSON
    PRIMARY KEY (site_id, number)
) STRICT;
CREATE UNIQUE INDEX segment_name ON segment (site_id, name) WHERE name IS NOT NULL;
CREATE INDEX segment_named ON segment (site_id, number) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX segment_hash ON segment (site_id, hash) WHERE name IS NULL;
CREATE INDEX segment_in_use ON segment (site_id, number) WHERE in_use = 1;

CREATE TABLE segment_member (
    site_id BLOB NOT NULL,
    segment INTEGER NOT NULL,
    list INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (site_id, segment, list, contact_id),
    FOREIGN KEY (site_id, segment) REFERENCES segment (site_id, number) ON DELETE CASCADE,
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX segment_member_contact ON segment_member (site_id, contact_id);
