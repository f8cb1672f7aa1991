//! What a reader's request runs touches few rows and pages of what its site stores. The plans of all
//! statements are tested by `plans`; this runs those of a reader, on the same data.

mod replay;
mod requests;

use crate::{
    db::{Connection, Value, query_scalar},
    postgres::{PostgresConnection, testing::TestDatabase},
};
use belfry_domain::SiteId;
use replay::Replay;
use requests::requests;

/// Of one request. The largest read 300 rows and 860 pages, on `PostgreSQL` 15; without statistics 1,003
/// rows, among the conversations of one contact. The site has 20,000 contacts and 2,000 messages, of which
/// one in ten is for everyone and the others for 40 contacts each.
const MAX_ROWS: f64 = 1_500.0;
const MAX_PAGES: f64 = 2_000.0;

/// So that only the test makes statistics.
const WITHOUT_AUTOVACUUM: &str = "DO $$ DECLARE of RECORD; BEGIN
    FOR of IN SELECT tablename FROM pg_tables WHERE schemaname = 'belfry' LOOP
        EXECUTE format('ALTER TABLE belfry.%I SET (autovacuum_enabled = off)', of.tablename);
    END LOOP; END $$";

fn postgres(connection: &mut Connection) -> &mut PostgresConnection {
    match connection {
        Connection::Postgres(connection) => connection,
        Connection::Sqlite(_) => unreachable!(),
    }
}

fn number(node: &serde_json::Value, key: &str) -> f64 {
    node[key].as_f64().unwrap_or_default()
}

/// The rows that the scans of a plan have read.
fn rows(node: &serde_json::Value) -> f64 {
    let is_scan = node["Relation Name"].is_string() && node["Node Type"] != "ModifyTable";
    let of_each_loop: f64 = if is_scan {
        let keys = ["Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"];
        keys.iter().map(|key| number(node, key)).sum()
    } else {
        0.0
    };
    let children = node["Plans"].as_array().into_iter().flatten();
    of_each_loop * number(node, "Actual Loops") + children.map(rows).sum::<f64>()
}

/// The rows and pages that statements have read.
fn touched(explained: &[serde_json::Value]) -> (f64, f64) {
    let plans = || explained.iter().map(|one| &one["Plan"]);
    let pages = |plan| number(plan, "Shared Hit Blocks") + number(plan, "Shared Read Blocks");
    (plans().map(rows).sum(), plans().map(pages).sum())
}

#[tokio::test]
async fn readers_touch_a_bounded_number_of_rows() {
    assert_bounded("VACUUM ANALYZE", |_| true).await;
}

/// The server looks at a table that has grown within a minute or so, and thousands may read the first
/// message of a site in that time. For a publish, it may read the contacts that came within it.
#[tokio::test]
async fn readers_touch_few_rows_before_there_are_statistics() {
    assert_bounded("VACUUM", |name| !name.starts_with("publish")).await;
}

/// Of these requests to a site whose rows were followed by this statement.
async fn assert_bounded(statistics: &'static str, is_tested: impl Fn(&str) -> bool) {
    let Some(database) = TestDatabase::new().await else { return };
    let mut connection = database.connect().await;
    connection.run_script(WITHOUT_AUTOVACUUM).await.unwrap();
    connection.run_script(include_str!("plans.sql")).await.unwrap();
    connection.run_script(statistics).await.unwrap();
    let site = query_scalar("SELECT site_id FROM site_counter WHERE number = 1");
    let site: Vec<u8> = site.fetch_one(&mut connection).await.unwrap();
    let site = SiteId::from_bytes(site.try_into().unwrap());
    connection.close().await.unwrap();
    let copy = database.copy().await;

    let mut connection = copy.connect().await;
    let mut replay = Replay::new(postgres(&mut connection));
    let (mut names, mut report) = (0, Vec::new());
    for request in requests(database, site).await {
        let mut explained = Vec::new();
        for recorded in &request.statements {
            explained.extend(replay.explain(recorded).await);
        }
        if request.name.is_empty() || !is_tested(request.name) {
            continue;
        }
        names += 1;
        let (rows, pages) = touched(&explained);
        if rows > MAX_ROWS || pages > MAX_PAGES {
            report.push(format!("{}: {rows} rows, {pages} pages", request.name));
        }
    }
    assert!(names > 30 && report.is_empty(), "of {names} requests: {report:?}");

    // What the bounds would find: a condition without an index.
    let all =
        "SELECT count(*) FROM contact WHERE site_id = ?1 AND language = 'xx' || ''".to_owned();
    let value = Value::Bytes(site.as_bytes().to_vec());
    let (rows, pages) = touched(&replay.explain(&(all, vec![value])).await);
    assert!(rows > MAX_ROWS || pages > MAX_PAGES, "{rows} rows, {pages} pages");
}
