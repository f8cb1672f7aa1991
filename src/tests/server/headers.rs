//! Headers of every response, and the request log.

use super::process::{DataDir, Server};
use serde_json::Value;

#[test]
fn health_and_readiness_are_served_and_other_paths_404() {
    let home = DataDir::new();
    let server = home.serve(&[]);
    for path in ["/healthz", "/readyz"] {
        let answer = server.get(path, &[]);
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (200, Some("no-store")),
            "{path}"
        );
    }
    for path in
        ["/pkg/belfry-0000000000000000.js", "/pkg/../Cargo.toml", "/v1/nothing", "/scripts/x.js"]
    {
        let answer = server.get(path, &[]);
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .is_some_and(|policy| policy.contains("frame-ancestors 'none'")),
            "{path}"
        );
        assert!(answer.header("referrer-policy").is_some(), "{path}");
        assert_eq!(
            answer.header("strict-transport-security"),
            None,
            "{path}: only where browsers come over https"
        );
    }
}

#[test]
fn root_page_describes_the_server() {
    let home = DataDir::new();
    let server = home.serve(&[]);
    let answer = server.get("/", &[]);
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(text.contains("Belfry") && text.contains("href=\"/console\""), "{text}");
}

/// The set-up page, as a browser gets it from this host.
fn set_up_page(server: &Server, host: &str, more: &str) -> String {
    server.raw(
        format!("GET /console/setup HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{more}\r\n")
            .as_bytes(),
    )
}

#[test]
fn unusable_sign_in_address_is_reported_on_page_and_in_log() {
    let home = DataDir::new();
    let server = home.serve(&[]);
    let own = format!("http://{}", server.address);
    assert!(!set_up_page(&server, &server.address.to_string(), "").contains("--public-url"));
    assert!(
        !set_up_page(&server, "192.168.1.5:3000", "x-forwarded-for: 192.0.2.7\r\n")
            .contains("--public-url"),
        "behind a proxy"
    );
    let page = set_up_page(&server, "192.168.1.5:3000", "");
    for part in ["200 OK", "--public-url", "http://192.168.1.5:3000", own.as_str()] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let log = server.log();
    let line =
        log.lines().find(|line| line.contains("--public-url")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("http://192.168.1.5:3000") && line.contains(&own), "{line}");
    drop(server);

    let insecure = home.serve(&["--public-url", "http://192.168.1.5:3000"]);
    assert!(
        insecure.log().lines().any(|line| line.contains("neither https nor localhost")),
        "{}",
        insecure.log()
    );
    let page = set_up_page(&insecure, "192.168.1.5:3000", "");
    assert!(page.contains("http://192.168.1.5:3000") && page.contains("https"), "{page}");
}

#[test]
fn unaccepted_content_encodings_are_not_sent() {
    let home = DataDir::new();
    let (site, _) = home.site();
    let server = home.serve(&[]);
    let loader = String::from_utf8(server.get(&format!("/scripts/{site}.js"), &[]).body).unwrap();
    let (_, rest) = loader.split_once("/pkg/page-").unwrap_or_else(|| panic!("{loader}"));
    let asset = format!("/pkg/page-{}", rest.split('"').next().unwrap());
    for path in
        [format!("/scripts/{site}.js"), format!("/embed/{site}"), asset, "/openapi.json".to_owned()]
    {
        for (accepted, encodings) in [
            ("br;q=0", &[None][..]),
            ("gzip;q=0, br;q=0.0", &[None]),
            ("br, br;q=0", &[None]),
            ("*", &[None]),
            ("x-brew", &[None]),
            ("br;q=0, gzip", &[None, Some("gzip")]),
            ("br;q=0.001", &[Some("br")]),
            ("identity;q=0, br", &[Some("br")]),
        ] {
            let answer = server.get(&path, &[&format!("accept-encoding: {accepted}")]);
            assert_eq!(answer.status, 200, "{path} {accepted}");
            assert!(
                encodings.contains(&answer.header("content-encoding")),
                "{path} {accepted}: {:?}",
                answer.header("content-encoding")
            );
        }
        let lines = server.get(&path, &["accept-encoding: gzip", "accept-encoding: br"]);
        assert_eq!(lines.header("content-encoding"), Some("br"), "{path}");
        assert_eq!(server.get(&path, &["accept-encoding: identity;q=0"]).status, 406, "{path}");
        let cache = server.get(&path, &[]).header("cache-control").unwrap_or_default().to_owned();
        assert!(cache.contains("no-transform"), "{path}: {cache}");
    }
}

#[test]
fn hsts_depends_on_the_public_url() {
    let home = DataDir::new();
    let server = home.serve(&["--public-url", "https://inbox.example"]);
    assert_eq!(
        server.get("/healthz", &[]).header("strict-transport-security"),
        Some("max-age=31536000")
    );
}

#[test]
fn only_uncompressed_content_is_compressed() {
    let home = DataDir::new();
    let (site, _) = home.site();
    let server = home.serve(&[]);
    let plain = server.get(&format!("/embed/{site}"), &[]);
    assert_eq!((plain.status, plain.header("content-encoding")), (200, None));
    let packed = server.get(&format!("/embed/{site}"), &["accept-encoding: gzip, br"]);
    assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("br")));
    assert!(
        packed.body.len() * 2 < plain.body.len(),
        "{} of {}",
        packed.body.len(),
        plain.body.len()
    );

    let loader = server.get(&format!("/scripts/{site}.js"), &["accept-encoding: br"]);
    let mut text = Vec::new();
    brotli::BrotliDecompress(&mut &loader.body[..], &mut text).unwrap();
    assert!(String::from_utf8(text).unwrap().contains(&site), "compressed once, not twice");
}

#[test]
fn request_log_has_an_id_and_no_secrets() {
    let home = DataDir::new();
    let (_, key) = home.site();
    let server = home.serve(&[]);
    let authorization = format!("authorization: Bearer {key}");
    let answer = server.get(
        "/v1/contact?externalCustomerId=private-person",
        &[&authorization, "x-request-id: from-the-proxy-1"],
    );
    assert_eq!((answer.status, answer.header("x-request-id")), (404, Some("from-the-proxy-1")));
    let own = server
        .get("/healthz", &["x-request-id: bad id"])
        .header("x-request-id")
        .unwrap()
        .to_owned();
    assert!(own.len() == 24 && own.bytes().all(|byte| byte.is_ascii_hexdigit()), "{own}");

    let log = server.log();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let of = |id: &str| lines.iter().filter(|line| line["request_id"] == id).collect::<Vec<_>>();
    let line = of("from-the-proxy-1");
    assert_eq!(line.len(), 1, "{log}");
    assert_eq!(
        (&line[0]["method"], &line[0]["path"], &line[0]["status"]),
        (&"GET".into(), &"/v1/contact".into(), &404.into())
    );
    assert!(line[0]["ms"].is_u64());
    assert_eq!(of(&own).len(), 1);
    assert!(!log.contains("private-person") && !log.contains(&key), "{log}");
}
