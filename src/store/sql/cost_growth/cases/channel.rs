//! Cases: conversations of one contact of the measured site, in its own inbox, next to one for each
//! other contact.

use super::super::scenario::{Scenario, days, expect};
use crate::contract::{
    channel::{SITE, agent_secrets, conversation, new_session, query},
    test_store::{NOW, after},
};
use belfry_domain::{
    EmailAddress, EndpointUrl, ExternalId, SigningSecret,
    channel::{
        AccountWebhookDraft, AgentDraft, AgentId, AgentRole, AssigneeFilter, Availability,
        CannedResponseDraft, ChannelToken, ContactFields, ContactListQuery, ContactSort,
        ConversationAccess, ConversationChange, ConversationEventKind, ConversationMessageId,
        ConversationNumber, ConversationQuery, ConversationStatus, FileType, Identification,
        InboxId, InboxIdentifier, InboxSecrets, InboxSettings, InboxUuid, MembersChange,
        MessageKind, MessageStatus, MessageWindow, NewAttachment, NewConversation, NewInbox,
        NewMessage, Performer, StatusChange,
    },
    sdk::{AgentList, ChannelAddress, NewInitiatedConversation},
};

/// The objects that the cases work on.
struct Fixture {
    inbox: InboxId,
    agent: AgentId,
    number: ConversationNumber,
    message: ConversationMessageId,
}

pub async fn run(s: &Scenario) {
    let (inbox, agent) = people(s).await;
    let editor = contacts(s, inbox, agent).await;
    lists(s, &editor).await;
    talk(s, &editor).await;
    leave(s, &editor).await;
}

async fn people(s: &Scenario) -> (InboxId, AgentId) {
    let (store, site) = (&s.world.store, s.site);
    let number = s.measure("site_number", store.site_number(site)).await.unwrap();
    expect(s.measure("site_of_number", store.site_of_number(number)).await, Some(site));
    let identifier = InboxIdentifier::generate(&s.world.rng);
    let secrets = InboxSecrets {
        hmac_token: ChannelToken::generate(&s.world.rng),
        callback_secret: SigningSecret::generate(&s.world.rng),
    };
    let settings = InboxSettings {
        name: "Own".into(),
        callback_url: Some("https://a.example/in".into()),
        ..InboxSettings::default()
    };
    let new = NewInbox {
        site,
        uuid: InboxUuid::generate(&s.world.rng),
        identifier: identifier.clone(),
        settings,
        secrets,
    };
    let inbox = s.measure("create_inbox", store.create_inbox(&new, NOW)).await.unwrap().id;
    expect(s.measure("channel_inboxes", store.channel_inboxes(site, SITE)).await.len(), 2);
    expect(s.measure("channel_inbox", store.channel_inbox(site, SITE, inbox)).await.is_ok(), true);
    expect(
        s.measure("inbox_by_identifier", store.inbox_by_identifier(&identifier)).await.is_some(),
        true,
    );
    expect(s.measure("inbox_by_uuid", store.inbox_by_uuid(new.uuid)).await.is_some(), true);
    expect(
        s.measure("callback_deliveries", store.callback_deliveries(site, inbox, 20))
            .await
            .is_some(),
        true,
    );
    expect(s.measure("test_callback", store.test_callback(site, inbox, NOW)).await.is_some(), true);
    expect(s.measure("inbox_secrets", store.inbox_secrets(site, inbox)).await.is_some(), true);
    let rename =
        |settings: &InboxSettings| Ok(InboxSettings { name: "Renamed".into(), ..settings.clone() });
    expect(
        s.measure("update_inbox", store.update_inbox(site, inbox, Box::new(rename), after(1)))
            .await
            .is_ok(),
        true,
    );
    let (draft, secrets) = (
        AgentDraft::new("Bea", "bea@shop.example", AgentRole::Agent).unwrap(),
        agent_secrets(&s.world),
    );
    let agent = s
        .measure("create_agent", store.create_agent(site, &draft, &secrets, NOW))
        .await
        .unwrap()
        .id;
    expect(s.measure("agents", store.agents(site)).await.len(), 5);
    expect(s.measure("agent", store.agent(site, agent)).await.is_some(), true);
    let digest = secrets.access_token.unwrap().digest();
    expect(s.measure("agent_by_token", store.agent_by_token(&digest)).await.is_some(), true);
    let nobody = belfry_domain::AccountId(i64::MAX);
    expect(
        s.measure(
            "agent_of_account",
            store.agent_of_account(site, nobody, &agent_secrets(&s.world), NOW),
        )
        .await,
        None,
    );
    let secrets = agent_secrets(&s.world);
    expect(
        s.measure("set_agent_tokens", store.set_agent_tokens(site, agent, &secrets)).await,
        true,
    );
    expect(
        s.measure("set_availability", store.set_availability(site, agent, Availability::Busy))
            .await
            .is_some(),
        true,
    );
    let members = MembersChange::Add(vec![agent]);
    expect(
        s.measure("change_inbox_members", store.change_inbox_members(site, inbox, &members))
            .await
            .is_ok(),
        true,
    );
    expect(s.measure("inbox_members", store.inbox_members(site, inbox)).await.unwrap().len(), 1);
    expect(
        s.measure("subscriber", store.subscriber(&secrets.pubsub_token.digest())).await.is_some(),
        true,
    );
    hooks(s).await;
    canned(s).await;
    (inbox, agent)
}

