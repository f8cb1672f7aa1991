//! Which events are published, in which order, and for whom.

use super::{
    channel::{ConversationFixture, agent_secrets},
    test_store::{NOW, RecordingSink, TestStore, after, session, theme, versions},
};
use crate::Store;
use belfry_domain::{
    ContactId, EventSink, InboxEvent, Message, MessageEdit, ReaderAction, Site, SiteId, Version,
    channel::MembersChange,
    sdk::{SdkScope, SigningKey},
};
use futures_util::future::join_all;
use std::{
    slice::from_ref,
    sync::{Arc, OnceLock},
    time::Duration,
};

pub async fn each_verb_publishes_once(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let token = world.token(&key, reader);
    world.add_token(&token).await.unwrap();
    world.add_sessions(&[session(&token, "cookie", after(60))]).await.unwrap();
    world.store.touch_key(site, &key.id, NOW).await.unwrap();
    let settings = world.store.site(site).await.unwrap().unwrap();
    world
        .store
        .update_site(site, Box::new(move |_| Ok(Site { name: "Renamed".to_owned(), ..settings })))
        .await
        .unwrap();
    world.store.sweep(NOW).await.unwrap();
    assert!(world.events.take().is_empty());

    let message = world.publish(site, Some(&[reader])).await;
    world
        .store
        .edit_message(
            site,
            message,
            &MessageEdit { pinned: Some(true), ..MessageEdit::default() },
            NOW,
        )
        .await
        .unwrap();
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    world.store.recall_message(site, message, NOW).await.unwrap();
    world.store.revoke_family(site, token.family).await.unwrap();
    world.store.delete_contact(site, reader, NOW).await.unwrap();
    world.store.revoke_key(site, &key.id, NOW).await.unwrap();
    let events = world.events.take();
    assert!(
        matches!(
            events.as_slice(),
            [
                InboxEvent::MessagePublished { .. },
                InboxEvent::MessageEdited { .. },
                InboxEvent::ReaderActed { .. },
                InboxEvent::MessageRemoved { .. },
                InboxEvent::SessionsRevoked { .. },
                InboxEvent::SessionsRevoked { .. },
                InboxEvent::SessionsRevoked { .. }
            ]
        ),
        "{events:?}"
    );
    assert!(events.iter().all(|change| change.site() == site));
}

/// A mixed load from many concurrent tasks on two sites.
async fn mixed_load(world: &TestStore, sites: &[(SiteId, ContactId)]) {
    let work = sites
        .iter()
        .flat_map(|(site, reader)| (0..40).map(move |turn| (*site, *reader, turn)))
        .map(|(site, reader, turn)| async move {
            let message = world
                .publish(site, if turn % 2 == 0 { None } else { Some(from_ref(&reader)) })
                .await;
            match turn % 4 {
                0 => assert!(world.store.recall_message(site, message, NOW).await.unwrap()),
                1 => assert!(
                    world.act(site, reader, ReaderAction::Read(vec![message])).await.version
                        > Version::default()
                ),
                2 => assert!(
                    world
                        .store
                        .edit_message(site, message, &MessageEdit::default(), NOW)
                        .await
                        .unwrap()
                        .is_some()
                ),
                _ => assert!(
                    world.act(site, reader, ReaderAction::Seen(None)).await.version
                        > Version::default()
                ),
            }
        });
    join_all(work).await;
}

pub async fn versions_grow_in_publication_order(world: &TestStore) {
    let (one, _) = world.site("A").await;
    let (two, _) = world.site("B").await;
    let sites = [(one, world.contact(one, "1").await), (two, world.contact(two, "1").await)];
    mixed_load(world, &sites).await;
    let events = world.events.take();
    for (site, reader) in sites {
        let versions = versions(
            &events.iter().filter(|change| change.site() == site).cloned().collect::<Vec<_>>(),
        );
        assert!(versions.len() >= 70, "{}", versions.len());
        assert!(versions.is_sorted_by(|one, two| one < two), "{versions:?}");
        assert!(world.counts(site, reader).await.version <= *versions.last().unwrap());
        // A position is never lower than one published before.
        let positions: Vec<_> = events
            .iter()
            .filter_map(|change| {
                if let InboxEvent::MessagePublished { message, .. } = change {
                    Some((message.site, message.position))
                } else {
                    None
                }
            })
            .collect();
        let positions: Vec<_> = positions.into_iter().filter(|(at, _)| *at == site).collect();
        assert!(positions.is_sorted_by(|one, two| one < two), "{positions:?}");
    }
}

pub async fn counts_carry_the_version_of_the_last_change(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (one, two) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let both =
        async || (world.counts(site, one).await.version, world.counts(site, two).await.version);
    let told = || *versions(&world.events.take()).last().unwrap();

    let everyone = world.publish(site, None).await;
    let version = told();
    assert_eq!(both().await, (version, version));
    let named = world.publish(site, Some(&[one])).await;
    let own = told();
    assert!(own > version);
    assert_eq!(both().await, (own, version));
    let counts = world.act(site, two, ReaderAction::Seen(None)).await;
    assert_eq!(told(), counts.version);
    assert_eq!(both().await, (own, counts.version));
    world.store.edit_message(site, named, &MessageEdit::default(), NOW).await.unwrap();
    let edited = told();
    assert_eq!(both().await, (edited, counts.version));
    world.store.recall_message(site, everyone, NOW).await.unwrap();
    let recalled = told();
    assert_eq!(both().await, (recalled, recalled));
    assert_eq!(world.page(site, one, None, 5).await.counts.version, recalled);
}

