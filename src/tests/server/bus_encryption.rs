//! An encrypted connection to a NATS server, which is killed: with the real binary, since the
//! certificates that a process trusts are in its environment.

use super::{
    process::{DataDir, ask},
    rolling_restart::StreamClient,
    shutdown::bearer,
};
use crate::database::TestDatabase;
use belfry_testing::NatsServer;
use rcgen::CertifiedKey;
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tokio::{task::block_in_place, time::sleep};

/// Far longer than anything here takes; reaching it fails the test.
const SOON: Duration = Duration::from_secs(30);

/// Writes a certificate for this machine to a folder. Returns the server's configuration, and the
/// certificate's path.
fn certificate(folder: &Path) -> (String, String) {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| folder.join(name));
    fs::write(&certificate, cert.pem()).unwrap();
    fs::write(&key, signing_key.serialize_pem()).unwrap();
    let trusted = certificate.display().to_string();
    (format!("tls {{ cert_file: {trusted:?}, key_file: {:?} }}", key.display()), trusted)
}

async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !block_in_place(&is_so) {
        assert!(began.elapsed() < SOON, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_go_over_an_encrypted_connection_until_it_is_lost() {
    let Some(database) = TestDatabase::empty_on_server().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let (configuration, trusted) = certificate(folder.path());
    let Some(mut nats) = NatsServer::start_with(&configuration, "") else { return };
    let url = nats.url().replace("nats://", "tls://");
    let home = DataDir::of_database(database.url());
    let (site, key) = home.site();
    let trusting = format!("export SSL_CERT_FILE='{trusted}'");
    let serve = || home.serve_after(&trusting, &["--bus", &url]);
    let [one, other] = [serve(), serve()];
    let logged = |text: &str| one.log().matches(text).count();
    eventually("no encrypted connection", || logged("connected to the NATS server") == 2).await;

    let authorization = format!("authorization: Bearer {key}");
    let headers = [authorization.as_str(), "content-type: application/json"];
    let call = |path: &str, body: &Value| {
        let answer = ask(one.address, "POST", path, &headers, &body.to_string()).unwrap();
        assert!(answer.status < 300, "{path}: {}", answer.json());
    };
    let contact = json!({"externalCustomerId": "anna"});
    call("/v1/contact", &contact);
    let reader = bearer(&one, &site, &key, "anna");
    let message = json!({"audience": {"contact": contact}, "content": {"en": {"title": "Final"}}});
    let relayed = async || -> i64 {
        let count = "SELECT count(*) FROM belfry.relayed";
        let [(stored,)] = database.connect().await.rows(count).await[..] else { unreachable!() };
        stored
    };
    let arrives = async || {
        let stream = StreamClient::start(other.address, &site, &reader);
        stream.expect_final();
        // Published again until the stream is open.
        eventually("the other process has no message", || {
            call("/v1/messages", &message);
            stream.has_final()
        })
        .await;
        stream.stop();
    };
    // What the processes say of themselves until both are connected.
    let before = relayed().await;
    arrives().await;
    assert_eq!(relayed().await, before, "events go through the database");
    nats.kill();
    eventually("nobody notices", || logged("lost the connection to the NATS server") == 2).await;
    arrives().await;
    assert!(relayed().await > before, "{}", one.log());
    nats.go_on();
    eventually("no connection again", || logged("connected to the NATS server") == 4).await;

    // One that does not trust the certificate.
    let stranger = home.serve(&["--bus", &url]);
    eventually("it connects", || logged("no connection to the NATS server") > 0).await;
    let log = stranger.log();
    let line = log.lines().find(|line| line.contains("no connection to the NATS server"));
    assert!(line.is_some_and(|line| line.contains("certificate")), "{line:?}");
    assert_eq!(stranger.get("/readyz", &[]).status, 200);
    assert_eq!(logged("connected to the NATS server"), 4);
}
