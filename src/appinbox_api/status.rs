//! `POST …/messages/status`: marks some or all messages as opened.
//!
//! `{"status":"OPENED","ids":["…"]}`. Without `ids`, or with `null`, all messages that are
//! currently shown are marked; an empty list marks none. Unknown, foreign and malformed ids are
//! ignored, because apps discard all queued ids after one error.

use super::{ApiState, AppInboxError, auth::ReaderContext, body::JsonBody, error::Refusal};
use axum::{Extension, extract::State};
use belfry_domain::{MessageId, ReaderAction, ValidationError};
use belfry_locales::phrases::errors;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Maximum number of ids in one request: as many messages as a list contains.
const MAX_IDS: usize = 1_000;

/// The messages that were opened.
// The members are any JSON, so that the error of a wrong type names the field.
#[derive(Deserialize, ToSchema)]
struct Opening {
    /// Always `OPENED`.
    #[schema(value_type = String)]
    status: Option<Value>,
    /// Ids of messages; all messages if `null` or absent.
    #[schema(value_type = Option<Vec<String>>)]
    ids: Option<Value>,
}

/// Marks messages as opened.
#[utoipa::path(
    post, path = "/appinbox/v1/messages/status", tag = "reader", operation_id = "readerStatus", request_body = Opening,
    params(("ES-TOKEN" = String, Header, description = "The reader's latest token")),
    responses(
        (status = 200, description = "Empty body; the header has the next token", headers(("ES-TOKEN" = String, description = "The token for the next request"))),
        (status = 400, body = Refusal), (status = 401, body = Refusal), (status = 413, body = Refusal), (status = 415, body = Refusal),
        (status = 429, body = Refusal), (status = 503, body = Refusal), (status = 507, body = Refusal),
    )
)]
pub(super) async fn web(
    State(state): State<ApiState>,
    Extension(visit): Extension<ReaderContext>,
    JsonBody(body): JsonBody,
) -> Result<(), AppInboxError> {
    mark_opened(&state, &visit, &body).await
}

/// Marks messages as opened, for apps.
#[utoipa::path(
    post, path = "/api/v1/appinbox/messages/status", tag = "reader", operation_id = "mobileStatus", request_body = Opening,
    params(
        ("X-Reteno-Access-Key" = String, Header, description = "The site's id"),
        ("X-Reteno-Device-ID" = String, Header, description = "The id of a device that is bound to a contact"),
        ("X-Reteno-SDK-Version" = Option<String>, Header, description = "Ignored"),
    ),
    responses(
        (status = 200, description = "Empty body"),
        (status = 400, body = Refusal), (status = 401, body = Refusal), (status = 413, body = Refusal), (status = 415, body = Refusal),
        (status = 429, body = Refusal), (status = 503, body = Refusal), (status = 507, body = Refusal),
    )
)]
pub(super) async fn mobile(
    State(state): State<ApiState>,
    Extension(visit): Extension<ReaderContext>,
    JsonBody(body): JsonBody,
) -> Result<(), AppInboxError> {
    mark_opened(&state, &visit, &body).await
}

async fn mark_opened(
    state: &ApiState,
    context: &ReaderContext,
    body: &[u8],
) -> Result<(), AppInboxError> {
    if let Some(mark) = parse(body)? {
        // Read messages are no longer new: `AllRead` moves both watermarks.
        state.app.apply_reader_action(&context.reader, &mark).await?;
    }
    Ok(())
}

/// Parses the action; `None` for an empty list.
fn parse(body: &[u8]) -> Result<Option<ReaderAction>, ValidationError> {
    let no_object =
        || ValidationError::new("", errors::body_no_object("{\"status\":\"OPENED\",\"ids\":null}"));
    let value: Value = serde_json::from_slice(body).map_err(|_| no_object())?;
    // The derive would also accept a list of the values.
    if !value.is_object() {
        return Err(no_object());
    }
    let Opening { status, ids } = Opening::deserialize(value).map_err(|_| no_object())?;
    if status.as_ref().and_then(Value::as_str) != Some("OPENED") {
        return Err(ValidationError::new("status", errors::OPENED));
    }
    let ids = match ids {
        None | Some(Value::Null) => return Ok(Some(ReaderAction::AllRead(None))),
        Some(Value::Array(ids)) if ids.len() <= MAX_IDS => ids,
        Some(Value::Array(_)) => {
            return Err(ValidationError::new("ids", errors::at_most_ids(MAX_IDS)));
        }
        Some(_) => {
            return Err(ValidationError::new("ids", errors::IDS_OR_NULL));
        }
    };
    let mut messages: Vec<MessageId> = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let text = id
            .as_str()
            .ok_or_else(|| ValidationError::new(format!("ids[{index}]"), errors::STRING))?;
        messages.extend(text.parse::<MessageId>());
    }
    Ok((!messages.is_empty()).then_some(ReaderAction::Read(messages)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_ids_mean_all_and_empty_list_means_none() {
        for all in [r#"{"status":"OPENED"}"#, r#"{"status":"OPENED","ids":null,"more":1}"#] {
            assert_eq!(parse(all.as_bytes()), Ok(Some(ReaderAction::AllRead(None))));
        }
        assert_eq!(parse(br#"{"status":"OPENED","ids":[]}"#), Ok(None));
        assert_eq!(parse(br#"{"status":"OPENED","ids":["not an id",""]}"#), Ok(None));
    }

    #[test]
    fn invalid_field_is_rejected_by_name() {
        for (body, field) in [
            ("", ""),
            ("[]", ""),
            ("{}", "status"),
            (r#"{"status":"UNOPENED"}"#, "status"),
            (r#"{"status":1}"#, "status"),
            (r#"{"status":"OPENED","ids":"x"}"#, "ids"),
            (r#"{"status":"OPENED","ids":["x",7]}"#, "ids[1]"),
        ] {
            assert_eq!(parse(body.as_bytes()).unwrap_err().field, field, "{body}");
        }
        let many =
            serde_json::json!({"status": "OPENED", "ids": vec!["x"; MAX_IDS + 1]}).to_string();
        assert_eq!(parse(many.as_bytes()).unwrap_err().field, "ids");
    }
}
