-- Every key begins with the site, so that no query can wander into another tenant and the data can later be spread by site.
-- Times are milliseconds since 1970; ids of sites and messages are the 16 bytes of their UUID; digests are SHA-256.

CREATE TABLE site (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    origins TEXT NOT NULL, -- JSON array
    selector TEXT NOT NULL,
    placement TEXT NOT NULL,
    language TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 0, -- number of the last change
    broadcast_version INTEGER NOT NULL DEFAULT 0, -- number of the last change that concerned everyone
    last_position INTEGER NOT NULL DEFAULT 0,
    next_contact INTEGER NOT NULL DEFAULT 1 -- 0 stands for everyone
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
    site_id BLOB NOT NULL REFERENCES site (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER,
    PRIMARY KEY (site_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
    site_id BLOB NOT NULL REFERENCES site (id),
    id INTEGER NOT NULL,
    external_id TEXT,
    email TEXT,
    phone TEXT,
    first_name TEXT,
    last_name TEXT,
    language TEXT,
    attributes TEXT NOT NULL DEFAULT '{}', -- JSON object
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 0, -- number of the last change that concerned this contact by name
    read_position INTEGER NOT NULL DEFAULT 0, -- all shown up to here is read
    seen_position INTEGER NOT NULL DEFAULT 0, -- all shown up to here was on the screen
    PRIMARY KEY (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX contact_external_id ON contact (site_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX contact_email ON contact (site_id, email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX contact_phone ON contact (site_id, phone) WHERE phone IS NOT NULL;

CREATE TABLE contact_token (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    family BLOB NOT NULL,
    key_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, digest),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, key_id) REFERENCES api_key (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_token_contact ON contact_token (site_id, contact_id);
CREATE INDEX contact_token_family ON contact_token (site_id, family);
CREATE INDEX contact_token_key ON contact_token (site_id, key_id);
CREATE INDEX contact_token_expiry ON contact_token (expires_at);

CREATE TABLE widget_session (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    family BLOB NOT NULL,
    key_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, digest),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, key_id) REFERENCES api_key (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX widget_session_contact ON widget_session (site_id, contact_id);
CREATE INDEX widget_session_family ON widget_session (site_id, family);
CREATE INDEX widget_session_key ON widget_session (site_id, key_id);
CREATE INDEX widget_session_expiry ON widget_session (expires_at);

-- One row whatever the audience. With a rowid: bodies are too large for the inner pages of a clustered key.
CREATE TABLE message (
    site_id BLOB NOT NULL REFERENCES site (id),
    id BLOB NOT NULL,
    everyone INTEGER NOT NULL,
    state INTEGER NOT NULL, -- 0 waits for its time, 1 is shown, 2 is over, 3 was recalled
    content TEXT NOT NULL, -- JSON object by language
    category TEXT,
    data TEXT, -- JSON
    pinned INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    publish_at INTEGER NOT NULL,
    expires_at INTEGER,
    edited_at INTEGER,
    recalled_at INTEGER,
    position INTEGER NOT NULL DEFAULT 0 -- 0 until it is shown for the first time
) STRICT;
CREATE UNIQUE INDEX message_id ON message (site_id, id);
-- Of equal moments the one that was accepted first comes first: an index ends with the rowid.
CREATE INDEX message_due ON message (publish_at) WHERE state = 0;
CREATE INDEX message_over ON message (expires_at) WHERE state = 1 AND expires_at IS NOT NULL;

-- Who a message goes to: one row per named contact, or one row for contact 0, which is everyone. A reader's list is the
-- merge of two lanes, their own and that of contact 0. A position above 0 is shown; 0 waits; below 0 was shown once and is
-- kept so that the audience stays known.
CREATE TABLE placement (
    site_id BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    pinned INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (site_id, contact_id, position, message_id),
    FOREIGN KEY (site_id, message_id) REFERENCES message (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX placement_message ON placement (site_id, message_id, contact_id);
CREATE INDEX placement_pinned ON placement (site_id, contact_id, position) WHERE pinned = 1;

-- Written only when the reader does something.
CREATE TABLE receipt (
    site_id BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    read_at INTEGER NOT NULL,
    clicked_at INTEGER,
    PRIMARY KEY (site_id, contact_id, message_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    site_id BLOB NOT NULL REFERENCES site (id),
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    message_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_at);
