//! `GET /embed/{site}/events`: the event stream of an inbox (server-sent events, HTML standard
//! section 9.2).
//!
//! A stream queries the database when it opens: whether its session is valid, and whether the
//! reader missed something. Afterwards it only forwards events of the hub. What is equal for
//! several streams is rendered once per language and shared.
//!
//! To add an event: its variant in `domain`, its encoding in [`EventStream::encode`], its filter in
//! [`EventStream::is_for_reader`], and its handler in the islands or in the panel's scripts.

use super::{
    WidgetState, auth, auth::SignedIn, error::WidgetError, messages, security_headers,
    stream_contacts::StreamContact, theme, view,
};
use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use belfry_app::events::{SharedEvent, SubscribeError, Subscription};
use belfry_content::{template, text::clean_line};
use belfry_domain::{
    ContactId, ContactLookup, Digest, InboxEvent, Language, Message, Recipients, Secret,
    SecretKind, Site, SiteId, Version,
    channel::{ConversationEvent, ConversationEventKind, MessageKind, Performer},
};
use bytes::Bytes;
use futures_util::{Stream, future::BoxFuture};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep};

/// How long an unused ticket is valid.
const TICKET_TTL: Duration = Duration::from_secs(30);
/// Maximum number of unused tickets.
pub(super) const MAX_TICKETS: usize = 50_000;
/// Interval of heartbeats. Proxies close silent streams; this is below the shortest usual timeout.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);
/// Maximum age of a stream. The reader reconnects at once and proves the session again.
const MAX_STREAM_AGE: Duration = Duration::from_mins(30);
/// Minimum delay before a browser reconnects, in milliseconds; up to the same amount is added at
/// random, so that not all reconnect at the same moment.
const RECONNECT_MS: u64 = 1_000;

/// Query parameters of the stream.
#[derive(Deserialize)]
struct StreamParams {
    ticket: Option<String>,
    reader: Option<String>,
    since: Option<Version>,
    language: Option<String>,
}

/// `POST /embed/{site}/ticket`: a single-use ticket for a stream, for browsers that refuse cookies,
/// because `EventSource` cannot send a header.
pub(super) async fn ticket(
    State(state): State<WidgetState>,
    SignedIn(reader, session): SignedIn,
) -> Result<Response, WidgetError> {
    state.count_write(&reader)?;
    let ticket = Secret::generate(SecretKind::StreamTicket, state.0.app.rng());
    let until = state.0.app.now().plus(TICKET_TTL);
    state.0.tickets.insert(reader.site, ticket.digest(), (session, until), 1);
    Ok((security_headers::private_headers(), Json(json!({ "ticket": ticket.reveal() })))
        .into_response())
}

