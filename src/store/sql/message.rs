//! Messages: stored once whatever the audience, loaded, edited and recalled.

mod edit;
mod publish;

use super::{
    SqlStore, fan_out, idempotency,
    message_rows::{
        Lifecycle, MAX_CONTACTS_PER_CHUNK, StoredMessage, load_for_change, without_audience,
    },
    recipients::move_to,
    schedule::hide_message,
    segment,
    write_tx::WriteTx,
};
use crate::{
    CancelOutcome, PublishOutcome, Result,
    db::{Connection, query},
};
use belfry_domain::{
    Audience, IdempotentRequest, Message, MessageAudience, MessageEdit, MessageId, SiteId,
    Timestamp,
};
use edit::stored_audience;
use futures_util::FutureExt as _;

impl SqlStore {
    /// Publishes a message. A large audience is checked on a read connection first.
    pub(super) async fn publish_message(
        &self,
        message: &Message,
        request: Option<&IdempotentRequest>,
        now: Timestamp,
    ) -> Result<PublishOutcome> {
        let (mut message, request) = (message.clone(), request.cloned());
        if let MessageAudience::Contacts(contacts) = &mut message.audience {
            contacts.sort();
            contacts.dedup();
        }
        if let Some(contacts) =
            message.audience.contacts().filter(|_| fan_out::is_needed(&message, 0))
        {
            let mut connection = self.read_connection_for(message.site).await?;
            if let Some(request) = &request
                && let Some(earlier) =
                    idempotency::earlier_publish(&mut connection, message.site, request).await?
            {
                return Ok(earlier);
            }
            // Checked before thousands of contacts are looked up; the command checks again.
            fan_out::check_capacity(&mut connection, message.site).await?;
            fan_out::check_contacts_exist(&mut connection, message.site, contacts).await?;
        }
        self.writer
            .for_site(message.site)
            .run(move |tx| publish::publish(tx, message, request, now).boxed())
            .await
    }

    /// Edits a message. A large audience is looked up on read connections.
    pub(super) async fn change_message(
        &self,
        (site, message): (SiteId, MessageId),
        expected_revision: Option<String>,
        edit: MessageEdit,
        now: Timestamp,
    ) -> Result<Option<Message>> {
        if let Some(audience @ Audience::Contacts(_)) = &edit.audience {
            let audience = stored_audience(audience.clone())?;
            let contacts = audience.contacts().unwrap_or_default();
            if contacts.len() > MAX_CONTACTS_PER_CHUNK {
                fan_out::check_contacts_exist(
                    &mut *self.read_connection_for(site).await?,
                    site,
                    contacts,
                )
                .await?;
            }
        }
        let edited = self
            .writer
            .for_site(site)
            .run(move |tx| edit::edit(tx, (site, message), expected_revision, edit, now).boxed())
            .await?;
        let Some(StoredMessage { mut message, is_many, .. }) = edited else {
            return Ok(None);
        };
        if is_many {
            message.audience =
                fan_out::audience(&mut *self.read_connection_for(site).await?, site, message.id)
                    .await?;
        }
        Ok(Some(message))
    }
}

/// A message with its whole audience, possibly thousands of contacts. The writer uses
/// [`load_for_change`] instead.
pub(super) async fn load(
    connection: &mut Connection,
    site: SiteId,
    message: MessageId,
) -> Result<Option<Message>> {
    let Some((mut message, ..)) = without_audience(connection, site, message).await? else {
        return Ok(None);
    };
    if !message.audience.is_everyone() {
        message.audience = fan_out::audience(connection, site, message.id).await?;
    }
    Ok(Some(message))
}

/// Cancels a message that was never shown, so that it never will be.
pub(super) async fn cancel(
    tx: &mut WriteTx,
    site: SiteId,
    id: MessageId,
    now: Timestamp,
) -> Result<CancelOutcome> {
    match load_for_change(&mut tx.connection, site, id).await? {
        None => Ok(CancelOutcome::Unknown),
        Some(StoredMessage { state: Lifecycle::Scheduled, .. }) => {
            recall(tx, site, id, now).await.map(|_| CancelOutcome::Done)
        }
        Some(_) => Ok(CancelOutcome::TooLate),
    }
}

pub(super) async fn recall(
    tx: &mut WriteTx,
    site: SiteId,
    id: MessageId,
    now: Timestamp,
) -> Result<bool> {
    let Some(StoredMessage { message, state, is_many }) =
        load_for_change(&mut tx.connection, site, id).await?
    else {
        return Ok(false);
    };
    if state == Lifecycle::Recalled {
        return Ok(false);
    }
    query("UPDATE message SET recalled_at = ?3, state = 3 WHERE site_id = ?1 AND id = ?2")
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    if state == Lifecycle::Live {
        hide_message(tx, &message, is_many, Lifecycle::Recalled).await?;
    } else {
        if state == Lifecycle::Scheduled && !is_many {
            // Moves it away from the position of scheduled messages, by which segments count as in
            // use.
            move_to(tx, &message, -1).await?;
        }
        if let Some(segment) = message.audience.segment() {
            segment::release_if_unused(tx, site, segment).await?;
        }
    }
    Ok(true)
}
