-- Rows of each kind that grows with contacts, of one site, with values of usual lengths: as many as the setting
-- `belfry.rows` says, a tenth of it of messages, conversations and sessions in an inbox, and a third of it of
-- contacts with words. They are inserted in the order in which a server gets them: by time, and any contact
-- after any other.

SET synchronous_commit = off;
SET work_mem = '64MB';

INSERT INTO site (id, name, origins, selector, insert_position, language, created_at)
    VALUES ('\x0190b5c2a1de7000a1b2c3d4e5f60718', 'Shop', '["https://shop.example"]', '#bell', 'append', 'en', 1);
INSERT INTO api_key (site_id, id, name, digest, created_at) SELECT id, 'k1', 'Key', sha256(id), 1 FROM site;
CREATE TEMPORARY TABLE places AS SELECT s.id AS site, g AS n, hashint4(g::int)::bigint + 2147483649 AS mixed, sha256(int8send(g)) AS hash,
        1800000000000 + g * 1000 AS at, current_setting('belfry.rows')::bigint AS rows
    FROM site AS s, generate_series(1, current_setting('belfry.rows')::bigint) AS g;

INSERT INTO contact (site_id, id, external_id, email, first_name, last_name, language, attributes, created_at, updated_at,
        first_name_key, last_name_key, search_key, read_position, seen_position, last_seen_at)
    SELECT site, n, gen_random_uuid()::text, 'person.' || n || '@mail.example', 'Oksana', 'Kovalenko', 'uk',
        '{"plan":"pro","city":"Kyiv","orders":12}', at, at, 'oksana', 'kovalenko', 'oksana kovalenko' || chr(10) || 'person.' || n || '@mail.example',
        at * 1000, at * 1000, at FROM places;
INSERT INTO contact_word (site, word, contact)
    SELECT 1, CASE word WHEN 1 THEN 'oksana' WHEN 2 THEN 'kovalenko' ELSE 'person.' || n END, n FROM places, generate_series(1, 3) AS word
    WHERE n <= rows / 3;
INSERT INTO token_family (site_id, family, contact_id, key_id, expires_at, ends_at) SELECT site, substr(hash, 1, 16), n, 'k1', at, at FROM places ORDER BY mixed;
INSERT INTO contact_token (site_id, digest, contact_id, family, key_id, expires_at) SELECT site, hash, n, substr(hash, 1, 16), 'k1', at FROM places ORDER BY mixed;
INSERT INTO widget_session (site_id, digest, contact_id, family, key_id, expires_at) SELECT site, hash, n, substr(hash, 1, 16), 'k1', at FROM places ORDER BY mixed;
INSERT INTO token_chain (site_id, digest, family, current_token, recent_tokens, expires_at)
    SELECT site, hash, substr(hash, 1, 16), hash, hash, at FROM places ORDER BY mixed;

-- Each message is to ten contacts.
INSERT INTO message (site_id, id, everyone, state, content, category, pinned, created_at, publish_at, position)
    SELECT site, int8send(at) || substr(hash, 1, 8), 0, 1, '{"en":{"title":"Your order is on its way","body":"' || repeat('Track it here. ', 20) || '"}}', 'orders', 0,
        at, at, at * 1000 FROM places WHERE n <= rows / 10;
CREATE TEMPORARY TABLE sent AS SELECT site_id, id, position, (hashint8(position + g)::bigint + 2147483648) % current_setting('belfry.rows')::bigint + 1 AS contact
    FROM message, generate_series(1, 10) AS g;
INSERT INTO recipient (site_id, contact_id, position, message_id, pinned, category) SELECT site_id, contact, position, id, 0, 'orders' FROM sent ORDER BY position
    ON CONFLICT DO NOTHING;
INSERT INTO receipt (site_id, contact_id, message_id, position, read_at, clicked_at, archived_at)
    SELECT site_id, contact, id, position, position / 1000, CASE WHEN contact % 4 = 0 THEN position / 1000 END,
        CASE WHEN contact % 5 = 0 THEN position / 1000 END FROM sent ORDER BY position ON CONFLICT DO NOTHING;
INSERT INTO watermark_log (site_id, contact_id, kind, from_position, to_position, number, at)
    SELECT site, mixed % rows + 1, n % 3, at * 1000 - 1000, at * 1000, n, at FROM places;

INSERT INTO contact_inbox (site_id, inbox_id, contact_id, source_id, pubsub_token, pubsub_digest, created_at, updated_at)
    SELECT site, 1, n, gen_random_uuid()::text, encode(hash, 'base64') || encode(hash, 'base64'), hash, at, at FROM places WHERE n <= rows / 10;
INSERT INTO conversation (site_id, number, uuid, inbox_id, contact_id, contact_inbox_id, status, created_at, updated_at, last_activity_at)
    SELECT site_id, id, substr(pubsub_digest, 1, 16), inbox_id, contact_id, id, id % 3, created_at, created_at, created_at FROM contact_inbox;
INSERT INTO conversation_list (site_id, scope, label, assignee, status, activity, number)
    SELECT site_id, scope, '', assignee, status, last_activity_at, number FROM conversation, (VALUES (0), (1)) AS x (scope), (VALUES (-1), (0)) AS y (assignee);
INSERT INTO conversation_message (site_id, conversation, id, kind, content, content_type, sender, created_at, updated_at)
    SELECT site, mixed % (rows / 10) + 1, n, n % 2, 'When does my order arrive? I have waited for three days now.', 0, n, at, at FROM places;
INSERT INTO message_word (site, word, message) SELECT 1, 'word' || (n * 7 + word * 31) % 20000, n FROM places, generate_series(1, 10) AS word WHERE n <= rows / 10;
