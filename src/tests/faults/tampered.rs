//! Tests of the checker on a real database: it detects changes made behind the server's back.

use super::{checker::check, fixture::FaultFixture, load::Load, state::State, work};
use crate::server::process::DataDir;
use sqlx::{Connection as _, SqliteConnection};

/// Statements, and the violation that each causes.
const TAMPERED: [(&str, &str); 8] = [
    ("DELETE FROM message WHERE rowid = (SELECT min(rowid) FROM message)", "is lost: it was acknowledged as"),
    (
        "CREATE TEMP TABLE copy AS SELECT * FROM message ORDER BY rowid DESC LIMIT 1;
         CREATE TEMP TABLE places AS SELECT recipient.* FROM recipient JOIN copy ON recipient.message_id = copy.id;
         UPDATE copy SET row = NULL, id = CAST('another message.' AS BLOB);
         UPDATE places SET message_id = CAST('another message.' AS BLOB), position = position + 1;
         INSERT INTO message SELECT * FROM copy;
         INSERT INTO recipient SELECT * FROM places",
        "is there 2 times",
    ),
    ("DELETE FROM receipt WHERE archived_at IS NOT NULL", "and it must be of {Archived}"),
    // A used token is identified by its family.
    ("DELETE FROM contact_token; DELETE FROM token_family", "was acknowledged and does not work"),
    (
        "INSERT INTO contact (site_id, id, external_id, created_at, updated_at) SELECT id, 999999, 'stranger', 0, 0 FROM site",
        "contact stranger was invented",
    ),
    ("DELETE FROM audit_entry WHERE action = 'webhook.created'", "the record of the creation of"),
    (
        "DELETE FROM recipient WHERE contact_id = (SELECT id FROM contact WHERE external_id = 'crowd-150')",
        "the database is not sound: a message to a crowd that not all of it have",
    ),
    ("DELETE FROM recipient WHERE contact_id = 0", "the database is not sound: a message that nobody has"),
];

fn tamper(home: &DataDir, statement: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut database = SqliteConnection::connect(&home.database_url()).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    });
}

#[test]
fn tampered_database_is_detected() {
    let home = DataDir::new();
    let mut server = home.serve(&[]);
    let (shop, mut load) = (FaultFixture::open(&home, &server), Load::new(51));
    work(&mut load, &shop, &server, 200, || {});
    load.settle(&shop, server.address);
    assert_eq!(
        check(&shop.history.operations(), &State::read(&home, &server, &shop)),
        Vec::<String>::new()
    );
    for (statement, found) in TAMPERED {
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        tamper(&home, statement);
        server = home.serve(&[]);
        let wrong = check(&shop.history.operations(), &State::read(&home, &server, &shop));
        assert!(wrong.iter().any(|wrong| wrong.contains(found)), "{statement}: {wrong:#?}");
    }
}
