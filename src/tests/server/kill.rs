//! What was acknowledged survives `kill -9`.

use super::{
    process::{Home, ask},
    stop::bearer,
};
use belfry::{
    domain::{ContactId, Family, KeyId, MessageId},
    inbox::Reader,
    live::Hub,
    server::open_inbox,
};
use std::{
    net::SocketAddr,
    sync::mpsc::{Sender, channel},
    thread,
};

/// Times that the server is killed.
const KILLS: usize = 5;
/// Acknowledgements to wait for before each.
const ACKNOWLEDGEMENTS: usize = 40;
/// Clients that publish and mark at once, so that a kill falls into the middle of somebody's commit.
const CLIENTS: usize = 4;

#[derive(Debug)]
enum Acknowledged {
    Published(MessageId),
    Read(MessageId),
}

/// Publishes and marks in turn until the server is gone.
fn work(address: SocketAddr, site: &str, key: &str, bearer: &str, told: &Sender<Acknowledged>) {
    let authorization = format!("authorization: Bearer {key}");
    let reader = format!("authorization: Bearer {bearer}");
    let json = "content-type: application/json";
    let body = r#"{"audience":{"contact":{"externalCustomerId":"42"}},"content":{"en":{"title":"Hello"}}}"#;
    loop {
        let Some(answer) = ask(address, "POST", "/v1/messages", &[&authorization, json], body) else { return };
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        told.send(Acknowledged::Published(id.parse().unwrap())).unwrap();
        let Some(answer) = ask(address, "POST", &format!("/embed/{site}/marks"), &[&reader, json], &format!(r#"{{"read":["{id}"]}}"#)) else {
            return;
        };
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        told.send(Acknowledged::Read(id.parse().unwrap())).unwrap();
    }
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let home = Home::new();
    let (site, key) = home.site();
    let contact = home.json(&["contact", "upsert", &site], r#"{"externalCustomerId":"42"}"#)["id"].as_i64().unwrap();
    let mut acknowledged = Vec::new();
    for _ in 0..KILLS {
        let mut server = home.serve(&[]);
        let bearer = bearer(&server, &site, &key, "42");
        let (told, heard) = channel();
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                let (address, site, key, bearer, told) = (server.address, &site, &key, &bearer, told.clone());
                scope.spawn(move || work(address, site, key, bearer, &told));
            }
            drop(told);
            acknowledged.extend(heard.iter().take(ACKNOWLEDGEMENTS));
            server.child.kill().unwrap();
            server.child.wait().unwrap();
            acknowledged.extend(heard.iter());
        });
    }
    assert!(acknowledged.len() >= KILLS * ACKNOWLEDGEMENTS);

    // The server starts again, and what it opens is what a second process sees beside it.
    let server = home.serve(&[]);
    assert_eq!(server.get("/readyz", &[]).status, 200);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (inbox, store) = open_inbox(&home.database_url(), Hub::new()).await.unwrap();
        let reader = Reader { site: site.parse().unwrap(), contact: ContactId(contact), family: Family([0; 16]), key: KeyId(String::new()) };
        for one in &acknowledged {
            match one {
                Acknowledged::Published(id) => drop(inbox.item(&reader, *id).await.unwrap_or_else(|_| panic!("{one:?} is lost"))),
                Acknowledged::Read(id) => assert!(inbox.item(&reader, *id).await.unwrap().read, "{one:?} is lost"),
            }
        }
        store.close().await;
    });
}
