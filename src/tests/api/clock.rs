//! A wrong clock for some time: no data is lost that would have been kept with a correct clock.

use crate::support::TestApp;
use belfry_domain::PausedWork;
use serde_json::json;
use std::time::Duration;

const YEAR: Duration = Duration::from_hours(365 * 24);

#[tokio::test]
async fn clock_ahead_is_not_trusted_for_an_hour() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.call(axum::http::Method::PUT, "/v1/site/settings")
        .key(&site.key)
        .json(&json!({"retentionDays": 30}))
        .send()
        .await
        .expect(200);
    let publish = async |more: serde_json::Value| {
        let mut body = json!({"audience": "everyone", "content": {"en": {"title": "Hello"}}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.post("/v1/messages").key(&site.key).json(&body).send().await.expect(201)["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let shown = publish(json!({})).await;
    let later = publish(json!({"publishAt": "2027-03-01T08:00:00Z"})).await;
    let state = async |id: &str| {
        let answer = app.get(&format!("/v1/messages/{id}")).key(&site.key).send().await;
        (answer.status.as_u16(), answer.json()["state"].clone())
    };
    app.app.sweep().await.unwrap();

    app.clock.jump(10 * YEAR);
    assert_eq!((app.app.advance().await.unwrap(), app.app.sweep().await.unwrap()), (None, 0));
    assert_eq!(app.app.clock_watch().paused_work(), Some(PausedWork::Everything));
    app.clock.jump(Duration::ZERO);
    app.app.advance().await.unwrap();
    assert_eq!(app.app.clock_watch().paused_work(), None);
    assert_eq!(
        (state(&shown).await, state(&later).await),
        ((200, json!("live")), (200, json!("scheduled")))
    );

    // A new process starts while the clock is wrong.
    app.clock.jump(10 * YEAR);
    let restarted = belfry_app::App::new(
        app.store.clone(),
        app.clock.clone(),
        std::sync::Arc::new(belfry_domain::SystemRng),
    );
    restarted.restore_time().await.unwrap();
    assert_eq!(restarted.sweep().await.unwrap(), 0);
    assert_eq!(state(&shown).await.0, 200);

    // The clock is corrected.
    app.clock.advance(Duration::from_hours(1));
    assert!(restarted.sweep().await.unwrap() > 0);
    assert_eq!(state(&shown).await.0, 404);
}

#[tokio::test]
async fn session_created_by_a_clock_ahead_ends_after_correction() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({"externalCustomerId": "42"})).await;
    app.clock.jump(YEAR);
    let token = app.token(&site, "42").await;
    let granted = app.app.exchange_token(site.site.id, &token).await.unwrap();
    let digest = granted.cookie.digest();
    assert!(app.app.authenticate_session(site.site.id, &digest).await.is_ok());
    app.clock.jump(Duration::ZERO);
    assert!(app.app.authenticate_session(site.site.id, &digest).await.is_err());
    let token = app.token(&site, "42").await;
    assert!(app.app.exchange_token(site.site.id, &token).await.is_ok());
}
