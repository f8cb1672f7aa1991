//! Database access for the duration of one command.

use super::{Common, Failure};
use crate::server::open_database;
use belfry_app::{App, events::ReaderHub};
use belfry_domain::EventSink;
use std::sync::Arc;

/// Opens the database, runs `work`, and closes the database in any case. A server running on the
/// same file notices the changes and notifies its readers.
pub(super) async fn with_app<T>(
    common: &Common,
    work: impl AsyncFnOnce(App) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let nobody: Arc<dyn EventSink> = ReaderHub::new();
    let (inbox, store) = open_database(&common.database(), nobody).await?;
    let outcome = work(inbox).await;
    store.close().await;
    outcome
}