async fn hooks(s: &Scenario) {
    let (store, site, secret) = (&s.world.store, s.site, SigningSecret::generate(&s.world.rng));
    let url = EndpointUrl::parse("https://a.example/hook").unwrap();
    let draft = AccountWebhookDraft {
        name: None,
        url,
        subscriptions: vec![ConversationEventKind::MessageCreated],
    };
    let made = s
        .measure("create_account_webhook", store.create_account_webhook(site, &draft, &secret, NOW))
        .await
        .unwrap();
    expect(s.measure("account_webhooks", store.account_webhooks(site)).await.len(), 1);
    let change = |draft: &AccountWebhookDraft| {
        Ok(AccountWebhookDraft { name: Some("Hook".into()), ..draft.clone() })
    };
    expect(
        s.measure(
            "update_account_webhook",
            store.update_account_webhook(site, made.id, Box::new(change)),
        )
        .await
        .is_ok(),
        true,
    );
    expect(
        s.measure("delete_account_webhook", store.delete_account_webhook(site, made.id)).await,
        true,
    );
    store.create_account_webhook(site, &draft, &secret, NOW).await.unwrap().unwrap();
}

async fn canned(s: &Scenario) {
    let (store, site) = (&s.world.store, s.site);
    let draft = CannedResponseDraft::new("own", "Hello").unwrap();
    let made = s
        .measure("create_canned_response", store.create_canned_response(site, &draft, NOW))
        .await
        .unwrap()
        .id;
    expect(s.measure("canned_responses", store.canned_responses(site, None, 10)).await.len(), 2);
    expect(
        s.measure("canned_responses: text", store.canned_responses(site, Some("ow"), 10))
            .await
            .len(),
        1,
    );
    expect(s.measure("canned_response", store.canned_response(site, made)).await.is_some(), true);
    let change = |_: &CannedResponseDraft| CannedResponseDraft::new("own", "Bye");
    expect(
        s.measure(
            "update_canned_response",
            store.update_canned_response(site, made, Box::new(change), after(1)),
        )
        .await
        .is_ok(),
        true,
    );
    expect(
        s.measure("delete_canned_response", store.delete_canned_response(site, made)).await,
        true,
    );
}

