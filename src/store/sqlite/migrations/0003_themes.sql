-- A site's looks. Each version is a row that never changes but in its state; its number is never given again.

ALTER TABLE site ADD COLUMN theme_version INTEGER; -- the one in force; NULL is the standard look
ALTER TABLE site ADD COLUMN theme_counter INTEGER NOT NULL DEFAULT 0; -- number of the newest version that there ever was

-- With a rowid: texts are too large for the inner pages of a clustered key. The largest come last, so that a list of versions
-- needn't read them.
CREATE TABLE theme (
    site_id BLOB NOT NULL REFERENCES site (id),
    version INTEGER NOT NULL,
    state INTEGER NOT NULL, -- 0 is a draft, 1 is in force, 2 was in force once
    created_at INTEGER NOT NULL,
    published_at INTEGER, -- when it last came into force
    sheet TEXT NOT NULL, -- name of a file
    warnings TEXT NOT NULL, -- JSON array
    first TEXT NOT NULL, -- style of the first response
    bell TEXT,
    card TEXT,
    css TEXT,
    PRIMARY KEY (site_id, version)
) STRICT;
CREATE UNIQUE INDEX theme_draft ON theme (site_id) WHERE state = 0;
CREATE UNIQUE INDEX theme_in_force ON theme (site_id) WHERE state = 1;

-- Named by its content, so versions that have a file in common have the same row.
CREATE TABLE theme_file (
    site_id BLOB NOT NULL REFERENCES site (id),
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (site_id, name)
) STRICT;

CREATE TABLE theme_file_use (
    site_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (site_id, version, name),
    FOREIGN KEY (site_id, version) REFERENCES theme (site_id, version) ON DELETE CASCADE,
    FOREIGN KEY (site_id, name) REFERENCES theme_file (site_id, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX theme_file_use_name ON theme_file_use (site_id, name);

CREATE TABLE preview_link (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, digest),
    FOREIGN KEY (site_id, version) REFERENCES theme (site_id, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX preview_link_version ON preview_link (site_id, version);
CREATE INDEX preview_link_expiry ON preview_link (expires_at);
