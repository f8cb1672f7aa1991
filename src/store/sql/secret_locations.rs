//! The locations that encrypted values are bound to. A value that was copied to another row can't
//! be decrypted there.
//!
//! Must not depend on the modules that store the values. Used by them, and by
//! [`super::encryption`].

use crate::vault::SecretLocation;
use belfry_domain::{AccountId, SiteId};

/// The key of an account's second factor.
pub(super) fn second_factor(account: AccountId) -> SecretLocation {
    SecretLocation { kind: "the key of a second factor", site: None, row: account.0 }
}

/// An endpoint's signing secret; the former secret uses the same location.
pub(super) fn signing_secret(site: SiteId, endpoint: i64) -> SecretLocation {
    SecretLocation { kind: "a signing secret", site: Some(site), row: endpoint }
}

/// An endpoint's password.
pub(super) fn webhook_password(site: SiteId, endpoint: i64) -> SecretLocation {
    SecretLocation { kind: "the password of a webhook", site: Some(site), row: endpoint }
}

/// A signing key of the Inbox SDK.
pub(super) fn sdk_signing_key(site: SiteId, key: i64) -> SecretLocation {
    SecretLocation { kind: "a signing key of the Inbox SDK", site: Some(site), row: key }
}

/// An inbox's HMAC token.
pub(super) fn hmac_token(site: SiteId, inbox: i64) -> SecretLocation {
    SecretLocation { kind: "the HMAC token of an inbox", site: Some(site), row: inbox }
}

/// An inbox's callback secret.
pub(super) fn callback_secret(site: SiteId, inbox: i64) -> SecretLocation {
    SecretLocation { kind: "the callback secret of an inbox", site: Some(site), row: inbox }
}

/// An agent's pubsub token.
pub(super) fn agent_pubsub(site: SiteId, agent: i64) -> SecretLocation {
    SecretLocation { kind: "the pubsub token of an agent", site: Some(site), row: agent }
}

/// A session's pubsub token.
pub(super) fn session_pubsub(site: SiteId, session: i64) -> SecretLocation {
    SecretLocation { kind: "the pubsub token of a session", site: Some(site), row: session }
}
