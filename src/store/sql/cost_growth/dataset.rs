//! The rows around what is measured: other contacts of the site, other sites, and all of their
//! rows.
//!
//! Written with SQL, since verbs would take minutes. A change of the schema must be repeated here.

use super::super::{encryption, secret_locations};
use crate::{
    SqliteOptions,
    db::{Connection, query, query_as},
    sqlite::open,
};
use belfry_domain::{ContactId, SiteId};

/// In the middle of all sites.
pub fn site() -> SiteId {
    SiteId::from_bytes([0x80; 16])
}

/// A site of the same size in each database.
pub fn small_site() -> SiteId {
    SiteId::from_bytes([0x40; 16])
}

/// A key of each site.
pub const KEY: &str = "key";

/// Replaces the placeholders in the statements below. `@NOW` is the default time of the contract
/// tests; `@UNIT` is the number of most things in the measured site, `@PLACE` the first position of
/// its messages.
fn with_numbers(factor: i64) -> String {
    STATEMENTS
        .replace("@NOW", "1800000000000")
        .replace("@DAY", "86400000")
        .replace("@PLACE", "1700000000000000")
        .replace("@SITES", &(2 * factor).to_string())
        .replace("@CONTACTS", &(20 * factor).to_string())
        .replace("@UNIT", &(5 * factor).to_string())
        // Fewer than the retention cap of a feed, so that there is no excess.
        .replace("@BROADCASTS", &(9 * factor).to_string())
        .replace("@ACCOUNTS", &(10 * factor).to_string())
}

/// Published messages to a feed of the small site, newer than all others.
pub fn messages_to(feed: i64, count: i64) -> String {
    let (site, now) = ("x'40404040404040404040404040404040'", 1_800_000_000_000_i64);
    let everyone = i64::from(feed == 0);
    let id =
        |i| format!("0190{:08x}{:04x}{i:016x}", (i * 2_654_435_761) & 0xffff_ffff, 11 + everyone);
    let rows: Vec<_> = (1..=count).map(|i| format!("({i}, x'{}')", id(i))).collect();
    let rows = rows.join(",");
    format!(
        "CREATE TEMP TABLE sent AS WITH sent (i, id) AS (VALUES {rows}) SELECT i, id FROM sent;
         INSERT INTO message (site_id, id, everyone, state, content, pinned, created_at, publish_at, position)
            SELECT {site}, id, {everyone}, 1, '{{\"en\":{{\"title\":\"\",\"body\":\"\"}}}}', 0, {now}, {now}, 1700000000500000 + i FROM sent;
         INSERT INTO recipient (site_id, contact_id, position, message_id, pinned) SELECT {site}, {feed}, 1700000000500000 + i, id, 0 FROM sent;
         UPDATE contact SET recipient_rows = recipient_rows + {count} WHERE site_id = {site} AND id = {feed};
         DROP TABLE sent;"
    )
}

/// Marks everything sent so far as read by a contact of the measured site.
pub fn up_to_date(contact: ContactId) -> String {
    format!(
        "UPDATE contact SET (delivered_position, seen_position, read_position) =
            (SELECT last_position, last_position, last_position FROM site WHERE id = contact.site_id)
         WHERE site_id = x'80808080808080808080808080808080' AND id = {}",
        contact.0
    )
}

/// Fills the database. The content is the same in each run.
pub async fn fill(options: &SqliteOptions, factor: i64) {
    let mut connection = open::writer(options).await.unwrap();
    for pragma in
        ["PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -200000"]
    {
        query(pragma).execute(&mut connection).await.unwrap();
    }
    let mut transaction = connection.begin().await.unwrap();
    transaction.run_script(sqlx::AssertSqlSafe(with_numbers(factor))).await.unwrap();
    transaction.commit().await.unwrap();
    encrypt_signing_secrets(&mut connection, options).await;
    let broken = query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(broken.is_empty(), "{} rows have dangling references", broken.len());
    connection.close().await.unwrap();
}

