//! The script on the site's page.

use crate::support::{BELFRY, TestApp};

#[tokio::test]
async fn the_script_carries_its_sites_settings_and_may_be_kept_for_a_while() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let path = format!("/scripts/{}.js", site.site.id);
    let answer = app.get(&path).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert!(answer.header("cache-control").unwrap().starts_with("public, max-age=300"));
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
    for part in [site.site.id.to_string().as_str(), BELFRY, "\"selector\":\"#bell\"", "\"position\":\"beforeend\"", "\"language\":\"en\""] {
        assert!(answer.text().contains(part), "{part}");
    }
    assert!(!answer.text().contains(&site.key));
    let tag = answer.header("etag").unwrap().to_owned();
    assert_eq!(app.get(&path).header("if-none-match", &tag).send().await.status, 304);
}

/// Measures what is sent after `make browser`, which installs the minifier; `make test` begins with it.
#[tokio::test]
#[cfg_attr(not(scripts_minified), ignore = "the scripts of this build are not minified; run: make browser")]
async fn the_script_stays_within_its_budget() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let answer = app.get(&format!("/scripts/{}.js", site.site.id)).header("accept-encoding", "gzip, deflate, br").send().await;
    assert_eq!(answer.header("content-encoding"), Some("br"));
    assert!((1_000..=3_000).contains(&answer.body.len()), "{} bytes", answer.body.len());
}

#[tokio::test]
async fn there_is_no_script_for_an_unknown_site() {
    let app = TestApp::new().await;
    for file in ["00000000-0000-4000-8000-000000000000.js", "x.js", "x", "00000000-0000-4000-8000-000000000000"] {
        assert_eq!(app.get(&format!("/scripts/{file}")).send().await.status, 404, "{file}");
    }
}
