//! `segments`: create, list, change, count, delete; and messages to them.

use crate::support::{Answer, TestApp, TestSite};
use axum::http::Method;
use serde_json::{Value, json};

async fn post(app: &TestApp, site: &TestSite, path: &str, body: Value) -> Answer {
    app.post(&format!("/v1/{path}")).key(&site.key).json(&body).send().await
}

fn named(name: &str) -> Value {
    json!({"name": name, "condition": {"all": [{"attribute": "plan", "equals": "pro"}, {"not": {"language": ["uk"]}}]}})
}

fn message(audience: &Value) -> Value {
    json!({"audience": audience, "content": {"en": {"title": "Hello"}}})
}

#[tokio::test]
async fn segment_is_created_changed_and_deleted() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let response = post(&app, &site, "segments", named("pro")).await.expect(201);
    assert_eq!(
        (&response["name"], &response["condition"]),
        (&json!("pro"), &named("pro")["condition"])
    );
    let path = format!("/v1/segments/{}", response["id"]);
    assert_eq!(app.get(&path).key(&site.key).send().await.expect(200), response);
    assert_eq!(post(&app, &site, "segments", named("pro")).await.expect_error(409), "");
    let put =
        async |body: Value| app.call(Method::PUT, &path).key(&site.key).json(&body).send().await;
    assert_eq!(put(named("others")).await.expect(200)["name"], "others");
    assert_eq!(put(json!({"name": "x"})).await.expect_error(400), "condition");
    let sent =
        post(&app, &site, "messages", message(&json!({"segment": "others"}))).await.expect(201);
    assert_eq!(app.delete(&path).key(&site.key).send().await.expect_error(409), "");
    assert_eq!(
        app.delete(&format!("/v1/messages/{}", sent["id"].as_str().unwrap()))
            .key(&site.key)
            .send()
            .await
            .status,
        204
    );
    assert_eq!(app.delete(&path).key(&site.key).send().await.status, 204);
    for answer in
        [app.get(&path), app.delete(&path), app.call(Method::PUT, &path).json(&named("pro"))]
    {
        answer.key(&site.key).send().await.expect_error(404);
    }
}

#[tokio::test]
async fn segments_are_paginated() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for name in ["a", "b", "c"] {
        post(&app, &site, "segments", named(name)).await.expect(201);
    }
    post(&app, &site, "messages", message(&json!({"segment": {"language": "uk"}})))
        .await
        .expect(201);
    let (mut names, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let part =
            app.get(&format!("/v1/segments?{query}")).key(&site.key).send().await.expect(200);
        names.extend(
            part["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        let Some(next) = part["next"].as_str() else { break };
        query = format!("limit=2&cursor={next}");
    }
    assert_eq!(names, ["c", "b", "a"]);
    for (query, field) in [("limit=0", "limit"), ("limit=101", "limit"), ("cursor=x", "cursor")] {
        assert_eq!(
            app.get(&format!("/v1/segments?{query}")).key(&site.key).send().await.expect_error(400),
            field
        );
    }
}

#[tokio::test]
async fn audience_is_counted_before_sending() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for (customer, plan) in [("1", "pro"), ("2", "free"), ("3", "pro")] {
        app.contact(&site, json!({"externalCustomerId": customer, "attributes": {"plan": plan}}))
            .await;
    }
    let count = async |condition: Value| {
        post(&app, &site, "segments/count", json!({"condition": condition})).await
    };
    assert_eq!(
        count(json!({"attributes": {"plan": "pro"}})).await.expect(200),
        json!({"count": 2, "complete": true})
    );
    assert_eq!(
        count(json!({"contacts": [{"externalCustomerId": "2"}]})).await.expect(200)["count"],
        1
    );
    assert_eq!(
        count(json!({"contacts": [{"externalCustomerId": "nobody"}]})).await.expect_error(400),
        "condition"
    );
    assert_eq!(count(json!({"plan": "pro"})).await.expect_error(400), "condition.plan");
}

#[tokio::test]
async fn message_targets_a_segment_by_name_id_or_rules() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let response = post(&app, &site, "segments", named("pro")).await.expect(201)["id"].clone();
    for audience in [
        json!({"segment": "pro"}),
        json!({"segment": response}),
        json!({"segment": response.to_string()}),
        json!({"segment": {"id": response}}),
    ] {
        let sent = post(&app, &site, "messages", message(&audience)).await.expect(201);
        let view = app
            .get(&format!("/v1/messages/{}", sent["id"].as_str().unwrap()))
            .key(&site.key)
            .send()
            .await
            .expect(200);
        assert_eq!(view["audience"], json!({"segment": {"id": response}}));
    }
    post(&app, &site, "messages", message(&json!({"segment": named("x")["condition"]})))
        .await
        .expect(201);
    for odd in [json!("nobody"), json!(99), json!({"id": 99})] {
        assert_eq!(
            post(&app, &site, "messages", message(&json!({"segment": odd})))
                .await
                .expect_error(400),
            "audience.segment",
            "{odd}"
        );
    }
    let stranger = app.create_site().await;
    for foreign in [json!("pro"), response] {
        assert_eq!(
            post(&app, &stranger, "messages", message(&json!({"segment": foreign})))
                .await
                .expect_error(400),
            "audience.segment"
        );
    }
}

#[tokio::test]
async fn too_expensive_rule_is_rejected_by_index() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let words = |count: usize| json!({"any": (0..count).map(|word| json!({"attribute": "a", "contains": "y".repeat(500) + &word.to_string()})).collect::<Vec<_>>()});
    for (path, body, field) in [
        ("segments", json!({"name": "s", "condition": words(98)}), "condition"),
        ("segments/count", json!({"condition": words(98)}), "condition"),
        ("messages", message(&json!({"segment": words(98)})), "audience.segment"),
    ] {
        let answer = post(&app, &site, path, body).await;
        assert_eq!(answer.expect_error(400), field, "{path}");
        assert!(
            answer.json()["message"].as_str().unwrap().contains("contains"),
            "{}",
            answer.text()
        );
    }
    // Rules that compare whole values are cheap, in as many segments as may be in use.
    for number in 0..100 {
        let values = (0..99)
            .map(|value| json!({"attribute": "plan", "equals": format!("{number} {value}")}));
        let body =
            json!({"name": number.to_string(), "condition": {"any": values.collect::<Vec<_>>()}});
        let id = post(&app, &site, "segments", body).await.expect(201)["id"].clone();
        post(&app, &site, "messages", message(&json!({"segment": id}))).await.expect(201);
    }
}
