//! Contacts of inboxes: their fields, list and erasure, and that no other site reaches them or their
//! inboxes.

use super::{
    channel::{
        ConversationFixture, SITE, agent_secrets, contact, kinds, named, new_session, with_email,
    },
    test_store::{NOW, TestStore, after},
};
use belfry_domain::{
    ContactLookup, PhoneNumber,
    channel::{
        ContactFields, ContactListQuery, ContactSort, ConversationAccess, ConversationEventKind,
        MessageWindow, Performer, Rejection,
    },
};
use serde_json::json;

pub async fn contact_is_stored_with_all_fields(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let store = &world.store;
    let fields = ContactFields {
        name: Some(Some("Ann van der Lee".to_owned())),
        phone_number: Some(Some(PhoneNumber::parse("+15550001111").unwrap())),
        blocked: Some(true),
        avatar_url: Some(Some("https://a.example/a.png".to_owned())),
        custom_attributes: json!({"plan": "gold", "none": null}).as_object().unwrap().clone(),
        additional_attributes: json!({"city": "Kyiv"}).as_object().unwrap().clone(),
        ..with_email("Ann@shop.example")
    };
    let created = store.create_channel_contact(site, &fields, None, NOW).await.unwrap().unwrap();
    let contact = created.profile.contact.clone();
    assert_eq!(created.session, None);
    assert_eq!(contact.name(), "Ann van der Lee");
    assert_eq!(contact.contact.email.as_deref(), Some("ann@shop.example"));
    assert_eq!(
        (contact.blocked, contact.avatar_url.as_deref(), contact.last_activity_at),
        (true, Some("https://a.example/a.png"), None)
    );
    assert_eq!(json!(contact.contact.attributes), json!({"plan": "gold"}));
    assert_eq!(kinds(world), [ConversationEventKind::ContactCreated]);
    assert_eq!(store.channel_contact(site, contact.id()).await.unwrap(), Some(created.profile));
    // It is one of the site's contacts.
    assert_eq!(world.find(site, contact.id()).await.unwrap(), contact.contact);
    let change = ContactFields {
        name: Some(Some("Bo".to_owned())),
        email: Some(None),
        blocked: Some(false),
        custom_attributes: json!({"plan": null, "age": 7}).as_object().unwrap().clone(),
        ..ContactFields::default()
    };
    let changed = store
        .update_channel_contact(site, contact.id(), &change, &Performer::System, after(1))
        .await
        .unwrap()
        .unwrap()
        .contact;
    assert_eq!(
        (changed.name(), changed.contact.email, changed.blocked),
        ("Bo".to_owned(), None, false)
    );
    assert_eq!(
        json!([changed.contact.attributes, changed.additional_attributes]),
        json!([{"age": 7}, {"city": "Kyiv"}])
    );
    let told = super::channel::events(world);
    assert_eq!(told.len(), 1);
    let names: Vec<&str> = told[0].changed.iter().map(|changed| changed.name.as_str()).collect();
    assert_eq!(
        (told[0].kind, names),
        (
            ConversationEventKind::ContactUpdated,
            vec!["name", "email", "custom_attributes", "blocked"]
        )
    );
    store
        .update_channel_contact(site, contact.id(), &change, &Performer::System, after(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kinds(world), []);
}

pub async fn duplicate_value_is_rejected_by_field(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let store = &world.store;
    let fields = ContactFields {
        phone_number: Some(Some(PhoneNumber::parse("+15550001111").unwrap())),
        ..with_email("a@b.example")
    };
    let fields = ContactFields { identifier: named("1").identifier, ..fields };
    store.create_channel_contact(site, &fields, None, NOW).await.unwrap().unwrap();
    let phone =
        ContactFields { phone_number: fields.phone_number.clone(), ..ContactFields::default() };
    let other = store
        .create_channel_contact(site, &named("2"), None, NOW)
        .await
        .unwrap()
        .unwrap()
        .profile
        .contact
        .id();
    world.events.take();
    for (fields, attribute) in
        [(named("1"), "identifier"), (with_email("A@B.example"), "email"), (phone, "phone_number")]
    {
        assert_eq!(
            store.create_channel_contact(site, &fields, None, NOW).await.unwrap(),
            Err(Rejection::Taken(attribute))
        );
        let update = store
            .update_channel_contact(site, other, &fields, &Performer::System, NOW)
            .await
            .unwrap();
        assert_eq!(update, Err(Rejection::Taken(attribute)));
    }
    assert_eq!(kinds(world), []);
    let (elsewhere, _) = world.site("b").await;
    store.create_channel_contact(elsewhere, &fields, None, NOW).await.unwrap().unwrap();
}

pub async fn failed_session_leaves_no_contact(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let taken = belfry_domain::channel::NewContactSession {
        source_id: fixture.session.source_id.clone(),
        ..new_session(world)
    };
    let refused = world
        .store
        .create_channel_contact(fixture.site, &named("9"), Some((fixture.inbox.id, taken)), NOW)
        .await
        .unwrap();
    assert_eq!(refused, Err(Rejection::SourceIdTaken));
    let lookup = ContactLookup::Identifiers(
        belfry_domain::Identifiers::parse(Some("9"), None, None).unwrap(),
    );
    assert_eq!(world.store.contact(fixture.site, &lookup).await.unwrap(), None);
    assert_eq!(kinds(world), []);
}

pub async fn contacts_are_listed_and_found(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    for number in 2..=20 {
        contact(world, fixture.site, fixture.inbox.id, &format!("crm-{number}")).await;
    }
    let query = |text: Option<&str>, sort, page| ContactListQuery {
        text: text.map(str::to_owned),
        sort,
        page,
    };
    let list =
        |query| async move { world.store.channel_contacts(fixture.site, &query).await.unwrap() };
    let first = list(query(None, ContactSort::NewestFirst, 1)).await;
    assert_eq!((first.count, first.contacts.len()), (20, 15));
    assert_eq!(first.contacts[0].contact.contact.external_id.as_deref(), Some("crm-20"));
    assert_eq!(first.contacts[0].sessions.len(), 1);
    assert_eq!(list(query(None, ContactSort::NewestFirst, 2)).await.contacts.len(), 5);
    assert_eq!(
        list(query(None, ContactSort::OldestFirst, 1)).await.contacts[0].contact.id(),
        fixture.contact
    );
    let found = list(query(Some("CRM-1"), ContactSort::OldestFirst, 1)).await;
    assert_eq!((found.count, found.contacts.len()), (11, 11));
    assert_eq!(list(query(Some("nobody"), ContactSort::NewestFirst, 1)).await.count, 0);
}

pub async fn erased_contact_leaves_no_conversation(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site) = (&world.store, fixture.site);
    let number = fixture.begin(world).await.conversation.number;
    fixture.post_incoming(world, number, "unmistakable").await;
    let token = fixture.session.pubsub_token.clone().unwrap();
    assert!(store.erase_channel_contact(site, fixture.contact, NOW).await.unwrap());
    assert!(!store.erase_channel_contact(site, fixture.contact, NOW).await.unwrap());
    assert_eq!(
        store.conversation(site, SITE, number).await.unwrap(),
        Err(Rejection::NotFound("conversation"))
    );
    assert_eq!(store.conversation_counts(site, &super::channel::query()).await.unwrap().all, 0);
    assert!(store.subscriber(&token.digest()).await.unwrap().is_none());
    assert_eq!(world.backend.find_traces(site, fixture.contact).await, 0);
    assert!(store.sweep_channel(NOW).await.unwrap() > 0);
    let text = belfry_domain::channel::ConversationQuery {
        text: Some("unmistakable".into()),
        ..super::channel::query()
    };
    assert_eq!(store.conversations(site, &text).await.unwrap().counts.all, 0);
    // The same through the interface of the App Inbox.
    let other = contact(world, site, fixture.inbox.id, "crm-2").await;
    let draft = belfry_domain::channel::NewConversation {
        source_id: Some(other.session.unwrap().source_id),
        ..super::channel::conversation(world)
    };
    let created = store
        .create_conversation(site, SITE, &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap();
    assert!(store.delete_contact(site, other.profile.contact.id(), NOW).await.unwrap());
    let gone = store.conversation(site, SITE, created.view.conversation.number).await.unwrap();
    assert_eq!(gone, Err(Rejection::NotFound("conversation")));
}

pub async fn contacts_and_inboxes_are_scoped_to_their_site(world: &TestStore) {
    let (a, b) =
        (ConversationFixture::new(world, "a").await, ConversationFixture::new(world, "b").await);
    let (store, foreign) = (&world.store, b.site);
    let number = a.begin(world).await.conversation.number;
    let posted = a.reply(world, number, "hello").await;
    let access = [
        SITE,
        ConversationAccess::Contact(a.contact),
        ConversationAccess::Session(a.session.id),
        a.access(),
    ];
    for access in access {
        assert!(store.conversation(foreign, access, number).await.unwrap().is_err());
        assert!(
            store
                .conversation_messages(foreign, access, number, MessageWindow::default())
                .await
                .unwrap()
                .is_err()
        );
        assert!(
            store
                .conversation_message(foreign, access, number, posted.message.id)
                .await
                .unwrap()
                .is_err()
        );
        assert!(store.conversation_of_session(foreign, access, number).await.unwrap().is_err());
        assert!(store.mark_seen_by_contact(foreign, access, number, NOW).await.unwrap().is_err());
        assert!(
            store
                .delete_message(
                    foreign,
                    access,
                    (number, posted.message.id),
                    &Performer::System,
                    NOW
                )
                .await
                .unwrap()
                .is_err()
        );
        assert_eq!(store.conversations_of_contact(foreign, access, a.contact).await.unwrap(), []);
    }
    assert_eq!(store.conversations_of_session(foreign, a.session.id).await.unwrap(), []);
    assert_eq!(store.agent(foreign, a.agent.id).await.unwrap(), None);
    assert!(!store.set_agent_tokens(foreign, a.agent.id, &agent_secrets(world)).await.unwrap());
    assert_eq!(
        store.channel_inbox(foreign, SITE, a.inbox.id).await.unwrap(),
        Err(Rejection::NotFound("inbox"))
    );
    assert!(store.inbox_secrets(foreign, a.inbox.id).await.unwrap().is_none());
    assert!(!store.delete_inbox(foreign, a.inbox.id, NOW).await.unwrap());
    assert_eq!(
        store.update_session_contact(foreign, a.session.id, &named("x"), true, NOW).await.unwrap(),
        Err(Rejection::NotFound("session"))
    );
    let refused = store
        .add_contact_session(foreign, b.contact, a.inbox.id, &new_session(world), NOW)
        .await
        .unwrap();
    assert_eq!(refused, Err(Rejection::NotFound("inbox")));
    let by_source = belfry_domain::channel::NewConversation {
        source_id: Some(a.session.source_id.clone()),
        ..super::channel::conversation(world)
    };
    let refused = store
        .create_conversation(foreign, SITE, &by_source, &Performer::Contact, NOW)
        .await
        .unwrap();
    assert_eq!(refused.unwrap_err(), Rejection::NotFound("session"));
    let text = belfry_domain::channel::ConversationQuery {
        text: Some("hello".into()),
        ..super::channel::query()
    };
    assert_eq!(store.conversations(foreign, &text).await.unwrap().counts.all, 0);
}
