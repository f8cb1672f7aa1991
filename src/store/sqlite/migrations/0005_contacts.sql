-- Contacts that are searched, put away and brought in by the thousand.

ALTER TABLE contact ADD COLUMN last_seen_at INTEGER; -- to the hour
ALTER TABLE contact ADD COLUMN deleted_at INTEGER; -- deleted but not erased: found by nothing until it is brought back
-- What a search compares: lower case of all scripts, which SQLite does not know, so it is written beside the names. Rows that are
-- there already have it of Latin letters alone until they change.
ALTER TABLE contact ADD COLUMN first_key TEXT;
ALTER TABLE contact ADD COLUMN last_key TEXT;
ALTER TABLE contact ADD COLUMN search_key TEXT NOT NULL DEFAULT '';
UPDATE contact SET first_key = lower(first_name), last_key = lower(last_name), search_key = lower(
    trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) || char(10) || coalesce(email, '') || char(10)
    || coalesce(phone, '') || char(10) || coalesce(external_id, ''));
CREATE INDEX contact_first_name ON contact (site_id, first_key, id) WHERE first_key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX contact_last_name ON contact (site_id, last_key, id) WHERE last_key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX contact_language ON contact (site_id, language, id) WHERE language IS NOT NULL AND deleted_at IS NULL;
-- Free text may stand anywhere in what is known of a contact, so a site's contacts are gone through; this is the narrow way.
CREATE INDEX contact_search ON contact (site_id, id, search_key, deleted_at) WHERE deleted_at IS NULL;

CREATE TABLE import (
    site_id BLOB NOT NULL REFERENCES site (id),
    id BLOB NOT NULL,
    state INTEGER NOT NULL, -- 0 is accepted, 1 is on its way, 2 is done, 3 could not be done
    options TEXT NOT NULL, -- JSON object
    total INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0, -- the four below together
    created INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    PRIMARY KEY (site_id, id)
) STRICT, WITHOUT ROWID;
-- The one with the least behind it comes next, so that a small import need not wait for the end of a large one.
CREATE INDEX import_waiting ON import (done, created_at) WHERE state < 2;
CREATE INDEX import_finished ON import (finished_at) WHERE finished_at IS NOT NULL;

-- Rows still to be done, some hundreds in one; a part goes when its rows are done.
CREATE TABLE import_part (
    site_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    rows TEXT NOT NULL, -- JSON array
    PRIMARY KEY (site_id, import_id, number),
    FOREIGN KEY (site_id, import_id) REFERENCES import (site_id, id) ON DELETE CASCADE
) STRICT;

-- What could not be done as it was asked; of one import not more than some hundreds.
CREATE TABLE import_problem (
    site_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    row INTEGER NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    imported INTEGER NOT NULL, -- whether the row went in all the same
    PRIMARY KEY (site_id, import_id, number),
    FOREIGN KEY (site_id, import_id) REFERENCES import (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
