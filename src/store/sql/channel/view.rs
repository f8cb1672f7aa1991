//! Conversations with everything that responses and events show of them. A batch is loaded with
//! three statements.

use super::{
    agent::{agent_columns, agent_in},
    contact::{channel_contact_columns, channel_contact_in},
    inbox::inbox_uuid_in,
    message, of_int,
    session::{session_columns, session_in},
};
use crate::{
    Result, StoreError,
    db::{Columns, Connection, query, to_json},
    vault::Vault,
};
use belfry_domain::{
    SiteId,
    channel::{
        AgentId, ContactInboxId, Conversation, ConversationId, ConversationMessage,
        ConversationMessageId, ConversationNumber, ConversationStatus, ConversationView, InboxId,
        InboxSettings, LastReplies, Priority, SiteNumber,
    },
};
use std::collections::HashMap;

macro_rules! conversation_columns {
    () => {
        "v.number, v.uuid, v.inbox_id, v.contact_id, v.contact_inbox_id, v.status, v.snoozed_until, v.priority, v.assignee_id, v.labels,
         v.custom_attributes, v.additional_attributes, v.created_at, v.updated_at, v.last_activity_at, v.last_incoming_at, v.waiting_since,
         v.first_reply_at, v.contact_last_seen_at, v.agent_last_seen_at, v.assignee_last_seen_at, v.last_message, v.revision, v.watchers, v.last_spoken_message,
         v.agent_seen_message, v.rate_minute, v.rate_messages, v.last_agent_message_at, v.last_automatic_message_at"
    };
}
pub(super) use conversation_columns;

/// A conversation with the columns that only the store uses.
#[derive(Debug, Clone)]
pub(super) struct ConversationRow {
    pub(super) conversation: Conversation,
    pub(super) last_message_id: Option<i64>,
    pub(super) agent_seen_at: i64,
    pub(super) reply_minute: i64,
    pub(super) replies_in_minute: u32,
    pub(super) last_replies: LastReplies,
}

pub(super) fn conversation_in(columns: &mut Columns<'_>) -> Result<ConversationRow> {
    let number = ConversationNumber(columns.value()?);
    let uuid: &[u8] = columns.value()?;
    let uuid: [u8; 16] = uuid
        .try_into()
        .map_err(|_| StoreError::Inconsistent("invalid UUID of a conversation".to_owned()))?;
    let conversation = Conversation {
        number,
        uuid: ConversationId::from_bytes(uuid),
        inbox: InboxId(columns.value()?),
        contact: columns.contact()?,
        session: ContactInboxId(columns.value()?),
        status: of_int(columns.value()?, ConversationStatus::from_int)?,
        snoozed_until: columns.maybe_time()?,
        priority: columns
            .value::<Option<i64>>()?
            .map(|priority| of_int(priority, Priority::from_int))
            .transpose()?,
        assignee: columns.value::<Option<i64>>()?.map(AgentId),
        labels: columns.json()?,
        custom_attributes: columns.json()?,
        additional_attributes: columns.json()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
        last_activity_at: columns.time()?,
        last_incoming_at: columns.maybe_time()?,
        waiting_since: columns.maybe_time()?,
        first_reply_at: columns.maybe_time()?,
        contact_last_seen_at: columns.maybe_time()?,
        agent_last_seen_at: columns.maybe_time()?,
        assignee_last_seen_at: columns.maybe_time()?,
        last_message: columns.value::<Option<i64>>()?.map(ConversationMessageId),
        revision: columns.value()?,
        watchers: columns.json()?,
    };
    Ok(ConversationRow {
        conversation,
        last_message_id: columns.value()?,
        agent_seen_at: columns.value()?,
        reply_minute: columns.value()?,
        replies_in_minute: columns.value()?,
        last_replies: LastReplies {
            by_agents: columns.maybe_time()?,
            by_system: columns.maybe_time()?,
        },
    })
}

