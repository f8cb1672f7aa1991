-- Where sites hear of what happens, and what is still to be sent. Events are written in the transaction of the act itself.

CREATE TABLE webhook_endpoint (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL REFERENCES site (id),
    id BLOB NOT NULL,
    kind INTEGER NOT NULL, -- 0 signed events, 1 whole messages
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    events INTEGER NOT NULL, -- a bit for each type
    enabled INTEGER NOT NULL,
    reason TEXT, -- why it is not, when that was not its owner's wish
    username TEXT,
    created_at INTEGER NOT NULL,
    failing_since INTEGER,
    pending INTEGER NOT NULL DEFAULT 0 -- kept by the triggers below
) STRICT;
CREATE UNIQUE INDEX webhook_endpoint_id ON webhook_endpoint (site_id, id);
CREATE INDEX webhook_endpoint_listening ON webhook_endpoint (site_id, kind, events) WHERE enabled = 1;

-- In clear, since they have to sign. Apart from the endpoints, so that no list of these can show them.
CREATE TABLE webhook_secret (
    endpoint INTEGER NOT NULL PRIMARY KEY REFERENCES webhook_endpoint (number) ON DELETE CASCADE,
    secret TEXT,
    former TEXT,
    former_until INTEGER,
    password TEXT
) STRICT;

CREATE TABLE webhook_delivery (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id BLOB NOT NULL,
    endpoint INTEGER NOT NULL REFERENCES webhook_endpoint (number) ON DELETE CASCADE,
    event TEXT NOT NULL,
    type TEXT NOT NULL,
    contact_id INTEGER, -- no reference: that a contact was erased must still be sent
    body TEXT NOT NULL,
    state INTEGER NOT NULL, -- 0 pending, 1 done, 2 dead
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER, -- NULL while one of the same contact is before it
    created_at INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    attempted_at INTEGER,
    finished_at INTEGER,
    status INTEGER,
    error TEXT,
    answer TEXT,
    millis INTEGER
) STRICT;
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (endpoint, number);
CREATE INDEX webhook_delivery_state ON webhook_delivery (endpoint, state, number);
CREATE INDEX webhook_delivery_lane ON webhook_delivery (endpoint, contact_id, state, next_at, number);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint, next_at, number) WHERE state = 0 AND next_at IS NOT NULL;
CREATE INDEX webhook_delivery_finished ON webhook_delivery (state, finished_at) WHERE finished_at IS NOT NULL;

CREATE TRIGGER webhook_delivery_added AFTER INSERT ON webhook_delivery WHEN new.state = 0 BEGIN
    UPDATE webhook_endpoint SET pending = pending + 1 WHERE number = new.endpoint;
END;
CREATE TRIGGER webhook_delivery_moved AFTER UPDATE OF state ON webhook_delivery WHEN old.state <> new.state BEGIN
    UPDATE webhook_endpoint SET pending = pending + (new.state = 0) - (old.state = 0) WHERE number = new.endpoint;
END;
CREATE TRIGGER webhook_delivery_removed AFTER DELETE ON webhook_delivery WHEN old.state = 0 BEGIN
    UPDATE webhook_endpoint SET pending = pending - 1 WHERE number = old.endpoint;
END;
