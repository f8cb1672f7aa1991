//! Verification of an identifier, by the rows of the contract's table.

use super::{PublicFixture, outgoing};
use crate::support::{Answer, TestApp};
use belfry_domain::channel::InboxSettings;
use serde_json::{Value, json};

async fn shop(app: &TestApp, hmac_mandatory: bool) -> PublicFixture<'_> {
    PublicFixture::with(app, InboxSettings { hmac_mandatory, ..InboxSettings::default() }).await
}

#[track_caller]
fn assert_invalid_hash(answer: &Answer) {
    assert_eq!(
        answer.expect(401),
        json!({ "error": "HMAC failed: Invalid Identifier Hash Provided" })
    );
}

/// Whether a session sees the conversations of its contact's other verified sessions.
async fn is_verified(fixture: &PublicFixture<'_>, source_id: &str, conversation: i64) -> bool {
    let conversations =
        fixture.get(&format!("/contacts/{source_id}/conversations")).send().await.expect(200);
    conversations.as_array().unwrap().iter().any(|found| found["id"] == conversation)
}

fn with(hash: &str) -> Value {
    json!({ "identifier": "crm-42", "identifier_hash": hash })
}

#[tokio::test]
async fn hash_is_optional_unless_mandatory() {
    let app = TestApp::new().await;
    let shop = shop(&app, false).await;
    let owner =
        shop.contact(with(&shop.hash("crm-42"))).await["source_id"].as_str().unwrap().to_owned();
    let number = shop.conversation(&owner).await;
    for body in [
        json!({ "identifier": "crm-42" }),
        json!({ "identifier": "crm-42", "identifier_hash": "" }),
    ] {
        let session = shop.contact(body).await["source_id"].as_str().unwrap().to_owned();
        assert!(!is_verified(&shop, &session, number).await);
    }
}

#[tokio::test]
async fn valid_hash_verifies_the_session() {
    let app = TestApp::new().await;
    let shop = shop(&app, false).await;
    let hash = shop.hash("crm-42");
    let session =
        async |body: Value| shop.contact(body).await["source_id"].as_str().unwrap().to_owned();
    let owner = session(with(&hash)).await;
    let number = shop.conversation(&owner).await;
    shop.reply(number, outgoing("Hello")).await;
    assert!(is_verified(&shop, &session(with(&hash)).await, number).await, "by POST");
    let by_name = session(json!({ "identifier": "crm-42" })).await;
    shop.post(
        "/contacts",
        json!({ "source_id": by_name, "identifier": "crm-42", "identifier_hash": hash }),
    )
    .send()
    .await
    .expect(200);
    assert!(is_verified(&shop, &by_name, number).await, "a POST with an existing session");
    let by_get = session(json!({ "identifier": "crm-42" })).await;
    assert!(!is_verified(&shop, &by_get, number).await);
    shop.get(&format!("/contacts/{by_get}?identifier=crm-42&identifier_hash={hash}"))
        .send()
        .await
        .expect(200);
    assert!(is_verified(&shop, &by_get, number).await, "by GET");
    let by_patch = session(json!({ "identifier": "crm-42" })).await;
    let body = json!({ "identifier": "crm-42", "identifier_hash": hash, "name": "Ann" });
    assert_eq!(
        shop.patch(&format!("/contacts/{by_patch}"), body).send().await.expect(200)["name"],
        "Ann"
    );
    assert!(is_verified(&shop, &by_patch, number).await, "by PATCH");
    // A verified session reads and writes in all of them, and changes the contact.
    let path = format!("/contacts/{by_patch}/conversations/{number}/messages");
    assert_eq!(shop.get(&path).send().await.expect(200)[0]["content"], "Hello");
    shop.post(&path, json!({ "content": "hi" })).send().await.expect(200);
    assert_eq!(shop.get(&format!("/contacts/{by_get}")).send().await.expect(200)["name"], "Ann");
}

#[tokio::test]
async fn wrong_hash_is_rejected_everywhere() {
    let app = TestApp::new().await;
    for mandatory in [false, true] {
        let shop = shop(&app, mandatory).await;
        let hash = shop.hash("crm-42");
        let contact = shop.contact(with(&hash)).await;
        let path = format!("/contacts/{}", contact["source_id"].as_str().unwrap());
        let upper = hash.to_uppercase();
        for (identifier, hash) in [
            ("crm-42", "nonsense"),
            ("crm-42", &hash[..63]),
            ("crm-42", &upper),
            ("crm-43", &hash),
            ("", &hash),
            (" crm-42", &shop.hash(" crm-42")),
        ] {
            let body = json!({ "identifier": identifier, "identifier_hash": hash });
            assert_invalid_hash(&shop.post("/contacts", body.clone()).send().await);
            assert_invalid_hash(&shop.patch(&path, body).send().await);
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("identifier", identifier), ("identifier_hash", hash)])
                .finish();
            assert_invalid_hash(&shop.get(&format!("{path}?{query}")).send().await);
        }
        // A hash of another identifier verifies nothing here.
        let other = json!({ "identifier": "other", "identifier_hash": shop.hash("other"), "name": "Mallory" });
        assert_invalid_hash(&shop.patch(&path, other.clone()).send().await);
        assert_invalid_hash(
            &shop
                .get(&format!("{path}?identifier=other&identifier_hash={}", shop.hash("other")))
                .send()
                .await,
        );
        let mut named = other;
        named["source_id"] = contact["source_id"].clone();
        assert_invalid_hash(&shop.post("/contacts", named).send().await);
    }
}

#[tokio::test]
async fn mandatory_hash_applies_to_contacts_only() {
    let app = TestApp::new().await;
    let shop = shop(&app, true).await;
    let hash = shop.hash("crm-42");
    for body in [
        json!({}),
        json!({ "identifier": "crm-42" }),
        json!({ "identifier_hash": hash }),
        json!({ "email": "ann@example.com" }),
    ] {
        assert_invalid_hash(&shop.post("/contacts", body).send().await);
    }
    let contact = shop.contact(with(&hash)).await;
    let path = format!("/contacts/{}", contact["source_id"].as_str().unwrap());
    assert_invalid_hash(&shop.get(&path).send().await);
    assert_invalid_hash(&shop.patch(&path, json!({ "name": "Ann" })).send().await);
    assert_invalid_hash(
        &shop.post("/contacts", json!({ "source_id": contact["source_id"] })).send().await,
    );
    let query = format!("?identifier=crm-42&identifier_hash={hash}");
    assert_eq!(shop.get(&format!("{path}{query}")).send().await.expect(200), contact);
    assert_eq!(
        shop.patch(&format!("{path}{query}"), json!({ "name": "Ann" })).send().await.expect(200)["name"],
        "Ann",
        "in the query"
    );
    // The other routes only need the session's name.
    shop.conversation(contact["source_id"].as_str().unwrap()).await;
    // 404 precedes the check of the hash.
    shop.get("/contacts/nothing").send().await.expect(404);
}

#[tokio::test]
async fn hash_of_another_inbox_is_wrong() {
    let app = TestApp::new().await;
    let (first, second) = (shop(&app, false).await, shop(&app, false).await);
    assert_invalid_hash(&second.post("/contacts", with(&first.hash("crm-42"))).send().await);
}
