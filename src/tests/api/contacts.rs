//! Contacts: lists, replacement, restorable deletion, receipts, export.

use crate::support::{TestApp, TestSite};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|contact| contact["id"].as_i64().unwrap()).collect()
}

async fn create_contacts(app: &TestApp, site: &TestSite) -> Vec<i64> {
    let mut people = Vec::new();
    for (number, name, last) in [(1, "Ann", "Lee"), (2, "Іван", "Франко"), (3, "ann", "Smith")]
    {
        let said = json!({"externalCustomerId": number, "firstName": name, "lastName": last, "language": if number == 2 { "uk" } else { "en" },
            "channels": [{"type": "email", "value": format!("{number}@shop.example")}, {"type": "sms", "value": format!("+38067123456{number}")}]});
        people.push(app.contact(site, said).await.0);
    }
    people
}

#[tokio::test]
async fn clients_of_the_existing_api_get_contacts_as_an_array() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let people = create_contacts(&app, &site).await;
    for (query, expected) in [
        ("", &people[..]),
        ("?email=2@SHOP.example", &people[1..2]),
        ("?sms=%2B38%20067%20123%204561", &people[..1]),
        ("?lastname=%D1%84%D1%80%D0%B0%D0%BD%D0%BA%D0%BE", &people[1..2]),
        ("?firstname=ANN&lastname=smith", &people[2..]),
        ("?firstname=An", &[]),
        ("?startindex=2&maxrows=1", &people[1..2]),
        ("?startindex=4&maxrows=500", &[]),
        ("?email=&startindex=&unknown=1", &people[..]),
    ] {
        for prefix in ["/v1", "/api/v1"] {
            let list = app
                .get(&format!("{prefix}/contacts{query}"))
                .key(&site.key)
                .send()
                .await
                .expect(200);
            assert_eq!(ids(&list), expected, "{query}");
        }
    }
    for (query, field) in [
        ("email=nobody", "email"),
        ("sms=0671", "sms"),
        ("startindex=0", "startindex"),
        ("maxrows=501", "maxrows"),
        ("maxrows=0", "maxrows"),
        ("firstname=a&firstname=b", "firstname"),
        ("lastname=%00", "lastname"),
    ] {
        assert_eq!(
            app.get(&format!("/v1/contacts?{query}")).key(&site.key).send().await.expect_error(400),
            field,
            "{query}"
        );
    }
}

#[tokio::test]
async fn contact_list_is_searched_and_paginated() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let people = create_contacts(&app, &site).await;
    let search = async |query: &str| {
        app.get(&format!("/v1/contacts/search?{query}")).key(&site.key).send().await
    };
    let first = search("limit=2").await.expect(200);
    assert_eq!(
        (ids(&first["items"]), first["count"].as_u64(), first["countCapped"].as_bool()),
        (vec![people[2], people[1]], Some(3), Some(false))
    );
    let second =
        search(&format!("limit=2&cursor={}", first["next"].as_str().unwrap())).await.expect(200);
    assert_eq!((ids(&second["items"]), &second["next"]), (vec![people[0]], &Value::Null));
    for (query, expected) in [
        ("q=%25", vec![]),
        ("q=ANN", vec![people[2], people[0]]),
        ("q=1@shop", vec![people[0]]),
        ("language=uk", vec![people[1]]),
        ("q=ann&lastName=lee", vec![people[0]]),
        ("phone=380671234563", vec![people[2]]),
    ] {
        assert_eq!(ids(&search(query).await.expect(200)["items"]), expected, "{query}");
    }
    for (query, field) in [
        ("limit=101", "limit"),
        ("cursor=x", "cursor"),
        ("language=!", "language"),
        ("phone=x", "phone"),
        ("q=a&q=b", "q"),
    ] {
        assert_eq!(search(query).await.expect_error(400), field, "{query}");
    }
    assert_eq!(search(&format!("q={}", "x".repeat(201))).await.expect_error(400), "q");
}

