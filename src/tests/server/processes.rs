//! Equal processes on one database of `PostgreSQL`: a stream or a socket on any of them receives what any
//! of them accepts.

use super::process::ask;
use crate::{
    channels::{
        cable::server::TestServer,
        site::{ChannelSite, identifier},
    },
    database::TestDatabase,
};
use belfry_domain::{
    Clock as _, InsertPosition, Language, SiteDraft, SiteId, SystemClock,
    channel::{AgentRole, InboxSettings},
};
use belfry_testing::NatsServer;
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// Far longer than anything here takes; reaching it fails the test.
const SOON: Duration = Duration::from_secs(30);

/// Two servers that know of each other.
struct Processes {
    a: TestServer,
    b: TestServer,
    database: TestDatabase,
}

impl Processes {
    /// Starts them, with this NATS server between them or with the database alone.
    async fn start(bus: Option<&NatsServer>) -> Option<Self> {
        let database = TestDatabase::empty_on_server().await?;
        let [a, b] = TestServer::start_two(&database.url(), bus).await;
        let mut connection = database.connect().await;
        let locks =
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1650814054
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let began = Instant::now();
        while connection.rows::<(i64,)>(locks).await != [(2,)] {
            assert!(began.elapsed() < SOON, "they do not connect");
            sleep(Duration::from_millis(20)).await;
        }
        // What the first one does when the second one announces itself.
        sleep(Duration::from_millis(500)).await;
        connection.close().await;
        Some(Self { a, b, database })
    }
}

