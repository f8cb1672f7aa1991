//! Writes of many sites with 1, 4 and 16 connections that write to the server: the sites are divided
//! among them, and one connection's transactions run one after the other.

use super::{Scale, list::milliseconds};
use crate::{
    Outcome, databases,
    load::percentile,
    report::{Table, thousands},
};
use belfry_app::{App, parse_contact};
use belfry_domain::{
    EventSink, InboxEvent, InsertPosition, Language, SiteDraft, SiteId, SystemClock, SystemRng,
};
use belfry_store::{PostgresOptions, SqlStore, Store};
use serde_json::json;
use std::{path::Path, sync::Arc, time::Instant};

const CONNECTIONS: [usize; 3] = [1, 4, 16];
const SITES: usize = 16;
/// Concurrent callers of each site.
const CALLERS: usize = 4;

struct NoopSink;

impl EventSink for NoopSink {
    fn publish(&self, _: InboxEvent) {}
}

pub async fn compare(folder: &Path, scale: &Scale, table: &mut Table) -> Outcome<()> {
    eprintln!("== connections that write");
    for connections in CONNECTIONS {
        let (rate, [median, p99]) = measure(folder, connections, scale).await?;
        table.information(
            format!("contacts of {SITES} sites, {connections} connections that write"),
            format!("{}/s", thousands(rate)),
            format!("p50 {:.1} ms, p99 {:.1} ms", milliseconds(median), milliseconds(p99)),
        );
    }
    Ok(())
}

/// Writes a second, and their median and 99th percentile in microseconds.
#[expect(clippy::cast_precision_loss, reason = "a small count")]
async fn measure(folder: &Path, connections: usize, scale: &Scale) -> Outcome<(f64, [u64; 2])> {
    let name = format!("belfry_bench_writers_{connections}");
    databases::create(&name).await?;
    let mut options = PostgresOptions::parse(&databases::url(&name))?;
    options.writers = connections;
    options.secret_key_file = Some(folder.join(format!("{name}.secret-key")));
    let store: Arc<dyn Store> = Arc::new(SqlStore::open(options, Arc::new(NoopSink)).await?);
    let app = App::new(Arc::clone(&store), Arc::new(SystemClock), Arc::new(SystemRng));
    let mut sites = Vec::new();
    for number in 0..SITES {
        let draft = SiteDraft::new(
            &format!("Site {number}"),
            vec![format!("https://shop-{number}.example").parse()?],
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )?;
        sites.push(app.create_site(draft).await?.0.id);
    }
    let each = (scale.requests / (SITES * CALLERS)).max(1);
    let began = Instant::now();
    let callers: Vec<_> = sites
        .iter()
        .flat_map(|site| (0..CALLERS).map(|caller| (*site, caller)))
        .map(|(site, caller)| tokio::spawn(write(app.clone(), site, caller, each)))
        .collect();
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.await?.map_err(|error| error.to_string())?);
    }
    let rate = times.len() as f64 / began.elapsed().as_secs_f64();
    store.close().await;
    times.sort_unstable();
    Ok((rate, [0.5, 0.99].map(|share| percentile(&times, share))))
}

/// Creates contacts of a site one by one. Returns how many microseconds each took.
async fn write(
    app: App,
    site: SiteId,
    caller: usize,
    count: usize,
) -> Result<Vec<u64>, Box<dyn std::error::Error + Send + Sync>> {
    let mut times = Vec::new();
    for number in 0..count {
        let contact = json!({ "externalCustomerId": format!("{caller} {number}") });
        let contact = parse_contact(contact.to_string().as_bytes())
            .map_err(|_| "the contact is not accepted")?;
        let began = Instant::now();
        app.upsert_contact(site, &contact).await.map_err(|_| "the contact was not stored")?;
        times.push(u64::try_from(began.elapsed().as_micros())?);
    }
    Ok(times)
}
