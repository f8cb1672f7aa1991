//! Deletes the rows of erased or deleted objects in bounded background steps. The queue is
//! `deletion_queue`.

use super::{
    attachment, list, search_index, view::conversation_columns, view::conversation_in, watch,
};
use crate::{
    Result,
    db::{Columns, Row, query, query_as},
    sql::{SqlStore, sdk_rows, write_tx::WriteTx},
};
use belfry_domain::{ContactId, SiteId, Timestamp};
use futures_util::FutureExt as _;

/// Sessions, or agents of the Inbox SDK, that one step deletes.
const ROWS_PER_STEP: i64 = 16;
const KIND_INBOX: i64 = 0;
const KIND_CONVERSATION: i64 = 1;
const KIND_BLOB: i64 = 2;
const KIND_CONTACT: i64 = 3;
/// Conversations that one step hides. Each is in many lists.
const CONVERSATIONS_PER_STEP: i64 = 2;
/// Conversations that are hidden in the transaction that erases their contact.
const MAX_HIDDEN_WITH_CONTACT: i64 = 16;

pub(in crate::sql) const NEXT: &str =
    "SELECT row, site_id, kind, number, digest FROM deletion_queue ORDER BY row DESC LIMIT 1";
pub(in crate::sql) const OF_INBOX: &str = concat!(
    "SELECT ",
    conversation_columns!(),
    " FROM conversation AS v INDEXED BY conversation_inbox WHERE v.site_id = ?1 AND v.inbox_id = ?2 AND v.deleted = 0 LIMIT ?3 + 0"
);
pub(in crate::sql) const OF_CONTACT: &str = concat!(
    "SELECT ",
    conversation_columns!(),
    " FROM conversation AS v INDEXED BY conversation_contact WHERE v.site_id = ?1 AND v.contact_id = ?2 AND v.deleted = 0
     ORDER BY v.number DESC LIMIT ?3 + 0"
);
pub(in crate::sql) const MESSAGE: &str = "SELECT row, id, attachments, content FROM conversation_message INDEXED BY conversation_message_id WHERE site_id = ?1 AND conversation = ?2 LIMIT 1";
pub(in crate::sql) const SESSIONS: &str = "DELETE FROM contact_inbox WHERE id IN (
        SELECT id FROM contact_inbox INDEXED BY contact_inbox_inbox WHERE site_id = ?1 AND inbox_id = ?2 LIMIT ?3 + 0)";

/// Removes conversations from all lists. Their other rows are deleted in the background.
async fn hide(tx: &mut WriteTx, site: SiteId, rows: &[Row]) -> Result<u64> {
    for row in rows {
        let conversation = conversation_in(&mut Columns::new(row))?.conversation;
        list::move_between_lists(tx, site, Some(&conversation), None).await?;
        // Contact and inbox are no longer referenced.
        for statement in [
            "UPDATE conversation SET deleted = 1, contact_id = 0, inbox_id = 0 WHERE site_id = ?1 AND number = ?2",
            "INSERT INTO deletion_queue (site_id, kind, number) VALUES (?1, 1, ?2)",
        ] {
            query(statement)
                .bind(site.as_bytes())
                .bind(conversation.number.0)
                .execute(&mut tx.connection)
                .await?;
        }
    }
    Ok(rows.len() as u64)
}

/// Hides the newest conversations of a contact, and leaves the others to the background: a
/// conversation of a deleted contact is not visible anyway.
pub(super) async fn hide_conversations(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
) -> Result<()> {
    let hidden = of_contact(tx, site, contact.0, MAX_HIDDEN_WITH_CONTACT).await?;
    if hidden == MAX_HIDDEN_WITH_CONTACT.unsigned_abs() {
        query("INSERT INTO deletion_queue (site_id, kind, number) VALUES (?1, ?2, ?3)")
            .bind(site.as_bytes())
            .bind(KIND_CONTACT)
            .bind(contact.0)
            .execute(&mut tx.connection)
            .await?;
    }
    Ok(())
}

async fn of_contact(tx: &mut WriteTx, site: SiteId, contact: i64, limit: i64) -> Result<u64> {
    let rows = query(OF_CONTACT)
        .bind(site.as_bytes())
        .bind(contact)
        .bind(limit)
        .fetch_all(&mut tx.connection)
        .await?;
    hide(tx, site, &rows).await
}

