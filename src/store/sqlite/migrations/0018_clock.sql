-- The latest time that a process saw and believed. A clock that is far beyond it has nothing deleted at once.
CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seen INTEGER NOT NULL
) STRICT;
