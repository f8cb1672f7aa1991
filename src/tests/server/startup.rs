//! Startup failures: one error message each, and exit code 1.

use super::process::DataDir;
use belfry_store::DatabaseOptions;
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use std::net::TcpListener;

fn assert_start_fails(home: &DataDir, arguments: &[&str], words: &[&str]) {
    let output = home.run(arguments);
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{sentence}");
    assert_eq!(sentence.matches('\n').count(), 1, "one sentence: {sentence}");
    for word in words {
        assert!(sentence.contains(word), "should name {word}: {sentence}");
    }
}

#[test]
fn port_in_use_is_reported() {
    let home = DataDir::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_start_fails(
        &home,
        &["serve", "--listen", &address],
        &[&address, "another program", "--listen"],
    );
}

#[test]
fn unwritable_database_is_reported() {
    let home = DataDir::new();
    let missing = home.path().join("missing/belfry.db");
    let url = format!("sqlite://{}", missing.display());
    assert_start_fails(
        &home,
        &["serve", "--listen", "127.0.0.1:0", "--database-url", &url],
        &[missing.to_str().unwrap(), "does not exist"],
    );
    let folder = home.path().to_str().unwrap();
    assert_start_fails(
        &home,
        &["migrate", "--database-url", &format!("sqlite://{folder}")],
        &[folder, "is a folder"],
    );
    let text = home.path().join("notes.txt");
    std::fs::write(
        &text,
        "Not a database, but long enough that it can't be taken for an empty one. ".repeat(20),
    )
    .unwrap();
    assert_start_fails(
        &home,
        &["migrate", "--database-url", &format!("sqlite://{}", text.display())],
        &["notes.txt", "not a SQLite database"],
    );
}

#[tokio::test]
async fn locked_and_newer_databases_are_reported() {
    let home = DataDir::new();
    let options = DatabaseOptions::parse(&home.database_url()).unwrap();
    assert_eq!(home.json(&["migrate"], "")["schema"], options.schema_version());
    let mut other = SqliteConnection::connect(&home.database_url()).await.unwrap();

    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    assert_start_fails(
        &home,
        &["serve", "--listen", "127.0.0.1:0"],
        &["belfry.db", "another program holds its lock"],
    );
    other.execute("ROLLBACK").await.unwrap();

    other
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) SELECT 9999, 'later', 1, checksum, 0 FROM _sqlx_migrations LIMIT 1",
        )
        .await
        .unwrap();
    assert_start_fails(
        &home,
        &["serve", "--listen", "127.0.0.1:0"],
        &["belfry.db", "newer version of Belfry", "9999"],
    );
}