async fn of_inbox(tx: &mut WriteTx, site: SiteId, inbox: i64) -> Result<u64> {
    let rows = query(OF_INBOX)
        .bind(site.as_bytes())
        .bind(inbox)
        .bind(CONVERSATIONS_PER_STEP)
        .fetch_all(&mut tx.connection)
        .await?;
    let hidden = hide(tx, site, &rows).await?;
    if hidden > 0 {
        return Ok(hidden);
    }
    let sessions = query(SESSIONS)
        .bind(site.as_bytes())
        .bind(inbox)
        .bind(ROWS_PER_STEP)
        .execute(&mut tx.connection)
        .await?;
    if sessions > 0 {
        return Ok(sessions);
    }
    let agents = sdk_rows::delete_agents_of_inbox(tx, site, inbox, ROWS_PER_STEP).await?;
    if agents > 0 {
        return Ok(agents);
    }
    query("DELETE FROM inbox WHERE id = ?2 AND site_id = ?1 AND deleted = 1")
        .bind(site.as_bytes())
        .bind(inbox)
        .execute(&mut tx.connection)
        .await?;
    Ok(0)
}

/// Deletes one message, or some of its words: a message may have as many rows as a whole step.
async fn of_conversation(tx: &mut WriteTx, site: SiteId, number: i64) -> Result<u64> {
    let message: Option<(i64, i64, u32, Option<String>)> = query_as(MESSAGE)
        .bind(site.as_bytes())
        .bind(number)
        .fetch_optional(&mut tx.connection)
        .await?;
    let Some((row, id, attachments, content)) = message else {
        query(watch::DELETE_WATCHER)
            .bind(site.as_bytes())
            .bind(number)
            .execute(&mut tx.connection)
            .await?;
        query("DELETE FROM conversation WHERE site_id = ?1 AND number = ?2 AND deleted = 1")
            .bind(site.as_bytes())
            .bind(number)
            .execute(&mut tx.connection)
            .await?;
        return Ok(0);
    };
    let rest = match content {
        Some(content) => search_index::delete_some_words(tx, site, row, &content).await?,
        None => None,
    };
    if rest.is_some() {
        query("UPDATE conversation_message SET content = ?2 WHERE row = ?1")
            .bind(row)
            .bind(rest)
            .execute(&mut tx.connection)
            .await?;
        return Ok(1);
    }
    if attachments > 0 {
        attachment::delete_of_message(tx, site, id).await?;
    }
    query("DELETE FROM conversation_message WHERE row = ?1")
        .bind(row)
        .execute(&mut tx.connection)
        .await?;
    Ok(1)
}

async fn of_blob(tx: &mut WriteTx, site: SiteId, digest: Option<Vec<u8>>) -> Result<u64> {
    query(attachment::DELETE_BLOB)
        .bind(site.as_bytes())
        .bind(digest)
        .execute(&mut tx.connection)
        .await?;
    Ok(0)
}

/// One step: deletes some rows of the newest queue entry, and the entry with its last row.
async fn step(tx: &mut WriteTx) -> Result<u64> {
    let Some(row) = query(NEXT).fetch_optional(&mut tx.connection).await? else {
        return Ok(0);
    };
    let mut columns = Columns::new(&row);
    let (trash, site, kind, number): (i64, SiteId, i64, i64) =
        (columns.value()?, columns.site()?, columns.value()?, columns.value()?);
    let rows = match kind {
        KIND_INBOX => of_inbox(tx, site, number).await?,
        KIND_CONVERSATION => of_conversation(tx, site, number).await?,
        KIND_CONTACT => of_contact(tx, site, number, CONVERSATIONS_PER_STEP).await?,
        KIND_BLOB => of_blob(tx, site, columns.value()?).await?,
        _ => 0,
    };
    if rows > 0 {
        return Ok(rows);
    }
    query("DELETE FROM deletion_queue WHERE row = ?1")
        .bind(trash)
        .execute(&mut tx.connection)
        .await?;
    Ok(1)
}

/// Runs steps until the queue is empty.
pub(super) async fn sweep(store: &SqlStore, _now: Timestamp) -> Result<u64> {
    store.writer.background_to_end(move |tx| step(tx).boxed()).await
}
