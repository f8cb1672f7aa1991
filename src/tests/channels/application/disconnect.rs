//! Agents' programs that disconnect at any moment: each write is atomic.

use super::{
    ApplicationFixture,
    route_table::{documented_routes, row},
};
use crate::{
    disconnect::{AtomicityChecker, Retry},
    support::TestApp,
};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;

/// Notifies others, and writes nothing unless a webhook is subscribed.
const TYPING_ROUTE: (&str, &str) =
    ("POST", "/conversations/{conversation_id}/toggle_typing_status");

#[tokio::test]
async fn each_write_is_atomic() {
    let mut failed = Vec::new();
    for (method, route) in documented_routes() {
        if method == "GET" || (method.as_str(), route.as_str()) == TYPING_ROUTE {
            continue;
        }
        let app = TestApp::new().await;
        let prepare = async |_| {
            let office = ApplicationFixture::new(&app).await;
            let row = row(&office, &method, &route).await.unwrap();
            row.call(
                &app,
                &method,
                office.account,
                Some(office.administrator.access_token.reveal()),
            )
        };
        let name = format!("{method} {route}");
        let mut watched = AtomicityChecker::new(&app).await;
        if AssertUnwindSafe(watched.leaves_nothing_half_done(&name, Retry::Never, prepare))
            .catch_unwind()
            .await
            .is_err()
        {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
