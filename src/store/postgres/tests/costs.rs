//! No cost grows with the database, on a server: for each store verb and each step of a background job,
//! the pages that it touches in a small database and in one 100 times larger. The cases are those of
//! `sql::cost_growth`, which counts steps on `SQLite`.
//!
//! A verb runs on a store, where its statements are recorded. They are then run on a copy of the same
//! database by the only connection that it has: so the pages are those of these statements, with what
//! their triggers and foreign keys do, and of no other connection.

use crate::{
    contract::postgres::Database,
    copy::copy_database,
    db::{Connection, Value, Values, query, query_scalar},
    postgres::{
        PostgresConnection,
        testing::{Recorded, TestDatabase},
    },
    sql::cost_growth::{
        ACCEPTED, FACTOR, cases,
        counter::CountedDatabase,
        dataset, grows,
        scenario::{Request, Scenario, Share},
    },
};
use futures_util::future::join;
use sqlx::AssertSqlSafe;
use std::{collections::BTreeMap, fmt::Write as _, fs};

/// A cost may grow by less than this ratio: an index of a small table has one level, one of a large
/// table has two.
const MAX_RATIO: f64 = 2.0;

/// A cost may always grow by this many pages. A scan of the small database takes about as many, one of
/// the large database many more.
const SLACK: f64 = 30.0;

/// Cases that may grow more here: the most pages in the large database, and the reason.
const ACCEPTED_HERE: &[(&str, f64, &str)] = &[
    ("conversations: later page", 2_000.0, "counts at most 1,000 conversations"),
    (
        "delete_segment: all recalled",
        3_000.0,
        "reads the messages of the segment, of which at most the newest 1,000 are stored",
    ),
    ("due_deliveries: nothing", 3_000.0, "looks at each endpoint with scheduled deliveries"),
    (
        "recall_message: last to a segment",
        3_000.0,
        "reads the messages of the segment, of which at most the newest 1,000 are stored",
    ),
    ("search_contacts: text, newest", 10_000.0, "a report may read all contacts of a site"),
    ("search_contacts: text, oldest", 10_000.0, "a report may read all contacts of a site"),
    (
        "sweep",
        1_500.0,
        "an expired preview link is looked for among those of its site, at most 2,000",
    ),
    (
        "sweep_deliveries",
        600.0,
        "in the small database, the call that is subtracted does more: it ends what other cases left",
    ),
];

/// The pages of all tables and indexes that were read, from memory or not.
const PAGES: &str = "SELECT CAST(sum(pg_stat_get_blocks_fetched(oid)) AS BIGINT) FROM pg_class
     WHERE oid >= 16384 AND relkind IN ('r', 'i', 't')";

/// What is not run again: each statement is a transaction.
const CONTROL: &[&str] = &["BEGIN", "COMMIT", "RELEASE", "ROLLBACK", "SAVEPOINT"];

/// What grows: a condition without an index.
const PLANTED: &str = "SELECT count(*) FROM contact WHERE site_id = ?1 AND language || '' = 'xx'";

type Pages = BTreeMap<String, f64>;

/// Another copy of the database, on which nothing else runs.
struct Replay<'c> {
    connection: &'c mut PostgresConnection,
    failures: Vec<String>,
}

impl Replay<'_> {
    /// The pages so far. The server adds what a connection has read when its transaction ends.
    async fn pages(&mut self) -> f64 {
        self.connection.execute("SELECT pg_stat_force_next_flush()", &Values::new()).await.unwrap();
        let rows = self.connection.fetch_all(PAGES, &Values::new()).await.unwrap();
        let pages: i64 = sqlx::Row::get(&rows[0], 0);
        f64::from(u32::try_from(pages).unwrap())
    }

    /// The pages that these statements touch.
    async fn run(&mut self, statements: &[Recorded]) -> f64 {
        let before = self.pages().await;
        for (text, values) in statements {
            if CONTROL.iter().any(|word| text.starts_with(word)) {
                continue;
            }
            let values: Values = values.iter().cloned().collect();
            if let Err(error) = self.connection.execute(text, &values).await {
                self.failures.push(format!("{error}: {text}"));
            }
        }
        self.pages().await - before
    }
}

