//! The lifetime of a token: one use, a short overlap, expiry.

use super::{COUNT, LIST, ReaderClient, shop};
use crate::support::{Answer, START, TestApp};
use belfry_domain::Clock as _;
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

async fn count(app: &TestApp, token: &str) -> Answer {
    app.get(COUNT).header("ES-TOKEN", token).send().await
}

#[tokio::test]
async fn each_response_has_the_next_token_even_an_error() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    for path in [COUNT, LIST] {
        script.get(path).await;
    }
    for (call, status) in [
        (app.get(&format!("{LIST}?page=x")), 400),
        (app.post(super::STATUS), 415),
        (app.delete(COUNT), 405),
    ] {
        let before = script.token.clone();
        script.send(call).await.expect_error(status);
        assert_ne!(script.token, before);
    }
    assert_eq!(script.count().await, 0);
}

#[tokio::test]
async fn replaced_token_is_rejected_and_a_new_one_works() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    let old = script.token.clone();
    script.count().await;
    script.count().await;
    app.clock.advance(Duration::from_secs(21));
    count(&app, &old).await.expect_error(401);
    // It isn't known whose copy was replayed, so the newest token is revoked as well.
    count(&app, &script.token).await.expect_error(401);
    script.token = app.token(&site, "42").await;
    assert_eq!(script.count().await, 0);
}

#[tokio::test]
async fn parallel_requests_and_two_tabs_work_for_hours() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let token = app.token(&site, "42").await;
    let answers = futures_util::future::join_all((0..8).map(|_| count(&app, &token))).await;
    let mut tabs: Vec<String> =
        answers.iter().map(|answer| answer.header("es-token").unwrap().to_owned()).collect();
    for _ in 0..20 {
        for (index, tab) in tabs.iter_mut().enumerate() {
            app.clock.advance(MINUTE);
            let answer = count(&app, tab).await;
            answer.expect(200);
            // A concurrent request with the same token.
            app.clock.advance(Duration::from_secs(index as u64));
            count(&app, tab).await.expect(200);
            answer.header("es-token").unwrap().clone_into(tab);
        }
    }
}

#[tokio::test]
async fn token_slides_for_thirty_days_at_most() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    let step = MINUTE * 14;
    // The lifetime starts with the first use.
    let end = START.plus(step).plus(MINUTE * 60 * 24 * 30);
    while app.clock.now().plus(step) < end {
        app.clock.advance(step);
        script.count().await;
    }
    app.clock.advance(step);
    count(&app, &script.token).await.expect_error(401);
}

#[tokio::test]
async fn lost_response_does_not_revoke_the_token() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    let first = script.token.clone();
    // No response arrives, for as long as the token is valid.
    for _ in 0..14 {
        count(&app, &first).await.expect(200);
        app.clock.advance(MINUTE);
    }
    script.count().await;
    let second = script.token.clone();
    script.count().await;
    app.clock.advance(MINUTE);
    // The second response was lost; the first one wasn't, since its token was used.
    count(&app, &second).await.expect(200);
    count(&app, &first).await.expect_error(401);
    count(&app, &second).await.expect_error(401);
    count(&app, &script.token).await.expect_error(401);
}

#[tokio::test]
async fn idle_token_expires_after_15_minutes() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let first = app.token(&site, "42").await;
    app.clock.advance(MINUTE * 15);
    count(&app, &first).await.expect_error(401);
    let mut script = ReaderClient::new(&app, &site, "42").await;
    script.count().await;
    app.clock.advance(Duration::from_millis(15 * 60 * 1_000 - 1));
    script.count().await;
    app.clock.advance(MINUTE * 15);
    count(&app, &script.token).await.expect_error(401);
}

#[tokio::test]
async fn token_ends_with_its_key_contact_or_widget_sign_out() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let contact = app.contact(&site, serde_json::json!({"externalCustomerId": "7"})).await;

    let mut signed_out = ReaderClient::new(&app, &site, "42").await;
    let granted = app.app.exchange_token(site.site.id, &signed_out.token).await.unwrap();
    signed_out.count().await;
    app.app.sign_out(&granted.reader).await.unwrap();
    count(&app, &signed_out.token).await.expect_error(401);

    let mut erased = ReaderClient::new(&app, &site, "7").await;
    erased.count().await;
    app.delete(&format!("/v1/contact/{contact}")).key(&site.key).send().await;
    count(&app, &erased.token).await.expect_error(401);

    let mut revoked = ReaderClient::new(&app, &site, "42").await;
    revoked.count().await;
    let key = app.app.keys(site.site.id).await.unwrap().remove(0);
    app.app.revoke_key(site.site.id, &key.id).await.unwrap();
    count(&app, &revoked.token).await.expect_error(401);
}

#[tokio::test]
async fn widget_accepts_the_token_and_replay_ends_its_session() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    let token = script.token.clone();
    let before = app.app.exchange_token(site.site.id, &token).await.unwrap();
    script.count().await;
    script.count().await;
    app.clock.advance(MINUTE);
    let after = app.app.exchange_token(site.site.id, &token).await.unwrap();
    for granted in [&before, &after] {
        app.app.authenticate_session(site.site.id, &granted.cookie.digest()).await.unwrap();
    }
    count(&app, &token).await.expect_error(401);
    for granted in [&before, &after] {
        assert!(
            app.app.authenticate_session(site.site.id, &granted.cookie.digest()).await.is_err()
        );
    }
    assert!(app.app.exchange_token(site.site.id, &token).await.is_err());
}

#[tokio::test]
async fn rejection_never_discloses_the_reason() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    let first = script.token.clone();
    script.count().await;
    script.count().await;
    let damaged = format!("{}x", script.token);
    app.clock.advance(MINUTE);
    let missing = app.get(COUNT).send().await;
    missing.expect_error(401);
    for token in [damaged.as_str(), "guess", "bft_", &first, &script.token] {
        assert_eq!(count(&app, token).await, missing, "{token}");
    }
    let twice = app.get(COUNT).header("ES-TOKEN", &first).header("ES-TOKEN", &first).send().await;
    assert_eq!(twice, missing);
    assert_eq!(app.get(COUNT).key(&site.key).send().await, missing);
}

#[tokio::test]
async fn damaged_token_revokes_nothing() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    script.count().await;
    let token = script.token.clone();
    for damaged in [
        &token[..token.len() - 1],
        &token.to_lowercase(),
        &format!("{token}0"),
        &token.replace("bft_", "bfs_"),
    ] {
        count(&app, damaged).await.expect_error(401);
    }
    script.count().await;
}
