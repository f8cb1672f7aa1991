//! `conversation:{uuid}`: one conversation for an agent's window: its messages, and the agents who
//! are viewing it.
//!
//! The topic subscribes to the hub before it reads the messages; events of messages already read
//! are dropped.

mod actions;
mod history;

use super::{
    Topic, TopicContext, TopicEnded, TopicError,
    agent::{AgentSession, channel_rejection},
};
use crate::sdk::socket::Payload;
use async_trait::async_trait;
use belfry_app::events::{
    ConversationPush, ConversationSubscription, SharedConversationEvent, Viewer, Viewing,
};
use belfry_domain::channel::{
    ConversationEventKind as Kind, ConversationMessage, ConversationMessageId, ConversationNumber,
    ConversationView, Performer,
};
use serde_json::{Map, Value, json};

/// Ticks between two presence signals; without them the agent is offline after a minute.
const TICKS_PER_PRESENCE: u32 = 8;

pub(super) struct ConversationTopic {
    session: AgentSession,
    subscription: ConversationSubscription,
    number: ConversationNumber,
    /// The newest message that the client has.
    newest_message: ConversationMessageId,
    /// The conversation's revision that the client has.
    revision: i64,
    heartbeats: u32,
}

pub(super) async fn join(
    to: &mut TopicContext<'_>,
    id: &str,
    params: &Value,
) -> Result<(Box<dyn Topic>, Payload), TopicError> {
    let session = AgentSession::authenticate(to).await?;
    let number = session.conversation(to, id).await?.conversation.number;
    let viewing = Viewing { conversation: number, name: session.caller.agent.name.as_str().into() };
    let subscription =
        to.subscribe(session.recipient(Some(viewing))).ok_or(TopicError::RATE_LIMITED)?;
    subscription.keep_present();
    let mut topic = ConversationTopic {
        session,
        subscription,
        number,
        newest_message: ConversationMessageId(0),
        revision: 0,
        heartbeats: 0,
    };
    to.push("presence_state", presence(topic.subscription.viewers().iter()));
    let view = topic.send_history(to, params.get("span")).await?;
    let mut answer = topic.session.to_json(to);
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("conversation".to_owned(), json!(topic.session.list_item(to.state, &view)));
    }
    topic.push_meta(to, &view);
    Ok((Box::new(topic), answer.into()))
}

#[async_trait]
impl Topic for ConversationTopic {
    async fn push(
        &mut self,
        to: &mut TopicContext<'_>,
        event: &str,
        payload: Value,
    ) -> Result<Payload, TopicError> {
        self.handle_push(to, event, &payload).await
    }

    async fn on_hub_event(
        &mut self,
        to: &mut TopicContext<'_>,
        message: ConversationPush,
    ) -> Result<(), TopicEnded> {
        match message {
            ConversationPush::Event(shared, _) => self.on_event(to, &shared).await,
            ConversationPush::ViewerJoined(viewer) => {
                to.push(
                    "presence_diff",
                    json!({ "joins": presence([&viewer].into_iter()), "leaves": {} }),
                );
                Ok(())
            }
            ConversationPush::ViewerLeft(viewer) => {
                to.push(
                    "presence_diff",
                    json!({ "joins": {}, "leaves": presence([&viewer].into_iter()) }),
                );
                Ok(())
            }
            ConversationPush::Recheck => {
                self.session.reload(to).await?;
                // The conversation may have been deleted with its inbox.
                let view = to
                    .state
                    .app
                    .conversation(&self.session.caller, self.number)
                    .await
                    .map_err(|error| TopicEnded(channel_rejection(&error)))?;
                self.push_meta(to, &view);
                Ok(())
            }
            ConversationPush::Encoded(_) => Ok(()),
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

impl ConversationTopic {
    async fn on_event(
        &mut self,
        to: &mut TopicContext<'_>,
        shared: &SharedConversationEvent,
    ) -> Result<(), TopicEnded> {
        let event = shared.event();
        let view =
            event.conversation.as_deref().filter(|view| view.conversation.number == self.number);
        match (event.kind, view, event.message.as_deref()) {
            (Kind::TypingOn | Kind::TypingOff, Some(view), _) => {
                let by = match &event.performer {
                    Performer::Agent(agent) => {
                        json!(belfry_content::wire::ChatPerson::agent(agent))
                    }
                    Performer::Contact | Performer::System => {
                        json!(belfry_content::wire::ChatPerson::contact(&view.contact))
                    }
                };
                let (is_on, private) = (event.kind == Kind::TypingOn, event.private);
                to.push("typing", json!({ "payload": is_on, "as": by, "private": private }));
            }
            (Kind::MessageCreated, Some(view), Some(message)) => {
                if message.id > self.newest_message {
                    self.newest_message = message.id;
                    self.push_event(to, "message", view, message);
                }
                self.push_meta(to, view);
            }
            (Kind::MessageUpdated, Some(view), Some(message)) => {
                self.push_event(to, "message_update", view, message);
                self.push_meta(to, view);
            }
            (Kind::ContactDeleted | Kind::ContactMerged, _, _) => {
                // The conversation may have been deleted with its contact.
                let conversation =
                    to.state.app.conversation(&self.session.caller, self.number).await;
                conversation.map_err(|error| TopicEnded(channel_rejection(&error)))?;
            }
            (_, Some(view), _) => self.push_meta(to, view),
            _ => {}
        }
        Ok(())
    }

    fn push_event(
        &self,
        to: &mut TopicContext<'_>,
        event: &str,
        view: &ConversationView,
        message: &ConversationMessage,
    ) {
        for said in self.session.renderer(to.state).agent_events(message, &view.contact) {
            to.push(event, Payload::json(&said));
        }
    }

    /// Pushes the conversation's state, once per revision.
    fn push_meta(&mut self, to: &mut TopicContext<'_>, view: &ConversationView) {
        if view.conversation.revision > self.revision {
            self.revision = view.conversation.revision;
            to.push("conversation_meta", Payload::json(&self.session.list_item(to.state, view)));
        }
    }
}

/// The viewing agents in the format of Phoenix presence: by agent, each membership with its own
/// reference.
fn presence<'a>(viewers: impl Iterator<Item = &'a Viewer>) -> Value {
    let mut all = Map::new();
    for viewer in viewers {
        let meta = json!({ "phx_ref": viewer.number.to_string(), "id": viewer.agent.to_string(), "name": *viewer.name });
        let metas = all.entry(viewer.agent.to_string()).or_insert_with(|| json!({ "metas": [] }));
        if let Some(metas) = metas.get_mut("metas").and_then(Value::as_array_mut) {
            metas.push(meta);
        }
    }
    all.into()
}
