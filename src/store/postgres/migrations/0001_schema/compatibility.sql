
-- The schema version of the oldest program that works on this database. One row, which migrations raise.
CREATE TABLE _compatibility (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    oldest_program BIGINT NOT NULL
);
