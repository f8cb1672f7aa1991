//! Webhook endpoints and the order of their deliveries.

use super::test_store::{NOW, TestStore, after};
use crate::{Concurrency, MAX_ENDPOINTS, MAX_STORED_ENDPOINTS};
use belfry_domain::{
    DeliveryAttempt, DeliveryOutcome, DeliveryState, DueDelivery, Endpoint, EndpointAuth,
    EndpointChange, EndpointId, EndpointKind, EventType, RetryDecision, SigningSecret, SiteId,
    Timestamp, WebhookPayload,
};

const CONCURRENCY: Concurrency = Concurrency { total: 100, endpoint: 3, site: 5, after: 0 };
const DAY: u64 = 24 * 3_600;

pub(super) async fn endpoint(world: &TestStore, site: SiteId, events: &[EventType]) -> EndpointId {
    endpoint_of(world, site, EndpointKind::Standard, events).await
}

pub(super) async fn endpoint_of(
    world: &TestStore,
    site: SiteId,
    kind: EndpointKind,
    events: &[EventType],
) -> EndpointId {
    let mut bytes = [0; 16];
    belfry_domain::Rng::fill(&world.rng, &mut bytes);
    let endpoint = Endpoint {
        site,
        id: EndpointId::from_bytes(bytes),
        kind,
        url: "https://a.example/".to_owned(),
        description: String::new(),
        events: events.to_vec(),
        enabled: true,
        reason: None,
        username: None,
        created_at: NOW,
        failing_since: None,
        pending: 0,
    };
    let auth = match kind {
        EndpointKind::Standard | EndpointKind::Callback | EndpointKind::Account => {
            EndpointAuth::Signed { secret: SigningSecret::generate(&world.rng), previous: None }
        }
        EndpointKind::Message => EndpointAuth::None,
    };
    assert!(world.store.add_webhook(&endpoint, &auth).await.unwrap());
    assert_eq!(world.store.webhook(site, endpoint.id).await.unwrap(), Some(endpoint.clone()));
    endpoint.id
}

pub(super) async fn due(
    world: &TestStore,
    now: Timestamp,
    under_way: &[(i64, i64)],
) -> Vec<DueDelivery> {
    world.store.due_deliveries(now, under_way, CONCURRENCY).await.unwrap().deliveries
}

async fn states(
    world: &TestStore,
    site: SiteId,
    endpoint: EndpointId,
) -> Vec<(i64, DeliveryState)> {
    let all = world.store.deliveries(site, endpoint, None, None, 100).await.unwrap().unwrap();
    all.into_iter().rev().map(|delivery| (delivery.number, delivery.state)).collect()
}

fn outcome(number: i64, at: Timestamp, decision: RetryDecision) -> DeliveryOutcome {
    DeliveryOutcome {
        number,
        at,
        attempt: DeliveryAttempt { status: Some(200), ..DeliveryAttempt::default() },
        decision,
    }
}

pub async fn events_are_queued_only_for_subscribers(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    let listening = endpoint(world, site, &[EventType::ContactCreated]).await;
    let deaf = endpoint(world, site, &[EventType::MessageRead]).await;
    let foreign = endpoint(world, other, &EventType::EACH).await;
    let disabled = endpoint(world, site, &[EventType::ContactCreated]).await;
    let disable = EndpointChange { enabled: Some(false), ..EndpointChange::default() };
    world.store.update_webhook(site, disabled, &disable).await.unwrap().unwrap();
    world.contact(site, "42").await;
    // A failed write queues nothing.
    let clash = super::test_store::contact_draft(Some("43"), Some("a@b.example"), None);
    world.store.upsert_contact(site, &clash, NOW).await.unwrap();
    world
        .store
        .upsert_contact(
            site,
            &super::test_store::contact_draft(Some("44"), Some("a@b.example"), None),
            NOW,
        )
        .await
        .unwrap_err();
    assert_eq!(states(world, site, listening).await.len(), 2);
    for (site, endpoint) in [(site, deaf), (other, foreign), (site, disabled)] {
        assert_eq!(states(world, site, endpoint).await, []);
    }
    assert_eq!(world.store.webhook(site, listening).await.unwrap().unwrap().pending, 2);
}

