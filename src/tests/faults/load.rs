//! A mixed load: one client for each reader, and one that administers the site. Actions are derived
//! from a seed; a request with an `Idempotency-Key` and no response is retried before anything
//! else.

use super::{
    fixture::{BROADCAST_PREFIX, FaultFixture, READERS, message, message_to_crowd},
    history::{Action, Outcome, ReaderAction},
};
use crate::server::process::Answer;
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// A `SplitMix64` generator.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % end
    }
}

/// Maximum webhooks that a client keeps.
const MAX_WEBHOOKS: usize = 5;
/// Contacts of an import: more than one batch.
const IMPORT_CONTACTS: usize = 250;

/// Delay before a retry: shorter than `Retry-After`, to keep the test short.
const RETRY_EVERY: Duration = Duration::from_millis(100);

/// Delay before a client that got no response sends its next request to one of several servers.
const RECONNECT_EVERY: Duration = Duration::from_millis(20);

/// A request with a key, until it is answered.
struct Pending {
    action: Action,
    path: &'static str,
    key: String,
    body: String,
}

/// A client that sends one request at a time.
struct Client {
    name: usize,
    rng: Rng,
    /// `None` for the client that administers the site.
    reader: Option<usize>,
    /// The reader's messages.
    messages: Vec<String>,
    webhooks: Vec<String>,
    pending: Option<Pending>,
    requested: usize,
}

/// Concurrent clients.
pub struct Load(Vec<Client>);

impl Load {
    pub fn new(seed: u64) -> Self {
        let client = |name: usize| Client {
            name,
            rng: Rng::new(seed.wrapping_mul(1_000).wrapping_add(name as u64)),
            reader: (name < READERS).then_some(name),
            messages: Vec::new(),
            webhooks: Vec::new(),
            pending: None,
            requested: 0,
        };
        Self((0..=READERS).map(client).collect())
    }

    /// Runs all clients until the server is gone or `meanwhile` has returned.
    pub fn run<T>(
        &mut self,
        shop: &FaultFixture,
        address: SocketAddr,
        meanwhile: impl FnOnce() -> T,
    ) -> T {
        self.run_each(|client| client.step(shop, address).is_some(), meanwhile)
    }

    /// Runs all clients until `meanwhile` has returned. Each request is sent to one of the addresses; one
    /// that is gone is tried again.
    pub fn run_on<T>(
        &mut self,
        shop: &FaultFixture,
        addresses: &Mutex<Vec<SocketAddr>>,
        meanwhile: impl FnOnce() -> T,
    ) -> T {
        let step = |client: &mut Client| {
            let address = client.choose(&addresses.lock().unwrap());
            if client.step(shop, address).is_none() {
                thread::sleep(RECONNECT_EVERY);
            }
            true
        };
        self.run_each(step, meanwhile)
    }

    /// Each client takes one step after another until it returns `false` or `meanwhile` has returned.
    fn run_each<T>(
        &mut self,
        step: impl Fn(&mut Client) -> bool + Sync,
        meanwhile: impl FnOnce() -> T,
    ) -> T {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for client in &mut self.0 {
                let (over, step) = (&over, &step);
                scope.spawn(move || while !over.load(Ordering::SeqCst) && step(client) {});
            }
            let ended = End(&over);
            let output = meanwhile();
            drop(ended);
            output
        })
    }

    /// Retries every pending request until it is answered.
    pub fn settle(&mut self, shop: &FaultFixture, address: SocketAddr) {
        for client in &mut self.0 {
            while client.pending.is_some() {
                client.step(shop, address).expect("the server is running");
            }
        }
    }
}

/// Stops the clients when dropped, also if a test fails.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn id(answer: &Answer) -> String {
    let json = answer.json();
    json["id"].as_str().unwrap_or_else(|| panic!("an answer without an id: {json}")).to_owned()
}

/// Sends a request and records the outcome.
fn ask(
    shop: &FaultFixture,
    what: Action,
    ask: impl FnOnce() -> Option<Answer>,
    made: impl FnOnce(&Answer) -> String,
) -> Option<Result<String, u16>> {
    let begun = shop.history.begin();
    let answer = ask();
    let outcome = match &answer {
        None => Outcome::Unknown,
        Some(answer) if answer.status < 300 => Outcome::Done(made(answer)),
        Some(answer) => Outcome::Rejected(answer.status),
    };
    shop.history.end(begun, what, outcome.clone());
    answer
        .map(|answer| if let Outcome::Done(made) = outcome { Ok(made) } else { Err(answer.status) })
}

