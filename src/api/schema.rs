//! `OpenAPI` schemas of domain types, of errors, and of the form of a theme. The types are never
//! constructed. Must not contain logic. Request bodies are in [`belfry_app::body`].

#![expect(dead_code, reason = "these types are never built; the description is derived from them")]

mod message;

pub(super) use message::ContentView;

use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, SchemaFormat, Type},
    },
};

/// An error response.
#[derive(ToSchema, Serialize)]
pub(super) struct Error {
    /// The HTTP status, for clients that only see the body.
    #[schema(example = 400)]
    status: u16,
    /// What is wrong and what to do, in one sentence.
    #[schema(example = "content.en.title must have at most 200 characters; this has 201")]
    message: String,
    /// Path of the field, name of the parameter or name of the header. Absent if there is no single
    /// one.
    #[schema(example = "content.en.title")]
    field: Option<String>,
    /// If a response can't be replayed because it contained a secret: the id of the object that was
    /// created.
    id: Option<String>,
    /// For a rejected theme: all errors.
    problems: Option<Vec<ThemeProblem>>,
    /// For a rejected theme: all warnings.
    warnings: Option<Vec<ThemeProblem>>,
}

/// An error or a warning of a theme.
#[derive(ToSchema, Serialize)]
pub(super) struct ThemeProblem {
    /// The file.
    file: ThemeFileName,
    /// The line, counted from 1.
    line: u32,
    /// The column, counted from 1, in characters.
    column: u32,
    /// Stable code for programs. New codes may be added.
    #[schema(example = "script")]
    code: String,
    /// The offending text, truncated if long.
    #[schema(example = "<script>")]
    what: String,
    /// The reason, and what to do instead.
    reason: String,
}

/// A file of a theme.
#[derive(ToSchema, Serialize)]
pub(super) enum ThemeFileName {
    #[serde(rename = "bell.svg")]
    Bell,
    #[serde(rename = "card.svg")]
    Card,
    #[serde(rename = "theme.css")]
    Css,
}

/// State of a theme version.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum ThemeState {
    Draft,
    #[serde(rename = "inForce")]
    Published,
    Former,
}

/// The form of a theme upload. All parts are optional.
#[derive(ToSchema)]
pub(super) struct ThemeForm {
    /// The bell, an SVG image of at most 128 kB.
    #[schema(value_type = Option<String>, format = Binary)]
    bell: Option<Vec<u8>>,
    /// The message card, an SVG image.
    #[schema(value_type = Option<String>, format = Binary)]
    card: Option<Vec<u8>>,
    /// The style sheet.
    #[schema(value_type = Option<String>, format = Binary)]
    css: Option<Vec<u8>>,
}

/// A UUID.
pub(super) enum Id {}

impl utoipa::PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::Custom("uuid".to_owned());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(format))
            .examples(["019b1c05-3c00-7000-8000-5f2a64d1c0de"])
            .build()
            .into()
    }
}

impl ToSchema for Id {}
