//! Another program holds the database lock: writes fail in time with `Retry-After`, reads are
//! served.

use super::{
    compare, crashes,
    fixture::FaultFixture,
    history::{Outcome, WAIT_TIMEOUT},
    load::Load,
    work,
};
use crate::server::process::{Answer, DataDir, Server};
use sqlx::{Connection as _, SqliteConnection};
use std::{
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::{Builder, Runtime};

/// How long the lock is held in a long run.
const LOCK_TIME: Duration = Duration::from_secs(20);
/// A write waits up to five seconds for the lock; with other writes before it and on a busy
/// machine, always less than this.
const MAX_ANSWER_TIME: Duration = Duration::from_secs(15);

/// Releases the lock when dropped.
struct Lock(Runtime, SqliteConnection);

impl Lock {
    fn take(home: &DataDir) -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let connection = runtime.block_on(async {
            let mut connection = SqliteConnection::connect(&home.database_url()).await.unwrap();
            sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
            connection
        });
        Self(runtime, connection)
    }

    fn release(self) {
        self.0.block_on(async { self.1.close().await.unwrap() });
    }
}

/// Asserts that a write fails in time, with `Retry-After`.
fn assert_retry_after(what: &str, write: impl FnOnce() -> Option<Answer>) {
    let begun = Instant::now();
    let answer = write().unwrap_or_else(|| panic!("{what} is not answered"));
    assert!(begun.elapsed() < MAX_ANSWER_TIME, "{what} takes {:?}", begun.elapsed());
    assert_eq!(
        (answer.status, answer.header("retry-after").is_some()),
        (503, true),
        "{what}: {}",
        answer.head
    );
}

pub fn reads_are_served(server: &Server, shop: &FaultFixture) {
    for path in ["counts", "messages?filter=all"] {
        let answer = shop.as_reader(server.address, 0, "GET", path, "").unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    }
    for path in ["messages", "audit", "webhooks", "contacts"] {
        let answer = shop.as_backend(server.address, "GET", path, None, "").unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    }
    assert_eq!(server.get("/healthz", &[]).status, 200);
}

#[test]
fn locked_database_answers_writes_with_retry_after() {
    let home = DataDir::new();
    let server = home.serve(&[]);
    let (shop, mut load) = (FaultFixture::open(&home, &server), Load::new(31));
    let mut locked = None;
    work(&mut load, &shop, &server, 40, || locked = Some(Lock::take(&home)));
    let begun = Instant::now();
    let body = r#"{"allRead":true}"#;
    thread::scope(|scope| {
        let writes = [
            scope.spawn(|| {
                assert_retry_after("a publish", || shop.publish(server.address, "refused"));
            }),
            scope.spawn(|| {
                assert_retry_after("a mark", || {
                    shop.as_reader(server.address, 0, "POST", "marks", body)
                });
            }),
            scope.spawn(|| {
                assert_retry_after("a token", || {
                    shop.as_backend(
                        server.address,
                        "POST",
                        "auth/contact/token",
                        None,
                        r#"{"externalCustomerId":"reader-0"}"#,
                    )
                });
            }),
            scope.spawn(|| {
                assert_retry_after("a theme", || {
                    shop.upload_theme(server.address, ".title { color: teal }")
                });
            }),
        ];
        while writes.iter().any(|write| !write.is_finished()) {
            reads_are_served(&server, &shop);
            assert!(begun.elapsed() < WAIT_TIMEOUT);
        }
    });
    let since = shop.history.len();
    load.run(&shop, server.address, || {
        shop.history.wait(since, 1, |operation| operation.outcome == Outcome::Rejected(503));
        while crashes().is_some() && begun.elapsed() < LOCK_TIME {
            reads_are_served(&server, &shop);
        }
        locked.take().unwrap().release();
        shop.history.wait(shop.history.len(), 40, |operation| operation.done().is_some());
    });
    assert_eq!(server.get("/readyz", &[]).status, 200);
    compare(&home, &server, &shop, &mut load, &[409, 429, 503]);
}
