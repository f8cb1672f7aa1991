//! Edits based on a stale revision are rejected.

use super::{
    segments::{has_plan, segment_draft},
    test_store::{NOW, TestStore, after},
};
use crate::StoreError;
use belfry_domain::{Endpoint, EndpointChange, EventType, MessageEdit};

pub async fn stale_segment_edit_is_rejected(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let shown = world
        .store
        .add_segment(site, &segment_draft(Some("pro"), has_plan("pro"), Vec::new()), NOW)
        .await
        .unwrap();
    let change = async |of: &str, former: &str| {
        world
            .store
            .update_segment(
                site,
                shown.id,
                &segment_draft(Some("pro"), has_plan(of), Vec::new()),
                Some(former),
                after(1),
            )
            .await
    };
    let changed = change("free", &shown.revision()).await.unwrap().unwrap();
    let refused = change("gold", &shown.revision()).await;
    assert!(matches!(refused, Err(StoreError::Changed)), "{refused:?}");
    assert_eq!(world.store.segment(site, shown.id).await.unwrap(), Some(changed.clone()));
    change("gold", &changed.revision()).await.unwrap().unwrap();
}

pub async fn stale_endpoint_edit_is_rejected(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let id = super::webhooks::endpoint(world, site, &EventType::EACH).await;
    let webhook = world.store.webhook(site, id).await.unwrap().unwrap();
    let change = async |text: &str, former: &Endpoint| {
        let change = EndpointChange {
            description: Some(text.to_owned()),
            expected_revision: Some(former.revision()),
            ..EndpointChange::default()
        };
        world.store.update_webhook(site, webhook.id, &change).await
    };
    let changed = change("one", &webhook).await.unwrap().unwrap();
    let refused = change("other", &webhook).await;
    assert!(matches!(refused, Err(StoreError::Changed)), "{refused:?}");
    assert_eq!(world.store.webhook(site, webhook.id).await.unwrap(), Some(changed.clone()));
    // The state of deliveries is not part of the revision.
    world.contact(site, "42").await;
    assert_eq!(change("other", &changed).await.unwrap().unwrap().pending, 1);
}

pub async fn stale_message_edit_is_rejected(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let message = world.publish(site, None).await;
    let shown = async || world.store.message(site, message).await.unwrap().unwrap();
    let change = async |category: &str, former: &str| {
        let edit =
            MessageEdit { category: Some(Some(category.to_owned())), ..MessageEdit::default() };
        world.store.edit_message_if_unchanged(site, message, former, &edit, after(1)).await
    };
    let former = shown().await.revision();
    let changed = change("news", &former).await.unwrap().unwrap();
    world.events.take();
    let refused = change("orders", &former).await;
    assert!(matches!(refused, Err(StoreError::Changed)), "{refused:?}");
    assert_eq!(shown().await, changed);
    assert!(world.events.take().is_empty());
    change("orders", &changed.revision()).await.unwrap().unwrap();
    let (other, _) = world.site("B").await;
    let edit = MessageEdit { pinned: Some(true), ..MessageEdit::default() };
    assert_eq!(
        world.store.edit_message_if_unchanged(other, message, &former, &edit, NOW).await.unwrap(),
        None
    );
}
