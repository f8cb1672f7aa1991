//! Cases: audit log, idempotent requests, pictures and install events.

use super::super::scenario::{Scenario, expect};
use crate::{
    domain::{
        Actor, AuditEntry, Digest, IdempotencyReservation, IdempotentRequest, ImageFormat,
        InstallEvent, InstallIssue, InstallStep, StoredBody, StoredImage, StoredResponse,
    },
    store::contract::test_store::{NOW, after},
};

fn attempt(key: &str) -> IdempotentRequest {
    IdempotentRequest { key: key.to_owned(), fingerprint: Digest::of(key), run: [1; 16] }
}

pub async fn run(s: &Scenario) {
    let store = &s.world.store;
    let entry = |site| AuditEntry {
        site,
        actor: Actor::System,
        action: "thing.done".to_owned(),
        subject: "1".to_owned(),
        detail: None,
        at: NOW,
    };
    s.measure("record", store.record(&entry(Some(s.site)))).await;
    store.record(&entry(None)).await.unwrap();
    expect(s.measure("audit", store.audit(Some(s.site), None, 5)).await.len(), 5);
    expect(s.measure("audit: of no site", store.audit(None, None, 5)).await.len(), 5);
    let older = store.audit(Some(s.site), None, 5).await.unwrap()[4].number;
    expect(s.measure("audit: older", store.audit(Some(s.site), Some(older), 5)).await.len(), 5);

    let (whole, failed) = (attempt("whole"), attempt("failed"));
    expect(
        s.measure("begin", store.begin(s.site, &whole, false, NOW)).await,
        IdempotencyReservation::New,
    );
    store.begin(s.site, &failed, false, NOW).await.unwrap();
    let answer =
        StoredResponse { status: 201, content_type: None, says: StoredBody::Whole(vec![1]) };
    s.measure("finish", store.finish(s.site, &whole, Some(&answer))).await;
    s.measure("finish: failed", store.finish(s.site, &failed, None)).await;
    expect(
        s.measure("begin: repeated", store.begin(s.site, &whole, false, after(1))).await,
        IdempotencyReservation::Answered(answer),
    );

    let picture = StoredImage {
        site: s.site,
        name: "new.gif".to_owned(),
        kind: ImageFormat::Gif,
        body: vec![1],
        created_at: NOW,
    };
    expect(s.measure("keep_picture", store.keep_picture(&picture, 10_000)).await, true);
    expect(s.measure("keep_picture: kept", store.keep_picture(&picture, 10_000)).await, true);
    expect(s.measure("picture", store.picture(s.site, "new.gif")).await.is_some(), true);

    let sighting = |host: &str, obstacle| InstallEvent {
        seen: InstallStep::Widget,
        origin: Some(host.parse().unwrap()),
        obstacle,
        at: NOW,
    };
    s.measure("sight", store.sight(s.site, &sighting("https://shop.example", None))).await;
    s.measure(
        "sight: install issue",
        store.sight(s.site, &sighting("https://evil.example", Some(InstallIssue::Origin))),
    )
    .await;
    expect(s.measure("sightings", store.sightings(s.site)).await.len(), 22);
    expect(s.measure("onboarding", store.onboarding(s.site)).await.read, true);
}
