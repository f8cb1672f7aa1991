//! Publishes a message: a row, its audience, and its idempotency record in one transaction.

use super::{Lifecycle, recipients, unknown_contact};
use crate::{
    domain::{ContactId, Idempotency, InboxEvent, Message, SegmentId, SiteId, Timestamp},
    store::{
        PublishOutcome, Result,
        sqlite::{
            columns::{Columns, to_json},
            fan_out, outbox,
            schedule::next_version,
            segment,
            write_tx::WriteTx,
        },
    },
};
use sqlx::SqliteConnection;
use std::sync::Arc;

pub(in crate::store::sqlite) async fn publish(
    tx: &mut WriteTx,
    mut message: Message,
    idempotency: Option<Idempotency>,
    now: Timestamp,
) -> Result<PublishOutcome> {
    if let Some(idempotency) = &idempotency
        && let Some(before) = reserve_idempotency_key(tx, &message, idempotency, now).await?
    {
        return Ok(before);
    }
    message.position = 0;
    let id = message.id;
    tx.names(id);
    let is_shown = message.publish_at <= now && message.expires_at.is_none_or(|end| end > now);
    let endpoints = if is_shown { fan_out::collectors(tx, &message).await? } else { Vec::new() };
    if fan_out::is_needed(&message, endpoints.len()) {
        insert_fanned_out(tx, message, is_shown, now).await?;
    } else if is_shown {
        insert_shown(tx, message, &endpoints, now).await?;
    } else {
        insert(tx, &message, Lifecycle::Waiting).await?;
        insert_recipients(tx, &message).await?;
    }
    Ok(PublishOutcome::New(id))
}

/// Stores a message that is delivered to its contacts in chunks.
async fn insert_fanned_out(
    tx: &mut WriteTx,
    mut message: Message,
    is_shown: bool,
    now: Timestamp,
) -> Result<()> {
    if is_shown {
        next_version(tx, &mut message, now).await?;
    }
    insert(tx, &message, if is_shown { Lifecycle::Shown } else { Lifecycle::Waiting }).await?;
    fan_out::begin(tx, &message).await
}

// Parameters that later statements use come first: sqlx counts each one that a statement omits as
// an additional argument.
macro_rules! insert_shown {
    () => {
        "INSERT INTO message (site_id, id, position, pinned, expires_at, category, state, everyone, content, data, created_at, publish_at, edited_at, name, test)
         VALUES (?1, ?2, ?5, ?6, ?7, ?8, 1, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16); "
    };
}

/// To everyone or to a segment; ?3 is the feed.
const INSERT_OPEN: &str = concat!(
    insert_shown!(),
    "INSERT INTO placement (site_id, message_id, contact_id, position, pinned, expires_at, category) VALUES (?1, ?2, ?3, ?5, ?6, ?7, ?8)"
);

/// To the contacts ?3, whose version is ?4. Joined with `contact`: an id that the site does not
/// have inserts no row.
const INSERT_NAMED: &str = concat!(
    insert_shown!(),
    "INSERT INTO placement (site_id, message_id, contact_id, position, pinned, expires_at, category)
     SELECT ?1, ?2, contact.id, ?5, ?6, ?7, ?8 FROM json_each(?3) AS asked CROSS JOIN contact
     WHERE contact.site_id = ?1 AND contact.id = asked.value;
     UPDATE contact SET version = ?4, placed = placed + 1 WHERE site_id = ?1 AND id IN (SELECT value FROM json_each(?3))"
);

/// Stores a live message with its audience, in one round trip to the connection.
async fn insert_shown(
    tx: &mut WriteTx,
    mut message: Message,
    endpoints: &[i64],
    now: Timestamp,
) -> Result<()> {
    if let Some(segment) = message.segment() {
        segment::mark_in_use(tx, message.site, segment).await?;
    }
    let version = next_version(tx, &mut message, now).await?;
    let named = message.contacts.as_ref().filter(|_| message.segment().is_none());
    let query = sqlx::query(if named.is_some() { INSERT_NAMED } else { INSERT_OPEN })
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes());
    let query = match named {
        Some(contacts) => query.bind(to_json(contacts)?),
        None => query.bind(message.segment().map_or(0, |segment| segment.lane().0)),
    };
    let query = query
        .bind(version)
        .bind(message.position)
        .bind(message.pinned)
        .bind(message.expires_at.map(Timestamp::millis))
        .bind(&message.category)
        .bind(message.contacts.is_none())
        .bind(to_json(&message.content)?)
        .bind(message.data.as_ref().map(to_json).transpose()?)
        .bind(message.created_at.millis())
        .bind(message.publish_at.millis())
        .bind(message.edited_at.map(Timestamp::millis))
        .bind(&message.name)
        .bind(message.test);
    let rows = query.execute(&mut tx.connection).await?.rows_affected();
    if named.is_some_and(|contacts| rows != 1 + 2 * contacts.len() as u64) {
        return Err(unknown_contact());
    }
    if !message.is_open() {
        outbox::queue_published(tx, &message, endpoints, now).await?;
    }
    let reach = recipients(tx, &message).await?;
    tx.announce(InboxEvent::Placed { message: Arc::new(message), reach, version });
    Ok(())
}

