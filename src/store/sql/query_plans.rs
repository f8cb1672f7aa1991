//! Checks the query plan of each statement: one that scans a table passes every other test and is
//! slow in a large database.
//!
//! To add a statement: list it below, or in a submodule by topic.

mod channel;
mod contacts;
mod deliveries;
mod fan_outs;
mod reports;
mod retention;
mod sdk;

use super::{
    accounts, contact_admin, contact_matching, credential, device, fan_out, feeds::FeedStatement,
    imports, message_rows, mutes, origin, outbox, reader, reader_action, reader_list, recipients,
    segment, shared_state, theme, token_rotation, watermark,
};
use crate::{
    SqliteOptions,
    db::{Connection, query, query_as, query_scalar},
    sqlite::open,
};

struct Plans {
    connection: Connection,
    _folder: tempfile::TempDir,
}

impl Plans {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection =
            open::writer(&SqliteOptions::new(folder.path().join("belfry.db"))).await.unwrap();
        Self { connection, _folder: folder }
    }

    async fn of(&mut self, statement: &str) -> Vec<String> {
        let plan = query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")))
            .fetch_all(&mut self.connection)
            .await
            .unwrap();
        plan.iter().map(|row| row.try_get_named("detail").unwrap()).collect()
    }

    async fn close(self) {
        self.connection.close().await.unwrap();
    }
}

const READ_STATEMENTS: [(&str, FeedStatement); 7] = [
    ("page", reader::PAGE),
    ("unread page", reader::UNREAD_PAGE),
    ("entries", reader::ENTRIES),
    ("unread entries", reader::UNREAD_ENTRIES),
    ("archived page", reader::ARCHIVED_PAGE),
    ("counts", reader::COUNTS),
    ("item", reader::ITEM),
];

const ACTION_STATEMENTS: [(&str, FeedStatement); 7] = [
    ("read", reader_action::READ),
    ("unread", reader_action::UNREAD),
    ("clicked", reader_action::CLICKED),
    ("archive", reader_action::ARCHIVE),
    ("delete", reader_action::DELETE),
    ("restore", reader_action::RESTORE),
    ("undelete", reader_action::UNDELETE),
];

const WATERMARK_STATEMENTS: [(&str, FeedStatement); 3] =
    [("newest", watermark::NEWEST), ("raise", watermark::RAISE), ("reached", outbox::REACHED)];

const FIXED_STATEMENTS: [(&str, &str); 28] = [
    ("issue a token", credential::ISSUE),
    ("a token", credential::TOKEN),
    ("begin sessions", credential::EXCHANGE_STEPS[0]),
    ("a visit", credential::EXCHANGE_STEPS[1]),
    ("end the oldest sessions", credential::EXCHANGE_STEPS[2]),
    ("languages of messages", reader::LANGUAGES),
    ("messages in a language", reader::IN_LANGUAGE),
    ("cost of named segments", segment::NAMED_COST),
    ("cost of segments in use", segment::COST_IN_USE),
    ("log what was delivered to many", watermark::RECORD_DELIVERED[0]),
    ("what was delivered to many", watermark::RECORD_DELIVERED[1]),
    ("mutes", mutes::OF),
    ("messages of a list", message_rows::MESSAGES),
    ("unmute others", mutes::UNMUTE_OTHERS),
    ("context of a mark", reader_action::CONTEXT),
    ("segments", segment::EVALUATION_VERSION),
    ("segments in use", segment::IN_USE),
    ("release of a segment", segment::RELEASE_IF_UNUSED),
    ("delivered", watermark::DELIVERED),
    ("log delivered", watermark::LOG_DELIVERED),
    ("log seen", watermark::LOG_SEEN),
    ("log read", watermark::LOG_READ),
    ("log seen by read", watermark::LOG_SEEN_BY_READ),
    ("unlog read", watermark::DELETE_READ_MOVE),
    ("seen", watermark::SEEN),
    ("all read", watermark::ALL_READ),
    ("carry over", watermark::CARRY_OVER),
    ("undo all read", watermark::UNDO_ALL_READ),
];

/// The numbers of segments that the reader is in.
const SEGMENT_COUNTS: [usize; 3] = [0, 1, 3];

