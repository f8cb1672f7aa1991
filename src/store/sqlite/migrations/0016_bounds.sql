-- A site may have so many imports waiting and no more.
CREATE INDEX import_unfinished ON import (site_id) WHERE state < 2;
-- When a message last described it on the spot: until there is such a message, it is spared by the sweep.
ALTER TABLE segment ADD COLUMN described_at INTEGER NOT NULL DEFAULT 0;
