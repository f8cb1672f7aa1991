-- The whole schema, by theme: sites and API keys; contacts and their tokens; messages and what readers did with them; segments; imports; themes;
-- webhooks; accounts of the console; conversations; the Inbox SDK; background work; figures for the query planner.
--
-- Every key that can begin with the site does, so that no query reads another site's rows and the data can later be split by site. Times are
-- milliseconds since 1970. Ids of sites, messages, imports and endpoints are the 16 bytes of a UUID. Digests are SHA-256: of a token or secret
-- that somebody presents, only the digest is stored. What is "encrypted" is encrypted with the key beside the database file. Positions order the
-- messages of a site by the time when they were published. Limits are constants of the program, named here in capitals, and enforced by the
-- statements that insert. "Swept" rows are deleted in the background after they expired.
--
-- Tables with large values have a rowid: such values don't fit the inner pages of a clustered key.

-- ---- Sites and API keys ----

-- A site: a tenant. Written by the operator and by the site's owners; the counters by whatever they count.
CREATE TABLE site (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    origins TEXT NOT NULL, -- JSON array; `site_origin` has them by origin
    selector TEXT NOT NULL, -- CSS selector of the element that gets the bell
    insert_position TEXT NOT NULL, -- where the bell goes relative to that element
    language TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 0, -- of the last change in the site
    broadcast_version INTEGER NOT NULL DEFAULT 0, -- of the last change that concerned everyone
    last_position INTEGER NOT NULL DEFAULT 0, -- the highest position of a message so far
    next_contact INTEGER NOT NULL DEFAULT 1, -- 0 stands for everyone
    theme_version INTEGER, -- the published theme; NULL is the default theme
    last_theme_version INTEGER NOT NULL DEFAULT 0, -- the highest version so far; a number is never used again
    settings TEXT NOT NULL DEFAULT '{}', -- JSON object
    next_segment INTEGER NOT NULL DEFAULT 1,
    -- Above 0 while some segment is in use. Its absolute value grows with each change of which segments are in use, or of their conditions, so
    -- that a process may cache what it read under this number.
    segment_generation INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- An origin of a site, for preflight requests, which name an origin and nothing else. Written by the triggers; as many as `site.origins` has.
CREATE TABLE site_origin (
    origin TEXT NOT NULL,
    site_id BLOB NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    PRIMARY KEY (origin, site_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX site_origin_site ON site_origin (site_id);
CREATE TRIGGER site_origin_of_new_site AFTER INSERT ON site BEGIN
    INSERT OR IGNORE INTO site_origin (origin, site_id) SELECT value, new.id FROM json_each(new.origins);
END;
CREATE TRIGGER site_origin_of_changed_site AFTER UPDATE OF origins ON site BEGIN
    DELETE FROM site_origin WHERE site_id = new.id;
    INSERT OR IGNORE INTO site_origin (origin, site_id) SELECT value, new.id FROM json_each(new.origins);
END;

-- A site's number, which clients of the conversation APIs call the account's id, and the counters of its conversations. One row per site.
CREATE TABLE site_counter (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL UNIQUE REFERENCES site (id),
    last_conversation INTEGER NOT NULL DEFAULT 0,
    last_message INTEGER NOT NULL DEFAULT 0,
    last_attachment INTEGER NOT NULL DEFAULT 0,
    sdk_agents INTEGER NOT NULL DEFAULT 0, -- how many agents the SDK added
    last_revision INTEGER NOT NULL DEFAULT 0 -- the highest `conversation.revision` so far
) STRICT;
CREATE TRIGGER site_counter_added AFTER INSERT ON site BEGIN
    INSERT INTO site_counter (site_id) VALUES (new.id);
END;

-- A key of the backend API. Written by owners, at most MAX_KEYS per site; a revoked key stays, for the audit log.
CREATE TABLE api_key (
    site_id BLOB NOT NULL REFERENCES site (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER,
    scopes TEXT NOT NULL DEFAULT 'read send contacts themes webhooks admin',
    PRIMARY KEY (site_id, id)
) STRICT, WITHOUT ROWID;

-- Where a site's snippet was seen at work, and what was wrong, for its owner. Written by the widget's endpoints; at most MAX_EVENTS_PER_SITE.
CREATE TABLE install_event (
    site_id BLOB NOT NULL REFERENCES site (id),
    step TEXT NOT NULL,
    origin TEXT NOT NULL, -- empty if the request named none
    issue TEXT NOT NULL, -- empty if the step succeeded
    at INTEGER NOT NULL, -- the last time
    PRIMARY KEY (site_id, step, origin, issue)
) STRICT, WITHOUT ROWID;

-- Who did what in the console and the backend API. Has no references: it outlives sites, keys and accounts. Never deleted.
CREATE TABLE audit_entry (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB, -- NULL for what concerns accounts only
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT, -- JSON object
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_entry_site ON audit_entry (site_id, number);

-- A request with an idempotency key. Of kind 0 the API stores the response; of kind 1 it is the publication of a message, written in one
-- transaction with it. The two kinds have separate keys. Swept after IDEMPOTENCY_TTL; above MAX_IDEMPOTENCY_BYTES of a site no bodies are stored.
CREATE TABLE idempotency (
    site_id BLOB NOT NULL REFERENCES site (id),
    kind INTEGER NOT NULL, -- 0 a response, 1 a message
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL, -- digest of the request
    created_at INTEGER NOT NULL,
    message_id BLOB, -- kind 1 only
    -- Kind 0 only.
    run BLOB, -- the server process that reserved the key
    process INTEGER, -- its number among those that share the database
    status INTEGER, -- NULL while the request is in progress
    content_type TEXT,
    created_id TEXT, -- id of the created object, if the body is not stored
    body BLOB,
    PRIMARY KEY (site_id, kind, key)
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Bytes of the responses that `idempotency` has of a site. Written by the triggers; one row per site.
CREATE TABLE idempotency_usage (
    site_id BLOB NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER idempotency_usage_added AFTER INSERT ON idempotency WHEN new.kind = 0 BEGIN
    INSERT INTO idempotency_usage (site_id, bytes) VALUES (new.site_id, 256 + coalesce(length(new.body), 0))
        ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER idempotency_usage_changed AFTER UPDATE OF body ON idempotency WHEN new.kind = 0 BEGIN
    UPDATE idempotency_usage SET bytes = bytes + coalesce(length(new.body), 0) - coalesce(length(old.body), 0) WHERE site_id = new.site_id;
END;
CREATE TRIGGER idempotency_usage_removed AFTER DELETE ON idempotency WHEN old.kind = 0 BEGIN
    UPDATE idempotency_usage SET bytes = bytes - 256 - coalesce(length(old.body), 0) WHERE site_id = old.site_id;
END;

-- What processes on one database tell each other for seconds or minutes: tickets of event streams, previews, uploads. Written through
-- SharedStateStore, unless one process has the database to itself; swept when expired.
CREATE TABLE shared_value (
    site_id BLOB NOT NULL REFERENCES site (id),
    digest BLOB NOT NULL, -- of the secret that finds it
    kind INTEGER NOT NULL,
    value BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (digest, site_id)
) STRICT;
CREATE INDEX shared_value_kind ON shared_value (site_id, kind, expires_at);
CREATE INDEX shared_value_expiry ON shared_value (expires_at);

-- Attempts to guess something, such as a password, counted for all processes on one database. One row per subject; swept when the limit is
-- full again.
CREATE TABLE attempt (
    subject BLOB NOT NULL PRIMARY KEY, -- digest of what is guessed
    full_at INTEGER NOT NULL -- when all attempts of the limit are admitted again
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_full_at ON attempt (full_at);

-- ---- Contacts and their tokens ----

-- A contact of a site. Written by its backend, by imports and by the widget's first requests; the positions by the reader.
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
    version INTEGER NOT NULL DEFAULT 0, -- of the last change that concerned this contact by name
    read_position INTEGER NOT NULL DEFAULT 0, -- all messages up to here are read
    seen_position INTEGER NOT NULL DEFAULT 0, -- all messages up to here were on the screen
    -- Each "all read" has the number of its change as its epoch. The previous watermark is stored while the action can be undone.
    read_epoch INTEGER NOT NULL DEFAULT 0,
    previous_read_position INTEGER,
    previous_read_epoch INTEGER,
    last_seen_at INTEGER, -- to the hour
    deleted_at INTEGER, -- deleted, not erased: no query finds it until it is restored
    -- What searches compare: lower case of all scripts, which SQLite doesn't have.
    first_name_key TEXT,
    last_name_key TEXT,
    search_key TEXT NOT NULL DEFAULT '',
    delivered_position INTEGER NOT NULL DEFAULT 0, -- all messages up to here were sent to the reader
    recipient_rows INTEGER NOT NULL DEFAULT 0, -- rows of `recipient` added since they were last counted, or a few more
    profile_version INTEGER NOT NULL DEFAULT 0, -- grows with each change of what a segment's condition may ask
    log_rows INTEGER NOT NULL DEFAULT 0, -- rows of `watermark_log` added since they were last counted, or a few more
    hidden_until INTEGER NOT NULL DEFAULT 0, -- messages up to this position are from before the contact existed and not in its list
    PRIMARY KEY (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX contact_external_id ON contact (site_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX contact_email ON contact (site_id, email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX contact_phone ON contact (site_id, phone) WHERE phone IS NOT NULL;
CREATE INDEX contact_first_name ON contact (site_id, first_name_key, id) WHERE first_name_key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX contact_last_name ON contact (site_id, last_name_key, id) WHERE last_name_key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX contact_language ON contact (site_id, language, id) WHERE language IS NOT NULL AND deleted_at IS NULL;
-- A search for free text scans a site's contacts; this index is narrower than the table.
CREATE INDEX contact_search ON contact (site_id, id, search_key, deleted_at) WHERE deleted_at IS NULL;
-- Only contacts with too many rows, so that jobs find them without a look at the others.
CREATE INDEX contact_over_cap ON contact (site_id, id) WHERE recipient_rows > 1000;
CREATE INDEX contact_long_log ON contact (site_id, id) WHERE log_rows > 1000;

-- A contact token that a backend requested. Deleted when it is revoked or first used by the App Inbox API; swept when it has expired.
CREATE TABLE contact_token (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    family BLOB NOT NULL, -- its successors and sessions have the same
    key_id TEXT NOT NULL, -- the API key that requested it
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, digest),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, key_id) REFERENCES api_key (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_token_contact ON contact_token (site_id, contact_id);
CREATE INDEX contact_token_family ON contact_token (site_id, family);
CREATE INDEX contact_token_key ON contact_token (site_id, key_id);
CREATE INDEX contact_token_expiry ON contact_token (expires_at);
-- A token is presented without its site.
CREATE UNIQUE INDEX contact_token_digest ON contact_token (digest);

-- A browser's session of the widget. Written when a token is exchanged; above MAX_SESSIONS of a contact the oldest are deleted; swept when expired.
CREATE TABLE widget_session (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    family BLOB NOT NULL,
    key_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0, -- the order in which a contact's sessions began
    PRIMARY KEY (site_id, digest),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, key_id) REFERENCES api_key (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX widget_session_family ON widget_session (site_id, family);
CREATE INDEX widget_session_key ON widget_session (site_id, key_id);
CREATE INDEX widget_session_expiry ON widget_session (expires_at);
CREATE INDEX widget_session_contact ON widget_session (site_id, contact_id, sequence);

-- A contact token that the App Inbox API rotated, with all its successors. Written by the first use of the token; swept when it has expired.
CREATE TABLE token_family (
    site_id BLOB NOT NULL,
    family BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL, -- when the last of its tokens expires
    ends_at INTEGER NOT NULL, -- when it expires even if it is in use
    PRIMARY KEY (site_id, family),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, key_id) REFERENCES api_key (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_family_contact ON token_family (site_id, contact_id);
CREATE INDEX token_family_key ON token_family (site_id, key_id);
CREATE INDEX token_family_expiry ON token_family (expires_at);

-- Tokens that replaced each other; each of them names its chain. A replaced token needs no row of its own: what names the chain and is neither
-- its current token nor a recent one was replaced long ago. Written by each rotation; at most MAX_CHAINS_PER_FAMILY.
CREATE TABLE token_chain (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL UNIQUE, -- of the chain's name; of the whole token for the one that began the family
    family BLOB NOT NULL,
    current_token BLOB, -- digest; NULL in the chain that began the family, whose token was used
    recent_tokens BLOB NOT NULL, -- digests of tokens replaced within the overlap, each with the 8 bytes of the time
    expires_at INTEGER NOT NULL,
    -- The token that was replaced last may be presented again until its successor is used: the response may not have arrived.
    previous_token BLOB, -- its digest; NULL as soon as a successor was used
    previous_expires_at INTEGER NOT NULL DEFAULT 0,
    -- Until the first token of the chain is used: the chain, and the token, for which it was issued.
    parent_chain BLOB,
    parent_token BLOB,
    PRIMARY KEY (site_id, digest),
    FOREIGN KEY (site_id, family) REFERENCES token_family (site_id, family) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX token_chain_family ON token_chain (site_id, family, expires_at);

-- A device that a backend bound to a contact. Above the limit of a contact the oldest are deleted.
CREATE TABLE device (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    key_id TEXT NOT NULL, -- the API key that bound it last
    bound_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, digest),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, key_id) REFERENCES api_key (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_contact ON device (site_id, contact_id, bound_at);
CREATE INDEX device_key ON device (site_id, key_id);

-- ---- Messages and what readers did with them ----

-- A message: one row whatever the audience. Written by senders; deleted by the retention job.
CREATE TABLE message (
    row INTEGER NOT NULL PRIMARY KEY, -- in the order of acceptance
    site_id BLOB NOT NULL REFERENCES site (id),
    id BLOB NOT NULL,
    everyone INTEGER NOT NULL,
    state INTEGER NOT NULL, -- 0 scheduled, 1 live, 2 expired, 3 recalled, or being deleted
    content TEXT NOT NULL, -- JSON object by language
    category TEXT,
    data TEXT, -- JSON
    pinned INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    publish_at INTEGER NOT NULL,
    expires_at INTEGER,
    edited_at INTEGER,
    recalled_at INTEGER,
    position INTEGER NOT NULL DEFAULT 0, -- 0 until it is published for the first time
    name TEXT, -- for senders only
    test INTEGER NOT NULL DEFAULT 0 -- a test message: in no list and no count
) STRICT;
CREATE UNIQUE INDEX message_id ON message (site_id, id);
-- Of equal times the message that was accepted first comes first: an index ends with the row.
CREATE INDEX message_due ON message (publish_at) WHERE state = 0;
CREATE INDEX message_expiry ON message (expires_at) WHERE state = 1 AND expires_at IS NOT NULL;
CREATE INDEX message_created ON message (site_id, created_at, id) WHERE test = 0;
CREATE INDEX message_state ON message (site_id, state, created_at, id) WHERE test = 0;
CREATE INDEX message_category ON message (site_id, category, created_at, id) WHERE test = 0;
CREATE INDEX message_published ON message (site_id, publish_at);
-- Messages whose deletion was begun and not finished.
CREATE INDEX message_deleting ON message (site_id, id) WHERE state = 3 AND recalled_at IS NULL;

-- Who a message goes to: a row for each named contact, or one row for a feed. A `contact_id` above 0 is a contact, 0 is everyone, below 0 is a
-- segment (minus its number). A reader's list is the merge of their own rows and those of their feeds. A position above 0 is live; 0 is
-- scheduled; below 0 was live and is kept so that the audience stays known. Category, pin and expiry repeat the message's, so that a list is
-- filtered without reading messages. Deleted with its message; of each contact and feed the newest RETENTION_CAP_MESSAGES are kept.
CREATE TABLE recipient (
    site_id BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    pinned INTEGER NOT NULL,
    expires_at INTEGER,
    category TEXT,
    PRIMARY KEY (site_id, contact_id, position, message_id),
    FOREIGN KEY (site_id, message_id) REFERENCES message (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX recipient_message ON recipient (site_id, message_id, contact_id);
CREATE INDEX recipient_pinned ON recipient (site_id, contact_id, position) WHERE pinned = 1;

-- What a reader did with one message. Written only when the reader acts. A message is unread if its `unread_epoch` is the contact's
-- `read_epoch`, or if it has no `read_at` and lies above the read watermark. A row with `read_at` has no `unread_epoch`. Deleted with its message.
CREATE TABLE receipt (
    site_id BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    position INTEGER NOT NULL, -- the message's while it is live
    read_at INTEGER,
    clicked_at INTEGER,
    archived_at INTEGER,
    deleted_at INTEGER,
    unread_epoch INTEGER, -- unread whatever the watermark, until the next "all read" that covers it
    hidden INTEGER NOT NULL GENERATED ALWAYS AS (archived_at IS NOT NULL OR deleted_at IS NOT NULL) VIRTUAL,
    PRIMARY KEY (site_id, contact_id, message_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_unread ON receipt (site_id, contact_id, unread_epoch, hidden, position) WHERE unread_epoch IS NOT NULL;
CREATE INDEX receipt_archived ON receipt (site_id, contact_id, position) WHERE archived_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX receipt_message ON receipt (site_id, message_id);
CREATE INDEX receipt_read ON receipt (site_id, read_at) WHERE read_at IS NOT NULL;

-- A move of a reader's watermark: what lies above the one position and not above the other was delivered, seen or read by it. Compacted above
-- 1,000 rows of a contact; deleted by the retention job.
CREATE TABLE watermark_log (
    site_id BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- 0 delivered, 1 seen, 2 read
    from_position INTEGER NOT NULL,
    to_position INTEGER NOT NULL,
    number INTEGER NOT NULL, -- the epoch of the "all read", by which it is undone; else 0
    at INTEGER NOT NULL, -- 0: the time is not known
    PRIMARY KEY (site_id, contact_id, kind, to_position, number),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX watermark_log_at ON watermark_log (site_id, at);

-- A category that a reader muted: its messages are in none of their lists and counts. Written by readers; at most MAX_MUTES each.
CREATE TABLE mute (
    site_id BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    category TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (site_id, contact_id, category),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX mute_category ON mute (site_id, category);

-- A picture of messages, named by its content. Uploaded by senders; at most MAX_PICTURES per site.
CREATE TABLE picture (
    site_id BLOB NOT NULL REFERENCES site (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (site_id, name)
) STRICT;

-- A message to many named contacts, or a change of one, that is still to be applied to some of them. Written by the command that accepts it and by
-- the fan-out job, which works in transactions of a bounded size; deleted when all contacts have it. At most MAX_FAN_OUTS per site.
CREATE TABLE fan_out (
    site_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    priority INTEGER NOT NULL, -- 0 takes a message away and comes first, 1 everything else
    sequence INTEGER NOT NULL, -- the order within a priority
    after_contact INTEGER, -- rows of `recipient` above this contact are still to be updated; NULL: none are
    replaces INTEGER NOT NULL DEFAULT 0, -- whether the rows of `recipient` are a previous audience's, which are deleted first
    PRIMARY KEY (site_id, message_id),
    FOREIGN KEY (site_id, message_id) REFERENCES message (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX fan_out_order ON fan_out (site_id, priority, sequence);

-- Contacts of the audience that have no row in `recipient` yet. Deleted by the fan-out job.
CREATE TABLE fan_out_chunk (
    site_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    contacts TEXT NOT NULL, -- JSON array, ascending, also from one number to the next
    PRIMARY KEY (site_id, message_id, number),
    FOREIGN KEY (site_id, message_id) REFERENCES fan_out (site_id, message_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- ---- Segments ----

-- A segment: named ones written by owners, inline ones by messages that describe their audience. Inline ones are deleted a day after their last
-- use; a site has a limited number of named ones.
CREATE TABLE segment (
    site_id BLOB NOT NULL REFERENCES site (id),
    number INTEGER NOT NULL,
    name TEXT, -- NULL: inline
    hash BLOB NOT NULL, -- of the condition
    in_use INTEGER NOT NULL DEFAULT 0, -- a live or scheduled message goes to it
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    list_count INTEGER NOT NULL, -- lists of contacts that the condition refers to
    condition TEXT NOT NULL, -- JSON
    inline_used_at INTEGER NOT NULL DEFAULT 0, -- when a message last described it; -1: being deleted, or not complete yet
    cost INTEGER NOT NULL DEFAULT 0, -- of evaluating it for one contact, in bytes read (`Rule::cost`)
    first_list INTEGER NOT NULL DEFAULT 0, -- its lists are numbered from here; others are being written, or left over
    PRIMARY KEY (site_id, number)
) STRICT;
CREATE UNIQUE INDEX segment_name ON segment (site_id, name) WHERE name IS NOT NULL;
CREATE INDEX segment_with_name ON segment (site_id, number) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX segment_hash ON segment (site_id, hash) WHERE name IS NULL;
CREATE INDEX segment_in_use ON segment (site_id, number) WHERE in_use = 1;
CREATE INDEX segment_inline_use ON segment (inline_used_at) WHERE name IS NULL;

-- A contact in a list of a segment. Written in parts, before the segment refers to the list; deleted with the segment or the contact.
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

-- ---- Imports ----

-- An import of contacts. Written by the upload and by the import job; at most MAX_UNFINISHED_IMPORTS per site; finished ones are swept.
CREATE TABLE import (
    site_id BLOB NOT NULL REFERENCES site (id),
    id BLOB NOT NULL,
    state INTEGER NOT NULL, -- 0 accepted, 1 in progress, 2 complete, 3 failed
    options TEXT NOT NULL, -- JSON object
    total INTEGER NOT NULL, -- rows
    processed INTEGER NOT NULL DEFAULT 0, -- the sum of the four below
    created INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    PRIMARY KEY (site_id, id)
) STRICT, WITHOUT ROWID;
-- The one with the fewest processed rows is next, so that a small import needn't wait for the end of a large one.
CREATE INDEX import_waiting ON import (processed, created_at) WHERE state < 2;
CREATE INDEX import_finished ON import (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX import_unfinished ON import (site_id) WHERE state < 2;

-- Rows of an import that are not processed yet, some in one part. Deleted when they are.
CREATE TABLE import_part (
    site_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    rows TEXT NOT NULL, -- JSON array
    PRIMARY KEY (site_id, import_id, number),
    FOREIGN KEY (site_id, import_id) REFERENCES import (site_id, id) ON DELETE CASCADE
) STRICT;

-- A row of an import that could not be imported as it was, and why. At most MAX_PROBLEMS per import.
CREATE TABLE import_problem (
    site_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    row INTEGER NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    imported INTEGER NOT NULL, -- whether the row was imported without the field
    PRIMARY KEY (site_id, import_id, number),
    FOREIGN KEY (site_id, import_id) REFERENCES import (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- ---- Themes ----

-- A version of a site's theme. Only its state changes. Written by owners, at most MAX_THEME_VERSIONS per site. The largest columns come last, so
-- that a list of versions needn't read them.
CREATE TABLE theme (
    site_id BLOB NOT NULL REFERENCES site (id),
    version INTEGER NOT NULL,
    state INTEGER NOT NULL, -- 0 draft, 1 published, 2 superseded
    created_at INTEGER NOT NULL,
    published_at INTEGER, -- the last time
    sheet_file TEXT NOT NULL, -- name of the file with the style sheet
    warnings TEXT NOT NULL, -- JSON array
    first_css TEXT NOT NULL, -- style of the first response
    bell TEXT,
    card TEXT,
    css TEXT,
    PRIMARY KEY (site_id, version)
) STRICT;
CREATE UNIQUE INDEX theme_draft ON theme (site_id) WHERE state = 0;
CREATE UNIQUE INDEX theme_published ON theme (site_id) WHERE state = 1;

-- A compiled file of themes. Named by its content, so that versions with the same file share the row. Deleted with the last version that uses it.
CREATE TABLE theme_file (
    site_id BLOB NOT NULL REFERENCES site (id),
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (site_id, name)
) STRICT;

-- Which versions use which files.
CREATE TABLE theme_file_use (
    site_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (site_id, version, name),
    FOREIGN KEY (site_id, version) REFERENCES theme (site_id, version) ON DELETE CASCADE,
    FOREIGN KEY (site_id, name) REFERENCES theme_file (site_id, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX theme_file_use_name ON theme_file_use (site_id, name);

-- A link that shows a version on the site's own pages. Written by owners, at most MAX_PREVIEW_LINKS per site; swept when expired.
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

-- ---- Webhooks ----

-- A URL that gets events. Written by owners and by inboxes; at most MAX_ENDPOINTS and MAX_ACCOUNT_WEBHOOKS per site.
CREATE TABLE webhook_endpoint (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL REFERENCES site (id),
    id BLOB NOT NULL,
    kind INTEGER NOT NULL, -- 0 signed events, 1 whole messages, 2 the callback URL of an inbox, 3 an account webhook
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    events INTEGER NOT NULL, -- a bit for each type
    enabled INTEGER NOT NULL,
    disabled_reason TEXT, -- if it was not its owner who disabled it
    username TEXT,
    created_at INTEGER NOT NULL,
    failing_since INTEGER,
    pending INTEGER NOT NULL DEFAULT 0, -- deliveries that wait; written by the triggers
    deleted INTEGER NOT NULL DEFAULT 0, -- the row goes after its deliveries, which are deleted in the background
    inbox_id INTEGER, -- kind 2
    upstream_headers INTEGER NOT NULL DEFAULT 0, -- whether deliveries also have the other product's headers
    name TEXT -- kind 3
) STRICT;
CREATE UNIQUE INDEX webhook_endpoint_id ON webhook_endpoint (site_id, id);
CREATE INDEX webhook_endpoint_events ON webhook_endpoint (site_id, kind, events) WHERE enabled = 1;
CREATE INDEX webhook_endpoint_inbox ON webhook_endpoint (inbox_id) WHERE inbox_id IS NOT NULL AND deleted = 0;

-- An endpoint's secrets, encrypted. Not in the endpoint's row, so that no list of endpoints can return them.
CREATE TABLE webhook_secret (
    endpoint INTEGER NOT NULL PRIMARY KEY REFERENCES webhook_endpoint (number) ON DELETE CASCADE,
    secret TEXT,
    previous_secret TEXT, -- also signs until it expires
    previous_secret_expires_at INTEGER,
    password TEXT
) STRICT;

-- An event for an endpoint: the outbox. Written in the transaction of the change itself; sent by the dispatcher. At most
-- MAX_PENDING_DELIVERIES wait for an endpoint; finished ones are swept after days.
CREATE TABLE webhook_delivery (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL,
    endpoint INTEGER NOT NULL REFERENCES webhook_endpoint (number) ON DELETE CASCADE,
    event TEXT NOT NULL,
    type TEXT NOT NULL,
    contact_id INTEGER, -- no reference: that a contact was erased must still be sent
    body TEXT NOT NULL,
    state INTEGER NOT NULL, -- 0 pending, 1 delivered, 2 failed for good
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER, -- NULL while an earlier one of the same contact waits
    created_at INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    attempted_at INTEGER,
    finished_at INTEGER,
    status INTEGER, -- of the last response
    error TEXT,
    response TEXT, -- the beginning of the last one
    duration_millis INTEGER,
    subject TEXT -- what it is about: a pending one of the same endpoint and contact takes the place of the next about the same
) STRICT;
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (endpoint, number);
CREATE INDEX webhook_delivery_state ON webhook_delivery (endpoint, state, number);
CREATE INDEX webhook_delivery_contact ON webhook_delivery (endpoint, contact_id, state, next_at, number);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint, next_at, number) WHERE state = 0 AND next_at IS NOT NULL;
CREATE INDEX webhook_delivery_finished ON webhook_delivery (state, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX webhook_delivery_subject ON webhook_delivery (endpoint, contact_id, type, subject) WHERE state = 0 AND subject IS NOT NULL;
-- What has waited for too long at an endpoint.
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (endpoint, queued_at, number) WHERE state = 0;
CREATE TRIGGER webhook_pending_added AFTER INSERT ON webhook_delivery WHEN new.state = 0 BEGIN
    UPDATE webhook_endpoint SET pending = pending + 1 WHERE number = new.endpoint;
END;
CREATE TRIGGER webhook_pending_changed AFTER UPDATE OF state ON webhook_delivery WHEN old.state <> new.state BEGIN
    UPDATE webhook_endpoint SET pending = pending + (new.state = 0) - (old.state = 0) WHERE number = new.endpoint;
END;
CREATE TRIGGER webhook_pending_removed AFTER DELETE ON webhook_delivery WHEN old.state = 0 BEGIN
    UPDATE webhook_endpoint SET pending = pending - 1 WHERE number = old.endpoint;
END;

-- How many deliveries of one contact wait for an endpoint; contact 0 stands for those of no contact. Written by the triggers; a row goes when
-- nothing waits.
CREATE TABLE webhook_backlog (
    endpoint INTEGER NOT NULL REFERENCES webhook_endpoint (number) ON DELETE CASCADE,
    contact INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    PRIMARY KEY (endpoint, contact)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_backlog_longest ON webhook_backlog (endpoint, waiting);
CREATE TRIGGER webhook_backlog_added AFTER INSERT ON webhook_delivery WHEN new.state = 0 BEGIN
    INSERT INTO webhook_backlog (endpoint, contact, waiting) VALUES (new.endpoint, coalesce(new.contact_id, 0), 1)
        ON CONFLICT DO UPDATE SET waiting = waiting + 1;
END;
CREATE TRIGGER webhook_backlog_finished AFTER UPDATE OF state ON webhook_delivery WHEN old.state = 0 AND new.state <> 0 BEGIN
    UPDATE webhook_backlog SET waiting = waiting - 1 WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0);
    DELETE FROM webhook_backlog WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0) AND waiting <= 0;
END;
CREATE TRIGGER webhook_backlog_requeued AFTER UPDATE OF state ON webhook_delivery WHEN old.state <> 0 AND new.state = 0 BEGIN
    INSERT INTO webhook_backlog (endpoint, contact, waiting) VALUES (new.endpoint, coalesce(new.contact_id, 0), 1)
        ON CONFLICT DO UPDATE SET waiting = waiting + 1;
END;
CREATE TRIGGER webhook_backlog_removed AFTER DELETE ON webhook_delivery WHEN old.state = 0 BEGIN
    UPDATE webhook_backlog SET waiting = waiting - 1 WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0);
    DELETE FROM webhook_backlog WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0) AND waiting <= 0;
END;

-- ---- Accounts of the console ----

-- A person who signs in to the console. Written by the setup page, by invitations and by the person.
CREATE TABLE account (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- never used again
    email TEXT NOT NULL UNIQUE, -- lower case
    name TEXT NOT NULL,
    password TEXT NOT NULL, -- hash with its parameters
    totp_secret BLOB, -- encrypted
    totp_confirmed INTEGER NOT NULL DEFAULT 0,
    totp_step INTEGER NOT NULL DEFAULT 0, -- of the last code that was accepted
    language TEXT NOT NULL,
    is_operator INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    totp_failures INTEGER NOT NULL DEFAULT 0, -- wrong codes since the last right one
    totp_failed_at INTEGER, -- the last of them
    time_zone TEXT -- IANA name; NULL is the browser's
) STRICT;

-- An account's role in a site.
CREATE TABLE membership (
    site_id BLOB NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (site_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_account ON membership (account_id, site_id);
-- Finds another owner of a site, however many members it has.
CREATE INDEX membership_owner ON membership (site_id, account_id) WHERE role = 'owner';

-- An invitation to a site. Written by owners; at most MAX_OPEN_INVITATIONS per site; swept when expired.
CREATE TABLE invitation (
    digest BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    email TEXT,
    invited_by INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_site ON invitation (site_id, expires_at);
CREATE INDEX invitation_expiry ON invitation (expires_at);
CREATE INDEX invitation_inviter ON invitation (invited_by); -- for the foreign key
CREATE INDEX invitation_of_member ON invitation (site_id, invited_by); -- for those of a member who loses the role

-- The right to create the first account. Written at the start of a server without accounts; at most one row.
CREATE TABLE setup_token (
    digest BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A browser's session of the console; also of one that is not signed in, for the token of its forms. Swept when expired.
CREATE TABLE console_session (
    digest BLOB NOT NULL PRIMARY KEY,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    data TEXT NOT NULL, -- JSON object
    expires_at INTEGER NOT NULL, -- moves while it is in use
    ends_at INTEGER NOT NULL DEFAULT 0 -- when it expires even if it is in use
) STRICT, WITHOUT ROWID;
CREATE INDEX console_session_account ON console_session (account_id);
CREATE INDEX console_session_expiry ON console_session (expires_at);

-- A browser, or address, from which an account signed in before: its attempts are not limited together with those of strangers. Written when
-- somebody signs in; of each account the newest MAX_TRUSTED_BROWSERS are kept; swept when expired.
CREATE TABLE trusted_browser (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX trusted_browser_newest ON trusted_browser (account_id, expires_at);
CREATE INDEX trusted_browser_expiry ON trusted_browser (expires_at);

-- ---- Conversations ----

-- An API channel: an inbox of conversations. Written by owners, at most MAX_INBOXES per site.
CREATE TABLE inbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL REFERENCES site (id),
    uuid BLOB NOT NULL UNIQUE,
    identifier TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, -- as in the settings
    settings TEXT NOT NULL, -- JSON object
    hmac_token TEXT NOT NULL, -- encrypted
    callback_secret TEXT NOT NULL, -- encrypted
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0 -- the row goes after its conversations, which are deleted in the background
) STRICT;
CREATE INDEX inbox_site ON inbox (site_id, deleted, id);

-- Somebody who answers conversations: a member of the site, or an agent from outside who has a token or a JWT of the SDK. Written by owners and
-- by the console, at most MAX_AGENTS per site, and by the SDK, at most MAX_SDK_AGENTS.
CREATE TABLE agent (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL REFERENCES site (id),
    account_id INTEGER, -- no reference: an agent whose account is deleted must not become one without an account
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    role INTEGER NOT NULL, -- 0 agent, 1 administrator; with an account the membership decides
    token_digest BLOB,
    pubsub_token TEXT NOT NULL, -- encrypted
    pubsub_digest BLOB NOT NULL UNIQUE,
    availability INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    external_id TEXT, -- of an agent with a JWT: its id within the scope of the key
    sdk_inbox_id INTEGER NOT NULL DEFAULT 0 -- the scope of the key; 0 is the whole site
) STRICT;
CREATE UNIQUE INDEX agent_account ON agent (site_id, account_id) WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX agent_token ON agent (token_digest) WHERE token_digest IS NOT NULL;
-- E-mail addresses are unique among agents without an external id.
CREATE UNIQUE INDEX agent_email ON agent (site_id, email) WHERE external_id IS NULL;
CREATE UNIQUE INDEX agent_external ON agent (site_id, sdk_inbox_id, external_id) WHERE external_id IS NOT NULL;

-- An agent who belongs to an inbox.
CREATE TABLE inbox_member (
    site_id BLOB NOT NULL,
    inbox_id INTEGER NOT NULL,
    agent_id INTEGER NOT NULL,
    PRIMARY KEY (site_id, inbox_id, agent_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_member_agent ON inbox_member (site_id, agent_id, inbox_id);

-- What only conversations store about a contact; a contact without a row has the defaults.
CREATE TABLE channel_contact (
    site_id BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    additional_attributes TEXT NOT NULL DEFAULT '{}', -- JSON object
    blocked INTEGER NOT NULL DEFAULT 0,
    avatar_url TEXT,
    last_activity_at INTEGER,
    PRIMARY KEY (site_id, contact_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A contact's session in an inbox, named by its source id. At most MAX_SESSIONS_OF_CONTACT in one inbox.
CREATE TABLE contact_inbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL,
    inbox_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    source_id TEXT NOT NULL,
    pubsub_token TEXT NOT NULL, -- encrypted
    pubsub_digest BLOB NOT NULL UNIQUE,
    hmac_verified INTEGER NOT NULL DEFAULT 0,
    claim TEXT, -- JSON object: what the visitor claimed about the contact; NULL if the site created the session
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX contact_inbox_source ON contact_inbox (site_id, source_id, inbox_id);
CREATE INDEX contact_inbox_contact ON contact_inbox (site_id, contact_id, inbox_id, id);
CREATE INDEX contact_inbox_inbox ON contact_inbox (site_id, inbox_id, id); -- for clean-up

-- A conversation. Written by contacts, agents and automatic messages; deleted in the background with its inbox or contact.
CREATE TABLE conversation (
    row INTEGER NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    uuid BLOB NOT NULL,
    inbox_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL, -- no reference: it is hidden at once when the contact is erased, and deleted in the background
    contact_inbox_id INTEGER NOT NULL,
    status INTEGER NOT NULL,
    snoozed_until INTEGER,
    priority INTEGER,
    assignee_id INTEGER,
    labels TEXT NOT NULL DEFAULT '[]', -- JSON array
    custom_attributes TEXT NOT NULL DEFAULT '{}', -- JSON object
    additional_attributes TEXT NOT NULL DEFAULT '{}', -- JSON object
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_activity_at INTEGER NOT NULL,
    last_incoming_at INTEGER,
    waiting_since INTEGER,
    first_reply_at INTEGER,
    contact_last_seen_at INTEGER,
    agent_last_seen_at INTEGER,
    assignee_last_seen_at INTEGER,
    agent_seen_message INTEGER NOT NULL DEFAULT 0, -- incoming messages above this one are unread
    last_message INTEGER,
    last_spoken_message INTEGER, -- the last message that is not an activity
    rate_minute INTEGER NOT NULL DEFAULT 0, -- the last minute with a message,
    rate_messages INTEGER NOT NULL DEFAULT 0, -- and how many it had
    deleted INTEGER NOT NULL DEFAULT 0,
    last_agent_message_at INTEGER, -- the last public message of an agent
    last_automatic_message_at INTEGER,
    revision INTEGER NOT NULL DEFAULT 0, -- grows with each change, over all conversations of the site
    watchers TEXT NOT NULL DEFAULT '[]' -- JSON array: numbers of agents, ascending
) STRICT;
CREATE UNIQUE INDEX conversation_number ON conversation (site_id, number);
CREATE INDEX conversation_contact ON conversation (site_id, contact_id, number);
CREATE INDEX conversation_session ON conversation (site_id, contact_inbox_id, number);
CREATE INDEX conversation_inbox ON conversation (site_id, inbox_id, number); -- for clean-up
CREATE INDEX conversation_snoozed ON conversation (snoozed_until) WHERE snoozed_until IS NOT NULL AND status = 3 AND deleted = 0;
CREATE UNIQUE INDEX conversation_uuid ON conversation (uuid, site_id);
-- Conversations in which an agent wrote since the contact last looked: few, so that unread ones are found without a look at the others.
CREATE INDEX conversation_unread ON conversation (site_id, contact_inbox_id, number)
    WHERE deleted = 0 AND last_agent_message_at >= coalesce(contact_last_seen_at, 0);

-- One row for each list that a conversation is in, so that each page and each count is one scan along the key: of the whole site (scope 0) and
-- of its inbox; without and with each of its labels; by assignee: anybody (-1), nobody (0), somebody (-2), and its assignee. Written with each
-- change of the conversation, which has at most MAX_LABELS.
CREATE TABLE conversation_list (
    site_id BLOB NOT NULL,
    scope INTEGER NOT NULL,
    label TEXT NOT NULL,
    assignee INTEGER NOT NULL,
    status INTEGER NOT NULL,
    activity INTEGER NOT NULL, -- the conversation's `last_activity_at`
    number INTEGER NOT NULL,
    PRIMARY KEY (site_id, scope, label, assignee, status, activity, number)
) STRICT, WITHOUT ROWID;

-- What each agent watches: the same as `conversation.watchers`, by agent. At most MAX_WATCHED_PER_AGENT.
CREATE TABLE conversation_watcher (
    site_id BLOB NOT NULL,
    agent_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (site_id, agent_id, number)
) STRICT, WITHOUT ROWID;

-- A message of a conversation, at most MAX_MESSAGES_PER_MINUTE in each. Deleted with the conversation.
CREATE TABLE conversation_message (
    row INTEGER NOT NULL PRIMARY KEY, -- what `message_word` refers to
    site_id BLOB NOT NULL,
    conversation INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- 0 incoming, 1 outgoing, 2 activity, 3 template
    content TEXT,
    content_type INTEGER NOT NULL,
    content_attributes TEXT NOT NULL DEFAULT '{}', -- JSON object
    additional_attributes TEXT NOT NULL DEFAULT '{}', -- JSON object
    private INTEGER NOT NULL DEFAULT 0,
    status INTEGER NOT NULL DEFAULT 0,
    source_id TEXT,
    sender INTEGER NOT NULL, -- -1 the contact, 0 nobody, otherwise the agent
    attachments INTEGER NOT NULL DEFAULT 0, -- how many
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    activity TEXT -- JSON object: what an activity message says, in no language; `content` is its English
) STRICT;
CREATE UNIQUE INDEX conversation_message_id ON conversation_message (site_id, conversation, id);
CREATE INDEX conversation_message_incoming ON conversation_message (site_id, conversation, id) WHERE kind = 0;
CREATE INDEX conversation_message_public ON conversation_message (site_id, conversation, id) WHERE private = 0 AND kind <> 2;
CREATE INDEX conversation_message_unseen ON conversation_message (site_id, conversation, id) WHERE kind = 1 AND private = 0 AND status < 2;

-- A file, or a location, of a message; at most MAX_ATTACHMENTS per message.
CREATE TABLE attachment (
    site_id BLOB NOT NULL,
    id INTEGER NOT NULL,
    message INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,
    file_type INTEGER NOT NULL,
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    extension TEXT,
    size INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    digest BLOB, -- of the bytes, if it has any
    thumbnail_digest BLOB,
    thumbnail_type TEXT,
    latitude REAL,
    longitude REAL,
    fallback_title TEXT,
    PRIMARY KEY (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_message ON attachment (site_id, message, id);
CREATE INDEX attachment_digest ON attachment (site_id, digest) WHERE digest IS NOT NULL;
CREATE INDEX attachment_thumbnail ON attachment (site_id, thumbnail_digest) WHERE thumbnail_digest IS NOT NULL;

-- Bytes of attachments, stored once for each site. Deleted in the background when no attachment has them.
CREATE TABLE attachment_blob (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX attachment_blob_digest ON attachment_blob (site_id, digest);

-- The search index: words of messages, and of the contacts that conversations are with. Each word is a key of its own, so that it is added and
-- removed at the same cost however many there are; a full-text index would have to be merged now and then, and nothing could be written
-- meanwhile. Sites are named by their number, which is shorter than the id. At most MAX_WORDS_PER_TEXT.
CREATE TABLE message_word (
    site INTEGER NOT NULL,
    word TEXT NOT NULL,
    message INTEGER NOT NULL, -- its row
    PRIMARY KEY (site, word, message)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_word (
    site INTEGER NOT NULL,
    word TEXT NOT NULL,
    contact INTEGER NOT NULL,
    PRIMARY KEY (site, word, contact)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_word_contact ON contact_word (site, contact);

-- A prepared reply that agents insert by a short code. Written by agents; at most MAX_CANNED_RESPONSES per site.
CREATE TABLE canned_response (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL REFERENCES site (id),
    short_code TEXT NOT NULL,
    content TEXT NOT NULL,
    search_text TEXT NOT NULL, -- the short code, a line break and the content, in lower case
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX canned_response_code ON canned_response (site_id, short_code);

-- ---- The Inbox SDK ----

-- A key that signs JWTs of agents. Written by owners; at most MAX_SDK_KEYS per scope.
CREATE TABLE sdk_key (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL REFERENCES site (id),
    inbox_id INTEGER NOT NULL, -- 0: of the whole site
    label TEXT NOT NULL,
    secret TEXT NOT NULL, -- encrypted
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX sdk_key_scope ON sdk_key (site_id, inbox_id, id);

-- What a JWT is exchanged for. Without its key a token is not valid. At most MAX_SDK_SESSIONS per agent; swept when expired.
CREATE TABLE sdk_token (
    digest BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    kind INTEGER NOT NULL, -- 0 a session, 1 what opens a window once, 2 a window
    key_id INTEGER NOT NULL,
    agent_id INTEGER NOT NULL,
    roles TEXT NOT NULL, -- JSON array
    conversation INTEGER, -- the number of a window's
    expires_at INTEGER NOT NULL,
    session_expires_at INTEGER NOT NULL -- when the session expires that began with the JWT
) STRICT, WITHOUT ROWID;
CREATE INDEX sdk_token_agent ON sdk_token (agent_id, kind, expires_at);
CREATE INDEX sdk_token_expiry ON sdk_token (expires_at);

-- ---- Background work ----

-- What is still to be deleted of conversations. Written by deletions; emptied in the background.
CREATE TABLE deletion_queue (
    row INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL,
    kind INTEGER NOT NULL, -- 0 an inbox, 1 a conversation, 2 bytes, 3 a contact
    number INTEGER NOT NULL DEFAULT 0,
    digest BLOB
) STRICT;

-- The latest time that a process took for plausible. If the clock is far ahead of it, nothing is deleted for now. One row.
CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    latest INTEGER NOT NULL
) STRICT;

-- A known text, encrypted with the key of this database, so that a wrong key is noticed at the start. One row.
CREATE TABLE encryption_key_check (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    check_value TEXT NOT NULL
) STRICT;

-- ---- Figures for the query planner ----

-- What the planner takes for the usual numbers of rows: of each index first how many rows it has, then how many share its first column, its
-- first two, and so on (sqlite.org/fileformat2.html, section 2.6.1). Without them SQLite assumes that ten rows share a site, and so prefers a
-- primary key that begins with the site to the index that names the row. It does so in the hidden statements of foreign keys, too, where no
-- INDEXED BY can be written: deleting a message would then read every recipient of its site. The figures are those of a hundred sites with a
-- hundred thousand contacts or messages each, the same in every database, so that plans don't depend on what was stored when.
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('account', 'sqlite_autoindex_account_1', '1000 1'),
    ('agent', 'agent_account', '5000 50 1'),
    ('agent', 'agent_email', '5000 50 1'),
    ('agent', 'agent_external', '5000 50 5 1'),
    ('agent', 'agent_token', '5000 1'),
    ('agent', 'sqlite_autoindex_agent_1', '5000 1'),
    ('api_key', 'api_key', '500 5 1'),
    ('api_key', 'sqlite_autoindex_api_key_1', '500 1'),
    ('attachment', 'attachment', '1000000 10000 1'),
    ('attachment', 'attachment_digest', '1000000 10000 1'),
    ('attachment', 'attachment_message', '1000000 10000 1 1'),
    ('attachment', 'attachment_thumbnail', '1000000 10000 1'),
    ('attachment', 'sqlite_autoindex_attachment_1', '1000000 1'),
    ('attachment_blob', 'attachment_blob_digest', '1000000 10000 1'),
    ('attempt', 'attempt', '10000 1'),
    ('attempt', 'attempt_full_at', '10000 1'),
    ('audit_entry', 'audit_entry_site', '100000 1000 1'),
    ('canned_response', 'canned_response_code', '10000 100 1'),
    ('channel_contact', 'channel_contact', '1000000 10000 1'),
    ('console_session', 'console_session', '1000 1'),
    ('console_session', 'console_session_account', '1000 1'),
    ('console_session', 'console_session_expiry', '1000 1'),
    ('contact', 'contact', '10000000 100000 1'),
    ('contact', 'contact_email', '10000000 100000 1'),
    ('contact', 'contact_external_id', '10000000 100000 1'),
    ('contact', 'contact_first_name', '10000000 100000 100 1'),
    ('contact', 'contact_language', '10000000 100000 5000 1'),
    ('contact', 'contact_last_name', '10000000 100000 100 1'),
    ('contact', 'contact_long_log', '10000 100 1'),
    ('contact', 'contact_over_cap', '1000000 10000 1'),
    ('contact', 'contact_phone', '10000000 100000 1'),
    ('contact', 'contact_search', '10000000 100000 1 1 1'),
    ('contact_inbox', 'contact_inbox_contact', '1000000 10000 1 1 1'),
    ('contact_inbox', 'contact_inbox_inbox', '1000000 10000 1000 1'),
    ('contact_inbox', 'contact_inbox_source', '1000000 10000 1 1'),
    ('contact_inbox', 'sqlite_autoindex_contact_inbox_1', '1000000 1'),
    ('contact_token', 'contact_token', '10000000 100000 1'),
    ('contact_token', 'contact_token_contact', '10000000 100000 5'),
    ('contact_token', 'contact_token_digest', '10000000 1'),
    ('contact_token', 'contact_token_expiry', '10000000 100'),
    ('contact_token', 'contact_token_family', '10000000 100000 1'),
    ('contact_token', 'contact_token_key', '10000000 100000 25000'),
    ('contact_word', 'contact_word', '10000000 100000 10 1'),
    ('contact_word', 'contact_word_contact', '10000000 100000 10'),
    ('conversation', 'conversation_contact', '10000000 100000 2 1'),
    ('conversation', 'conversation_inbox', '10000000 100000 10000 1'),
    ('conversation', 'conversation_number', '10000000 100000 1'),
    ('conversation', 'conversation_session', '10000000 100000 2 1'),
    ('conversation', 'conversation_snoozed', '100000 1'),
    ('conversation', 'conversation_unread', '100000 1000 2 1'),
    ('conversation', 'conversation_uuid', '10000000 1 1'),
    ('conversation_list', 'conversation_list', '60000000 600000 50000 20000 10000 2500 1 1'),
    ('conversation_message', 'conversation_message_id', '100000000 1000000 10 1'),
    ('conversation_message', 'conversation_message_incoming', '50000000 500000 5 1'),
    ('conversation_message', 'conversation_message_public', '90000000 900000 9 1'),
    ('conversation_message', 'conversation_message_unseen', '10000000 100000 2 1'),
    ('conversation_watcher', 'conversation_watcher', '1000000 10000 100 1'),
    ('device', 'device', '10000000 100000 1'),
    ('device', 'device_contact', '10000000 100000 5 1'),
    ('device', 'device_key', '10000000 100000 25000'),
    ('fan_out', 'fan_out', '1000 100 1'),
    ('fan_out', 'fan_out_order', '1000 100 50 1 1'),
    ('fan_out_chunk', 'fan_out_chunk', '10000 1000 10 1'),
    ('idempotency', 'idempotency_age', '200000 1'),
    ('idempotency', 'sqlite_autoindex_idempotency_1', '200000 2000 1000 1'),
    ('idempotency_usage', 'idempotency_usage', '100 1'),
    ('import', 'import', '2000 20 1'),
    ('import', 'import_finished', '200 1'),
    ('import', 'import_unfinished', '200 2'),
    ('import', 'import_waiting', '200 67 1'),
    ('import_part', 'sqlite_autoindex_import_part_1', '10000 100 5 1'),
    ('import_problem', 'import_problem', '100000 1000 50 1'),
    ('inbox', 'inbox_site', '1000 10 10 1'),
    ('inbox', 'sqlite_autoindex_inbox_1', '1000 1'),
    ('inbox', 'sqlite_autoindex_inbox_2', '1000 1'),
    ('inbox_member', 'inbox_member', '5000 50 5 1'),
    ('inbox_member', 'inbox_member_agent', '5000 50 5 1'),
    ('install_event', 'install_event', '3000 30 10 1 1'),
    ('invitation', 'invitation', '500 1'),
    ('invitation', 'invitation_expiry', '500 1'),
    ('invitation', 'invitation_inviter', '500 5'),
    ('invitation', 'invitation_of_member', '1000 10 3'),
    ('invitation', 'invitation_site', '500 5 1'),
    ('membership', 'membership', '500 5 1'),
    ('membership', 'membership_account', '500 1 1'),
    ('membership', 'membership_owner', '50 1 1'),
    ('message', 'message_category', '1000000 10000 1000 1 1'),
    ('message', 'message_created', '1000000 10000 1 1'),
    ('message', 'message_deleting', '1000000 10000 1'),
    ('message', 'message_due', '1000000 10'),
    ('message', 'message_expiry', '1000000 10'),
    ('message', 'message_id', '10000000 100000 1'),
    ('message', 'message_published', '10000000 100000 1'),
    ('message', 'message_state', '1000000 10000 3333 1 1'),
    ('message_word', 'message_word', '1000000000 10000000 1000 1'),
    ('mute', 'mute', '1000000 10000 1 1'),
    ('mute', 'mute_category', '1000000 10000 500'),
    ('picture', 'sqlite_autoindex_picture_1', '10000 100 1'),
    ('preview_link', 'preview_link', '1000 10 1'),
    ('preview_link', 'preview_link_expiry', '1000 1'),
    ('preview_link', 'preview_link_version', '1000 10 1'),
    ('receipt', 'receipt', '10000000 100000 5 1'),
    ('receipt', 'receipt_archived', '1000000 10000 1 1'),
    ('receipt', 'receipt_message', '10000000 100000 1000'),
    ('receipt', 'receipt_read', '1000000 10000 1'),
    ('receipt', 'receipt_unread', '1000000 10000 1 1 1 1'),
    ('recipient', 'recipient', '10000000 100000 5 1 1'),
    ('recipient', 'recipient_message', '10000000 100000 5 1'),
    ('recipient', 'recipient_pinned', '1000000 10000 1 1'),
    ('sdk_key', 'sdk_key_scope', '1000 10 2 1'),
    ('sdk_token', 'sdk_token', '100000 1'),
    ('sdk_token', 'sdk_token_agent', '100000 10 5 1'),
    ('sdk_token', 'sdk_token_expiry', '100000 1'),
    ('segment', 'segment_hash', '1000 10 1'),
    ('segment', 'segment_in_use', '1000 10 1'),
    ('segment', 'segment_inline_use', '1000 1'),
    ('segment', 'segment_name', '1000 10 1'),
    ('segment', 'segment_with_name', '1000 10 1'),
    ('segment', 'sqlite_autoindex_segment_1', '10000 100 1'),
    ('segment_member', 'segment_member', '1000000 10000 100 50 1'),
    ('segment_member', 'segment_member_contact', '1000000 10000 1'),
    ('setup_token', 'setup_token', '1 1'),
    ('shared_value', 'shared_value_expiry', '10000 1'),
    ('shared_value', 'shared_value_kind', '10000 100 25 1'),
    ('shared_value', 'sqlite_autoindex_shared_value_1', '10000 1 1'),
    ('site', 'site', '100 1'),
    ('site_counter', 'sqlite_autoindex_site_counter_1', '100 1'),
    ('site_origin', 'site_origin', '300 3 1'),
    ('site_origin', 'site_origin_site', '300 3'),
    ('theme', 'sqlite_autoindex_theme_1', '1000 10 1'),
    ('theme', 'theme_draft', '100 1'),
    ('theme', 'theme_published', '100 1'),
    ('theme_file', 'sqlite_autoindex_theme_file_1', '3000 30 1'),
    ('theme_file_use', 'theme_file_use', '5000 50 1 1'),
    ('theme_file_use', 'theme_file_use_name', '5000 50 1'),
    ('token_chain', 'sqlite_autoindex_token_chain_1', '10000000 1'),
    ('token_chain', 'token_chain', '10000000 100000 1'),
    ('token_chain', 'token_chain_family', '10000000 100000 1 1'),
    ('token_family', 'token_family', '10000000 100000 1'),
    ('token_family', 'token_family_contact', '10000000 100000 5'),
    ('token_family', 'token_family_expiry', '10000000 100'),
    ('token_family', 'token_family_key', '10000000 100000 25000'),
    ('trusted_browser', 'trusted_browser', '10000 10 1'),
    ('trusted_browser', 'trusted_browser_expiry', '10000 1'),
    ('trusted_browser', 'trusted_browser_newest', '10000 10 1'),
    ('watermark_log', 'watermark_log', '10000000 100000 5 3 1 1'),
    ('watermark_log', 'watermark_log_at', '10000000 100000 1'),
    ('webhook_backlog', 'webhook_backlog', '10000 100 1'),
    ('webhook_backlog', 'webhook_backlog_longest', '10000 100 10 1'),
    ('webhook_delivery', 'webhook_delivery_contact', '1000000 1000 1 1 1 1'),
    ('webhook_delivery', 'webhook_delivery_due', '100000 100 1 1'),
    ('webhook_delivery', 'webhook_delivery_endpoint', '1000000 1000 1'),
    ('webhook_delivery', 'webhook_delivery_finished', '100000 33333 1'),
    ('webhook_delivery', 'webhook_delivery_state', '1000000 1000 333 1'),
    ('webhook_delivery', 'webhook_delivery_subject', '100000 1000 10 10 1'),
    ('webhook_delivery', 'webhook_delivery_waiting', '100000 1000 1 1'),
    ('webhook_endpoint', 'webhook_endpoint_events', '100 1 1 1'),
    ('webhook_endpoint', 'webhook_endpoint_id', '1000 10 1'),
    ('webhook_endpoint', 'webhook_endpoint_inbox', '1000 1'),
    ('widget_session', 'widget_session', '10000000 100000 1'),
    ('widget_session', 'widget_session_contact', '10000000 100000 5 1 1'),
    ('widget_session', 'widget_session_expiry', '10000000 100'),
    ('widget_session', 'widget_session_family', '10000000 100000 1'),
    ('widget_session', 'widget_session_key', '10000000 100000 25000');
-- Loads them into the connection that migrates; others read them when they open.
ANALYZE sqlite_schema;
