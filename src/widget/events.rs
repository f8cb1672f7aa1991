//! `GET /embed/{site}/events`: what happens, as it happens (server-sent events, HTML standard section 9.2).
//!
//! A stream asks the database when it opens: whether its session is in force, and whether its reader missed something.
//! After that it only passes on what the hub tells. What is the same for all is rendered once for each language and shared by the streams.

use super::{Door, audience::Listener, error::WidgetError, guard, guard::SignedIn, messages, policy, theme, view};
use crate::{
    content::{template, text::clean_line},
    domain::{
        Change, ContactId, ContactLookup, Digest, Language, Message, Reach, Secret, SecretKind, Site, SiteId,
        channel::{ConversationEvent, ConversationEventKind, MessageKind, Performer},
    },
    live::{Notice, Refused, Subscription},
};
use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
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

/// How long a ticket waits for its one use.
const TICKET_LIFE: Duration = Duration::from_secs(30);
/// Tickets that wait at a time.
pub(super) const MAX_TICKETS: usize = 50_000;
/// Proxies cut streams that stay silent; this is shorter than the shortest usual limit.
const BREATH: Duration = Duration::from_secs(15);
/// A stream's longest life. Its reader comes back at once and proves the session again.
const STREAM_LIFE: Duration = Duration::from_mins(30);
/// Shortest wait before a browser reconnects, in milliseconds; the same again is added at random, so that not all come at once.
const RETRY: u64 = 1_000;

/// What the stream must know of the document.
#[derive(Deserialize)]
struct Asked {
    ticket: Option<String>,
    reader: Option<String>,
    since: Option<i64>,
    language: Option<String>,
}

/// `POST /embed/{site}/ticket`: a ticket for one stream, where cookies are refused and `EventSource` can't send a header.
pub(super) async fn ticket(State(door): State<Door>, SignedIn(reader, session): SignedIn) -> Result<Response, WidgetError> {
    door.count_write(&reader)?;
    let ticket = Secret::generate(SecretKind::StreamTicket, door.0.inbox.entropy());
    let until = door.0.inbox.now().plus(TICKET_LIFE);
    door.0.tickets.insert(reader.site, ticket.digest(), (session, until), 1);
    Ok((policy::private(), Json(json!({ "ticket": ticket.reveal() }))).into_response())
}

