-- What a server stores for two hundred sites, of which the first has twenty thousand contacts and the others
-- twenty: the statistics that plans are chosen by. Each table has rows, and each flag has both values.

SET synchronous_commit = off;

INSERT INTO site (id, name, origins, selector, insert_position, language, created_at, last_position, next_contact, next_segment)
    SELECT substr(sha256(int4send(g)), 1, 16), 'Site', '["https://' || g || '.example"]', 'body', 'append', 'en', 1, 2000, 20001, 100
    FROM generate_series(1, 200) AS g;
-- `items`: of what a site has a few.
CREATE TEMPORARY VIEW sites AS SELECT site_id AS id, number, CASE number WHEN 1 THEN 20000 ELSE 20 END AS contacts,
    CASE number WHEN 1 THEN 60 ELSE 4 END AS items FROM site_counter;

INSERT INTO api_key (site_id, id, name, digest, created_at)
    SELECT id, 'k' || g, 'Key', sha256(id || int4send(g)), 1 FROM sites, generate_series(1, 3) AS g;
INSERT INTO install_event (site_id, step, origin, issue, at)
    SELECT id, 's' || g % 5, 'o' || g / 5, '', g FROM sites, generate_series(1, items) AS g;
INSERT INTO audit_entry (site_id, actor_kind, actor, action, subject, at)
    SELECT id, 'account', 'a', 'b', 'c', g FROM sites, generate_series(1, 20 * items) AS g;
INSERT INTO audit_entry (actor_kind, actor, action, subject, at)
    SELECT 'account', 'a', 'b', 'c', g FROM generate_series(1, 1000) AS g;
INSERT INTO idempotency (site_id, kind, key, fingerprint, created_at)
    SELECT id, g % 2, 'k' || g, '\x00', g FROM sites, generate_series(1, 20 * items) AS g;
INSERT INTO shared_value (site_id, digest, kind, value, expires_at)
    SELECT id, sha256(id || int4send(g)), g % 4, '\x00', g FROM sites, generate_series(1, 20 * items) AS g;
INSERT INTO attempt (subject, full_at) SELECT sha256(int4send(g)), g FROM generate_series(1, 2000) AS g;
INSERT INTO picture (site_id, name, kind, created_at, body)
    SELECT id, 'p' || g, 'image/png', g, '\x00' FROM sites, generate_series(1, items) AS g;

INSERT INTO contact (site_id, id, external_id, email, phone, language, created_at, updated_at, first_name_key, last_name_key,
        search_key, recipient_rows, log_rows, last_seen_at, deleted_at)
    SELECT id, g, 'x' || g, g || '@example.com', CASE WHEN g % 3 = 0 THEN '+' || g END, 'en', g, g, 'f' || g % 500, 'l' || g % 3000,
        'f' || g % 500 || ' ' || g || '@example.com', CASE WHEN g % 100 = 0 THEN 1001 ELSE 30 END,
        CASE WHEN g % 100 = 0 THEN 1001 ELSE 10 END, g, CASE WHEN g % 50 = 0 THEN g END
    FROM sites, generate_series(1, contacts) AS g;
INSERT INTO contact_word (site, word, contact)
    SELECT number, 'w' || (g + word * 7) % 3000, g FROM sites, generate_series(1, contacts) AS g, generate_series(1, 2) AS word;
INSERT INTO channel_contact (site_id, contact_id) SELECT site_id, id FROM contact WHERE id % 3 = 0;
INSERT INTO mute (site_id, contact_id, category, at) SELECT site_id, id, 'c' || id % 5, 1 FROM contact WHERE id % 5 = 0;
INSERT INTO token_family (site_id, family, contact_id, key_id, expires_at, ends_at)
    SELECT site_id, int8send(id), id, 'k1', id, id FROM contact;
INSERT INTO contact_token (site_id, digest, contact_id, family, key_id, expires_at)
    SELECT site_id, sha256(site_id || int8send(id)), id, int8send(id), 'k1', id FROM contact;
INSERT INTO widget_session (site_id, digest, contact_id, family, key_id, expires_at)
    SELECT site_id, sha256(site_id || int8send(id)), id, int8send(id), 'k1', id FROM contact;
