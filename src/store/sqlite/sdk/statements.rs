//! The statements of the Inbox SDK whose query plans are checked by `query_plans::sdk`, by name.

use super::{agent, key, token};

/// All except lookups by a whole key.
pub(in crate::sqlite) const ALL: &[(&str, &str)] = &[
    ("signing keys of a site and its inboxes", key::ALL),
    ("signing keys of an inbox", key::OF_INBOX),
    ("signing keys of a site", key::OF_SITE),
    ("session", token::SESSION),
    ("end the oldest sessions", token::END_OLDEST),
    ("end the sessions of an agent", token::END_OF_AGENT),
    ("agent by external id", agent::BY_EXTERNAL_ID),
    ("agents of a deleted inbox", agent::DELETE_OF_INBOX),
];