/// The stream.
pub(super) async fn stream(State(door): State<Door>, request: Request) -> Result<Response, WidgetError> {
    let (mut parts, _) = request.into_parts();
    let asked: Asked = super::session::query(&mut parts).await?;
    let SignedIn(reader, session) = match &asked.ticket {
        Some(ticket) => redeem(&door, &mut parts, ticket).await?,
        None => SignedIn::from_request_parts(&mut parts, &door).await?,
    };
    guard::same_tag(asked.reader.as_deref(), &reader)?;
    let site = door.site(reader.site).await?;
    // The order matters: subscribed first, what happens between this line and the next is in the channel.
    let subscription = door.0.hub.subscribe(reader.site, reader.contact, reader.family, reader.key.clone()).map_err(|refused| match refused {
        Refused::TooMany => WidgetError::TooMany,
        Refused::Closing => WidgetError::Unavailable,
    })?;
    // A session that ended before the hub knew of this stream would otherwise go on listening.
    door.0.inbox.authenticate_session(reader.site, &session).await?;
    let tally = door.0.inbox.tally(&reader).await?;
    let contact = door.0.inbox.contact(reader.site, &ContactLookup::Id(reader.contact)).await?;
    let mutes = door.0.inbox.muted(&reader).await?;
    let last = parts.headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let missed = last.or(asked.since).is_none_or(|since: i64| since < tally.version);
    let mut jitter = [0; 8];
    door.0.inbox.entropy().fill(&mut jitter);
    let mut greeting = format!("retry: {}\n\n", RETRY + u64::from_le_bytes(jitter) % RETRY);
    // What changed while nobody listened, it may be in another process.
    if let Some(unread) = door.unread_answers(&site, &reader).await? {
        greeting.push_str(&frame("conversation", None, &json!({ "unread": unread })));
    }
    greeting.push_str(&themed(door.dress(&site).await?.as_deref().map(|dress| dress.sheet.as_str())));
    if missed {
        greeting.push_str(&frame("resync", None, &json!({ "version": tally.version })));
    }
    greeting.push_str(&beat(tally.version));
    let language = messages::language(asked.language.as_deref(), &site.language);
    let listener = door.0.listeners.of(site.id, contact);
    let feed = Feed {
        door,
        site,
        audience: Audience { listener, mutes },
        language,
        subscription,
        greeting: Some(greeting.into()),
        version: tally.version,
        timer: Box::pin(sleep(BREATH)),
        ends: Instant::now() + STREAM_LIFE,
        looking: None,
        over: false,
    };
    let mut response = (policy::private(), Body::from_stream(feed)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

async fn redeem(door: &Door, parts: &mut axum::http::request::Parts, ticket: &str) -> Result<SignedIn, WidgetError> {
    let site = guard::site_id(parts, door).await?;
    let ticket = Digest::of(ticket);
    let (session, until) = door.0.tickets.remove(site, &ticket).ok_or_else(|| {
        // One that was shown somewhere is spent.
        door.0.tickets.remove_anywhere(&ticket);
        WidgetError::Unauthenticated
    })?;
    if until <= door.0.inbox.now() {
        return Err(WidgetError::Unauthenticated);
    }
    Ok(SignedIn(door.0.inbox.authenticate_session(site, &session).await?, session))
}

/// The body of the response. It is polled rather than written as an `async` block, since thousands of them wait, and such a block
/// would keep room for each of its steps.
struct Feed {
    door: Door,
    site: Arc<Site>,
    audience: Audience,
    language: Language,
    subscription: Subscription,
    greeting: Option<Bytes>,
    /// Number of the last change that was passed on.
    version: i64,
    /// Until the next sign of life, or the end.
    timer: Pin<Box<Sleep>>,
    ends: Instant,
    /// While the audience is looked up again, what is to be passed on after it.
    looking: Option<LookUp>,
    over: bool,
}

/// A look-up of the audience, with what is to be passed on after it; nothing where it failed.
type LookUp = BoxFuture<'static, Option<(Audience, Arc<Notice>)>>;

/// Whose stream it is, as they were when they were last looked up: it is asked whether a message concerns them.
struct Audience {
    listener: Arc<Listener>,
    /// The categories that they mute.
    mutes: Vec<String>,
}

impl Stream for Feed {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(context).map(|event| event.map(Ok))
    }
}

impl Feed {
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(greeting) = self.greeting.take() {
            return Poll::Ready(Some(greeting));
        }
        if self.over {
            return Poll::Ready(None);
        }
        loop {
            if let Some(looking) = &mut self.looking {
                let found = ready!(looking.as_mut().poll(context));
                self.looking = None;
                // A stream that can't tell ends, and its reader comes back.
                let Some((audience, notice)) = found else { return Poll::Ready(None) };
                self.audience = audience;
                return Poll::Ready(Some(self.pass_on(&notice)));
            }
            match self.subscription.poll_next(context) {
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(notice)) if !self.concerns(&notice.change) => {}
                Poll::Ready(Some(notice)) if matches!(notice.change, Change::Reconsidered { .. }) => {
                    self.looking = Some(Box::pin(look_up(self.door.clone(), self.site.id, self.audience.listener.contact.id, notice)));
                }
                Poll::Ready(Some(notice)) => return Poll::Ready(Some(self.pass_on(&notice))),
                Poll::Pending => {
                    ready!(self.timer.as_mut().poll(context));
                    let now = Instant::now();
                    if now >= self.ends {
                        return Poll::Ready(None);
                    }
                    let next = (now + BREATH).min(self.ends);
                    self.timer.as_mut().reset(next);
                    return Poll::Ready(Some(beat(self.version).into()));
                }
            }
        }
    }

    fn pass_on(&mut self, notice: &Notice) -> Bytes {
        self.over = matches!(notice.change, Change::Ended { .. } | Change::Unknown { .. });
        if let Change::Placed { message, .. } = &notice.change {
            self.door.delivered(self.site.id, self.audience.listener.contact.id, message.position);
        }
        self.version = notice.change.version().unwrap_or(self.version);
        self.form(notice)
    }

    /// Who is in a segment is asked of what is known here, so that a message to one costs no query for each stream.
    fn concerns(&self, change: &Change) -> bool {
        match change {
            // From before this contact was there.
            Change::Placed { message, .. } | Change::Edited { message, .. } if message.position <= self.audience.listener.contact.hidden_until => {
                false
            }
            Change::Placed { message, .. } if message.category.as_ref().is_some_and(|category| self.audience.mutes.contains(category)) => false,
            Change::Placed { reach, .. } | Change::Edited { reach, .. } | Change::Removed { reach, .. } => match reach {
                Reach::Segment(segment) => self.audience.listener.is_in(segment, self.door.0.inbox.now()),
                Reach::Everyone | Reach::Contacts(_) => true,
            },
            // Of another inbox than the tab's, or of a site without the tab.
            Change::Conversation(event) => self.site.messages.is_some_and(|inbox| event.inbox.as_ref().is_some_and(|of| of.id == inbox)),
            _ => true,
        }
    }

    fn form(&self, notice: &Notice) -> Bytes {
        match &notice.change {
            // The edit may have given it a category that is muted, or taken it from one: the reader looks again.
            Change::Edited { version, .. } if !self.audience.mutes.is_empty() => frame("resync", None, &json!({ "version": version })).into(),
            Change::Placed { message, version, .. } => self.shared(notice, "message", message, *version),
            Change::Edited { message, version, .. } => self.shared(notice, "edited", message, *version),
            Change::Removed { message, version, .. } => {
                notice.form("", || frame("removed", Some(*version), &json!({ "version": version, "id": message })).into())
            }
            Change::Marked { verb, messages, tally, .. } => notice.form("", || {
                let data =
                    json!({ "version": tally.version, "unread": tally.unread, "unseen": tally.unseen, "mark": verb.as_str(), "ids": messages });
                frame("counts", Some(tally.version), &data).into()
            }),
            Change::Conversation(event) => notice.form("", || frame("conversation", None, &told(event)).into()),
            Change::Reconsidered { version, .. } => notice.form("", || frame("resync", None, &json!({ "version": version })).into()),
            // No stream gets it.
            Change::Withdrawn { .. } => Bytes::new(),
            Change::Themed { site, sheet, .. } => {
                notice.form("", || themed(sheet.as_deref().map(|name| theme::address(*site, name)).as_deref()).into())
            }
            // What another process did may have been the end of this session: the reader proves it again, and hears what was missed.
            // The hub hands on nothing of who may listen to conversations; a stream that gets it all the same begins anew.
            Change::ChannelAccess { .. } | Change::Ended { .. } | Change::Unknown { .. } => {
                notice.form("", || frame("ended", None, &json!({})).into())
            }
        }
    }

    /// A message as its reader sees it, rendered once for all who see the same.
    fn shared(&self, notice: &Notice, event: &str, message: &Arc<Message>, version: i64) -> Bytes {
        // Most streams end here: what was made before is personal to nobody.
        if let Some(known) = notice.known(self.language.as_str()) {
            return known;
        }
        // What is said to one reader is shared with no other.
        if template::is_personal(&message.content) {
            return self.message(event, message, version);
        }
        notice.form(self.language.as_str(), || self.message(event, message, version))
    }

    fn message(&self, event: &str, message: &Arc<Message>, version: i64) -> Bytes {
        let reading = view::Reading::new(&self.site, &self.language, self.door.0.inbox.now()).for_contact(Some(&self.audience.listener.contact));
        let html = self.door.0.cards.fresh(&reading, message);
        frame(
            event,
            Some(version),
            &json!({ "version": version, "id": message.id, "pinned": message.pinned, "position": message.position, "html": html }),
        )
        .into()
    }
}

