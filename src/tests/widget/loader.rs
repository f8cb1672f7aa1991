//! The loader script on the site's page.

use crate::support::{PUBLIC_URL, TestApp};

#[tokio::test]
async fn script_has_its_sites_settings_and_is_cacheable() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let path = format!("/scripts/{}.js", site.site.id);
    let answer = app.get(&path).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert!(answer.header("cache-control").unwrap().starts_with("public, max-age=300"));
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
    for part in [
        site.site.id.to_string().as_str(),
        PUBLIC_URL,
        "\"selector\":\"#bell\"",
        "\"position\":\"beforeend\"",
        "\"language\":\"en\"",
    ] {
        assert!(answer.text().contains(part), "{part}");
    }
    assert!(!answer.text().contains(&site.key));
    assert!(answer.header("cache-control").unwrap().contains("no-transform"));
}

#[tokio::test]
async fn script_uses_only_accepted_encodings() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let path = format!("/scripts/{}.js", site.site.id);
    let plain = app.get(&path).send().await;
    for (lines, encoding) in [
        (&["br"][..], Some("br")),
        (&["gzip", "br;q=0.5"], Some("br")),
        (&["identity;q=0, *"], Some("br")),
        (&["br;q=0"], None),
        (&["gzip, br;q=0.0"], None),
        (&["identity"], None),
        (&["x-brew"], None),
        (&["*"], None),
        (&[], None),
    ] {
        let answer = lines
            .iter()
            .fold(app.get(&path), |call, line| call.header("accept-encoding", line))
            .send()
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-encoding")),
            (200, encoding),
            "{lines:?}"
        );
        assert_eq!(
            (answer.header("vary"), answer.header("etag")),
            (Some("accept-encoding"), plain.header("etag")),
            "{lines:?}"
        );
        assert_eq!(answer.body == plain.body, encoding.is_none(), "{lines:?}");
    }
}

#[tokio::test]
async fn script_is_revalidated_by_etag() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let path = format!("/scripts/{}.js", site.site.id);
    let tag = app.get(&path).send().await.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("W/"), "one ETag for two encodings");
    let strong = tag.trim_start_matches("W/");
    for known in [
        tag.clone(),
        strong.to_owned(),
        format!("\"other\", {tag}"),
        format!("W/\"a,b\",{strong}"),
        "*".to_owned(),
    ] {
        let answer = app
            .get(&path)
            .header("if-none-match", &known)
            .header("accept-encoding", "br")
            .send()
            .await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0), "{known}");
        assert_eq!(
            (answer.header("etag"), answer.header("vary")),
            (Some(tag.as_str()), Some("accept-encoding")),
            "{known}"
        );
        assert_eq!(answer.header("content-encoding"), None, "{known}");
    }
    let lines = app.get(&path).header("if-none-match", "\"other\"").header("if-none-match", strong);
    assert_eq!(lines.send().await.status, 304);
    assert_eq!(app.get(&path).header("if-none-match", "\"other\"").send().await.status, 200);
}

#[tokio::test]
async fn script_of_an_unknown_site_is_404() {
    let app = TestApp::new().await;
    for file in [
        "00000000-0000-4000-8000-000000000000.js",
        "x.js",
        "x",
        "00000000-0000-4000-8000-000000000000",
    ] {
        let answer = app.get(&format!("/scripts/{file}")).send().await;
        assert!(
            answer.expect_error(404).is_empty() && answer.text().contains("no site with this id"),
            "{file}"
        );
    }
}
