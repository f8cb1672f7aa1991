//! Canned responses.

use super::{ApplicationFixture, assert_error, assert_not_found};
use crate::support::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn canned_response_is_created_listed_changed_and_deleted() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    assert_eq!(fixture.get("/canned_responses").await, json!([]));
    let response = fixture
        .post(
            "/canned_responses",
            json!({"short_code": "hello", "content": "Hello {{contact.name}}!"}),
        )
        .await;
    let (id, at) = (response["id"].clone(), response["created_at"].clone());
    assert!(id.is_i64());
    let text = at.as_str().unwrap();
    assert!(text.len() == 24 && text.ends_with('Z') && text.as_bytes()[10] == b'T', "{text}");
    let expected = json!({
        "id": id, "account_id": fixture.account, "short_code": "hello", "content": "Hello {{contact.name}}!", "created_at": at, "updated_at": at,
    });
    assert_eq!(response, expected);
    // Every agent may read and change it.
    assert_eq!(
        fixture.call_as(&fixture.outsider, "GET", "/canned_responses").send().await.expect(200),
        json!([expected])
    );
    app.clock.advance(std::time::Duration::from_mins(1));
    let path = format!("/canned_responses/{id}");
    let changed = fixture
        .call_as(&fixture.outsider, "PATCH", &path)
        .json(&json!({"canned_response": {"content": "Hi"}}))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&changed["short_code"], &changed["content"], &changed["created_at"]),
        (&json!("hello"), &json!("Hi"), &at)
    );
    assert!(changed["updated_at"].as_str() > at.as_str(), "{changed}");
    let put =
        fixture.call("PUT", &path).json(&json!({"short_code": "hi"})).send().await.expect(200);
    assert_eq!((&put["short_code"], &put["content"]), (&json!("hi"), &json!("Hi")));
    let deleted = fixture.call("DELETE", &path).send().await;
    assert_eq!((deleted.status.as_u16(), deleted.body.len()), (200, 0));
    assert_not_found(&fixture.call("DELETE", &path).send().await);
    assert_not_found(&fixture.call("PATCH", &path).json(&json!({"content": "Hi"})).send().await);
    assert_eq!(fixture.get("/canned_responses").await, json!([]));
}

#[tokio::test]
async fn search_ranks_short_codes_before_contents() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    for (short_code, content) in [
        ("name", "Thanks for reaching out"),
        ("short", "Great!"),
        ("with-thanks", "Any"),
        ("Thanks", "Any"),
        ("дякую", "ДЯКУЮ"),
    ] {
        // Older clients wrap the body.
        fixture
            .post(
                "/canned_responses",
                json!({"canned_response": {"short_code": short_code, "content": content}}),
            )
            .await;
    }
    let codes = async |query: &str| {
        let found = fixture.get(&format!("/canned_responses{query}")).await;
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|response| response["short_code"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(codes("?search=thanks").await, ["Thanks", "with-thanks", "name"]);
    assert_eq!(codes("?search=%D0%94%D0%AF%D0%9A").await, ["дякую"]);
    assert_eq!(codes("?search=%25").await, Vec::<String>::new());
    for all in ["", "?search=", "?search=%20", "?other=thanks"] {
        assert_eq!(codes(all).await.len(), 5, "{all}");
    }
}

#[tokio::test]
async fn invalid_canned_response_is_rejected_by_field() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    fixture.post("/canned_responses", json!({"short_code": "hello", "content": "Hello"})).await;
    let other = fixture
        .post("/canned_responses", json!({"short_code": "other", "content": "Other"}))
        .await["id"]
        .clone();
    let long = |count| "x".repeat(count);
    for (body, message, field) in [
        (json!({"content": "Hi"}), "Short code can't be blank", "short_code"),
        (json!({"short_code": " ", "content": "Hi"}), "Short code can't be blank", "short_code"),
        (json!({"short_code": null, "content": "Hi"}), "Short code can't be blank", "short_code"),
        (
            json!({"short_code": long(256), "content": "Hi"}),
            "Short code is too long (maximum is 255 characters)",
            "short_code",
        ),
        (json!({"short_code": "hi"}), "Content can't be blank", "content"),
        (json!({"short_code": "hi", "content": "\n"}), "Content can't be blank", "content"),
        (
            json!({"short_code": "hi", "content": long(20_001)}),
            "Content is too long (maximum is 20000 characters)",
            "content",
        ),
        (
            json!({"short_code": "hello", "content": "Hi"}),
            "Short code has already been taken",
            "short_code",
        ),
    ] {
        let answer = fixture.call("POST", "/canned_responses").json(&body).send().await;
        assert_error(&answer, 422, &json!({"message": message, "attributes": [field]}));
    }
    let path = format!("/canned_responses/{other}");
    for (body, field) in [
        (json!({"short_code": "hello"}), "short_code"),
        (json!({"content": null}), "content"),
        (json!({"short_code": ""}), "short_code"),
    ] {
        assert_eq!(
            fixture.call("PATCH", &path).json(&body).send().await.expect(422)["attributes"],
            json!([field]),
            "{body}"
        );
    }
    let missing = json!({"error": "param is missing or the value is empty: canned_response"});
    for (method, path) in
        [("POST", "/canned_responses"), ("PATCH", path.as_str()), ("PUT", path.as_str())]
    {
        for body in [json!({}), json!({"canned_response": {}}), json!({"other": 1})] {
            assert_error(&fixture.call(method, path).json(&body).send().await, 422, &missing);
        }
    }
    let malformed = fixture
        .call("POST", "/canned_responses")
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await;
    assert_eq!(malformed.status, 400);
    assert_eq!(fixture.call("GET", "/canned_responses/1").send().await.status, 405);
    assert_not_found(
        &fixture.call("PATCH", "/canned_responses/x").json(&json!({"content": "Hi"})).send().await,
    );
    let kept: Vec<Value> = fixture.get("/canned_responses").await.as_array().unwrap().clone();
    assert_eq!(
        kept.iter().map(|response| &response["content"]).collect::<Vec<_>>(),
        ["Hello", "Other"]
    );
}