/// At each event, reads from the store what the event reports.
#[derive(Default)]
struct ReadBackSink {
    store: OnceLock<Arc<dyn Store>>,
    events: RecordingSink,
    checks: std::sync::Mutex<Vec<tokio::task::JoinHandle<bool>>>,
}

impl EventSink for ReadBackSink {
    fn publish(&self, change: InboxEvent) {
        self.events.publish(change.clone());
        let InboxEvent::MessagePublished { message, .. } = change else { return };
        let store = self.store.get().unwrap().clone();
        let look = tokio::spawn(async move {
            store.message(message.site, message.id).await.unwrap().as_ref() == Some(&*message)
        });
        self.checks.lock().unwrap().push(look);
    }
}

pub async fn published_change_is_readable(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let looker = Arc::new(ReadBackSink::default());
    let store = world.backend.open(looker.clone()).await.unwrap();
    looker.store.set(store.clone()).ok().unwrap();
    let messages: Vec<_> = (0..30).map(|_| world.message(site, None)).collect();
    let published = join_all(messages.iter().map(|message| async {
        store.publish(message, None, NOW).await.unwrap();
        // It was published before the verb returned.
        looker.checks.lock().unwrap().len()
    }))
    .await;
    assert!(published.into_iter().min().unwrap() >= 1);
    let checks = std::mem::take(&mut *looker.checks.lock().unwrap());
    assert_eq!(checks.len(), 30);
    for check in checks {
        assert!(check.await.unwrap());
    }
}

/// Waits for an event; fails after a time that no healthy run needs.
async fn wait_for_event(heard: &RecordingSink, wanted: impl Fn(&InboxEvent) -> bool) {
    let waiting = async {
        while !heard.take().iter().any(&wanted) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("no event was published");
}

/// Tells of a change of a site: as the event itself where processes exchange them, else as unknown.
fn of(site: SiteId) -> impl Fn(&InboxEvent) -> bool {
    move |change| change.site() == site
}

/// Tells of a message that another process published, in one of these ways.
fn publishes(message: &Message) -> impl Fn(&InboxEvent) -> bool {
    let (site, id) = (message.site, message.id);
    move |change| match change {
        InboxEvent::MessagePublished { message, .. } => message.id == id,
        InboxEvent::ExternalWrite { site: at } => *at == site,
        _ => false,
    }
}

pub async fn write_of_another_process_is_detected(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let (quiet, _) = world.site("B").await;
    let reader = world.contact(site, "1").await;
    let elsewhere = Arc::new(RecordingSink::default());
    let other = world.backend.open(elsewhere.clone()).await.unwrap();
    world.events.take();
    let message = world.message(site, None);
    other.publish(&message, None, NOW).await.unwrap();
    wait_for_event(&world.events, |change| {
        assert_ne!(change.site(), quiet);
        publishes(&message)(change)
    })
    .await;
    // A reload afterwards shows the change.
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, [message.id]);
    assert!(matches!(elsewhere.take().as_slice(), [InboxEvent::MessagePublished { .. }]));
    // The same for revocations, settings and themes.
    other.revoke_key(site, &key.id, NOW).await.unwrap();
    wait_for_event(&world.events, of(site)).await;
    let settings = other.site(site).await.unwrap().unwrap();
    other
        .update_site(site, Box::new(move |_| Ok(Site { name: "Renamed".to_owned(), ..settings })))
        .await
        .unwrap();
    wait_for_event(&world.events, of(site)).await;
    other.store_draft(site, &theme(1), NOW).await.unwrap();
    other.publish_theme(site, NOW).await.unwrap();
    wait_for_event(&world.events, of(site)).await;
    other.roll_back_theme(site, None, NOW).await.unwrap();
    wait_for_event(&world.events, of(site)).await;
    other.close().await;
}

pub async fn agent_access_changed_by_another_process_is_detected(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (site, inbox, agent) = (fixture.site, fixture.inbox.id, fixture.agent.id);
    let secret = SigningKey::generate(&world.rng);
    let key = world
        .store
        .create_sdk_key(site, SdkScope::Site, "CRM", &secret, NOW)
        .await
        .unwrap()
        .unwrap();
    let other = world.backend.open(Arc::new(RecordingSink::default())).await.unwrap();
    world.events.take();
    assert!(other.revoke_sdk_key(site, key.id).await.unwrap());
    wait_for_event(&world.events, of(site)).await;
    assert!(other.set_agent_tokens(site, agent, &agent_secrets(world)).await.unwrap());
    wait_for_event(&world.events, of(site)).await;
    let removed = MembersChange::Remove(vec![agent]);
    other.change_inbox_members(site, inbox, &removed).await.unwrap().unwrap();
    wait_for_event(&world.events, of(site)).await;
    assert!(other.delete_inbox(site, inbox, NOW).await.unwrap());
    wait_for_event(&world.events, of(site)).await;
    other.close().await;
}

pub async fn external_write_is_detected_between_own_writes(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let elsewhere = Arc::new(RecordingSink::default());
    let other = world.backend.open(elsewhere.clone()).await.unwrap();
    let message = world.message(site, None);
    world.publish_at(&message, NOW).await;
    wait_for_event(&elsewhere, publishes(&message)).await;
    world.events.take();
    // The external write is reported in either order of the poll and the own write.
    let (external, own) = (world.message(site, None), world.message(site, None));
    other.publish(&external, None, NOW).await.unwrap();
    world.publish_at(&own, NOW).await;
    wait_for_event(&world.events, publishes(&external)).await;
    wait_for_event(&elsewhere, publishes(&own)).await;
    other.close().await;
}