INSERT INTO token_chain (site_id, digest, family, recent_tokens, expires_at)
    SELECT site_id, sha256(site_id || int8send(id)), int8send(id), '\x00', id FROM contact;
INSERT INTO device (site_id, digest, contact_id, key_id, bound_at)
    SELECT site_id, sha256(site_id || int8send(id)), id, 'k1', id FROM contact WHERE id % 2 = 0;
INSERT INTO watermark_log (site_id, contact_id, kind, from_position, to_position, number, at)
    SELECT site_id, id, g % 3, g, g + 1, g, id + g FROM contact, generate_series(1, 3) AS g;

-- One message in ten is for everyone; the others are for forty contacts each.
INSERT INTO message (site_id, id, everyone, state, content, category, pinned, created_at, publish_at, expires_at, recalled_at, position, test)
    SELECT id, substr(sha256(id || int4send(g)), 1, 16), CASE WHEN g % 10 = 0 THEN 1 ELSE 0 END,
        CASE WHEN g % 50 = 0 THEN 0 WHEN g % 90 = 0 THEN 3 ELSE 1 END, '{"en":{"title":"Title","body":"Body"}}', 'c' || g % 5, CASE WHEN g % 100 = 0 THEN 1 ELSE 0 END,
        g, g, CASE WHEN g % 4 = 0 THEN g END, CASE WHEN g % 40 = 0 THEN g END, g, CASE WHEN g % 20 = 0 THEN 1 ELSE 0 END
    FROM sites, generate_series(1, contacts / 10) AS g;
INSERT INTO recipient (site_id, contact_id, position, message_id, pinned, expires_at, category)
    SELECT m.site_id, CASE WHEN m.everyone = 1 THEN 0 ELSE 1 + (m.position * 37 + g * 11) % s.contacts END, m.position, m.id, m.pinned,
        m.expires_at, m.category
    FROM message AS m JOIN sites AS s ON s.id = m.site_id, generate_series(1, 40) AS g WHERE m.everyone = 0 OR g = 1
    ON CONFLICT DO NOTHING;
-- A reader has receipts of half of its messages, and of some of those for everyone.
INSERT INTO receipt (site_id, contact_id, message_id, position, read_at, clicked_at, archived_at, deleted_at, unread_epoch)
    SELECT site_id, contact, message_id, position, CASE WHEN contact % 3 = 0 THEN position END,
        CASE WHEN contact % 9 = 0 THEN position END, CASE WHEN contact % 5 = 0 THEN position END,
        CASE WHEN contact % 11 = 0 THEN position END, CASE WHEN contact % 7 = 0 THEN 0 END
    FROM (SELECT r.*, contact_id AS contact FROM recipient AS r WHERE contact_id > 0 AND position % 2 = 0
        UNION ALL SELECT r.*, (position + g * 53) % s.contacts + 1 FROM recipient AS r JOIN sites AS s ON s.id = r.site_id,
            generate_series(1, 400) AS g WHERE contact_id = 0 AND g * 53 < s.contacts) AS marked;
INSERT INTO fan_out (site_id, message_id, priority, sequence)
    SELECT site_id, id, position % 2, position FROM message WHERE position % 200 = 1;
INSERT INTO fan_out_chunk (site_id, message_id, number, contacts)
    SELECT site_id, message_id, g, '[]' FROM fan_out, generate_series(1, 5) AS g;

INSERT INTO segment (site_id, number, name, hash, in_use, created_at, updated_at, list_count, condition)
    SELECT id, g, CASE WHEN g % 2 = 0 THEN 's' || g END, sha256(int4send(g)), g / 2 % 2, 1, 1, 1, '{"language":["de"]}' FROM sites, generate_series(1, items) AS g;
INSERT INTO segment_member (site_id, segment, list, contact_id)
    SELECT c.site_id, g, 0, c.id FROM contact AS c JOIN sites AS s ON s.id = c.site_id, generate_series(1, items) AS g WHERE c.id % 20 = g % 20;
