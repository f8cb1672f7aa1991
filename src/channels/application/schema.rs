//! Types of request and response bodies, for the `OpenAPI` document only; they are never
//! constructed. `params` parses requests, `content::wire` renders responses. `make description`
//! checks real responses against these types.

#![expect(dead_code, reason = "these types are never built; the description is derived from them")]

mod body;
#[expect(clippy::struct_field_names, reason = "the names are the contract's")]
mod response;

pub(super) use body::*;
pub(super) use response::*;