/// Statements that depend on the reader's segments, built for each of these numbers.
fn with_feeds(
    statements: impl IntoIterator<Item = (&'static str, FeedStatement)>,
) -> impl Iterator<Item = (String, String)> {
    let each = |(name, statement): (&str, FeedStatement)| {
        SEGMENT_COUNTS.map(|feeds| {
            (format!("{name} with {feeds} segments"), statement.with_feeds(feeds).into_owned())
        })
    };
    statements.into_iter().flat_map(each)
}

fn as_owned(
    statements: impl IntoIterator<Item = (&'static str, &'static str)>,
) -> impl Iterator<Item = (String, String)> {
    statements.into_iter().map(|(name, statement)| (name.to_owned(), statement.to_owned()))
}

const THEME_STATEMENTS: [(&str, &str); 8] = [
    ("theme", theme::ONE),
    ("themes", theme::ALL),
    ("draft", theme::DRAFT),
    ("theme in force", theme::PUBLISHED),
    ("theme file", theme::FILE),
    ("theme files", theme::FILES),
    ("delete theme files", theme::DELETE_FILES),
    ("preview link", theme::PREVIEW_LINK),
];

const PROGRAM_STATEMENTS: [(&str, &str); 17] = [
    ("seen position", reader_list::SEEN_POSITION),
    ("family of a token", token_rotation::FAMILY),
    ("chain", token_rotation::CHAIN),
    ("first token", token_rotation::FIRST_TOKEN),
    ("crowd out chains", token_rotation::DELETE_EXCESS_CHAINS),
    ("prolong", token_rotation::EXTEND_FAMILY),
    ("a successor was used", token_rotation::SUCCESSOR_USED),
    ("device", device::ONE),
    ("devices", device::ALL),
    ("crowd out devices", device::DELETE_EXCESS),
    ("put a shared value", shared_state::PUT),
    ("crowd out shared values", shared_state::DELETE_EXCESS),
    ("shared value", shared_state::GET),
    ("extend a shared value", shared_state::EXTEND),
    ("take a shared value", shared_state::TAKE),
    ("bound an attempt", shared_state::BOUND_ATTEMPTS),
    ("attempts", shared_state::FULL_AT),
];

const CONTACT_STATEMENTS: [(&str, &str); 6] = [
    ("owners", contact_matching::OWNERS),
    ("receipts", contact_admin::RECEIPTS),
    ("credentials", contact_admin::CREDENTIALS),
    ("import", imports::ONE),
    ("import problems", imports::PROBLEM_LIST),
    ("import part", imports::PART_OF),
];

const CONSOLE_STATEMENTS: [(&str, &str); 8] = [
    ("account", accounts::ACCOUNT),
    ("role", accounts::ROLE),
    ("console session", accounts::SESSION),
    ("invitations", accounts::OPEN_INVITATIONS),
    ("trusted browsers", accounts::TRUSTED_BROWSERS),
    ("forget browsers", accounts::DELETE_OLD_BROWSERS),
    ("invitations of a member", accounts::REVOKE_INVITATIONS),
    ("end console sessions", accounts::END_SESSIONS),
];

/// Every table is reached by a key. Only the few rows that the statement itself produced may be
/// scanned.
#[tokio::test]
async fn reader_statements_scan_no_table() {
    let mut plans = Plans::new().await;
    let programs = as_owned(PROGRAM_STATEMENTS)
        .chain(as_owned(CONSOLE_STATEMENTS))
        .chain(as_owned(CONTACT_STATEMENTS));
    let others = as_owned(FIXED_STATEMENTS).chain(as_owned(THEME_STATEMENTS)).chain(programs);
    for (name, statement) in with_feeds(READ_STATEMENTS)
        .chain(with_feeds(ACTION_STATEMENTS))
        .chain(with_feeds(WATERMARK_STATEMENTS))
        .chain(others)
    {
        let plan = plans.of(&statement).await;
        assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{name}: {plan:#?}");
        for step in &plan {
            let table = step.strip_prefix("SCAN ").and_then(|scanned| scanned.split(' ').next());
            let made = table.is_none_or(|table| {
                matches!(
                    table,
                    "reader"
                        | "counts"
                        | "list"
                        | "u"
                        | "own"
                        | "input"
                        | "translation"
                        | "muted"
                        | "stood"
                        | "CONSTANT"
                        | "2-ROW"
                ) || table.starts_with('(')
            });
            assert!(made, "{name}: {step} in {plan:#?}");
            assert!(!step.contains("AUTOMATIC"), "{name}: {step} in {plan:#?}");
        }
    }
    plans.close().await;
}

#[tokio::test]
async fn origins_are_found_by_index() {
    let mut plans = Plans::new().await;
    let plan = plans.of(origin::IS_KNOWN).await;
    assert!(
        plan.iter()
            .any(|step| step.starts_with("SEARCH site_origin") && step.contains("(origin=?)")),
        "{plan:#?}"
    );
    plans.close().await;
}

/// If a feed had to be sorted, it would be read to its end first. Only the few rows taken from each
/// feed are sorted.
#[tokio::test]
async fn feeds_are_read_in_order() {
    let mut plans = Plans::new().await;
    for (name, statement) in with_feeds(READ_STATEMENTS) {
        let plan = plans.of(&statement).await;
        for (before, step) in plan.iter().zip(plan.iter().skip(1)) {
            let sorts_a_lane =
                step.contains("TEMP B-TREE") && !before.starts_with("SCAN (subquery");
            assert!(!sorts_a_lane, "{name}: {step} after {before} in {plan:#?}");
        }
    }
    let plan = plans.of(reader::ARCHIVED_PAGE.base).await;
    let feed = plan.iter().position(|step| step.contains("receipt_archived")).unwrap();
    assert!(plan[feed].contains("(site_id=? AND contact_id=? AND position<?)"), "{plan:#?}");
    for statement in [reader::COUNTS.base, reader::UNREAD_PAGE.base] {
        let plan = plans.of(statement).await;
        let feeds: Vec<_> = plan.iter().filter(|step| step.contains("receipt_unread")).collect();
        assert!(!feeds.is_empty());
        for feed in feeds {
            assert!(
                feed.contains(
                    "(site_id=? AND contact_id=? AND unread_epoch=? AND hidden=? AND position<?)"
                ),
                "{feed}"
            );
        }
    }
    for statement in [watermark::ALL_READ, watermark::CARRY_OVER] {
        let plan = plans.of(statement).await;
        let key = "(site_id=? AND contact_id=? AND unread_epoch=? AND hidden=? AND position";
        assert!(
            plan.iter().any(|step| step.contains("receipt_unread") && step.contains(key)),
            "{plan:#?}"
        );
    }
    plans.close().await;
}

/// `SQLite` chooses indexes without knowing how many rows there are, and is wrong about this one:
/// it would scan all `recipient` rows of a site, or of everyone.
#[tokio::test]
async fn recipients_of_a_message_are_found_by_index() {
    let mut plans = Plans::new().await;
    let others = [
        recipients::MOVE_RECIPIENTS,
        recipients::UPDATE_RECIPIENTS,
        message_rows::FIRST_RECIPIENTS,
        fan_out::AUDIENCE,
        recipients::SET_VERSION,
        recipients::SET_VERSION_AND_COUNT,
    ]
    .map(|statement| ("other", statement));
    for (_, statement) in with_feeds(ACTION_STATEMENTS)
        .chain(with_feeds([("item", reader::ITEM)]))
        .chain(as_owned(others))
    {
        let plan = plans.of(&statement).await;
        let steps: Vec<&String> = plan
            .iter()
            .filter(|step| step.starts_with("SEARCH p ") || step.starts_with("SEARCH recipient "))
            .collect();
        assert!(!steps.is_empty(), "{statement}: {plan:#?}");
        for step in steps {
            assert!(
                step.contains("INDEX recipient_message (site_id=? AND message_id=?"),
                "{statement}: {step}"
            );
        }
    }
    plans.close().await;
}

/// Every index has a row of statistics; without it the planner assumes ten rows. Every statement
/// that a foreign key runs on a child table uses a key of all its columns, which is where `SQLite`
/// goes wrong without statistics.
#[tokio::test]
async fn foreign_keys_find_their_rows_by_index() {
    let mut plans = Plans::new().await;
    let without: Vec<String> = query_scalar(
        "SELECT list.name FROM sqlite_schema AS t CROSS JOIN pragma_index_list(t.name) AS list
         WHERE t.type = 'table' AND t.name NOT LIKE '%sqlx%' AND t.name NOT LIKE 'sqlite_%' AND NOT EXISTS (
            SELECT 1 FROM sqlite_stat1 WHERE tbl = t.name AND idx IN (list.name, CASE list.origin WHEN 'pk' THEN t.name END))",
    )
    .fetch_all(&mut plans.connection)
    .await
    .unwrap();
    assert!(without.is_empty(), "no statistics: {without:?}");
    let parents: Vec<(String, String)> = query_as(
        "SELECT DISTINCT keys.\"table\", (SELECT group_concat(info.name || ' = ?', ' AND ') FROM pragma_table_info(keys.\"table\") AS info WHERE info.pk > 0)
         FROM sqlite_schema AS t CROSS JOIN pragma_foreign_key_list(t.name) AS keys WHERE t.type = 'table'",
    )
    .fetch_all(&mut plans.connection)
    .await
    .unwrap();
    assert!(parents.len() > 5);
    for (parent, key) in parents {
        // Sites and keys are never deleted, so their foreign keys need no index.
        if matches!(parent.as_str(), "site" | "api_key") {
            continue;
        }
        let key = if key.is_empty() { "site_id = ? AND id = ?".to_owned() } else { key };
        let plan = plans.of(&format!("DELETE FROM {parent} WHERE {key}")).await;
        for step in &plan {
            let whole = step.starts_with("SEARCH") && !step.ends_with("(site_id=?)");
            assert!(whole, "deleting from {parent}: {step} in {plan:#?}");
        }
    }
    plans.close().await;
}

/// `SQLite` inspects the value of a parameter that is a limit, and so prepares the statement again
/// for each call (3.51). It does not inspect an expression.
#[test]
fn no_limit_is_a_bare_parameter() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    let mut folders = vec![folder];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && path.file_name().is_some_and(|name| name != "query_plans.rs")
            {
                let source = std::fs::read_to_string(&path).unwrap();
                for word in ["LIMIT ?", "OFFSET ?"] {
                    for (at, _) in source.match_indices(word) {
                        let rest = source[at + word.len()..]
                            .trim_start_matches(|digit: char| digit.is_ascii_digit());
                        assert!(rest.starts_with(" + 0"), "{}: {word}", path.display());
                        seen += 1;
                    }
                }
            }
        }
    }
    assert!(seen > 20);
}