/// Statements can't encrypt.
async fn encrypt_signing_secrets(connection: &mut Connection, options: &SqliteOptions) {
    let vault =
        encryption::load_or_create_vault(connection, &options.secret_key_path()).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let rows: Vec<(i64, Vec<u8>)> = query_as(
        "SELECT s.endpoint, e.site_id FROM webhook_secret AS s JOIN webhook_endpoint AS e ON e.number = s.endpoint",
    )
    .fetch_all(&mut transaction)
    .await
    .unwrap();
    for (endpoint, site) in rows {
        let place = secret_locations::signing_secret(
            SiteId::from_bytes(site.try_into().unwrap()),
            endpoint,
        );
        query("UPDATE webhook_secret SET secret = ?2 WHERE endpoint = ?1")
            .bind(endpoint)
            .bind(vault.encrypt(&place, b"secret").unwrap())
            .execute(&mut transaction)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
}

// `hash` spreads the rows over the keys; a value that starts with it is unique together with the
// site or a number after it.
const STATEMENTS: &str = "
CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < max(@CONTACTS, @SITES, @BROADCASTS, @ACCOUNTS))
    SELECT i, printf('%08x', (i * 2654435761) & 0xffffffff) AS hash FROM n;

INSERT INTO site (id, name, origins, selector, insert_position, language, created_at, version, broadcast_version, last_position, next_contact, next_segment)
    SELECT unhex(hash || printf('%024x', i)), 'Site ' || i, '[\"https://shop.example\",\"https://s' || i || '.example\"]', '#bell', 'beforeend', 'en',
        @NOW - 9 * @DAY, 9, 9, @PLACE + 1000000, 100, 100 FROM n WHERE i <= @SITES;
INSERT INTO site (id, name, origins, selector, insert_position, language, created_at, version, broadcast_version, last_position, next_contact, next_segment)
    VALUES (unhex(replace(hex(zeroblob(16)), '00', '80')), 'Shop', '[\"https://shop.example\"]', '#bell', 'beforeend', 'en', @NOW, 9, 9,
        @PLACE + 1000000, @CONTACTS + 1, 10 * @UNIT),
        (unhex(replace(hex(zeroblob(16)), '00', '40')), 'Small', '[\"https://small.example\"]', '#bell', 'beforeend', 'en', @NOW, 9, 9,
        @PLACE + 1000000, 100, 100);
CREATE TEMP TABLE place AS SELECT id AS site, hex(id) AS h, id = unhex(replace(hex(zeroblob(16)), '00', '80')) AS measured FROM site;
CREATE TEMP TABLE person AS SELECT site, h, measured, i AS c, hash FROM place CROSS JOIN n ON n.i <= CASE WHEN measured THEN @CONTACTS ELSE 10 END;

INSERT INTO api_key (site_id, id, name, digest, created_at) SELECT site, 'key', 'Key', unhex(h || h), @NOW FROM place;

INSERT INTO contact (site_id, id, external_id, email, phone, first_name, last_name, language, attributes, created_at, updated_at, version,
        read_position, seen_position, delivered_position, first_name_key, last_name_key, search_key, recipient_rows)
    SELECT site, c, 'c' || c, 'c' || c || '@shop.example', printf('+38067%07d', c), 'Ann', 'Lee', 'uk', '{\"plan\":\"free\"}', @NOW - @DAY, @NOW - @DAY, 5,
        @PLACE + c, @PLACE + c, @PLACE + c, 'ann', 'lee', 'ann lee' || char(10) || 'c' || c || '@shop.example', 1 FROM person;
INSERT INTO contact_token (site_id, digest, contact_id, family, key_id, expires_at)
    SELECT site, unhex(hash || h || printf('%024x', c)), c, unhex(hash || hash || substr(h, 1, 16)), 'key', @NOW + @DAY FROM person;
INSERT INTO widget_session (site_id, digest, contact_id, family, key_id, expires_at)
    SELECT site, unhex(hash || h || printf('%016x%08x', c, kind.i)), c, unhex(hash || hash || substr(h, 1, 16)), 'key', @NOW + @DAY
    FROM person CROSS JOIN (SELECT i FROM n WHERE i <= 2) AS kind;
INSERT INTO token_family (site_id, family, contact_id, key_id, expires_at, ends_at)
    SELECT site, unhex(hash || hash || substr(h, 1, 16)), c, 'key', @NOW + @DAY, @NOW + 9 * @DAY FROM person;
