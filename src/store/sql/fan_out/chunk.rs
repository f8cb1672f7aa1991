//! One chunk of the pending work on a message: a bounded number of its contacts, however many are
//! stored.

use crate::{
    Result,
    db::{Columns, query, query_as, to_json},
    sql::{
        message_rows::{Lifecycle, MAX_CONTACTS_PER_CHUNK, message_columns, message_of},
        outbox,
        write_tx::WriteTx,
    },
};
use belfry_domain::{
    ContactId, InboxEvent, Message, MessageAudience, Position, Recipients, SiteId, Timestamp,
    Version,
};
use std::{collections::BTreeMap, sync::Arc};

/// The next pending work of a site.
pub(in crate::sql) const NEXT: &str = concat!(
    "SELECT f.after_contact, f.replaces, m.state, ",
    message_columns!(),
    " FROM fan_out AS f INDEXED BY fan_out_order CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = f.message_id
     WHERE f.site_id = ?1 ORDER BY f.priority, f.sequence LIMIT 1"
);

/// Removes the message from some contacts of a former audience.
pub(in crate::sql) const DELETE_FORMER_RECIPIENTS: &str = "DELETE FROM recipient INDEXED BY recipient_message
     WHERE site_id = ?1 AND message_id = ?2 AND contact_id IN (
        SELECT contact_id FROM recipient INDEXED BY recipient_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id > 0
        ORDER BY contact_id LIMIT ?3 + 0)";

const REPLACED: &str = "UPDATE fan_out SET replaces = 0 WHERE site_id = ?1 AND message_id = ?2";

/// The next contacts that have the message, with their positions.
pub(in crate::sql) const PLACED_AFTER: &str =
    "SELECT contact_id, position FROM recipient INDEXED BY recipient_message
     WHERE site_id = ?1 AND message_id = ?2 AND contact_id > ?3 ORDER BY contact_id LIMIT ?4 + 0";

// ?5: whether the message is live. ?6: the position for contacts that never had it.
macro_rules! realigned {
    () => {
        "CASE WHEN ?5 = 0 THEN -abs(position) WHEN position = 0 THEN ?6 ELSE abs(position) END"
    };
}

/// Updates the rows of contacts from ?3 to ?4 to the message's current state.
pub(in crate::sql) const REALIGN: &str = concat!(
    "UPDATE recipient INDEXED BY recipient_message SET position = ",
    realigned!(),
    ", pinned = ?7, expires_at = ?8, category = ?9
     WHERE site_id = ?1 AND message_id = ?2 AND contact_id BETWEEN ?3 AND ?4
     AND (position <> ",
    realigned!(),
    " OR pinned <> ?7 OR expires_at IS NOT ?8 OR category IS NOT ?9)"
);

/// Stores the progress. Once all contacts that have the message are updated, the rest has normal
/// priority.
const SET_PROGRESS: &str =
    "UPDATE fan_out SET priority = CASE WHEN ?3 IS NULL THEN 1 ELSE priority END, after_contact = ?3
     WHERE site_id = ?1 AND message_id = ?2";

/// The first row of pending contacts.
pub(in crate::sql) const FIRST_PENDING: &str = "SELECT number, contacts FROM fan_out_chunk WHERE site_id = ?1 AND message_id = ?2 ORDER BY number LIMIT 1";

/// Joined with `contact`, so that a contact erased in the meantime is skipped.
pub(in crate::sql) const PLACE: &str = "INSERT INTO recipient (site_id, contact_id, position, message_id, pinned, expires_at, category)
     SELECT ?1, contact.id, ?4, ?2, ?5, ?6, ?7 FROM json_each(?3) AS input CROSS JOIN contact
     WHERE contact.site_id = ?1 AND contact.id = CAST(input.value AS BIGINT) RETURNING contact_id";

const SHORTEN_PENDING: &str =
    "UPDATE fan_out_chunk SET contacts = ?4 WHERE site_id = ?1 AND message_id = ?2 AND number = ?3";
const DELETE_PENDING_ROW: &str =
    "DELETE FROM fan_out_chunk WHERE site_id = ?1 AND message_id = ?2 AND number = ?3";

const FINISH: &str = "DELETE FROM fan_out WHERE site_id = ?1 AND message_id = ?2";

/// Deletes a message without contacts: they may all have been erased before it reached them.
pub(in crate::sql) const DELETE_WITHOUT_AUDIENCE: &str =
    "DELETE FROM message WHERE site_id = ?1 AND id = ?2 AND everyone = 0 AND NOT EXISTS (
        SELECT 1 FROM recipient INDEXED BY recipient_message WHERE recipient.site_id = ?1 AND recipient.message_id = ?2)";

