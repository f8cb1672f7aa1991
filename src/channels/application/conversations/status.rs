//! `POST …/toggle_status`, and the parsing of statuses, times and priorities.

use crate::{
    channels::application::{
        ApplicationState, Payload, access::Caller, error::ApplicationError, json, params::Params,
        path::ConversationPath, schema,
    },
    content::wire::iso,
    domain::{
        Timestamp, ValidationError,
        channel::{ConversationChange, Priority, StatusChange},
    },
};
use axum::{extract::State, response::Response};
use serde::Serialize;
use std::collections::BTreeMap;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

#[derive(Serialize)]
struct Toggled {
    meta: BTreeMap<String, String>,
    #[serde(flatten)]
    payload: Payload<Status>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the contract's")]
struct Status {
    success: bool,
    conversation_id: i64,
    current_status: &'static str,
    snoozed_until: Option<String>,
}

/// Sets the status of a conversation; without one, an open conversation is resolved and any other
/// is opened.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/toggle_status", operation_id = "toggleConversationStatus",
    tag = "Conversations", request_body = schema::StatusBody,
    responses((status = 200, description = "How it stands now.", body = schema::ToggledStatus)))]
pub(in crate::channels::application) async fn toggle_status(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let status = change(&params)?.unwrap_or(StatusChange::Toggle);
    let change = ConversationChange { status: Some(status), ..ConversationChange::default() };
    let conversation =
        application.inbox.update_conversation(&caller, number, change).await?.conversation;
    let status = Status {
        success: true,
        conversation_id: conversation.number.0,
        current_status: conversation.status.as_str(),
        snoozed_until: conversation.snoozed_until.map(iso),
    };
    Ok(json(&Toggled { meta: BTreeMap::new(), payload: Payload { payload: status } }))
}

/// The requested status.
pub(super) fn change(params: &Params) -> Result<Option<StatusChange>, ValidationError> {
    let Some(status) = params.present("status") else { return Ok(None) };
    Ok(Some(StatusChange::To(status.parse()?, snoozed_until(params)?)))
}

/// When a snoozed conversation reopens: Unix seconds, or ISO 8601.
pub(super) fn snoozed_until(params: &Params) -> Result<Option<Timestamp>, ValidationError> {
    params.present("snoozed_until").map(|text| timestamp("snoozed_until", &text)).transpose()
}

/// Parses Unix seconds, or ISO 8601.
pub(in crate::channels::application) fn timestamp(
    field: &str,
    text: &str,
) -> Result<Timestamp, ValidationError> {
    let refuse = || {
        ValidationError::new(
            field,
            "must be seconds since 1970, or a time such as 2026-12-01T08:00:00Z",
        )
    };
    let text = text.trim();
    let millis = match text.parse::<i64>() {
        Ok(seconds) => i128::from(seconds) * 1_000,
        Err(_) => {
            OffsetDateTime::parse(text, &Rfc3339).map_err(|_| refuse())?.unix_timestamp_nanos()
                / 1_000_000
        }
    };
    // Up to the end of the year 9999, the latest time that clients can parse.
    i64::try_from(millis)
        .ok()
        .filter(|millis| (0..253_402_300_800_000).contains(millis))
        .map(Timestamp::from_millis)
        .ok_or_else(refuse)
}

/// The requested priority; `none` and blank mean no priority.
#[expect(clippy::option_option, reason = "said, said to be nothing, and not said are three things")]
pub(super) fn priority(params: &Params) -> Result<Option<Option<Priority>>, ValidationError> {
    match params.text("priority") {
        None => Ok(None),
        Some(text) => text
            .filter(|text| !matches!(text.trim(), "" | "none"))
            .map(|text| text.parse())
            .transpose()
            .map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_parsed_as_seconds_and_iso_8601() {
        let of = |text: &str| timestamp("snoozed_until", text).map(Timestamp::millis).ok();
        assert_eq!(of("1796112000"), Some(1_796_112_000_000));
        assert_eq!(of("2026-12-01T08:00:00Z"), Some(1_796_112_000_000));
        assert_eq!(of("2026-12-01T10:00:00.500+02:00"), Some(1_796_112_000_500));
        for odd in ["", "tomorrow", "-1", "99999999999999", "2026-12-01"] {
            assert_eq!(of(odd), None, "{odd}");
        }
    }

    #[test]
    fn null_none_and_blank_clear_the_priority() {
        let of = |value: serde_json::Value| priority(&Params::of(json!({ "priority": value })));
        for none in [json!(null), json!(""), json!("none")] {
            assert_eq!(of(none), Ok(Some(None)));
        }
        assert_eq!(of(json!("urgent")), Ok(Some(Some(Priority::Urgent))));
        assert_eq!(of(json!("soon")).unwrap_err().field, "priority");
        assert_eq!(priority(&Params::default()), Ok(None));
    }
}
