//! `POST …/toggle_status`, and the parsing of statuses, times and priorities.

use crate::application::{
    ApplicationState, Payload, access::Caller, error::ApplicationError, json, params::Params,
    path::ConversationPath, schema,
};
use axum::{extract::State, response::Response};
use belfry_content::wire::iso;
use belfry_domain::{
    Timestamp, ValidationError,
    channel::{ConversationChange, Priority, StatusChange},
};
use belfry_locales::phrases::errors;
use serde::Serialize;
use std::collections::BTreeMap;

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
pub(in crate::application) async fn toggle_status(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let status = change(&params)?.unwrap_or(StatusChange::Toggle);
    let change = ConversationChange { status: Some(status), ..ConversationChange::default() };
    let conversation =
        application.app.update_conversation(&caller, number, change).await?.conversation;
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
pub(in crate::application) fn timestamp(
    field: &str,
    text: &str,
) -> Result<Timestamp, ValidationError> {
    let refuse = || ValidationError::new(field, errors::SECONDS_OR_TIME);
    let text = text.trim();
    let at = match text.parse::<i64>() {
        Ok(seconds) => seconds.checked_mul(1_000).map(Timestamp::from_millis),
        Err(_) => Timestamp::parse_rfc3339(text, field).ok(),
    };
    // Up to the end of the year 9999, the latest time that clients can parse.
    at.filter(|at| (0..253_402_300_800_000).contains(&at.millis())).ok_or_else(refuse)
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
        let of =
            |value: serde_json::Value| priority(&Params::from_value(json!({ "priority": value })));
        for none in [json!(null), json!(""), json!("none")] {
            assert_eq!(of(none), Ok(Some(None)));
        }
        assert_eq!(of(json!("urgent")), Ok(Some(Some(Priority::Urgent))));
        assert_eq!(of(json!("soon")).unwrap_err().field, "priority");
        assert_eq!(priority(&Params::default()), Ok(None));
    }
}