/// Opens the stream.
pub(super) async fn stream(
    State(state): State<WidgetState>,
    request: Request,
) -> Result<Response, WidgetError> {
    let (mut parts, _) = request.into_parts();
    let params: StreamParams = super::session::query(&mut parts).await?;
    let SignedIn(reader, session) = match &params.ticket {
        Some(ticket) => redeem(&state, &mut parts, ticket).await?,
        None => SignedIn::from_request_parts(&mut parts, &state).await?,
    };
    auth::require_same_tag(params.reader.as_deref(), &reader)?;
    let site = state.site(reader.site).await?;
    // The order matters: after subscribing, every event from here on is in the channel.
    let subscription = state
        .0
        .hub
        .subscribe(reader.site, reader.contact, reader.family, reader.key.clone())
        .map_err(|refused| match refused {
            SubscribeError::TooMany => WidgetError::TooMany,
            SubscribeError::Closing => WidgetError::Unavailable,
        })?;
    // A session revoked before the subscription would otherwise keep its stream.
    state.0.app.authenticate_session(reader.site, &session).await?;
    let counts = state.0.app.unread_counts(&reader).await?;
    let contact = state.0.app.contact(reader.site, &ContactLookup::Id(reader.contact)).await?;
    let mutes = state.0.app.muted(&reader).await?;
    let last = parts
        .headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let missed = last.or(params.since).is_none_or(|since: Version| since < counts.version);
    let mut jitter = [0; 8];
    state.0.app.rng().fill(&mut jitter);
    let mut greeting =
        format!("retry: {}\n\n", RECONNECT_MS + u64::from_le_bytes(jitter) % RECONNECT_MS);
    // Changes made before the subscription, possibly by another process.
    if let Some(unread) = state.unread_replies(&site, &reader).await? {
        greeting.push_str(&frame("conversation", None, &json!({ "unread": unread })));
    }
    greeting.push_str(&theme_event(
        state.active_theme(&site).await?.as_deref().map(|theme| theme.stylesheet.as_str()),
    ));
    if missed {
        greeting.push_str(&frame("resync", None, &json!({ "version": counts.version })));
    }
    greeting.push_str(&heartbeat(counts.version));
    let language = messages::language(params.language.as_deref(), &site.language);
    let contact = state.0.stream_contacts.of(site.id, contact);
    let feed = EventStream {
        state,
        site,
        reader: StreamReader { contact, mutes },
        language,
        subscription,
        greeting: Some(greeting.into()),
        version: counts.version,
        timer: Box::pin(sleep(HEARTBEAT_INTERVAL)),
        expires_at: Instant::now() + MAX_STREAM_AGE,
        lookup: None,
        is_over: false,
    };
    let mut response =
        (security_headers::private_headers(), Body::from_stream(feed)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

async fn redeem(
    state: &WidgetState,
    parts: &mut axum::http::request::Parts,
    ticket: &str,
) -> Result<SignedIn, WidgetError> {
    let site = auth::site_id(parts, state).await?;
    let ticket = Digest::of(ticket);
    let (session, until) = state.0.tickets.remove(site, &ticket).ok_or_else(|| {
        // A ticket used at the wrong place is spent as well.
        state.0.tickets.remove_anywhere(&ticket);
        WidgetError::Unauthenticated
    })?;
    if until <= state.0.app.now() {
        return Err(WidgetError::Unauthenticated);
    }
    Ok(SignedIn(state.0.app.authenticate_session(site, &session).await?, session))
}

/// The body of the response. A hand-written `Stream` rather than an `async` block, because
/// thousands of them wait, and such a block would reserve memory for each of its steps.
struct EventStream {
    state: WidgetState,
    site: Arc<Site>,
    reader: StreamReader,
    language: Language,
    subscription: Subscription,
    greeting: Option<Bytes>,
    /// Version of the last forwarded change.
    version: Version,
    /// Time of the next heartbeat, or of the end.
    timer: Pin<Box<Sleep>>,
    expires_at: Instant,
    /// A running reload of the reader, with the event to forward after it.
    lookup: Option<ReaderLookup>,
    is_over: bool,
}

/// A reload of the reader, with the event to forward after it; `None` if it failed.
type ReaderLookup = BoxFuture<'static, Option<(StreamReader, Arc<SharedEvent>)>>;

/// The reader of the stream as of the last lookup, to decide whether a message concerns them.
struct StreamReader {
    contact: Arc<StreamContact>,
    /// Muted categories.
    mutes: Vec<String>,
}

impl Stream for EventStream {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(context).map(|event| event.map(Ok))
    }
}

impl EventStream {
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(greeting) = self.greeting.take() {
            return Poll::Ready(Some(greeting));
        }
        if self.is_over {
            return Poll::Ready(None);
        }
        loop {
            if let Some(looking) = &mut self.lookup {
                let found = ready!(looking.as_mut().poll(context));
                self.lookup = None;
                // The stream ends on a failed lookup, and the reader reconnects.
                let Some((audience, notice)) = found else { return Poll::Ready(None) };
                self.reader = audience;
                return Poll::Ready(Some(self.forward(&notice)));
            }
            match self.subscription.poll_next(context) {
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(notice)) if !self.is_for_reader(&notice.event) => {}
                Poll::Ready(Some(notice))
                    if matches!(notice.event, InboxEvent::Invalidated { .. }) =>
                {
                    self.lookup = Some(Box::pin(load_reader(
                        self.state.clone(),
                        self.site.id,
                        self.reader.contact.contact.id,
                        notice,
                    )));
                }
                Poll::Ready(Some(notice)) => return Poll::Ready(Some(self.forward(&notice))),
                Poll::Pending => {
                    ready!(self.timer.as_mut().poll(context));
                    let now = Instant::now();
                    if now >= self.expires_at {
                        return Poll::Ready(None);
                    }
                    let next = (now + HEARTBEAT_INTERVAL).min(self.expires_at);
                    self.timer.as_mut().reset(next);
                    return Poll::Ready(Some(heartbeat(self.version).into()));
                }
            }
        }
    }

    fn forward(&mut self, event: &SharedEvent) -> Bytes {
        self.is_over = matches!(
            event.event,
            InboxEvent::SessionsRevoked { .. } | InboxEvent::ExternalWrite { .. }
        );
        if let InboxEvent::MessagePublished { message, .. } = &event.event {
            self.state.delivered(self.site.id, self.reader.contact.contact.id, message.position);
        }
        self.version = event.event.version().unwrap_or(self.version);
        self.encode(event)
    }

    /// Segment membership is evaluated from cached data, so that a message to a segment costs no
    /// query per stream.
    fn is_for_reader(&self, change: &InboxEvent) -> bool {
        match change {
            // Sent before this contact existed.
            InboxEvent::MessagePublished { message, .. }
            | InboxEvent::MessageEdited { message, .. }
                if message.position <= self.reader.contact.contact.hidden_until =>
            {
                false
            }
            InboxEvent::MessagePublished { message, .. }
                if message
                    .category
                    .as_ref()
                    .is_some_and(|category| self.reader.mutes.contains(category)) =>
            {
                false
            }
            InboxEvent::MessagePublished { recipients, .. }
            | InboxEvent::MessageEdited { recipients, .. }
            | InboxEvent::MessageRemoved { recipients, .. } => match recipients {
                Recipients::Segment(segment) => {
                    self.reader.contact.is_in(segment, self.state.0.app.now())
                }
                Recipients::Everyone | Recipients::Contacts(_) => true,
            },
            // A conversation of another inbox than the tab's, or a site without the tab.
            InboxEvent::Conversation(event) => self
                .site
                .messages
                .is_some_and(|inbox| event.inbox.as_ref().is_some_and(|of| of.id == inbox)),
            _ => true,
        }
    }

    fn encode(&self, notice: &SharedEvent) -> Bytes {
        match &notice.event {
            // The edit may have moved the message into or out of a muted category, so the list is
            // fetched again.
            InboxEvent::MessageEdited { version, .. } if !self.reader.mutes.is_empty() => frame("resync", None, &json!({ "version": version })).into(),
            InboxEvent::MessagePublished { message, version, .. } => self.encode_shared(notice, "message", message, *version),
            InboxEvent::MessageEdited { message, version, .. } => self.encode_shared(notice, "edited", message, *version),
            InboxEvent::MessageRemoved { message, version, .. } => {
                notice.encoded("", || frame("removed", Some(*version), &json!({ "version": version, "id": message })).into())
            }
            InboxEvent::ReaderActed { action, messages, counts, .. } => notice.encoded("", || {
                let data =
                    json!({ "version": counts.version, "unread": counts.unread, "unseen": counts.unseen, "mark": action.as_str(), "ids": messages });
                frame("counts", Some(counts.version), &data).into()
            }),
            InboxEvent::Conversation(event) => notice.encoded("", || frame("conversation", None, &conversation_data(event)).into()),
            InboxEvent::Invalidated { version, .. } => notice.encoded("", || frame("resync", None, &json!({ "version": version })).into()),
            // No stream receives it.
            InboxEvent::MessageUnlisted { .. } => Bytes::new(),
            InboxEvent::ThemeChanged { site, stylesheet, .. } => {
                notice.encoded("", || theme_event(stylesheet.as_deref().map(|name| theme::address(*site, name)).as_deref()).into())
            }
            // Another process may have revoked this session: the stream ends, and the reader proves
            // the session again and resyncs. The hub forwards no `ChannelAccessChanged` event; a
            // stream that receives one ends as well.
            InboxEvent::ChannelAccessChanged { .. } | InboxEvent::SessionsRevoked { .. } | InboxEvent::ExternalWrite { .. } => {
                notice.encoded("", || frame("ended", None, &json!({})).into())
            }
        }
    }

    /// A message as its reader sees it, rendered once for all readers who see the same.
    fn encode_shared(
        &self,
        notice: &SharedEvent,
        event: &str,
        message: &Arc<Message>,
        version: Version,
    ) -> Bytes {
        // Almost all streams return here. A shared rendering contains nothing personal.
        if let Some(cached) = notice.get(self.language.as_str()) {
            return cached;
        }
        // A personal message is not shared.
        if template::is_personal(&message.content) {
            return self.message(event, message, version);
        }
        notice.encoded(self.language.as_str(), || self.message(event, message, version))
    }

    fn message(&self, event: &str, message: &Arc<Message>, version: Version) -> Bytes {
        let reading = view::RenderContext::new(&self.site, &self.language, self.state.0.app.now())
            .for_contact(Some(&self.reader.contact.contact));
        let html = self.state.0.card_cache.new_item(&reading, message);
        frame(
            event,
            Some(version),
            &json!({ "version": version, "id": message.id, "pinned": message.pinned, "position": message.position, "html": html }),
        )
        .into()
    }
}

