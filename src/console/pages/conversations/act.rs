//! What is done with a conversation besides writing in it. Each act goes back to the thread, with the same list beside it.

use super::{
    agent::AgentMember,
    filter::{Filter, Params},
    words,
};
use crate::{
    console::{Console, error::ConsoleError, form::Form, pages::named::Named, refusals, visit::go},
    domain::{
        Timestamp,
        channel::{ConversationChange, ConversationMessageId, ConversationNumber, ConversationStatus, Rejection, StatusChange},
    },
    inbox::channel::ChannelError,
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use std::time::Duration;
use time::{PrimitiveDateTime, macros::format_description};

/// Longest time for which a conversation is put off by a choice, in hours.
const MAX_HOURS: u64 = 24 * 366;

/// Goes back to the thread. What is seen there anyway is not said once more to the script.
async fn back(who: &AgentMember, number: ConversationNumber, params: &Params, form: &Form, done: &str) -> Result<Response, ConsoleError> {
    if !form.has("quick") && !done.is_empty() {
        who.done(done).await?;
    }
    Ok(go(&Filter::of(params).thread(who, number)))
}

/// Goes back and says why nothing was done; to the script with a status.
async fn refused(who: &AgentMember, number: ConversationNumber, params: &Params, form: &Form, reason: String) -> Result<Response, ConsoleError> {
    if form.has("quick") {
        return Err(ConsoleError::Unreadable(StatusCode::UNPROCESSABLE_ENTITY, reason));
    }
    who.failed(reason).await?;
    Ok(go(&Filter::of(params).thread(who, number)))
}

/// The moment of a `datetime-local` field, whose clock is `offset` minutes behind UTC.
fn local_moment(text: &str, offset: &str) -> Option<Timestamp> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let moment = PrimitiveDateTime::parse(text.get(..16)?, format).ok()?;
    let offset = offset.parse::<i64>().ok().filter(|minutes| minutes.abs() <= 24 * 60).unwrap_or(0);
    Some(Timestamp::from_millis((moment.assume_utc().unix_timestamp() + offset * 60) * 1_000))
}

/// Until when a conversation is put off; `Err` where the moment has passed or can't be read.
fn until(form: &Form, now: Timestamp) -> Result<Option<Timestamp>, ()> {
    match form.get("for") {
        "" => Ok(None),
        "until" => local_moment(form.get("until"), form.get("offset")).filter(|at| *at > now).map(Some).ok_or(()),
        hours => {
            let hours = hours.parse::<u64>().ok().filter(|hours| (1..=MAX_HOURS).contains(hours)).ok_or(())?;
            Ok(Some(now.plus(Duration::from_secs(hours * 3_600))))
        }
    }
}

/// Opens, resolves, puts off.
pub(super) async fn status(
    State(console): State<Console>,
    who: AgentMember,
    Named(number): Named<ConversationNumber>,
    Query(params): Query<Params>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let status: ConversationStatus = form.get("status").parse()?;
    let until = if status == ConversationStatus::Snoozed { until(&form, console.inbox.now()) } else { Ok(None) };
    let Ok(until) = until else {
        let reason = format!("{}: {}", words::SNOOZE_UNTIL.t(who.lang), words::IN_PAST.t(who.lang));
        return refused(&who, number, &params, &form, reason).await;
    };
    let change = ConversationChange { status: Some(StatusChange::To(status, until)), ..ConversationChange::default() };
    console.inbox.update_conversation(&who.agent, number, change).await?;
    let done = match status {
        ConversationStatus::Open => words::DONE_REOPENED,
        ConversationStatus::Resolved => words::DONE_RESOLVED,
        ConversationStatus::Snoozed => words::DONE_SNOOZED,
        ConversationStatus::Pending => words::DONE_PENDING,
    };
    back(&who, number, &params, &form, done.t(who.lang)).await
}

/// A field where it is other than it was when it was shown: what somebody else changed meanwhile is left alone.
fn changed<'f>(form: &'f Form, name: &str) -> Option<&'f str> {
    let (was, is) = (form.get(&format!("was.{name}")), form.get(name));
    (form.has(name) && was != is).then(|| is.trim())
}

/// Who answers, how soon, and the labels.
pub(super) async fn details(
    State(console): State<Console>,
    who: AgentMember,
    Named(number): Named<ConversationNumber>,
    Query(params): Query<Params>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let change = ConversationChange {
        assignee: changed(&form, "assignee").map(|text| optional(text).map(|text| text.parse()).transpose()).transpose()?,
        priority: changed(&form, "priority").map(|text| optional(text).map(|text| text.parse()).transpose()).transpose()?,
        labels: changed(&form, "labels").map(|text| text.split(',').map(ToOwned::to_owned).collect()),
        ..ConversationChange::default()
    };
    match console.inbox.update_conversation(&who.agent, number, change).await {
        Ok(_) => back(&who, number, &params, &form, crate::console::words::SAVED.t(who.lang)).await,
        Err(ChannelError::Rejected(Rejection::Invalid(invalid))) => {
            refused(&who, number, &params, &form, refusals::said(who.lang, &invalid.to_string())).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Sends a failed message once more.
pub(super) async fn retry(
    State(console): State<Console>,
    who: AgentMember,
    Named(number): Named<ConversationNumber>,
    Named(message): Named<ConversationMessageId, 2>,
    Query(params): Query<Params>,
    form: Form,
) -> Result<Response, ConsoleError> {
    console.inbox.retry_message(&who.agent, (number, message)).await?;
    back(&who, number, &params, &form, words::RETRIED.t(who.lang)).await
}

/// The agent has looked; of the script alone.
pub(super) async fn seen(
    State(console): State<Console>,
    who: AgentMember,
    Named(number): Named<ConversationNumber>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    console.inbox.seen_by_agent(&who.agent, number).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The agent writes, or stopped; of the script alone.
pub(super) async fn typing(
    State(console): State<Console>,
    who: AgentMember,
    Named(number): Named<ConversationNumber>,
    form: Form,
) -> Result<Response, ConsoleError> {
    console.inbox.announce_typing(&who.agent, number, form.get("typing") == "on", form.get("kind") == "note").await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_clock_is_taken_from_utc() {
        let noon = local_moment("2026-11-12T12:00", "0").unwrap();
        assert_eq!(noon.millis(), 1_794_484_800_000);
        assert_eq!(local_moment("2026-11-12T14:00", "-120"), Some(noon));
        assert_eq!(local_moment("2026-11-12T12:00:59", "x"), Some(noon));
        assert_eq!(local_moment("tomorrow, perhaps", "0"), None);
    }

    #[test]
    fn conversations_are_put_off_into_the_future() {
        let now = Timestamp::from_millis(1_794_484_800_000);
        let of = |hours: &str| until(&Form::of([("for", hours), ("until", "2026-11-12T11:59")]), now);
        assert_eq!(of(""), Ok(None));
        assert_eq!(of("1"), Ok(Some(now.plus(Duration::from_hours(1)))));
        for odd in ["0", "-1", "x", "1000000", "until"] {
            assert_eq!(of(odd), Err(()), "{odd}");
        }
    }
}
