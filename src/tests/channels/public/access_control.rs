//! A client that claims another customer's identity: nothing is disclosed or changed.

use super::{PublicFixture, outgoing};
use crate::support::TestApp;
use belfry_domain::ContactId;
use serde_json::{Value, json};

/// Data of a contact that the site's backend created, which nobody else may see.
const SECRETS: [&str; 5] =
    ["Zanzibar", "zanzibar", "secret@shop.example", "+380671234567", "crm-42"];

async fn victim(app: &TestApp, fixture: &PublicFixture<'_>) -> ContactId {
    let contact = json!({"externalCustomerId": "crm-42", "firstName": "Zanzibar", "attributes": {"note": "zanzibar"},
        "channels": [{"type": "email", "value": "secret@shop.example"}, {"type": "sms", "value": "+380671234567"}]});
    app.contact(&fixture.site, contact).await
}

/// Everything that the API returns to a session.
async fn everything_shown(fixture: &PublicFixture<'_>, source_id: &str) -> String {
    let mut told = String::new();
    for rest in ["", "/conversations"] {
        told.push_str(
            &fixture
                .get(&format!("/contacts/{source_id}{rest}"))
                .send()
                .await
                .expect(200)
                .to_string(),
        );
    }
    let number = fixture.conversation(source_id).await;
    let path = format!("/contacts/{source_id}/conversations/{number}");
    fixture.reply(number, outgoing("Hello")).await;
    told.push_str(
        &fixture
            .post(&format!("{path}/messages"), json!({ "content": "hi" }))
            .send()
            .await
            .expect(200)
            .to_string(),
    );
    for rest in ["", "/messages"] {
        told.push_str(&fixture.get(&format!("{path}{rest}")).send().await.expect(200).to_string());
    }
    told.push_str(
        &fixture
            .post(&format!("{path}/toggle_status"), json!({}))
            .send()
            .await
            .expect(200)
            .to_string(),
    );
    told
}

#[tokio::test]
async fn claiming_an_identity_discloses_nothing() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let victim = victim(&app, &fixture).await;
    for said in [
        json!({ "identifier": "crm-42" }),
        json!({ "email": "SECRET@shop.example" }),
        json!({ "phone_number": "+380671234567" }),
    ] {
        let contact = fixture.contact(said.clone()).await;
        assert_eq!(contact["id"], json!(victim), "agents see one contact");
        let mut all = contact.to_string()
            + &everything_shown(&fixture, contact["source_id"].as_str().unwrap()).await;
        let changed = fixture
            .patch(
                &format!("/contacts/{}", contact["source_id"].as_str().unwrap()),
                json!({ "name": "Eve" }),
            )
            .send()
            .await;
        all.push_str(&changed.expect(200).to_string());
        for own in said.as_object().unwrap().values() {
            all = all.replace(&own.as_str().unwrap().to_lowercase(), "");
        }
        for secret in SECRETS {
            assert!(!all.contains(secret), "{secret} after {said}: {all}");
        }
    }
}

#[tokio::test]
async fn claiming_an_identity_changes_nothing() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let victim = victim(&app, &fixture).await;
    let stored = async || {
        app.get(&format!("/v1/contact/{victim}")).key(&fixture.site.key).send().await.expect(200)
    };
    let before = stored().await;
    let stranger =
        fixture.contact(json!({ "email": "secret@shop.example", "identifier": "mine", "name": "Eve", "custom_attributes": { "vip": true } })).await;
    assert_eq!(stranger["id"], json!(victim));
    let path = format!("/contacts/{}", stranger["source_id"].as_str().unwrap());
    let said = json!({ "name": "Mallory", "email": "mallory@evil.example", "phone_number": "+15550009999", "custom_attributes": { "note": "x" } });
    let changed = fixture.patch(&path, said).send().await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["email"]),
        (&json!("Mallory"), &json!("mallory@evil.example")),
        "it sees its own data"
    );
    assert_eq!(fixture.get(&path).send().await.expect(200)["name"], "Mallory");
    assert_eq!(stored().await, before);
}

#[tokio::test]
async fn foreign_conversations_are_404() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let said = json!({ "identifier": "crm-42", "identifier_hash": fixture.hash("crm-42"), "email": "secret@shop.example" });
    let owner = fixture.contact(said).await["source_id"].as_str().unwrap().to_owned();
    let number = fixture.conversation(&owner).await;
    let message = fixture.reply(number, outgoing("zanzibar")).await.id;
    for said in [json!({ "identifier": "crm-42" }), json!({ "email": "secret@shop.example" })] {
        let stranger = fixture.contact(said).await["source_id"].as_str().unwrap().to_owned();
        assert_eq!(
            fixture.get(&format!("/contacts/{stranger}/conversations")).send().await.expect(200),
            json!([])
        );
        assert_not_found(&fixture, &stranger, number, message.0).await;
    }
}

