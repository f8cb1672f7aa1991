//! A clock that is wrong by hours, ahead or behind, and then corrected: nothing is lost or shown
//! twice, and signed-in readers can sign in again.

use crate::support::{TestApp, TestSite};
use belfry::{
    app::{IssuedSession, Reader},
    domain::{MessageId, ReaderAction, ReaderFilter, ReaderPageRequest},
};
use serde_json::{Value, json};
use std::time::Duration;

const CLOCK_ERROR: Duration = Duration::from_hours(5);

/// A site with a reader who has a session, an unused token, and messages.
struct ClockFixture {
    app: TestApp,
    site: TestSite,
    granted: IssuedSession,
    token: String,
    read: MessageId,
    unread: MessageId,
}

impl ClockFixture {
    async fn open() -> Self {
        let app = TestApp::new().await;
        let site = app.create_site().await;
        app.call(axum::http::Method::PUT, "/v1/site/settings")
            .key(&site.key)
            .json(&json!({"retentionDays": 30}))
            .send()
            .await
            .expect(200);
        app.contact(&site, json!({"externalCustomerId": "42"})).await;
        let token = app.token(&site, "42").await;
        let granted = app.inbox.exchange_token(site.site.id, &token).await.unwrap();
        let token = app.token(&site, "42").await;
        let (read, unread) = (MessageId::from_bytes([0; 16]), MessageId::from_bytes([0; 16]));
        let mut shop = Self { app, site, granted, token, read, unread };
        (shop.read, shop.unread) =
            (shop.publish("read", json!({})).await, shop.publish("unread", json!({})).await);
        shop.app.inbox.mark(shop.reader(), &ReaderAction::Read(vec![shop.read])).await.unwrap();
        shop.work().await;
        shop
    }

    fn reader(&self) -> &Reader {
        &self.granted.reader
    }

    async fn publish(&self, title: &str, more: Value) -> MessageId {
        let mut body = json!({"audience": {"contact": {"externalCustomerId": "42"}}, "content": {"en": {"title": title}}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let call = self
            .app
            .post("/v1/messages")
            .key(&self.site.key)
            .header("idempotency-key", title)
            .json(&body);
        call.send().await.expect(201)["id"].as_str().unwrap().parse().unwrap()
    }

    /// Runs the background jobs.
    async fn work(&self) {
        self.app.inbox.advance().await.unwrap();
        self.app.inbox.sweep().await.unwrap();
    }

    /// The reader's list, newest first, after a check of the counts.
    async fn list(&self) -> Vec<MessageId> {
        let page = self.app.inbox.page(self.reader(), ReaderPageRequest::first()).await.unwrap();
        let unread = self
            .app
            .inbox
            .page(
                self.reader(),
                ReaderPageRequest { filter: ReaderFilter::Unread, ..ReaderPageRequest::first() },
            )
            .await
            .unwrap();
        let shown = page.items.iter().filter(|item| !item.read).count();
        assert_eq!(
            (usize::try_from(page.tally.unread).unwrap(), unread.items.len()),
            (shown, shown)
        );
        page.items.iter().map(|item| item.message.id).collect()
    }

    async fn is_signed_in(&self) -> bool {
        self.app
            .inbox
            .authenticate_session(self.site.site.id, &self.granted.cookie.digest())
            .await
            .is_ok()
    }

    async fn can_sign_in(&self) -> bool {
        let token = self.app.token(&self.site, "42").await;
        self.app.inbox.exchange_token(self.site.site.id, &token).await.is_ok()
    }

    /// Advances the clock, with background jobs every ten minutes.
    async fn pass(&self, time: Duration) {
        for _ in 0..time.as_secs() / 600 {
            self.app.clock.advance(Duration::from_mins(10));
            self.work().await;
        }
    }
}

#[tokio::test]
async fn clock_hours_ahead_loses_and_doubles_nothing() {
    let shop = ClockFixture::open().await;
    let later = shop.publish("later", json!({"publishAt": "2026-12-01T11:00:00Z"})).await;
    shop.app.clock.jump(CLOCK_ERROR);
    shop.work().await;
    assert!(shop.is_signed_in().await && shop.can_sign_in().await);
    let meanwhile = shop.publish("meanwhile", json!({})).await;
    // By the wrong clock, its time had come.
    assert_eq!(shop.list().await, [meanwhile, later, shop.unread, shop.read]);
    shop.app.inbox.mark(shop.reader(), &ReaderAction::Read(vec![meanwhile])).await.unwrap();

    shop.app.clock.jump(Duration::ZERO);
    shop.work().await;
    let (afterwards, again) =
        (shop.publish("afterwards", json!({})).await, shop.publish("unread", json!({})).await);
    assert_eq!(again, shop.unread);
    assert_eq!(shop.list().await, [afterwards, meanwhile, later, shop.unread, shop.read]);
    assert!(shop.is_signed_in().await && shop.can_sign_in().await);
    // What expired only by the wrong clock was not deleted.
    assert!(shop.app.inbox.exchange_token(shop.site.site.id, &shop.token).await.is_ok());

    shop.pass(CLOCK_ERROR).await;
    assert_eq!(shop.list().await, [afterwards, meanwhile, later, shop.unread, shop.read]);
    assert_eq!(shop.app.inbox.tally(shop.reader()).await.unwrap().unread, 3);
}

#[tokio::test]
async fn clock_hours_behind_loses_and_doubles_nothing() {
    let shop = ClockFixture::open().await;
    let (later, over) = (
        shop.publish("later", json!({"publishAt": "2026-12-01T09:00:00Z"})).await,
        shop.publish("over", json!({"expiresAt": "2026-12-01T10:00:00Z"})).await,
    );
    shop.app.clock.jump_back(CLOCK_ERROR);
    shop.work().await;
    // A session beyond the maximum lifetime is rejected, so the reader signs in again.
    assert!(!shop.is_signed_in().await && shop.can_sign_in().await);
    let meanwhile = shop.publish("meanwhile", json!({})).await;
    assert_eq!(shop.list().await, [meanwhile, over, shop.unread, shop.read], "the newest is above");
    shop.app.inbox.mark(shop.reader(), &ReaderAction::AllRead(None)).await.unwrap();
    assert_eq!(shop.publish("unread", json!({})).await, shop.unread);

    shop.app.clock.jump(Duration::ZERO);
    shop.work().await;
    assert!(shop.is_signed_in().await && shop.can_sign_in().await);
    let afterwards = shop.publish("afterwards", json!({})).await;
    assert_eq!(shop.list().await, [afterwards, meanwhile, over, shop.unread, shop.read]);
    assert_eq!(shop.app.inbox.tally(shop.reader()).await.unwrap().unread, 1);

    shop.pass(CLOCK_ERROR).await;
    assert_eq!(shop.list().await, [later, afterwards, meanwhile, shop.unread, shop.read]);
    assert_eq!(shop.app.inbox.tally(shop.reader()).await.unwrap().unread, 2);
}