/// Event data for the tab "Messages". The script requests the rest if the tab is open.
fn conversation_data(event: &ConversationEvent) -> Value {
    let number = event.conversation.as_ref().map(|view| view.conversation.number);
    match (event.kind, &event.performer) {
        (ConversationEventKind::TypingOn, Performer::Agent(agent)) => {
            json!({ "conversation": number, "typing": clean_line(&agent.name) })
        }
        (ConversationEventKind::TypingOff, _) => json!({ "conversation": number, "typing": "" }),
        // Only agents' messages are counted, when they arrive and when they are read.
        _ => {
            let counts =
                event.message.as_ref().is_some_and(|message| message.kind == MessageKind::Outgoing);
            json!({ "conversation": number, "counts": counts })
        }
    }
}

/// Loads the contact and its muted categories, for the event that made this necessary.
async fn load_reader(
    state: WidgetState,
    site: SiteId,
    contact: ContactId,
    event: Arc<SharedEvent>,
) -> Option<(StreamReader, Arc<SharedEvent>)> {
    let inbox = &state.0.app;
    let contact = inbox.contact(site, &ContactLookup::Id(contact)).await.ok()?;
    let mutes = inbox.mutes(site, contact.id).await.ok()?;
    Some((StreamReader { contact: state.0.stream_contacts.of(site, contact), mutes }, event))
}

/// Event data of the site's theme: the address of its style sheet, or `null`.
fn theme_event(sheet: Option<&str>) -> String {
    frame("themed", None, &json!({ "sheet": sheet }))
}

/// A heartbeat with the stream's current version, so that clients detect a stream that is dead or
/// held back by a proxy.
fn heartbeat(version: Version) -> String {
    frame("beat", None, &json!({ "version": version }))
}

/// Encodes one event. JSON contains no raw line breaks, so no text of a sender can end the event or
/// begin another.
fn frame(event: &str, id: Option<Version>, data: &Value) -> String {
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    format!("event: {event}\n{id}data: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_in_a_message_cannot_forge_events() {
        let text = frame(
            "message",
            Some(Version(7)),
            &json!({ "html": "a\r\n\r\nevent: ended\ndata: {}\n\n\u{2028}b" }),
        );
        assert_eq!(text.matches('\n').count(), 4);
        assert_eq!(text.lines().filter(|line| line.starts_with("event:")).count(), 1);
        assert!(!text.contains('\r'));
    }
}