INSERT INTO import (site_id, id, state, options, total, processed, created_at, finished_at)
    SELECT id, int4send(g), CASE WHEN g < 3 THEN 1 ELSE 2 END, '{}', 1, g, g, CASE WHEN g > 2 THEN g END
    FROM sites, generate_series(1, items) AS g;
INSERT INTO import_part (site_id, import_id, number, rows) SELECT site_id, id, g, '[]' FROM import, generate_series(1, 4) AS g;
INSERT INTO import_problem (site_id, import_id, number, row, field, reason, imported)
    SELECT site_id, id, g, g, 'email', 'r', 0 FROM import, generate_series(1, 4) AS g;
INSERT INTO theme (site_id, version, state, created_at, sheet_file, warnings, first_css)
    SELECT id, g, CASE WHEN g > 2 THEN 2 ELSE g - 1 END, g, 'f' || g, '[]', '' FROM sites, generate_series(1, items) AS g;
INSERT INTO theme_file (site_id, name, content_type, body) SELECT site_id, sheet_file, 'text/css', '' FROM theme;
INSERT INTO theme_file_use (site_id, version, name) SELECT site_id, version, sheet_file FROM theme;
INSERT INTO preview_link (site_id, digest, version, expires_at) SELECT site_id, int8send(version), version, version FROM theme;

INSERT INTO account (email, name, password, language, is_operator, created_at)
    SELECT g || '@example.com', 'A', '', 'en', 0, 1 FROM generate_series(1, 200) AS g;
INSERT INTO membership (site_id, account_id, role)
    SELECT s.id, a.id, CASE WHEN a.id % 5 = 0 THEN 'owner' ELSE 'agent' END FROM sites AS s, account AS a WHERE a.id % 40 = s.number % 40;
INSERT INTO invitation (digest, site_id, role, invited_by, expires_at)
    SELECT sha256(s.id || int8send(a.id)), s.id, 'agent', a.id, a.id FROM sites AS s, account AS a WHERE a.id % 40 = s.number % 40;
INSERT INTO console_session (digest, account_id, data, expires_at) SELECT sha256(int8send(id * 10 + g)), id, '', g FROM account, generate_series(1, 5) AS g;
INSERT INTO trusted_browser (account_id, digest, expires_at) SELECT id, int4send(g), g FROM account, generate_series(1, 5) AS g;
INSERT INTO setup_token (digest, expires_at) VALUES ('\x00', 1);

INSERT INTO inbox (site_id, uuid, identifier, name, settings, hmac_token, callback_secret, created_at, updated_at)
    SELECT id, substr(sha256(id || int4send(g)), 1, 16), encode(sha256(id || int4send(g)), 'hex'), 'Inbox', '{}', '', '', 1, 1
    FROM sites, generate_series(1, items / 4) AS g;
INSERT INTO agent (site_id, name, email, role, pubsub_token, pubsub_digest, created_at, token_digest, account_id)
    SELECT id, 'Agent', 'a' || g, 0, '', sha256(id || int4send(g)), 1, sha256(id || int4send(g)), g FROM sites, generate_series(1, items / 4) AS g;
INSERT INTO agent (site_id, name, email, role, pubsub_token, pubsub_digest, created_at, external_id)
    SELECT id, 'Agent', '', 0, '', sha256(id || int4send(g + 1000)), 1, 'x' || g FROM sites, generate_series(1, contacts / 10) AS g;
INSERT INTO inbox_member (site_id, inbox_id, agent_id)
    SELECT i.site_id, i.id, a.id FROM inbox AS i JOIN agent AS a ON a.site_id = i.site_id AND a.external_id IS NULL;
INSERT INTO canned_response (site_id, short_code, content, search_text, created_at, updated_at)
    SELECT id, 'c' || g, '', 'c' || g, 1, 1 FROM sites, generate_series(1, items) AS g;
INSERT INTO sdk_key (site_id, inbox_id, label, secret, created_at) SELECT site_id, id, '', '', 1 FROM inbox, generate_series(1, 5);
INSERT INTO sdk_token (digest, site_id, kind, key_id, agent_id, roles, expires_at, session_expires_at)
    SELECT sha256(int8send(a.id * 10 + g)), a.site_id, g % 2, 1, a.id, '[]', g, g FROM agent AS a, generate_series(1, 3) AS g;
