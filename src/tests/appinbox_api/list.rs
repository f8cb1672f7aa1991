//! The list and the count.

use super::{COUNT, LIST, ReaderClient, publish, shop};
use crate::support::{START, TestApp};
use axum::http::Method;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn message_has_the_shape_that_clients_expect() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let more = json!({
        "content": {"en": {"title": "Sale", "body": "**-20%** <script>alert(1)</script> [x](javascript:alert(1))", "link": "https://shop.example/sale", "image": "https://shop.example/a.png"}},
        "category": "promo", "data": {"k": 1},
    });
    let id = publish(&app, &site, "42", "Sale", more).await;
    app.clock.advance(Duration::from_secs(5));
    let mut script = ReaderClient::new(&app, &site, "42").await;
    let answer = {
        let call = app.get(LIST);
        script.send(call).await
    };
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let list = answer.expect(200);
    let content = list["list"][0]["content"].as_str().unwrap();
    assert!(content.contains("<strong>-20%</strong>"), "{content}");
    assert!(!content.contains("<script") && !content.contains("href=\"javascript:"), "{content}");
    assert_eq!(
        list,
        json!({"list": [{
            "id": id, "createdDate": START.millis(), "title": "Sale", "content": content, "image": "https://shop.example/a.png",
            "link": "https://shop.example/sale", "newMessage": true, "status": "UNOPENED", "category": "promo", "customData": "{\"k\":1}",
        }], "totalPages": 1})
    );
    publish(&app, &site, "42", "Plain", json!({})).await;
    let plain = &script.get(LIST).await["list"][0];
    for absent in ["image", "link", "category", "customData"] {
        assert!(plain[absent].is_null(), "{plain}");
    }
    assert_eq!(plain["content"], "");
}

#[tokio::test]
async fn pages_count_from_zero_and_end_empty() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    assert_eq!(script.get(LIST).await, json!({"list": [], "totalPages": 0}));
    for number in 0..7 {
        publish(&app, &site, "42", &number.to_string(), json!({"pinned": number == 2})).await;
    }
    assert_eq!(script.titles("").await, ["2", "6", "5", "4", "3", "1", "0"]);
    assert_eq!(script.titles("page=0&pageSize=3").await, ["2", "6", "5"]);
    assert_eq!(script.titles("page=1&pageSize=3").await, ["4", "3", "1"]);
    assert_eq!(script.titles("page=2&pageSize=3").await, ["0"]);
    for page in ["3", "4000000000"] {
        assert_eq!(
            script.get(&format!("{LIST}?page={page}&pageSize=3")).await,
            json!({"list": [], "totalPages": 3})
        );
    }
    assert_eq!(script.get(&format!("{LIST}?pageSize=7")).await["totalPages"], 1);
    script.open(&json!({"status": "OPENED", "ids": [script_id(&app, &mut ReaderClient::new(&app, &site, "42").await, "4").await]})).await;
    assert_eq!(script.titles("status=OPENED").await, ["4"]);
    assert_eq!(script.titles("status=UNOPENED&pageSize=2&page=2").await, ["1", "0"]);
    assert_eq!(script.get(&format!("{LIST}?status=UNOPENED&pageSize=4")).await["totalPages"], 2);
}

/// The id of the message with this title.
async fn script_id(_app: &TestApp, script: &mut ReaderClient<'_>, title: &str) -> String {
    let list = script.get(LIST).await;
    let found =
        list["list"].as_array().unwrap().iter().find(|message| message["title"] == title).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn invalid_query_is_rejected_by_field() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    for (query, field) in [
        ("pageSize=0", "pageSize"),
        ("pageSize=101", "pageSize"),
        ("page=-1", "page"),
        ("status=foo", "status"),
        ("page=1&page=2", "page"),
    ] {
        let call = app.get(&format!("{LIST}?{query}"));
        assert_eq!(script.send(call).await.expect_error(400), field);
    }
}

#[tokio::test]
async fn expired_message_is_in_no_list_even_if_opened() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let until = json!({"expiresAt": "2026-12-01T08:10:00Z"});
    let id = publish(&app, &site, "42", "Today only", until).await;
    publish(&app, &site, "42", "Stays", json!({})).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    assert_eq!(script.titles("").await, ["Stays", "Today only"]);
    assert_eq!(script.count().await, 2);
    app.clock.advance(Duration::from_mins(10));
    // It expired between the list and the action: nothing happens, and no error is returned.
    script.open(&json!({"status": "OPENED", "ids": [id]})).await;
    assert_eq!(script.titles("").await, ["Stays"]);
    assert_eq!(script.titles("status=OPENED").await, Vec::<String>::new());
    assert_eq!(script.count().await, 1);
}

