//! `GET …/conversations/events`: tells a page that something changed, so that it fetches what is new. It says which conversation, who types, and
//! whether the contact wrote to this agent or to nobody in particular; what was said is read by the same pages as always, with the same rights.

use super::{agent::AgentMember, list::called};
use crate::{
    console::{Console, error::ConsoleError, words::Lang},
    content::text::clean_line,
    domain::{
        AccountId, SiteId,
        channel::{AgentId, ConversationEvent, ConversationEventKind as Kind, ConversationView, MessageKind, Performer},
    },
    live::{ConversationPush, ConversationRecipient, Line, LineEvent, Membership},
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

/// How long one stream lasts. The browser comes back, and who it is and may see is looked at again.
const STREAM_LIFE: Duration = Duration::from_mins(5);
/// Beats of the hub between two signs of life: one each 15 seconds.
const BEATS_PER_SIGN: u32 = 5;

struct Feed {
    console: Console,
    line: Line,
    membership: Membership,
    site: SiteId,
    account: AccountId,
    me: AgentId,
    lang: Lang,
    beats: u32,
    ends: Instant,
    /// What is said first.
    greeting: Option<&'static str>,
}

/// The stream.
pub(super) async fn events(State(console): State<Console>, who: AgentMember) -> Result<Response, ConsoleError> {
    let unavailable = || ConsoleError::Broken(StatusCode::SERVICE_UNAVAILABLE);
    let line = console.conversations.connect().ok_or_else(unavailable)?;
    let found = console.inbox.pubsub_subscriber(who.agent.pubsub_token.reveal()).await?.ok_or(ConsoleError::Forbidden)?;
    let membership = line.join(0, ConversationRecipient::from(found)).ok_or(ConsoleError::TooMany(60))?;
    membership.present();
    let (site, account, me, lang) = (who.site.id, who.account.id, who.agent.agent.id, who.lang);
    let ends = Instant::now() + STREAM_LIFE;
    let feed =
        Feed { console, line, membership, site, account, me, lang, beats: 0, ends, greeting: Some("retry: 2000\n\nevent: ready\ndata: {}\n\n") };
    let body = Body::from_stream(stream::unfold(feed, async |mut feed| feed.next().await.map(|text| (Ok::<_, Infallible>(text), feed))));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, body).into_response())
}

impl Feed {
    async fn next(&mut self) -> Option<String> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting.to_owned());
        }
        loop {
            match self.line.next().await {
                LineEvent::Beat => {
                    if Instant::now() >= self.ends {
                        return None;
                    }
                    self.beats = self.beats.wrapping_add(1);
                    if self.beats.is_multiple_of(BEATS_PER_SIGN) {
                        self.membership.present();
                        return Some(":\n\n".to_owned());
                    }
                }
                LineEvent::Delivery(delivery) => match delivery.message {
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
                    ConversationPush::Written(_) | ConversationPush::Joined(_) | ConversationPush::Left(_) => {}
                },
                LineEvent::Closing | LineEvent::TooSlow => return None,
            }
        }
    }

    /// Who it is may see other inboxes than before, or none any more.
    async fn look_again(&self) -> bool {
        let Ok(Some(agent)) = self.console.inbox.agent_of_account(self.site, self.account).await else { return false };
        match self.console.inbox.pubsub_subscriber(agent.pubsub_token.reveal()).await {
            Ok(Some(found)) => self.membership.update(found.into()),
            _ => false,
        }
    }
}

/// Whether it is for this agent to answer what the contact wrote: nobody else does.
fn is_for(me: AgentId, event: &ConversationEvent, view: &ConversationView) -> bool {
    let is_incoming = event.kind == Kind::MessageCreated && event.message.as_ref().is_some_and(|message| message.kind == MessageKind::Incoming);
    is_incoming && !view.contact.blocked && view.conversation.assignee.is_none_or(|agent| agent == me)
}

/// An event for the page; nothing of what it does not show.
fn frame(lang: Lang, me: AgentId, event: &ConversationEvent) -> Option<String> {
    let view = event.conversation.as_ref()?;
    let number = view.conversation.number.0;
    let (name, data) = match event.kind {
        Kind::TypingOn | Kind::TypingOff => {
            let who = match &event.performer {
                Performer::Agent(agent) => clean_line(&agent.name),
                _ => called(lang, &view.contact),
            };
            ("typing", json!({"number": number, "who": who, "on": event.kind == Kind::TypingOn, "note": event.private}))
        }
        // Nothing of a thread changes by it: a page that fetched the thread and then said that it was seen would go on doing both.
        Kind::ConversationRead => ("read", json!({"number": number})),
        // Pages of the console don't show who watches.
        Kind::ConversationWatched => return None,
        _ => ("changed", json!({"number": number})),
    };
    let incoming = if is_for(me, event, view) { format!("event: incoming\ndata: {data}\n\n") } else { String::new() };
    Some(format!("event: {name}\ndata: {data}\n\n{incoming}"))
}
