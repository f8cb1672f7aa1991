//! `contact/{id}/mutes`: muted categories, and their effect on the contact's lists.

use crate::{
    support::{Answer, TestApp, TestSite},
    widget::open,
};
use axum::http::Method;
use serde_json::{Value, json};

/// Configures `news` and `offers` as mutable, and `orders` as not.
pub async fn name_categories(app: &TestApp, site: &TestSite) {
    let category = |name: &str, label: &str, mutable| json!({"name": name, "labels": {"en": label, "uk": format!("{label} (uk)")}, "mutable": mutable});
    let categories = [
        category("news", "News & more", true),
        category("offers", "Offers", true),
        category("orders", "Orders", false),
    ];
    app.put("/v1/site/settings")
        .key(&site.key)
        .json(&json!({"categories": categories}))
        .send()
        .await
        .expect(200);
}

/// Publishes a message of a category to everyone.
pub async fn publish_of(app: &TestApp, site: &TestSite, category: &str, title: &str) -> String {
    let body =
        json!({"audience": "everyone", "category": category, "content": {"en": {"title": title}}});
    app.post("/v1/messages").key(&site.key).json(&body).send().await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Replaces a contact's muted categories.
pub async fn put(
    app: &TestApp,
    site: &TestSite,
    contact: impl std::fmt::Display,
    body: Value,
) -> Answer {
    app.call(Method::PUT, &format!("/v1/contact/{contact}/mutes"))
        .key(&site.key)
        .json(&body)
        .send()
        .await
}

#[tokio::test]
async fn muted_categories_are_replaced_as_a_whole() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    name_categories(&app, &site).await;
    let contact = app.contact(&site, json!({"externalCustomerId": "42"})).await;
    let get = async || {
        app.get(&format!("/v1/contact/{contact}/mutes")).key(&site.key).send().await.expect(200)
    };
    assert_eq!(get().await, json!({"muted": []}));
    publish_of(&app, &site, "news", "News").await;
    publish_of(&app, &site, "orders", "Order").await;
    let widget = open(&app, &site, "42").await;
    let unread = async || widget.get(&app, "/counts").await.expect(200)["unread"].clone();
    assert_eq!(unread().await, 2);
    assert_eq!(
        put(&app, &site, contact, json!({"muted": ["offers", "news"]})).await.expect(200),
        json!({"muted": ["news", "offers"]})
    );
    assert_eq!(get().await, json!({"muted": ["news", "offers"]}));
    assert_eq!(unread().await, 1);
    assert_eq!(
        put(&app, &site, contact, json!({"muted": []})).await.expect(200),
        json!({"muted": []})
    );
    assert_eq!(unread().await, 2);
}

#[tokio::test]
async fn unmutable_category_is_rejected_by_index() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    name_categories(&app, &site).await;
    let contact = app.contact(&site, json!({"externalCustomerId": "42"})).await;
    for (body, field) in [
        (json!({"muted": ["news", "orders"]}), "muted[1]"),
        (json!({"muted": ["unknown"]}), "muted[0]"),
        (json!({"muted": "news"}), "muted"),
        (json!({"muted": [7]}), "muted[0]"),
        (json!({}), "muted"),
        (json!({"muted": [], "other": 1}), "other"),
    ] {
        assert_eq!(put(&app, &site, contact, body).await.expect_error(400), field);
    }
    put(&app, &site, 987_654_321, json!({"muted": ["news"]})).await.expect_error(404);
    app.get("/v1/contact/987654321/mutes").key(&site.key).send().await.expect_error(404);
    assert_eq!(
        app.get(&format!("/v1/contact/{contact}/mutes")).key(&site.key).send().await.expect(200),
        json!({"muted": []})
    );
}
