-- Prepared answers that agents insert into their replies by a short code.

CREATE TABLE canned_response (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL REFERENCES site (id),
    short_code TEXT NOT NULL,
    content TEXT NOT NULL,
    words TEXT NOT NULL, -- the short code in small letters, a line break, and the content in small letters
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX canned_response_code ON canned_response (site_id, short_code);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('canned_response', 'canned_response_code', '10000 100 1');
ANALYZE sqlite_schema;