async fn contacts(s: &Scenario, inbox: InboxId, agent: AgentId) -> Fixture {
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

/// Each filter, in a database where each has as many matches as the database is large.
async fn lists(s: &Scenario, editor: &Fixture) {
    let (store, site) = (&s.world.store, s.site);
    let open = || ConversationQuery { status: Some(ConversationStatus::Open), ..query() };
    let me = Some(editor.agent);
    for (name, query) in [
        ("conversations: open", open()),
        ("conversations: all", query()),
        (
            "conversations: unassigned",
            ConversationQuery { assignee: AssigneeFilter::Unassigned, ..open() },
        ),
        (
            "conversations: assigned",
            ConversationQuery { assignee: AssigneeFilter::Assigned, ..open() },
        ),
    ] {
        expect(
            s.measure(name, store.conversations(site, &query)).await.conversations.is_empty(),
            false,
        );
    }
    for (name, query) in [
        (
            "conversations: mine",
            ConversationQuery {
                assignee: AssigneeFilter::Me,
                me,
                access: ConversationAccess::Agent(editor.agent),
                ..open()
            },
        ),
        ("conversations: an inbox", ConversationQuery { inbox: Some(editor.inbox), ..open() }),
        ("conversations: text", ConversationQuery { text: Some("unmistakable".into()), ..open() }),
    ] {
        expect(s.measure(name, store.conversations(site, &query)).await.conversations.len(), 1);
    }
    for (name, labels) in [
        ("conversations: a label", vec!["common"]),
        ("conversations: labels", vec!["common", "rare"]),
    ] {
        let query =
            ConversationQuery { labels: labels.into_iter().map(str::to_owned).collect(), ..open() };
        expect(
            s.measure(name, store.conversations(site, &query)).await.conversations.is_empty(),
            false,
        );
    }
    let common = |text: &str| ConversationQuery { text: Some(text.to_owned()), ..open() };
    for (name, text) in [
        ("conversations: a common word", "parcel"),
        ("conversations: a common name", "ann"),
        ("conversations: two words", "parcel hello"),
    ] {
        s.measure(name, store.conversations(site, &common(text))).await;
    }
    let agent = ConversationQuery { access: ConversationAccess::Agent(editor.agent), ..query() };
    expect(
        s.measure("conversations: assigned to an agent", store.conversations(site, &agent))
            .await
            .conversations
            .len(),
        1,
    );
    for (name, query) in [
        ("conversations: later page", ConversationQuery { page: 2, ..open() }),
        (
            "conversations: all of an inbox",
            ConversationQuery { inbox: Some(editor.inbox), ..query() },
        ),
    ] {
        s.measure(name, store.conversations(site, &query)).await;
    }
    for (name, list, expected) in
        [("agent_list: new", AgentList::New, 0), ("agent_list: mine", AgentList::Mine, 1)]
    {
        let snapshot = s
            .measure(
                name,
                store.agent_list(site, ConversationAccess::Inbox(editor.inbox), editor.agent, list),
            )
            .await;
        expect(snapshot.conversations.len(), expected);
    }
    s.measure(
        "agent_list: mine of the site",
        store.agent_list(site, SITE, editor.agent, AgentList::Mine),
    )
    .await;
    let agent = store.agent(site, editor.agent).await.unwrap().unwrap();
    let watched = store.watch_conversation(site, SITE, editor.number, &agent, true, NOW);
    let id = s.measure("watch_conversation", Box::pin(watched)).await.unwrap().conversation.uuid;
    expect(
        s.measure(
            "agent_list: watched",
            store.agent_list(site, SITE, editor.agent, AgentList::Watched),
        )
        .await
        .conversations
        .len(),
        1,
    );
    expect(
        s.measure("conversation_by_uuid", store.conversation_by_uuid(site, SITE, id)).await.is_ok(),
        true,
    );
    expect(s.measure("site_of_conversation", store.site_of_conversation(id)).await, Some(site));
    let new = |email: &str| NewInitiatedConversation {
        inbox: editor.inbox,
        address: ChannelAddress::Email(EmailAddress::parse(email).unwrap()),
        uuid: conversation(&s.world).uuid,
        session: new_session(&s.world),
    };
    for (name, created) in
        [("start_conversation", true), ("start_conversation: there is one", false)]
    {
        let (new, access) = (new("begun@shop.example"), ConversationAccess::Inbox(editor.inbox));
        let begun = store.start_conversation(site, access, &new, &agent, NOW);
        expect(s.measure(name, Box::pin(begun)).await.unwrap().created, created);
    }
    s.measure("conversation_counts", store.conversation_counts(site, &open())).await;
}

async fn talk(s: &Scenario, editor: &Fixture) {
    let (store, site, number) = (&s.world.store, s.site, editor.number);
    let agent = Performer::Agent(Box::new(store.agent(site, editor.agent).await.unwrap().unwrap()));
    let incoming = NewMessage::text(MessageKind::Incoming, "hello");
    expect(
        s.measure(
            "post_message: incoming",
            store.post_message(site, SITE, number, &incoming, &Performer::Contact, NOW),
        )
        .await
        .is_ok(),
        true,
    );
    let key = ChannelToken::generate(&s.world.rng);
    let file = NewAttachment {
        file_type: FileType::File,
        key: key.clone(),
        filename: "a.bin".into(),
        content_type: "application/octet-stream".into(),
        extension: None,
        dimensions: None,
        bytes: b"bytes".as_slice().into(),
        thumbnail: None,
        coordinates: None,
        fallback_title: None,
    };
    let outgoing =
        NewMessage { attachments: vec![file], ..NewMessage::text(MessageKind::Outgoing, "hello") };
    let reply = s
        .measure(
            "post_message: outgoing",
            store.post_message(site, SITE, number, &outgoing, &agent, after(1)),
        )
        .await
        .unwrap()
        .message
        .id;
    expect(
        s.measure("attachment_file", store.attachment_file(key.reveal(), false)).await.is_some(),
        true,
    );
    let window = MessageWindow::default();
    expect(
        s.measure("conversation_messages", store.conversation_messages(site, SITE, number, window))
            .await
            .unwrap()
            .messages
            .len(),
        3,
    );
    let window = MessageWindow { public: true, after: Some(editor.message), ..window };
    expect(
        s.measure(
            "conversation_messages: after",
            store.conversation_messages(site, SITE, number, window),
        )
        .await
        .unwrap()
        .messages
        .len(),
        2,
    );
    expect(
        s.measure("conversation_message", store.conversation_message(site, SITE, number, reply))
            .await
            .is_ok(),
        true,
    );
    let failed = store.set_message_status(
        site,
        SITE,
        (number, reply),
        MessageStatus::Failed,
        Some("no route"),
        after(2),
    );
    expect(s.measure("set_message_status", Box::pin(failed)).await.is_ok(), true);
    expect(
        s.measure("retry_message", store.retry_message(site, SITE, (number, reply), after(3)))
            .await
            .is_ok(),
        true,
    );
    let values = serde_json::Map::from_iter([("submitted_values".to_owned(), 7.into())]);
    let merged = store.merge_content_attributes(
        site,
        SITE,
        (number, reply),
        &values,
        &Performer::Contact,
        after(4),
    );
    expect(s.measure("merge_content_attributes", Box::pin(merged)).await.is_ok(), true);
    expect(
        s.measure(
            "mark_seen_by_agent",
            store.mark_seen_by_agent(site, SITE, number, editor.agent, after(5)),
        )
        .await
        .is_ok(),
        true,
    );
    expect(
        s.measure("mark_seen_by_contact", store.mark_seen_by_contact(site, SITE, number, after(5)))
            .await
            .is_ok(),
        true,
    );
    let typing = store.publish_typing(site, SITE, number, (true, false), &agent, after(5));
    expect(s.measure("publish_typing", Box::pin(typing)).await.is_ok(), true);
    expect(
        s.measure(
            "delete_message",
            store.delete_message(site, SITE, (number, reply), &agent, after(6)),
        )
        .await
        .is_ok(),
        true,
    );
    let change = ConversationChange {
        status: Some(StatusChange::To(ConversationStatus::Snoozed, Some(days(1)))),
        labels: Some(vec!["vip".into()]),
        assignee: Some(None),
        ..ConversationChange::default()
    };
    let changed = store.update_conversation(site, SITE, number, &change, &agent, after(7));
    expect(s.measure("update_conversation", Box::pin(changed)).await.is_ok(), true);
    expect(s.measure("wake_snoozed: nothing", store.wake_snoozed(after(8))).await, Some(days(1)));
    expect(s.measure("wake_snoozed", store.wake_snoozed(days(1))).await, None);
    let absent = |settings: &InboxSettings| {
        Ok(InboxSettings {
            working_hours_enabled: true,
            out_of_office_message: Some("On Monday".into()),
            ..settings.clone()
        })
    };
    store.update_inbox(site, editor.inbox, Box::new(absent), days(1)).await.unwrap().unwrap();
    let asked = store.post_message(site, SITE, number, &incoming, &Performer::Contact, days(1));
    let asked = s.measure("post_message: automatic reply", Box::pin(asked)).await.unwrap();
    expect(asked.view.last_message.map(|message| message.kind), Some(MessageKind::Template));
}

async fn leave(s: &Scenario, editor: &Fixture) {
    let (store, site) = (&s.world.store, s.site);
    let view = store.conversation(site, SITE, editor.number).await.unwrap().unwrap();
    expect(
        s.measure(
            "erase_channel_contact",
            store.erase_channel_contact(site, view.contact.id(), days(1)),
        )
        .await,
        true,
    );
    expect(s.measure("sweep_channel", store.sweep_channel(days(1))).await > 0, true);
    expect(s.measure("delete_inbox", store.delete_inbox(site, editor.inbox, days(1))).await, true);
    expect(s.measure("sweep_channel: an inbox", store.sweep_channel(days(1))).await > 0, true);
}
