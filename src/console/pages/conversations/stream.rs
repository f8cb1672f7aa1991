//! `GET …/conversations/events`: the event stream that tells the page what to refetch. Events name
//! the conversation, who types, and whether a contact's message is for this agent; contents are
//! read by the pages, with their access checks.

use super::{agent::AgentMember, list::display_name};
use crate::{
    console::{Console, error::ConsoleError, phrases::UiLanguage},
    content::text::clean_line,
    domain::{
        AccountId, SiteId,
        channel::{
            AgentId, ConversationEvent, ConversationEventKind as Kind, ConversationView,
            MessageKind, Performer,
        },
    },
    events::{
        ConversationPush, ConversationRecipient, ConversationSubscription, HubConnection,
        HubConnectionEvent,
    },
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde_json::json;
use std::{convert::Infallible, time::Duration};
use tokio::time::Instant;

/// Duration of a stream. The browser reconnects, and access is checked again.
const MAX_STREAM_DURATION: Duration = Duration::from_mins(5);
/// Hub heartbeats per keep-alive comment: one every 15 seconds.
const HEARTBEATS_PER_ACCESS_CHECK: u32 = 5;

struct EventStream {
    console: Console,
    line: HubConnection,
    membership: ConversationSubscription,
    site: SiteId,
    account: AccountId,
    me: AgentId,
    lang: UiLanguage,
    beats: u32,
    ends: Instant,
    /// Sent first.
    greeting: Option<&'static str>,
}

/// Opens the stream.
pub(super) async fn events(
    State(console): State<Console>,
    who: AgentMember,
) -> Result<Response, ConsoleError> {
    let unavailable = || ConsoleError::Broken(StatusCode::SERVICE_UNAVAILABLE);
    let line = console.conversations.connect().ok_or_else(unavailable)?;
    let found = console
        .inbox
        .pubsub_subscriber(who.agent.pubsub_token.reveal())
        .await?
        .ok_or(ConsoleError::Forbidden)?;
    let membership =
        line.join(0, ConversationRecipient::from(found)).ok_or(ConsoleError::TooMany(60))?;
    membership.present();
    let (site, account, me, lang) = (who.site.id, who.account.id, who.agent.agent.id, who.lang);
    let ends = Instant::now() + MAX_STREAM_DURATION;
    let feed = EventStream {
        console,
        line,
        membership,
        site,
        account,
        me,
        lang,
        beats: 0,
        ends,
        greeting: Some("retry: 2000\n\nevent: ready\ndata: {}\n\n"),
    };
    let body = Body::from_stream(stream::unfold(feed, async |mut feed| {
        feed.next().await.map(|text| (Ok::<_, Infallible>(text), feed))
    }));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, body).into_response())
}

impl EventStream {
    async fn next(&mut self) -> Option<String> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting.to_owned());
        }
        loop {
            match self.line.next().await {
                HubConnectionEvent::Beat => {
                    if Instant::now() >= self.ends {
                        return None;
                    }
                    self.beats = self.beats.wrapping_add(1);
                    if self.beats.is_multiple_of(HEARTBEATS_PER_ACCESS_CHECK) {
                        self.membership.present();
                        return Some(":\n\n".to_owned());
                    }
                }
                HubConnectionEvent::Delivery(delivery) => match delivery.message {
                    ConversationPush::Event(shared, _) => {
                        if let Some(frame) = frame(self.lang, self.me, shared.event()) {
                            return Some(frame);
                        }
                    }
                    ConversationPush::LookAgain => {
                        if !self.look_again().await {
                            return None;
                        }
                    }
                    ConversationPush::Written(_)
                    | ConversationPush::Joined(_)
                    | ConversationPush::Left(_) => {}
                },
                HubConnectionEvent::Closing | HubConnectionEvent::TooSlow => return None,
            }
        }
    }

    /// The agent's access changed.
    async fn look_again(&self) -> bool {
        let Ok(Some(agent)) = self.console.inbox.agent_of_account(self.site, self.account).await
        else {
            return false;
        };
        match self.console.inbox.pubsub_subscriber(agent.pubsub_token.reveal()).await {
            Ok(Some(found)) => self.membership.update(found.into()),
            _ => false,
        }
    }
}

/// Whether this agent should answer the contact's message: it is assigned to them or to nobody.
fn is_for(me: AgentId, event: &ConversationEvent, view: &ConversationView) -> bool {
    let is_incoming = event.kind == Kind::MessageCreated
        && event.message.as_ref().is_some_and(|message| message.kind == MessageKind::Incoming);
    is_incoming
        && !view.contact.blocked
        && view.conversation.assignee.is_none_or(|agent| agent == me)
}

/// The event as the page receives it, without anything else.
fn frame(lang: UiLanguage, me: AgentId, event: &ConversationEvent) -> Option<String> {
    let view = event.conversation.as_ref()?;
    let number = view.conversation.number.0;
    let (name, data) = match event.kind {
        Kind::TypingOn | Kind::TypingOff => {
            let who = match &event.performer {
                Performer::Agent(agent) => clean_line(&agent.name),
                _ => display_name(lang, &view.contact),
            };
            (
                "typing",
                json!({"number": number, "who": who, "on": event.kind == Kind::TypingOn, "note": event.private}),
            )
        }
        // Ignored: a page that refetched on it would mark the thread as seen again, without end.
        Kind::ConversationRead => ("read", json!({"number": number})),
        // The console does not show watchers.
        Kind::ConversationWatched => return None,
        _ => ("changed", json!({"number": number})),
    };
    let incoming = if is_for(me, event, view) {
        format!("event: incoming\ndata: {data}\n\n")
    } else {
        String::new()
    };
    Some(format!("event: {name}\ndata: {data}\n\n{incoming}"))
}
