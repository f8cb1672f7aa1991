//! The install log, which helps an owner to find out why a snippet doesn't work.

use super::{SHOP, open, post_token, token};
use crate::support::TestApp;
use belfry_domain::{InstallIssue, InstallStep, Origin};
use serde_json::json;

#[tokio::test]
async fn install_events_are_recorded_with_their_issue() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    app.get(&format!("/scripts/{}.js", site.site.id))
        .header("referer", "https://shop.example/cart")
        .send()
        .await;
    app.post("/v1/auth/contact/token")
        .key(&site.key)
        .json(&json!({ "externalCustomerId": "nobody" }))
        .send()
        .await
        .expect(200);
    let genuine = token(&app, &site, "42").await;
    post_token(&app, &site, &genuine, Some("https://elsewhere.example")).await;
    post_token(&app, &site, "bft_made_up", Some(SHOP)).await;
    open(&app, &site, "42").await;

    let shop: Option<Origin> = Some(SHOP.parse().unwrap());
    let elsewhere: Option<Origin> = Some("https://elsewhere.example".parse().unwrap());
    let expected = [
        (InstallStep::Script, shop.clone(), None),
        (InstallStep::Token, None, None),
        (InstallStep::Token, None, Some(InstallIssue::Contact)),
        (InstallStep::Widget, shop.clone(), None),
        (InstallStep::Widget, elsewhere, Some(InstallIssue::Origin)),
        (InstallStep::Widget, shop, Some(InstallIssue::Token)),
    ];
    // Recorded after the response, so that no reader waits for it.
    let noted = loop {
        let noted = app.app.install_events(site.site.id).await.unwrap();
        if noted.len() >= expected.len() {
            break noted;
        }
        tokio::task::yield_now().await;
    };
    for install_event in &expected {
        assert!(
            noted
                .iter()
                .any(|noted| (noted.step, noted.origin.clone(), noted.issue) == *install_event),
            "{install_event:?} in {noted:?}"
        );
    }
    assert_eq!(noted.len(), expected.len());
}
