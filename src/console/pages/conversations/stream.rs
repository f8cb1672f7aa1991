//! `GET …/conversations/events`: the event stream that tells the page what to refetch. Events name
//! the conversation, who types, and whether a contact's message is for this agent; contents are
//! read by the pages, with their access checks.

use super::{agent::AgentMember, list::display_name};
use crate::{Console, error::ConsoleError, phrases::UiLanguage};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_app::events::{
    ConversationPush, ConversationRecipient, ConversationSubscription, HubConnection,
    HubConnectionEvent,
};
use belfry_content::text::clean_line;
use belfry_domain::{
    AccountId, SiteId,
    channel::{
        AgentId, ConversationEvent, ConversationEventKind as Kind, ConversationView, MessageKind,
        Performer,
    },
};
use futures_util::stream;
use serde_json::json;
use std::{convert::Infallible, time::Duration};
use tokio::time::Instant;

/// Duration of a stream. The browser reconnects, and access is checked again.
const MAX_STREAM_DURATION: Duration = Duration::from_mins(5);
/// Hub heartbeats per keep-alive comment: one every 15 seconds.
const HEARTBEATS_PER_ACCESS_CHECK: u32 = 5;

/// Minimum delay before a browser reconnects, in milliseconds, and the maximum of what is added at
/// random, so that not all reconnect at the same moment.
const RECONNECT_MS: u64 = 500;
const RECONNECT_JITTER_MS: u64 = 1_000;

struct EventStream {
    console: Console,
    hub_connection: HubConnection,
    subscription: ConversationSubscription,
    site: SiteId,
    account: AccountId,
    me: AgentId,
    lang: UiLanguage,
    heartbeats: u32,
    expires_at: Instant,
    /// Sent first.
    greeting: Option<String>,
}

/// Opens the stream.
pub(super) async fn events(
    State(console): State<Console>,
    member: AgentMember,
) -> Result<Response, ConsoleError> {
    let unavailable = || ConsoleError::Internal(StatusCode::SERVICE_UNAVAILABLE);
    let hub_connection = console.conversations.connect().ok_or_else(unavailable)?;
    let subscriber = console
        .app
        .pubsub_subscriber(member.agent.pubsub_token.reveal())
        .await?
        .ok_or(ConsoleError::Forbidden)?;
    let subscription = hub_connection
        .subscribe(0, ConversationRecipient::from(subscriber))
        .ok_or(ConsoleError::TooMany(60))?;
    subscription.mark_present();
    let (site, account, me, lang) =
        (member.site.id, member.account.id, member.agent.agent.id, member.lang);
    let expires_at = Instant::now() + MAX_STREAM_DURATION;
    let mut jitter = [0; 2];
    console.app.rng().fill(&mut jitter);
    let retry = RECONNECT_MS + u64::from(u16::from_le_bytes(jitter)) % RECONNECT_JITTER_MS;
    let feed = EventStream {
        console,
        hub_connection,
        subscription,
        site,
        account,
        me,
        lang,
        heartbeats: 0,
        expires_at,
        greeting: Some(format!("retry: {retry}\n\nevent: ready\ndata: {{}}\n\n")),
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
            return Some(greeting);
        }
        loop {
            match self.hub_connection.next().await {
                HubConnectionEvent::Heartbeat => {
                    if Instant::now() >= self.expires_at {
                        return None;
                    }
                    self.heartbeats = self.heartbeats.wrapping_add(1);
                    if self.heartbeats.is_multiple_of(HEARTBEATS_PER_ACCESS_CHECK) {
                        self.subscription.mark_present();
                        return Some(":\n\n".to_owned());
                    }
                }
                HubConnectionEvent::Delivery(delivery) => match delivery.message {
                    ConversationPush::Event(shared, _) => {
                        if let Some(frame) = frame(self.lang, self.me, shared.event()) {
                            return Some(frame);
                        }
                    }
                    ConversationPush::Recheck => {
                        if !self.recheck_access().await {
                            return None;
                        }
                    }
                    ConversationPush::Encoded(_)
                    | ConversationPush::ViewerJoined(_)
                    | ConversationPush::ViewerLeft(_) => {}
                },
                HubConnectionEvent::Closing | HubConnectionEvent::TooSlow => return None,
            }
        }
    }

    /// The agent's access changed.
    async fn recheck_access(&self) -> bool {
        let Ok(Some(agent)) = self.console.app.agent_of_account(self.site, self.account).await
        else {
            return false;
        };
        match self.console.app.pubsub_subscriber(agent.pubsub_token.reveal()).await {
            Ok(Some(found)) => self.subscription.update(found.into()),
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
