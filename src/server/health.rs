//! `GET /healthz`: the process is running. `GET /readyz`: it is ready for traffic: the database is
//! readable, and the writer is running and gets its lock. A full disk does not make it unready,
//! since stored data can still be read.

use super::{error_response::error_response, router::Readiness};
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_app::App;
use belfry_domain::PausedWork;
use belfry_web::router::{Routes, get};
use std::time::Duration;

/// A database that is slower than this can't serve requests.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(super) struct Health {
    app: App,
    readiness: Readiness,
}

pub(super) fn router(app: App, readiness: Readiness) -> Router {
    routes().into_router().with_state(Health { app, readiness })
}

pub(super) fn routes() -> Routes<Health> {
    Routes::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

async fn alive() -> Response {
    ok("alive\n")
}

async fn ready(State(health): State<Health>) -> Response {
    if health.readiness.is_stopping() {
        return error_response(StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match tokio::time::timeout(CHECK_TIMEOUT, health.app.check_ready()).await {
        Ok(Ok(())) => ok(match health.app.clock_watch().paused_work() {
            Some(PausedWork::Everything) => {
                "ready; the clock jumped ahead, so deletion and scheduling are paused until it has been stable for an hour\n"
            }
            Some(PausedWork::Deletions) => {
                "ready; the clock is minutes ahead of the last known time, so deletion is paused until it has been stable for an hour\n"
            }
            None => "ready\n",
        }),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            error_response(StatusCode::SERVICE_UNAVAILABLE, "the database does not respond")
        }
        Err(_) => {
            tracing::warn!("not ready: the database did not respond in time");
            error_response(StatusCode::SERVICE_UNAVAILABLE, "the database does not respond")
        }
    }
}

fn ok(text: &'static str) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::open_app;
    use axum::{body::Body, http::Request};
    use belfry_app::events::ReaderHub;
    use tower::ServiceExt as _;

    async fn status(router: &Router, path: &str) -> u16 {
        router
            .clone()
            .oneshot(Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap()
            .status()
            .as_u16()
    }

    #[tokio::test]
    async fn readiness_depends_on_database_and_shutdown() {
        let folder = tempfile::tempdir().unwrap();
        let (inbox, store) = open_app(
            &format!("sqlite://{}", folder.path().join("belfry.db").display()),
            ReaderHub::new(),
        )
        .await
        .unwrap();
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

    #[tokio::test]
    async fn clock_doubt_is_reported_while_ready() {
        use crate::server::open_app;
        use belfry_domain::{Clock, PausedWork, SystemClock, Timestamp};

        struct Ahead(Duration);
        impl Clock for Ahead {
            fn now(&self) -> Timestamp {
                SystemClock.now().plus(self.0)
            }

            fn uptime(&self) -> Duration {
                SystemClock.uptime()
            }
        }

        let folder = tempfile::tempdir().unwrap();
        let (inbox, _store) = open_app(
            &format!("sqlite://{}", folder.path().join("belfry.db").display()),
            ReaderHub::new(),
        )
        .await
        .unwrap();
        let router = router(inbox.clone(), Readiness::default());
        let watch = inbox.clock_watch();
        assert!(watch.may_delete(&Ahead(Duration::ZERO)));
        for (ahead, doubt, text) in [
            (Duration::ZERO, None, "ready\n"),
            (Duration::from_mins(6), Some(PausedWork::Deletions), "so deletion is paused until"),
            (
                Duration::from_hours(48),
                Some(PausedWork::Everything),
                "deletion and scheduling are paused until",
            ),
        ] {
            watch.may_delete(&Ahead(ahead));
            assert_eq!(watch.paused_work(), doubt);
            let answer = router
                .clone()
                .oneshot(Request::get("/readyz").body(Body::empty()).unwrap())
                .await
                .unwrap();
            assert_eq!(answer.status(), 200);
            let body = axum::body::to_bytes(answer.into_body(), 1_000).await.unwrap();
            assert!(std::str::from_utf8(&body).unwrap().contains(text), "{body:?}");
        }
    }
}
