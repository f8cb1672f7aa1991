//! The whole demo over real sockets.

use super::{Demo, DemoError, DemoOptions};
use std::path::Path;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

fn options(folder: &Path, shop_port: u16) -> DemoOptions {
    DemoOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        shop_listen: ([127, 0, 0, 1], shop_port).into(),
        back_office_listen: ([127, 0, 0, 1], 0).into(),
        database_url: Some(format!("sqlite://{}/belfry.db", folder.display())),
        database_direct_url: None,
    }
}

fn port(demo: &Demo) -> u16 {
    demo.shop_origin().as_str().rsplit(':').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn all_sites_are_served_and_shut_down() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(options(folder.path(), 0)).await.unwrap();
    assert!(
        demo.banner().contains(&format!("curl {}/v1/messages -u acme-shop:bfk_", demo.belfry())),
        "{}",
        demo.banner()
    );
    for said in [
        format!("{}/write", demo.shop_origin()),
        "as nora@acme.example with the password ".to_owned(),
        "api_access_token: ".to_owned(),
    ] {
        assert!(demo.banner().contains(&said), "{said}: {}", demo.banner());
    }
    let addresses = [demo.shop_origin().as_str(), demo.belfry().as_str()]
        .map(|origin| origin.replace("http://", ""));
    let stop = CancellationToken::new();
    let running = tokio::spawn(demo.run(stop.clone(), CancellationToken::new()));
    for (address, path, expected) in [
        (&addresses[0], "/", "<title>Things for a calm home"),
        (&addresses[1], "/healthz", "200 OK"),
    ] {
        let mut socket =
            TcpStream::connect(address.replace("localhost", "127.0.0.1")).await.unwrap();
        socket
            .write_all(
                format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
                    .as_bytes(),
            )
            .await
            .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(expected), "{answer}");
    }
    stop.cancel();
    running.await.unwrap();
    assert!(TcpStream::connect(addresses[0].replace("localhost", "127.0.0.1")).await.is_err());
}

#[tokio::test]
async fn second_demo_fails_without_revoking_the_first_key() {
    let folder = tempfile::tempdir().unwrap();
    let first = Demo::start(options(folder.path(), 0)).await.unwrap();
    let keys =
        first.server.app().keys(first.server.app().sites().await.unwrap()[0].id).await.unwrap();
    let refused = Demo::start(options(folder.path(), port(&first))).await.err().unwrap();
    assert!(
        matches!(refused, DemoError::ShopAddress(..))
            && refused.to_string().contains("--shop-listen"),
        "{refused}"
    );
    assert_eq!(first.server.app().keys(keys[0].site).await.unwrap(), keys);
}