INSERT INTO token_chain (site_id, digest, family, current_token, recent_tokens, expires_at)
    SELECT site, unhex(hash || h || printf('%016x%08x', c, kind.i)), unhex(hash || hash || substr(h, 1, 16)), zeroblob(32), x'', @NOW + @DAY
    FROM person CROSS JOIN (SELECT i FROM n WHERE i <= 2) AS kind;
INSERT INTO device (site_id, digest, contact_id, key_id, bound_at)
    SELECT site, unhex(hash || h || printf('%024x', c)), c, 'key', @NOW - @DAY FROM person;
INSERT INTO mute (site_id, contact_id, category, at) SELECT site, c, 'offers', @NOW - @DAY FROM person;
INSERT INTO watermark_log (site_id, contact_id, kind, from_position, to_position, number, at)
    SELECT site, c, kind.i, 0, @PLACE + c, 0, @NOW - @DAY FROM person CROSS JOIN (SELECT i FROM n WHERE i <= 2) AS kind;

-- One for each person, which was read.
CREATE TEMP TABLE own AS SELECT site, h, c, unhex(printf('0190%s0001%016x', hash, c)) AS id FROM person;
INSERT INTO message (site_id, id, everyone, state, content, category, pinned, created_at, publish_at, position)
    SELECT site, id, 0, 1, '{\"en\":{\"title\":\"Own\",\"body\":\"\"}}', 'orders', 0, @NOW - @DAY - c, @NOW - @DAY - c, @PLACE + 20000 + c FROM own;
INSERT INTO recipient (site_id, contact_id, position, message_id, pinned, category) SELECT site, c, @PLACE + 20000 + c, id, 0, 'orders' FROM own;
INSERT INTO receipt (site_id, contact_id, message_id, position, read_at) SELECT site, c, id, @PLACE + 20000 + c, @NOW - @DAY FROM own;

-- To everyone: shown, of which some end later; waiting; and recalled.
CREATE TEMP TABLE broadcast AS SELECT site, i, kind, unhex(printf('0190%s%04x%016x', hash, 2 + kind, i)) AS id
    FROM place CROSS JOIN (SELECT 1 AS kind UNION ALL SELECT 0 UNION ALL SELECT 3)
    CROSS JOIN n ON n.i <= CASE WHEN NOT measured THEN 5 WHEN kind = 1 THEN @BROADCASTS ELSE @UNIT END;
INSERT INTO message (site_id, id, everyone, state, content, category, pinned, created_at, publish_at, expires_at, recalled_at, position)
    SELECT site, id, 1, kind, '{\"en\":{\"title\":\"All\",\"body\":\"\"}}', 'news', 0, @NOW - @DAY - i,
        CASE kind WHEN 0 THEN @NOW + @DAY + i ELSE @NOW - @DAY - i END, CASE WHEN i % 3 = 0 THEN @NOW + 3 * @DAY + i END,
        CASE kind WHEN 3 THEN @NOW - @DAY END, CASE kind WHEN 0 THEN 0 ELSE @PLACE + 10 * i + kind END FROM broadcast;
INSERT INTO recipient (site_id, contact_id, position, message_id, pinned, expires_at, category)
    SELECT site, 0, CASE kind WHEN 0 THEN 0 WHEN 3 THEN - @PLACE - 10 * i - kind ELSE @PLACE + 10 * i + kind END, id, 0,
        CASE WHEN i % 3 = 0 THEN @NOW + 3 * @DAY + i END, 'news' FROM broadcast;

INSERT INTO idempotency (site_id, kind, key, fingerprint, message_id, created_at) SELECT site, 1, 'i' || c, unhex(h || h), id, @NOW - 3600000 FROM own;
INSERT INTO idempotency (site_id, kind, key, fingerprint, run, created_at, status, body) SELECT site, 0, 'r' || c, unhex(h || h), site, @NOW - 3600000, 200, x'00' FROM own;
INSERT INTO audit_entry (site_id, actor_kind, actor, action, subject, at) SELECT site, 'system', '', 'thing.done', c, @NOW - @DAY FROM person ORDER BY c, site;
INSERT INTO audit_entry (site_id, actor_kind, actor, action, subject, at) SELECT NULL, 'system', '', 'thing.done', i, @NOW - @DAY FROM n WHERE i <= @UNIT;
INSERT INTO shared_value (site_id, digest, kind, value, expires_at)
    SELECT site, unhex(h || printf('%032x', i)), 0, x'00', @NOW + @DAY FROM place CROSS JOIN n ON n.i <= CASE WHEN measured THEN @UNIT ELSE 2 END;
