
-- What processes on this database tell each other. Short-lived; not restored after a crash.
CREATE UNLOGGED TABLE relayed (
    sender BIGINT NOT NULL,
    number BIGINT NOT NULL,
    body BYTEA NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (sender, number)
);