impl Client {
    fn choose(&mut self, addresses: &[SocketAddr]) -> SocketAddr {
        let number = self.rng.below(addresses.len() as u64);
        addresses[usize::try_from(number).unwrap()]
    }

    /// Sends one request; `None` if the server is gone.
    fn step(&mut self, shop: &FaultFixture, address: SocketAddr) -> Option<()> {
        if self.pending.is_some() {
            return self.retry_pending(shop, address);
        }
        match self.reader {
            Some(reader) => self.read(shop, address, reader),
            None => self.administer(shop, address),
        }
    }

    /// A name that no other request uses.
    fn name(&mut self, kind: &str) -> String {
        self.requested += 1;
        format!("{kind}-{}-{}", self.name, self.requested)
    }

    fn enqueue_pending(
        &mut self,
        shop: &FaultFixture,
        address: SocketAddr,
        action: Action,
        path: &'static str,
        body: String,
    ) -> Option<()> {
        let key = self.name("key");
        self.pending = Some(Pending { action, path, key, body });
        self.retry_pending(shop, address)
    }

    /// Retries a request with its key until the outcome is known. A retry whose response says that
    /// an earlier attempt was interrupted is not repeated: it may have taken effect.
    fn retry_pending(&mut self, shop: &FaultFixture, address: SocketAddr) -> Option<()> {
        let Pending { action, path, key, body } = self.pending.take()?;
        let begun = shop.history.begin();
        let answer = shop.as_backend(address, "POST", path, Some(&key), &body);
        let outcome = match &answer {
            Some(answer) if answer.status < 300 => Outcome::Done(id(answer)),
            Some(answer) if answer.status == 409 && answer.json()["field"] == "Idempotency-Key" => {
                answer.json()["id"]
                    .as_str()
                    .map_or(Outcome::Unknown, |id| Outcome::Done(id.to_owned()))
            }
            Some(answer) => Outcome::Rejected(answer.status),
            None => Outcome::Unknown,
        };
        shop.history.end(begun, action.clone(), outcome.clone());
        match (&action, outcome) {
            (Action::CreateWebhook { .. }, Outcome::Rejected(409)) => {
                self.webhooks = Self::webhooks(shop, address)?;
            }
            (Action::Publish { .. }, Outcome::Done(id)) => {
                self.messages.push(id);
                // Sometimes an answered request is repeated.
                if self.rng.below(4) == 0 {
                    self.pending = Some(Pending { action, path, key, body });
                }
            }
            (Action::CreateWebhook { .. }, Outcome::Done(id)) => self.webhooks.push(id),
            (Action::Publish { .. }, _) | (_, Outcome::Rejected(_)) => {
                self.pending = Some(Pending { action, path, key, body });
            }
            (_, Outcome::Unknown)
                if answer.as_ref().is_none_or(|answer| answer.header("retry-after").is_some()) =>
            {
                thread::sleep(RETRY_EVERY);
                self.pending = Some(Pending { action, path, key, body });
            }
            (_, Outcome::Unknown | Outcome::Done(_)) => {}
        }
        answer.map(drop)
    }

    fn publish(
        &mut self,
        shop: &FaultFixture,
        address: SocketAddr,
        to: Option<usize>,
    ) -> Option<()> {
        let crowded = to.filter(|_| self.rng.below(6) == 0);
        let title = self.name(if crowded.is_some() { BROADCAST_PREFIX } else { "title" });
        let body =
            crowded.map_or_else(|| message(&title, to), |reader| message_to_crowd(&title, reader));
        let what = Action::Publish { title, to };
        if self.rng.below(2) == 0 {
            return self.enqueue_pending(shop, address, what, "messages", body);
        }
        let done =
            ask(shop, what, || shop.as_backend(address, "POST", "messages", None, &body), id)?;
        self.messages.extend(done);
        Some(())
    }

