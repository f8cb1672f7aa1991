//! Listens for what other processes on the same server have committed. A database file has no such
//! notifications: its worker asks. Must not depend on what was changed.

use super::Shared;
use crate::{
    Result,
    postgres::{Notification, Notifications},
    sql::database::Database,
};
use belfry_domain::SiteId;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

/// The pause between two attempts to read all versions.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// Starts the task that listens, if the database has notifications.
pub(super) fn listen(shared: &Arc<Shared>) -> Option<AbortOnDropHandle<()>> {
    let Database::Postgres(options) = &shared.database else { return None };
    let mut notifications = Notifications::new(options.clone(), Arc::clone(&shared.processes));
    let shared = Arc::clone(shared);
    Some(AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            match notifications.next().await {
                Notification::Changed(site, version) => {
                    if shared.site_versions.is_news(site, version) {
                        shared.publish_external_writes(vec![site]);
                    }
                }
                Notification::Unknown => {
                    while let Err(error) = compare_versions(&shared).await {
                        tracing::warn!(%error, "could not check for writes of other processes");
                        sleep(RETRY_EVERY).await;
                    }
                }
            }
        }
    })))
}

async fn compare_versions(shared: &Shared) -> Result<()> {
    let mut connection = shared.database.connect_writer().await?;
    let changed: Vec<SiteId> = shared.site_versions.refresh(&mut connection).await?;
    shared.publish_external_writes(changed);
    let _ = connection.close().await;
    Ok(())
}
