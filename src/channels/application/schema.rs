//! Types of request and response bodies, for the `OpenAPI` document only; they are never
//! constructed. `params` parses requests, `content::wire` renders responses. `make description`
//! checks real responses against these types.

#![expect(dead_code, reason = "these types are never built; the description is derived from them")]

#[expect(clippy::struct_field_names, reason = "the names are the contract's")]
mod answer;
mod body;

pub(super) use answer::*;
pub(super) use body::*;
