-- A message to many named contacts reaches them in parts, in transactions after the one that accepted it. What is left to be done of each.
CREATE TABLE fan_out (
    site_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    urgency INTEGER NOT NULL, -- 0 takes a message away and comes first, 1 all else
    place INTEGER NOT NULL, -- among those of its urgency: the order in which they began
    after_contact INTEGER, -- placements of contacts above it are still to be brought in line with the message; NULL: none are
    replaces INTEGER NOT NULL DEFAULT 0, -- whether the placements by name are those of a former audience, which go first
    PRIMARY KEY (site_id, message_id),
    FOREIGN KEY (site_id, message_id) REFERENCES message (site_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX fan_out_turn ON fan_out (site_id, urgency, place);

-- Contacts of its audience that have no placement yet.
CREATE TABLE fan_out_rest (
    site_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    contacts TEXT NOT NULL, -- JSON array, rising, and rising from one number to the next
    PRIMARY KEY (site_id, message_id, number),
    FOREIGN KEY (site_id, message_id) REFERENCES fan_out (site_id, message_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('fan_out', 'fan_out', '1000 100 1'),
    ('fan_out', 'fan_out_turn', '1000 100 50 1 1'),
    ('fan_out_rest', 'fan_out_rest', '10000 1000 10 1');
ANALYZE sqlite_schema;
