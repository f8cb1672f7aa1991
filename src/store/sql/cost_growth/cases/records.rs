//! Cases: audit log, idempotent requests, pictures and install events.

use super::super::scenario::{Scenario, expect};
use crate::{
    AttemptLimit, SharedValue, SharedValueKind,
    contract::test_store::{NOW, after},
};
use belfry_domain::{
    Actor, AuditEntry, Digest, IdempotencyReservation, IdempotentRequest, ImageFormat,
    InstallEvent, InstallIssue, InstallStep, ServerRun, StoredBody, StoredImage, StoredResponse,
};
use std::time::Duration;

fn attempt(key: &str) -> IdempotentRequest {
    IdempotentRequest { key: key.to_owned(), fingerprint: Digest::of(key) }
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

    let run = ServerRun([1; 16]);
    let (whole, failed) = (attempt("whole"), attempt("failed"));
    expect(
        s.measure("begin", store.begin(s.site, &whole, run, false, NOW)).await,
        IdempotencyReservation::New,
    );
    store.begin(s.site, &failed, run, false, NOW).await.unwrap();
    let answer =
        StoredResponse { status: 201, content_type: None, body: StoredBody::Full(vec![1]) };
    s.measure("finish", store.finish(s.site, &whole, run, Some(&answer))).await;
    s.measure("finish: failed", store.finish(s.site, &failed, run, None)).await;
    expect(
        s.measure("begin: repeated", store.begin(s.site, &whole, run, false, after(1))).await,
        IdempotencyReservation::Completed(answer),
    );

    let picture = StoredImage {
        site: s.site,
        name: "new.gif".to_owned(),
        kind: ImageFormat::Gif,
        body: vec![1],
        created_at: NOW,
    };
    expect(s.measure("store_picture", store.store_picture(&picture, 10_000)).await, true);
    expect(s.measure("store_picture: kept", store.store_picture(&picture, 10_000)).await, true);
    expect(s.measure("picture", store.picture(s.site, "new.gif")).await.is_some(), true);

    let install_event = |host: &str, issue| InstallEvent {
        step: InstallStep::Widget,
        origin: Some(host.parse().unwrap()),
        issue,
        at: NOW,
    };
    s.measure(
        "record_install_event",
        store.record_install_event(s.site, &install_event("https://shop.example", None)),
    )
    .await;
    s.measure(
        "record_install_event: install issue",
        store.record_install_event(
            s.site,
            &install_event("https://evil.example", Some(InstallIssue::Origin)),
        ),
    )
    .await;
    expect(s.measure("install_events", store.install_events(s.site)).await.len(), 22);
    expect(s.measure("onboarding", store.onboarding(s.site)).await.read, true);
    shared_state(s).await;
}

async fn shared_state(s: &Scenario) {
    let (store, kind) = (&s.world.store, SharedValueKind::StreamTicket);
    let (site, digest) = (s.site, Digest::of("ticket"));
    let ticket = SharedValue { site, kind, digest, bytes: vec![1], expires_at: after(30) };
    s.measure("put_shared", store.put_shared(&ticket)).await;
    let found = s.measure("shared", store.shared(site, kind, &digest, NOW, None)).await;
    expect(found, Some(vec![1]));
    let extended = store.shared(site, kind, &digest, NOW, Some(after(60)));
    expect(s.measure("shared: extended", extended).await, Some(vec![1]));
    let taken = s.measure("take_shared", store.take_shared(site, kind, &digest, NOW)).await;
    expect(taken, Some(vec![1]));
    let limit = AttemptLimit { burst: 1, interval: Duration::from_mins(1) };
    for (name, admitted) in [("count_attempt", true), ("count_attempt: beyond", false)] {
        let wait = s.measure(name, store.count_attempt(&digest, limit, NOW)).await;
        expect(wait.is_none(), admitted);
    }
}
