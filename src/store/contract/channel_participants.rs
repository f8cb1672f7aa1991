//! Inboxes, agents, and contacts with their sessions.

use super::{
    channel::{
        ConversationFixture, SITE, agent, agent_secrets, contact, inbox, kinds, new_session,
    },
    test_store::{NOW, TestStore, after},
};
use crate::StoreError;
use belfry_domain::{
    ContactLookup, EmailAddress, ExternalId, PhoneNumber, SiteId, ValidationError,
    channel::{
        AgentDraft, AgentRole, AgentSecrets, Availability, ContactFields, ContactListQuery,
        ContactSort, ConversationAccess, ConversationEventKind, Identification, InboxSettings,
        MembersChange, MessageWindow, Performer, PubsubOwner, Rejection, SourceId, VisibleInboxes,
    },
};
use belfry_locales::phrases::errors;
use serde_json::{Map, json};

fn named(identifier: &str) -> ContactFields {
    ContactFields {
        identifier: Some(Some(ExternalId::parse(identifier).unwrap())),
        ..ContactFields::default()
    }
}

fn with_email(email: &str) -> ContactFields {
    ContactFields {
        email: Some(Some(EmailAddress::parse(email).unwrap())),
        ..ContactFields::default()
    }
}

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

pub async fn agent_is_found_by_token(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (store, secrets) = (&world.store, agent_secrets(world));
    let draft = AgentDraft::new("Ada", "Ada@agents.example", AgentRole::Administrator).unwrap();
    let made = store.create_agent(site, &draft, &secrets, NOW).await.unwrap().unwrap();
    assert_eq!(
        store.create_agent(site, &draft, &agent_secrets(world), NOW).await.unwrap(),
        Err(Rejection::Taken("email"))
    );
    let digest = secrets.access_token.clone().unwrap().digest();
    let signed_in = store.agent_by_token(&digest).await.unwrap().unwrap();
    assert_eq!(
        (signed_in.site, &signed_in.agent, &signed_in.pubsub_token),
        (site, &made, &secrets.pubsub_token)
    );
    assert_eq!(signed_in.account, store.site_number(site).await.unwrap().unwrap());
    assert_eq!(store.agents(site).await.unwrap(), std::slice::from_ref(&made));
    let busy = store.set_availability(site, made.id, Availability::Busy).await.unwrap().unwrap();
    assert_eq!(store.agent(site, made.id).await.unwrap(), Some(busy));
    let others = agent_secrets(world);
    let next = others.access_token.clone().unwrap().digest();
    assert!(store.set_agent_tokens(site, made.id, &others).await.unwrap());
    assert!(store.agent_by_token(&digest).await.unwrap().is_none());
    assert_eq!(
        store.agent_by_token(&next).await.unwrap().unwrap().pubsub_token,
        others.pubsub_token
    );
    assert!(
        store.subscriber(&secrets.pubsub_token.digest()).await.unwrap().is_none(),
        "the former token gave access to this one, too"
    );
    assert!(store.subscriber(&others.pubsub_token.digest()).await.unwrap().is_some());
    assert!(
        store
            .set_agent_tokens(
                site,
                made.id,
                &AgentSecrets { access_token: None, ..agent_secrets(world) }
            )
            .await
            .unwrap()
    );
    assert!(store.agent_by_token(&next).await.unwrap().is_none());
}

pub async fn agent_of_an_account_ends_with_its_membership(world: &TestStore) {
    let owner = super::accounts::first_account(world).await;
    let site = world.owned_site(owner).await;
    let (store, secrets) = (&world.store, agent_secrets(world));
    let first = store.agent_of_account(site, owner, &secrets, NOW).await.unwrap().unwrap();
    assert_eq!((first.agent.role, first.agent.account), (AgentRole::Administrator, Some(owner)));
    let again =
        store.agent_of_account(site, owner, &agent_secrets(world), NOW).await.unwrap().unwrap();
    assert_eq!(again, first);
    let (other, _) = world.site("other").await;
    assert_eq!(
        store.agent_of_account(other, owner, &agent_secrets(world), NOW).await.unwrap(),
        None
    );
    let second = super::accounts::invitee(
        world,
        site,
        owner,
        "second@shop.example",
        belfry_domain::Role::Editor,
    )
    .await;
    let editor =
        store.agent_of_account(site, second, &agent_secrets(world), NOW).await.unwrap().unwrap();
    assert_eq!(editor.agent.role, AgentRole::Agent);
    let secrets = agent_secrets(world);
    let digest = secrets.access_token.clone().unwrap().digest();
    store.set_agent_tokens(site, editor.agent.id, &secrets).await.unwrap();
    assert!(store.agent_by_token(&digest).await.unwrap().is_some());
    store.set_role(site, second, belfry_domain::Role::Viewer).await.unwrap();
    assert!(store.agent_by_token(&digest).await.unwrap().is_none());
    assert!(store.subscriber(&secrets.pubsub_token.digest()).await.unwrap().is_none());
    assert_eq!(store.agents(site).await.unwrap(), [first.agent]);
}

