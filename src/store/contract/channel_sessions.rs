//! Sessions of contacts: how a writer is identified, and what an unverified session may read and
//! change.

use super::{
    channel::{ConversationFixture, contact, kinds, named, new_session, with_email},
    test_store::{NOW, TestStore, after},
};
use belfry_domain::channel::{ContactFields, Identification, Performer, Rejection, SourceId};
use serde_json::Map;

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
