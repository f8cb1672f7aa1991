//! The system clock of one of two processes is wrong by an hour, ahead or behind: nothing is lost,
//! doubled, shown or deleted too early, and what one process issues is valid at the other.

use super::{
    fixture::{FaultFixture, SCHEDULED_PREFIX},
    for_each_seed,
    history::{Action, Outcome, ReaderAction},
    private_server::PrivateServer,
    processes::{ProcessPair, Start, Target, database_name},
};
use crate::{
    server::process::{Server, ask},
    webhook::receiver::{self, Receiver},
};
use belfry_domain::{Clock as _, SystemClock};
use serde_json::json;
use std::{
    fs::File,
    net::SocketAddr,
    os::unix::fs::FileExt as _,
    process::Command,
    thread,
    time::{Duration, Instant, SystemTime},
};
use tempfile::TempDir;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::task::block_in_place;

/// Wrong clocks on one site.
const CYCLES: usize = 2;
const HOUR_SECONDS: i64 = 3_600;
/// When a scheduled message is due.
const DUE_AFTER: Duration = Duration::from_secs(2);
/// How much later it may be shown, on a busy machine.
const MAX_DELAY: Duration = Duration::from_secs(10);
/// How long a delivery may take, on a busy machine.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(30);
/// By how much a time that is right may differ, on a busy machine.
const MAX_DIFFERENCE: i64 = 60;

const SOURCE: &str = include_str!("clock_error.c");

/// The system clock of a process, which the test can set.
struct SystemClockError {
    folder: TempDir,
    file: File,
}

impl SystemClockError {
    fn new(seconds: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (source, library) = (folder.path().join("error.c"), folder.path().join("error.so"));
        std::fs::write(&source, SOURCE).unwrap();
        let status = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .status()
            .expect("cc is needed to build this program, too");
        assert!(status.success());
        let file = File::create_new(folder.path().join("seconds")).unwrap();
        let clock = Self { folder, file };
        clock.set(seconds);
        clock
    }

    fn set(&self, seconds: i64) {
        self.file.write_all_at(&seconds.to_ne_bytes(), 0).unwrap();
    }

    /// Shell commands before the process.
    fn shell(&self) -> String {
        let folder = self.folder.path().display();
        format!("export LD_PRELOAD={folder}/error.so CLOCK_ERROR_FILE={folder}/seconds")
    }
}

/// Seconds by which the system clock of a process is ahead, as the header `Date` says.
fn seconds_ahead(server: &Server) -> i64 {
    let answer = server.get("/healthz", &[]);
    let date = httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
    let seconds = |time: SystemTime| {
        i64::try_from(time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()).unwrap()
    };
    seconds(date) - SystemClock.now().millis() / 1_000
}

/// A time of the API, in whole seconds.
fn after(time: Duration) -> String {
    let at = SystemClock.now().plus(time).millis() / 1_000;
    OffsetDateTime::from_unix_timestamp(at).unwrap().format(&Rfc3339).unwrap()
}

/// A token that one process issues is valid at the other.
fn exchange_tokens(target: &Target<'_>) {
    let shop = target.shop;
    let body = json!({ "externalCustomerId": FaultFixture::reader(0) }).to_string();
    for (issuer, other) in [(0, 1), (1, 0)] {
        let issued =
            shop.as_backend(target.address(issuer), "POST", "auth/contact/token", None, &body);
        let body = json!({ "token": issued.unwrap().json()["token"] }).to_string();
        let headers = ["sec-fetch-site: same-origin", "content-type: application/json"];
        let path = format!("/embed/{}/session", shop.site);
        let session = ask(target.address(other), "POST", &path, &headers, &body).unwrap();
        assert_eq!(session.status, 200, "{}", String::from_utf8_lossy(&session.body));
        let bearer =
            format!("authorization: Bearer {}", session.json()["bearer"].as_str().unwrap());
        let path = format!("/embed/{}/counts", shop.site);
        for number in [0, 1] {
            let counts = ask(target.address(number), "GET", &path, &[&bearer], "").unwrap();
            assert_eq!(counts.status, 200);
        }
    }
}

