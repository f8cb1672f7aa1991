//! Two processes on one database of `PostgreSQL`: what one accepts the other shows, and it takes over
//! when the first one dies.

use super::process::{DataDir, Server, ask};
use crate::database::TestDatabase;
use belfry_domain::{Clock as _, SystemClock};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::sleep;

/// Far longer than anything here takes; reaching it fails the test.
const SOON: Duration = Duration::from_secs(30);

/// A request of the site's backend.
fn call(server: &Server, key: &str, method: &str, path: &str, body: &Value) -> Value {
    let headers = [format!("authorization: Bearer {key}"), "content-type: application/json".into()];
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let answer = ask(server.address, method, path, &headers, &body.to_string()).expect("an answer");
    assert!(answer.status < 300, "{method} {path}: {} {:?}", answer.status, answer.json());
    answer.json()
}

/// The titles that a reader sees, newest first.
fn titles(server: &Server, key: &str) -> Vec<String> {
    let ann = json!({"externalCustomerId": "ann"});
    let token = call(server, key, "POST", "/v1/auth/contact/token", &ann);
    let token = format!("es-token: {}", token["token"].as_str().unwrap());
    let answer = ask(server.address, "GET", "/appinbox/v1/messages", &[&token], "").unwrap();
    let list = answer.json();
    let items = list["list"].as_array().unwrap_or_else(|| panic!("{list}"));
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_process_shows_what_the_first_accepts_and_takes_over() {
    let Some(database) = TestDatabase::empty_on_server().await else { return };
    let home = DataDir::of_database(database.url());
    let (_, key) = home.site();
    let first = home.serve(&[]);
    let second = home.serve(&[]);
    assert_eq!(second.get("/readyz", &[]).status, 200);

    call(&first, &key, "POST", "/v1/contact", &json!({"externalCustomerId": "ann"}));
    let message =
        |title: &str| json!({"audience": "everyone", "content": {"en": {"title": title}}});
    call(&first, &key, "POST", "/v1/messages", &message("One"));
    call(&second, &key, "POST", "/v1/messages", &message("Two"));
    for server in [&first, &second] {
        let mut seen = titles(server, &key);
        seen.sort();
        assert_eq!(seen, ["One", "Two"]);
    }

    let mut later = message("Three");
    let due = SystemClock.now().plus(Duration::from_secs(3)).millis();
    let due = OffsetDateTime::from_unix_timestamp(due / 1_000).unwrap();
    later["publishAt"] = json!(due.format(&Rfc3339).unwrap());
    call(&second, &key, "POST", "/v1/messages", &later);
    first.signal("KILL");
    let began = Instant::now();
    while !titles(&second, &key).contains(&"Three".to_owned()) {
        assert!(began.elapsed() < SOON, "nobody published the scheduled message");
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(second.get("/readyz", &[]).status, 200);
}