/// What the tab "Messages" must know of what happened in a conversation: it asks for the rest, if somebody looks.
fn told(event: &ConversationEvent) -> Value {
    let number = event.conversation.as_ref().map(|view| view.conversation.number);
    match (event.kind, &event.performer) {
        (ConversationEventKind::TypingOn, Performer::Agent(agent)) => json!({ "conversation": number, "typing": clean_line(&agent.name) }),
        (ConversationEventKind::TypingOff, _) => json!({ "conversation": number, "typing": "" }),
        // Only what agents say is counted, when it comes and when it is read.
        _ => {
            let counts = event.message.as_ref().is_some_and(|message| message.kind == MessageKind::Outgoing);
            json!({ "conversation": number, "counts": counts })
        }
    }
}

/// The contact as it is now, and what it mutes, together with the change that made this necessary.
async fn look_up(door: Door, site: SiteId, contact: ContactId, notice: Arc<Notice>) -> Option<(Audience, Arc<Notice>)> {
    let inbox = &door.0.inbox;
    let contact = inbox.contact(site, &ContactLookup::Id(contact)).await.ok()?;
    let mutes = inbox.mutes(site, contact.id).await.ok()?;
    Some((Audience { listener: door.0.listeners.of(site, contact), mutes }, notice))
}

/// The look of the site: the address of a theme's style sheet, or `null`.
fn themed(sheet: Option<&str>) -> String {
    frame("themed", None, &json!({ "sheet": sheet }))
}

/// A sign of life that says how far this stream has come, so that whoever listens notices one that is dead, or held back on its way.
fn beat(version: i64) -> String {
    frame("beat", None, &json!({ "version": version }))
}

/// One event. JSON holds no line break, so nothing that a sender writes can end the event or begin another.
fn frame(event: &str, id: Option<i64>, data: &Value) -> String {
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    format!("event: {event}\n{id}data: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_in_a_message_forge_no_event() {
        let text = frame("message", Some(7), &json!({ "html": "a\r\n\r\nevent: ended\ndata: {}\n\n\u{2028}b" }));
        assert_eq!(text.matches('\n').count(), 4);
        assert_eq!(text.lines().filter(|line| line.starts_with("event:")).count(), 1);
        assert!(!text.contains('\r'));
    }
}