fn rendered_body(due: &DueDelivery) -> &str {
    match &due.payload {
        WebhookPayload::Raw(body) => body,
        WebhookPayload::Message(_) | WebhookPayload::Conversation(_) => {
            panic!("events are encoded when they are queued")
        }
    }
}

pub async fn one_delivery_per_contact_is_due(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let first =
        endpoint(world, site, &[EventType::ContactCreated, EventType::ContactDeleted]).await;
    let contact = world.contact(site, "42").await;
    world.store.delete_contact(site, contact, NOW).await.unwrap();
    let [created] = &due(world, NOW, &[]).await[..] else { panic!("one is due") };
    assert!(rendered_body(created).contains("contact.created"));
    assert!(due(world, NOW, &[(created.endpoint, created.number)]).await.is_empty());
    world
        .store
        .finish_deliveries(&[outcome(created.number, NOW, RetryDecision::RetryAt(after(5)))])
        .await
        .unwrap();
    assert!(due(world, NOW, &[]).await.is_empty());
    assert_eq!(
        world.store.due_deliveries(NOW, &[], CONCURRENCY).await.unwrap().next,
        Some(after(5))
    );
    world
        .store
        .finish_deliveries(&[outcome(created.number, after(5), RetryDecision::GiveUp)])
        .await
        .unwrap();
    let [deleted] = &due(world, after(5), &[]).await[..] else { panic!("the next one is due") };
    assert!(rendered_body(deleted).contains("contact.deleted"));
    // A replayed delivery comes before the later ones, and again one at a time.
    assert_eq!(world.store.replay_failed(site, first, NOW, after(6)).await.unwrap(), Some(1));
    assert_eq!(due(world, after(6), &[]).await.len(), 1);
    world
        .store
        .finish_deliveries(&[outcome(deleted.number, after(6), RetryDecision::Delivered)])
        .await
        .unwrap();
    assert_eq!(
        due(world, after(6), &[]).await.into_iter().map(|due| due.number).collect::<Vec<_>>(),
        [created.number]
    );
    world
        .store
        .finish_deliveries(&[outcome(created.number, after(6), RetryDecision::Delivered)])
        .await
        .unwrap();
    assert_eq!(world.store.webhook(site, first).await.unwrap().unwrap().pending, 0);
    // Three at one endpoint, five of a site.
    endpoint(world, site, &[EventType::ContactCreated]).await;
    for number in 0..9 {
        world.contact(site, &number.to_string()).await;
    }
    let mut shares = [0, 0];
    let taken = due(world, NOW, &[]).await;
    for delivery in &taken {
        shares[usize::from(delivery.endpoint != taken[0].endpoint)] += 1;
    }
    assert_eq!(shares, [3, 2]);
}

pub async fn old_deliveries_are_swept(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let id = endpoint(world, site, &[EventType::ContactCreated]).await;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        numbers.push(world.store.test_webhook(site, id, NOW).await.unwrap().unwrap().number);
    }
    let outcomes = [
        outcome(numbers[0], NOW, RetryDecision::Delivered),
        outcome(numbers[1], NOW, RetryDecision::GiveUp),
    ];
    world.store.finish_deliveries(&outcomes).await.unwrap();
    assert_eq!(world.store.sweep_deliveries(after(3 * DAY)).await.unwrap(), 0);
    // The delivered one is deleted; the pending one is given up.
    assert_eq!(world.store.sweep_deliveries(after(3 * DAY + 1)).await.unwrap(), 2);
    assert_eq!(
        states(world, site, id).await,
        [(numbers[1], DeliveryState::Failed), (numbers[2], DeliveryState::Failed)]
    );
    assert_eq!(world.store.sweep_deliveries(after(30 * DAY + 1)).await.unwrap(), 1);
    assert_eq!(states(world, site, id).await, [(numbers[2], DeliveryState::Failed)]);
    // A later outcome is ignored.
    world
        .store
        .finish_deliveries(&[outcome(numbers[2], after(1), RetryDecision::Delivered)])
        .await
        .unwrap();
    assert_eq!(states(world, site, id).await, [(numbers[2], DeliveryState::Failed)]);
}

