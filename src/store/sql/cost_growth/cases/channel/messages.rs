//! Cases: messages in a conversation, and its changes.

use super::{
    super::super::scenario::{Scenario, days, expect},
    Fixture,
};
use crate::contract::{
    channel::SITE,
    test_store::{NOW, after},
};
use belfry_domain::channel::{
    ChannelToken, ConversationChange, ConversationStatus, FileType, InboxSettings, MessageKind,
    MessageStatus, MessageWindow, NewAttachment, NewMessage, Performer, StatusChange,
};

pub(super) async fn talk(s: &Scenario, editor: &Fixture) {
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
