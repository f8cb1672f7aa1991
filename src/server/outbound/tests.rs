//! Which addresses are contacted, with scripted DNS answers.

use super::*;
use std::{
    collections::VecDeque,
    io,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// Returns one scripted answer after the other, and then repeats the last one.
struct Scripted(Mutex<VecDeque<Vec<IpAddr>>>);

impl Scripted {
    fn new(answers: &[&[&str]]) -> Self {
        Self(Mutex::new(
            answers
                .iter()
                .map(|answer| answer.iter().map(|address| address.parse().unwrap()).collect())
                .collect(),
        ))
    }
}

#[async_trait]
impl Lookup for Scripted {
    async fn look_up(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let mut answers = self.0.lock().unwrap();
        let first = answers.pop_front().unwrap();
        if answers.is_empty() {
            answers.push_back(first.clone());
        }
        Ok(first)
    }
}

fn quick(allow_private: bool) -> OutboundOptions {
    OutboundOptions {
        allow_private,
        timeout: Duration::from_secs(5),
        connect_timeout: Duration::from_millis(300),
    }
}

fn to(url: &str) -> HttpRequest {
    HttpRequest {
        url: EndpointUrl::parse(url).unwrap(),
        headers: vec![("content-type", "application/json".to_owned())],
        body: "{}".to_owned(),
    }
}

/// Counts connections to a local port.
async fn listener() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, accepted)
}

#[tokio::test]
async fn private_addresses_from_dns_are_rejected() {
    let (port, accepted) = listener().await;
    let url = format!("https://hook.example:{port}/");
    for answer in [
        &["127.0.0.1"][..],
        &["8.8.8.8", "127.0.0.1"],
        &["127.0.0.1", "8.8.8.8"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["fd00::1", "2606:4700::1111"],
        &["169.254.169.254"],
        &["0.0.0.0"],
    ] {
        let http_client = guarded_client(quick(false), Scripted::new(&[answer]), is_global);
        assert_eq!(
            http_client.check(&EndpointUrl::parse(&url).unwrap()).await.unwrap_err().field,
            "url",
            "{answer:?}"
        );
        for _ in 0..5 {
            let error = http_client.send(to(&url)).await.unwrap_err();
            assert!(error.contains("public address"), "{answer:?}: {error}");
        }
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn dns_rebinding_is_rejected_at_connect() {
    let (port, accepted) = listener().await;
    let url = format!("https://rebinding.example:{port}/");
    let http_client = guarded_client(
        quick(false),
        Scripted::new(&[&["93.184.216.34"], &["127.0.0.1"]]),
        is_global,
    );
    http_client.check(&EndpointUrl::parse(&url).unwrap()).await.unwrap();
    for _ in 0..50 {
        assert!(http_client.send(to(&url)).await.unwrap_err().contains("public address"));
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn literal_addresses_are_checked() {
    let (port, accepted) = listener().await;
    let http_client = guarded_client(quick(false), Scripted::new(&[&["8.8.8.8"]]), is_global);
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "printer.local",
        "metadata.google.internal",
        "intranet",
        "10.0.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[64:ff9b::7f00:1]",
        "①②⑦.0.0.1",
        "192.168.0.1",
    ] {
        let url = format!("https://{host}:{port}/");
        let parsed = EndpointUrl::parse(&url).unwrap();
        assert_eq!(http_client.check(&parsed).await.unwrap_err().field, "url", "{host}");
        let error = http_client.send(to(&url)).await.unwrap_err();
        assert!(error.contains("public address"), "{host}: {error}");
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn only_https_on_allowed_ports_is_accepted() {
    let http_client = guarded_client(quick(false), Scripted::new(&[&["8.8.8.8"]]), is_global);
    for (url, fits) in [
        ("https://a.example/", true),
        ("https://a.example:8443/", true),
        ("https://93.184.216.34/", true),
        ("http://a.example/", false),
        ("https://a.example:22/", false),
        ("https://a.example:25/", false),
        ("https://a.example:80/", false),
    ] {
        assert_eq!(
            http_client.check(&EndpointUrl::parse(url).unwrap()).await.is_ok(),
            fits,
            "{url}"
        );
    }
    let nowhere = guarded_client(quick(false), Scripted::new(&[&[]]), is_global);
    let refused =
        nowhere.check(&EndpointUrl::parse("https://a.example").unwrap()).await.unwrap_err();
    assert_eq!(refused.reason.to_string(), "has a host that can't be resolved");
}

#[tokio::test]
async fn operator_may_allow_private_addresses() {
    let (port, accepted) = listener().await;
    let http_client = guarded_client(quick(true), Scripted::new(&[&["127.0.0.1"]]), |_| true);
    let url = format!("http://hook.example:{port}/");
    http_client.check(&EndpointUrl::parse(&url).unwrap()).await.unwrap();
    // The listener closes at once; only the connection matters.
    http_client.send(to(&url)).await.unwrap_err();
    assert!(accepted.load(Ordering::SeqCst) > 0);
}

/// Resolves a name to the address in it: `at-127-0-0-2.example`.
struct Spelled;

#[async_trait]
impl Lookup for Spelled {
    async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let address = name.trim_start_matches("at-").trim_end_matches(".example").replace('-', ".");
        Ok(vec![address.parse().unwrap()])
    }
}

/// Redirects every request to the target in its path, and counts the requests.
async fn redirecting() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answered = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&answered);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                if socket.read_buf(&mut head).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            count.fetch_add(1, Ordering::SeqCst);
            let head = String::from_utf8(head).unwrap();
            let target = head.split(' ').nth(1).unwrap().trim_start_matches("/?");
            let answer = format!(
                "HTTP/1.1 302 Found\r\nlocation: {target}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            );
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    (port, answered)
}

#[tokio::test]
async fn redirect_targets_are_checked() {
    let (port, answered) = redirecting().await;
    // One local address counts as global, so that a redirect can lead away from it.
    let http_client =
        guarded_client(quick(false), Spelled, |address| address == IpAddr::from([127, 0, 0, 1]));
    let mut calls = 0;
    for target in [
        format!("http://127.0.0.2:{port}/"),
        format!("http://at-127-0-0-2.example:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://10.0.0.1:{port}/"),
        format!("http://name:word@127.0.0.1:{port}/"),
        "http://127.0.0.1:25/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "data:text/html,x".to_owned(),
    ] {
        let page =
            EndpointUrl::parse(&format!("http://at-127-0-0-1.example:{port}/?{target}")).unwrap();
        assert_eq!(http_client.fetch_page(&page).await, Err(FetchError::Forbidden), "{target}");
        calls += 1;
        assert_eq!(answered.load(Ordering::SeqCst), calls, "{target}");
    }
    let refused = EndpointUrl::parse(&format!("http://at-127-0-0-2.example:{port}/")).unwrap();
    assert_eq!(http_client.fetch_page(&refused).await, Err(FetchError::Forbidden));
    assert_eq!(answered.load(Ordering::SeqCst), calls);
}

#[tokio::test]
async fn own_address_and_other_ports_are_rejected() {
    let egress =
        Egress { public_url: Some("https://inbox.example".parse().unwrap()), ..Egress::default() };
    let http_client = http_client_with_egress(quick(false), egress);
    for own in ["https://inbox.example/v1/messages", "https://inbox.example:443/"] {
        let refused = http_client.check(&EndpointUrl::parse(own).unwrap()).await.unwrap_err();
        assert!(refused.reason.to_string().contains("this server itself"), "{own}: {refused}");
    }
    for page in [
        "http://8.8.8.8:9090/",
        "https://8.8.8.8:8443/",
        "http://inbox.example:8080/",
        "https://inbox.example/",
    ] {
        assert_eq!(
            http_client.fetch_page(&EndpointUrl::parse(page).unwrap()).await,
            Err(FetchError::Forbidden),
            "{page}"
        );
    }
}

/// A proxy that rejects `CONNECT` with 403 and records the request heads.
async fn refusing_proxy() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                if socket.read_buf(&mut head).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            kept.lock().unwrap().push(String::from_utf8(head).unwrap());
            let _ = socket
                .write_all(
                    b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                )
                .await;
        }
    });
    (port, heads)
}

