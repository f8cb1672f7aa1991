-- Who is who, for how long, and what is sealed.

-- The token that was replaced last may come again while nobody used what took its place: the answer may never have arrived.
ALTER TABLE reader_chain ADD COLUMN previous BLOB; -- digest of that token; none as soon as a successor of it was used
ALTER TABLE reader_chain ADD COLUMN previous_expires_at INTEGER NOT NULL DEFAULT 0;
-- Of a chain whose first token was never used: the chain and the token that it was given out for.
ALTER TABLE reader_chain ADD COLUMN parent BLOB;
ALTER TABLE reader_chain ADD COLUMN parent_token BLOB;

-- Up to here messages are from before the contact was there, and it never sees them.
ALTER TABLE contact ADD COLUMN hidden_until INTEGER NOT NULL DEFAULT 0;

-- Something sealed with the key of this database, so that a wrong one is noticed at the start; one row at most.
CREATE TABLE vault (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    proof TEXT NOT NULL,
    complete INTEGER NOT NULL DEFAULT 0 -- whether what was in clear before is sealed
) STRICT;

-- Wrong codes of a second factor since the last right one, and when the last of them came.
ALTER TABLE account ADD COLUMN totp_failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN totp_failed_at INTEGER;

-- Browsers, and addresses, that once signed in as an account: strangers who guess at it use up nothing of theirs.
CREATE TABLE known_browser (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_browser_newest ON known_browser (account_id, expires_at);
CREATE INDEX known_browser_expiry ON known_browser (expires_at);

-- When a session ends however lively it is. Those that are there end with the time that they have.
ALTER TABLE console_session ADD COLUMN ends_at INTEGER NOT NULL DEFAULT 0;
UPDATE console_session SET ends_at = expires_at;

-- What one member of a site sent out, to end it with their role.
CREATE INDEX invitation_of_member ON invitation (site_id, invited_by);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('invitation', 'invitation_of_member', '1000 10 3'),
    ('known_browser', 'known_browser', '10000 10 1'),
    ('known_browser', 'known_browser_expiry', '10000 1'),
    ('known_browser', 'known_browser_newest', '10000 10 1');
