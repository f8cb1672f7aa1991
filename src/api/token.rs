//! Contact tokens.

mod issue;

pub(super) use issue::issue;
