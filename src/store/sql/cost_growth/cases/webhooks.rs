//! Cases: endpoints and single deliveries. Background work on deliveries is in `jobs`.

use super::super::scenario::{Scenario, days, expect};
use crate::contract::test_store::{NOW, after};
use belfry_domain::{
    DeliveryState, Endpoint, EndpointAuth, EndpointChange, EndpointId, EndpointKind, EventType,
    SigningSecret,
};

pub async fn run(s: &Scenario) {
    let store = &s.world.store;
    let id = EndpointId::from_bytes([0xee; 16]);
    let endpoint = Endpoint {
        site: s.site,
        id,
        kind: EndpointKind::Standard,
        url: "https://new.example/".to_owned(),
        description: String::new(),
        events: vec![EventType::MessageRead],
        enabled: true,
        reason: None,
        username: None,
        created_at: NOW,
        failing_since: None,
        pending: 0,
    };
    let secret = || SigningSecret::generate(&s.world.rng);
    expect(
        s.measure(
            "add_webhook",
            store
                .add_webhook(&endpoint, &EndpointAuth::Signed { secret: secret(), previous: None }),
        )
        .await,
        true,
    );
    expect(s.measure("webhooks", store.webhooks(s.site)).await.len(), 4);
    expect(s.measure("webhook", store.webhook(s.site, id)).await.is_some(), true);
    let change =
        EndpointChange { description: Some("changed".to_owned()), ..EndpointChange::default() };
    expect(
        s.measure("update_webhook", store.update_webhook(s.site, id, &change)).await.is_some(),
        true,
    );
    expect(
        s.measure(
            "rotate_webhook_secret",
            store.rotate_webhook_secret(s.site, id, &secret(), days(1)),
        )
        .await,
        true,
    );
    let test = s.measure("test_webhook", store.test_webhook(s.site, id, NOW)).await.unwrap();
    s.measure("wait_for_delivery", async {
        store.wait_for_delivery().await;
        Ok(())
    })
    .await;
    expect(s.measure("delete_webhook", store.delete_webhook(s.site, id)).await, true);
    expect(store.delivery(s.site, id, test.number).await.unwrap(), None);
    deliveries(s).await;
}

/// For an endpoint whose deliveries of each state grow with the database.
async fn deliveries(s: &Scenario) {
    let store = &s.world.store;
    let mut bytes = [0; 16];
    bytes[15] = 3;
    let busy = EndpointId::from_bytes(bytes);
    let listed =
        s.measure("deliveries", store.deliveries(s.site, busy, None, None, 3)).await.unwrap();
    expect(listed.len(), 3);
    s.measure("deliveries: older", store.deliveries(s.site, busy, None, Some(listed[2].number), 3))
        .await;
    for (name, state) in [
        ("pending", DeliveryState::Pending),
        ("done", DeliveryState::Delivered),
        ("dead", DeliveryState::Failed),
    ] {
        let listed = s
            .measure(
                &format!("deliveries: {name}"),
                store.deliveries(s.site, busy, Some(state), None, 3),
            )
            .await;
        expect(listed.map(|listed| listed.len()), Some(3));
    }
    let done = store
        .deliveries(s.site, busy, Some(DeliveryState::Delivered), None, 1)
        .await
        .unwrap()
        .unwrap()[0]
        .number;
    expect(s.measure("delivery", store.delivery(s.site, busy, done)).await.is_some(), true);
    expect(
        s.measure("replay_delivery", store.replay_delivery(s.site, busy, done, after(1)))
            .await
            .is_some(),
        true,
    );
    // Three are newer than the others.
    let dead = store
        .deliveries(s.site, busy, Some(DeliveryState::Failed), None, 3)
        .await
        .unwrap()
        .unwrap();
    let numbers =
        dead.iter().map(|delivery| delivery.number.to_string()).collect::<Vec<_>>().join(",");
    s.database
        .execute(format!(
            "UPDATE webhook_delivery SET created_at = {} WHERE number IN ({numbers})",
            NOW.millis()
        ))
        .await;
    expect(
        s.measure("replay_failed", store.replay_failed(s.site, busy, NOW, after(1))).await,
        Some(3),
    );
}