INSERT INTO attempt (subject, full_at) SELECT DISTINCT unhex(printf('%064x', i)), @NOW + @DAY FROM n;
INSERT INTO install_event (site_id, step, origin, issue, at)
    SELECT site, 'widget', 'https://o' || i || '.example', '', @NOW - i FROM place CROSS JOIN n ON n.i <= 20;
INSERT INTO picture (site_id, name, kind, created_at, body)
    SELECT site, 'p' || i || '.gif', 'gif', @NOW - @DAY, x'00' FROM place CROSS JOIN n ON n.i <= CASE WHEN measured THEN @UNIT ELSE 3 END;

-- Segments that no message goes to, with and without names, and one with members; other sites have one in use.
INSERT INTO segment (site_id, number, name, hash, in_use, created_at, updated_at, inline_used_at, list_count, condition)
    SELECT site, i, CASE WHEN i % 2 = 0 THEN 'Segment ' || i END, unhex(hash || h || printf('%024x', i)), 0, @NOW - @DAY, @NOW - @DAY, @NOW, i = 2,
        CASE WHEN i = 2 THEN '{\"contacts\":0}' ELSE '{\"all\":[]}' END FROM place CROSS JOIN n ON n.i <= CASE WHEN measured THEN 2 * @UNIT ELSE 4 END;
INSERT INTO segment_member (site_id, segment, list, contact_id) SELECT site, 2, 0, c FROM person;
UPDATE segment SET in_use = 1 WHERE number = 4 AND site_id NOT IN (SELECT site FROM place WHERE measured);
UPDATE site SET segment_generation = 1 WHERE id NOT IN (SELECT site FROM place WHERE measured);
INSERT INTO message (site_id, id, everyone, state, content, category, pinned, created_at, publish_at, position)
    SELECT site, unhex('01900000000000090000000000000000'), 0, 1, '{\"en\":{\"title\":\"Segment\",\"body\":\"\"}}', NULL, 0, @NOW - @DAY, @NOW - @DAY, @PLACE
    FROM place WHERE NOT measured;
INSERT INTO recipient (site_id, contact_id, position, message_id, pinned)
    SELECT site, -4, @PLACE, unhex('01900000000000090000000000000000'), 0 FROM place WHERE NOT measured;

-- Messages to a segment of the measured site that were cancelled before they were shown.
CREATE TEMP TABLE cancelled AS SELECT site, i, unhex(printf('0190%s0008%016x', hash, i)) AS id FROM place CROSS JOIN n ON n.i <= @UNIT WHERE measured;
INSERT INTO message (site_id, id, everyone, state, content, pinned, created_at, publish_at, recalled_at, position)
    SELECT site, id, 0, 3, '{\"en\":{\"title\":\"Cancelled\",\"body\":\"\"}}', 0, @NOW - @DAY - i, @NOW - @DAY, @NOW - @DAY, 0 FROM cancelled;
INSERT INTO recipient (site_id, contact_id, position, message_id, pinned) SELECT site, -6, 0, id, 0 FROM cancelled;

-- Imports that are over, and one of each other site that goes on.
CREATE TEMP TABLE old_import AS SELECT site, measured, i, unhex(hash || printf('%024x', i)) AS id FROM place CROSS JOIN n
    ON n.i <= CASE WHEN measured THEN @UNIT ELSE 3 END;
INSERT INTO import (site_id, id, state, options, total, processed, created_at, started_at, finished_at)
    SELECT site, id, CASE WHEN i = 3 AND NOT measured THEN 1 ELSE 2 END, '{}', 9, 9, @NOW - @DAY, @NOW - @DAY,
        CASE WHEN i = 3 AND NOT measured THEN NULL ELSE @NOW - @DAY END FROM old_import;
INSERT INTO import_part (site_id, import_id, number, rows) SELECT site, id, 0, '[]' FROM old_import WHERE i = 3 AND NOT measured;
INSERT INTO import_problem (site_id, import_id, number, row, field, reason, imported)
    SELECT site, id, k.i, k.i, 'email', 'is odd', 0 FROM old_import CROSS JOIN (SELECT i FROM n WHERE i <= 2) AS k;

