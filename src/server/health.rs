//! `GET /healthz`: the process answers. `GET /readyz`: it can serve, so traffic may come.

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
