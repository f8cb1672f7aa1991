-- Conversations: inboxes, agents, sessions of contacts, conversations, messages, attachments.

-- A site's number, which clients call the account's id, and what is counted in the site.
CREATE TABLE site_number (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL UNIQUE REFERENCES site (id),
    last_conversation INTEGER NOT NULL DEFAULT 0,
    last_message INTEGER NOT NULL DEFAULT 0,
    last_attachment INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO site_number (site_id) SELECT id FROM site ORDER BY created_at, id;
CREATE TRIGGER site_number_added AFTER INSERT ON site BEGIN
    INSERT INTO site_number (site_id) VALUES (new.id);
END;

CREATE TABLE channel_inbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL REFERENCES site (id),
    uuid BLOB NOT NULL UNIQUE,
    identifier TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, -- as in the settings
    settings TEXT NOT NULL, -- JSON object
    hmac_token TEXT NOT NULL, -- sealed
    callback_secret TEXT NOT NULL, -- sealed
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0 -- it is there until its rows are, which go in the background
) STRICT;
CREATE INDEX channel_inbox_site ON channel_inbox (site_id, deleted, id);

CREATE TABLE agent (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL REFERENCES site (id),
    account_id INTEGER, -- no reference: an agent whose account is gone must not become one without an account
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    role INTEGER NOT NULL, -- 0 agent, 1 administrator; of one with an account the membership decides
    token_digest BLOB,
    pubsub_token TEXT NOT NULL, -- sealed
    pubsub_digest BLOB NOT NULL UNIQUE,
    availability INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX agent_email ON agent (site_id, email);
CREATE UNIQUE INDEX agent_account ON agent (site_id, account_id) WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX agent_token ON agent (token_digest) WHERE token_digest IS NOT NULL;

CREATE TABLE inbox_member (
    site_id BLOB NOT NULL,
    inbox_id INTEGER NOT NULL,
    agent_id INTEGER NOT NULL,
    PRIMARY KEY (site_id, inbox_id, agent_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_member_agent ON inbox_member (site_id, agent_id, inbox_id);

-- What only conversations keep of a contact; a contact without a row has the defaults.
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

-- A contact's session in an inbox.
CREATE TABLE contact_inbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL,
    inbox_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    source_id TEXT NOT NULL,
    pubsub_token TEXT NOT NULL, -- sealed
    pubsub_digest BLOB NOT NULL UNIQUE,
    hmac_verified INTEGER NOT NULL DEFAULT 0,
    claim TEXT, -- JSON object: what was said of the contact in it; none of a session that the site made
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX contact_inbox_source ON contact_inbox (site_id, source_id, inbox_id);
CREATE INDEX contact_inbox_contact ON contact_inbox (site_id, contact_id, inbox_id, id);
CREATE INDEX contact_inbox_inbox ON contact_inbox (site_id, inbox_id, id); -- for clean-up

CREATE TABLE conversation (
    row INTEGER NOT NULL PRIMARY KEY, -- what the index of texts names
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
    last_spoken INTEGER, -- the last message that is not an activity
    minute INTEGER NOT NULL DEFAULT 0, -- the last minute with a message, and how many it had
    messages_in_minute INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX conversation_number ON conversation (site_id, number);
CREATE INDEX conversation_contact ON conversation (site_id, contact_id, number);
CREATE INDEX conversation_session ON conversation (site_id, contact_inbox_id, number);
CREATE INDEX conversation_inbox ON conversation (site_id, inbox_id, number); -- for clean-up
CREATE INDEX conversation_snoozed ON conversation (snoozed_until) WHERE snoozed_until IS NOT NULL AND status = 3 AND deleted = 0;

-- One row for each list that a conversation is in, so that each page and each count is one walk along the key: of the whole site (scope 0) and of
-- its inbox; without and with each of its labels; anybody's (holder -1), nobody's (0), somebody's (-2), and its assignee's.
CREATE TABLE conversation_list (
    site_id BLOB NOT NULL,
    scope INTEGER NOT NULL,
    label TEXT NOT NULL,
    holder INTEGER NOT NULL,
    status INTEGER NOT NULL,
    activity INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (site_id, scope, label, holder, status, activity, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation_message (
    row INTEGER NOT NULL PRIMARY KEY, -- what the index of texts names
    site_id BLOB NOT NULL,
    conversation INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
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
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX conversation_message_id ON conversation_message (site_id, conversation, id);
CREATE INDEX conversation_message_incoming ON conversation_message (site_id, conversation, id) WHERE kind = 0;
CREATE INDEX conversation_message_public ON conversation_message (site_id, conversation, id) WHERE private = 0 AND kind <> 2;
CREATE INDEX conversation_message_unseen ON conversation_message (site_id, conversation, id) WHERE kind = 1 AND private = 0 AND status < 2;

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
    digest BLOB, -- of the bytes; none of what has none
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

-- Bytes, once for each site.
CREATE TABLE attachment_blob (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX attachment_blob_digest ON attachment_blob (site_id, digest);

-- What is still to be deleted in the background.
CREATE TABLE channel_trash (
    row INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL,
    kind INTEGER NOT NULL, -- 0 an inbox, 1 a conversation, 2 bytes
    number INTEGER NOT NULL DEFAULT 0,
    digest BLOB
) STRICT;

-- Words of messages, and of who a conversation is with. Each word begins with the site's number, so that no search looks at another site's.
CREATE VIRTUAL TABLE message_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2 tokenchars '_'");
CREATE VIRTUAL TABLE conversation_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2 tokenchars '_'");

-- The inbox of a callback URL, and whether its deliveries have the other product's headers, too; what an account webhook is called.
ALTER TABLE webhook_endpoint ADD COLUMN inbox_id INTEGER;
ALTER TABLE webhook_endpoint ADD COLUMN upstream_headers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoint ADD COLUMN name TEXT;
CREATE INDEX webhook_endpoint_inbox ON webhook_endpoint (inbox_id) WHERE inbox_id IS NOT NULL AND deleted = 0;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('agent', 'agent_account', '5000 50 1'),
    ('agent', 'agent_email', '5000 50 1'),
    ('agent', 'agent_token', '5000 1'),
    ('agent', 'sqlite_autoindex_agent_1', '5000 1'),
    ('attachment', 'attachment', '1000000 10000 1'),
    ('attachment', 'attachment_digest', '1000000 10000 1'),
    ('attachment', 'attachment_message', '1000000 10000 1 1'),
    ('attachment', 'attachment_thumbnail', '1000000 10000 1'),
    ('attachment', 'sqlite_autoindex_attachment_1', '1000000 1'),
    ('attachment_blob', 'attachment_blob_digest', '1000000 10000 1'),
    ('channel_contact', 'channel_contact', '1000000 10000 1'),
    ('channel_inbox', 'channel_inbox_site', '1000 10 10 1'),
    ('channel_inbox', 'sqlite_autoindex_channel_inbox_1', '1000 1'),
    ('channel_inbox', 'sqlite_autoindex_channel_inbox_2', '1000 1'),
    ('contact_inbox', 'contact_inbox_contact', '1000000 10000 1 1 1'),
    ('contact_inbox', 'contact_inbox_inbox', '1000000 10000 1000 1'),
    ('contact_inbox', 'contact_inbox_source', '1000000 10000 1 1'),
    ('contact_inbox', 'sqlite_autoindex_contact_inbox_1', '1000000 1'),
    ('conversation', 'conversation_contact', '10000000 100000 2 1'),
    ('conversation', 'conversation_inbox', '10000000 100000 10000 1'),
    ('conversation', 'conversation_number', '10000000 100000 1'),
    ('conversation', 'conversation_session', '10000000 100000 2 1'),
    ('conversation', 'conversation_snoozed', '100000 1'),
    ('conversation_list', 'conversation_list', '60000000 600000 50000 20000 10000 2500 1 1'),
    ('conversation_message', 'conversation_message_id', '100000000 1000000 10 1'),
    ('conversation_message', 'conversation_message_incoming', '50000000 500000 5 1'),
    ('conversation_message', 'conversation_message_public', '90000000 900000 9 1'),
    ('conversation_message', 'conversation_message_unseen', '10000000 100000 2 1'),
    ('conversation_text_config', 'conversation_text_config', '1 1'),
    ('conversation_text_idx', 'conversation_text_idx', '10000 100 1'),
    ('inbox_member', 'inbox_member', '5000 50 5 1'),
    ('inbox_member', 'inbox_member_agent', '5000 50 5 1'),
    ('message_text_config', 'message_text_config', '1 1'),
    ('message_text_idx', 'message_text_idx', '10000 100 1'),
    ('site_number', 'sqlite_autoindex_site_number_1', '100 1'),
    ('webhook_endpoint', 'webhook_endpoint_inbox', '1000 1');
ANALYZE sqlite_schema;