/// Stores the idempotency record, or returns the outcome of the earlier request with this key.
async fn reserve_idempotency_key(
    tx: &mut WriteTx,
    message: &Message,
    idempotency: &Idempotency,
    now: Timestamp,
) -> Result<Option<PublishOutcome>> {
    let added =
        sqlx::query("INSERT INTO idempotency (site_id, key, fingerprint, message_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING")
            .bind(message.site.as_bytes())
            .bind(&idempotency.key)
            .bind(idempotency.fingerprint.0.as_slice())
            .bind(message.id.as_bytes())
            .bind(now.millis())
            .execute(&mut tx.connection)
            .await?
            .rows_affected();
    if added == 1 {
        return Ok(None);
    }
    find_earlier(&mut tx.connection, message.site, idempotency).await
}

pub(in crate::store::sqlite) async fn find_earlier(
    connection: &mut SqliteConnection,
    site: SiteId,
    idempotency: &Idempotency,
) -> Result<Option<PublishOutcome>> {
    let row = sqlx::query(
        "SELECT fingerprint, message_id FROM idempotency WHERE site_id = ?1 AND key = ?2",
    )
    .bind(site.as_bytes())
    .bind(&idempotency.key)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::of(&row);
    let (fingerprint, before) = (columns.digest()?, columns.message()?);
    Ok(Some(if fingerprint == idempotency.fingerprint {
        PublishOutcome::Repeated(before)
    } else {
        PublishOutcome::KeyReused
    }))
}

async fn insert(tx: &mut WriteTx, message: &Message, state: Lifecycle) -> Result<()> {
    sqlx::query(
        "INSERT INTO message (site_id, id, everyone, state, content, category, data, pinned, created_at, publish_at, expires_at, edited_at, name, test,
            position)
         VALUES (?1, ?2, ?3, ?14, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?15)",
    )
    .bind(message.site.as_bytes())
    .bind(message.id.as_bytes())
    .bind(message.contacts.is_none())
    .bind(to_json(&message.content)?)
    .bind(&message.category)
    .bind(message.data.as_ref().map(to_json).transpose()?)
    .bind(message.pinned)
    .bind(message.created_at.millis())
    .bind(message.publish_at.millis())
    .bind(message.expires_at.map(Timestamp::millis))
    .bind(message.edited_at.map(Timestamp::millis))
    .bind(&message.name)
    .bind(message.test)
    .bind(state as i64)
    .bind(message.position)
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

/// Inserts the audience of a message that is not live yet.
pub(in crate::store::sqlite) async fn insert_recipients(
    tx: &mut WriteTx,
    message: &Message,
) -> Result<()> {
    let open = match (&message.contacts, message.segment()) {
        (None, _) => Some(ContactId(0)),
        (Some(_), segment) => segment.map(SegmentId::lane),
    };
    if let Some(segment) = message.segment() {
        segment::mark_in_use(tx, message.site, segment).await?;
    }
    let (None, Some(contacts)) = (open, &message.contacts) else {
        sqlx::query(
            "INSERT INTO placement (site_id, contact_id, position, message_id, pinned, expires_at, category) VALUES (?1, ?5, 0, ?2, ?3, ?4, ?6)",
        )
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(message.pinned)
        .bind(message.expires_at.map(Timestamp::millis))
        .bind(open.unwrap_or(ContactId(0)).0)
        .bind(&message.category)
        .execute(&mut tx.connection)
        .await?;
        return Ok(());
    };
    // Joined with `contact`: an unknown id inserts no row, which is detected below.
    let placed = sqlx::query(
        "INSERT INTO placement (site_id, contact_id, position, message_id, pinned, expires_at, category)
         SELECT ?1, contact.id, 0, ?2, ?3, ?4, ?6 FROM json_each(?5) AS asked CROSS JOIN contact
         WHERE contact.site_id = ?1 AND contact.id = asked.value",
    )
    .bind(message.site.as_bytes())
    .bind(message.id.as_bytes())
    .bind(message.pinned)
    .bind(message.expires_at.map(Timestamp::millis))
    .bind(to_json(contacts)?)
    .bind(&message.category)
    .execute(&mut tx.connection)
    .await?
    .rows_affected();
    if placed == contacts.len() as u64 { Ok(()) } else { Err(unknown_contact()) }
}
