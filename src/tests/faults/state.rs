//! The stored state, as the API and the widget return it to a site and its readers, and the
//! integrity of the database.

use super::{
    fixture::{BROADCAST_CONTACTS, BROADCAST_PREFIX, FaultFixture},
    history::{Action, Outcome, WAIT_TIMEOUT},
};
use crate::server::process::{DataDir, Server};
use serde_json::Value;
use sqlx::{Connection as _, PgConnection, Row as _, SqliteConnection, postgres::PgConnectOptions};
use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbox {
    /// Ids of messages that are not archived, and whether each is displayed as unread.
    pub all: Vec<(String, bool)>,
    /// Ids in the unread list.
    pub unread: Vec<String>,
    pub archived: Vec<String>,
    /// The count on the bell.
    pub count: usize,
}

/// A version of the theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    pub version: String,
    pub state: String,
    pub css: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Ids and titles.
    pub messages: Vec<(String, String)>,
    pub inboxes: Vec<Inbox>,
    pub themes: Vec<Theme>,
    /// Ids and URLs.
    pub webhooks: Vec<(String, String)>,
    /// External ids.
    pub contacts: Vec<String>,
    /// Ids of imports, all of which are finished.
    pub imports: Vec<String>,
    /// The subjects of each audited action.
    pub audit: BTreeMap<String, Vec<String>>,
    /// Recently acknowledged tokens that don't work.
    pub dead_tokens: Vec<String>,
    /// Integrity errors of the database.
    pub inconsistencies: Vec<String>,
}

/// Number of each reader's tokens that are tested.
const TOKENS: usize = 5;

impl State {
    pub fn read(home: &DataDir, server: &Server, shop: &FaultFixture) -> Self {
        let imports = finished_imports(server, shop);
        fanned_out(home);
        let mut state = Self {
            messages: texts(&pages(server, shop, "/v1/messages"), &["/id", "/content/en/title"]),
            inboxes: (0..shop.bearers.len())
                .map(|reader| Inbox::read(server, shop, reader))
                .collect(),
            webhooks: texts(&pages(server, shop, "/v1/webhooks"), &["/id", "/url"]),
            contacts: contacts(server, shop),
            imports: imports.iter().map(|import| text(import, "/id")).collect(),
            dead_tokens: dead_tokens(server, shop),
            inconsistencies: integrity_errors(home),
            ..Self::default()
        };
        for entry in pages(server, shop, "/v1/audit") {
            state.audit.entry(text(&entry, "/action")).or_default().push(text(&entry, "/subject"));
        }
        for theme in get(server, shop, "/v1/themes")["themes"].as_array().unwrap() {
            let version = text(theme, "/version");
            let css = server
                .get(&format!("/v1/themes/{version}/files/theme.css"), &[&shop.authorization()]);
            assert_eq!(css.status, 200, "version {version}");
            state.themes.push(Theme {
                version,
                state: text(theme, "/state"),
                css: String::from_utf8(css.body).unwrap(),
            });
        }
        state
    }
}

impl Inbox {
    fn read(server: &Server, shop: &FaultFixture, reader: usize) -> Self {
        let list = |filter: &str| cards(server, shop, reader, filter);
        let ids = |cards: Vec<(String, bool)>| cards.into_iter().map(|(id, _)| id).collect();
        let counts = shop.as_reader(server.address, reader, "GET", "counts", "").unwrap();
        assert_eq!(counts.status, 200);
        let count = counts.json()["unread"].as_u64().unwrap().try_into().unwrap();
        Self {
            all: list("all"),
            unread: ids(list("unread")),
            archived: ids(list("archived")),
            count,
        }
    }
}

/// The ids of the cards in a list, and whether each is displayed as unread.
fn cards(server: &Server, shop: &FaultFixture, reader: usize, filter: &str) -> Vec<(String, bool)> {
    let (mut cards, mut before) = (Vec::new(), String::new());
    loop {
        let answer = shop
            .as_reader(
                server.address,
                reader,
                "GET",
                &format!("messages?filter={filter}{before}"),
                "",
            )
            .unwrap();
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let part = answer.json();
        for card in part["html"].as_str().unwrap().split("<li class=\"item").skip(1) {
            let (classes, rest) = card.split_once('"').unwrap();
            let id = rest.split_once("data-id=\"").unwrap().1.split('"').next().unwrap();
            cards.push((id.to_owned(), classes.contains("unread")));
        }
        match part["next"].as_i64() {
            Some(next) => before = format!("&before={next}"),
            None => return cards,
        }
    }
}

fn get(server: &Server, shop: &FaultFixture, path: &str) -> Value {
    let answer = server.get(path, &[&shop.authorization()]);
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// All items of a paginated list.
fn pages(server: &Server, shop: &FaultFixture, path: &str) -> Vec<Value> {
    let (mut items, mut query) = (
        Vec::new(),
        if path.ends_with("webhooks") { String::new() } else { "?limit=100".to_owned() },
    );
    loop {
        let page = get(server, shop, &format!("{path}{query}"));
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => query = format!("?limit=100&cursor={next}"),
            None => return items,
        }
    }
}

/// A string or a number as text.
fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        other => panic!("{pointer} is {other:?} in {value}"),
    }
}

