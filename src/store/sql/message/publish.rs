//! Publishes a message: a row, its audience, and its idempotency record in one transaction.

use crate::{
    PublishOutcome, Result,
    db::{query, to_json},
    sql::{
        fan_out,
        feeds::FeedId,
        idempotency,
        message_rows::Lifecycle,
        outbox,
        recipients::{insert_recipients, recipients, unknown_contact},
        schedule::next_version,
        segment,
        write_tx::WriteTx,
    },
};
use belfry_domain::{IdempotentRequest, InboxEvent, Message, Position, Timestamp};
use std::sync::Arc;

pub(in crate::sql) async fn publish(
    tx: &mut WriteTx,
    mut message: Message,
    request: Option<IdempotentRequest>,
    now: Timestamp,
) -> Result<PublishOutcome> {
    if let Some(request) = &request
        && let Some(earlier) = idempotency::reserve_publish(tx, &message, request, now).await?
    {
        return Ok(earlier);
    }
    message.position = Position::UNPUBLISHED;
    let id = message.id;
    tx.set_subject(id);
    let is_shown = message.publish_at <= now && message.expires_at.is_none_or(|end| end > now);
    let endpoints = if is_shown { fan_out::collectors(tx, &message).await? } else { Vec::new() };
    if fan_out::is_needed(&message, endpoints.len()) {
        insert_fanned_out(tx, message, is_shown, now).await?;
    } else if is_shown {
        insert_shown(tx, message, &endpoints, now).await?;
    } else {
        insert(tx, &message, Lifecycle::Scheduled).await?;
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
    insert(tx, &message, if is_shown { Lifecycle::Live } else { Lifecycle::Scheduled }).await?;
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
    "INSERT INTO recipient (site_id, message_id, contact_id, position, pinned, expires_at, category) VALUES (?1, ?2, ?3, ?5, ?6, ?7, ?8)"
);

/// To the contacts ?3, whose version is ?4. Joined with `contact`: an id that the site does not
/// have inserts no row.
const INSERT_NAMED: &str = concat!(
    insert_shown!(),
    "INSERT INTO recipient (site_id, message_id, contact_id, position, pinned, expires_at, category)
     SELECT ?1, ?2, contact.id, ?5, ?6, ?7, ?8 FROM json_each(?3) AS input CROSS JOIN contact
     WHERE contact.site_id = ?1 AND contact.id = CAST(input.value AS BIGINT);
     UPDATE contact SET version = ?4, recipient_rows = recipient_rows + 1 WHERE site_id = ?1 AND id IN (SELECT CAST(value AS BIGINT) FROM json_each(?3))"
);

/// Stores a live message with its audience, in one round trip to the connection.
async fn insert_shown(
    tx: &mut WriteTx,
    mut message: Message,
    endpoints: &[i64],
    now: Timestamp,
) -> Result<()> {
    if let Some(segment) = message.audience.segment() {
        segment::mark_in_use(tx, message.site, segment).await?;
    }
    let version = next_version(tx, &mut message, now).await?;
    let named = message.audience.contacts();
    let query = query(if named.is_some() { INSERT_NAMED } else { INSERT_OPEN })
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes());
    let query = match named {
        Some(contacts) => query.bind(to_json(contacts)?),
        None => query.bind(FeedId::of_open(&message.audience).0),
    };
    let query = query
        .bind(version.0)
        .bind(message.position.0)
        .bind(message.pinned)
        .bind(message.expires_at.map(Timestamp::millis))
        .bind(&message.category)
        .bind(message.audience.is_everyone())
        .bind(to_json(&message.content)?)
        .bind(message.data.as_ref().map(to_json).transpose()?)
        .bind(message.created_at.millis())
        .bind(message.publish_at.millis())
        .bind(message.edited_at.map(Timestamp::millis))
        .bind(&message.name)
        .bind(message.is_test);
    let rows = query.execute(&mut tx.connection).await?;
    if named.is_some_and(|contacts| rows != 1 + 2 * contacts.len() as u64) {
        return Err(unknown_contact());
    }
    if !message.audience.is_open() {
        outbox::queue_published(tx, &message, endpoints, now).await?;
    }
    let recipients = recipients(tx, &message).await?;
    tx.publish(InboxEvent::MessagePublished { message: Arc::new(message), recipients, version });
    Ok(())
}

async fn insert(tx: &mut WriteTx, message: &Message, state: Lifecycle) -> Result<()> {
    query(
        "INSERT INTO message (site_id, id, everyone, state, content, category, data, pinned, created_at, publish_at, expires_at, edited_at, name, test,
            position)
         VALUES (?1, ?2, ?3, ?14, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?15)",
    )
    .bind(message.site.as_bytes())
    .bind(message.id.as_bytes())
    .bind(message.audience.is_everyone())
    .bind(to_json(&message.content)?)
    .bind(&message.category)
    .bind(message.data.as_ref().map(to_json).transpose()?)
    .bind(message.pinned)
    .bind(message.created_at.millis())
    .bind(message.publish_at.millis())
    .bind(message.expires_at.map(Timestamp::millis))
    .bind(message.edited_at.map(Timestamp::millis))
    .bind(&message.name)
    .bind(message.is_test)
    .bind(state as i64)
    .bind(message.position.0)
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}