fn through(port: u16, lookup: impl Lookup) -> GuardedClient {
    let proxy = OutboundProxy::parse(&format!("http://127.0.0.1:{port}"))
        .unwrap()
        .with_credentials("anna:secret")
        .unwrap();
    GuardedClient::new(
        quick(false),
        lookup,
        is_global,
        Egress { proxy: Some(proxy), ..Egress::default() },
    )
}

#[tokio::test]
async fn requests_use_the_configured_proxy() {
    let (port, heads) = refusing_proxy().await;
    through(port, Scripted::new(&[&["8.8.8.8"]]))
        .send(to("https://hook.example/"))
        .await
        .unwrap_err();
    // The proxy may have the only DNS.
    through(port, Scripted::new(&[&[]]))
        .send(to("https://unknown.example:8443/"))
        .await
        .unwrap_err();
    let heads = heads.lock().unwrap().clone();
    assert_eq!(heads.len(), 2, "{heads:?}");
    assert!(
        heads[0].starts_with("CONNECT hook.example:443 ")
            && heads[1].starts_with("CONNECT unknown.example:8443 "),
        "{heads:?}"
    );
    // `anna:secret`
    assert!(
        heads[0].to_ascii_lowercase().contains("proxy-authorization: basic yw5uytpzzwnyzxq="),
        "{heads:?}"
    );
}

#[tokio::test]
async fn proxy_never_receives_private_addresses() {
    let (port, heads) = refusing_proxy().await;
    for answer in [&["127.0.0.1"][..], &["10.0.0.1"], &["8.8.8.8", "169.254.169.254"]] {
        let caller = through(port, Scripted::new(&[answer]));
        let error = caller.send(to("https://hook.example/")).await.unwrap_err();
        assert!(error.contains("public address"), "{answer:?}: {error}");
        let page = EndpointUrl::parse("http://hook.example/").unwrap();
        assert_eq!(caller.fetch_page(&page).await, Err(FetchError::Forbidden), "{answer:?}");
    }
    let literal = through(port, Scripted::new(&[&["8.8.8.8"]]))
        .send(to("https://127.0.0.1/"))
        .await
        .unwrap_err();
    assert!(literal.contains("public address"), "{literal}");
    assert_eq!(heads.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn failure_mentions_unused_environment_proxy() {
    let closed = async |is_proxy_in_environment| {
        let egress = Egress { is_proxy_in_environment, ..Egress::default() };
        // Nothing listens on this port any more.
        let port = { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port() };
        let caller =
            GuardedClient::new(quick(false), Scripted::new(&[&["127.0.0.1"]]), |_| true, egress);
        caller.send(to(&format!("https://hook.example:{port}/"))).await.unwrap_err()
    };
    let said = closed(true).await;
    assert!(said.contains("no connection") && said.contains("--outbound-proxy"), "{said}");
    let said = closed(false).await;
    assert!(said.contains("no connection") && !said.contains("proxy"), "{said}");
}
