//! Messages of conversations: read, updated, deleted and retried. New ones are written by
//! [`super::post`].

mod change;

use super::{
    agent::{agent_columns, agent_in},
    attachment, attempt, conversation, of_int, post, undo_if_rejected, view,
};
use crate::{
    ChannelResult, ConversationMessageStore, Result,
    db::{Columns, Connection, Row, query, to_json},
    sql::SqlStore,
};
use async_trait::async_trait;
use belfry_domain::{
    SiteId, Timestamp,
    channel::{
        ConversationAccess, ConversationMessage, ConversationMessageId, ConversationNumber,
        InboxId, MessageKind, MessageList, MessageStatus, MessageWindow, NewMessage, Performer,
        PostedMessage, Rejection, Sender, SiteNumber,
    },
};
use change::{delete, merge, retry, set_status, visible_message};
use futures_util::FutureExt as _;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

macro_rules! select {
    ($from:literal, $rest:literal) => {
        concat!(
            "SELECT m2.id, n.number, m2.conversation, v2.inbox_id, m2.kind, m2.content, m2.content_type, m2.content_attributes,
                m2.additional_attributes, m2.private, m2.status, m2.source_id, m2.sender, m2.created_at, m2.updated_at, m2.attachments,
                m2.activity, ",
            "a.id IS NOT NULL, ",
            agent_columns!(),
            " FROM ",
            $from,
            " CROSS JOIN conversation AS v2 ON v2.site_id = ?1 AND v2.number = m2.conversation
              CROSS JOIN site_counter AS n ON n.site_id = ?1
              LEFT JOIN agent AS a ON a.id = m2.sender AND a.site_id = ?1
              LEFT JOIN membership AS m ON m.site_id = ?1 AND m.account_id = a.account_id ",
            $rest
        )
    };
}

/// Messages by id, each with its conversation.
pub(in crate::sql) const BY_IDS: &str = select!(
    "json_each(?2) AS input CROSS JOIN conversation_message AS m2 INDEXED BY conversation_message_id
        ON m2.site_id = ?1 AND m2.conversation = CAST(input.value ->> 0 AS BIGINT) AND m2.id = CAST(input.value ->> 1 AS BIGINT)",
    "ORDER BY input.key"
);
/// The newest messages of a conversation before an id.
pub(in crate::sql) const BEFORE: &str = select!(
    "conversation_message AS m2 INDEXED BY conversation_message_id",
    "WHERE m2.site_id = ?1 AND m2.conversation = ?2 AND m2.id >= ?3 AND m2.id < ?4 ORDER BY m2.id DESC LIMIT ?5 + 0"
);
/// The oldest messages of a conversation from an id on.
pub(in crate::sql) const AFTER: &str = select!(
    "conversation_message AS m2 INDEXED BY conversation_message_id",
    "WHERE m2.site_id = ?1 AND m2.conversation = ?2 AND m2.id >= ?3 AND m2.id < ?4 ORDER BY m2.id LIMIT ?5 + 0"
);
pub(in crate::sql) const PUBLIC_BEFORE: &str = select!(
    "conversation_message AS m2 INDEXED BY conversation_message_public",
    "WHERE m2.site_id = ?1 AND m2.conversation = ?2 AND m2.id >= ?3 AND m2.id < ?4 AND m2.private = 0 AND m2.kind <> 2
     ORDER BY m2.id DESC LIMIT ?5 + 0"
);
pub(in crate::sql) const PUBLIC_AFTER: &str = select!(
    "conversation_message AS m2 INDEXED BY conversation_message_public",
    "WHERE m2.site_id = ?1 AND m2.conversation = ?2 AND m2.id >= ?3 AND m2.id < ?4 AND m2.private = 0 AND m2.kind <> 2
     ORDER BY m2.id LIMIT ?5 + 0"
);

/// A message without its attachments, and the number of its attachments.
fn message_in(columns: &mut Columns<'_>) -> Result<(ConversationMessage, u32)> {
    let id = ConversationMessageId(columns.value()?);
    let account = SiteNumber(columns.value()?);
    let (conversation, inbox) = (ConversationNumber(columns.value()?), InboxId(columns.value()?));
    let kind = of_int(columns.value()?, MessageKind::from_int)?;
    let content = columns.value()?;
    let content_type = of_int(columns.value()?, belfry_domain::channel::ContentType::from_int)?;
    let (content_attributes, additional_attributes) = (columns.json()?, columns.json()?);
    let private = columns.value()?;
    let status = of_int(columns.value()?, MessageStatus::from_int)?;
    let source_id = columns.value()?;
    let sender: i64 = columns.value()?;
    let (created_at, updated_at) = (columns.time()?, columns.time()?);
    let attachments = columns.value()?;
    let activity = columns.maybe_json()?;
    let agent = if columns.value()? { Some(agent_in(columns)?) } else { None };
    let sender = if sender == post::SENDER_CONTACT {
        Some(Sender::Contact)
    } else {
        agent.map(Sender::Agent)
    };
    let message = ConversationMessage {
        id,
        account,
        conversation,
        inbox,
        kind,
        content,
        activity,
        content_type,
        content_attributes,
        additional_attributes,
        private,
        status,
        source_id,
        sender,
        attachments: Vec::new(),
        created_at,
        updated_at,
    };
    Ok((message, attachments))
}

