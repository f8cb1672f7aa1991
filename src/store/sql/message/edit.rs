//! Edits a message and updates those who have it.

use crate::{
    Conflict, Result, StoreError,
    db::{query, to_json},
    sql::{
        fan_out::{self, FanOutPriority},
        message_rows::{Lifecycle, StoredMessage, load_for_change},
        recipients::{
            UPDATE_RECIPIENTS, allocate_version, delete_recipients, insert_recipients,
            recipient_range, recipients,
        },
        schedule::{hide_message, show},
        segment,
        write_tx::WriteTx,
    },
};
use belfry_domain::{
    Audience, ContactLookup, InboxEvent, Message, MessageAudience, MessageEdit, MessageId,
    SegmentTarget, SiteId, Timestamp,
};
use std::{sync::Arc, time::Duration};

/// Edits a message if it still has the revision `expected_revision`. Returns it with its audience
/// unless that is large.
pub(in crate::sql) async fn edit(
    tx: &mut WriteTx,
    (site, id): (SiteId, MessageId),
    expected_revision: Option<String>,
    edit: MessageEdit,
    now: Timestamp,
) -> Result<Option<StoredMessage>> {
    let Some(StoredMessage { mut message, state, mut is_many }) =
        load_for_change(&mut tx.connection, site, id).await?
    else {
        return Ok(None);
    };
    if expected_revision.is_some_and(|former| message.revision() != former) {
        return Err(StoreError::Changed);
    }
    if state == Lifecycle::Recalled {
        return Ok(None);
    }
    let MessageEdit {
        content,
        variables,
        category,
        data,
        pinned,
        expires_at,
        name,
        publish_at,
        audience,
    } = edit;
    if (publish_at.is_some() || audience.is_some()) && state != Lifecycle::Scheduled {
        return Err(Conflict::NotScheduled.into());
    }
    let literal = !variables.unwrap_or(message.has_variables());
    message.content = content.unwrap_or(message.content);
    for content in message.content.values_mut() {
        content.is_literal = literal;
    }
    message.category = category.unwrap_or(message.category);
    message.data = data.unwrap_or(message.data);
    message.pinned = pinned.unwrap_or(message.pinned);
    message.expires_at = expires_at.unwrap_or(message.expires_at);
    message.name = name.unwrap_or(message.name);
    message.publish_at = publish_at.unwrap_or(message.publish_at);
    // Each edit gets a distinct time, by which caches tell that their copy is outdated.
    message.edited_at = Some(
        message.edited_at.map_or(now, |former| now.max(former.plus(Duration::from_millis(1)))),
    );
    if let Some(audience) = audience {
        let left = message.audience.segment();
        let former = recipient_range(&message);
        message.audience = stored_audience(audience)?;
        if is_many || fan_out::is_needed(&message, 0) {
            is_many = !message.audience.is_open();
            fan_out::replace(tx, &message, former).await?;
        } else {
            delete_recipients(tx, &message, former).await?;
            insert_recipients(tx, &message).await?;
        }
        if let Some(segment) = left {
            segment::release_if_unused(tx, site, segment).await?;
        }
    }
    store_edit(tx, &message, is_many).await?;
    let over = message.expires_at.is_some_and(|end| end <= now);
    match (state, over) {
        (Lifecycle::Live, true) => hide_message(tx, &message, is_many, Lifecycle::Expired).await?,
        (Lifecycle::Live, false) if !is_many => {
            let version = allocate_version(tx, &message).await?;
            let recipients = recipients(tx, &message).await?;
            tx.publish(InboxEvent::MessageEdited {
                message: Arc::new(message.clone()),
                recipients,
                version,
            });
        }
        // It was expired and no longer is: it returns to its former position.
        (Lifecycle::Expired, false) => (message, is_many) = show(tx, message, is_many, now).await?,
        (Lifecycle::Scheduled, false) if message.publish_at <= now => {
            (message, is_many) = show(tx, message, is_many, now).await?;
        }
        (Lifecycle::Live | Lifecycle::Expired | Lifecycle::Scheduled | Lifecycle::Recalled, _)
            if is_many =>
        {
            fan_out::restart(tx, &message, FanOutPriority::Other).await?;
        }
        (Lifecycle::Live | Lifecycle::Expired | Lifecycle::Scheduled | Lifecycle::Recalled, _) => {}
    }
    Ok(Some(StoredMessage { message, state, is_many }))
}

/// The audience of an edit, in which the caller has looked up everything.
pub(in crate::sql) fn stored_audience(audience: Audience) -> Result<MessageAudience> {
    let lookups = match audience {
        Audience::Everyone => return Ok(MessageAudience::Everyone),
        Audience::Contact(lookup) => vec![lookup],
        Audience::Contacts(lookups) => lookups,
        Audience::Segment(SegmentTarget::Number(segment)) => {
            return Ok(MessageAudience::Segment(segment));
        }
        Audience::Segment(_) => {
            return Err(StoreError::Inconsistent("a segment that was not looked up".to_owned()));
        }
    };
    let number = |lookup| match lookup {
        ContactLookup::Id(id) => Ok(id),
        ContactLookup::Identifiers(_) => {
            Err(StoreError::Inconsistent("an audience that was not looked up".to_owned()))
        }
    };
    let mut contacts: Vec<_> = lookups.into_iter().map(number).collect::<Result<_>>()?;
    contacts.sort();
    contacts.dedup();
    Ok(MessageAudience::Contacts(contacts))
}

async fn store_edit(tx: &mut WriteTx, message: &Message, is_many: bool) -> Result<()> {
    query(
        "UPDATE message SET content = ?3, category = ?4, data = ?5, pinned = ?6, expires_at = ?7, edited_at = ?8, name = ?9,
         everyone = ?10, publish_at = ?11 WHERE site_id = ?1 AND id = ?2",
    )
    .bind(message.site.as_bytes())
    .bind(message.id.as_bytes())
    .bind(to_json(&message.content)?)
    .bind(&message.category)
    .bind(message.data.as_ref().map(to_json).transpose()?)
    .bind(message.pinned)
    .bind(message.expires_at.map(Timestamp::millis))
    .bind(message.edited_at.map(Timestamp::millis))
    .bind(&message.name)
    .bind(message.audience.is_everyone())
    .bind(message.publish_at.millis())
    .execute(&mut tx.connection)
    .await?;
    if is_many {
        return Ok(());
    }
    let (first, last) = recipient_range(message);
    query(UPDATE_RECIPIENTS)
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(first)
        .bind(last)
        .bind(message.pinned)
        .bind(message.expires_at.map(Timestamp::millis))
        .bind(&message.category)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}