/// A message that is due in two seconds is shown then, by the other process. One that ends in half an
/// hour stays: the checker misses what is not shown.
fn keep_schedules(target: &Target<'_>, cycle: usize) {
    let title = |kind: &str, number| format!("{SCHEDULED_PREFIX}-{kind}-{cycle}-{number}");
    let (began, due) = (Instant::now(), after(DUE_AFTER));
    for number in [0, 1] {
        let publish = |kind, more| {
            let address = target.address(number);
            target.shop.publish_acknowledged(address, &title(kind, number), &more);
        };
        publish("ending", json!({ "expiresAt": after(Duration::from_mins(30)) }));
        publish("due", json!({ "publishAt": due }));
    }
    let mut hidden = vec![0, 1];
    while !hidden.is_empty() {
        hidden.retain(|number| {
            let list = target.shop.list(target.address(1 - number), 0);
            let is_shown = list.is_some_and(|list| list.contains(&title("due", *number)));
            // Times of the API are whole seconds.
            assert!(!is_shown || began.elapsed() + Duration::from_secs(1) > DUE_AFTER, "too early");
            !is_shown
        });
        assert!(began.elapsed() < DUE_AFTER + MAX_DELAY, "not shown: {hidden:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Subscribes the receiver to what the load never does.
fn add_webhook(shop: &FaultFixture, address: SocketAddr, receiver: &Receiver) {
    let body = json!({ "url": receiver.url, "events": ["message.clicked"] }).to_string();
    let begun = shop.history.begin();
    let answer = shop.as_backend(address, "POST", "webhooks", None, &body).unwrap();
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let what = Action::CreateWebhook { url: receiver.url.clone() };
    shop.history.end(begun, what, Outcome::Done(id));
}

/// A click on each process is delivered once, at a time that its receiver takes for right.
fn deliver_clicks(target: &Target<'_>, receiver: &Receiver, cycle: usize) {
    let shop = target.shop;
    for number in [0, 1] {
        let address = target.address(number);
        let title = format!("{SCHEDULED_PREFIX}-clicked-{cycle}-{number}");
        let id = shop.publish_acknowledged(address, &title, &json!({}));
        let begun = shop.history.begin();
        let body = json!({ "clicked": id }).to_string();
        assert_eq!(shop.as_reader(address, 0, "POST", "marks", &body).unwrap().status, 200);
        // It is read thereby.
        let what = Action::Mark { reader: 0, mark: ReaderAction::Read(id.clone()) };
        shop.history.end(begun, what, Outcome::Done(String::new()));
        let began = Instant::now();
        let delivered = || {
            let mut requests = receiver.requests();
            requests.retain(|request| request.body.contains(&id));
            requests
        };
        while delivered().is_empty() {
            assert!(began.elapsed() < DELIVERY_TIMEOUT, "the click is not delivered");
            thread::sleep(Duration::from_millis(50));
        }
        let sent = delivered();
        assert_eq!(sent.len(), 1, "{sent:?}");
        let sent_at: i64 = sent[0].header("webhook-timestamp").parse().unwrap();
        let difference = sent_at - SystemClock.now().millis() / 1_000;
        assert!(difference.abs() < MAX_DIFFERENCE, "{difference}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clock_of_one_process_wrong_by_an_hour() {
    let Some(server) = PrivateServer::start() else { return };
    let receiver = Receiver::new(|_, _| receiver::ok()).await;
    block_in_place(|| {
        for_each_seed(CYCLES, 2 * CYCLES, |seed, cycles| {
            let clocks = [SystemClockError::new(0), SystemClockError::new(-HOUR_SECONDS)];
            let starts = [0, 1].map(|number: usize| Start {
                url: server.url(&database_name(seed)),
                arguments: vec!["--webhooks-allow-private".to_owned()],
                shell: clocks[number].shell(),
            });
            let mut pair = ProcessPair::start(&server, seed, starts);
            add_webhook(&pair.shop, pair.processes[0].server.address, &receiver);
            for cycle in 0..cycles {
                // Each process comes in turn, ahead and behind; now and then it begins like this.
                let one = cycle % 2;
                let seconds = if matches!(cycle % 4, 0 | 3) { HOUR_SECONDS } else { -HOUR_SECONDS };
                pair.cycle(|target| {
                    clocks[1 - one].set(0);
                    clocks[one].set(seconds);
                    let begins = target.choose() == 0;
                    if begins {
                        target.processes[one].kill();
                        target.processes[one].restart();
                        target.send_load_to(&[0, 1]);
                    }
                    // A process that runs never moves this header back.
                    if begins || seconds > 0 {
                        let ahead = seconds_ahead(&target.processes[one].server);
                        assert!((ahead - seconds).abs() < MAX_DIFFERENCE, "{ahead}");
                    }
                    exchange_tokens(target);
                    keep_schedules(target, cycle);
                    deliver_clicks(target, &receiver, cycle);
                });
            }
        });
    });
}
