//! `GET /embed/{site}/events`: what happens, as it happens (server-sent events, HTML standard section 9.2).
//!
//! A stream asks the database when it opens: whether its session is in force, and whether its reader missed something.
//! After that it only passes on what the hub tells. What is the same for all is rendered once for each language and shared by the streams.

use super::{Door, error::WidgetError, guard, guard::SignedIn, messages, policy, theme, view};
use crate::{
    content::template,
    domain::{Change, Contact, ContactLookup, Digest, Language, Reach, Secret, SecretKind, Site},
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
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// How long a ticket waits for its one use.
pub(super) const TICKET_LIFE: Duration = Duration::from_secs(30);
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
pub(super) async fn ticket(State(door): State<Door>, SignedIn(_, session): SignedIn) -> Response {
    let ticket = Secret::generate(SecretKind::StreamTicket, door.0.inbox.entropy());
    door.0.tickets.insert(ticket.digest(), session);
    (policy::private(), Json(json!({ "ticket": ticket.reveal() }))).into_response()
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
    greeting.push_str(&themed(door.dress(&site).await?.as_deref().map(|dress| dress.sheet.as_str())));
    if missed {
        greeting.push_str(&frame("resync", None, &json!({ "version": tally.version })));
    }
    greeting.push_str(&beat(tally.version));
    let language = messages::language(asked.language.as_deref(), &site.language);
    Ok(respond(Feed {
        door,
        site,
        contact,
        mutes,
        language,
        subscription,
        greeting: Some(greeting),
        version: tally.version,
        breath: breath(),
        ends: Instant::now() + STREAM_LIFE,
        over: false,
    }))
}

async fn redeem(door: &Door, parts: &mut axum::http::request::Parts, ticket: &str) -> Result<SignedIn, WidgetError> {
    let site = guard::site_id(parts, door).await?;
    let session = door.0.tickets.remove(&Digest::of(ticket)).ok_or(WidgetError::Unauthenticated)?;
    Ok(SignedIn(door.0.inbox.authenticate_session(site, &session).await?, session))
}

struct Feed {
    door: Door,
    site: Arc<Site>,
    /// Whose stream it is, as they were when they were last looked up: it is asked whether a segment has them.
    contact: Contact,
    /// The categories that they mute.
    mutes: Vec<String>,
    language: Language,
    subscription: Subscription,
    greeting: Option<String>,
    /// Number of the last change that was passed on.
    version: i64,
    breath: Interval,
    ends: Instant,
    over: bool,
}

fn breath() -> Interval {
    let mut interval = interval_at(Instant::now() + BREATH, BREATH);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

fn respond(feed: Feed) -> Response {
    let body = Body::from_stream(stream::unfold(feed, |mut feed| async move { feed.next().await.map(|bytes| (Ok::<_, Infallible>(bytes), feed)) }));
    let mut response = (policy::private(), body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl Feed {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting.into());
        }
        if self.over {
            return None;
        }
        loop {
            tokio::select! {
                notice = self.subscription.next() => {
                    let notice = notice?;
                    if !self.concerns(&notice.change) {
                        continue;
                    }
                    if matches!(notice.change, Change::Reconsidered { .. }) {
                        (self.contact, self.mutes) = self.look_up().await?;
                    }
                    self.over = matches!(notice.change, Change::Ended { .. } | Change::Unknown { .. });
                    if let Change::Placed { message, .. } = &notice.change {
                        self.door.delivered(self.site.id, self.contact.id, message.position);
                    }
                    self.version = notice.change.version().unwrap_or(self.version);
                    return Some(self.form(&notice));
                }
                _ = self.breath.tick() => return Some(beat(self.version).into()),
                () = tokio::time::sleep_until(self.ends) => return None,
            }
        }
    }

    /// Who is in a segment is asked of what is known here, so that a message to one costs no query for each stream.
    fn concerns(&self, change: &Change) -> bool {
        match change {
            Change::Placed { message, .. } if message.category.as_ref().is_some_and(|category| self.mutes.contains(category)) => false,
            Change::Placed { reach, .. } | Change::Edited { reach, .. } | Change::Removed { reach, .. } => match reach {
                Reach::Segment(segment) => segment.rule.matches(&self.contact, self.door.0.inbox.now()),
                Reach::Everyone | Reach::Contacts(_) => true,
            },
            _ => true,
        }
    }

    /// The contact as it is now, and what it mutes; a stream that can't tell ends, and its reader comes back.
    async fn look_up(&self) -> Option<(Contact, Vec<String>)> {
        let (inbox, site) = (&self.door.0.inbox, self.site.id);
        let contact = inbox.contact(site, &ContactLookup::Id(self.contact.id)).await.ok()?;
        let mutes = inbox.mutes(site, contact.id).await.ok()?;
        Some((contact, mutes))
    }

    fn form(&self, notice: &Notice) -> Bytes {
        match &notice.change {
            // The edit may have given it a category that is muted, or taken it from one: the reader looks again.
            Change::Edited { version, .. } if !self.mutes.is_empty() => frame("resync", None, &json!({ "version": version })).into(),
            // What is said to one reader is shared with no other.
            Change::Placed { message, version, .. } if template::is_personal(&message.content) => self.message("message", message, *version),
            Change::Edited { message, version, .. } if template::is_personal(&message.content) => self.message("edited", message, *version),
            Change::Placed { message, version, .. } => notice.form(self.language.as_str(), || self.message("message", message, *version)),
            Change::Edited { message, version, .. } => notice.form(self.language.as_str(), || self.message("edited", message, *version)),
            Change::Removed { message, version, .. } => {
                notice.form("", || frame("removed", Some(*version), &json!({ "version": version, "id": message })).into())
            }
            Change::Marked { verb, messages, tally, .. } => notice.form("", || {
                let data =
                    json!({ "version": tally.version, "unread": tally.unread, "unseen": tally.unseen, "mark": verb.as_str(), "ids": messages });
                frame("counts", Some(tally.version), &data).into()
            }),
            Change::Reconsidered { version, .. } => notice.form("", || frame("resync", None, &json!({ "version": version })).into()),
            Change::Themed { site, sheet, .. } => {
                notice.form("", || themed(sheet.as_deref().map(|name| theme::address(*site, name)).as_deref()).into())
            }
            // What another process did may have been the end of this session: the reader proves it again, and hears what was missed.
            Change::Ended { .. } | Change::Unknown { .. } => notice.form("", || frame("ended", None, &json!({})).into()),
        }
    }

    fn message(&self, event: &str, message: &Arc<crate::domain::Message>, version: i64) -> Bytes {
        let reading = view::Reading::new(&self.site, &self.language, self.door.0.inbox.now()).for_contact(Some(&self.contact));
        let html = self.door.0.cards.fresh(&reading, message);
        frame(
            event,
            Some(version),
            &json!({ "version": version, "id": message.id, "pinned": message.pinned, "position": message.position, "html": html }),
        )
        .into()
    }
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
