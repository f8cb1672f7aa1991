//! Listens for what other processes on the same server have committed. A database file has no such
//! notices: its worker asks. Must not depend on what was changed.

use super::Shared;
use crate::{
    Result,
    postgres::{Notice, Notices},
    sql::database::Database,
};
use belfry_domain::InboxEvent;
use std::sync::Arc;
use tokio_util::task::AbortOnDropHandle;

/// Starts the task that listens, if the database has notices.
pub(super) fn listen(shared: &Arc<Shared>) -> Option<AbortOnDropHandle<()>> {
    let Database::Postgres(options) = &shared.database else { return None };
    let mut notices = Notices::new(options.clone(), shared.process);
    let shared = Arc::clone(shared);
    Some(AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            let handled = handle(&shared, notices.next().await).await;
            if let Err(error) = handled {
                tracing::warn!(%error, "could not check for writes of other processes");
            }
        }
    })))
}

async fn handle(shared: &Shared, notice: Notice) -> Result<()> {
    let changed = match notice {
        Notice::Changed(site, version) => {
            if shared.site_versions.is_news(site, version) {
                vec![site]
            } else {
                Vec::new()
            }
        }
        Notice::Unknown => {
            let mut connection = shared.database.connect_writer().await?;
            let changed = shared.site_versions.refresh(&mut connection).await?;
            connection.close().await?;
            changed
        }
    };
    if !changed.is_empty() {
        // The leader looks for what the other process may have queued.
        shared.commit_signals.delivery.notify_one();
        shared.commit_signals.fan_out.notify_one();
    }
    for site in changed {
        shared.event_sink.publish(InboxEvent::ExternalWrite { site });
    }
    Ok(())
}