pub async fn endpoints_are_scoped_to_their_site(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    let id = endpoint(world, site, &[EventType::ContactCreated]).await;
    let number = world.store.test_webhook(site, id, NOW).await.unwrap().unwrap().number;
    let before = (world.store.webhooks(site).await.unwrap(), states(world, site, id).await);
    let store = &world.store;
    assert_eq!(store.webhooks(other).await.unwrap(), []);
    assert_eq!(store.webhook(other, id).await.unwrap(), None);
    let change = EndpointChange { enabled: Some(false), ..EndpointChange::default() };
    assert_eq!(store.update_webhook(other, id, &change).await.unwrap(), None);
    assert!(!store.delete_webhook(other, id).await.unwrap());
    assert!(
        !store
            .rotate_webhook_secret(other, id, &SigningSecret::generate(&world.rng), NOW)
            .await
            .unwrap()
    );
    assert_eq!(store.test_webhook(other, id, NOW).await.unwrap(), None);
    assert_eq!(store.deliveries(other, id, None, None, 10).await.unwrap(), None);
    assert_eq!(store.delivery(other, id, number).await.unwrap(), None);
    assert_eq!(store.replay_delivery(other, id, number, NOW).await.unwrap(), None);
    assert_eq!(store.replay_failed(other, id, NOW, NOW).await.unwrap(), None);
    let twin = endpoint(world, other, &[EventType::ContactCreated]).await;
    assert_eq!(store.delivery(other, twin, number).await.unwrap(), None);
    assert_eq!(store.replay_delivery(other, twin, number, NOW).await.unwrap(), None);
    assert_eq!((store.webhooks(site).await.unwrap(), states(world, site, id).await), before);
    for _ in 1..MAX_ENDPOINTS {
        endpoint(world, site, &[EventType::ContactCreated]).await;
    }
    let one_more = Endpoint { id: EndpointId::from_bytes([9; 16]), ..before.0[0].clone() };
    assert!(!store.add_webhook(&one_more, &EndpointAuth::None).await.unwrap());
}

/// Repeated creation and deletion is bounded until the sweep, and due deliveries elsewhere are
/// found.
pub async fn deleted_endpoints_count_until_they_are_swept(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let store = &world.store;
    let kept = endpoint(world, site, &[EventType::ContactCreated]).await;
    for _ in 1..MAX_STORED_ENDPOINTS {
        let id = endpoint(world, site, &[EventType::ContactCreated]).await;
        store.test_webhook(site, id, NOW).await.unwrap().unwrap();
        assert!(store.delete_webhook(site, id).await.unwrap());
    }
    let one_more = Endpoint {
        id: EndpointId::from_bytes([9; 16]),
        ..store.webhook(site, kept).await.unwrap().unwrap()
    };
    assert!(!store.add_webhook(&one_more, &EndpointAuth::None).await.unwrap());
    store.test_webhook(site, kept, NOW).await.unwrap().unwrap();
    let room = Concurrency { total: 100, endpoint: 3, site: 100, after: 0 };
    assert_eq!(
        store.due_deliveries(NOW, &[], room).await.unwrap().deliveries.len(),
        1,
        "deleted endpoints get no deliveries"
    );
    store.sweep_deliveries(NOW).await.unwrap();
    assert!(store.add_webhook(&one_more, &EndpointAuth::None).await.unwrap());
}