-- Themes that were published once, each with a style sheet of its own and a drawing of all.
CREATE TEMP TABLE look AS SELECT site, h, i FROM place CROSS JOIN n ON n.i <= CASE WHEN measured THEN @UNIT ELSE 2 END;
INSERT INTO theme (site_id, version, state, created_at, published_at, sheet_file, warnings, first_css, css)
    SELECT site, i, 2, @NOW - @DAY, @NOW - @DAY, i || '.css', '[]', '', '' FROM look;
INSERT INTO theme_file (site_id, name, content_type, body) SELECT site, i || '.css', 'text/css', '' FROM look
    UNION ALL SELECT site, 'all.svg', 'image/svg+xml', '' FROM place;
INSERT INTO theme_file_use (site_id, version, name) SELECT site, i, i || '.css' FROM look UNION ALL SELECT site, i, 'all.svg' FROM look;
INSERT INTO preview_link (site_id, digest, version, expires_at)
    SELECT site, unhex(printf('%08x', (look.i * 2654435761) & 0xffffffff) || h || printf('%016x%08x', look.i, k.i)), look.i, @NOW + @DAY
    FROM look CROSS JOIN (SELECT i FROM n WHERE i <= 2) AS k;
UPDATE site SET last_theme_version = @UNIT;

-- Three endpoints of the measured site and one of each other, with deliveries of every state; of those that wait, each waits for its time.
INSERT INTO webhook_endpoint (site_id, id, kind, url, description, events, enabled, created_at)
    SELECT site, unhex(printf('%032x', i)), measured AND i = 2, 'https://hooks.example/', '', CASE i WHEN 1 THEN 127 ELSE 0 END, 1, @NOW - @DAY FROM place CROSS JOIN n ON n.i <= CASE WHEN measured THEN 3 ELSE 1 END;
INSERT INTO webhook_secret (endpoint, secret) SELECT number, 'secret' FROM webhook_endpoint;
CREATE TEMP TABLE sent AS SELECT number AS endpoint, webhook_endpoint.site_id AS site, i, state FROM webhook_endpoint
    JOIN place ON place.site = webhook_endpoint.site_id CROSS JOIN (SELECT 0 AS state UNION ALL SELECT 1 UNION ALL SELECT 2)
    CROSS JOIN n ON n.i <= CASE WHEN measured THEN @UNIT ELSE 2 END;
INSERT INTO webhook_delivery (site_id, endpoint, event, type, contact_id, body, state, attempts, next_at, created_at, queued_at, finished_at)
    SELECT site, endpoint, 'evt_' || i, 'contact.created', i, '{}', state, 1, CASE state WHEN 0 THEN @NOW + @DAY + i END, @NOW - @DAY / 2, @NOW - @DAY / 2,
        CASE WHEN state > 0 THEN @NOW - @DAY / 2 END FROM sent ORDER BY i, endpoint;

INSERT INTO account (email, name, password, language, is_operator, created_at) SELECT 'a' || i || '@example.com', 'Olha', 'hash', 'en', 0, @NOW
    FROM n WHERE i <= @ACCOUNTS;
INSERT INTO membership (site_id, account_id, role) SELECT site, id, 'viewer' FROM place CROSS JOIN account WHERE measured
    UNION ALL SELECT site, 1 + (place.rowid * 7) % @ACCOUNTS, 'owner' FROM place WHERE NOT measured;
INSERT INTO invitation (digest, site_id, role, email, invited_by, expires_at)
    SELECT unhex(hash || h || printf('%024x', i)), site, 'viewer', NULL, 1, @NOW + @DAY
    FROM place CROSS JOIN n ON n.i <= CASE WHEN measured THEN @UNIT ELSE 1 END;
INSERT INTO console_session (digest, account_id, data, expires_at, ends_at)
    SELECT unhex(printf('%064x', id)), id, '{}', @NOW + @DAY, @NOW + 9 * @DAY FROM account;
INSERT INTO trusted_browser (account_id, digest, expires_at)
    SELECT id, unhex(printf('%064x', id)), @NOW + 9 * @DAY FROM account;

-- Conversations: of each person one, in the one inbox of their site. What is sealed is not asked for.
INSERT INTO inbox (site_id, uuid, identifier, name, settings, hmac_token, callback_secret, created_at, updated_at)
    SELECT site, site, 'inbox-' || h, 'Support', '{\"name\":\"Support\"}', '', '', @NOW, @NOW FROM place;
