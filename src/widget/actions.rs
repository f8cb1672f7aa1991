//! `POST /embed/{site}/marks`: the reader's actions, as JSON from the script or as a form without
//! it.
//!
//! To add an action: its variant in [`ActionBody`] and in [`parse_action`], and in
//! [`belfry_client`] the verb that the browser sends.

use super::{
    WidgetState, answer::CountsResponse, auth, auth::SignedIn, error::WidgetError, form, request,
    security_headers, site_document, view::UndoableAction,
};
use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Path, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use belfry_domain::{MessageId, Position, ReaderAction};
use serde::Deserialize;
use std::str::FromStr;

/// Maximum ids in one request.
const MAX_IDS: usize = 100;

/// The JSON body: exactly one of these.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum ActionBody {
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
    Position(Position),
    Now(bool),
}

impl ActionBody {
    fn into_action(self) -> Result<ReaderAction, WidgetError> {
        Ok(match self {
            Self::Seen(until) => ReaderAction::Seen(until.position()?),
            Self::AllRead(until) => ReaderAction::AllRead(until.position()?),
            Self::UndoAllRead(number) => ReaderAction::UndoAllRead(number),
            Self::Read(ids) => ReaderAction::Read(require_ids(ids)?),
            Self::Unread(ids) => ReaderAction::Unread(require_ids(ids)?),
            Self::Archive(ids) => ReaderAction::Archive(require_ids(ids)?),
            Self::Delete(ids) => ReaderAction::Delete(require_ids(ids)?),
            Self::Restore(ids) => ReaderAction::Restore(require_ids(ids)?),
            Self::Undelete(ids) => ReaderAction::Undelete(require_ids(ids)?),
            Self::Clicked(id) => ReaderAction::Clicked(id),
        })
    }
}

impl Until {
    fn position(self) -> Result<Option<Position>, WidgetError> {
        match self {
            Self::Position(position) => Ok(Some(position)),
            Self::Now(true) => Ok(None),
            Self::Now(false) => {
                Err(WidgetError::Invalid("only a position or `true` means something here".into()))
            }
        }
    }
}

fn require_ids(ids: Vec<MessageId>) -> Result<Vec<MessageId>, WidgetError> {
    if (1..=MAX_IDS).contains(&ids.len()) {
        Ok(ids)
    } else {
        Err(WidgetError::Invalid(format!("name 1 to {MAX_IDS} messages")))
    }
}

/// The submitted form: the pressed button, and the page to return to.
struct ActionForm {
    action: ReaderAction,
    fields: Vec<(String, String)>,
}

impl ActionForm {
    /// The pressed button is named `do` and its value is an action; `of` names its message. So the
    /// buttons of all cards are equal.
    fn parse(fields: Vec<(String, String)>) -> Result<Self, WidgetError> {
        let value = |name: &str| {
            let mut values =
                fields.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
            values
                .next()
                .filter(|_| values.next().is_none())
                .ok_or_else(|| WidgetError::Invalid(format!("{name}: is needed once")))
        };
        let action = parse_action(value("do")?, value("of")?)?;
        Ok(Self { action, fields })
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The undo offer of the next page.
    fn undo_offer(&self, number: Option<i64>) -> Option<UndoableAction> {
        match &self.action {
            ReaderAction::Archive(ids) => ids.first().copied().map(UndoableAction::Archived),
            ReaderAction::Delete(ids) => ids.first().copied().map(UndoableAction::Deleted),
            ReaderAction::AllRead(_) => number.map(UndoableAction::AllRead),
            _ => None,
        }
    }
}

fn parse_action(word: &str, of: &str) -> Result<ReaderAction, WidgetError> {
    let one = || {
        MessageId::from_str(of)
            .map(|id| vec![id])
            .map_err(|rejection| WidgetError::Invalid(format!("of: {}", rejection.reason)))
    };
    let number =
        || i64::from_str(of).map_err(|_| WidgetError::Invalid("of: must be a number".into()));
    Ok(match word {
        "read" => ReaderAction::Read(one()?),
        "unread" => ReaderAction::Unread(one()?),
        "archive" => ReaderAction::Archive(one()?),
        "delete" => ReaderAction::Delete(one()?),
        "restore" => ReaderAction::Restore(one()?),
        "undelete" => ReaderAction::Undelete(one()?),
        "allRead" if of == "now" => ReaderAction::AllRead(None),
        "allRead" => ReaderAction::AllRead(Some(Position(number()?))),
        "undoAllRead" => ReaderAction::UndoAllRead(number()?),
        _ => return Err(WidgetError::Invalid("do: is no verb".into())),
    })
}

/// Applies an action. The script receives 200 with the counts; a form is redirected to the page by
/// 303, or receives a document with the error.
pub(super) async fn handle(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if is_form(&parts) {
        site_document::respond(&state, &site, None, async |_| by_form(&state, parts, body).await)
            .await
    } else {
        by_script(&state, parts, body).await.into_response()
    }
}

async fn by_script(
    state: &WidgetState,
    mut parts: Parts,
    body: Body,
) -> Result<Response, WidgetError> {
    let SignedIn(reader, _) = SignedIn::from_request_parts(&mut parts, state).await?;
    state.count_write(&reader)?;
    let Json(script) = request::json::<ActionBody>(parts, body).await?;
    let marked = state
        .0
        .app
        .apply_reader_action(&reader, &script.into_action()?)
        .await?
        .ok_or(WidgetError::UndoUnavailable)?;
    Ok((security_headers::private_headers(), Json(CountsResponse::after_action(marked)))
        .into_response())
}

async fn by_form(
    state: &WidgetState,
    mut parts: Parts,
    body: Body,
) -> Result<Response, WidgetError> {
    let SignedIn(reader, _) = SignedIn::from_request_parts(&mut parts, state).await?;
    state.count_write(&reader)?;
    let pressed = ActionForm::parse(form::read(parts, body).await?)?;
    auth::require_same_tag(pressed.field("reader"), &reader)?;
    // An action that can no longer be undone is ignored: the next page shows the actual state.
    let undo = state
        .0
        .app
        .apply_reader_action(&reader, &pressed.action)
        .await?
        .and_then(|marked| marked.undo);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in ["reader", "language", "scheme", "filter", "view"] {
        if let Some(value) = pressed.field(name) {
            query.append_pair(name, value);
        }
    }
    if let Some((done, of)) = pressed.undo_offer(undo).map(UndoableAction::query_values) {
        query.append_pair("done", done).append_pair("of", &of);
    }
    let location = format!("/embed/{}/page?{}", reader.site, query.finish());
    Ok((StatusCode::SEE_OTHER, security_headers::private_headers(), [(header::LOCATION, location)])
        .into_response())
}

fn is_form(parts: &Parts) -> bool {
    parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"))
}
