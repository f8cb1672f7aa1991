//! Conversations: inboxes, contacts, messages and agents of the API channel and the Inbox SDK.
//!
//! Tables that grow without bound are read by a key that ends with the looked-up value; lists and
//! counts are range scans of `conversation_list`. A command that changes a conversation reads it,
//! changes it and writes it in one writer transaction.
//!
//! Must not depend on use cases or HTTP surfaces.

mod agent;
mod attachment;
mod canned;
mod cleanup;
mod contact;
mod conversation;
mod encrypted_columns;
mod event;
mod inbox;
mod list;
mod message;
mod post;
mod reader;
mod search_index;
mod session;
mod start;
#[cfg(test)]
pub(in crate::sql) mod statements;
mod update;
mod view;
mod wake;
mod watch;
mod webhook;

pub(super) use agent::{agent_columns, signed_in, write::seal_pubsub as seal_pubsub_of_agent};
pub(super) use contact::delete as delete_contact;
pub(super) use encrypted_columns::{ENCRYPTED_COLUMN_COUNT, reencrypt, replace_all};
pub(super) use event::failure::{handle_failed_delivery, on_dropped_delivery};
pub(super) use session::pubsub_of;

use super::write_tx::WriteTx;
use crate::{
    Result, StoreError,
    db::{Connection, query, query_scalar},
};
use belfry_domain::{
    SiteId,
    channel::{ConversationAccess, InboxId, Rejection},
};
use serde_json::{Map, Value};

/// The result of a command: a store error, or a rejection that the caller returns to its client.
type CommandResult<T> = Result<std::result::Result<T, Rejection>>;

/// Returns early with a rejection, as `?` returns early with an error.
macro_rules! attempt {
    ($attempt:expr) => {
        match $attempt {
            Ok(done) => done,
            Err(rejection) => return Ok(Err(rejection.into())),
        }
    };
}
use attempt;

/// Rolls back what a rejected command has written.
async fn undo_if_rejected<T>(
    tx: &mut WriteTx,
    command: impl for<'w> FnOnce(
        &'w mut WriteTx,
    ) -> futures_util::future::BoxFuture<'w, CommandResult<T>>,
) -> CommandResult<T> {
    let noted = tx.savepoint();
    query("SAVEPOINT verb").execute(&mut tx.connection).await?;
    let attempt = command(tx).await?;
    if attempt.is_err() {
        query("ROLLBACK TO verb").execute(&mut tx.connection).await?;
        tx.roll_back_to(noted);
    }
    query("RELEASE verb").execute(&mut tx.connection).await?;
    Ok(attempt)
}

/// Rejects when the inbox does not exist or the caller has no access to it.
async fn check_access(
    connection: &mut Connection,
    site: SiteId,
    access: ConversationAccess,
    inbox: InboxId,
) -> CommandResult<()> {
    let agent = match access {
        ConversationAccess::Agent(agent) => agent,
        ConversationAccess::Inbox(own) if own != inbox => {
            return Ok(Err(Rejection::NotFound("inbox")));
        }
        _ => return Ok(Ok(())),
    };
    let member: Option<i64> = query_scalar(
        "SELECT 1 FROM inbox_member WHERE site_id = ?1 AND inbox_id = ?2 AND agent_id = ?3",
    )
    .bind(site.as_bytes())
    .bind(inbox.0)
    .bind(agent.0)
    .fetch_optional(connection)
    .await?;
    Ok(member.map(|_| ()).ok_or(Rejection::Forbidden))
}

/// The enum value stored in a column.
fn of_int<T>(value: i64, of: impl FnOnce(i64) -> Option<T>) -> Result<T> {
    of(value).ok_or_else(|| StoreError::Inconsistent(format!("unknown enum value {value}")))
}

/// Merges attributes key by key; `null` removes a key.
fn merge_attributes(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (name, value) in from {
        if value.is_null() {
            into.remove(name);
        } else {
            into.insert(name.clone(), value.clone());
        }
    }
}