INSERT INTO contact_inbox (site_id, inbox_id, contact_id, source_id, pubsub_token, pubsub_digest, hmac_verified, created_at, updated_at)
    SELECT c.site_id, i.id, c.id, 's' || c.id, '', sha256(c.site_id || int8send(c.id)), c.id % 2, 1, 1
    FROM contact AS c JOIN (SELECT site_id, min(id) AS id FROM inbox GROUP BY site_id) AS i ON i.site_id = c.site_id;
INSERT INTO conversation (site_id, number, uuid, inbox_id, contact_id, contact_inbox_id, status, created_at, updated_at,
        last_activity_at, last_agent_message_at, snoozed_until)
    SELECT site_id, contact_id, substr(sha256(site_id || int8send(contact_id)), 1, 16), inbox_id, contact_id, id, contact_id % 4, 1, 1, contact_id,
        CASE WHEN contact_id % 20 = 0 THEN contact_id END, CASE WHEN contact_id % 4 = 3 THEN contact_id END
    FROM contact_inbox;
INSERT INTO conversation_message (site_id, conversation, id, kind, content, content_type, sender, private, status, created_at, updated_at)
    SELECT site_id, number, number * 10 + g, g % 3, 'text', 0, -1, g / 3 % 2, CASE WHEN g % 3 = 1 THEN 2 ELSE 0 END, 1, 1
    FROM conversation, generate_series(1, 3) AS g;
INSERT INTO conversation_list (site_id, scope, label, assignee, status, activity, number)
    SELECT v.site_id, scope, '', assignee, v.status, v.last_activity_at, v.number
    FROM conversation AS v, LATERAL (VALUES (0), (v.inbox_id)) AS x (scope), (VALUES (-1), (0)) AS y (assignee);
INSERT INTO conversation_watcher (site_id, agent_id, number)
    SELECT v.site_id, a.id + v.number % 20, v.number
    FROM conversation AS v JOIN (SELECT site_id, min(id) AS id FROM agent GROUP BY site_id) AS a ON a.site_id = v.site_id WHERE v.number % 10 = 0;
INSERT INTO message_word (site, word, message)
    SELECT s.number, 'w' || m.row % 3000, m.row FROM conversation_message AS m JOIN sites AS s ON s.id = m.site_id;
INSERT INTO attachment (site_id, id, message, key, file_type, filename, content_type, size, digest, thumbnail_digest)
    SELECT site_id, row, id, 'k' || row, 0, 'f', 'image/png', 1, int8send(row), int8send(row) FROM conversation_message WHERE row % 20 = 0;
INSERT INTO attachment_blob (site_id, digest, bytes) SELECT site_id, digest, '\x00' FROM attachment;
INSERT INTO deletion_queue (site_id, kind, number) SELECT id, g % 3, g FROM sites, generate_series(1, items) AS g;

INSERT INTO webhook_endpoint (site_id, id, kind, url, description, events, enabled, created_at, inbox_id)
    SELECT i.site_id, int8send(g) || int8send(i.id), g, 'https://hook.example/', '', 7, g % 2, 1, CASE WHEN g = 2 THEN i.id END FROM inbox AS i, generate_series(0, 2) AS g;
INSERT INTO webhook_secret (endpoint, secret) SELECT number, '' FROM webhook_endpoint;
INSERT INTO webhook_delivery (site_id, endpoint, event, type, contact_id, body, state, next_at, created_at, queued_at, finished_at, subject)
    SELECT site_id, number, 'e', 'message', 1 + g % 20, '', CASE WHEN g % 10 = 0 THEN 0 ELSE 1 + g % 2 END, CASE WHEN g % 10 = 0 THEN g END, g, g,
        CASE WHEN g % 10 <> 0 THEN g END, 's' || g FROM webhook_endpoint, generate_series(1, 40) AS g;

UPDATE site_counter SET last_conversation = 20000, last_message = 1000000, last_attachment = 1000000;
