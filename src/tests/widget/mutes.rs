//! Muted categories: the preferences page, and the effect on streams and lists.

use super::{
    SHOP, WidgetSession, attribute,
    events::{Event, Stream},
    open, publish, widget_origin,
};
use crate::{
    api::mutes::{name_categories, publish_of, put},
    support::{Answer, TestApp},
};
use serde_json::json;

/// Posts a form of the widget's own document to the page, with the reader's credentials.
async fn submit(
    app: &TestApp,
    widget: &WidgetSession,
    cookie: Option<&str>,
    origin: &str,
    body: &str,
) -> Answer {
    let call = app.post(&format!("{}/preferences", widget.base)).header("origin", origin);
    let call = cookie.into_iter().fold(call, |call, cookie| call.header("cookie", cookie));
    call.header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_owned())
        .send()
        .await
}

async fn lists(app: &TestApp, widget: &WidgetSession, title: &str) -> bool {
    widget.get(app, "/messages").await.expect(200)["html"].as_str().unwrap().contains(title)
}

#[tokio::test]
async fn preferences_link_is_shown_if_there_are_categories() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    assert!(!open(&app, &site, "42").await.html.contains("/preferences"));
    name_categories(&app, &site).await;
    assert!(open(&app, &site, "42").await.html.contains("/preferences"));
}

#[tokio::test]
async fn preferences_form_redirects_to_the_inbox() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    name_categories(&app, &site).await;
    publish_of(&app, &site, "news", "Some news").await;
    publish_of(&app, &site, "orders", "Your order").await;
    let widget = open(&app, &site, "42").await;
    let response =
        widget.get(&app, &format!("/preferences?reader={}&language=uk", widget.reader)).await;
    assert_eq!(response.status, 200);
    let page = response.text();
    assert!(
        page.contains("News &amp; more (uk)")
            && page.contains("Offers (uk)")
            && !page.contains("Orders"),
        "{page}"
    );
    assert_eq!(page.matches(" checked").count(), 2);
    let form = format!(
        "do=save&reader={}&language=uk&scheme=dark&of=news&of=offers&show=offers",
        widget.reader
    );
    let saved = submit(&app, &widget, Some(&widget.cookie), widget_origin(), &form).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert_eq!(
        saved.header("location").unwrap(),
        format!("{}/page?reader={}&language=uk&scheme=dark", widget.base, widget.reader)
    );
    let inbox =
        app.get(saved.header("location").unwrap()).header("cookie", &widget.cookie).send().await;
    assert!(inbox.text().contains("Your order") && !inbox.text().contains("Some news"));
    assert!(!lists(&app, &widget, "Some news").await);
    assert_eq!(widget.get(&app, "/preferences").await.text().matches(" checked").count(), 1);
    let all = submit(
        &app,
        &widget,
        Some(&widget.cookie),
        widget_origin(),
        "do=save&of=news&of=offers&show=offers&show=news",
    )
    .await;
    assert_eq!(all.status, 303);
    assert!(lists(&app, &widget, "Some news").await);
}

#[tokio::test]
async fn categories_missing_in_the_form_stay() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    name_categories(&app, &site).await;
    let widget = open(&app, &site, "42").await;
    let contact = app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    put(&app, &site, contact, json!({ "muted": ["offers"] })).await.expect(200);
    // Neither absent categories nor unmutable ones change.
    let saved =
        submit(&app, &widget, Some(&widget.cookie), widget_origin(), "do=save&of=news&of=orders")
            .await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let mutes =
        app.get(&format!("/v1/contact/{contact}/mutes")).key(&site.key).send().await.expect(200);
    assert_eq!(mutes, json!({ "muted": ["news", "offers"] }));
}

