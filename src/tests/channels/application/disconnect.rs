//! Agents' programs that disconnect at any moment: each write is atomic.

use super::{
    Office,
    route_table::{described, row},
};
use crate::{
    disconnect::{Again, Watched},
    support::TestApp,
};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;

/// Notifies others, and writes nothing unless a webhook is subscribed.
const TELLS: (&str, &str) = ("POST", "/conversations/{conversation_id}/toggle_typing_status");

#[tokio::test]
async fn each_write_is_atomic() {
    let mut failed = Vec::new();
    for (method, route) in described() {
        if method == "GET" || (method.as_str(), route.as_str()) == TELLS {
            continue;
        }
        let app = TestApp::new().await;
        let prepare = async |_| {
            let office = Office::new(&app).await;
            let row = row(&office, &method, &route).await.unwrap();
            row.call(&app, &method, office.account, Some(office.administrator.access_token.reveal()))
        };
        let name = format!("{method} {route}");
        let mut watched = Watched::new(&app).await;
        if AssertUnwindSafe(watched.leaves_nothing_half_done(&name, Again::Never, prepare)).catch_unwind().await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
