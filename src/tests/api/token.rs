//! `POST /v1/auth/contact/token`: each row of the contract's table, and its edge cases 1, 2 and 11.

use crate::support::{Call, START, TestApp, TestSite};
use belfry_domain::{ApiKey, Digest, KeyId};
use belfry_store::Store as _;
use serde_json::{Value, json};

const PATHS: [&str; 2] = ["/v1/auth/contact/token", "/api/v1/auth/contact/token"];

fn ask(app: &TestApp, site: &TestSite, body: &Value) -> Call {
    app.post(PATHS[0]).key(&site.key).json(body)
}

/// The contact that the returned token authenticates; `None` for an empty token.
async fn proves(app: &TestApp, site: &TestSite, body: Value) -> Option<i64> {
    let answer = ask(app, site, &body).send().await.expect(200);
    let token = answer["token"].as_str().unwrap();
    assert_eq!(answer, json!({ "token": token }));
    if token.is_empty() {
        return None;
    }
    Some(app.app.exchange_token(site.site.id, token).await.unwrap().reader.contact.0)
}

#[tokio::test]
async fn known_contact_gets_a_token_under_both_paths() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({"externalCustomerId": "42"})).await;
    for path in PATHS {
        let answer =
            app.post(path).key(&site.key).json(&json!({"externalCustomerId": "42"})).send().await;
        assert!(answer.expect(200)["token"].as_str().unwrap().starts_with("bft_"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(
            answer.header("content-security-policy"),
            Some("default-src 'none'; frame-ancestors 'none'")
        );
    }
}

#[tokio::test]
async fn token_response_includes_the_unread_count_on_request() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({"externalCustomerId": "42"})).await;
    app.contact(&site, json!({"externalCustomerId": "43"})).await;
    let ask_for = async |body: Value| {
        ask(&app, &site, &body).send().await.expect(200)["token"].as_str().unwrap().to_owned()
    };
    assert!(
        ask_for(json!({"externalCustomerId": "42", "count": true})).await.starts_with("bft_0_")
    );
    for _ in 0..2 {
        let message = json!({"audience": {"contact": {"externalCustomerId": "42"}}, "content": {"en": {"title": "New"}}});
        app.post("/v1/messages").key(&site.key).json(&message).send().await.expect(201);
    }
    let body = json!({"externalCustomerId": "42", "count": true});
    assert!(ask_for(body.clone()).await.starts_with("bft_2_"));
    assert!(proves(&app, &site, body).await.is_some(), "it is exchanged like any other token");
    assert!(
        ask_for(json!({"externalCustomerId": "43", "count": true})).await.starts_with("bft_0_"),
        "another reader has a separate count"
    );
    for body in [
        json!({"externalCustomerId": "42"}),
        json!({"externalCustomerId": "42", "count": false}),
        json!({"externalCustomerId": "42", "count": null}),
    ] {
        assert_eq!(
            ask_for(body).await.matches('_').count(),
            1,
            "no count is computed without a request for it"
        );
    }
    assert_eq!(ask_for(json!({"externalCustomerId": "44", "count": true})).await, "");
    ask(&app, &site, &json!({"externalCustomerId": "42", "count": 1})).send().await.expect(400);
}

#[tokio::test]
async fn each_identifier_finds_the_contact() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let contact = json!({"externalCustomerId": "42", "channels": [{"type": "email", "value": "ann@shop.example"}, {"type": "sms", "value": "+380671234567"}]});
    let ann = Some(app.contact(&site, contact).await.0);
    for body in [
        json!({"externalCustomerId": "42"}),
        json!({"extid": "42"}),
        json!({"externalCustomerId": null, "extid": "42"}),
        json!({"email": "ann@shop.example"}),
        json!({"email": " Ann@Shop.Example "}),
        json!({"phone": "+380671234567"}),
        json!({"externalCustomerId": "", "email": null, "phone": "+380671234567"}),
        json!({"externalCustomerId": "42", "email": "ann@shop.example", "phone": "+380671234567"}),
        json!({"email": "ann@shop.example", "phone": "call me"}),
        json!({"email": "ann@shop.example", "firstName": "Ann", "nested": [{"deep": true}]}),
    ] {
        assert_eq!(proves(&app, &site, body.clone()).await, ann, "{body}");
    }
}

#[tokio::test]
async fn phone_number_is_normalized() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = Some(
        app.contact(&site, json!({"channels": [{"type": "sms", "value": "+380671234567"}]}))
            .await
            .0,
    );
    for phone in ["+380 67 123-45-67", "00380671234567", "380671234567", "+38 (067) 123.45.67"] {
        assert_eq!(proves(&app, &site, json!({ "phone": phone })).await, ann, "{phone}");
    }
}

#[tokio::test]
async fn first_of_three_identifiers_wins_without_merging() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let by_id = app.contact(&site, json!({"externalCustomerId": "42"})).await.0;
    let by_email = app
        .contact(&site, json!({"channels": [{"type": "email", "value": "bob@shop.example"}]}))
        .await
        .0;
    let by_phone = app
        .contact(&site, json!({"channels": [{"type": "sms", "value": "+380671234567"}]}))
        .await
        .0;
    let mut body =
        json!({"externalCustomerId": "42", "email": "bob@shop.example", "phone": "+380671234567"});
    assert_eq!(proves(&app, &site, body.clone()).await, Some(by_id));
    body["externalCustomerId"] = Value::Null;
    assert_eq!(proves(&app, &site, body.clone()).await, Some(by_email));
    body["email"] = Value::Null;
    assert_eq!(proves(&app, &site, body).await, Some(by_phone));
}