pub async fn subscriber_is_resolved_with_its_access(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let store = &world.store;
    let secrets = agent_secrets(world);
    let draft = AgentDraft::new("Bea", "bea@agents.example", AgentRole::Agent).unwrap();
    let made = store.create_agent(fixture.site, &draft, &secrets, NOW).await.unwrap().unwrap();
    let subscriber = store.subscriber(&secrets.pubsub_token.digest()).await.unwrap().unwrap();
    assert!(
        matches!(&subscriber, PubsubOwner::Agent { agent, inboxes: VisibleInboxes::Some(none), .. } if **agent == made && none.is_empty())
    );
    store
        .change_inbox_members(fixture.site, fixture.inbox.id, &MembersChange::Add(vec![made.id]))
        .await
        .unwrap()
        .unwrap();
    let subscriber = store.subscriber(&secrets.pubsub_token.digest()).await.unwrap().unwrap();
    assert!(
        matches!(&subscriber, PubsubOwner::Agent { inboxes, .. } if inboxes.contains(fixture.inbox.id))
    );
    let token = fixture.session.pubsub_token.clone().unwrap();
    let subscriber = store.subscriber(&token.digest()).await.unwrap().unwrap();
    assert!(matches!(&subscriber, PubsubOwner::Session { site, session, contact, .. }
        if *site == fixture.site && **session == fixture.session && contact.id() == fixture.contact));
    assert!(store.subscriber(&belfry_domain::Digest::of("x")).await.unwrap().is_none());
}

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

fn identification(
    world: &TestStore,
    source_id: Option<&SourceId>,
    fields: ContactFields,
) -> Identification {
    Identification {
        source_id: source_id.cloned(),
        fields,
        verified: false,
        session: new_session(world),
    }
}

pub async fn writer_is_found_or_created(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site, inbox_id) = (&world.store, fixture.site, fixture.inbox.id);
    let identify = |request| async move {
        store.identify_contact(site, inbox_id, &request, NOW).await.unwrap().unwrap()
    };
    let known =
        identify(identification(world, Some(&fixture.session.source_id), named("other"))).await;
    assert_eq!(
        (known.session.id, known.contact.id(), known.created),
        (fixture.session.id, fixture.contact, false)
    );
    assert_eq!(known.session.pubsub_token, fixture.session.pubsub_token);
    let by_identifier = identify(identification(
        world,
        None,
        ContactFields { email: with_email("x@y.example").email, ..named("crm-1") },
    ))
    .await;
    assert_eq!(by_identifier.contact.id(), fixture.contact);
    assert_ne!(by_identifier.session.id, fixture.session.id);
    assert_eq!(by_identifier.contact.contact.email, None);
    let new = identify(identification(world, None, with_email("new@y.example"))).await;
    assert!(new.created && new.contact.id() != fixture.contact);
    assert_eq!(
        identify(identification(world, None, with_email("new@y.example"))).await.contact.id(),
        new.contact.id()
    );
    let nameless = identify(identification(world, None, ContactFields::default())).await;
    assert_eq!(nameless.contact.name(), "");
    let contact_session =
        store.contact_session(site, inbox_id, &nameless.session.source_id).await.unwrap().unwrap();
    assert_eq!(
        (contact_session.session, contact_session.contact),
        (nameless.session, nameless.contact)
    );
    let elsewhere = ConversationFixture::new(world, "b").await;
    assert_eq!(
        store
            .contact_session(site, elsewhere.inbox.id, &elsewhere.session.source_id)
            .await
            .unwrap(),
        None
    );
    let request = identification(world, None, ContactFields::default());
    assert_eq!(
        store.identify_contact(site, elsewhere.inbox.id, &request, NOW).await.unwrap(),
        Err(Rejection::NotFound("inbox"))
    );
}

pub async fn unused_sessions_are_replaced(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    fixture.begin(world).await;
    for _ in 0..=crate::MAX_SESSIONS_OF_CONTACT {
        let request = identification(world, None, named("crm-1"));
        world
            .store
            .identify_contact(fixture.site, fixture.inbox.id, &request, NOW)
            .await
            .unwrap()
            .unwrap();
    }
    // The one with a conversation still exists.
    let contact_session = world
        .store
        .contact_session(fixture.site, fixture.inbox.id, &fixture.session.source_id)
        .await
        .unwrap();
    assert_eq!(contact_session.unwrap().session.id, fixture.session.id);
    let profile =
        world.store.channel_contact(fixture.site, fixture.contact).await.unwrap().unwrap();
    assert_eq!(profile.sessions.len(), crate::MAX_SESSIONS_OF_CONTACT as usize);
}

