//! JSON views of segments.

use belfry_app::write_rule;
use belfry_domain::Segment;
use serde::Serialize;
use serde_json::Value;

/// A segment.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Segment)]
pub struct View {
    /// Its id.
    id: i64,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The condition: `all`, `any`, `not`, `attribute` with an operator, `language`, `createdAt`,
    /// `lastSeenAt`, `contacts`.
    #[schema(value_type = Object)]
    condition: Value,
    /// When it was created.
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
            created_at: segment.created_at.rfc3339(),
            updated_at: segment.updated_at.rfc3339(),
        }
    }
}
