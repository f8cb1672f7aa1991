//! Webhooks: create with the secret shown once, test, enable, delete, and inspect.

use crate::support::TestApp;
use belfry_domain::{DeliveryState, Role};

#[tokio::test]
async fn webhook_is_created_with_its_secret_shown_once() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut browser = app.console().sign_in_operator().await;
    let webhooks = format!("/console/sites/{site}/webhooks");
    assert!(browser.get(&webhooks).await.text().contains("No webhooks yet"));
    let new = format!("{webhooks}/new");
    let response = browser
        .post_form(
            &new,
            &[
                ("kind", "standard"),
                ("url", "shop<b>"),
                ("description", "Orders"),
                ("events", "message.read"),
            ],
        )
        .await;
    assert_eq!(response.status, 422);
    assert!(
        response.text().contains("value=\"shop&lt;b&gt;\"")
            && response.text().contains("value=\"Orders\"")
            && response.text().contains("url-error"),
        "{}",
        response.text()
    );
    let none = browser
        .post_form(&new, &[("kind", "standard"), ("url", "https://93.184.216.34/hook")])
        .await;
    assert!(none.status == 422 && none.text().contains("at least one event"), "{}", none.text());
    let private = browser
        .post_form(
            &new,
            &[("kind", "standard"), ("url", "https://127.0.0.1/hook"), ("events", "message.read")],
        )
        .await;
    assert_eq!(private.status, 422, "{}", private.text());
    let answer = browser
        .post_form(
            &new,
            &[
                ("kind", "standard"),
                ("url", "https://93.184.216.34/hook"),
                ("events", "message.read"),
            ],
        )
        .await;
    assert!(answer.status == 200 && answer.text().contains("whsec_"), "{}", answer.text());

    let endpoint = app.app.webhooks(site).await.unwrap().remove(0);
    let own = format!("{webhooks}/{}", endpoint.id);
    assert!(!browser.get(&own).await.text().contains("whsec_"));
    let rotated = browser.post_form(&format!("{own}/secret"), &[]).await;
    assert!(rotated.text().contains("whsec_"), "{}", rotated.text());
    assert_eq!(browser.post_form_from(&own, &format!("{own}/test"), &[]).await.status, 303);
    let delivery = app.app.deliveries(site, endpoint.id, None, None, 9).await.unwrap().remove(0);
    assert_eq!(delivery.state, DeliveryState::Pending);
    let list = browser.get(&own).await;
    assert!(
        list.text().contains("webhook.test") && list.text().contains("Test sent"),
        "{}",
        list.text()
    );
    assert!(
        browser
            .get(&format!("{own}?state=dead"))
            .await
            .text()
            .contains("No deliveries in this state")
    );
    let one = browser.get(&format!("{own}/deliveries/{}", delivery.number)).await;
    assert!(
        one.text().contains(&delivery.event) && one.text().contains("No response."),
        "{}",
        one.text()
    );
    assert_eq!(browser.get(&format!("{own}/deliveries/999")).await.status, 404);
    let again = format!("{own}/deliveries/{}/replay", delivery.number);
    assert_eq!(browser.post_form_from(&own, &again, &[]).await.status, 303);
    assert_eq!(browser.post_form_from(&own, &format!("{own}/replay"), &[]).await.status, 303);

    browser.post_form_from(&own, &format!("{own}/switch"), &[("to", "off")]).await;
    assert!(!app.app.webhook(site, endpoint.id).await.unwrap().enabled);
    browser.post_form_from(&own, &format!("{own}/test"), &[]).await;
    assert!(browser.get(&own).await.text().contains("enable it first"));
    let edited = browser
        .post_form(
            &format!("{own}/edit"),
            &[("url", "https://93.184.216.34/other"), ("events", "contact.deleted")],
        )
        .await;
    assert_eq!(edited.header("location"), Some(own.as_str()), "{}", edited.text());
    assert!(browser.get(&own).await.text().contains("/other"));
    assert_eq!(browser.post_form(&format!("{own}/delete"), &[]).await.status, 303);
    assert!(app.app.webhooks(site).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_owners_write_and_strangers_get_404() {
    let app = TestApp::new().await;
    let (mine, other) = (app.create_site().await.site.id, app.create_site().await.site.id);
    let mut operator = app.console().sign_in_operator().await;
    let webhooks = format!("/console/sites/{mine}/webhooks");
    operator
        .post_form(
            &format!("{webhooks}/new"),
            &[
                ("kind", "message"),
                ("url", "https://93.184.216.34/hook"),
                ("auth.username", "shop"),
                ("auth.password", "open sesame"),
            ],
        )
        .await;
    let endpoint = app.app.webhooks(mine).await.unwrap().remove(0);
    assert_eq!(endpoint.username.as_deref(), Some("shop"));
    let own = format!("{webhooks}/{}", endpoint.id);
    let edit = format!("{own}/edit");
    assert!(!operator.get(&edit).await.text().contains("open sesame"));
    // The password stays for the same receiver, and is never sent to another one.
    let moved = |url, username, password| {
        [("url", url), ("auth.username", username), ("auth.password", password)]
    };
    assert_eq!(
        operator.post_form(&edit, &moved("https://93.184.216.34/other", "shop", "")).await.status,
        303
    );
    assert_eq!(app.app.webhook(mine, endpoint.id).await.unwrap().username.as_deref(), Some("shop"));
    let response =
        operator.post_form(&edit, &moved("https://93.184.216.35/hook", "shop", "")).await;
    assert!(
        response.status == 422 && response.text().contains("id=\"auth.password-error\""),
        "{}",
        response.text()
    );
    assert_eq!(
        app.app.webhook(mine, endpoint.id).await.unwrap().url,
        "https://93.184.216.34/other"
    );
    assert_eq!(
        operator
            .post_form(&edit, &moved("https://93.184.216.35/hook", "shop", "another word"))
            .await
            .status,
        303
    );
    assert_eq!(app.app.webhook(mine, endpoint.id).await.unwrap().username.as_deref(), Some("shop"));
    assert_eq!(
        operator.post_form(&edit, &moved("https://93.184.216.36/hook", "", "")).await.status,
        303
    );
    assert!(operator.get(&own).await.text().contains("The previous password was removed"));
    assert_eq!(app.app.webhook(mine, endpoint.id).await.unwrap().username, None);
    app.console().member("marta@example.com", mine, Role::Editor).await;
    let mut editor = app.console().sign_in("marta@example.com").await;
    assert_eq!(editor.get(&own).await.status, 200);
    for path in [
        format!("{webhooks}/new"),
        format!("{own}/edit"),
        format!("{own}/secret"),
        format!("{own}/delete"),
    ] {
        assert_eq!(editor.get(&path).await.status, 403, "{path}");
    }
    for act in ["test", "switch", "replay", "delete", "secret", "deliveries/1/replay"] {
        assert_eq!(
            editor.post_form_from("/console/account", &format!("{own}/{act}"), &[]).await.status,
            403,
            "{act}"
        );
    }
    assert_eq!(
        editor.get(&format!("/console/sites/{other}/webhooks/{}", endpoint.id)).await.status,
        404
    );
    assert_eq!(
        operator.get(&format!("/console/sites/{other}/webhooks/{}", endpoint.id)).await.status,
        404
    );
}