/// Stores the version of the change with each contact ?3. With ?4 = 1, the message also counts as
/// one more for them.
pub(in crate::sql) const SET_VERSIONS: &str =
    "UPDATE contact SET version = ?2, recipient_rows = recipient_rows + ?4
     WHERE site_id = ?1 AND id IN (SELECT CAST(value AS BIGINT) FROM json_each(?3))";

/// One chunk of the site's next pending work. Returns 0 when there is none.
pub(super) async fn step(tx: &mut WriteTx, site: SiteId, now: Timestamp) -> Result<u64> {
    let Some(row) = query(NEXT).bind(site.as_bytes()).fetch_optional(&mut tx.connection).await?
    else {
        return Ok(0);
    };
    let mut columns = Columns::new(&row);
    let (after, replaces): (Option<i64>, bool) = (columns.value()?, columns.value()?);
    let state = Lifecycle::from_stored(columns.value()?)?;
    let message = message_of(&mut columns, site, &[])?;
    // An expired message is still added, since the clock may be wrong: a skipped contact would not
    // get it once the clock is right.
    let part = Chunk {
        is_visible: state == Lifecycle::Live,
        is_expired: message.expires_at.is_some_and(|end| end <= now),
        message,
        now,
    };
    match after {
        _ if replaces => part.remove_former_recipients(tx).await,
        Some(after) => part.update_recipients(tx, after).await,
        None => part.add_pending_recipients(tx).await,
    }
}

/// A message whose recipients are being updated.
struct Chunk {
    message: Message,
    is_visible: bool,
    /// The message has expired, so no event is emitted.
    is_expired: bool,
    now: Timestamp,
}

impl Chunk {
    async fn remove_former_recipients(&self, tx: &mut WriteTx) -> Result<u64> {
        let limit = i64::try_from(MAX_CONTACTS_PER_CHUNK).unwrap_or(i64::MAX);
        let deletion = query(DELETE_FORMER_RECIPIENTS)
            .bind(self.message.site.as_bytes())
            .bind(self.message.id.as_bytes())
            .bind(limit);
        let rows = deletion.execute(&mut tx.connection).await?;
        if rows < MAX_CONTACTS_PER_CHUNK as u64 {
            query(REPLACED)
                .bind(self.message.site.as_bytes())
                .bind(self.message.id.as_bytes())
                .execute(&mut tx.connection)
                .await?;
        }
        Ok(rows + 1)
    }

    /// The endpoints that receive a snapshot when contacts get the message for the first time.
    async fn snapshot_receivers(&self, tx: &mut WriteTx, is_first: bool) -> Result<Vec<i64>> {
        if self.is_visible && is_first {
            outbox::snapshot_endpoints(&mut tx.connection, self.message.site).await
        } else {
            Ok(Vec::new())
        }
    }

    /// The message with this position and these contacts.
    fn message_at(&self, position: Position, contacts: &[ContactId]) -> Message {
        Message {
            position,
            audience: MessageAudience::Contacts(contacts.to_vec()),
            ..self.message.clone()
        }
    }

