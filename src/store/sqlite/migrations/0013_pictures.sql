-- Pictures of messages, named by their content. With a rowid: they are too large for the inner pages of a clustered key.

CREATE TABLE picture (
    site_id BLOB NOT NULL REFERENCES site (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (site_id, name)
) STRICT;
