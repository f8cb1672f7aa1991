//! The scenarios of the benchmark, in the order of the report.

mod cable;
mod curves;
mod django;
mod list;
mod memory;
mod nchan;
mod page_view;
mod processes;
mod publish;
mod reader_actions;
mod retention;
mod sizes;
mod tenants;
mod token;
mod writers;

use super::{
    Outcome,
    client::Call,
    databases::{self, Kind},
    fixtures::Fixture,
    report::Table,
    server::Process,
};
use std::time::Duration;

/// Sizes of the scenarios.
pub struct Scale {
    /// Stored messages: one size of the list scenario after another; the last one is used by all
    /// other scenarios.
    pub stored: Vec<i64>,
    /// Contacts, with the largest number of messages.
    pub contacts: i64,
    /// Requests in one round of a comparison.
    pub requests: usize,
    /// Rounds of a comparison, alternating with the baseline.
    pub rounds: usize,
    /// Publishes to one contact, and the same number to everyone.
    pub publishes: usize,
    /// Page views, by readers in turn.
    pub views: usize,
    /// Broadcasts beyond the retention cap, which the server deletes.
    pub excess_messages: i64,
    /// Numbers of open streams, one measurement after another.
    pub streams: Vec<usize>,
    /// Stored conversations: one size of the list scenario after another.
    pub conversations: Vec<i64>,
    /// Idle connections of `/cable`.
    pub cables: usize,
    /// Conversations with a message each, while all of their contacts are connected.
    pub active_conversations: usize,
    /// Messages, and as many contacts, of the curves.
    pub curves: Vec<i64>,
    /// How long the quiet site is measured beside each activity, in each of [`Self::rounds`]. It has
    /// 25 visits a second, and a 99th percentile needs some hundreds of them.
    pub other_sites: Duration,
}

impl Scale {
    pub fn full() -> Self {
        Self {
            stored: vec![1_000, 100_000, 1_000_000],
            contacts: 1_000_000,
            requests: 10_000,
            rounds: 3,
            publishes: 200,
            views: 600,
            excess_messages: 25_000,
            streams: vec![1_000, 10_000],
            conversations: vec![1_000, 1_000_000],
            cables: 10_000,
            active_conversations: 1_000,
            curves: vec![1_000, 10_000, 100_000, 1_000_000, 10_000_000],
            other_sites: Duration::from_millis(4_500),
        }
    }

    /// Small sizes, to check that every scenario still works.
    pub fn quick() -> Self {
        Self {
            stored: vec![1_000, 20_000],
            contacts: 20_000,
            requests: 1_000,
            rounds: 2,
            publishes: 50,
            views: 100,
            excess_messages: 5_000,
            streams: vec![200],
            conversations: vec![1_000, 5_000],
            cables: 200,
            active_conversations: 50,
            curves: vec![1_000, 20_000],
            other_sites: Duration::from_millis(500),
        }
    }
}

/// Runs all scenarios, or only the named one.
pub async fn all(scale: &Scale, only: Option<&str>, table: &mut Table) -> Outcome<()> {
    let wanted = |chapter: &str| only.is_none_or(|only| only == chapter);
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    // Takes long and writes a picture: only if it is asked for.
    if only == Some("curves") {
        return curves::draw(folder, scale, table).await;
    }
    if wanted("idle") {
        eprintln!("== idle: start, time to be ready, memory");
        memory::idle(folder, table).await?;
    }
    if databases::kind() == Kind::Postgres && wanted("writers") {
        writers::compare(folder, scale, table).await?;
    }
    let (largest, smaller) = scale.stored.split_last().ok_or("nothing to measure")?;
    if wanted("list") {
        for messages in smaller {
            let stock = fixture(folder, 10_000, *messages).await?;
            list::compare(folder, &stock, scale, table).await?;
            databases::remove(&stock.file).await?;
        }
    }
    if wanted("tenants") {
        let (contacts, messages) = tenants::STORED;
        tenants::compare(folder, &fixture(folder, contacts, messages).await?, scale, table).await?;
    }
    if wanted("cable") {
        cable::idle(folder, scale.cables, table).await?;
        cable::messages(folder, scale.active_conversations, table).await?;
        cable::lists(folder, scale, table).await?;
    }
    if matches!(only, Some("idle" | "tenants" | "cable" | "writers")) {
        return Ok(());
    }
    // The cost of streams doesn't depend on the stored data, so on their own they don't need a
    // million rows.
    let (contacts, messages) = if matches!(only, Some("streams" | "nchan")) {
        (1_000, 1_000)
    } else {
        (scale.contacts, *largest)
    };
    let stock = fixture(folder, contacts, messages).await?;
    if wanted("sizes") {
        sizes::measure(&stock, table).await?;
    }
    if wanted("list") {
        list::compare(folder, &stock, scale, table).await?;
    }
    if wanted("token") {
        token::compare(folder, &stock, scale, table).await?;
    }
    if wanted("page-view") {
        page_view::compare(folder, &stock, scale, table).await?;
    }
    if wanted("publish") {
        publish::compare(folder, &stock, scale, table).await?;
    }
    if wanted("marks") {
        reader_actions::read_all(folder, &stock, scale, table).await?;
    }
    if wanted("streams") {
        for streams in &scale.streams {
            memory::streams(folder, &stock, *streams, table).await?;
        }
    }
    if wanted("nchan") {
        nchan::compare(folder, &stock, scale, table).await?;
    }
    if databases::kind() == Kind::Postgres {
        if wanted("processes") {
            processes::compare(folder, &stock, scale, table).await?;
        }
        if wanted("django") {
            django::compare(folder, &stock, scale, table).await?;
        }
    }
    // Last, because it adds messages.
    if wanted("cleaning") {
        retention::compare(folder, stock, scale, table).await?;
    }
    Ok(())
}

async fn fixture(folder: &std::path::Path, contacts: i64, messages: i64) -> Outcome<Fixture> {
    eprintln!("== storing {messages} messages and {contacts} contacts");
    Fixture::fill(folder, contacts, messages).await
}

/// Adds the headers of a reader's document.
fn by_reader(call: Call, cookie: &str) -> Call {
    call.header("cookie", cookie).header("sec-fetch-site", "same-origin")
}

/// The list request of a reader's document.
fn list_call(stock: &Fixture, cookie: &str) -> Call {
    by_reader(Call::get(format!("/embed/{}/messages?language=en", stock.site)), cookie)
}

/// A backend's publish request.
fn publish_call(stock: &Fixture, audience: &serde_json::Value) -> Call {
    let content = serde_json::json!({ "en": { "title": "Fresh from the oven", "body": "It is *here*. [Look](https://shop.example/new)." } });
    let body = serde_json::json!({ "audience": audience, "content": content });
    with_key(Call::post("/v1/messages", "application/json", body.to_string()), stock)
}

fn with_key(call: Call, stock: &Fixture) -> Call {
    call.header("authorization", format!("Bearer {}", stock.key))
}

/// Starts a server and waits until its background work has ended, so that it doesn't affect the
/// measurement. If it doesn't end, the report says so.
async fn serve(stock: &Fixture, table: &mut Table) -> Outcome<Process> {
    let server = Process::belfry(&stock.file).await?;
    if !server.settle().await? {
        table.information(
            "   background work of the server",
            "has not ended",
            "the following was measured beside it",
        );
    }
    Ok(server)
}
