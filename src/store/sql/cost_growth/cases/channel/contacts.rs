//! Cases: a contact with its sessions, and its first conversation.

use super::{
    super::super::scenario::{Scenario, expect},
    Fixture,
};
use crate::contract::{
    channel::{SITE, conversation, new_session},
    test_store::{NOW, after},
};
use belfry_domain::{
    ExternalId,
    channel::{
        AgentId, ContactFields, ContactListQuery, ContactSort, ConversationAccess, Identification,
        InboxId, MessageKind, NewConversation, NewMessage, Performer,
    },
};

pub(super) async fn contacts(s: &Scenario, inbox: InboxId, agent: AgentId) -> Fixture {
    let (store, site) = (&s.world.store, s.site);
    let fields = ContactFields {
        name: Some(Some("Zoe".into())),
        identifier: Some(Some(ExternalId::parse("own").unwrap())),
        ..ContactFields::default()
    };
    let session = new_session(&s.world);
    let created = s
        .measure(
            "create_channel_contact",
            store.create_channel_contact(site, &fields, Some((inbox, session.clone())), NOW),
        )
        .await
        .unwrap();
    let contact = created.profile.contact.id();
    let session_id = created.session.unwrap().id;
    expect(
        s.measure("channel_contact", store.channel_contact(site, contact)).await.is_some(),
        true,
    );
    let list = |text: Option<&str>, page| ContactListQuery {
        text: text.map(str::to_owned),
        sort: ContactSort::NewestFirst,
        page,
    };
    expect(
        s.measure("channel_contacts", store.channel_contacts(site, &list(None, 1)))
            .await
            .contacts
            .len(),
        15,
    );
    let rename = ContactFields { name: Some(Some("Zoe Lee".into())), ..ContactFields::default() };
    let renamed = s
        .measure(
            "update_channel_contact",
            store.update_channel_contact(site, contact, &rename, &Performer::System, after(1)),
        )
        .await;
    expect(renamed.is_ok(), true);
    let request = Identification {
        source_id: Some(session.source_id.clone()),
        fields,
        verified: false,
        session: new_session(&s.world),
    };
    expect(
        s.measure("identify_contact: known", store.identify_contact(site, inbox, &request, NOW))
            .await
            .unwrap()
            .created,
        false,
    );
    let request = Identification { source_id: None, ..request };
    expect(
        s.measure(
            "identify_contact: another session",
            store.identify_contact(site, inbox, &request, NOW),
        )
        .await
        .unwrap()
        .created,
        true,
    );
    let stranger = Identification {
        fields: ContactFields::default(),
        session: new_session(&s.world),
        ..request
    };
    expect(
        s.measure(
            "identify_contact: new contact",
            store.identify_contact(site, inbox, &stranger, NOW),
        )
        .await
        .unwrap()
        .created,
        true,
    );
    expect(
        s.measure("contact_session", store.contact_session(site, inbox, &session.source_id))
            .await
            .is_some(),
        true,
    );
    let new = new_session(&s.world);
    let added = store.add_contact_session(site, contact, inbox, &new, NOW);
    expect(s.measure("add_contact_session", Box::pin(added)).await.is_ok(), true);
    expect(s.measure("verify_session", store.verify_session(site, session_id, NOW)).await, true);
    let own = store.update_session_contact(site, session_id, &rename, true, after(2));
    expect(s.measure("update_session_contact", Box::pin(own)).await.is_ok(), true);
    let draft = NewConversation {
        source_id: Some(session.source_id),
        assignee: Some(agent),
        message: Some(NewMessage::text(MessageKind::Incoming, "unmistakable")),
        ..conversation(&s.world)
    };
    let begun = s
        .measure(
            "create_conversation",
            store.create_conversation(site, SITE, &draft, &Performer::Contact, NOW),
        )
        .await
        .unwrap();
    let number = begun.view.conversation.number;
    expect(
        s.measure(
            "conversation",
            store.conversation(site, ConversationAccess::Agent(agent), number),
        )
        .await
        .is_ok(),
        true,
    );
    expect(
        s.measure("conversations_of_contact", store.conversations_of_contact(site, SITE, contact))
            .await
            .len(),
        1,
    );
    expect(
        s.measure("conversations_of_session", store.conversations_of_session(site, session_id))
            .await
            .len(),
        1,
    );
    let new = new_session(&s.world);
    let proven = store.verified_session_or_new(site, inbox, contact, &new, NOW);
    expect(
        s.measure("verified_session_or_new: known", Box::pin(proven)).await.unwrap().id
            == session_id,
        true,
    );
    expect(
        s.measure("verified_session", store.verified_session(site, inbox, contact)).await.is_some(),
        true,
    );
    expect(s.measure("unread_replies", store.unread_replies(site, inbox, contact)).await, 0);
    let own = ConversationAccess::Session(session_id);
    expect(
        s.measure("conversation_of_session", store.conversation_of_session(site, own, number))
            .await
            .is_ok(),
        true,
    );
    Fixture { inbox, agent, number, message: begun.message.unwrap().id }
}
