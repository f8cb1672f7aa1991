-- People who run sites, what each may do where, and their browsers.

CREATE TABLE account (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- never used again
    email TEXT NOT NULL UNIQUE, -- lower case
    name TEXT NOT NULL,
    password TEXT NOT NULL, -- hash with its parameters
    totp_secret BLOB,
    totp_confirmed INTEGER NOT NULL DEFAULT 0,
    totp_step INTEGER NOT NULL DEFAULT 0, -- of the last code that was taken
    language TEXT NOT NULL,
    is_operator INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE membership (
    site_id BLOB NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (site_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_account ON membership (account_id, site_id);

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

-- The right to make the first account; one row at most.
CREATE TABLE set_up (
    digest BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE console_session (
    digest BLOB NOT NULL PRIMARY KEY,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    data TEXT NOT NULL, -- JSON object
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX console_session_account ON console_session (account_id);
CREATE INDEX console_session_expiry ON console_session (expires_at);
