//! `GET /embed/{site}/events`: the event stream of an inbox (server-sent events, HTML standard
//! section 9.2).
//!
//! A stream queries the database when it opens: whether its session is valid, and whether the
//! reader missed something. Afterwards it only forwards events of the hub. This module opens
//! streams; [`stream`](mod@stream) forwards, [`reader`] decides what concerns the reader, and
//! [`encoding`] writes it.
//!
//! To add an event: its variant in `domain`, its encoding in [`EventEncoder::encode`], its filter in
//! [`StreamReader::is_concerned`], and its handler in the islands or in the panel's scripts.

mod encoding;
mod frames;
mod reader;
mod stream;

use super::{
    WidgetState, auth, auth::SignedIn, error::WidgetError, request, security_headers, view,
};
use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use belfry_app::events::SubscribeError;
use belfry_domain::{ContactLookup, Version};
use encoding::EventEncoder;
use reader::StreamReader;
use serde::Deserialize;
use serde_json::json;
use stream::EventStream;

/// Minimum delay before a client reconnects, in milliseconds. More is added at random, so that not
/// all reconnect at the same moment.
const RECONNECT_MS: u64 = 500;
/// Maximum of what is added.
const RECONNECT_JITTER_MS: u64 = 1_000;

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
    let ticket = state.0.app.issue_stream_ticket(reader.site, session).await?;
    Ok((security_headers::private_headers(), Json(json!({ "ticket": ticket.reveal() })))
        .into_response())
}

/// Opens the stream.
pub(super) async fn stream(
    State(state): State<WidgetState>,
    request: Request,
) -> Result<Response, WidgetError> {
    let (mut parts, _) = request.into_parts();
    let params: StreamParams = request::query(&mut parts).await?;
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
        format!("retry: {}\n\n", RECONNECT_MS + u64::from_le_bytes(jitter) % RECONNECT_JITTER_MS);
    // Changes made before the subscription, possibly by another process.
    if let Some(unread) = state.unread_replies(&site, &reader).await? {
        greeting.push_str(&frames::unread_replies(unread));
    }
    greeting.push_str(&frames::theme(
        state.active_theme(&site).await?.as_deref().map(|theme| theme.stylesheet.as_str()),
    ));
    if missed {
        greeting.push_str(&frames::resync(counts.version));
    }
    greeting.push_str(&frames::heartbeat(counts.version));
    let language = view::language(params.language.as_deref(), &site.language);
    let contact = state.0.stream_contacts.of(site.id, contact);
    let reader = StreamReader { contact, mutes };
    let encoder = EventEncoder { state, site, language };
    let stream = EventStream::new(encoder, reader, subscription, greeting, counts.version);
    let mut response =
        (security_headers::private_headers(), Body::from_stream(stream)).into_response();
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
    let session = state.0.app.redeem_stream_ticket(site, ticket).await?;
    Ok(SignedIn(state.0.app.authenticate_session(site, &session).await?, session))
}
