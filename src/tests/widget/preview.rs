//! Previews for owners: a message before it is sent, and the inbox of a contact.

use super::publish;
use crate::support::{Answer, TestApp, TestSite};
use belfry_app::parse_message;
use belfry_domain::ContactLookup;
use serde_json::json;

async fn look(app: &TestApp, site: &TestSite, secret: &str, language: &str) -> Answer {
    let call = app
        .post(&format!("/embed/{}/preview/messages", site.site.id))
        .header("content-type", "application/x-www-form-urlencoded");
    call.body(format!("secret={secret}&language={language}&scheme=light")).send().await
}

#[tokio::test]
async fn draft_is_previewed_unread_and_read() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let body = json!({ "audience": "everyone", "content": { "en": { "title": "Sale", "body": "*Now* <b>" }, "uk": { "title": "Знижка" } } });
    let draft = parse_message(body.to_string().as_bytes(), app.app.now()).unwrap();
    let secret = app.app.preview_draft(site.site.id, draft, None).await.unwrap();
    let answer = look(&app, &site, secret.reveal(), "en").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-security-policy").unwrap().contains("frame-ancestors 'self'"));
    assert_eq!(answer.text().matches("class=\"item").count(), 2);
    assert!(answer.text().contains("<em>Now</em> &lt;b&gt;"), "{}", answer.text());
    assert!(look(&app, &site, secret.reveal(), "uk").await.text().contains("Знижка"));
    assert!(!look(&app, &other, secret.reveal(), "en").await.text().contains("Sale"));
    assert_ne!(look(&app, &site, "bfp_made_up", "en").await.status, 200);
    assert_eq!(
        app.app.onboarding(site.site.id).await.unwrap(),
        belfry_domain::Onboarding::default()
    );
}

#[tokio::test]
async fn variables_are_previewed_as_contact_and_as_nobody() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let anna = json!({ "externalCustomerId": "42", "firstName": "Anna <b>", "attributes": { "plan": "pro" } });
    let anna = app.contact(&site, anna).await;
    let content = json!({ "title": "Hi {{firstName|there}}", "body": "Your *{{attributes.plan|basic}}*", "link": "https://shop.example/u/{{externalCustomerId}}" });
    let body = json!({ "audience": "everyone", "content": { "en": content } });
    let draft = parse_message(body.to_string().as_bytes(), app.app.now()).unwrap();
    let stranger = app.app.preview_draft(site.site.id, draft.clone(), None).await.unwrap();
    let as_anna = app.app.preview_draft(site.site.id, draft, Some(anna)).await.unwrap();
    let seen = look(&app, &site, stranger.reveal(), "en").await;
    assert!(
        seen.text().contains("Hi there")
            && seen.text().contains("<em>basic</em>")
            && !seen.text().contains("{{"),
        "{}",
        seen.text()
    );
    let seen = look(&app, &site, as_anna.reveal(), "en").await;
    assert!(
        seen.text().contains("Hi Anna &lt;b&gt;") && seen.text().contains("<em>pro</em>"),
        "{}",
        seen.text()
    );
    assert!(seen.text().contains("https://shop.example/u/42"), "{}", seen.text());
    app.app.delete_contact(site.site.id, &ContactLookup::Id(anna)).await.unwrap();
    assert!(look(&app, &site, as_anna.reveal(), "en").await.text().contains("Hi there"));
}

#[tokio::test]
async fn preview_of_a_contacts_inbox_marks_nothing() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let contact = app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    publish(
        &app,
        &site,
        json!({ "contact": { "externalCustomerId": "42" } }),
        "Only for you, {{externalCustomerId}}",
    )
    .await;
    let secret = app.app.preview_contact(site.site.id, contact).await.unwrap();
    for _ in 0..2 {
        let answer = look(&app, &site, secret.reveal(), "en").await;
        assert!(
            answer.text().contains("Only for you, 42")
                && answer.text().contains("data-unread=\"1\""),
            "{}",
            answer.text()
        );
        assert_eq!(answer.header("set-cookie"), None);
    }
}
