//! Agents' programs that disconnect at any moment: each write is atomic.

use super::{
    ApplicationFixture,
    route_table::{row, written_routes},
};
use crate::{
    disconnect::{AtomicityChecker, Retry},
    support::TestApp,
};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;

#[tokio::test]
async fn each_write_is_atomic() {
    let mut failed = Vec::new();
    for (method, route) in written_routes() {
        let app = TestApp::new().await;
        let prepare = async |_| {
            let fixture = ApplicationFixture::new(&app).await;
            let row = row(&fixture, &method, &route).await.unwrap();
            row.call(
                &app,
                &method,
                fixture.account,
                Some(fixture.administrator.access_token.reveal()),
            )
        };
        let name = format!("{method} {route}");
        let mut watched = AtomicityChecker::new(&app).await;
        if AssertUnwindSafe(watched.check_atomic(&name, Retry::Never, prepare))
            .catch_unwind()
            .await
            .is_err()
        {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
