//! Where the watermark is after actions on single messages.

use super::*;
use crate::{SqlStore, SqliteOptions, Store as _, db::query_scalar, sqlite::open};
use belfry_domain::{EventSink, InboxEvent, MessageId, ReaderAction};
use std::sync::Arc;

struct Nobody;

impl EventSink for Nobody {
    fn publish(&self, _: InboxEvent) {}
}

/// A reader can't observe whether the watermark is raised; the cost of counting depends on it.
#[tokio::test]
async fn watermark_passes_read_archived_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("belfry.db");
    let store = SqlStore::open(SqliteOptions::new(&path), Arc::new(Nobody)).await.unwrap();
    let mut connection = open::foreign(&path).await.unwrap();
    connection.run_script(
        "INSERT INTO site (id, name, origins, selector, insert_position, language, created_at, version, broadcast_version, last_position, next_contact)
            VALUES (zeroblob(16), 'Shop', '[]', '#bell', 'beforeend', 'en', 0, 9, 9, 5, 2);
         INSERT INTO contact (site_id, id, created_at, updated_at) VALUES (zeroblob(16), 1, 0, 0);
         INSERT INTO message (site_id, id, everyone, state, content, pinned, created_at, publish_at, position)
            SELECT zeroblob(16), CAST('message no. 000' || value AS BLOB), 1, 1, '{}', 0, 0, 0, value FROM json_each('[1, 2, 3, 4, 5]');
         INSERT INTO recipient SELECT site_id, 0, position, id, 0, NULL, NULL FROM message;",
    )
    .await
    .unwrap();
    let (site, reader, now) =
        (SiteId::from_bytes([0; 16]), ContactId(1), Timestamp::from_millis(9));
    let message = |number: u8| {
        let mut bytes = *b"message no. 0000";
        bytes[15] += number;
        vec![MessageId::from_bytes(bytes)]
    };
    for (mark, expected) in [
        (ReaderAction::Read(message(2)), 0),
        (ReaderAction::Archive(message(1)), 2),
        (ReaderAction::Unread(message(2)), 2),
        (ReaderAction::Restore(message(1)), 2),
        (ReaderAction::Delete(message(3)), 3),
        (ReaderAction::Clicked(message(4).remove(0)), 4),
        (ReaderAction::Archive(message(5)), 5),
    ] {
        store.apply_reader_action(site, reader, &mark, now).await.unwrap();
        let position: i64 = query_scalar("SELECT read_position FROM contact")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(position, expected, "{mark:?}");
    }
    assert_eq!(store.counts(site, reader, now).await.unwrap().unread, 2);
    connection.close().await.unwrap();
}
