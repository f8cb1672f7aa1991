//! Two processes behind nginx, as `docs/operating.md` configures it: each is restarted in turn under
//! load, and no client notices more than the end of its event stream.

mod load;
mod proxy;

use super::{
    process::{DataDir, Server, ask},
    shutdown::bearer,
};
use crate::{
    database::TestDatabase,
    webhook::receiver::{self, Receiver},
};
use load::Load;
pub use load::StreamClient;
use proxy::Proxy;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::{task::block_in_place, time::sleep};

/// Far longer than anything here takes; reaching it fails the test.
const SOON: Duration = Duration::from_secs(30);
/// For this long, both processes serve between the restarts.
const PAUSE: Duration = Duration::from_secs(1);
/// What half of the streams take at most to open again, besides the wait that they are told.
const MAX_OVERHEAD: Duration = Duration::from_secs(10);
const CONTACTS: usize = 4;
const STREAMS_OF_CONTACT: usize = 5;

/// Sends `SIGTERM`, waits for the end, and starts it again at the same address.
fn restart(home: &DataDir, server: &mut Server, arguments: &[&str]) {
    server.signal("TERM");
    let began = Instant::now();
    assert!(server.child.wait().unwrap().success(), "{}", server.log());
    assert!(began.elapsed() < Duration::from_secs(8), "the process took its time to stop");
    *server = home.serve_at(server.address, arguments);
    while server.get("/readyz", &[]).status != 200 {
        assert!(began.elapsed() < SOON, "{}", server.log());
    }
}

/// The stored titles, and how often each is there.
async fn stored_titles(database: &TestDatabase) -> BTreeMap<String, usize> {
    let rows: Vec<(String,)> = database.connect().await.rows("SELECT content FROM message").await;
    let mut titles = BTreeMap::new();
    for (content,) in rows {
        let content: Value = serde_json::from_str(&content).unwrap();
        *titles.entry(content["en"]["title"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    titles
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_restarted_in_turn_lose_nothing() {
    let Some(database) = TestDatabase::empty_on_server().await else { return };
    let home = DataDir::of_database(database.url());
    let (site, key) = home.site();
    let receiver = Receiver::new(|_, _| receiver::ok()).await;
    let Some(mut proxy) = Proxy::prepare() else { return };
    let public_url = format!("http://{}", proxy.address);
    let arguments = [
        "--public-url",
        &public_url,
        "--trusted-proxy",
        "127.0.0.1",
        "--webhooks-allow-private",
        "--limit-calls",
        "100000",
    ];
    let mut servers = [home.serve(&arguments), home.serve(&arguments)];
    proxy.start([servers[0].address, servers[1].address]);
    let authorization = format!("authorization: Bearer {key}");
    let headers = [authorization.as_str(), "content-type: application/json"];
    let call = |path: &str, body: Value| {
        let answer = ask(proxy.address, "POST", path, &headers, &body.to_string()).unwrap();
        assert!(answer.status < 300, "{path}: {}", answer.json());
    };
    call("/v1/webhooks", json!({"url": receiver.url, "events": ["contact.created"]}));
    let mut bearers = Vec::new();
    for contact in 0..CONTACTS {
        let name = format!("reader-{contact}");
        call("/v1/contact", json!({"externalCustomerId": name}));
        bearers.push(bearer(&servers[contact % 2], &site, &key, &name));
    }

    let load = Load::start(proxy.address, &site, &key, &bearers);
    let streams: Vec<_> = (0..CONTACTS * STREAMS_OF_CONTACT)
        .map(|number| StreamClient::start(proxy.address, &site, &bearers[number % CONTACTS]))
        .collect();
    sleep(PAUSE).await;
    for server in &mut servers {
        block_in_place(|| restart(&home, server, &arguments));
        sleep(PAUSE).await;
    }
    let done = block_in_place(|| load.stop());
    streams.iter().for_each(StreamClient::expect_final);
    let began = Instant::now();
    call("/v1/messages", json!({"audience": "everyone", "content": {"en": {"title": "Final"}}}));
    while !streams.iter().all(StreamClient::has_final) {
        if began.elapsed() > Duration::from_secs(10) {
            let told: Vec<bool> = streams.iter().map(StreamClient::has_final).collect();
            panic!("not every stream was told of the last message: {told:?} {:?}", done.failures);
        }
        sleep(Duration::from_millis(20)).await;
    }

    assert_eq!(done.failures, Vec::<String>::new(), "{} requests", done.requests);
    let (published, contacts) = (done.published.len(), done.contacts.len());
    assert!(published > 10 && contacts > 5, "too little load: {published}, {contacts}");
    let mut expected: BTreeMap<_, _> = done.published.into_iter().map(|title| (title, 1)).collect();
    expected.insert("Final".to_owned(), 1);
    assert_eq!(stored_titles(&database).await, expected);

    let mut waits: Vec<Duration> = Vec::new();
    let mut overheads: Vec<Duration> = Vec::new();
    for stream in streams {
        let interruptions = block_in_place(|| stream.stop());
        assert!(!interruptions.is_empty(), "each process has ended its streams once");
        waits.extend(interruptions.iter().map(|(wait, _)| *wait));
        overheads.extend(interruptions.iter().map(|(_, overhead)| *overhead));
    }
    waits.sort();
    overheads.sort();
    let (first, last) = (waits[0], *waits.last().unwrap());
    eprintln!(
        "{} requests, {} messages; {} streams ended, waited {first:?} to {last:?} and at most {:?} more",
        done.requests,
        expected.len(),
        waits.len(),
        overheads.last().unwrap()
    );
    assert!(first >= Duration::from_millis(500) && last < Duration::from_millis(1_500));
    assert!(last > first + Duration::from_millis(300), "they are spread over time: {waits:?}");
    // They wait as they are told, and are open some milliseconds later, within two seconds in all; on
    // one processor that others use as well it took three.
    assert!(overheads[overheads.len() / 2] < MAX_OVERHEAD, "{overheads:?}");

    let expected = CONTACTS + done.contacts.len();
    let deliveries = receiver.wait(expected).await;
    let mut events: Vec<_> =
        deliveries.iter().map(|request| request.header("webhook-id").to_owned()).collect();
    events.sort();
    events.dedup();
    assert_eq!((deliveries.len(), events.len()), (expected, expected), "delivered once each");
}
