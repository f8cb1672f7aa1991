//! `GET /healthz`: the process answers. `GET /readyz`: it can serve, so traffic may come: the database can be read, and the writer is there and
//! gets its lock. A full disk is no reason: what is stored can still be read.

use super::{answer::refusal, router::Readiness};
use crate::inbox::Inbox;
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use std::time::Duration;

/// A database that needs longer to answer "are you there?" is not ready to serve anyone.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Health {
    inbox: Inbox,
    readiness: Readiness,
}

pub(super) fn router(inbox: Inbox, readiness: Readiness) -> Router {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(Health { inbox, readiness })
}

async fn alive() -> Response {
    fine("alive\n")
}

async fn ready(State(health): State<Health>) -> Response {
    if health.readiness.is_stopping() {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match tokio::time::timeout(PATIENCE, health.inbox.ready()).await {
        Ok(Ok(())) if health.inbox.clock_watch().is_doubted() => {
            fine("ready; the clock jumped ahead, so nothing is deleted and nothing scheduled begins or ends until it has held for an hour\n")
        }
        Ok(Ok(())) => fine("ready\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            refusal(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
        Err(_) => {
            tracing::warn!("not ready: the database did not answer in time");
            refusal(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}

fn fine(text: &'static str) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{live::Hub, server::open_inbox};
    use axum::{body::Body, http::Request};
    use tower::ServiceExt as _;

    async fn status(router: &Router, path: &str) -> u16 {
        router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn readiness_ends_with_the_database_or_with_the_wish_to_stop_and_health_with_neither() {
        let folder = tempfile::tempdir().unwrap();
        let (inbox, store) = open_inbox(&format!("sqlite://{}", folder.path().join("belfry.db").display()), Hub::new()).await.unwrap();
        let readiness = Readiness::default();
        let router = router(inbox.clone(), readiness.clone());
        assert_eq!(status(&router, "/readyz").await, 200);
        readiness.stop();
        assert_eq!(status(&router, "/readyz").await, 503);

        let router = super::router(inbox, Readiness::default());
        store.close().await;
        assert_eq!(status(&router, "/readyz").await, 503);
        assert_eq!(status(&router, "/healthz").await, 200);
    }
}
