//! A clock that is wrong by hours, ahead or behind, and then corrected: nothing is lost or shown
//! twice, and signed-in readers can sign in again.

use crate::support::{TestApp, TestSite};
use belfry_app::{IssuedSession, Reader};
use belfry_domain::{MessageId, ReaderAction, ReaderFilter, ReaderPageRequest};
use serde_json::{Value, json};
use std::time::Duration;

const CLOCK_ERROR: Duration = Duration::from_hours(5);

/// A site with a reader who has a session, an unused token, and messages.
struct ClockFixture {
    app: TestApp,
    site: TestSite,
    session: IssuedSession,
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
        let session = app.app.exchange_token(site.site.id, &token).await.unwrap();
        let token = app.token(&site, "42").await;
        let (read, unread) = (MessageId::from_bytes([0; 16]), MessageId::from_bytes([0; 16]));
        let mut shop = Self { app, site, session, token, read, unread };
        (shop.read, shop.unread) =
            (shop.publish("read", json!({})).await, shop.publish("unread", json!({})).await);
        shop.app
            .app
            .apply_reader_action(shop.reader(), &ReaderAction::Read(vec![shop.read]))
            .await
            .unwrap();
        shop.run_jobs().await;
        shop
    }

    fn reader(&self) -> &Reader {
        &self.session.reader
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
    async fn run_jobs(&self) {
        self.app.app.advance().await.unwrap();
        self.app.app.sweep().await.unwrap();
    }

    /// The reader's list, newest first, after a check of the counts.
    async fn list(&self) -> Vec<MessageId> {
        let page = self.app.app.page(self.reader(), ReaderPageRequest::first()).await.unwrap();
        let unread = self
            .app
            .app
            .page(
                self.reader(),
                ReaderPageRequest { filter: ReaderFilter::Unread, ..ReaderPageRequest::first() },
            )
            .await
            .unwrap();
        let shown = page.items.iter().filter(|item| !item.is_read).count();
        assert_eq!(
            (usize::try_from(page.counts.unread).unwrap(), unread.items.len()),
            (shown, shown)
        );
        page.items.iter().map(|item| item.message.id).collect()
    }

    async fn is_signed_in(&self) -> bool {
        self.app
            .app
            .authenticate_session(self.site.site.id, &self.session.cookie.digest())
            .await
            .is_ok()
    }

    async fn can_sign_in(&self) -> bool {
        let token = self.app.token(&self.site, "42").await;
        self.app.app.exchange_token(self.site.site.id, &token).await.is_ok()
    }

    /// Advances the clock, with background jobs every ten minutes.
    async fn advance(&self, time: Duration) {
        for _ in 0..time.as_secs() / 600 {
            self.app.clock.advance(Duration::from_mins(10));
            self.run_jobs().await;
        }
    }
}

#[tokio::test]
async fn clock_hours_ahead_loses_and_doubles_nothing() {
    let fixture = ClockFixture::open().await;
    let later = fixture.publish("later", json!({"publishAt": "2026-12-01T11:00:00Z"})).await;
    fixture.app.clock.jump(CLOCK_ERROR);
    fixture.run_jobs().await;
    assert!(fixture.is_signed_in().await && fixture.can_sign_in().await);
    let meanwhile = fixture.publish("meanwhile", json!({})).await;
    // By the wrong clock, its time had come.
    assert_eq!(fixture.list().await, [meanwhile, later, fixture.unread, fixture.read]);
    fixture
        .app
        .app
        .apply_reader_action(fixture.reader(), &ReaderAction::Read(vec![meanwhile]))
        .await
        .unwrap();

    fixture.app.clock.jump(Duration::ZERO);
    fixture.run_jobs().await;
    let (afterwards, again) = (
        fixture.publish("afterwards", json!({})).await,
        fixture.publish("unread", json!({})).await,
    );
    assert_eq!(again, fixture.unread);
    assert_eq!(fixture.list().await, [afterwards, meanwhile, later, fixture.unread, fixture.read]);
    assert!(fixture.is_signed_in().await && fixture.can_sign_in().await);
    // What expired only by the wrong clock was not deleted.
    assert!(fixture.app.app.exchange_token(fixture.site.site.id, &fixture.token).await.is_ok());

    fixture.advance(CLOCK_ERROR).await;
    assert_eq!(fixture.list().await, [afterwards, meanwhile, later, fixture.unread, fixture.read]);
    assert_eq!(fixture.app.app.unread_counts(fixture.reader()).await.unwrap().unread, 3);
}

#[tokio::test]
async fn clock_hours_behind_loses_and_doubles_nothing() {
    let fixture = ClockFixture::open().await;
    let (later, over) = (
        fixture.publish("later", json!({"publishAt": "2026-12-01T09:00:00Z"})).await,
        fixture.publish("over", json!({"expiresAt": "2026-12-01T10:00:00Z"})).await,
    );
    fixture.app.clock.jump_back(CLOCK_ERROR);
    fixture.run_jobs().await;
    // A session beyond the maximum lifetime is rejected, so the reader signs in again.
    assert!(!fixture.is_signed_in().await && fixture.can_sign_in().await);
    let meanwhile = fixture.publish("meanwhile", json!({})).await;
    assert_eq!(
        fixture.list().await,
        [meanwhile, over, fixture.unread, fixture.read],
        "the newest is above"
    );
    fixture
        .app
        .app
        .apply_reader_action(fixture.reader(), &ReaderAction::AllRead(None))
        .await
        .unwrap();
    assert_eq!(fixture.publish("unread", json!({})).await, fixture.unread);

    fixture.app.clock.jump(Duration::ZERO);
    fixture.run_jobs().await;
    assert!(fixture.is_signed_in().await && fixture.can_sign_in().await);
    let afterwards = fixture.publish("afterwards", json!({})).await;
    assert_eq!(fixture.list().await, [afterwards, meanwhile, over, fixture.unread, fixture.read]);
    assert_eq!(fixture.app.app.unread_counts(fixture.reader()).await.unwrap().unread, 1);

    fixture.advance(CLOCK_ERROR).await;
    assert_eq!(fixture.list().await, [later, afterwards, meanwhile, fixture.unread, fixture.read]);
    assert_eq!(fixture.app.app.unread_counts(fixture.reader()).await.unwrap().unread, 2);
}