#[tokio::test]
async fn put_replaces_every_field() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let people = create_contacts(&app, &site).await;
    let path = format!("/api/v1/contact/{}", people[0]);
    let put = app
        .put(&path)
        .key(&site.key)
        .json(&json!({"email": "new@shop.example", "attributes": {"plan": "pro"}}))
        .send()
        .await;
    assert_eq!((put.status.as_u16(), put.text()), (200, "The contact was replaced."));
    let now = app.get(&path).key(&site.key).send().await.expect(200);
    assert_eq!(
        (now["channels"].as_array().unwrap().len(), &now["attributes"]),
        (1, &json!({"plan": "pro"}))
    );
    assert!(now.get("firstName").is_none() && now.get("externalCustomerId").is_none());
    app.put(&path)
        .key(&site.key)
        .json(&json!({"externalCustomerId": "2"}))
        .send()
        .await
        .expect_error(409);
    app.put(&path)
        .key(&site.key)
        .json(&json!({"firstName": "Nobody"}))
        .send()
        .await
        .expect_error(400);
    app.put("/v1/contact/999")
        .key(&site.key)
        .json(&json!({"externalCustomerId": "9"}))
        .send()
        .await
        .expect_error(404);
    assert_eq!(app.get(&path).key(&site.key).send().await.expect(200), now);
}

#[tokio::test]
async fn deleted_contact_is_hidden_until_created_again_or_erased() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let people = create_contacts(&app, &site).await;
    let path = format!("/v1/contact/{}", people[0]);
    let token = app
        .post("/v1/auth/contact/token")
        .key(&site.key)
        .json(&json!({"extid": "1"}))
        .send()
        .await
        .expect(200);
    let granted =
        app.app.exchange_token(site.site.id, token["token"].as_str().unwrap()).await.unwrap();
    assert_eq!(
        app.get(&path).key(&site.key).send().await.expect(200)["lastSeenAt"],
        "2026-12-01T08:00:00Z"
    );

    let deleted = app.delete(&path).key(&site.key).send().await;
    assert_eq!((deleted.status.as_u16(), deleted.text()), (200, "The contact was deleted."));
    assert!(app.app.authenticate_session(site.site.id, &granted.cookie.digest()).await.is_err());
    app.get(&path).key(&site.key).send().await.expect_error(404);
    app.delete(&path).key(&site.key).send().await.expect_error(404);
    let token =
        app.post("/v1/auth/contact/token").key(&site.key).json(&json!({"extid": "1"})).send().await;
    assert_eq!(token.expect(200), json!({"token": ""}));
    assert_eq!(ids(&app.get("/v1/contacts").key(&site.key).send().await.expect(200)), people[1..]);
    let message = json!({"audience": {"contact": {"externalCustomerId": "1"}}, "content": {"en": {"title": "Hello"}}});
    app.post("/v1/messages").key(&site.key).json(&message).send().await.expect_error(400);

    let again = app
        .post("/v1/contact")
        .key(&site.key)
        .json(&json!({"externalCustomerId": "1"}))
        .send()
        .await
        .expect(200);
    assert_eq!(again["id"], people[0]);
    assert_eq!(app.get(&path).key(&site.key).send().await.expect(200)["firstName"], "Ann");

    for query in ["externalCustomerId=1", "externalCustomerId=1&erase=true"] {
        assert_eq!(
            app.delete(&format!("/v1/contact?{query}")).key(&site.key).send().await.status.as_u16(),
            200,
            "{query}"
        );
    }
    app.delete(&format!("{path}?erase=true")).key(&site.key).send().await.expect_error(404);
    let new = app
        .post("/v1/contact")
        .key(&site.key)
        .json(&json!({"externalCustomerId": "1"}))
        .send()
        .await
        .expect(200);
    assert_ne!(new["id"], people[0]);
    for odd in ["erase=yes", "erase=true&erase=true"] {
        assert_eq!(
            app.delete(&format!("/v1/contact/{}?{odd}", people[1]))
                .key(&site.key)
                .send()
                .await
                .expect_error(400),
            "erase"
        );
    }
}

