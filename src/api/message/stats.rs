//! `GET /v1/messages/{id}/stats`: delivery and engagement counts of a message, over time, by
//! language and by segment.

use crate::{ApiError, ApiState, path::PathParam, query::Query};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::{
    Funnel, MessageId, MessageStats, SegmentFunnel, SegmentId, StatsBucket, Timestamp,
    ValidationError,
};
use belfry_locales::phrases::errors;
use serde::Serialize;

/// Statistics of a message. Each step includes the next: `reached`, `seen`, `read`, `clicked`.
#[derive(Serialize, utoipa::ToSchema)]
pub struct StatsView {
    #[serde(flatten)]
    total: FunnelView,
    /// Number of audience contacts that were counted: all, or 250,000 if there are more.
    counted: u64,
    /// Counts over time: by hour for the first two days, then by day. Empty intervals are omitted.
    series: Vec<StepView>,
    /// By the contact's language.
    languages: Vec<LanguageView>,
    /// With `by=segment`: by the named segments that contacts belong to now, regardless of the
    /// message's audience; the site's newest 100 segments. A contact may be in several segments, or
    /// in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<Vec<SegmentStepsView>>,
}

/// Number of contacts at each step.
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
    /// Start of the interval.
    at: Option<String>,
    reached: u64,
    seen: u64,
    read: u64,
    clicked: u64,
}

/// Contacts with the same language.
#[derive(Serialize, utoipa::ToSchema)]
pub struct LanguageView {
    /// `null` for contacts without a known language.
    language: Option<String>,
    #[serde(flatten)]
    funnel: FunnelView,
}

/// Counted contacts of one segment.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SegmentFunnel)]
pub struct SegmentStepsView {
    #[schema(value_type = i64)]
    id: SegmentId,
    name: String,
    reached: u64,
    seen: u64,
    read: u64,
    clicked: u64,
    archived: u64,
}

impl From<SegmentFunnel> for SegmentStepsView {
    fn from(steps: SegmentFunnel) -> Self {
        let SegmentFunnel { id, name, reached, seen, read, clicked, archived } = steps;
        Self { id, name, reached, seen, read, clicked, archived }
    }
}

impl From<Funnel> for FunnelView {
    fn from(funnel: Funnel) -> Self {
        let Funnel { audience, reached, seen, read, clicked, archived } = funnel;
        Self { audience, reached, seen, read, clicked, archived }
    }
}

impl From<(Timestamp, StatsBucket)> for StepView {
    fn from((at, step): (Timestamp, StatsBucket)) -> Self {
        let StatsBucket { reached, seen, read, clicked } = step;
        Self { at: at.rfc3339(), reached, seen, read, clicked }
    }
}

impl From<MessageStats> for StatsView {
    fn from(stats: MessageStats) -> Self {
        let languages = stats.languages.into_iter();
        Self {
            total: stats.total.into(),
            counted: stats.counted,
            series: stats.series.into_iter().map(StepView::from).collect(),
            languages: languages
                .map(|(language, funnel)| LanguageView {
                    language: language.map(String::from),
                    funnel: funnel.into(),
                })
                .collect(),
            segments: stats
                .segments
                .map(|segments| segments.into_iter().map(SegmentStepsView::from).collect()),
        }
    }
}

/// Returns the statistics of a message.
#[utoipa::path(
    get, operation_id = "getMessageStats",
    path = "/messages/{id}/stats",
    tag = "Messages",
    params(
        ("id" = String, Path, description = "The message"),
        ("by" = Option<String>, Query, description = "`segment` adds `segments`, which takes longer to count"),
    ),
    responses(
        (status = 200, description = "The statistics", body = StatsView),
        (status = 400, description = "A parameter is invalid"),
        (status = 404, description = "The message does not exist"),
    )
)]
pub(crate) async fn stats(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<MessageId>,
    RawQuery(query): RawQuery,
) -> Result<Json<StatsView>, ApiError> {
    let stats = match Query::parse_known(query.as_deref(), &["by"])?.text("by")?.as_deref() {
        None => api.app.message_stats(holder.site, id).await?,
        Some("segment") => api.app.message_stats_by_segment(holder.site, id).await?,
        Some(_) => {
            return Err(ValidationError::new("by", errors::STATS_BY).into());
        }
    };
    Ok(Json(stats.into()))
}