fn texts(values: &[Value], pointers: &[&str; 2]) -> Vec<(String, String)> {
    values.iter().map(|value| (text(value, pointers[0]), text(value, pointers[1]))).collect()
}

/// The imports, after each has finished by itself.
fn finished_imports(server: &Server, shop: &FaultFixture) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let imports = pages(server, shop, "/v1/imports");
        if imports.iter().all(|import| import["state"] == "finished") {
            return imports;
        }
        assert!(begun.elapsed() < WAIT_TIMEOUT, "imports do not go on: {imports:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until each message has reached all of its contacts; the fan-out continues by itself, also
/// after a crash.
fn fanned_out(home: &DataDir) {
    let begun = Instant::now();
    while !rows(home, "SELECT hex(message_id) FROM fan_out").is_empty() {
        assert!(begun.elapsed() < WAIT_TIMEOUT, "messages do not come to all whom they name");
        thread::sleep(Duration::from_millis(20));
    }
}

fn contacts(server: &Server, shop: &FaultFixture) -> Vec<String> {
    let mut contacts = Vec::new();
    loop {
        let part = get(
            server,
            shop,
            &format!("/v1/contacts?startindex={}&maxrows=500", contacts.len() + 1),
        );
        let part = part.as_array().unwrap();
        contacts.extend(part.iter().map(|contact| text(contact, "/externalCustomerId")));
        if part.len() < 500 {
            return contacts;
        }
    }
}

fn dead_tokens(server: &Server, shop: &FaultFixture) -> Vec<String> {
    let operations = shop.history.operations();
    let mut dead = Vec::new();
    for reader in 0..shop.bearers.len() {
        let tokens = operations.iter().rev().filter_map(|operation| {
            match (&operation.action, &operation.outcome) {
                (Action::Token { reader: of }, Outcome::Done(token)) if *of == reader => {
                    Some(token.clone())
                }
                _ => None,
            }
        });
        let works = |token: &String| {
            server.get("/appinbox/v1/messages/count", &[&format!("es-token: {token}")]).status
                == 200
        };
        dead.extend(tokens.take(TOKENS).filter(|token| !works(token)));
    }
    dead
}

/// What a database file checks itself.
const INTEGRITY_PRAGMAS: [(&str, &str); 2] =
    [("integrity", "PRAGMA integrity_check"), ("foreign key", "PRAGMA foreign_key_check")];

/// Queries for rows that must not exist, by the name of the error.
const INTEGRITY_QUERIES: [(&str, &str); 5] = [
    (
        "a message that nobody has",
        "SELECT hex(id) FROM message WHERE NOT EXISTS (SELECT 1 FROM recipient AS p WHERE p.site_id = message.site_id AND p.message_id = message.id)",
    ),
    (
        "a message to a crowd that not all of it have",
        "SELECT content ->> '$.en.title' FROM message WHERE substr(content ->> '$.en.title', 1, 6) = 'crowd-' AND 201 <> (
            SELECT count(*) FROM recipient AS p WHERE p.site_id = message.site_id AND p.message_id = message.id AND p.position > 0)",
    ),
    ("a message in two places of one list", "SELECT hex(message_id) FROM recipient GROUP BY site_id, contact_id, message_id HAVING count(*) > 1"),
    (
        "a kept key without its message",
        "SELECT key FROM idempotency AS i WHERE i.kind = 1 AND NOT EXISTS (SELECT 1 FROM message AS m WHERE m.site_id = i.site_id AND m.id = i.message_id)",
    ),
    (
        "a part of an import that is not there",
        "SELECT CAST(number AS TEXT) FROM import_part AS part WHERE NOT EXISTS (SELECT 1 FROM import WHERE import.site_id = part.site_id AND import.id = part.import_id)",
    ),
];

fn integrity_errors(home: &DataDir) -> Vec<String> {
    assert_eq!(
        (BROADCAST_CONTACTS, BROADCAST_PREFIX),
        (200, "crowd"),
        "a SQL query contains these values"
    );
    let mut unsound = Vec::new();
    for (what, query) in
        INTEGRITY_PRAGMAS.into_iter().filter(|_| !home.is_on_server()).chain(INTEGRITY_QUERIES)
    {
        unsound.extend(
            rows(home, query)
                .into_iter()
                .filter(|said| said != "ok")
                .map(|said| format!("{what}: {said}")),
        );
    }
    unsound
}

/// The first column of each row.
fn rows(home: &DataDir, query: &'static str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if home.is_on_server() {
            let options: PgConnectOptions = home.database_url().parse().unwrap();
            let options = options.options([("search_path", "belfry")]);
            let mut database = PgConnection::connect_with(&options).await.unwrap();
            let rows = sqlx::query(query).fetch_all(&mut database).await.unwrap();
            database.close().await.unwrap();
            return rows.iter().map(|row| row.get(0)).collect();
        }
        let mut database = SqliteConnection::connect(&home.database_url()).await.unwrap();
        let rows = sqlx::query(query).fetch_all(&mut database).await.unwrap();
        database.close().await.unwrap();
        rows.iter().map(|row| row.try_get_unchecked(0).unwrap()).collect()
    })
}
