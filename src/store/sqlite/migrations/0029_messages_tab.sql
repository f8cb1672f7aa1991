-- Conversations in which an agent said something since the contact last looked: few of all, so that unread ones are found without a look at the others.
CREATE INDEX conversation_answered ON conversation (site_id, contact_inbox_id, number)
    WHERE deleted = 0 AND said_by_agents_at >= coalesce(contact_last_seen_at, 0);
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation', 'conversation_answered', '100000 1000 2 1');
ANALYZE sqlite_schema;
