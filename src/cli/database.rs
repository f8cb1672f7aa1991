//! The database for the length of one command.

use super::{Common, Failure};
use crate::{domain::Announcer, inbox::Inbox, live::Hub, server::open_database};
use std::sync::Arc;

/// Opens the database, does the work, and closes it whatever came of it. A server that runs on the same file notices
/// what changed and tells its readers.
pub(super) async fn with_inbox<T>(common: &Common, work: impl AsyncFnOnce(Inbox) -> Result<T, Failure>) -> Result<T, Failure> {
    let nobody: Arc<dyn Announcer> = Hub::new();
    let (inbox, store) = open_database(&common.database(), nobody).await?;
    let outcome = work(inbox).await;
    store.close().await;
    outcome
}