/// Conversations of a site, in the order of the given numbers. Deleted ones are left out.
pub(in crate::sql) const VIEWS: &str = concat!(
    "SELECT n.number, i.name, i.uuid, i.settings,
        (SELECT count(*) FROM (SELECT 1 FROM conversation_message AS m INDEXED BY conversation_message_incoming
            WHERE m.site_id = ?1 AND m.conversation = v.number AND m.kind = 0 AND m.id > v.agent_seen_message LIMIT 10)), ",
    conversation_columns!(),
    ", ",
    channel_contact_columns!(),
    ", ",
    session_columns!(),
    ", a.id IS NOT NULL, ",
    agent_columns!(),
    " FROM json_each(?2) AS input CROSS JOIN conversation AS v ON v.site_id = ?1 AND v.number = CAST(input.value AS BIGINT) AND v.deleted = 0
     CROSS JOIN inbox AS i ON i.id = v.inbox_id AND i.deleted = 0
     CROSS JOIN site_counter AS n ON n.site_id = ?1
     CROSS JOIN contact AS c ON c.site_id = ?1 AND c.id = v.contact_id
     CROSS JOIN contact_inbox AS s ON s.id = v.contact_inbox_id AND s.site_id = ?1
     LEFT JOIN channel_contact AS x ON x.site_id = ?1 AND x.contact_id = v.contact_id
     LEFT JOIN agent AS a ON a.id = v.assignee_id AND a.site_id = ?1
     LEFT JOIN membership AS m ON m.site_id = ?1 AND m.account_id = a.account_id ORDER BY input.key"
);

/// The views of these conversations, in this order. Pubsub tokens are included if a vault is given.
pub(super) async fn views(
    connection: &mut Connection,
    site: SiteId,
    numbers: &[i64],
    vault: Option<&Vault>,
) -> Result<Vec<ConversationView>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let rows = query(VIEWS)
        .bind(site.as_bytes())
        .bind(to_json(numbers)?)
        .fetch_all(&mut *connection)
        .await?;
    let (mut views, mut wanted, mut spoken) =
        (Vec::with_capacity(rows.len()), Vec::new(), Vec::with_capacity(rows.len()));
    for row in &rows {
        let mut columns = Columns::new(row);
        let (account, inbox_name) = (SiteNumber(columns.value()?), columns.value()?);
        let inbox_uuid = inbox_uuid_in(&mut columns)?;
        let settings: InboxSettings = columns.json()?;
        let unread_count = columns.value()?;
        let ConversationRow { conversation, last_message_id, .. } = conversation_in(&mut columns)?;
        let contact = channel_contact_in(&mut columns)?;
        let session = session_in(&mut columns, site, vault)?;
        let assignee = if columns.value()? { Some(agent_in(&mut columns)?) } else { None };
        let newest = conversation.last_message.map(|message| message.0);
        wanted.extend(newest.map(|message| (conversation.number.0, message)));
        wanted.extend(
            last_message_id
                .filter(|spoken| Some(*spoken) != newest)
                .map(|message| (conversation.number.0, message)),
        );
        spoken.push(last_message_id);
        views.push(ConversationView {
            account,
            inbox_name,
            inbox_uuid,
            reply_window_millis: ConversationView::reply_window_of(&settings),
            channel: settings.initiate.map(|initiate| initiate.kind),
            conversation,
            contact,
            session,
            assignee,
            last_message: None,
            last_non_activity_message: None,
            unread_count,
        });
    }
    let messages = message::by_ids(connection, site, &wanted).await?;
    let messages: HashMap<i64, ConversationMessage> =
        messages.into_iter().map(|message| (message.id.0, message)).collect();
    for (view, spoken) in views.iter_mut().zip(spoken) {
        let of_view = |id: i64| {
            messages
                .get(&id)
                .filter(|message| message.conversation == view.conversation.number)
                .cloned()
        };
        view.last_message = view.conversation.last_message.and_then(|id| of_view(id.0));
        view.last_non_activity_message = spoken.and_then(of_view);
    }
    Ok(views)
}

/// The view of one existing conversation.
pub(super) async fn view(
    connection: &mut Connection,
    site: SiteId,
    number: ConversationNumber,
) -> Result<ConversationView> {
    let view = views(connection, site, &[number.0], None).await?.pop();
    view.ok_or_else(|| StoreError::Inconsistent(format!("conversation {number} is missing")))
}
