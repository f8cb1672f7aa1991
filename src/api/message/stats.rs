//! `GET /v1/messages/{id}/stats`: whom a message reached, who saw and read it, when, and in which language.

use crate::{
    api::{Api, ApiError, path::Named, time::rfc3339},
    domain::{Funnel, MessageId, MessageStats, StatsStep, Timestamp},
    inbox::KeyHolder,
};
use axum::{Json, extract::State};
use serde::Serialize;

/// The answer. `read` holds `clicked`, `seen` holds `read`, and `reached` holds `seen`.
#[derive(Serialize, utoipa::ToSchema)]
pub struct StatsView {
    #[serde(flatten)]
    total: FunnelView,
    /// Of how many of the audience the numbers are: of all, or of 250,000 when there are more.
    counted: u64,
    /// What happened when: by hours for the first two days, by days after that; only those in which something did.
    series: Vec<StepView>,
    /// By the language of the contact.
    languages: Vec<LanguageView>,
}

/// How far it came, in contacts.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FunnelView {
    audience: u64,
    reached: u64,
    seen: u64,
    read: u64,
    clicked: u64,
    archived: u64,
}

/// An hour or a day.
#[derive(Serialize, utoipa::ToSchema)]
pub struct StepView {
    /// When it begins.
    at: Option<String>,
    reached: u64,
    seen: u64,
    read: u64,
    clicked: u64,
}

/// The contacts of one language.
#[derive(Serialize, utoipa::ToSchema)]
pub struct LanguageView {
    /// `null` for contacts of whom none is known.
    language: Option<String>,
    #[serde(flatten)]
    funnel: FunnelView,
}

impl From<Funnel> for FunnelView {
    fn from(funnel: Funnel) -> Self {
        let Funnel { audience, reached, seen, read, clicked, archived } = funnel;
        Self { audience, reached, seen, read, clicked, archived }
    }
}

impl From<(Timestamp, StatsStep)> for StepView {
    fn from((at, step): (Timestamp, StatsStep)) -> Self {
        let StatsStep { reached, seen, read, clicked } = step;
        Self { at: rfc3339(at), reached, seen, read, clicked }
    }
}

impl From<MessageStats> for StatsView {
    fn from(stats: MessageStats) -> Self {
        let languages = stats.languages.into_iter();
        Self {
            total: stats.total.into(),
            counted: stats.counted,
            series: stats.series.into_iter().map(StepView::from).collect(),
            languages: languages.map(|(language, funnel)| LanguageView { language: language.map(String::from), funnel: funnel.into() }).collect(),
        }
    }
}

/// Counts what became of a message.
#[utoipa::path(
    get, operation_id = "getMessageStats",
    path = "/messages/{id}/stats",
    tag = "Messages",
    params(("id" = String, Path, description = "The message")),
    responses((status = 200, description = "What became of it", body = StatsView), (status = 404, description = "No such message"))
)]
pub(in crate::api) async fn stats(State(api): State<Api>, holder: KeyHolder, Named(id): Named<MessageId>) -> Result<Json<StatsView>, ApiError> {
    Ok(Json(api.inbox.message_stats(holder.site, id).await?.into()))
}
