//! Retention: which messages are deleted, and when.

use super::{
    reports::{DAY, listed},
    test_store::{TestStore, after},
};
use belfry_domain::{
    Category, InboxEvent, MessageQuery, Position, ReaderAction, SiteId, SiteSettings,
};
use proptest::prelude::*;
use std::{collections::BTreeSet, time::Duration};
use tokio::{runtime::Handle, task::block_in_place};

/// A site with a retention of this many days.
async fn keeping(world: &TestStore, days: u32) -> SiteId {
    let (site, _) = world.site("keeping").await;
    let settings = SiteSettings::new(Vec::new(), Some(days), Vec::<Category>::new()).unwrap();
    world.store.update_settings(site, &settings).await.unwrap();
    site
}

pub async fn retention_deletes_only_due_messages(world: &TestStore) {
    let mut runner = belfry_testing::runner(12, file!());
    let now = after(1_000 * DAY);
    // Seconds before now at which messages were published, some of them at the very limit.
    let ages = prop::collection::vec(prop_oneof![0..200 * DAY, 90 * DAY - 2..90 * DAY + 3], 1..20);
    let outcome = runner.run(&ages, |ages| {
        block_in_place(|| {
            Handle::current().block_on(async {
                let (site, keeper) = (keeping(world, 90).await, world.site("keeper").await.0);
                let reader = world.contact(site, "1").await;
                let (mut kept, mut all) = (BTreeSet::new(), Vec::new());
                for (turn, age) in ages.iter().enumerate() {
                    let mut message = world.message(
                        site,
                        if turn % 2 == 0 { None } else { Some(std::slice::from_ref(&reader)) },
                    );
                    message.publish_at = now.minus(Duration::from_secs(*age));
                    message.expires_at =
                        (turn % 3 == 0).then(|| message.publish_at.plus(Duration::from_secs(5)));
                    world.publish_at(&message, message.publish_at).await;
                    world
                        .store
                        .apply_reader_action(
                            site,
                            reader,
                            &ReaderAction::Read(vec![message.id]),
                            message.publish_at,
                        )
                        .await
                        .unwrap();
                    world
                        .store
                        .apply_reader_action(
                            site,
                            reader,
                            &ReaderAction::Delivered(Position::MAX),
                            message.publish_at,
                        )
                        .await
                        .unwrap();
                    all.push(message.id);
                    if *age <= 90 * DAY {
                        kept.insert(message.id);
                    }
                    let mut message = world.message(keeper, None);
                    message.publish_at = now.minus(Duration::from_secs(*age));
                    world.publish_at(&message, message.publish_at).await;
                }
                world.store.forget_messages(now).await.unwrap();
                assert_eq!(world.store.forget_messages(now).await.unwrap(), 0);
                let mut there = BTreeSet::new();
                for id in &all {
                    there.extend(
                        world.store.message(site, *id).await.unwrap().map(|message| message.id),
                    );
                }
                assert_eq!(there, kept);
                assert_eq!(
                    listed(world, keeper, MessageQuery::newest(100), now).await.len(),
                    ages.len()
                );
                if kept.is_empty() {
                    // The contact itself.
                    assert_eq!(world.backend.find_traces(site, reader).await, 1);
                }
            });
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

pub async fn retention_publishes_removals(world: &TestStore) {
    let site = keeping(world, 1).await;
    let reader = world.contact(site, "1").await;
    let old = world.publish(site, None).await;
    let mut new = world.message(site, Some(&[reader]));
    new.publish_at = after(DAY);
    world.publish_at(&new, after(DAY)).await;
    world.events.take();
    assert!(
        world.store.forget_messages(after(DAY)).await.unwrap() == 0
            && world.events.take().is_empty()
    );
    world.store.forget_messages(after(DAY + 1)).await.unwrap();
    match world.events.take().as_slice() {
        [InboxEvent::MessageRemoved { message, .. }] => assert_eq!(*message, old),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.list_ids(site, reader, 9, after(DAY + 1)).await, [new.id]);
}
