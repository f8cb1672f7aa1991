-- What a key may be used for, and answers to requests that may come twice.

ALTER TABLE api_key ADD COLUMN scopes TEXT NOT NULL DEFAULT 'read send contacts themes webhooks admin';

-- With a rowid: bodies are too large for the inner pages of a clustered key. No status: it is being worked on, by this run of the process.
CREATE TABLE repeat (
    site_id BLOB NOT NULL REFERENCES site (id),
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    run BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    status INTEGER,
    content_type TEXT,
    sealed TEXT, -- id of what was made, where the body is not kept
    body BLOB,
    PRIMARY KEY (site_id, key)
) STRICT;
CREATE INDEX repeat_age ON repeat (created_at);
