//! Two equal processes on one database of `PostgreSQL`: what one has begun, the other knows.

use super::{
    process::{Answer, DataDir, Server, ask},
    shutdown::bearer,
};
use crate::database::{TestConnection, TestDatabase};
use serde_json::json;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Far longer than anything here takes; reaching it fails the test.
const SOON: Duration = Duration::from_secs(30);

/// The locks by which the server knows the processes.
const PROCESSES: &str = "SELECT CAST(CAST(objid AS bigint) AS bigint) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = 1650814054 AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

fn ticket(server: &Server, site: &str, bearer: &str) -> String {
    let authorization = format!("authorization: Bearer {bearer}");
    let path = format!("/embed/{site}/ticket");
    let answer = ask(server.address, "POST", &path, &[&authorization], "").unwrap();
    answer.json()["ticket"].as_str().unwrap().to_owned()
}

/// The status of a stream that is opened with this ticket.
fn redeem(server: &Server, site: &str, ticket: &str) -> u16 {
    let mut stream = server.connect();
    write!(stream, "GET /embed/{site}/events?ticket={ticket} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stream_ticket_is_redeemed_once_by_any_process() {
    let Some(database) = TestDatabase::empty_on_server().await else { return };
    let home = DataDir::of_database(database.url());
    let ((site, key), (other, _)) = (home.site(), home.site());
    home.json(&["contact", "upsert", &site], r#"{"externalCustomerId":"42"}"#);
    let servers = [home.serve(&[]), home.serve(&[])];
    let bearer = bearer(&servers[0], &site, &key, "42");
    for (made, redeemed) in [(0, 1), (1, 0), (0, 0)] {
        let ticket = ticket(&servers[made], &site, &bearer);
        assert_eq!(redeem(&servers[redeemed], &site, &ticket), 200);
        for server in &servers {
            assert_eq!(redeem(server, &site, &ticket), 401);
        }
    }
    let ticket = ticket(&servers[0], &site, &bearer);
    assert_eq!(redeem(&servers[1], &other, &ticket), 401);
    assert_eq!(redeem(&servers[0], &site, &ticket), 401, "spent at the wrong site");
}

fn add_contact(server: &Server, key: &str, name: &str) -> Answer {
    let authorization = format!("authorization: Bearer {key}");
    let headers = [&authorization, "content-type: application/json", "idempotency-key: order-7"];
    let body = json!({"externalCustomerId": name}).to_string();
    ask(server.address, "POST", "/v1/contact", &headers, &body).unwrap()
}

/// The numbers of the processes.
async fn processes(connection: &mut TestConnection) -> Vec<i64> {
    connection.rows(PROCESSES).await.into_iter().map(|(number,)| number).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_is_in_progress_while_its_process_lives() {
    let Some(database) = TestDatabase::empty_on_server().await else { return };
    let home = DataDir::of_database(database.url());
    let (_, key) = home.site();
    let first = home.serve(&[]);
    let mut connection = database.connect().await;
    let began = Instant::now();
    let number = loop {
        if let [number] = processes(&mut connection).await[..] {
            break number;
        }
        assert!(began.elapsed() < SOON, "the process has no number");
        sleep(Duration::from_millis(20)).await;
    };
    let second = home.serve(&[]);
    assert_eq!(add_contact(&first, &key, "ann").status, 200);
    let replayed = add_contact(&second, &key, "ann");
    assert_eq!((replayed.status, replayed.header("idempotent-replayed")), (200, Some("true")));

    // As if the first process had not answered it yet.
    let unfinished = "UPDATE belfry.idempotency SET status = NULL, content_type = NULL, body = NULL WHERE kind = 0";
    assert_eq!(connection.execute(unfinished).await, 1);
    let rows: Vec<(i64,)> = connection.rows("SELECT process FROM belfry.idempotency").await;
    assert_eq!(rows, [(number,)]);
    let repeated = add_contact(&second, &key, "ann");
    assert_eq!((repeated.status, repeated.header("retry-after").is_some()), (409, true));
    assert_eq!(add_contact(&second, &key, "bob").status, 422, "another request");

    first.signal("KILL");
    let began = Instant::now();
    loop {
        let repeated = add_contact(&second, &key, "ann");
        assert_eq!(repeated.status, 409, "it must not be done twice");
        if repeated.header("retry-after").is_none() {
            break;
        }
        assert!(began.elapsed() < SOON, "the dead process still blocks the key");
        sleep(Duration::from_millis(100)).await;
    }
    eprintln!("the request of a dead process counts as interrupted after {:?}", began.elapsed());
    connection.close().await;
}