/// A database on the server with the data set. `None` when there is no server.
async fn filled(factor: i64) -> Option<Database> {
    let file = CountedDatabase::new();
    dataset::fill(&file.options(), factor).await;
    let database = TestDatabase::new().await?;
    let mut connection = database.connect().await;
    let tables =
        query_scalar("SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'belfry'");
    let tables: Vec<String> = tables.fetch_all(&mut connection).await.unwrap();
    for table in tables {
        // Nobody else reads the pages.
        let alone = format!("ALTER TABLE {table} SET (autovacuum_enabled = off)");
        query(AssertSqlSafe(alone)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let server = Database::of(database);
    let (from, to) = (file.options(), server.options());
    fs::copy(from.secret_key_path(), to.secret_key_path()).unwrap();
    copy_database(&from.into(), &to.into(), &mut |_| {}).await.unwrap();
    Some(server)
}

/// The pages of each case, and of what is planted.
async fn pages(factor: i64) -> Option<Pages> {
    let server = filled(factor).await?;
    let mut connection = server.database().connect().await;
    connection.run_script("VACUUM ANALYZE").await.unwrap();
    connection.close().await.unwrap();
    let copy = server.database().copy().await;
    let recording = server.database().record();
    let scenario = Scenario::on(CountedDatabase::on_server(server), Some(recording)).await;
    cases::run_all(&scenario).await;
    let requests = scenario.recorded().await;

    let mut connection = copy.connect().await;
    let Connection::Postgres(postgres) = &mut connection else { unreachable!() };
    let mut replay = Replay { connection: postgres, failures: Vec::new() };
    let mut pages = run_all(&mut replay, &requests).await;
    let planted = (PLANTED.to_owned(), vec![Value::Bytes(dataset::site().as_bytes().to_vec())]);
    pages.insert("planted".to_owned(), replay.run(&[planted]).await);
    assert!(replay.failures.is_empty(), "{:#?}", replay.failures);
    connection.close().await.unwrap();
    Some(pages)
}

async fn run_all(replay: &mut Replay<'_>, requests: &[Request]) -> Pages {
    let (mut all, mut whole) = (Pages::new(), Pages::new());
    for request in requests {
        let touched = replay.run(&request.statements).await;
        let Some((name, share)) = &request.measured else { continue };
        let cost = match share {
            Share::Each(count) => touched / f64::from(u32::try_from(*count).unwrap()),
            Share::Beyond(other) => (touched - whole[other]).max(0.0),
        };
        whole.insert(name.clone(), touched);
        all.insert(name.clone(), cost);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_do_not_grow_with_the_database() {
    let (small, large) = join(Box::pin(pages(1)), Box::pin(pages(FACTOR))).await;
    let Some((mut small, mut large)) = small.zip(large) else { return };
    let planted = [small.remove("planted").unwrap(), large.remove("planted").unwrap()];
    let (mut table, mut grown) = (String::new(), String::new());
    for (name, cost) in &small {
        let other = large[name];
        let line = format!("{name:<50} pages {cost:>8.1} -> {other:>8.1}");
        let _ = writeln!(table, "{line}");
        let ratio = ACCEPTED.iter().find(|(accepted, ..)| accepted == name);
        let ratio = ratio.map_or(MAX_RATIO, |(_, ratio, _)| f64::max(*ratio, MAX_RATIO));
        let most = ACCEPTED_HERE.iter().find(|(accepted, ..)| accepted == name);
        let most = most.map_or(0.0, |(_, most, _)| *most);
        if other > most && grows(*cost, other, ratio, SLACK) {
            let _ = writeln!(grown, "{line}");
        }
    }
    println!("{table}planted: {planted:?}");
    assert!(grows(planted[0], planted[1], MAX_RATIO, SLACK), "a scan is not found: {planted:?}");
    assert!(
        grown.is_empty(),
        "these touch more pages in a database that is {FACTOR} times larger:\n{grown}"
    );
    assert!(small.len() > 200 && small.len() == large.len(), "{} cases", small.len());
    assert!(
        ACCEPTED_HERE.iter().all(|(name, ..)| small.contains_key(*name)),
        "ACCEPTED_HERE names a case that is not measured"
    );
}
