//! Text: what a sender wrote, made safe to show; what Belfry itself says, in the reader's language.
//!
//! Must not know of databases, HTTP or who the reader is.

pub mod canned;
pub mod catalogue;
pub mod markdown;
pub mod page_copy;
pub mod parcel;
pub mod refusals;
pub mod snippet;
pub mod template;
pub mod text;
pub mod time;
pub mod wire;
pub mod words;
