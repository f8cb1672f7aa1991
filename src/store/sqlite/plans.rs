//! How `SQLite` goes about each statement of a reader, since one that walks through a table is right in every test and wrong
//! in a large database.

use super::{lane::Statement, mark, message, open, reader, schedule, segment, theme, watermark};
use crate::store::SqliteOptions;
use sqlx::{Connection as _, Row as _, SqliteConnection};

struct Plans {
    connection: SqliteConnection,
    _folder: tempfile::TempDir,
}

impl Plans {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection = open::writer(&SqliteOptions::new(folder.path().join("belfry.db"))).await.unwrap();
        Self { connection, _folder: folder }
    }

    async fn of(&mut self, statement: &str) -> Vec<String> {
        let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"))).fetch_all(&mut self.connection).await.unwrap();
        plan.iter().map(|row| row.get("detail")).collect()
    }

    async fn close(self) {
        self.connection.close().await.unwrap();
    }
}

const SEEING: [(&str, Statement); 5] = [
    ("page", reader::PAGE),
    ("unread page", reader::UNREAD_PAGE),
    ("archived page", reader::ARCHIVED_PAGE),
    ("tally", reader::TALLY),
    ("item", reader::ITEM),
];

const MARKING: [(&str, Statement); 7] = [
    ("read", mark::READ),
    ("unread", mark::UNREAD),
    ("clicked", mark::CLICKED),
    ("archive", mark::ARCHIVE),
    ("delete", mark::DELETE),
    ("restore", mark::RESTORE),
    ("undelete", mark::UNDELETE),
];

const WATERMARKS: [(&str, Statement); 2] = [("newest", watermark::NEWEST), ("raise", watermark::RAISE)];

const PLAIN: [(&str, &str); 8] = [
    ("version", mark::VERSION),
    ("segments", segment::STAMP),
    ("segments in use", segment::IN_USE),
    ("release of a segment", segment::RELEASE),
    ("seen", watermark::SEEN),
    ("all read", watermark::ALL_READ),
    ("carry over", watermark::CARRY_OVER),
    ("undo all read", watermark::UNDO_ALL_READ),
];

/// How many segments the reader is in.
const LANES: [usize; 3] = [0, 1, 3];

/// The statements that depend on the segments that a reader is in, for some numbers of these.
fn laned(statements: impl IntoIterator<Item = (&'static str, Statement)>) -> impl Iterator<Item = (String, String)> {
    let each =
        |(name, statement): (&str, Statement)| LANES.map(|lanes| (format!("{name} with {lanes} segments"), statement.with(lanes).into_owned()));
    statements.into_iter().flat_map(each)
}

fn plain(statements: impl IntoIterator<Item = (&'static str, &'static str)>) -> impl Iterator<Item = (String, String)> {
    statements.into_iter().map(|(name, statement)| (name.to_owned(), statement.to_owned()))
}

const THEMES: [(&str, &str); 8] = [
    ("theme", theme::ONE),
    ("themes", theme::ALL),
    ("draft", theme::DRAFT),
    ("theme in force", theme::IN_FORCE),
    ("theme file", theme::FILE),
    ("theme files", theme::FILES),
    ("delete theme files", theme::DELETE_FILES),
    ("preview link", theme::LINK),
];

/// Every table is reached by a key. What may be scanned are the few rows that the statement itself has made.
#[tokio::test]
async fn no_statement_of_a_reader_walks_through_a_table() {
    let mut plans = Plans::new().await;
    for (name, statement) in laned(SEEING).chain(laned(MARKING)).chain(laned(WATERMARKS)).chain(plain(PLAIN)).chain(plain(THEMES)) {
        let plan = plans.of(&statement).await;
        assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{name}: {plan:#?}");
        for step in &plan {
            let table = step.strip_prefix("SCAN ").and_then(|scanned| scanned.split(' ').next());
            let made = table.is_none_or(|table| matches!(table, "reader" | "counts" | "list" | "u" | "asked" | "CONSTANT") || table.starts_with('('));
            assert!(made, "{name}: {step} in {plan:#?}");
            assert!(!step.contains("AUTOMATIC"), "{name}: {step} in {plan:#?}");
        }
    }
    plans.close().await;
}

/// A lane that had to be sorted would have been read to its end first: what is sorted are the few rows that a lane gave.
#[tokio::test]
async fn lanes_come_in_their_order() {
    let mut plans = Plans::new().await;
    for (name, statement) in laned(SEEING) {
        let plan = plans.of(&statement).await;
        for (before, step) in plan.iter().zip(plan.iter().skip(1)) {
            let sorts_a_lane = step.contains("TEMP B-TREE") && !before.starts_with("SCAN (subquery");
            assert!(!sorts_a_lane, "{name}: {step} after {before} in {plan:#?}");
        }
    }
    let plan = plans.of(reader::ARCHIVED_PAGE.plain).await;
    let lane = plan.iter().position(|step| step.contains("receipt_archived")).unwrap();
    assert!(plan[lane].contains("(site_id=? AND contact_id=? AND position<?)"), "{plan:#?}");
    for statement in [reader::TALLY.plain, reader::UNREAD_PAGE.plain] {
        let plan = plans.of(statement).await;
        let lanes: Vec<_> = plan.iter().filter(|step| step.contains("receipt_unread")).collect();
        assert!(!lanes.is_empty());
        for lane in lanes {
            assert!(lane.contains("(site_id=? AND contact_id=? AND unread_epoch=? AND aside=? AND position<?)"), "{lane}");
        }
    }
    for statement in [watermark::ALL_READ, watermark::CARRY_OVER] {
        let plan = plans.of(statement).await;
        let key = "(site_id=? AND contact_id=? AND unread_epoch=? AND aside=? AND position";
        assert!(plan.iter().any(|step| step.contains("receipt_unread") && step.contains(key)), "{plan:#?}");
    }
    plans.close().await;
}

/// `SQLite` weighs indexes without knowing how many rows there are, and is wrong about this one: it would walk through all
/// placements of a site, or of everyone.
#[tokio::test]
async fn what_names_a_message_finds_its_placements_by_it() {
    let mut plans = Plans::new().await;
    let others = [schedule::MOVE, message::ADJUST, message::AUDIENCE, message::NOTE].map(|statement| ("other", statement));
    for (_, statement) in laned(MARKING).chain(laned([("item", reader::ITEM)])).chain(plain(others)) {
        let plan = plans.of(&statement).await;
        let steps: Vec<&String> = plan.iter().filter(|step| step.starts_with("SEARCH p ") || step.starts_with("SEARCH placement ")).collect();
        assert!(!steps.is_empty(), "{statement}: {plan:#?}");
        for step in steps {
            assert!(step.contains("INDEX placement_message (site_id=? AND message_id=?"), "{statement}: {step}");
        }
    }
    plans.close().await;
}