pub async fn sessions_are_added_and_verified(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, new) = (&world.store, new_session(world));
    let added = store
        .add_contact_session(fixture.site, fixture.contact, fixture.inbox.id, &new, NOW)
        .await
        .unwrap()
        .unwrap();
    let again = store
        .add_contact_session(fixture.site, fixture.contact, fixture.inbox.id, &new, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(added, again);
    let other = contact(world, fixture.site, fixture.inbox.id, "crm-2").await.profile.contact.id();
    let taken =
        store.add_contact_session(fixture.site, other, fixture.inbox.id, &new, NOW).await.unwrap();
    assert_eq!(taken, Err(Rejection::SourceIdTaken));
    assert!(store.verify_session(fixture.site, added.id, after(1)).await.unwrap());
    assert!(!store.verify_session(fixture.site, added.id, after(2)).await.unwrap());
    let contact_session = store
        .contact_session(fixture.site, fixture.inbox.id, &new.source_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (contact_session.session.hmac_verified, contact_session.session.updated_at),
        (true, after(1))
    );
    let (foreign, _) = world.site("b").await;
    assert!(!store.verify_session(foreign, fixture.session.id, NOW).await.unwrap());
}

pub async fn unproven_claim_reads_and_changes_nothing(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site) = (&world.store, fixture.site);
    let before = store.channel_contact(site, fixture.contact).await.unwrap().unwrap().contact;
    let said = ContactFields { name: Some(Some("Eve".to_owned())), ..named("crm-1") };
    let guest = store
        .identify_contact(site, fixture.inbox.id, &identification(world, None, said), NOW)
        .await
        .unwrap()
        .unwrap();
    assert!(guest.contact.id() == fixture.contact && !guest.session.may_change_contact());
    assert_eq!(guest.session.visible_contact(&guest.contact).name(), "Eve");
    world.events.take();
    let changed = store
        .update_session_contact(
            site,
            guest.session.id,
            &with_email("eve@y.example"),
            false,
            after(1),
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        changed.session.visible_contact(&changed.contact).contact.email.as_deref(),
        Some("eve@y.example")
    );
    let contact_session = store
        .contact_session(site, fixture.inbox.id, &guest.session.source_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (contact_session.session.claim, contact_session.contact),
        (changed.session.claim, before)
    );
    assert_eq!(kinds(world), []);
    // The session that created a contact may change it, until another session is verified for it.
    let maker = store
        .identify_contact(site, fixture.inbox.id, &identification(world, None, named("crm-2")), NOW)
        .await
        .unwrap()
        .unwrap();
    let renamed = ContactFields {
        name: Some(Some("Ann".to_owned())),
        custom_attributes: Map::from_iter([("note".to_owned(), "\0".into())]),
        ..named("evil")
    };
    let changed = store
        .update_session_contact(site, maker.session.id, &renamed, false, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (changed.contact.name().as_str(), changed.contact.contact.external_id.as_deref()),
        ("Ann", Some("crm-2"))
    );
    let proven = Identification { verified: true, ..identification(world, None, named("crm-2")) };
    let owner =
        store.identify_contact(site, fixture.inbox.id, &proven, NOW).await.unwrap().unwrap();
    assert_eq!(owner.contact.id(), maker.contact.id());
    let late = store
        .update_session_contact(site, maker.session.id, &with_email("eve@y.example"), false, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((late.contact.contact.email, late.session.may_change_contact()), (None, false));
    assert_eq!(late.session.claim.unwrap().custom_attributes["note"], "\0");
}

pub async fn verified_identifier_does_not_prove_email(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, site) = (&world.store, fixture.site);
    let email = with_email("ann@shop.example");
    store
        .update_channel_contact(site, fixture.contact, &email, &Performer::System, NOW)
        .await
        .unwrap()
        .unwrap();
    let said = ContactFields { email: email.email.clone(), ..named("other") };
    let request = Identification { verified: true, ..identification(world, None, said) };
    let other =
        store.identify_contact(site, fixture.inbox.id, &request, NOW).await.unwrap().unwrap();
    assert_ne!(other.contact.id(), fixture.contact);
    assert_eq!((other.contact.contact.email.as_deref(), other.session.hmac_verified), (None, true));
    // Claiming another identity later is rejected as well.
    let refused =
        store.update_session_contact(site, other.session.id, &email, true, NOW).await.unwrap();
    assert_eq!(refused, Err(Rejection::Taken("email")));
    assert!(store.channel_contact(site, other.contact.id()).await.unwrap().is_some());
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
