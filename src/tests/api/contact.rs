//! Contacts: create, update, get, erase.

use crate::support::TestApp;
use serde_json::{Value, json};
use std::time::Duration;

fn ann() -> Value {
    json!({
        "externalCustomerId": "42", "firstName": "Ann", "lastName": "Lee", "language": "pt-BR",
        "channels": [{"type": "email", "value": "Ann@Shop.example"}, {"type": "sms", "value": "+380 67 123-45-67"}],
        "attributes": {"plan": "pro", "visits": 7},
    })
}

#[tokio::test]
async fn contact_round_trips_under_both_prefixes() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let answer = app.post("/v1/contact").key(&site.key).json(&ann()).send().await.expect(200);
    let id = answer["id"].as_i64().unwrap();
    assert_eq!(answer, json!({ "id": id }));
    let expected = json!({
        "id": id, "externalCustomerId": "42", "firstName": "Ann", "lastName": "Lee", "language": "pt-br",
        "channels": [{"type": "email", "value": "ann@shop.example"}, {"type": "sms", "value": "+380671234567"}],
        "attributes": {"plan": "pro", "visits": 7},
        "createdAt": "2026-12-01T08:00:00Z", "updatedAt": "2026-12-01T08:00:00Z",
    });
    for path in [
        format!("/v1/contact/{id}"),
        format!("/api/v1/contact/{id}"),
        "/v1/contact?externalCustomerId=42".to_owned(),
        "/api/v1/contact?erase=true&externalCustomerId=%34%32".to_owned(),
    ] {
        assert_eq!(app.get(&path).key(&site.key).send().await.expect(200), expected, "{path}");
    }
}

#[tokio::test]
async fn unknown_fields_of_a_contact_are_omitted() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let id = app.contact(&site, json!({"externalCustomerId": "42"})).await;
    let answer = app.get(&format!("/v1/contact/{id}")).key(&site.key).send().await.expect(200);
    let expected = json!({
        "id": id, "externalCustomerId": "42", "channels": [], "attributes": {},
        "createdAt": "2026-12-01T08:00:00Z", "updatedAt": "2026-12-01T08:00:00Z",
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn second_post_updates_only_named_fields() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let first = app.post("/v1/contact").key(&site.key).json(&ann()).send().await.expect(200);
    app.clock.advance(Duration::from_millis(1_500));
    let second = app
        .post("/v1/contact")
        .key(&site.key)
        .json(&json!({"externalCustomerId": "42", "firstName": "Anna"}))
        .send()
        .await
        .expect(200);
    assert_eq!(first, second);
    let now = app.get("/v1/contact?externalCustomerId=42").key(&site.key).send().await.expect(200);
    assert_eq!((now["firstName"].as_str(), now["lastName"].as_str()), (Some("Anna"), Some("Lee")));
    assert_eq!(
        (now["createdAt"].as_str(), now["updatedAt"].as_str()),
        (Some("2026-12-01T08:00:00Z"), Some("2026-12-01T08:00:01.5Z"))
    );
}

#[tokio::test]
async fn identifier_of_another_contact_is_409() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, ann()).await;
    app.contact(&site, json!({"externalCustomerId": "43"})).await;
    let body = json!({"externalCustomerId": "43", "channels": [{"type": "email", "value": "ann@shop.example"}]});
    let answer = app.post("/v1/contact").key(&site.key).json(&body).send().await;
    answer.expect_error(409);
    assert!(!answer.text().contains("UNIQUE"), "{}", answer.text());
}

#[tokio::test]
async fn contact_without_an_identifier_is_400() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for body in [
        json!({}),
        json!({"firstName": "Ann"}),
        json!({"channels": [{"type": "email", "value": "nobody"}]}),
        json!([]),
        json!(7),
    ] {
        app.post("/v1/contact").key(&site.key).json(&body).send().await.expect_error(400);
    }
}

#[tokio::test]
async fn query_must_identify_exactly_one_contact() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, ann()).await;
    for query in [
        "",
        "?",
        "?erase=true",
        "?externalCustomerId=",
        "?externalCustomerId=42&externalCustomerId=42",
        "?externalCustomerId=%00",
    ] {
        for method in [axum::http::Method::GET, axum::http::Method::DELETE] {
            let answer =
                app.call(method, &format!("/v1/contact{query}")).key(&site.key).send().await;
            assert_eq!(answer.expect_error(400), "externalCustomerId", "{query}");
        }
    }
    app.get("/v1/contact?externalCustomerId=42").key(&site.key).send().await.expect(200);
}

#[tokio::test]
async fn erasing_a_contact_revokes_its_tokens() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for by_query in [false, true] {
        let id = app.contact(&site, ann()).await;
        let answer = app
            .post("/v1/auth/contact/token")
            .key(&site.key)
            .json(&json!({"extid": "42"}))
            .send()
            .await
            .expect(200);
        let token = answer["token"].as_str().unwrap();
        let path = if by_query {
            "/v1/contact?externalCustomerId=42&erase=true".to_owned()
        } else {
            format!("/v1/contact/{id}?erase=true")
        };
        let erased = app.delete(&path).key(&site.key).send().await;
        assert_eq!((erased.status.as_u16(), erased.text()), (200, "The contact was erased."));
        assert_eq!(erased.header("content-type"), Some("text/plain; charset=utf-8"));
        app.get(&path).key(&site.key).send().await.expect_error(404);
        app.delete(&path).key(&site.key).send().await.expect_error(404);
        assert!(app.app.exchange_token(site.site.id, token).await.is_err());
        let again = app
            .post("/v1/auth/contact/token")
            .key(&site.key)
            .json(&json!({"extid": "42"}))
            .send()
            .await;
        assert_eq!(again.expect(200), json!({"token": ""}));
    }
}