    fn read(&mut self, shop: &FaultFixture, address: SocketAddr, reader: usize) -> Option<()> {
        let choice = self.rng.below(12);
        if choice < 4 || self.messages.is_empty() {
            return self.publish(shop, address, Some(reader));
        }
        if choice == 4 {
            let body = json!({ "externalCustomerId": FaultFixture::reader(reader) }).to_string();
            let token = |answer: &Answer| answer.json()["token"].as_str().unwrap().to_owned();
            let call = || shop.as_backend(address, "POST", "auth/contact/token", None, &body);
            return ask(shop, Action::Token { reader }, call, token).map(drop);
        }
        let number = self.rng.below(self.messages.len() as u64);
        let id = self.messages[usize::try_from(number).unwrap()].clone();
        let (mark, body) = match choice {
            5..8 => (ReaderAction::Read(id.clone()), json!({ "read": [id] })),
            8 | 9 => (ReaderAction::Unread(id.clone()), json!({ "unread": [id] })),
            10 => (ReaderAction::Archive(id.clone()), json!({ "archive": [id] })),
            _ => (ReaderAction::AllRead, json!({ "allRead": true })),
        };
        let call = || shop.as_reader(address, reader, "POST", "marks", &body.to_string());
        ask(shop, Action::Mark { reader, mark }, call, |_| String::new()).map(drop)
    }

    fn administer(&mut self, shop: &FaultFixture, address: SocketAddr) -> Option<()> {
        match self.rng.below(8) {
            0 | 1 => self.publish(shop, address, None),
            2 | 3 => self.theme(shop, address),
            4..7 => self.webhook(shop, address),
            _ => {
                let contacts: Vec<String> = (0..IMPORT_CONTACTS)
                    .map(|number| format!("{}-{}-{number}", self.name, self.requested))
                    .collect();
                self.requested += 1;
                let rows: Vec<_> = contacts
                    .iter()
                    .map(|contact| json!({ "externalCustomerId": contact }))
                    .collect();
                self.enqueue_pending(
                    shop,
                    address,
                    Action::Import { contacts },
                    "imports",
                    json!({ "contacts": rows }).to_string(),
                )
            }
        }
    }

    fn theme(&mut self, shop: &FaultFixture, address: SocketAddr) -> Option<()> {
        let css = format!(".title {{ letter-spacing: 0.0{}px }}", self.requested + 1);
        self.requested += 1;
        let version = |answer: &Answer| answer.json()["version"].to_string();
        let uploaded = ask(
            shop,
            Action::UploadTheme { css: css.clone() },
            || shop.upload_theme(address, &css),
            version,
        )?;
        if uploaded.is_err() || self.rng.below(2) == 0 {
            return Some(());
        }
        ask(
            shop,
            Action::PublishTheme,
            || shop.as_backend(address, "POST", "themes/publish", None, ""),
            version,
        )
        .map(drop)
    }

    fn webhook(&mut self, shop: &FaultFixture, address: SocketAddr) -> Option<()> {
        if self.webhooks.len() >= MAX_WEBHOOKS {
            let id = self.webhooks.remove(0);
            let path = format!("webhooks/{id}");
            let deleted = ask(
                shop,
                Action::DeleteWebhook { id: id.clone() },
                || shop.as_backend(address, "DELETE", &path, None, ""),
                |_| id.clone(),
            )?;
            if deleted.is_err() {
                self.webhooks.push(id);
            }
            return Some(());
        }
        // A public address, and an event that never occurs: nothing is sent.
        let url = format!("https://93.184.216.34/{}", self.name("hook"));
        let body = json!({ "url": url, "events": ["contact.deleted"] }).to_string();
        let what = Action::CreateWebhook { url };
        if self.rng.below(2) == 0 {
            return self.enqueue_pending(shop, address, what, "webhooks", body);
        }
        match ask(shop, what, || shop.as_backend(address, "POST", "webhooks", None, &body), id)? {
            Ok(id) => self.webhooks.push(id),
            Err(409) => self.webhooks = Self::webhooks(shop, address)?,
            Err(_) => {}
        }
        Some(())
    }

    /// The existing webhooks: if too many have an unknown outcome, no other can be created.
    fn webhooks(shop: &FaultFixture, address: SocketAddr) -> Option<Vec<String>> {
        let list = shop.as_backend(address, "GET", "webhooks", None, "")?.json();
        Some(
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|webhook| webhook["id"].as_str().unwrap().to_owned())
                .collect(),
        )
    }
}
