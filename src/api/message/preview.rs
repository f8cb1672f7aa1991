//! `POST /v1/messages/preview`: renders a message and validates it. Nothing is stored.

use crate::{ApiError, ApiState, body::JsonBody};
use axum::{Json, extract::State};
use belfry_app::{AuthenticatedKey, Preview, parse_message};
use belfry_domain::{Language, MessageContent, ValidationError};
use serde::Serialize;
use std::collections::BTreeMap;

/// A rendered message.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PreviewedMessage {
    /// By language; empty if the message can't be parsed.
    #[schema(value_type = BTreeMap<String, Rendered>)]
    languages: BTreeMap<Language, Rendered>,
    /// Validation errors; empty if the message can be published.
    problems: Vec<FoundProblem>,
}

/// A message in one language.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Rendered {
    /// The normalized content: `title`, `body`, `link`, `newTab`, `image`, `actions`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    content: MessageContent,
    /// The body as HTML.
    html: String,
}

/// A validation error.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FoundProblem {
    /// Path of the field.
    field: String,
    /// Error message.
    message: String,
}

impl From<ValidationError> for FoundProblem {
    fn from(invalid: ValidationError) -> Self {
        Self { message: invalid.to_string(), field: invalid.field }
    }
}

impl From<Preview> for PreviewedMessage {
    fn from(preview: Preview) -> Self {
        Self {
            languages: preview
                .languages
                .into_iter()
                .map(|(language, (content, html))| {
                    (
                        language,
                        Rendered { content: MessageContent { is_literal: false, ..content }, html },
                    )
                })
                .collect(),
            problems: preview.problems.into_iter().map(FoundProblem::from).collect(),
        }
    }
}

/// Renders a message without storing it.
#[utoipa::path(
    post, operation_id = "previewMessage",
    path = "/messages/preview",
    tag = "Messages",
    request_body(content = Object, description = "As in `POST /v1/messages`"),
    responses((status = 200, description = "The rendered message", body = PreviewedMessage))
)]
pub(crate) async fn preview(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<Json<PreviewedMessage>, ApiError> {
    match parse_message(&body, api.app.now()) {
        // A body that is not a message at all can't be rendered.
        Err(invalid) if invalid.field.is_empty() => Err(invalid.into()),
        draft => Ok(Json(api.app.preview_message(holder.site, draft).await?.into())),
    }
}
