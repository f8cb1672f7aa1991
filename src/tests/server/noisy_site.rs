//! Two processes on one database: a site that sends as much as it can to both takes nothing from
//! another one. `fair_scheduling.rs` has the accounting of one process.

use super::{
    process::{Answer, DataDir, Server, ask},
    shutdown::bearer,
};
use crate::database::TestDatabase;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::task::block_in_place;

/// Clients of the noisy site on each process.
const NOISY_CLIENTS: usize = 6;
/// Requests of an API key to one process in a second, so that a slow machine reaches it, too.
const MAX_CALLS: &str = "3";
/// What a noisy client publishes before it lists.
const NOISY_MESSAGES: usize = 3;
/// Rounds of the quiet site on each process, of three requests each.
const QUIET_ROUNDS: usize = 10;
/// The pause between them: two in a second on each process.
const QUIET_PAUSE: Duration = Duration::from_millis(250);
/// How long the noisy site may take to reach its limit.
const NOISE_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a request of the quiet site may take, far above what it takes.
const MAX_TIME: Duration = Duration::from_secs(10);

struct Site {
    id: String,
    key: String,
    bearer: String,
}

impl Site {
    fn new(home: &DataDir, server: &Server) -> Self {
        let (id, key) = home.site();
        home.json(&["contact", "upsert", &id], r#"{"externalCustomerId":"ann"}"#);
        let bearer = bearer(server, &id, &key, "ann");
        Self { id, key, bearer }
    }

    fn publish(&self, address: SocketAddr, title: &str) -> Answer {
        let authorization = format!("authorization: Bearer {}", self.key);
        let headers = [authorization.as_str(), "content-type: application/json"];
        let body = json!({"audience": "everyone", "content": {"en": {"title": title}}});
        ask(address, "POST", "/v1/messages", &headers, &body.to_string()).unwrap()
    }

    fn as_reader(&self, address: SocketAddr, method: &str, path: &str, body: &str) -> Answer {
        let authorization = format!("authorization: Bearer {}", self.bearer);
        let headers = [authorization.as_str(), "content-type: application/json"];
        ask(address, method, &format!("/embed/{}/{path}", self.id), &headers, body).unwrap()
    }

    /// Its stored titles, in order.
    async fn titles(&self, database: &TestDatabase) -> Vec<String> {
        let id = self.id.replace('-', "");
        let query = format!(
            "SELECT content FROM message WHERE site_id = decode('{id}', 'hex') ORDER BY position"
        );
        let rows: Vec<(String,)> = database.connect().await.rows(&query).await;
        let title = |(content,): (String,)| {
            let content: Value = serde_json::from_str(&content).unwrap();
            content["en"]["title"].as_str().unwrap().to_owned()
        };
        rows.into_iter().map(title).collect()
    }
}

/// What the noisy site was answered.
#[derive(Default)]
struct Answers {
    accepted: Mutex<Vec<String>>,
    rejected: AtomicUsize,
}

impl Answers {
    /// Whether a request was accepted. A rejection says when to try again.
    fn add(&self, answer: &Answer) -> bool {
        if answer.status < 300 {
            return true;
        }
        assert!(matches!(answer.status, 429 | 503), "{} {}", answer.status, answer.head);
        assert!(answer.header("retry-after").is_some(), "{}", answer.head);
        self.rejected.fetch_add(1, Ordering::Relaxed);
        false
    }
}

/// Sends requests until `stop`.
fn be_noisy(site: &Site, address: SocketAddr, name: usize, stop: &AtomicBool, answers: &Answers) {
    for turn in 0.. {
        for message in 0..NOISY_MESSAGES {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let title = format!("{name}-{turn}-{message}");
            if answers.add(&site.publish(address, &title)) {
                answers.accepted.lock().unwrap().push(title);
            }
        }
        answers.add(&site.as_reader(address, "GET", "messages?filter=all", ""));
        answers.add(&site.as_reader(address, "POST", "marks", r#"{"allRead":true}"#));
    }
}

/// Every request is accepted. Returns the titles, and the longest time of a request.
fn be_quiet(site: &Site, addresses: [SocketAddr; 2]) -> (Vec<String>, Duration) {
    let (mut titles, mut longest) = (Vec::new(), Duration::ZERO);
    for round in 0..QUIET_ROUNDS * addresses.len() {
        let address = addresses[round % 2];
        let title = format!("quiet-{round}");
        let requests: [&dyn Fn() -> Answer; 3] = [
            &|| site.publish(address, &title),
            &|| site.as_reader(address, "GET", "messages?filter=all", ""),
            &|| site.as_reader(address, "POST", "marks", r#"{"allRead":true}"#),
        ];
        for request in requests {
            let began = Instant::now();
            let answer = request();
            assert!(answer.status < 300, "{} {}", answer.status, answer.head);
            longest = longest.max(began.elapsed());
        }
        titles.push(title);
        thread::sleep(QUIET_PAUSE);
    }
    (titles, longest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn noisy_site_on_two_processes_takes_nothing_from_a_quiet_one() {
    let Some(database) = TestDatabase::empty_on_server().await else { return };
    let home = DataDir::of_database(database.url());
    let servers = [(); 2].map(|()| home.serve(&["--limit-calls", MAX_CALLS]));
    let addresses = [servers[0].address, servers[1].address];
    let (noisy, quiet) = (Site::new(&home, &servers[0]), Site::new(&home, &servers[1]));
    let (stop, answers) = (AtomicBool::new(false), Answers::default());
    let (titles, longest) = block_in_place(|| {
        thread::scope(|scope| {
            for client in 0..2 * NOISY_CLIENTS {
                let (noisy, stop, answers) = (&noisy, &stop, &answers);
                scope.spawn(move || be_noisy(noisy, addresses[client % 2], client, stop, answers));
            }
            // The others end with this thread, also if it fails.
            let quiet = scope.spawn(|| be_quiet(&quiet, addresses)).join();
            let began = Instant::now();
            while answers.rejected.load(Ordering::Relaxed) == 0 && began.elapsed() < NOISE_TIMEOUT {
                thread::sleep(Duration::from_millis(20));
            }
            stop.store(true, Ordering::Relaxed);
            quiet.unwrap()
        })
    });
    let (mut accepted, rejected) =
        (answers.accepted.into_inner().unwrap(), answers.rejected.into_inner());
    eprintln!("{} accepted and {rejected} rejected; quiet: {longest:?}", accepted.len());
    assert!(rejected > 0, "the noisy site has not reached its limits");
    assert!(longest < MAX_TIME, "{longest:?}");
    assert_eq!(quiet.titles(&database).await, titles);
    let mut stored = noisy.titles(&database).await;
    stored.sort();
    accepted.sort();
    assert_eq!(stored, accepted);
}
