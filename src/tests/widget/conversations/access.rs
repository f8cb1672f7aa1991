//! Who may use the tab "Messages": its reader, from the same origin, with limits.

use super::{
    super::{SHOP, open, widget_origin},
    by_form, office, submit, switch, unread, write,
};
use crate::{channels::application::ApplicationFixture, support::TestApp};
use belfry_app::rate_limit::RateLimit;
use belfry_widget::Limits;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn tab_needs_its_reader_and_same_origin() {
    let app = TestApp::new().await;
    let fixture = office(&app).await;
    let widget = open(&app, &fixture.site, "42").await;
    let number = write(&app, &widget, "mine+alone").await;
    let cookie = Some(widget.cookie.as_str());
    let bearer = format!("bearer={}", widget.bearer);
    let send = "do=send&content=hi";
    assert_eq!(submit(&app, &widget, cookie, SHOP, send).await.status, 403);
    assert_eq!(submit(&app, &widget, None, SHOP, &format!("{send}&{bearer}")).await.status, 403);
    assert_eq!(submit(&app, &widget, None, widget_origin(), send).await.status, 401);
    assert_eq!(
        submit(&app, &widget, cookie, widget_origin(), &format!("{send}&reader=another"))
            .await
            .status,
        409
    );
    assert_eq!(app.get(&format!("{}/conversations", widget.base)).send().await.status, 401);
    assert_eq!(widget.get(&app, "/conversations?reader=another").await.status, 409);
    for odd in [
        "content=hi",
        "do=read",
        "do=send&content=",
        "do=send&content=+%0A+",
        "do=show&conversation=x",
        "do=show&conversation=0",
        "do=show&of=x",
        "do=show&show=all",
        "do=show&conversation=1&before=x",
    ] {
        assert_eq!(by_form(&app, &widget, odd).await.status, 400, "{odd}");
    }
    assert_eq!(
        by_form(&app, &widget, &format!("do=send&content={}", "a".repeat(5_001))).await.status,
        400
    );
    assert_eq!(
        by_form(&app, &widget, &format!("do=send&content={}", "%F0%9F%98%80".repeat(5_000)))
            .await
            .status,
        303
    );
    assert_eq!(
        by_form(&app, &widget, &format!("do=send&content={}", "a".repeat(70_000))).await.status,
        413
    );
    // Without cookies, forms carry the bearer token, and the next page's forms do too.
    let page = submit(
        &app,
        &widget,
        None,
        widget_origin(),
        &format!("do=show&conversation={number}&{bearer}"),
    )
    .await;
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("mine alone")
            && page.text().contains(&format!("value=\"{}\"", widget.bearer))
    );
    assert_eq!(
        submit(
            &app,
            &widget,
            None,
            widget_origin(),
            &format!("do=send&conversation={number}&content=more&{bearer}")
        )
        .await
        .status,
        200
    );

    // Another reader of the site with a conversation, and a reader of another site: existing
    // conversations are answered like unknown ones.
    let other_site = ApplicationFixture::new(&app).await;
    switch(&other_site, Some(other_site.inbox_id())).await;
    let (neighbour, stranger) =
        (open(&app, &fixture.site, "43").await, open(&app, &other_site.site, "42").await);
    write(&app, &neighbour, "theirs").await;
    for reader in [&neighbour, &stranger] {
        for form in [
            format!("do=show&part=1&conversation={number}"),
            format!("do=send&part=1&content=hi&conversation={number}"),
        ] {
            let nobodys = form.replace(&format!("conversation={number}"), "conversation=9");
            let (theirs, nobodys) =
                (by_form(&app, reader, &form).await, by_form(&app, reader, &nobodys).await);
            assert_eq!((theirs.status.as_u16(), nobodys.status.as_u16()), (404, 404), "{form}");
            assert_eq!(theirs.text().len(), nobodys.text().len());
        }
        let list = by_form(&app, reader, "do=show&show=list&part=1").await;
        assert!(list.status == 200 && !list.text().contains("mine alone"), "{}", list.text());
    }
}

/// A session with an unverified identity discloses nothing, and its messages don't count as unread.
#[tokio::test]
async fn unverified_conversations_are_hidden() {
    let app = TestApp::new().await;
    let fixture = office(&app).await;
    let widget = open(&app, &fixture.site, "42").await;
    let inbox = fixture.inbox.inbox.identifier.as_str().to_owned();
    let path = format!("/public/api/v1/inboxes/{inbox}/contacts");
    let claimed = app.post(&path).json(&json!({"identifier": "42"})).send().await.expect(200);
    let source = claimed["source_id"].as_str().unwrap();
    let begun = app
        .post(&format!("{path}/{source}/conversations"))
        .json(&json!({}))
        .send()
        .await
        .expect(200);
    let number = begun["id"].as_i64().unwrap();
    fixture.message(number, json!({"content": "for the claimed 42"})).await;
    assert_eq!(unread(&app, &widget).await, 0);
    assert_eq!(
        by_form(&app, &widget, &format!("do=show&part=1&conversation={number}")).await.status,
        404
    );
    assert_ne!(write(&app, &widget, "hello").await, number);
    assert_eq!(
        by_form(&app, &widget, &format!("do=show&part=1&conversation={number}")).await.status,
        404
    );
}

#[tokio::test]
async fn conversations_are_limited_per_reader() {
    let limits =
        Limits { conversations: RateLimit::new(2, Duration::from_hours(1)), ..Limits::unlimited() };
    let app = TestApp::with_reader_limits(limits).await;
    let fixture = office(&app).await;
    let widget = open(&app, &fixture.site, "42").await;
    let number = write(&app, &widget, "One").await;
    write(&app, &widget, "Two").await;
    let refused = by_form(&app, &widget, "do=send&content=Three").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(
        by_form(&app, &widget, &format!("do=send&conversation={number}&content=More")).await.status,
        303
    );
    write(&app, &open(&app, &fixture.site, "43").await, "Others+may").await;
}
