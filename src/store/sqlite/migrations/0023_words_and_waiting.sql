-- Words of messages, and of the contacts whom conversations are with. Each row is a key of its own, so that a word is added and taken away at the
-- same cost however many there are; an index of segments has to be merged now and then, and then nobody else writes.
DROP TABLE message_text;
DROP TABLE conversation_text;
DELETE FROM sqlite_stat1 WHERE tbl IN ('conversation_text_config', 'conversation_text_idx', 'message_text_config', 'message_text_idx');

CREATE TABLE message_word (
    site INTEGER NOT NULL, -- its number, which is shorter than its id
    word TEXT NOT NULL,
    message INTEGER NOT NULL, -- its row
    PRIMARY KEY (site, word, message)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_word (
    site INTEGER NOT NULL, -- its number
    word TEXT NOT NULL,
    contact INTEGER NOT NULL,
    PRIMARY KEY (site, word, contact)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_word_contact ON contact_word (site, contact);

-- What has waited for too long at an endpoint, without a look at what has not.
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (endpoint, queued_at, number) WHERE state = 0;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('contact_word', 'contact_word', '10000000 100000 10 1'),
    ('contact_word', 'contact_word_contact', '10000000 100000 10'),
    ('message_word', 'message_word', '1000000000 10000000 1000 1'),
    ('webhook_delivery', 'webhook_delivery_waiting', '100000 1000 1 1');
ANALYZE sqlite_schema;
