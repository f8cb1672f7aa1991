//! `inbox:bot:{uuid}` and `inbox:environment:{uuid}`: an agent's live conversation lists, and the
//! conversations that the agent starts.
//!
//! The topic subscribes to the hub before it reads, and the tracker drops events that a list
//! already includes, so nothing is lost or sent twice. An event's conversation is serialized once
//! for all agents.

use super::{
    Topic, TopicContext, TopicEnded, TopicError,
    agent::{self, AgentAction, AgentSession, channel_rejection, flag, text},
};
use crate::sdk::socket::Payload;
use async_trait::async_trait;
use belfry_app::{
    channel::ChannelError,
    events::{ConversationPush, ConversationSubscription, SharedConversationEvent},
};
use belfry_domain::{
    channel::{
        ConversationEvent, ConversationEventKind as Kind, ConversationStatus, ConversationView,
        InboxUuid,
    },
    sdk::{AgentList, ListChange, ListChangeKind, ListTracker, SdkAuthError, SdkScope},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Ticks between two presence signals; without them the agent is offline after a minute.
const TICKS_PER_PRESENCE: u32 = 8;

pub(super) struct InboxTopic {
    session: AgentSession,
    subscription: ConversationSubscription,
    tracker: ListTracker,
    heartbeats: u32,
}

pub(super) async fn join(
    to: &mut TopicContext<'_>,
    name: &str,
) -> Result<(Box<dyn Topic>, Payload), TopicError> {
    let session = AgentSession::authenticate(to).await?;
    let is_own = match name.split_once(':') {
        Some(("bot", uuid)) => is_bot(to, &session, uuid).await?,
        Some(("environment", uuid)) => {
            session.scope == SdkScope::Site
                && session.caller.site.to_string() == *uuid.to_lowercase()
        }
        _ => return Err(TopicError::UNMATCHED),
    };
    // A window's session is valid for its conversation only.
    if !is_own || session.window.is_some() {
        return Err(SdkAuthError::Unauthorized.into());
    }
    let subscription = to.subscribe(session.recipient(None)).ok_or(TopicError::RATE_LIMITED)?;
    subscription.keep_present();
    let answer = session.to_json(to).into();
    Ok((
        Box::new(InboxTopic {
            session,
            subscription,
            tracker: ListTracker::default(),
            heartbeats: 0,
        }),
        answer,
    ))
}

async fn is_bot(
    to: &TopicContext<'_>,
    session: &AgentSession,
    uuid: &str,
) -> Result<bool, TopicError> {
    let (SdkScope::Inbox(inbox), Ok(uuid)) = (session.scope, uuid.parse::<InboxUuid>()) else {
        return Ok(false);
    };
    match to.state.app.channel_inbox(&session.caller, inbox).await {
        Ok(inbox) => Ok(inbox.uuid == uuid),
        Err(ChannelError::Rejected(_)) => Ok(false),
        Err(error) => Err(channel_rejection(&error)),
    }
}

#[async_trait]
impl Topic for InboxTopic {
    async fn push(
        &mut self,
        to: &mut TopicContext<'_>,
        event: &str,
        payload: Value,
    ) -> Result<Payload, TopicError> {
        match event {
            "subscribe" => {
                let list = list_of(&payload)?;
                self.send_list(to, list, None).await
            }
            "unsubscribe" => {
                self.tracker.unsubscribe(list_of(&payload)?);
                Ok(Payload::empty())
            }
            "list_initiateable_channels" => {
                let channels = to
                    .state
                    .app
                    .initiateable_channels(&self.session)
                    .await
                    .map_err(|error| channel_rejection(&error))?;
                let channel = |channel: &belfry_domain::sdk::InitiateableChannel| {
                    let id = channel.id.to_string();
                    json!({ "id": id, "type": channel.kind, "name": channel.name, "bot_id": id })
                };
                Ok(json!({ "channels": channels.iter().map(channel).collect::<Vec<_>>() }).into())
            }
            "start_conversation" => {
                let (channel, address) =
                    (text(&payload, "channel_id")?, text(&payload, "address")?);
                let view =
                    match to.state.app.start_conversation(&self.session, channel, address).await {
                        Ok(view) => view,
                        Err(belfry_app::sdk::StartError::Channel(error)) => {
                            return Err(channel_rejection(&error));
                        }
                        Err(error) => return Err(TopicError::new(error.reason())),
                    };
                Ok(self.conversation(to, &view))
            }
            "open" => {
                let view = self.find_conversation(to, &payload).await?;
                let code =
                    to.state.app.create_window_code(&self.session, view.conversation.number).await;
                let code = code.map_err(|error| agent::sdk_rejection(&error))?;
                let (id, language) = (view.conversation.uuid, language_of(&payload));
                Ok(json!({ "url": format!("/inbox/embed/{id}?lang={language}#t={}", code.reveal()) }).into())
            }
            "assign" => {
                let to_me = flag(&payload, "to_me")?;
                self.act(to, &payload, AgentAction::Assign { to_me }).await
            }
            "watch" => {
                let is_on = flag(&payload, "on")?;
                self.act(to, &payload, AgentAction::Watch { is_on }).await
            }
            "close" => self.act(to, &payload, AgentAction::Close).await,
            "reopen" => self.act(to, &payload, AgentAction::Reopen).await,
            _ => Err(TopicError::UNKNOWN_EVENT),
        }
    }

    async fn on_hub_event(
        &mut self,
        to: &mut TopicContext<'_>,
        message: ConversationPush,
    ) -> Result<(), TopicEnded> {
        match message {
            ConversationPush::Event(shared, _) => self.on_event(to, &shared).await,
            ConversationPush::Recheck => {
                self.session.reload(to).await?;
                if !self.subscription.update(self.session.recipient(None)) {
                    self.subscription = to
                        .subscribe(self.session.recipient(None))
                        .ok_or(TopicEnded(TopicError::RATE_LIMITED))?;
                }
                self.resend_lists(to, &self.tracker.lists().collect::<Vec<_>>()).await
            }
            ConversationPush::Encoded(_)
            | ConversationPush::ViewerJoined(_)
            | ConversationPush::ViewerLeft(_) => Ok(()),
        }
    }

    async fn on_heartbeat(&mut self, to: &mut TopicContext<'_>) -> Result<(), TopicEnded> {
        self.session.check_expiry(to.state.app.now())?;
        self.heartbeats += 1;
        if self.heartbeats.is_multiple_of(TICKS_PER_PRESENCE) {
            self.subscription.keep_present();
        }
        Ok(())
    }
}

impl InboxTopic {
    /// Reads a list. If `event` is given, the list is pushed as that event.
    async fn send_list(
        &mut self,
        to: &mut TopicContext<'_>,
        list: AgentList,
        event: Option<&str>,
    ) -> Result<Payload, TopicError> {
        let snapshot = to
            .state
            .app
            .agent_list(&self.session.caller, list)
            .await
            .map_err(|error| channel_rejection(&error))?;
        let seq = self.tracker.sync(list, &snapshot);
        let conversations: Vec<_> = snapshot
            .conversations
            .iter()
            .map(|view| self.session.list_item(to.state, view))
            .collect();
        let payload = Payload::json(&Listed {
            inbox: list.as_str(),
            seq,
            is_cut: snapshot.is_truncated,
            conversations: &conversations,
        });
        match event {
            Some(event) => {
                to.push(event, payload);
                Ok(Payload::empty())
            }
            None => Ok(payload),
        }
    }

    /// Pushes these lists again. If one can't be read, the topic ends, so that no client displays
    /// an outdated list.
    async fn resend_lists(
        &mut self,
        to: &mut TopicContext<'_>,
        lists: &[AgentList],
    ) -> Result<(), TopicEnded> {
        for list in lists {
            self.send_list(to, *list, Some("inbox_sync")).await.map_err(TopicEnded)?;
        }
        Ok(())
    }

    async fn on_event(
        &mut self,
        to: &mut TopicContext<'_>,
        shared: &Arc<SharedConversationEvent>,
    ) -> Result<(), TopicEnded> {
        let event = shared.event();
        match event.kind {
            Kind::TypingOn | Kind::TypingOff => return Ok(()),
            Kind::ContactUpdated => {
                let Some(contact) = event.contact_id() else { return Ok(()) };
                if self.tracker.lists().next().is_none() {
                    return Ok(());
                }
                let inbox = &to.state.app;
                let contact_conversations = shared
                    .contact_conversations(inbox.conversations_with(event.site, contact))
                    .await;
                for shared in
                    contact_conversations.map_err(|error| TopicEnded(channel_rejection(&error)))?
                {
                    let Some(view) = self.visible(shared.event()) else { continue };
                    let changes = self.tracker.refresh(view);
                    self.push_changes(to, shared, view, &changes);
                }
            }
            // Conversations were deleted, or moved to another contact.
            Kind::ContactDeleted | Kind::ContactMerged => {
                return self.resend_lists(to, &self.tracker.lists().collect::<Vec<_>>()).await;
            }
            _ => {
                let Some(view) = self.visible(event) else { return Ok(()) };
                let changes = self.tracker.apply(view, self.session.caller.agent.id);
                self.push_changes(to, shared, view, &changes);
            }
        }
        let worn = self.tracker.needs_sync();
        self.resend_lists(to, &worn).await
    }

    fn visible<'a>(&self, event: &'a ConversationEvent) -> Option<&'a ConversationView> {
        event.conversation.as_deref().filter(|view| self.session.can_see(view.conversation.inbox))
    }

    fn push_changes(
        &self,
        to: &mut TopicContext<'_>,
        shared: &Arc<SharedConversationEvent>,
        view: &ConversationView,
        changes: &[ListChange],
    ) {
        let is_watched = view.conversation.watchers.contains(&self.session.caller.agent.id);
        for change in changes {
            let (list, seq) = (change.list.as_str(), change.seq);
            let event = match change.kind {
                ListChangeKind::Remove => {
                    let reason = reason_of(change.list, view);
                    to.push("inbox_remove", json!({ "inbox": list, "seq": seq, "conversation_id": change.id.to_string(), "reason": reason }));
                    continue;
                }
                ListChangeKind::New => "inbox_new",
                ListChangeKind::Update => "inbox_update",
            };
            if let Some(conversation) = to.list_item(shared, is_watched) {
                to.push(
                    event,
                    Payload::wrapping(
                        format!(r#"{{"inbox":"{list}","seq":{seq},"conversation":"#),
                        conversation,
                        "}",
                    ),
                );
            }
        }
    }

    async fn find_conversation(
        &self,
        to: &TopicContext<'_>,
        payload: &Value,
    ) -> Result<ConversationView, TopicError> {
        self.session.conversation(to, text(payload, "conversation_id")?).await
    }

    async fn act(
        &self,
        to: &TopicContext<'_>,
        payload: &Value,
        act: AgentAction,
    ) -> Result<Payload, TopicError> {
        let number = self.find_conversation(to, payload).await?.conversation.number;
        let view = self.session.act(to, number, act).await?;
        Ok(self.conversation(to, &view))
    }

    fn conversation(&self, to: &TopicContext<'_>, view: &ConversationView) -> Payload {
        Payload::json(&json!({ "conversation": self.session.list_item(to.state, view) }))
    }
}

#[derive(serde::Serialize)]
struct Listed<'a, T> {
    inbox: &'a str,
    seq: u64,
    is_cut: bool,
    conversations: &'a [T],
}

fn list_of(payload: &Value) -> Result<AgentList, TopicError> {
    text(payload, "inbox")?.parse().map_err(|_| TopicError::invalid_field("inbox"))
}

/// Why a conversation was removed from a list.
fn reason_of(list: AgentList, view: &ConversationView) -> &'static str {
    match (list, view.conversation.status) {
        (_, ConversationStatus::Resolved) => "closed",
        (AgentList::Watched, _) => "unwatched",
        (_, _) if view.conversation.assignee.is_some() => "assigned",
        (AgentList::Mine, _) => "unassigned",
        (AgentList::New, _) => "postponed",
    }
}

/// The language of a window: a tag, or English.
fn language_of(payload: &Value) -> &str {
    let language = payload.get("lang").and_then(Value::as_str);
    let is_tag = |text: &&str| {
        (2..=35).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    language.filter(is_tag).unwrap_or("en")
}