#[tokio::test]
async fn unknown_external_id_gets_no_token_of_a_shared_email() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let channels = json!([{"type": "email", "value": "anna@shop.example"}, {"type": "sms", "value": "+380671234567"}]);
    let anna =
        app.contact(&site, json!({"externalCustomerId": "42", "channels": channels})).await.0;
    let guest = app
        .contact(&site, json!({"channels": [{"type": "email", "value": "guest@shop.example"}]}))
        .await
        .0;
    for (body, found) in [
        (json!({"externalCustomerId": "99", "email": "anna@shop.example"}), None),
        (json!({"extid": "99", "phone": "+380671234567"}), None),
        (
            json!({"externalCustomerId": "99", "email": "anna@shop.example", "phone": "+380671234567"}),
            None,
        ),
        (
            json!({"externalCustomerId": "99", "email": "guest@shop.example", "phone": "+380671234567"}),
            Some(guest),
        ),
        (json!({"externalCustomerId": "42", "email": "guest@shop.example"}), Some(anna)),
        (json!({"email": "anna@shop.example"}), Some(anna)),
    ] {
        assert_eq!(proves(&app, &site, body.clone()).await, found, "{body}");
    }
    // A message to the new customer doesn't reach the other one either.
    let named = json!({"contact": {"externalCustomerId": "99", "email": "anna@shop.example"}});
    let message = json!({"audience": named, "content": {"en": {"title": "Hello"}}});
    assert_eq!(
        app.post("/v1/messages").key(&site.key).json(&message).send().await.expect_error(400),
        "audience.contact"
    );
    // The e-mail address belongs to the first contact: a second contact with it is rejected.
    let second = json!({"externalCustomerId": "99", "channels": [{"type": "email", "value": "anna@shop.example"}]});
    app.post("/v1/contact").key(&site.key).json(&second).send().await.expect_error(409);
    assert_eq!(proves(&app, &site, json!({"email": "anna@shop.example"})).await, Some(anna));
}

#[tokio::test]
async fn unknown_contact_gets_an_empty_token() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for body in [
        json!({"externalCustomerId": "nobody"}),
        json!({"email": "nobody@shop.example"}),
        json!({"phone": "+380671234567"}),
    ] {
        assert_eq!(
            ask(&app, &site, &body).send().await.expect(200),
            json!({"token": ""}),
            "{body}"
        );
    }
}

#[tokio::test]
async fn missing_identifier_is_400_with_the_field() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for (body, field) in [
        (json!({}), ""),
        (json!({"externalCustomerId": null, "email": "", "phone": "  "}), ""),
        (json!({"name": "Ann"}), ""),
        (json!({"email": 5}), "email"),
        (json!({"externalCustomerId": 42}), "externalCustomerId"),
        (json!({"extid": ["42"]}), "extid"),
        (json!({"phone": {"number": "1"}}), "phone"),
        (json!({"email": "nobody"}), "email"),
        (json!({"phone": "067 123 45 67"}), "phone"),
        (json!({"externalCustomerId": "4\u{0}2"}), "externalCustomerId"),
        (json!({"externalCustomerId": "4".repeat(256)}), "externalCustomerId"),
        (json!(["42", null, "ann@shop.example", null]), ""),
        (json!("42"), ""),
        (json!(null), ""),
    ] {
        assert_eq!(ask(&app, &site, &body).send().await.expect_error(400), field, "{body}");
    }
    for text in [
        "",
        "{",
        "{\"email\":\"a@b.example\"",
        "{\"email\":\"a@b.example\",\"email\":\"c@d.example\"}",
        "{} {}",
        "email=a@b.example",
    ] {
        let answer = app
            .post(PATHS[0])
            .key(&site.key)
            .header("content-type", "application/json")
            .body(text)
            .send()
            .await;
        assert_eq!(answer.expect_error(400), "", "{text}");
    }
}

#[tokio::test]
async fn key_is_the_basic_password_or_a_bearer_token() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let call = app.post(PATHS[0]).json(&json!({"extid": "nobody"}));
    for user in ["user", "", "ann@shop.example", "Ünï", "with space"] {
        call.clone().basic(user, &site.key).send().await.expect(200);
    }
    call.clone().header("authorization", &format!("Bearer {}", site.key)).send().await.expect(200);
    call.header("authorization", &format!("bearer {}", site.key)).send().await.expect(200);
}

#[tokio::test]
async fn key_with_colons_is_read_completely() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let (secret, id) = ("from:another:product", KeyId("moved".to_owned()));
    let (digest, created_at) = (Digest::of(secret), START);
    app.store
        .add_key(&ApiKey {
            site,
            id,
            name: "moved".to_owned(),
            digest,
            scopes: belfry_domain::Scopes::all(),
            created_at,
            last_used_at: None,
            revoked_at: None,
        })
        .await
        .unwrap();
    let call = app.post(PATHS[0]).json(&json!({"extid": "nobody"}));
    for user in ["", "user"] {
        call.clone().basic(user, secret).send().await.expect(200);
    }
    call.clone().header("authorization", &format!("Bearer {secret}")).send().await.expect(200);
    call.basic("user", "product").send().await.expect_error(401);
}

#[tokio::test]
async fn token_is_revoked_with_the_key_that_requested_it() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({"externalCustomerId": "42"})).await;
    let (id, key) = app.app.create_key(site.site.id, "second").await.unwrap();
    let answer =
        app.post(PATHS[0]).key(key.reveal()).json(&json!({"extid": "42"})).send().await.expect(200);
    let token = answer["token"].as_str().unwrap();
    assert!(app.app.exchange_token(site.site.id, token).await.is_ok());
    app.app.revoke_key(site.site.id, &id).await.unwrap();
    assert!(app.app.exchange_token(site.site.id, token).await.is_err());
}
