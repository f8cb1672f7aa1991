//! Contacts and their sessions.

use super::{PublicFixture, names};
use crate::support::TestApp;
use belfry_domain::channel::InboxSettings;
use serde_json::json;

#[tokio::test]
async fn inbox_returns_its_settings() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::with(
        &app,
        InboxSettings { hmac_mandatory: true, greeting_enabled: true, ..InboxSettings::default() },
    )
    .await;
    let inbox = fixture.get("").send().await.expect(200);
    let hours = inbox["working_hours"].as_array().unwrap();
    assert_eq!((hours.len(), hours[0]["day_of_week"].as_i64()), (7, Some(0)));
    assert_eq!(
        inbox,
        json!({
            "identifier": fixture.inbox.identifier.as_str(), "identity_validation_enabled": true, "name": "Shop API", "timezone": "UTC",
            "working_hours": inbox["working_hours"], "working_hours_enabled": false, "csat_survey_enabled": false, "greeting_enabled": true
        })
    );
    assert_eq!(fixture.get("/").send().await.expect(200), inbox, "with a trailing slash");
    let missing = app.get("/public/api/v1/inboxes/nothing").send().await.expect(404);
    assert_eq!(missing, json!({ "status": 404, "error": "Not Found" }));
}

#[tokio::test]
async fn contact_is_returned_in_its_session() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let said = json!({
        "email": " Ann@Example.com", "name": "Ann van Lee", "phone_number": "+15550001111", "identifier": "crm-42",
        "custom_attributes": { "plan": "gold" }, "unknown": 1
    });
    let contact = fixture.contact(said).await;
    assert_eq!(
        names(&contact),
        ["email", "id", "name", "phone_number", "pubsub_token", "source_id"]
    );
    assert_eq!(
        (&contact["email"], &contact["name"]),
        (&json!("ann@example.com"), &json!("Ann van Lee"))
    );
    assert_eq!(contact["phone_number"], "+15550001111");
    assert!(contact["id"].is_i64() && contact["pubsub_token"].as_str().unwrap().len() == 24);
    let source_id = contact["source_id"].as_str().unwrap();
    assert_eq!(source_id.len(), 36);
    let path = format!("/contacts/{source_id}");
    assert_eq!(fixture.get(&path).send().await.expect(200), contact);
    assert_eq!(
        fixture
            .post("/contacts", json!({ "source_id": source_id, "name": "Other" }))
            .send()
            .await
            .expect(200),
        contact,
        "unchanged"
    );
    let changed = fixture.patch(&path, json!({ "name": "Eve", "email": "", "identifier": "other", "custom_attributes": { "a": 1 } })).send().await;
    let changed = changed.expect(200);
    assert_eq!(
        names(&changed),
        [
            "account_id",
            "additional_attributes",
            "blocked",
            "company_id",
            "contact_type",
            "country_code",
            "created_at",
            "custom_attributes",
            "email",
            "id",
            "identifier",
            "last_activity_at",
            "last_name",
            "location",
            "middle_name",
            "name",
            "phone_number",
            "pubsub_token",
            "source_id",
            "updated_at"
        ]
    );
    assert_eq!(
        (&changed["name"], &changed["email"], &changed["identifier"]),
        (&json!("Eve"), &json!("ann@example.com"), &json!("crm-42"))
    );
    assert_eq!(changed["custom_attributes"], json!({ "plan": "gold", "a": 1 }));
    assert_eq!(
        (&changed["pubsub_token"], &changed["account_id"]),
        (&contact["pubsub_token"], &json!(fixture.inbox.account.0))
    );
    assert!(
        changed["created_at"].as_str().unwrap().ends_with('Z') && changed["contact_type"] == "lead"
    );
    // The site sees what the session sent.
    let id = contact["id"].as_i64().unwrap();
    let stored =
        app.get(&format!("/v1/contact/{id}")).key(&fixture.site.key).send().await.expect(200);
    assert_eq!(
        (&stored["externalCustomerId"], &stored["firstName"]),
        (&json!("crm-42"), &json!("Eve"))
    );
}

