-- What an owner sets of a site, and the record of what was done by whom.

ALTER TABLE site ADD COLUMN settings TEXT NOT NULL DEFAULT '{}'; -- JSON object

-- Kept when a site, key or account is gone: that is what it is for.
CREATE TABLE audit (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB, -- NULL for what concerns accounts alone
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT, -- JSON object
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_site ON audit (site_id, number);
