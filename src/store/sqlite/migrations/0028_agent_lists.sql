-- The lists of agents, who hear of each change of a conversation in the order of the changes.
ALTER TABLE site_number ADD COLUMN last_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN revision INTEGER NOT NULL DEFAULT 0; -- grows with each change, over all conversations of the site
ALTER TABLE conversation ADD COLUMN watchers TEXT NOT NULL DEFAULT '[]'; -- JSON array: numbers of agents, sorted
CREATE UNIQUE INDEX conversation_uuid ON conversation (uuid, site_id);

-- What each agent watches: the same as `conversation.watchers`, by agent.
CREATE TABLE conversation_watcher (
    site_id BLOB NOT NULL,
    agent_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (site_id, agent_id, number)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('conversation', 'conversation_uuid', '10000000 1 1'),
    ('conversation_watcher', 'conversation_watcher', '1000000 10000 100 1');
ANALYZE sqlite_schema;
