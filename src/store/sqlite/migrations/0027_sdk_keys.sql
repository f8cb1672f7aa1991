-- The Inbox SDK: keys that sign the JWTs of agents, and what a JWT is exchanged for.

CREATE TABLE sdk_key (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL REFERENCES site (id),
    inbox_id INTEGER NOT NULL, -- 0: of the whole site
    label TEXT NOT NULL,
    secret TEXT NOT NULL, -- sealed
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX sdk_key_scope ON sdk_key (site_id, inbox_id, id);

-- One whose key is gone proves nothing, and is deleted with the expired ones.
CREATE TABLE sdk_token (
    digest BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    kind INTEGER NOT NULL, -- 0 a session, 1 what opens a window once, 2 a window
    key_id INTEGER NOT NULL,
    agent_id INTEGER NOT NULL,
    roles TEXT NOT NULL, -- JSON array
    conversation INTEGER, -- the number of a window's
    expires_at INTEGER NOT NULL,
    session_until INTEGER NOT NULL -- when the session ends that began with the JWT
) STRICT, WITHOUT ROWID;
CREATE INDEX sdk_token_agent ON sdk_token (agent_id, kind, expires_at);
CREATE INDEX sdk_token_expiry ON sdk_token (expires_at);

-- An agent who came by a JWT is known by their id within the scope of the key. E-mail addresses are unique among the others alone.
ALTER TABLE agent ADD COLUMN external_id TEXT;
ALTER TABLE agent ADD COLUMN sdk_inbox INTEGER NOT NULL DEFAULT 0; -- 0: the whole site
ALTER TABLE site_number ADD COLUMN sdk_agents INTEGER NOT NULL DEFAULT 0; -- how many
DROP INDEX agent_email;
CREATE UNIQUE INDEX agent_email ON agent (site_id, email) WHERE external_id IS NULL;
CREATE UNIQUE INDEX agent_external ON agent (site_id, sdk_inbox, external_id) WHERE external_id IS NOT NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('agent', 'agent_email', '5000 50 1'),
    ('agent', 'agent_external', '5000 50 5 1'),
    ('sdk_key', 'sdk_key_scope', '1000 10 2 1'),
    ('sdk_token', 'sdk_token', '100000 1'),
    ('sdk_token', 'sdk_token_agent', '100000 10 5 1'),
    ('sdk_token', 'sdk_token_expiry', '100000 1');
ANALYZE sqlite_schema;