INSERT INTO agent (site_id, name, email, role, pubsub_token, pubsub_digest, created_at)
    SELECT site, 'Ada', 'ada@shop.example', 0, '', unhex(h || h), @NOW FROM place;
INSERT INTO inbox_member (site_id, inbox_id, agent_id) SELECT i.site_id, i.id, a.id FROM inbox AS i JOIN agent AS a ON a.site_id = i.site_id;
INSERT INTO canned_response (site_id, short_code, content, search_text, created_at, updated_at)
    SELECT site, 'hello', 'Hello', 'hello' || char(10) || 'hello', @NOW, @NOW FROM place;
INSERT INTO contact_inbox (site_id, inbox_id, contact_id, source_id, pubsub_token, pubsub_digest, created_at, updated_at)
    SELECT p.site, i.id, p.c, 's' || p.c, '', unhex(p.hash || p.h || printf('%024x', p.c)), @NOW - @DAY, @NOW - @DAY
    FROM person AS p JOIN inbox AS i ON i.site_id = p.site;
INSERT INTO conversation (site_id, number, uuid, inbox_id, contact_id, contact_inbox_id, status, assignee_id, created_at, updated_at,
        last_activity_at, last_incoming_at, last_message, last_spoken_message)
    SELECT s.site_id, s.contact_id, unhex(printf('%032x', s.contact_id)), s.inbox_id, s.contact_id, s.id, s.contact_id % 2, CASE WHEN s.contact_id % 3 = 0 THEN a.id END,
        @NOW - @DAY, @NOW - @DAY, @NOW - @DAY + s.contact_id, @NOW - @DAY, 2 * s.contact_id, 2 * s.contact_id
    FROM contact_inbox AS s JOIN agent AS a ON a.site_id = s.site_id;
INSERT INTO conversation_list (site_id, scope, label, assignee, status, activity, number)
    SELECT v.site_id, scope.value, '', assignee.value, v.status, v.last_activity_at, v.number
    FROM conversation AS v CROSS JOIN json_each(json_array(0, v.inbox_id)) AS scope
    CROSS JOIN json_each(CASE WHEN v.assignee_id IS NULL THEN json_array(-1, 0) ELSE json_array(-1, -2, v.assignee_id) END) AS assignee;
UPDATE conversation SET labels = '[\"common\"]' WHERE number % 2 = 0;
INSERT INTO conversation_list (site_id, scope, label, assignee, status, activity, number)
    SELECT l.site_id, l.scope, 'common', l.assignee, l.status, l.activity, l.number FROM conversation_list AS l WHERE l.number % 2 = 0;
INSERT INTO conversation_message (site_id, conversation, id, kind, content, content_type, sender, status, created_at, updated_at)
    SELECT v.site_id, v.number, 2 * v.number - kind.i, 1 - kind.i, 'Parcel', 0, 0 - kind.i, 0, @NOW - @DAY, @NOW - @DAY
    FROM conversation AS v CROSS JOIN (SELECT 0 AS i UNION ALL SELECT 1) AS kind;
INSERT INTO message_word (site, word, message) SELECT n.number, 'parcel', m.row FROM conversation_message AS m JOIN site_counter AS n ON n.site_id = m.site_id;
INSERT INTO contact_word (site, word, contact) SELECT n.number, 'ann', v.contact_id FROM conversation AS v JOIN site_counter AS n ON n.site_id = v.site_id;
INSERT INTO attachment_blob (site_id, digest, bytes) SELECT site, unhex(hash || h || printf('%024x', c)), x'00' FROM person;
INSERT INTO attachment (site_id, id, message, key, file_type, filename, content_type, size, digest)
    SELECT site, c, 2 * c, h || '-' || c, 3, 'a.bin', 'application/octet-stream', 1, unhex(hash || h || printf('%024x', c)) FROM person;
UPDATE conversation_message SET attachments = 1 WHERE id % 2 = 0;
UPDATE site_counter SET (last_conversation, last_message, last_attachment) =
    (SELECT max(number), 2 * max(number), max(number) FROM conversation WHERE conversation.site_id = site_counter.site_id);

