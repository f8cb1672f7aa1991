//! The chapters of the measurement, in the order of the table.

mod cable;
mod cleaning;
mod list;
mod marks;
mod memory;
mod page_view;
mod publish;
mod sizes;
mod tenants;
mod token;

use super::{Outcome, client::Call, server::Process, stock::Stock, table::Table};
use std::time::Duration;

/// How much is measured.
pub struct Scale {
    /// Messages stored, one size of the list's measurement after another; the last is also the one for everything else.
    pub stored: Vec<i64>,
    /// Contacts beside the largest number of messages.
    pub contacts: i64,
    /// Requests in one round of a comparison.
    pub requests: usize,
    /// Rounds of a comparison, in turn with its reference.
    pub rounds: usize,
    /// Publishes to one, and as many to everyone.
    pub publishes: usize,
    /// Page views of readers in turn.
    pub views: usize,
    /// Messages to everyone beyond those that are kept, which are cleaned up.
    pub surplus: i64,
    /// Open streams, one measurement after another.
    pub streams: Vec<usize>,
    /// Conversations stored, one size of the measurement of their list after another.
    pub conversations: Vec<i64>,
    /// Idle connections of `/cable`.
    pub cables: usize,
    /// Conversations in which something is said while all of their contacts are connected.
    pub talking: usize,
    /// How long a site is beside each thing that another does.
    pub beside: Duration,
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
            surplus: 25_000,
            streams: vec![1_000, 10_000],
            conversations: vec![1_000, 1_000_000],
            cables: 10_000,
            talking: 1_000,
            beside: Duration::from_millis(2_500),
        }
    }

    /// To see whether all of it still works.
    pub fn quick() -> Self {
        Self {
            stored: vec![1_000, 20_000],
            contacts: 20_000,
            requests: 1_000,
            rounds: 2,
            publishes: 50,
            views: 100,
            surplus: 5_000,
            streams: vec![200],
            conversations: vec![1_000, 5_000],
            cables: 200,
            talking: 50,
            beside: Duration::from_millis(500),
        }
    }
}

/// Measures every chapter, or only the named one.
pub async fn all(scale: &Scale, only: Option<&str>, table: &mut Table) -> Outcome<()> {
    let wanted = |chapter: &str| only.is_none_or(|only| only == chapter);
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    if wanted("idle") {
        eprintln!("== idle: start, time to be ready, memory");
        memory::idle(folder, table).await?;
    }
    let (largest, smaller) = scale.stored.split_last().ok_or("nothing to measure")?;
    if wanted("list") {
        for messages in smaller {
            let stock = stock(folder, 10_000, *messages).await?;
            list::compare(folder, &stock, scale, table).await?;
            std::fs::remove_file(&stock.file)?;
        }
    }
    if wanted("tenants") {
        let (contacts, messages) = tenants::STORED;
        tenants::compare(folder, &stock(folder, contacts, messages).await?, scale, table).await?;
    }
    if wanted("cable") {
        cable::idle(folder, scale.cables, table).await?;
        cable::talk(folder, scale.talking, table).await?;
        cable::lists(folder, scale, table).await?;
    }
    if matches!(only, Some("idle" | "tenants" | "cable")) {
        return Ok(());
    }
    // What streams cost does not depend on what is stored: by themselves they needn't wait for a million rows.
    let (contacts, messages) = if only == Some("streams") { (1_000, 1_000) } else { (scale.contacts, *largest) };
    let stock = stock(folder, contacts, messages).await?;
    if wanted("sizes") {
        sizes::weigh(&stock, table).await?;
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
        marks::rush(folder, &stock, scale, table).await?;
    }
    if wanted("streams") {
        for streams in &scale.streams {
            memory::streams(folder, &stock, *streams, table).await?;
        }
    }
    // Last, since it adds messages.
    if wanted("cleaning") {
        cleaning::compare(folder, stock, scale, table).await?;
    }
    Ok(())
}

async fn stock(folder: &std::path::Path, contacts: i64, messages: i64) -> Outcome<Stock> {
    eprintln!("== storing {messages} messages and {contacts} contacts");
    Stock::fill(folder, contacts, messages).await
}

/// What a reader's own document sends with each request.
fn by_reader(call: Call, cookie: &str) -> Call {
    call.header("cookie", cookie).header("sec-fetch-site", "same-origin")
}

/// The list as the reader's document asks for it.
fn list_call(stock: &Stock, cookie: &str) -> Call {
    by_reader(Call::get(format!("/embed/{}/messages?language=en", stock.site)), cookie)
}

/// A message as a backend publishes it.
fn publish_call(stock: &Stock, audience: &serde_json::Value) -> Call {
    let content = serde_json::json!({ "en": { "title": "Fresh from the oven", "body": "It is *here*. [Look](https://shop.example/new)." } });
    let body = serde_json::json!({ "audience": audience, "content": content });
    with_key(Call::post("/v1/messages", "application/json", body.to_string()), stock)
}

fn with_key(call: Call, stock: &Stock) -> Call {
    call.header("authorization", format!("Bearer {}", stock.key))
}

/// A server whose background work has ended, so that it is no part of what is measured; the table says when it has not.
async fn serve(stock: &Stock, table: &mut Table) -> Outcome<Process> {
    let server = Process::belfry(&stock.file).await?;
    if !server.settle().await? {
        table.note("   background work of the server", "has not ended", "what follows was measured beside it");
    }
    Ok(server)
}