#[tokio::test]
async fn language_falls_back_from_contact_to_browser_to_site() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    app.contact(&site, json!({"externalCustomerId": "uk", "language": "uk"})).await;
    let content =
        json!({"en": {"title": "Sale"}, "uk": {"title": "Знижки"}, "de": {"title": "Rabatt"}});
    let body = json!({"audience": "everyone", "content": content});
    app.call(Method::POST, "/v1/messages").key(&site.key).json(&body).send().await.expect(201);
    for (reader, accepted, title) in [
        ("uk", Some("de"), "Знижки"),
        ("42", Some("fr;q=0.1, de-AT;q=0.9"), "Rabatt"),
        ("42", Some("fr"), "Sale"),
        ("42", None, "Sale"),
    ] {
        let mut script = ReaderClient::new(&app, &site, reader).await;
        let call = app.get(LIST);
        let call = if let Some(accepted) = accepted {
            call.header("accept-language", accepted)
        } else {
            call
        };
        assert_eq!(
            script.send(call).await.expect(200)["list"][0]["title"],
            title,
            "{reader} {accepted:?}"
        );
    }
}

#[tokio::test]
async fn list_reaches_back_a_thousand_messages() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    for number in 0..1_003 {
        let draft = json!({"audience": "everyone", "content": {"en": {"title": number.to_string(), "body": "Some words about it."}}});
        let draft = belfry_app::parse_message(draft.to_string().as_bytes(), START).unwrap();
        app.app.publish(site.site.id, draft, None).await.unwrap();
    }
    let mut script = ReaderClient::new(&app, &site, "42").await;
    assert_eq!(script.get(&format!("{LIST}?pageSize=7")).await["totalPages"], 143);
    assert_eq!(
        script.titles("pageSize=10&page=99").await,
        ["12", "11", "10", "9", "8", "7", "6", "5", "4", "3"]
    );
    assert_eq!(script.titles("pageSize=10&page=100").await, Vec::<String>::new());
    assert_eq!(script.titles("").await.len(), 100);
    assert_eq!(script.get(COUNT).await, json!({"count": 100}));
    let began = std::time::Instant::now();
    for _ in 0..20 {
        script.get(&format!("{LIST}?pageSize=10")).await;
    }
    eprintln!("a page of ten out of a thousand: {:?}", began.elapsed() / 20);
}

/// A relative link has no page here, so it becomes absolute with the site's first origin; app links
/// are for apps.
#[tokio::test]
async fn links_are_absolute_and_app_links_unchanged() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    app.put("/v1/site/settings")
        .key(&site.key)
        .json(&json!({"linkSchemes": ["myshop"]}))
        .send()
        .await
        .expect(200);
    let body = "Street 1\nLviv [go](/orders/7?a={{x}}) https://shop.example/t?a=1&b=2.";
    publish(&app, &site, "42", "App", json!({"variables": false, "content": {"en": {"title": "App {{x}}", "link": "myshop://orders/7"}}})).await;
    publish(&app, &site, "42", "Page", json!({"variables": false, "content": {"en": {"title": "Page", "body": body, "link": "/orders/7"}}})).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    let list = script.get(LIST).await["list"].clone();
    let origin = site.site.main_origin().unwrap();
    assert_eq!(
        (&list[1]["link"], &list[1]["title"]),
        (&json!("myshop://orders/7"), &json!("App {{x}}"))
    );
    assert_eq!(list[0]["link"], json!(format!("{origin}/orders/7")));
    let content = list[0]["content"].as_str().unwrap();
    for piece in [
        "Street 1<br>Lviv",
        &format!("href=\"{origin}/orders/7?a={{{{x}}}}\""),
        "href=\"https://shop.example/t?a=1&amp;b=2\"",
    ] {
        assert!(content.contains(piece), "{piece}: {content}");
    }
}

/// A text that resembled a value's placeholder once put an event handler into the HTML.
#[tokio::test]
async fn body_with_variables_is_safe_html() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let body = "{{firstName|you}} [x](https://VARIABLEXq.example/) z\" onmouseover=alert(document.domain) [y](https://e.example/)";
    publish(&app, &site, "42", "T", json!({"content": {"en": {"title": "t", "body": body}}})).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    let list = script.get(LIST).await["list"].clone();
    let content = list[0]["content"].as_str().unwrap();
    let tags: Vec<_> =
        content.split('<').filter_map(|part| part.split_once('>')).map(|(tag, _)| tag).collect();
    assert!(tags.iter().all(|tag| !tag.contains("onmouseover")), "{content}");
    assert!(
        content.contains("href=\"https://variablexq.example/\"")
            && content.contains("onmouseover=alert"),
        "{content}"
    );
}
