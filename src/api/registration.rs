//! What plugins of the existing products ask when a shop is connected: whether the key is good, and what goes into the pages.

pub(super) mod account;
pub(super) mod domains;
pub(super) mod script;
pub(super) mod version;