-- The Inbox SDK: some agents with sessions on each site.
INSERT INTO agent (site_id, name, email, role, pubsub_token, pubsub_digest, created_at, external_id)
    SELECT site, 'Ben', '', 0, '', unhex(printf('%032x%032x', place.rowid, i)), @NOW, 'b' || i FROM place CROSS JOIN n ON n.i <= 3;
INSERT INTO sdk_key (site_id, inbox_id, label, secret, created_at) SELECT site, 0, 'key', '', @NOW FROM place;
INSERT INTO sdk_token (digest, site_id, kind, key_id, agent_id, roles, expires_at, session_expires_at)
    SELECT unhex(printf('%064x', a.id)), a.site_id, 0, k.id, a.id, '[]', @NOW + @DAY, @NOW + @DAY
    FROM sdk_key AS k JOIN agent AS a ON a.site_id = k.site_id AND a.external_id IS NOT NULL;
UPDATE site_counter SET sdk_agents = 3;

DROP TABLE sent; DROP TABLE cancelled; DROP TABLE look; DROP TABLE old_import; DROP TABLE broadcast; DROP TABLE own; DROP TABLE person; DROP TABLE place; DROP TABLE n;
";

/// Snoozes every conversation until a time in the past.
pub const SNOOZE_ALL: &str = "UPDATE conversation SET status = 3, snoozed_until = 1 WHERE deleted = 0; UPDATE conversation_list SET status = 3";

/// Gives each conversation of the measured site 20 labels, its second message 15 attachments, and
/// its inbox a callback URL.
pub const FULL_CONVERSATIONS: &str = "
CREATE TEMP TABLE label AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20) SELECT i, 'label ' || i AS name FROM n;
INSERT INTO conversation_list (site_id, scope, label, assignee, status, activity, number)
    SELECT l.site_id, l.scope, label.name, l.assignee, l.status, l.activity, l.number FROM conversation_list AS l CROSS JOIN label
    WHERE l.site_id = x'80808080808080808080808080808080' AND l.label = '' AND EXISTS (
        SELECT 1 FROM conversation AS v WHERE v.site_id = l.site_id AND v.number = l.number AND v.labels = '[]');
UPDATE conversation SET labels = (SELECT json_group_array(name) FROM label) WHERE site_id = x'80808080808080808080808080808080' AND labels = '[]';
INSERT INTO attachment (site_id, id, message, key, file_type, filename, content_type, size, digest, thumbnail_digest)
    SELECT a.site_id, 1000000 * label.i + a.id, a.message, a.key || '-' || label.i, 3, 'a.bin', 'application/octet-stream', 1,
        randomblob(32), randomblob(32) FROM attachment AS a CROSS JOIN label WHERE a.site_id = x'80808080808080808080808080808080' AND label.i < 15;
DROP TABLE label;
INSERT INTO webhook_endpoint (site_id, id, kind, url, description, events, enabled, created_at, inbox_id)
    SELECT site_id, x'cccccccccccccccccccccccccccccccc', 2, 'https://a.example/in', '', 0, 1, 0, min(id) FROM inbox
    WHERE site_id = x'80808080808080808080808080808080';
";

/// Makes a message of each conversation of the measured site wait too long for its callback URL,
/// without the other waiting deliveries.
pub const UNDELIVERED_MESSAGES: &str = "
DELETE FROM webhook_delivery WHERE state = 0 AND endpoint IN (SELECT number FROM webhook_endpoint WHERE kind > 1);
INSERT INTO webhook_delivery (site_id, endpoint, event, type, contact_id, body, subject, state, next_at, created_at, queued_at)
    SELECT v.site_id, e.number, 'evt', 'message_created', v.contact_id, '{}', v.number || '/' || (2 * v.number), 0, 1, 1, 1
    FROM webhook_endpoint AS e CROSS JOIN conversation AS v ON v.site_id = e.site_id WHERE e.kind = 2 AND v.deleted = 0;
";

/// Assigns most conversations of the measured site to one contact.
pub const ALL_OF_ONE_CONTACT: &str =
    "UPDATE conversation SET contact_id = 1, contact_inbox_id = (SELECT id FROM contact_inbox AS s
        WHERE s.site_id = conversation.site_id AND s.contact_id = 1 LIMIT 1)
     WHERE site_id = x'80808080808080808080808080808080' AND number % 4 > 0";
