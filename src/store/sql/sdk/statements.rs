//! The statements of the Inbox SDK whose query plans are checked by `query_plans::sdk`, by name.

use super::{agent, key, token};
use crate::sql::sdk_rows;

/// All except lookups by a whole key.
pub(in crate::sql) const ALL: &[(&str, &str)] = &[
    ("signing keys of a site and its inboxes", key::ALL),
    ("signing keys of an inbox", key::OF_INBOX),
    ("signing keys of a site", key::OF_SITE),
    ("session", token::SESSION),
    ("end the oldest sessions", token::END_OLDEST),
    ("end the sessions of an agent", sdk_rows::END_TOKENS_OF_AGENT),
    ("agent by external id", agent::BY_EXTERNAL_ID),
    ("agents of a deleted inbox", sdk_rows::DELETE_AGENTS_OF_INBOX),
];
