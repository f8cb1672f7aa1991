//! Inboxes: their settings, members, number and deletion, and the numbers of sites.

use super::{
    channel::{ConversationFixture, SITE, agent, contact, inbox, kinds},
    test_store::{NOW, TestStore, after},
};
use crate::StoreError;
use belfry_domain::{
    SiteId, ValidationError,
    channel::{
        AgentRole, ConversationEventKind, InboxSettings, MembersChange, Performer, Rejection,
    },
};
use belfry_locales::phrases::errors;

pub async fn sites_have_unique_numbers(world: &TestStore) {
    let (a, _) = world.site("a").await;
    let (b, _) = world.site("b").await;
    let numbers = [
        world.store.site_number(a).await.unwrap().unwrap(),
        world.store.site_number(b).await.unwrap().unwrap(),
    ];
    assert!(numbers[0].0 > 0 && numbers[0] < numbers[1]);
    assert_eq!(world.store.site_of_number(numbers[1]).await.unwrap(), Some(b));
    assert_eq!(world.store.site_number(SiteId::from_bytes([9; 16])).await.unwrap(), None);
}

pub async fn inbox_settings_are_stored_unchanged(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let settings = InboxSettings {
        name: " Shop API ".to_owned(),
        callback_url: Some("https://a.example/in".to_owned()),
        ..InboxSettings::default()
    };
    let inbox = inbox(world, site, settings).await;
    assert_eq!(inbox.settings.name, "Shop API");
    assert_eq!(kinds(world), [ConversationEventKind::InboxCreated]);
    assert_eq!(world.store.channel_inbox(site, SITE, inbox.id).await.unwrap(), Ok(inbox.clone()));
    assert_eq!(
        world.store.channel_inboxes(site, SITE).await.unwrap(),
        std::slice::from_ref(&inbox)
    );
    let open = world.store.inbox_by_identifier(&inbox.identifier).await.unwrap().unwrap();
    assert_eq!(open.inbox, inbox);
    let by_uuid = world.store.inbox_by_uuid(inbox.uuid).await.unwrap().unwrap();
    assert_eq!((by_uuid.inbox, by_uuid.secrets), (open.inbox.clone(), open.secrets.clone()));
    let unknown = belfry_domain::channel::InboxUuid::generate(&world.rng);
    assert!(world.store.inbox_by_uuid(unknown).await.unwrap().is_none());
    assert_eq!(world.store.inbox_secrets(site, inbox.id).await.unwrap(), Some(open.secrets));
    let rename =
        |settings: &InboxSettings| Ok(InboxSettings { name: "New".to_owned(), ..settings.clone() });
    let renamed = world
        .store
        .update_inbox(site, inbox.id, Box::new(rename), after(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((renamed.settings.name.as_str(), renamed.updated_at), ("New", after(1)));
    assert_eq!(kinds(world), [ConversationEventKind::InboxUpdated]);
    world.store.update_inbox(site, inbox.id, Box::new(rename), after(2)).await.unwrap().unwrap();
    assert_eq!(kinds(world), []);
    let refused = world
        .store
        .update_inbox(
            site,
            inbox.id,
            Box::new(|_| Err(ValidationError::new("name", errors::verbatim("no")))),
            after(3),
        )
        .await
        .unwrap();
    assert_eq!(
        refused.unwrap_err(),
        Rejection::Invalid(ValidationError::new("name", errors::verbatim("no")))
    );
    let bad = |settings: &InboxSettings| {
        Ok(InboxSettings { callback_url: Some("ftp://x".to_owned()), ..settings.clone() })
    };
    let refused = world.store.update_inbox(site, inbox.id, Box::new(bad), after(3)).await.unwrap();
    assert!(matches!(refused, Err(Rejection::Invalid(invalid)) if invalid.field == "webhook_url"));
}

pub async fn deleted_inbox_is_gone_at_once(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, other) = (
        &world.store,
        inbox(
            world,
            fixture.site,
            InboxSettings { name: "Other".into(), ..InboxSettings::default() },
        )
        .await,
    );
    let lost = fixture.begin(world).await.conversation.number;
    fixture.post_incoming(world, lost, "hello").await;
    let theirs = contact(world, fixture.site, other.id, "crm-2").await;
    let draft = belfry_domain::channel::NewConversation {
        inbox: Some(other.id),
        contact: Some(theirs.profile.contact.id()),
        ..super::channel::conversation(world)
    };
    let kept = store
        .create_conversation(fixture.site, SITE, &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap()
        .view
        .conversation
        .number;
    assert!(store.delete_inbox(fixture.site, fixture.inbox.id, NOW).await.unwrap());
    assert!(!store.delete_inbox(fixture.site, fixture.inbox.id, NOW).await.unwrap());
    for _ in 0..2 {
        assert_eq!(
            store.channel_inboxes(fixture.site, SITE).await.unwrap(),
            std::slice::from_ref(&other)
        );
        assert!(store.inbox_by_identifier(&fixture.inbox.identifier).await.unwrap().is_none());
        assert!(store.inbox_by_uuid(fixture.inbox.uuid).await.unwrap().is_none());
        assert_eq!(
            store.conversation(fixture.site, SITE, lost).await.unwrap(),
            Err(Rejection::NotFound("conversation"))
        );
        assert_eq!(
            store
                .contact_session(fixture.site, fixture.inbox.id, &fixture.session.source_id)
                .await
                .unwrap(),
            None
        );
        let page = store.conversations(fixture.site, &super::channel::query()).await.unwrap();
        assert_eq!(page.counts.all, 1);
        assert_eq!(
            page.conversations.iter().map(|view| view.conversation.number).collect::<Vec<_>>(),
            [kept]
        );
        store.sweep_channel(NOW).await.unwrap();
    }
    assert_eq!(store.sweep_channel(NOW).await.unwrap(), 0);
}

pub async fn site_has_a_bounded_number_of_inboxes(world: &TestStore) {
    let (site, _) = world.site("a").await;
    for number in 0..crate::MAX_INBOXES {
        inbox(
            world,
            site,
            InboxSettings { name: format!("Inbox {number}"), ..InboxSettings::default() },
        )
        .await;
    }
    let secrets = belfry_domain::channel::InboxSecrets {
        hmac_token: belfry_domain::channel::ChannelToken::generate(&world.rng),
        callback_secret: belfry_domain::SigningSecret::generate(&world.rng),
    };
    let identifier = belfry_domain::channel::InboxIdentifier::generate(&world.rng);
    let settings = InboxSettings { name: "One more".into(), ..InboxSettings::default() };
    let new = belfry_domain::channel::NewInbox {
        site,
        uuid: belfry_domain::channel::InboxUuid::generate(&world.rng),
        identifier,
        settings,
        secrets,
    };
    assert!(matches!(world.store.create_inbox(&new, NOW).await, Err(StoreError::Limit(_))));
}

pub async fn members_are_added_replaced_and_removed(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site, id) = (&world.store, fixture.site, fixture.inbox.id);
    let other = agent(world, site, "b@agents.example", AgentRole::Agent).await;
    let foreign = ConversationFixture::new(world, "b").await;
    let added = store
        .change_inbox_members(site, id, &MembersChange::Add(vec![other.id, other.id]))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(added, [fixture.agent.clone(), other.clone()]);
    let replaced = store
        .change_inbox_members(site, id, &MembersChange::Replace(vec![other.id]))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(replaced, std::slice::from_ref(&other));
    assert_eq!(store.inbox_members(site, id).await.unwrap().unwrap(), std::slice::from_ref(&other));
    let unknown = store
        .change_inbox_members(site, id, &MembersChange::Replace(vec![foreign.agent.id]))
        .await
        .unwrap();
    assert_eq!(unknown, Err(Rejection::NotFound("agent")));
    assert_eq!(
        store.change_inbox_members(site, id, &MembersChange::Remove(vec![other.id])).await.unwrap(),
        Ok(Vec::new())
    );
    assert_eq!(
        store.inbox_members(site, foreign.inbox.id).await.unwrap(),
        Err(Rejection::NotFound("inbox"))
    );
    assert_eq!(store.channel_inboxes(site, fixture.access()).await.unwrap(), []);
    assert_eq!(
        store.channel_inbox(site, fixture.access(), id).await.unwrap(),
        Err(Rejection::Forbidden)
    );
}
