//! What bodies look like, for the description alone. Nothing here is ever built: requests are read by `params`, answers are written by
//! `content::wire`. `make description` compares real answers with these types.

#![expect(dead_code, reason = "these types are never built; the description is derived from them")]

#[expect(clippy::struct_field_names, reason = "the names are the contract's")]
mod answer;
mod body;

pub(super) use answer::*;
pub(super) use body::*;