    /// Updates the next contacts that have the message.
    async fn update_recipients(&self, tx: &mut WriteTx, after: i64) -> Result<u64> {
        let Message { site, id, .. } = &self.message;
        let limit = i64::try_from(MAX_CONTACTS_PER_CHUNK).unwrap_or(i64::MAX);
        let next = query_as(PLACED_AFTER)
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .bind(after)
            .bind(limit);
        let mut placed: Vec<(i64, i64)> = next.fetch_all(&mut tx.connection).await?;
        let mut is_last = placed.len() < MAX_CONTACTS_PER_CHUNK;
        let endpoints =
            self.snapshot_receivers(tx, placed.iter().any(|(_, position)| *position == 0)).await?;
        let room = outbox::contacts_at_once(&self.message, endpoints.len());
        let mut new = 0;
        let fits = |(_, position): &&(i64, i64)| {
            new += usize::from(*position == 0);
            endpoints.is_empty() || new <= room
        };
        let fitting = placed.iter().take_while(fits).count();
        is_last &= fitting == placed.len();
        placed.truncate(fitting);
        if let (Some((first, _)), Some((last, _))) = (placed.first(), placed.last()) {
            self.update_all_recipients(tx, &placed, (*first, *last), &endpoints).await?;
        }
        let next = placed.last().map(|(contact, _)| *contact).filter(|_| !is_last);
        query(SET_PROGRESS)
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .bind(next)
            .execute(&mut tx.connection)
            .await?;
        Ok(placed.len() as u64 + 1)
    }

    async fn update_all_recipients(
        &self,
        tx: &mut WriteTx,
        placed: &[(i64, i64)],
        (first, last): (i64, i64),
        endpoints: &[i64],
    ) -> Result<()> {
        let (mut new, mut gone) = (Vec::new(), Vec::new());
        // Earlier chunks may have given them different positions.
        let (mut back, mut kept): (
            BTreeMap<Position, Vec<ContactId>>,
            BTreeMap<Position, Vec<ContactId>>,
        ) = Default::default();
        for (contact, position) in placed {
            let contact = ContactId(*contact);
            match (self.is_visible, position.signum()) {
                (true, 0) => new.push(contact),
                (true, 1) => kept.entry(Position(*position)).or_default().push(contact),
                (true, _) => back.entry(Position(-position)).or_default().push(contact),
                (false, 1) => gone.push(contact),
                (false, _) => {}
            }
        }
        let is_heard = !(gone.is_empty() && back.is_empty() && kept.is_empty());
        let (version, position) = self.allocate_version(tx, &new, is_heard).await?;
        let Message { site, id, pinned, expires_at, category, .. } = &self.message;
        query(REALIGN)
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .bind(first)
            .bind(last)
            .bind(self.is_visible)
            .bind(position.0)
            .bind(pinned)
            .bind(expires_at.map(Timestamp::millis))
            .bind(category)
            .execute(&mut tx.connection)
            .await?;
        let came = new.iter().chain(back.values().flatten()).copied().collect();
        self.publish_edit(tx, came, version, true).await?;
        self.publish_edit(
            tx,
            gone.iter().chain(kept.values().flatten()).copied().collect(),
            version,
            false,
        )
        .await?;
        self.publish_new(tx, new, position, version, endpoints).await?;
        for (position, contacts) in back.into_iter().filter(|_| !self.is_expired) {
            tx.publish(InboxEvent::MessagePublished {
                message: Arc::new(self.message_at(position, &contacts)),
                recipients: Recipients::Contacts(contacts),
                version,
            });
        }
        for (position, contacts) in kept.into_iter().filter(|_| !self.is_expired) {
            tx.publish(InboxEvent::MessageEdited {
                message: Arc::new(self.message_at(position, &contacts)),
                recipients: Recipients::Contacts(contacts),
                version,
            });
        }
        if !gone.is_empty() {
            tx.publish(InboxEvent::MessageRemoved {
                site: *site,
                message: *id,
                recipients: Recipients::Contacts(gone),
                version,
            });
        }
        Ok(())
    }