#[tokio::test]
async fn preferences_need_their_reader_and_same_origin() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    name_categories(&app, &site).await;
    let widget = open(&app, &site, "42").await;
    let cookie = Some(widget.cookie.as_str());
    let bearer = format!("bearer={}&of=news", widget.bearer);
    assert_eq!(submit(&app, &widget, cookie, SHOP, "do=save&of=news").await.status, 403);
    assert_eq!(submit(&app, &widget, None, SHOP, &format!("do=save&{bearer}")).await.status, 403);
    assert_eq!(submit(&app, &widget, None, widget_origin(), "do=save&of=news").await.status, 401);
    assert_eq!(
        submit(&app, &widget, None, widget_origin(), "do=show&bearer=wrong%0A").await.status,
        401
    );
    assert_eq!(
        submit(&app, &widget, cookie, widget_origin(), "do=save&of=news&reader=another")
            .await
            .status,
        409
    );
    assert_eq!(submit(&app, &widget, cookie, widget_origin(), "of=news").await.status, 400);
    assert_eq!(app.get(&format!("{}/preferences", widget.base)).send().await.status, 401);
    assert_eq!(widget.get(&app, "/preferences?reader=another").await.status, 409);
    assert_eq!(
        widget.get(&app, "/preferences").await.text().matches(" checked").count(),
        2,
        "nothing is stored"
    );
    // With a cookie the form redirects to a page with a URL, which a browser can go back to.
    let there = submit(
        &app,
        &widget,
        Some(&widget.cookie),
        widget_origin(),
        &format!("do=show&reader={}&language=uk&scheme=dark&{bearer}", widget.reader),
    )
    .await;
    assert_eq!(there.status, 303);
    let location = there.header("location").unwrap();
    assert_eq!(
        location,
        format!("{}/preferences?reader={}&language=uk&scheme=dark", widget.base, widget.reader)
    );
    // Without cookies, forms carry the bearer token.
    let page = submit(&app, &widget, None, widget_origin(), &format!("do=show&{bearer}")).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains(&widget.bearer));
    assert_eq!(
        submit(&app, &widget, None, widget_origin(), &format!("do=save&{bearer}")).await.status,
        303
    );
    assert_eq!(widget.get(&app, "/preferences").await.text().matches(" checked").count(), 1);
}

async fn next(stream: &mut Stream) -> Event {
    loop {
        let event = stream.next_of_all().await.unwrap();
        if !matches!(event.name.as_str(), "beat" | "themed") {
            return event;
        }
    }
}

#[tokio::test]
async fn open_inbox_gets_no_muted_messages() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    name_categories(&app, &site).await;
    let widget = open(&app, &site, "42").await;
    let contact = app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let mut stream = Stream::open(
        &app,
        &widget,
        &format!("since={}", attribute(&widget.html, "data-version")),
        None,
    )
    .await;
    put(&app, &site, contact, json!({ "muted": ["news"] })).await.expect(200);
    assert_eq!(next(&mut stream).await.name, "resync");
    let news = publish_of(&app, &site, "news", "Some news").await;
    let plain = publish(&app, &site, json!("everyone"), "For all").await;
    let arrived = next(&mut stream).await;
    assert_eq!(
        (arrived.name.as_str(), &arrived.data["id"]),
        ("message", &json!(plain)),
        "no news event"
    );
    // An edit may move it to a category that isn't muted.
    app.patch(&format!("/v1/messages/{news}"))
        .key(&site.key)
        .json(&json!({ "category": "offers" }))
        .send()
        .await
        .expect(200);
    assert_eq!(next(&mut stream).await.name, "resync");
    assert!(lists(&app, &widget, "Some news").await);
    // A stream that opens later has the mutes from the start.
    let mut later = Stream::open(&app, &widget, "since=999999", None).await;
    publish_of(&app, &site, "news", "More news").await;
    let offer = publish_of(&app, &site, "offers", "An offer").await;
    assert_eq!(next(&mut later).await.data["id"], json!(offer));
}

#[tokio::test]
async fn form_origin_is_checked_before_its_limited_body() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    name_categories(&app, &site).await;
    let widget = open(&app, &site, "42").await;
    let (many, long) =
        (format!("do=save{}", "&a".repeat(600)), format!("do=save&a={}", "x".repeat(64 * 1_024)));
    for body in [&many, &long] {
        assert_eq!(
            submit(&app, &widget, Some(&widget.cookie), widget_origin(), body).await.status,
            413
        );
        // A page of another origin is rejected before that.
        assert_eq!(submit(&app, &widget, Some(&widget.cookie), SHOP, body).await.status, 403);
        let mark = app
            .post(&format!("{}/marks", widget.base))
            .header("origin", widget_origin())
            .header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(mark.clone().body(body.clone()).send().await.status, 401);
        assert_eq!(
            mark.header("cookie", &widget.cookie).body(body.clone()).send().await.status,
            413
        );
        let exchange = app
            .post(&widget.base)
            .header("origin", SHOP)
            .header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(exchange.body(body.clone()).send().await.status, 413);
    }
    let json = app
        .post(&format!("{}/marks", widget.base))
        .header("origin", widget_origin())
        .header("cookie", &widget.cookie);
    let json = json
        .header("content-type", "application/json")
        .body(format!("{{\"read\":[{}]}}", " ".repeat(64 * 1_024)));
    assert!(json.send().await.status.is_client_error());
}
