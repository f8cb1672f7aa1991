//! The requests of existing products' plugins when a shop is connected.

use crate::support::{PUBLIC_URL, TestApp};
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test]
async fn key_identifies_its_site_and_the_server() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let info = app.get("/api/v1/account/info").key(&site.key).send().await.expect(200);
    assert_eq!(
        info,
        json!({"orgId": site.site.id, "userEmail": "", "organisationName": "Acme Shop"})
    );
    let version = app.get("/api/v1/version").key(&site.key).send().await.expect(200);
    assert_eq!(version, json!({"version": env!("CARGO_PKG_VERSION"), "protocolVersion": "1"}));
    app.get("/api/v1/account/info").key("wrong").send().await.expect_error(401);
}

#[tokio::test]
async fn snippet_has_the_replaceable_call_once() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let script = app.get("/api/v1/site/script").key(&site.key).send().await;
    assert_eq!(
        (script.status.as_u16(), script.header("content-type")),
        (200, Some("text/plain; charset=utf-8"))
    );
    assert_eq!(script.text().matches("eS('init')").count(), 1);
    assert!(
        script.text().contains(&format!("{PUBLIC_URL}/scripts/"))
            && script.text().contains(&site.site.id.to_string())
    );
}

#[tokio::test]
async fn domain_is_added_once_and_invalid_ones_rejected() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    for domain in ["www.shop.example", "https://www.shop.example/", "shop.example"] {
        let answer = app
            .post("/api/v1/site/domains")
            .key(&site.key)
            .json(&json!({"domain": domain}))
            .send()
            .await
            .expect(200);
        assert_eq!(answer, json!({"result": "OK", "siteId": site.site.id}));
    }
    let origins = async |site| {
        app.app
            .site(site)
            .await
            .unwrap()
            .origins
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(origins(site.site.id).await, ["https://shop.example", "https://www.shop.example"]);
    assert_eq!(origins(other.site.id).await, ["https://shop.example"]);
    for body in [
        json!({}),
        json!({"domain": ""}),
        json!({"domain": "*.shop.example"}),
        json!({"domain": "shop.example/x"}),
        json!({"domain": 7}),
    ] {
        assert_eq!(
            app.post("/v1/site/domains").key(&site.key).json(&body).send().await.expect_error(400),
            "domain",
            "{body}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrently_added_domains_are_all_added() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let allow = |number| {
        app.post("/v1/site/domains")
            .key(&site.key)
            .json(&json!({"domain": format!("d{number}.example")}))
            .send()
    };
    for answer in join_all((0..20).map(allow)).await {
        answer.expect(200);
    }
    assert_eq!(app.app.site(site.site.id).await.unwrap().origins.len(), 21);
}