    /// Allocates the version of this chunk's change, and the position for contacts that get the
    /// message for the first time.
    async fn allocate_version(
        &self,
        tx: &mut WriteTx,
        new: &[ContactId],
        is_heard: bool,
    ) -> Result<(Version, Position)> {
        if !new.is_empty() {
            return tx.next_position(self.message.site, false, true, self.now).await;
        }
        Ok((
            if is_heard {
                tx.next_version(self.message.site, false).await?
            } else {
                Version::default()
            },
            Position::UNPUBLISHED,
        ))
    }

    async fn publish_edit(
        &self,
        tx: &mut WriteTx,
        contacts: Vec<ContactId>,
        version: Version,
        is_placed: bool,
    ) -> Result<()> {
        if contacts.is_empty() {
            return Ok(());
        }
        let query = query(SET_VERSIONS)
            .bind(self.message.site.as_bytes())
            .bind(version.0)
            .bind(to_json(&contacts)?)
            .bind(is_placed);
        query.execute(&mut tx.connection).await?;
        Ok(())
    }

    /// Announces the message to contacts that get it for the first time.
    async fn publish_new(
        &self,
        tx: &mut WriteTx,
        contacts: Vec<ContactId>,
        position: Position,
        version: Version,
        endpoints: &[i64],
    ) -> Result<()> {
        if contacts.is_empty() {
            return Ok(());
        }
        let message = self.message_at(position, &contacts);
        outbox::queue_published(tx, &message, endpoints, self.now).await?;
        if !self.is_expired {
            tx.publish(InboxEvent::MessagePublished {
                message: Arc::new(message),
                recipients: Recipients::Contacts(contacts),
                version,
            });
        }
        Ok(())
    }

    /// Adds the message for the next pending contacts.
    async fn add_pending_recipients(&self, tx: &mut WriteTx) -> Result<u64> {
        let Message { site, id, pinned, expires_at, category, .. } = &self.message;
        let row = query(FIRST_PENDING)
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .fetch_optional(&mut tx.connection)
            .await?;
        let Some(row) = row else { return self.finish(tx).await };
        let mut columns = Columns::new(&row);
        let (row, mut contacts): (i64, Vec<ContactId>) = (columns.value()?, columns.json()?);
        let endpoints = self.snapshot_receivers(tx, true).await?;
        let rest = contacts.split_off(
            outbox::contacts_at_once(&self.message, endpoints.len()).min(contacts.len()),
        );
        let (version, position) = if self.is_visible {
            self.allocate_version(tx, &contacts, false).await?
        } else {
            (Version::default(), Position::UNPUBLISHED)
        };
        let placed = query(PLACE)
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .bind(to_json(&contacts)?)
            .bind(position.0)
            .bind(pinned)
            .bind(expires_at.map(Timestamp::millis))
            .bind(category)
            .fetch_all(&mut tx.connection)
            .await?;
        let mut placed =
            placed.iter().map(|row| Ok(ContactId(row.try_get(0)?))).collect::<Result<Vec<_>>>()?;
        placed.sort();
        if self.is_visible {
            self.publish_edit(tx, placed.clone(), version, true).await?;
            self.publish_new(tx, placed, position, version, &endpoints).await?;
        }
        let query = query(if rest.is_empty() { DELETE_PENDING_ROW } else { SHORTEN_PENDING })
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .bind(row);
        let query = if rest.is_empty() { query } else { query.bind(to_json(&rest)?) };
        query.execute(&mut tx.connection).await?;
        Ok(contacts.len() as u64 + 1)
    }

    async fn finish(&self, tx: &mut WriteTx) -> Result<u64> {
        for statement in [FINISH, DELETE_WITHOUT_AUDIENCE] {
            query(statement)
                .bind(self.message.site.as_bytes())
                .bind(self.message.id.as_bytes())
                .execute(&mut tx.connection)
                .await?;
        }
        Ok(1)
    }
}
