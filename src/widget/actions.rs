//! `POST /embed/{site}/marks`: the reader's actions, as JSON from the script or as a form without
//! it.
//!
//! To add an action: its variant in [`Script`] and in [`verb`], and in [`crate::island`] the verb
//! that the browser sends.

use super::{Door, answer::Answer, auth, auth::SignedIn, document, error::WidgetError, form, security_headers, session, view::Done};
use crate::domain::{Mark, MessageId};
use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Path, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::str::FromStr;

/// Maximum ids in one request.
const MOST_IDS: usize = 100;

/// The JSON body: exactly one of these.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Script {
    Seen(Until),
    AllRead(Until),
    UndoAllRead(i64),
    Read(Vec<MessageId>),
    Unread(Vec<MessageId>),
    Archive(Vec<MessageId>),
    Delete(Vec<MessageId>),
    Restore(Vec<MessageId>),
    Undelete(Vec<MessageId>),
    Clicked(MessageId),
}

/// Up to and including a position, or `true`: up to now.
#[derive(Deserialize)]
#[serde(untagged)]
enum Until {
    Position(i64),
    Now(bool),
}

impl Script {
    fn into_mark(self) -> Result<Mark, WidgetError> {
        Ok(match self {
            Self::Seen(until) => Mark::Seen(until.bound()?),
            Self::AllRead(until) => Mark::AllRead(until.bound()?),
            Self::UndoAllRead(number) => Mark::UndoAllRead(number),
            Self::Read(ids) => Mark::Read(some(ids)?),
            Self::Unread(ids) => Mark::Unread(some(ids)?),
            Self::Archive(ids) => Mark::Archive(some(ids)?),
            Self::Delete(ids) => Mark::Delete(some(ids)?),
            Self::Restore(ids) => Mark::Restore(some(ids)?),
            Self::Undelete(ids) => Mark::Undelete(some(ids)?),
            Self::Clicked(id) => Mark::Clicked(id),
        })
    }
}

impl Until {
    fn bound(self) -> Result<Option<i64>, WidgetError> {
        match self {
            Self::Position(position) => Ok(Some(position)),
            Self::Now(true) => Ok(None),
            Self::Now(false) => Err(WidgetError::Invalid("only a position or `true` means something here".into())),
        }
    }
}

fn some(ids: Vec<MessageId>) -> Result<Vec<MessageId>, WidgetError> {
    if (1..=MOST_IDS).contains(&ids.len()) { Ok(ids) } else { Err(WidgetError::Invalid(format!("name 1 to {MOST_IDS} messages"))) }
}

/// The submitted form: the pressed button, and the page to return to.
struct Pressed {
    mark: Mark,
    fields: Vec<(String, String)>,
}

impl Pressed {
    /// The pressed button is named `do` and its value is an action; `of` names its message. So the
    /// buttons of all cards are equal.
    fn of(fields: Vec<(String, String)>) -> Result<Self, WidgetError> {
        let value = |name: &str| {
            let mut values = fields.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
            values.next().filter(|_| values.next().is_none()).ok_or_else(|| WidgetError::Invalid(format!("{name}: is needed once")))
        };
        let mark = verb(value("do")?, value("of")?)?;
        Ok(Self { mark, fields })
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The undo offer of the next page.
    fn done(&self, number: Option<i64>) -> Option<Done> {
        match &self.mark {
            Mark::Archive(ids) => ids.first().copied().map(Done::Archived),
            Mark::Delete(ids) => ids.first().copied().map(Done::Deleted),
            Mark::AllRead(_) => number.map(Done::AllRead),
            _ => None,
        }
    }
}

fn verb(word: &str, of: &str) -> Result<Mark, WidgetError> {
    let one = || MessageId::from_str(of).map(|id| vec![id]).map_err(|refusal| WidgetError::Invalid(format!("of: {}", refusal.reason)));
    let number = || i64::from_str(of).map_err(|_| WidgetError::Invalid("of: must be a number".into()));
    Ok(match word {
        "read" => Mark::Read(one()?),
        "unread" => Mark::Unread(one()?),
        "archive" => Mark::Archive(one()?),
        "delete" => Mark::Delete(one()?),
        "restore" => Mark::Restore(one()?),
        "undelete" => Mark::Undelete(one()?),
        "allRead" if of == "now" => Mark::AllRead(None),
        "allRead" => Mark::AllRead(Some(number()?)),
        "undoAllRead" => Mark::UndoAllRead(number()?),
        _ => return Err(WidgetError::Invalid("do: is no verb".into())),
    })
}

/// Applies an action. The script receives 200 with the counts; a form is redirected to the page by
/// 303, or receives a document with the error.
pub(super) async fn mark(State(state): State<Door>, Path(site): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if is_form(&parts) {
        document::answer(&state, &site, None, async |_| by_form(&state, parts, body).await).await
    } else {
        by_script(&state, parts, body).await.into_response()
    }
}

async fn by_script(state: &Door, mut parts: Parts, body: Body) -> Result<Response, WidgetError> {
    let SignedIn(reader, _) = SignedIn::from_request_parts(&mut parts, state).await?;
    state.count_write(&reader)?;
    let Json(script) = session::json::<Script>(parts, body).await?;
    let marked = state.0.inbox.mark(&reader, &script.into_mark()?).await?.ok_or(WidgetError::TooLate)?;
    Ok((security_headers::private(), Json(Answer::after(marked))).into_response())
}

async fn by_form(state: &Door, mut parts: Parts, body: Body) -> Result<Response, WidgetError> {
    let SignedIn(reader, _) = SignedIn::from_request_parts(&mut parts, state).await?;
    state.count_write(&reader)?;
    let pressed = Pressed::of(form::read(parts, body).await?)?;
    auth::same_tag(pressed.field("reader"), &reader)?;
    // An action that can no longer be undone is ignored: the next page shows the actual state.
    let undo = state.0.inbox.mark(&reader, &pressed.mark).await?.and_then(|marked| marked.undo);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in ["reader", "language", "scheme", "filter", "view"] {
        if let Some(value) = pressed.field(name) {
            query.append_pair(name, value);
        }
    }
    if let Some((done, of)) = pressed.done(undo).map(Done::words) {
        query.append_pair("done", done).append_pair("of", &of);
    }
    let location = format!("/embed/{}/page?{}", reader.site, query.finish());
    Ok((StatusCode::SEE_OTHER, security_headers::private(), [(header::LOCATION, location)]).into_response())
}

fn is_form(parts: &Parts) -> bool {
    parts.headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"))
}
