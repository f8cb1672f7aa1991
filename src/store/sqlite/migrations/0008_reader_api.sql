-- The reader API: tokens that replace each other, devices that are bound to a contact, and which pages may call.

-- A token is shown without its site, so it is looked up across all of them.
CREATE UNIQUE INDEX contact_token_digest ON contact_token (digest);

-- A contact token that was used in the reader API, with all that came of it.
CREATE TABLE reader_family (
    site_id BLOB NOT NULL,
    family BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL, -- when the last of its tokens ends
    ends_at INTEGER NOT NULL, -- when it ends even if it is in use
    PRIMARY KEY (site_id, family),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, key_id) REFERENCES api_key (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reader_family_contact ON reader_family (site_id, contact_id);
CREATE INDEX reader_family_key ON reader_family (site_id, key_id);
CREATE INDEX reader_family_expiry ON reader_family (expires_at);

-- Tokens of which each took the place of the one before; all of them name the chain. Replaced ones need no row of their own:
-- what names the chain and is neither in `token` nor in `recent` was replaced long ago.
CREATE TABLE reader_chain (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL UNIQUE, -- of the chain's name; of the whole token for the one that began the family
    family BLOB NOT NULL,
    token BLOB, -- digest of the token in force; none for the one that began the family, which was used
    recent BLOB NOT NULL, -- digests replaced just now, each with the 8 bytes of the moment
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, digest),
    FOREIGN KEY (site_id, family) REFERENCES reader_family (site_id, family) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX reader_chain_family ON reader_chain (site_id, family, expires_at);

CREATE TABLE reader_device (
    site_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    contact_id INTEGER NOT NULL,
    key_id TEXT NOT NULL, -- which vouched for it last
    bound_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, digest),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, key_id) REFERENCES api_key (site_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reader_device_contact ON reader_device (site_id, contact_id, bound_at);
CREATE INDEX reader_device_key ON reader_device (site_id, key_id);

-- A preflight names an origin and nothing else.
CREATE TABLE site_origin (
    origin TEXT NOT NULL,
    site_id BLOB NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    PRIMARY KEY (origin, site_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX site_origin_site ON site_origin (site_id);
INSERT OR IGNORE INTO site_origin (origin, site_id) SELECT origin.value, site.id FROM site, json_each(site.origins) AS origin;
CREATE TRIGGER site_origin_of_new_site AFTER INSERT ON site BEGIN
    INSERT OR IGNORE INTO site_origin (origin, site_id) SELECT value, new.id FROM json_each(new.origins);
END;
CREATE TRIGGER site_origin_of_changed_site AFTER UPDATE OF origins ON site BEGIN
    DELETE FROM site_origin WHERE site_id = new.id;
    INSERT OR IGNORE INTO site_origin (origin, site_id) SELECT value, new.id FROM json_each(new.origins);
END;