#[test]
fn every_conversation_route_is_tested() {
    let described = serde_json::to_value(belfry_channels::public::description()).unwrap();
    let items = described["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(path, _)| path.contains("{conversation_id}"));
    assert_eq!(
        items.map(|(_, item)| item.as_object().unwrap().len()).sum::<usize>(),
        7,
        "`not_there` has one that is new, too"
    );
}

/// Calls every route with a conversation.
async fn assert_not_found(fixture: &PublicFixture<'_>, source_id: &str, number: i64, message: i64) {
    let path = format!("/contacts/{source_id}/conversations/{number}");
    let post = |rest: &str, body: Value| fixture.post(&format!("{path}{rest}"), body);
    for call in [
        fixture.get(&path),
        fixture.get(&format!("{path}/messages")),
        post("/toggle_status", json!({})),
        post("/toggle_typing", json!({ "typing_status": "on" })),
        post("/toggle_typing", json!({ "typing_status": "maybe" })),
        post("/update_last_seen", json!({})),
        post("/messages", json!({ "content": "hi" })),
        fixture.patch(
            &format!("{path}/messages/{message}"),
            json!({ "submitted_values": [{ "name": "a", "value": "b" }] }),
        ),
    ] {
        assert_eq!(call.send().await.expect(404), json!({ "status": 404, "error": "Not Found" }));
    }
}

#[tokio::test]
async fn conversations_of_another_site_are_404() {
    let app = TestApp::new().await;
    let (shop, other) = (PublicFixture::new(&app).await, PublicFixture::new(&app).await);
    let (own, foreign) = (shop.session().await, other.session().await);
    let number = other.conversation(&foreign).await;
    let message = other.reply(number, outgoing("zanzibar")).await.id;
    assert_not_found(&shop, &own, number, message.0).await;
    assert_not_found(&shop, &foreign, number, message.0).await;
}

/// A verified identifier doesn't verify the e-mail address in the same request.
#[tokio::test]
async fn hash_of_one_contact_is_invalid_for_others() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    // A contact without an identifier.
    let victim = app.contact(&fixture.site, json!({"firstName": "Zanzibar", "channels": [{"type": "email", "value": "secret@shop.example"}]})).await;
    let said = json!({ "identifier": "mine", "identifier_hash": fixture.hash("mine"), "email": "secret@shop.example" });
    let mine = fixture.contact(said).await;
    assert_ne!(mine["id"], json!(victim));
    assert_eq!(mine["email"], json!(null), "it belongs to another reader");
    let path = format!("/contacts/{}", mine["source_id"].as_str().unwrap());
    let taken =
        fixture.patch(&path, json!({ "email": "secret@shop.example" })).send().await.expect(422);
    assert_eq!(
        taken,
        json!({ "message": "Email has already been taken", "attributes": ["email"] })
    );
    assert_eq!(
        fixture.get(&path).send().await.expect(200)["id"],
        mine["id"],
        "no contacts are merged"
    );
    // It doesn't verify a session of the other contact either.
    let guest = fixture.contact(json!({ "email": "secret@shop.example" })).await["source_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let proof = format!("?identifier=mine&identifier_hash={}", fixture.hash("mine"));
    let response = fixture.get(&format!("/contacts/{guest}{proof}")).send().await.expect(200);
    assert!(!response.to_string().contains("Zanzibar"), "{response}");
}

/// Somebody may have created the contact before its owner arrives.
#[tokio::test]
async fn creator_of_a_contact_loses_it_to_the_verified_owner() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let squatter = fixture.contact(json!({ "identifier": "crm-42", "name": "Eve" })).await;
    let path = format!("/contacts/{}", squatter["source_id"].as_str().unwrap());
    app.contact(&fixture.site, json!({"externalCustomerId": "crm-42", "firstName": "Zanzibar", "attributes": {"note": "zanzibar"}})).await;
    assert!(
        !everything_shown(&fixture, squatter["source_id"].as_str().unwrap())
            .await
            .to_lowercase()
            .contains("zanzibar")
    );
    let owner = fixture
        .contact(json!({ "identifier": "crm-42", "identifier_hash": fixture.hash("crm-42") }))
        .await;
    assert_eq!((&owner["id"], &owner["name"]), (&squatter["id"], &json!("Zanzibar")));
    let owners = format!("/contacts/{}", owner["source_id"].as_str().unwrap());
    fixture
        .patch(&path, json!({ "name": "Mallory", "email": "mallory@evil.example" }))
        .send()
        .await
        .expect(200);
    assert_eq!(fixture.get(&owners).send().await.expect(200), owner);
    assert_eq!(
        fixture.get(&format!("{owners}/conversations")).send().await.expect(200),
        json!([]),
        "the owner doesn't see theirs either"
    );
}
