//! A segment in words.

use crate::{api::time::rfc3339, domain::Segment, inbox::write_rule};
use serde::Serialize;
use serde_json::Value;

/// A segment as its owner sees it.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Segment)]
pub struct View {
    /// Its number.
    id: i64,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Who belongs: `all`, `any`, `not`, `attribute` with what is asked of it, `language`, `createdAt`, `lastSeenAt`, `contacts`.
    #[schema(value_type = Object)]
    condition: Value,
    /// When it was made.
    created_at: Option<String>,
    /// When its name or condition last changed.
    updated_at: Option<String>,
}

impl From<Segment> for View {
    fn from(segment: Segment) -> Self {
        Self {
            id: segment.id.0,
            condition: write_rule(&segment.rule),
            name: segment.name,
            created_at: rfc3339(segment.created_at),
            updated_at: rfc3339(segment.updated_at),
        }
    }
}

/// What makes a segment.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes a body that is read by the rules")]
#[schema(as = SegmentRequest)]
pub(in crate::api) struct Asked {
    /// 1 to 100 characters, one segment of a site each.
    name: String,
    /// For example `{"all":[{"attribute":"plan","equals":"pro"},{"not":{"language":["uk"]}}]}`, or short `{"attributes":{"plan":"pro"}}`.
    #[schema(value_type = Object)]
    condition: Value,
}

/// A condition to be tried.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes a body that is read by the rules")]
#[schema(as = SegmentCountRequest)]
pub(in crate::api) struct Tried {
    /// As in a segment.
    #[schema(value_type = Object)]
    condition: Value,
}