/// Runs tests with events that go through the database, and with events that go over NATS.
macro_rules! over_both {
    ($($(#[$attribute:meta])* $test:ident)*) => {
        mod over_the_database {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                $(#[$attribute])*
                async fn $test() {
                    let Some(processes) = super::Processes::start(None).await else { return };
                    super::$test(processes).await;
                }
            )*
        }

        mod over_nats {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                $(#[$attribute])*
                async fn $test() {
                    let Some(server) = super::NatsServer::start() else { return };
                    let processes = super::Processes::start(Some(&server)).await;
                    let Some(processes) = processes else { return };
                    super::$test(processes).await;
                }
            )*
        }
    };
}

over_both! {
    streams_receive_what_another_process_accepts
    sockets_receive_messages_typing_and_presence
    #[ignore = "measures; prints its result"]
    latency_between_processes
}

/// A site with a key, for the API.
struct ApiSite {
    id: SiteId,
    key: String,
}

impl ApiSite {
    async fn new(server: &TestServer) -> Self {
        let draft = SiteDraft::new(
            "Shop",
            vec!["https://shop.example".parse().unwrap()],
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )
        .unwrap();
        let (site, key) = server.app.create_site(draft).await.unwrap();
        Self { id: site.id, key: key.reveal().to_owned() }
    }

    /// A request of the site's backend.
    fn call(&self, address: SocketAddr, path: &str, body: &Value) -> Value {
        let headers =
            [&format!("authorization: Bearer {}", self.key)[..], "content-type: application/json"];
        let answer = ask(address, "POST", path, &headers, &body.to_string()).expect("an answer");
        assert!(answer.status < 300, "{path}: {} {}", answer.status, answer.json());
        answer.json()
    }

    fn publish(&self, address: SocketAddr, audience: &Value, title: &str) {
        let message = json!({"audience": audience, "content": {"en": {"title": title}}});
        self.call(address, "/v1/messages", &message);
    }

    fn publish_to(&self, address: SocketAddr, contact: &str, title: &str) {
        self.publish(address, &json!({"contact": {"externalCustomerId": contact}}), title);
    }

    /// The event stream of a contact, after its greeting.
    async fn stream(&self, address: SocketAddr, contact: &str, since: i64) -> EventStream {
        let contact = json!({ "externalCustomerId": contact });
        self.call(address, "/v1/contact", &contact);
        let token = self.call(address, "/v1/auth/contact/token", &contact);
        let headers = ["sec-fetch-site: same-origin", "content-type: application/json"];
        let path = format!("/embed/{}/session", self.id);
        let body = json!({"token": token["token"]}).to_string();
        let session = ask(address, "POST", &path, &headers, &body).unwrap().json();
        let bearer = format!("authorization: Bearer {}", session["bearer"].as_str().unwrap());
        let path = format!("/embed/{}/ticket", self.id);
        let ticket = ask(address, "POST", &path, &[&bearer], "").unwrap().json();
        let ticket = ticket["ticket"].as_str().unwrap();
        let request = format!(
            "GET /embed/{}/events?ticket={ticket}&since={since} HTTP/1.1\r\nhost: {address}\r\n\r\n",
            self.id
        );
        let mut stream = EventStream::open(address, &request);
        while stream.next().await.unwrap().kind != "beat" {}
        stream
    }
}

#[derive(Debug)]
struct Event {
    kind: String,
    data: Value,
    at: Instant,
}

/// The events of a stream, read by a thread of their own.
struct EventStream(mpsc::UnboundedReceiver<Event>);

impl EventStream {
    fn open(address: SocketAddr, request: &str) -> Self {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        let (sender, events) = mpsc::unbounded_channel();
        thread::spawn(move || {
            let mut kind = String::new();
            for line in BufReader::new(socket).lines().map_while(Result::ok) {
                if let Some(name) = line.strip_prefix("event: ") {
                    name.clone_into(&mut kind);
                } else if let Some(data) = line.strip_prefix("data: ") {
                    let data = serde_json::from_str(data).unwrap();
                    let event = Event { kind: kind.clone(), data, at: Instant::now() };
                    if sender.send(event).is_err() {
                        return;
                    }
                }
            }
        });
        Self(events)
    }

    /// The next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        timeout(SOON, self.0.recv()).await.expect("nothing arrives")
    }

    /// The next event that is no heartbeat.
    async fn change(&mut self) -> Event {
        loop {
            let event = self.next().await.expect("the stream ended");
            if event.kind != "beat" {
                return event;
            }
        }
    }

    /// Expects a message with this title.
    async fn message(&mut self, title: &str) -> Event {
        let event = self.change().await;
        assert_eq!(event.kind, "message", "{event:?}");
        assert!(event.data["html"].as_str().unwrap().contains(title), "{event:?}");
        event
    }
}

async fn streams_receive_what_another_process_accepts(processes: Processes) {
    let Processes { a, b, database: _database } = processes;
    let site = ApiSite::new(&a).await;
    let mut ann = site.stream(a.address, "ann", 0).await;
    let mut bob = site.stream(a.address, "bob", 0).await;
    site.publish_to(b.address, "ann", "For Ann");
    let version = ann.message("For Ann").await.data["version"].as_i64().unwrap();
    for number in 0..20 {
        let server = if number % 2 == 0 { &a } else { &b };
        site.publish(server.address, &json!("everyone"), &format!("Number {number}."));
    }
    // In order, on both; and nothing of Ann's for Bob.
    for stream in [&mut ann, &mut bob] {
        for number in 0..20 {
            stream.message(&format!("Number {number}.")).await;
        }
    }
    // A client that was away reloads on any process; one that missed nothing does not.
    let mut on_b = site.stream(b.address, "ann", version + 20).await;
    site.publish_to(a.address, "ann", "Last");
    for stream in [&mut ann, &mut on_b] {
        stream.message("Last").await;
    }
    let key = b.store.keys(site.id).await.unwrap()[0].id.clone();
    let began = Instant::now();
    b.store.revoke_key(site.id, &key, SystemClock.now()).await.unwrap();
    for stream in [&mut ann, &mut bob, &mut on_b] {
        let ended = stream.change().await;
        assert_eq!(ended.kind, "ended", "{ended:?}");
        assert!(ended.at - began < Duration::from_secs(1), "{:?}", ended.at - began);
    }
    let path = format!("/embed/{}/counts", site.id);
    assert_eq!(ask(a.address, "GET", &path, &[], "").unwrap().status, 401);
}

async fn sockets_receive_messages_typing_and_presence(processes: Processes) {
    let Processes { a, b, database: _database } = processes;
    let site = ChannelSite::new(&a.app, &a.store, InboxSettings::default()).await;
    let ann = site.session(None, false).await;
    let agent = site.colleague("agent@shop.example", AgentRole::Agent, true).await;
    let number = site.conversation(&ann).await;
    let mut on_a = a.listen(&identifier(&ann)).await;
    let mut agent_on_a = a.listen(&agent.identifier).await;
    let site = site.through(&b.store);
    let message = site.write(number, "Is it in stock?").await;
    for (client, identifier) in
        [(&mut on_a, &identifier(&ann)), (&mut agent_on_a, &agent.identifier)]
    {
        let event = client.event(identifier).await;
        assert_eq!(
            (&event["event"], &event["data"]["id"]),
            (&json!("message.created"), &json!(message.id.0))
        );
    }
    site.publish_agent_typing(number, &agent).await;
    assert_eq!(on_a.event(&identifier(&ann)).await["event"], "conversation.typing_on");
    drop(agent_on_a);

    // An agent who is connected to B only.
    let other = site.colleague("other@shop.example", AgentRole::Agent, true).await;
    let _on_b = b.listen(&other.identifier).await;
    let began = Instant::now();
    loop {
        on_a.perform(&identifier(&ann), &json!({ "action": "update_presence" })).await;
        let event = on_a.event(&identifier(&ann)).await;
        assert_eq!(event["event"], "presence.update");
        if event["data"]["users"][other.agent.id.0.to_string()] == "online" {
            break;
        }
        assert!(began.elapsed() < SOON, "{event}");
        sleep(Duration::from_millis(100)).await;
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

/// From the answer of B to the event on A.
async fn latency_between_processes(processes: Processes) {
    let Processes { a, b, database: _database } = processes;
    let site = ApiSite::new(&a).await;
    let mut ann = site.stream(a.address, "ann", 0).await;
    let (mut from_answer, mut from_request) = (Vec::new(), Vec::new());
    for number in 0..400 {
        let began = Instant::now();
        site.publish_to(b.address, "ann", &format!("Number {number}."));
        let answered = Instant::now();
        let received = ann.message(&format!("Number {number}.")).await.at;
        from_answer.push(received.saturating_duration_since(answered));
        from_request.push(received - began);
    }
    for (name, mut times) in
        [("after the answer", from_answer), ("after the request", from_request)]
    {
        times.sort();
        eprintln!("{name}: p50 {:?}, p99 {:?}, max {:?}", times[200], times[396], times[399]);
    }
}