async fn with_attachments(
    connection: &mut Connection,
    site: SiteId,
    rows: &[Row],
) -> Result<Vec<ConversationMessage>> {
    let mut messages = Vec::with_capacity(rows.len());
    let mut having = Vec::new();
    for row in rows {
        let (message, attachments) = message_in(&mut Columns::new(row))?;
        if attachments > 0 {
            having.push(message.id.0);
        }
        messages.push(message);
    }
    if !having.is_empty() {
        let mut attachments: BTreeMap<i64, Vec<_>> =
            attachment::of_messages(connection, site, &having).await?;
        for message in &mut messages {
            message.attachments = attachments.remove(&message.id.0).unwrap_or_default();
        }
    }
    Ok(messages)
}

/// Messages by conversation and id. Missing ones are left out.
pub(super) async fn by_ids(
    connection: &mut Connection,
    site: SiteId,
    ids: &[(i64, i64)],
) -> Result<Vec<ConversationMessage>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows =
        query(BY_IDS).bind(site.as_bytes()).bind(to_json(ids)?).fetch_all(&mut *connection).await?;
    with_attachments(connection, site, &rows).await
}

pub(super) async fn one(
    connection: &mut Connection,
    site: SiteId,
    conversation: ConversationNumber,
    message: ConversationMessageId,
) -> Result<Option<ConversationMessage>> {
    Ok(by_ids(connection, site, &[(conversation.0, message.0)]).await?.pop())
}

/// Messages of a conversation, oldest first.
pub(super) async fn list(
    connection: &mut Connection,
    site: SiteId,
    conversation: ConversationNumber,
    window: MessageWindow,
    limit: u32,
) -> Result<Vec<ConversationMessage>> {
    let forward = window.after.is_some();
    let statement = match (window.public, forward) {
        (false, false) => BEFORE,
        (false, true) => AFTER,
        (true, false) => PUBLIC_BEFORE,
        (true, true) => PUBLIC_AFTER,
    };
    // With `before`, the `after` id is included; without it, the page starts after that id.
    let from = window.after.map_or(i64::MIN, |after| {
        if window.before.is_some() { after.0 } else { after.0.saturating_add(1) }
    });
    let rows = query(statement)
        .bind(site.as_bytes())
        .bind(conversation.0)
        .bind(from)
        .bind(window.before.map_or(i64::MAX, |before| before.0))
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
    let mut messages = with_attachments(connection, site, &rows).await?;
    if !forward {
        messages.reverse();
    }
    Ok(messages)
}

type MessageKey = (ConversationNumber, ConversationMessageId);

#[async_trait]
impl ConversationMessageStore for SqlStore {
    async fn post_message(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        draft: &NewMessage,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage> {
        let (draft, performer) = (draft.clone(), performer.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    post::post(tx, site, access, number, draft, performer, now).boxed()
                })
                .boxed()
            })
            .await
    }

    async fn conversation_messages(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        window: MessageWindow,
    ) -> ChannelResult<MessageList> {
        let connection = &mut *self.read_connection_for(site).await?;
        attempt!(conversation::load(connection, site, access, number).await?);
        let view = view::views(connection, site, &[number.0], Some(&self.vault)).await?.pop();
        let view = attempt!(view.ok_or(Rejection::NotFound("conversation")));
        Ok(Ok(MessageList {
            view,
            messages: list(connection, site, number, window, window.limit()).await?,
        }))
    }

    async fn conversation_message(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        message: ConversationMessageId,
    ) -> ChannelResult<PostedMessage> {
        let connection = &mut *self.read_connection_for(site).await?;
        attempt!(conversation::load(connection, site, access, number).await?);
        let visible_message = visible_message(connection, site, access, (number, message)).await?;
        let message = attempt!(visible_message.ok_or(Rejection::NotFound("message")));
        let view = view::views(connection, site, &[number.0], Some(&self.vault)).await?.pop();
        Ok(view
            .map(|view| PostedMessage { view, message })
            .ok_or(Rejection::NotFound("conversation")))
    }

    async fn set_message_status(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: MessageKey,
        status: MessageStatus,
        external_error: Option<&str>,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage> {
        let status = (status, external_error.map(str::to_owned));
        self.writer
            .for_site(site)
            .run(move |tx| set_status(tx, site, access, place, status, now).boxed())
            .await
    }

    async fn delete_message(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: MessageKey,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage> {
        let performer = performer.clone();
        self.writer
            .for_site(site)
            .run(move |tx| delete(tx, site, access, place, performer, now).boxed())
            .await
    }

    async fn retry_message(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: MessageKey,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage> {
        self.writer.for_site(site).run(move |tx| retry(tx, site, access, place, now).boxed()).await
    }

    async fn merge_content_attributes(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: MessageKey,
        attributes: &Map<String, Value>,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage> {
        let (attributes, performer) = (attributes.clone(), performer.clone());
        self.writer
            .for_site(site)
            .run(move |tx| merge(tx, site, access, place, attributes, performer, now).boxed())
            .await
    }
}
