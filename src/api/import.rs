//! Many contacts at once: accepted in one request, done in the background, asked after while they are.

pub(super) mod failures;
pub(super) mod get;
pub(super) mod list;
pub(super) mod start;