#[tokio::test]
async fn contact_without_a_name_gets_one() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    for body in [json!({}), json!({ "name": "" }), json!({ "name": null }), json!({ "name": {} })] {
        let contact = fixture.contact(body.clone()).await;
        assert_eq!(contact["name"].as_str().unwrap().split('-').count(), 3, "{body}");
        assert_eq!((&contact["email"], &contact["phone_number"]), (&json!(null), &json!(null)));
    }
    let bare = app.post(&fixture.path("/contacts")).send().await.expect(200);
    assert!(bare["id"].is_i64(), "without a body");
}

#[tokio::test]
async fn same_identifier_twice_is_one_contact_with_two_sessions() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let said = json!({ "identifier": "crm-42", "email": "ann@example.com", "name": "Ann" });
    let (first, second) = (fixture.contact(said.clone()).await, fixture.contact(said).await);
    assert_eq!(first["id"], second["id"]);
    assert_ne!(first["source_id"], second["source_id"]);
    assert_ne!(first["pubsub_token"], second["pubsub_token"]);
    assert_eq!((&first["name"], &first["email"]), (&second["name"], &second["email"]));
    let by_email = fixture.contact(json!({ "email": "ann@example.com" })).await;
    assert_eq!(by_email["id"], first["id"]);
}

#[tokio::test]
async fn session_of_another_inbox_is_404() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let source_id = fixture.session().await;
    let stranger = PublicFixture::new(&app).await;
    let site = app.create_site().await;
    let own = PublicFixture::in_site(&app, site, InboxSettings::default()).await;
    for other in [&stranger, &own] {
        for path in
            [format!("/contacts/{source_id}"), format!("/contacts/{source_id}/conversations")]
        {
            assert_eq!(
                other.get(&path).send().await.expect(404),
                json!({ "status": 404, "error": "Not Found" })
            );
        }
        other
            .patch(&format!("/contacts/{source_id}"), json!({ "name": "x" }))
            .send()
            .await
            .expect(404);
        other
            .post(&format!("/contacts/{source_id}/conversations"), json!({}))
            .send()
            .await
            .expect(404);
    }
    // The same session name may exist in another inbox.
    let named = stranger.contact(json!({ "source_id": source_id })).await;
    assert_eq!(named["source_id"], source_id.as_str());
}

#[tokio::test]
async fn invalid_contact_is_rejected_by_attribute() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let source_id = fixture.session().await;
    for (body, attribute) in [
        (json!({ "email": "nobody" }), "email"),
        (json!({ "phone_number": "0123" }), "phone_number"),
        (json!({ "phone_number": "15550001111" }), "phone_number"),
        (json!({ "name": "x".repeat(256) }), "name"),
        (json!({ "avatar_url": "javascript:alert(1)" }), "avatar_url"),
        (json!({ "custom_attributes": { "a": "x".repeat(20_000) } }), "custom_attributes"),
    ] {
        for answer in [
            fixture.post("/contacts", body.clone()).send().await,
            fixture.patch(&format!("/contacts/{source_id}"), body.clone()).send().await,
        ] {
            let refused = answer.expect(422);
            assert_eq!(refused["attributes"], json!([attribute]), "{refused}");
            assert!(!refused["message"].as_str().unwrap().is_empty());
        }
    }
    let long = json!({ "source_id": "x".repeat(256) });
    assert_eq!(
        fixture.post("/contacts", long).send().await.expect(422)["attributes"],
        json!(["source_id"])
    );
    let broken = app
        .post(&fixture.path("/contacts"))
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await;
    assert_eq!(broken.expect(400), json!({ "status": 400, "error": "Bad Request" }));
    assert_eq!(app.delete(&fixture.path("/contacts")).send().await.expect(405)["status"], 405);
}
