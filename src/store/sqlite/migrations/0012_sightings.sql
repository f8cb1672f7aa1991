-- Where a site's snippet was seen at work, for its owner: a few rows for each site, whatever the number of its readers.

CREATE TABLE sighting (
    site_id BLOB NOT NULL REFERENCES site (id),
    seen TEXT NOT NULL,
    origin TEXT NOT NULL, -- empty where no browser named one
    obstacle TEXT NOT NULL, -- empty where it worked
    at INTEGER NOT NULL,
    PRIMARY KEY (site_id, seen, origin, obstacle)
) STRICT, WITHOUT ROWID;
