//! Actions on a conversation other than posting: status, snooze, details, retry. Each redirects to
//! the thread.

use super::{
    agent::AgentMember,
    filter::{Filter, Params},
    phrases,
};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    request_context::redirect,
    view::{field_moment, zone_of},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use belfry_app::channel::ChannelError;
use belfry_domain::{
    TimeZone, Timestamp, ValidationError,
    channel::{
        ConversationChange, ConversationMessageId, ConversationNumber, ConversationStatus,
        Rejection, StatusChange,
    },
};
use belfry_locales::{LocalizedText, phrases::errors};
use std::time::Duration;

/// Longest snooze by a choice, in hours.
const MAX_HOURS: u64 = 24 * 366;

/// Redirects to the thread with a flash message. The script shows the result itself and gets none.
async fn back(
    member: &AgentMember,
    number: ConversationNumber,
    params: &Params,
    form: &Form,
    done: &str,
) -> Result<Response, ConsoleError> {
    if !form.contains("quick") && !done.is_empty() {
        member.flash_success(done).await?;
    }
    Ok(redirect(&Filter::from_params(params).thread_path(member, number)))
}

/// Redirects with an error; the script gets a 422.
async fn refused(
    member: &AgentMember,
    number: ConversationNumber,
    params: &Params,
    form: &Form,
    reason: LocalizedText,
) -> Result<Response, ConsoleError> {
    if form.contains("quick") {
        return Err(ConsoleError::BadRequest(StatusCode::UNPROCESSABLE_ENTITY, reason));
    }
    member.flash_error(reason.t(member.lang)).await?;
    Ok(redirect(&Filter::from_params(params).thread_path(member, number)))
}

/// Until when a conversation is snoozed; `None` is until the contact replies.
fn until(
    form: &Form,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Option<Timestamp>, ValidationError> {
    let wrong = || ValidationError::new("until", phrases::IN_PAST.into());
    match form.get("for") {
        "" => Ok(None),
        "until" => {
            let at = field_moment("until", form.get("until"), zone)?;
            at.filter(|at| *at > now).map(Some).ok_or_else(wrong)
        }
        hours => {
            let hours = hours
                .parse::<u64>()
                .ok()
                .filter(|hours| (1..=MAX_HOURS).contains(hours))
                .ok_or_else(wrong)?;
            Ok(Some(now.plus(Duration::from_secs(hours * 3_600))))
        }
    }
}

/// Sets the status.
pub(super) async fn status(
    State(console): State<Console>,
    member: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    Query(params): Query<Params>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let status: ConversationStatus = form.get("status").parse()?;
    let until = if status == ConversationStatus::Snoozed {
        until(&form, &zone_of(&form, &member), console.app.now())
    } else {
        Ok(None)
    };
    let until = match until {
        Ok(until) => until,
        Err(invalid) => {
            let reason = errors::at_field(phrases::SNOOZE_UNTIL.t(member.lang), invalid.reason);
            return refused(&member, number, &params, &form, reason).await;
        }
    };
    let change = ConversationChange {
        status: Some(StatusChange::To(status, until)),
        ..ConversationChange::default()
    };
    console.app.update_conversation(&member.agent, number, change).await?;
    let done = match status {
        ConversationStatus::Open => phrases::DONE_REOPENED,
        ConversationStatus::Resolved => phrases::DONE_RESOLVED,
        ConversationStatus::Snoozed => phrases::DONE_SNOOZED,
        ConversationStatus::Pending => phrases::DONE_PENDING,
    };
    back(&member, number, &params, &form, done.t(member.lang)).await
}

/// A field that the agent changed. Unchanged fields are left alone, so that they don't overwrite
/// concurrent changes.
fn changed<'f>(form: &'f Form, name: &str) -> Option<&'f str> {
    let (was, is) = (form.get(&format!("was.{name}")), form.get(name));
    (form.contains(name) && was != is).then(|| is.trim())
}

/// Sets assignee, priority and labels.
pub(super) async fn details(
    State(console): State<Console>,
    member: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    Query(params): Query<Params>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let change = ConversationChange {
        assignee: changed(&form, "assignee")
            .map(|text| optional(text).map(|text| text.parse()).transpose())
            .transpose()?,
        priority: changed(&form, "priority")
            .map(|text| optional(text).map(|text| text.parse()).transpose())
            .transpose()?,
        labels: changed(&form, "labels")
            .map(|text| text.split(',').map(ToOwned::to_owned).collect()),
        ..ConversationChange::default()
    };
    match console.app.update_conversation(&member.agent, number, change).await {
        Ok(_) => back(&member, number, &params, &form, crate::phrases::SAVED.t(member.lang)).await,
        Err(ChannelError::Rejected(Rejection::Invalid(invalid))) => {
            refused(&member, number, &params, &form, invalid.text()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Retries a failed message.
pub(super) async fn retry(
    State(console): State<Console>,
    member: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    PathId(message): PathId<ConversationMessageId, 2>,
    Query(params): Query<Params>,
    form: Form,
) -> Result<Response, ConsoleError> {
    console.app.retry_message(&member.agent, (number, message)).await?;
    back(&member, number, &params, &form, phrases::RETRIED.t(member.lang)).await
}

/// Marks the conversation as seen; posted by the script only.
pub(super) async fn mark_seen(
    State(console): State<Console>,
    member: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    console.app.mark_seen_by_agent(&member.agent, number).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Reports typing; posted by the script only.
pub(super) async fn typing(
    State(console): State<Console>,
    member: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    form: Form,
) -> Result<Response, ConsoleError> {
    console
        .app
        .publish_typing(
            &member.agent,
            number,
            form.get("typing") == "on",
            form.get("kind") == "note",
        )
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snooze_times_are_in_the_zone() {
        let now = Timestamp::from_millis(1_794_484_800_000); // 2026-11-12T12:00:00Z
        let of = |zone: &str, text: &str| {
            until(
                &Form::new([("for", "until"), ("until", text)]),
                &TimeZone::from_name(zone).unwrap(),
                now,
            )
            .map_err(|invalid| invalid.reason.to_string())
        };
        assert_eq!(
            of("Asia/Tokyo", "2026-11-12T21:01"),
            Ok(Some(now.plus(Duration::from_mins(1))))
        );
        assert_eq!(of("Asia/Tokyo", "2026-11-12T21:00"), Err("must be in the future".to_owned()));
        assert!(of("Europe/Kyiv", "2027-03-28T03:30").unwrap_err().contains("does not exist"));
    }

    #[test]
    fn conversations_are_put_off_into_the_future() {
        let now = Timestamp::from_millis(1_794_484_800_000);
        let of = |hours: &str| {
            until(&Form::new([("for", hours), ("until", "2026-11-12T11:59")]), &TimeZone::UTC, now)
        };
        assert_eq!(of(""), Ok(None));
        assert_eq!(of("1"), Ok(Some(now.plus(Duration::from_hours(1)))));
        for odd in ["0", "-1", "x", "1000000", "until"] {
            assert!(of(odd).is_err(), "{odd}");
        }
    }
}
