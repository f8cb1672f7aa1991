//! `POST /embed/{site}/marks`: what the reader did, as JSON from the script or as a form without it.

use super::{Door, answer::Answer, error::WidgetError, guard, guard::SignedIn, policy, session};
use crate::domain::{Mark, MessageId};
use axum::{
    Json,
    body::Body,
    extract::{Form, FromRequest, FromRequestParts, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::str::FromStr;

/// Ids in one request.
const MOST_IDS: usize = 100;

/// What the script sends: exactly one of these.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Script {
    Seen(bool),
    Read(Vec<String>),
    AllRead(bool),
    Clicked(String),
}

/// What a form sends: a message's id, or the word `all`; and where to go on.
#[derive(Deserialize)]
struct Plain {
    read: String,
    reader: Option<String>,
    language: Option<String>,
    scheme: Option<String>,
}

/// Keeps a mark. 200 with the counts for the script; 303 back to the page for a form.
pub(super) async fn mark(State(door): State<Door>, request: Request) -> Result<Response, WidgetError> {
    let (mut parts, body) = request.into_parts();
    let SignedIn(reader, _) = SignedIn::from_request_parts(&mut parts, &door).await?;
    if is_form(&parts) {
        let Form(plain) =
            Form::<Plain>::from_request(Request::from_parts(parts, body), &()).await.map_err(|error| WidgetError::Invalid(error.body_text()))?;
        guard::same_tag(plain.reader.as_deref(), &reader)?;
        let mark = if plain.read == "all" { Mark::AllRead } else { Mark::Read(vec![id(&plain.read)?]) };
        door.0.inbox.mark(&reader, &mark).await?;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("reader", plain.reader), ("language", plain.language), ("scheme", plain.scheme)] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                query.append_pair(name, &value);
            }
        }
        let location = format!("/embed/{}/page?{}", reader.site, query.finish());
        return Ok((StatusCode::SEE_OTHER, policy::private(), [(header::LOCATION, location)]).into_response());
    }
    let mark = from_script(parts, body).await?;
    let tally = door.0.inbox.mark(&reader, &mark).await?;
    Ok((policy::private(), Json(Answer::of(tally))).into_response())
}

async fn from_script(parts: Parts, body: Body) -> Result<Mark, WidgetError> {
    let Json(script) = session::json::<Script>(parts, body).await?;
    match script {
        Script::Seen(true) => Ok(Mark::Seen),
        Script::AllRead(true) => Ok(Mark::AllRead),
        Script::Seen(false) | Script::AllRead(false) => Err(WidgetError::Invalid("only `true` means something here".into())),
        Script::Read(ids) if ids.is_empty() || ids.len() > MOST_IDS => Err(WidgetError::Invalid(format!("read: name 1 to {MOST_IDS} messages"))),
        Script::Read(ids) => Ok(Mark::Read(ids.iter().map(|text| id(text)).collect::<Result<_, _>>()?)),
        Script::Clicked(text) => Ok(Mark::Clicked(id(&text)?)),
    }
}

fn id(text: &str) -> Result<MessageId, WidgetError> {
    MessageId::from_str(text).map_err(|invalid| WidgetError::Invalid(invalid.to_string()))
}

fn is_form(parts: &Parts) -> bool {
    parts.headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"))
}