#[tokio::test]
async fn subscriber_is_a_contact_with_groups() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let subscribe = async |body: Value| {
        app.post("/api/v1/contact/subscribe").key(&site.key).json(&body).send().await
    };
    let contact = json!({"channels": [{"type": "email", "value": "a@shop.example"}]});
    let first = subscribe(json!({"contact": contact, "groups": ["news"], "formType": "footer"}))
        .await
        .expect(200);
    let second = subscribe(json!({"contact": contact, "groups": ["news", {"name": "sale"}]}))
        .await
        .expect(200);
    assert_eq!(first, second);
    let found =
        app.get(&format!("/v1/contact/{}", first["id"])).key(&site.key).send().await.expect(200);
    assert_eq!(found["attributes"], json!({"groups": ["news", "sale"]}));
    assert_eq!(subscribe(json!({"groups": ["news"]})).await.expect_error(400), "contact");
    assert_eq!(
        subscribe(json!({"contact": {}, "groups": ["news"]})).await.expect_error(400),
        "contact"
    );
    app.contact(&site, json!({"externalCustomerId": "7", "phone": "+380671234567"})).await;
    subscribe(json!({"contact": {"externalCustomerId": "7", "email": "a@shop.example"}}))
        .await
        .expect_error(409);
}

#[tokio::test]
async fn receipts_and_export_list_the_contacts_actions() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let people = create_contacts(&app, &site).await;
    let token = app
        .post("/v1/auth/contact/token")
        .key(&site.key)
        .json(&json!({"extid": "1"}))
        .send()
        .await
        .expect(200);
    let granted =
        app.app.exchange_token(site.site.id, token["token"].as_str().unwrap()).await.unwrap();
    let mut messages = Vec::new();
    for audience in [
        json!({"contact": {"id": people[0]}}),
        json!("everyone"),
        json!({"contact": {"id": people[0]}}),
    ] {
        app.clock.advance(Duration::from_secs(1));
        let body = json!({"audience": audience, "content": {"en": {"title": "Hello"}}});
        messages.push(
            app.post("/v1/messages").key(&site.key).json(&body).send().await.expect(201)["id"]
                .clone(),
        );
    }
    let read =
        belfry_domain::ReaderAction::Read(vec![messages[0].as_str().unwrap().parse().unwrap()]);
    app.app.apply_reader_action(&granted.reader, &read).await.unwrap();
    let path = format!("/v1/contact/{}", people[0]);
    let receipts = async |query: &str| {
        app.get(&format!("{path}/receipts?{query}")).key(&site.key).send().await
    };
    let first = receipts("limit=1").await.expect(200);
    assert_eq!(
        (&first["items"][0]["message"]["id"], &first["items"][0]["read"]),
        (&messages[2], &json!(false))
    );
    let second =
        receipts(&format!("limit=1&cursor={}", first["next"].as_str().unwrap())).await.expect(200);
    assert_eq!(
        (&second["items"][0]["message"]["id"], &second["next"]),
        (&messages[0], &Value::Null)
    );
    let times = |entry: &Value| {
        ["deliveredAt", "seenAt", "readAt", "readWithAll"].map(|name| entry[name].clone())
    };
    let at = json!("2026-12-01T08:00:03Z");
    assert_eq!(times(&second["items"][0]), [at.clone(), at.clone(), at, json!(false)]);
    assert_eq!(times(&first["items"][0]), [Value::Null, Value::Null, Value::Null, json!(false)]);
    for mark in [
        belfry_domain::ReaderAction::Delivered(belfry_domain::Position::MAX),
        belfry_domain::ReaderAction::Seen(None),
        belfry_domain::ReaderAction::AllRead(None),
    ] {
        app.clock.advance(Duration::from_secs(1));
        app.app.apply_reader_action(&granted.reader, &mark).await.unwrap();
    }
    let all = receipts("limit=1").await.expect(200);
    let second = |second: u32| json!(format!("2026-12-01T08:00:0{second}Z"));
    assert_eq!(times(&all["items"][0]), [second(4), second(5), second(6), json!(true)]);
    assert_eq!(receipts("cursor=x").await.expect_error(400), "cursor");
    app.get("/v1/contact/999/receipts").key(&site.key).send().await.expect_error(404);

    let export = app.get(&format!("{path}/export")).key(&site.key).send().await;
    assert!(!export.text().contains(token["token"].as_str().unwrap()));
    let export = export.expect(200);
    assert_eq!(
        (export["contact"]["id"].as_i64(), export["messages"].as_array().unwrap().len()),
        (Some(people[0]), 2)
    );
    assert_eq!(
        (export["tokens"].as_array().unwrap().len(), export["sessions"].as_array().unwrap().len()),
        (1, 2)
    );
    assert_eq!(export["tokens"][0], json!({"expiresAt": "2026-12-01T08:15:00Z"}));
    app.call(Method::GET, "/v1/contact/999/export").key(&site.key).send().await.expect_error(404);
}
