//! Browser sessions: an adapter from `tower-sessions` to the store. The cookie holds a random
//! number of 128 bits; the store holds its digest.

use async_trait::async_trait;
use belfry_app::App;
use belfry_domain::{AccountId, Digest};
use std::fmt;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// The session key with the id of the signed-in account.
pub(super) const ACCOUNT_KEY: &str = "account";
/// The session key of a sign-in that waits for its second factor.
pub(super) const PENDING_SIGN_IN_KEY: &str = "pending";

/// The session store for `tower-sessions`.
#[derive(Clone)]
pub(super) struct Sessions(App);

impl fmt::Debug for Sessions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sessions")
    }
}

/// The digest of a session id.
pub(super) fn digest(id: &Id) -> Digest {
    Digest::of(&id.to_string())
}

impl Sessions {
    pub(super) fn new(app: App) -> Self {
        Self(app)
    }

    async fn store(&self, record: &Record, new: bool) -> Result<()> {
        let data = serde_json::to_string(&record.data)
            .map_err(|error| Error::Encode(error.to_string()))?;
        let signed_in =
            record.data.get(ACCOUNT_KEY).and_then(serde_json::Value::as_i64).map(AccountId);
        // A sign-in that waits for its second factor ends with the account's sessions when the
        // password changes.
        let pending =
            || record.data.get(PENDING_SIGN_IN_KEY)?.get("account")?.as_i64().map(AccountId);
        self.0
            .store_session(
                digest(&record.id),
                (signed_in.or_else(pending), signed_in.is_some()),
                data,
                new,
            )
            .await
            .map_err(|error| Error::Backend(error.to_string()))
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.store(record, true).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.store(record, false).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(session) = self
            .0
            .console_session(&digest(id))
            .await
            .map_err(|error| Error::Backend(error.to_string()))?
        else {
            return Ok(None);
        };
        let data = serde_json::from_str(&session.data)
            .map_err(|error| Error::Decode(error.to_string()))?;
        let ends = time::OffsetDateTime::UNIX_EPOCH
            .saturating_add(time::Duration::milliseconds(session.expires_at.millis()));
        Ok(Some(Record { id: *id, data, expiry_date: ends }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.end_session(&digest(id)).await.map_err(|error| Error::Backend(error.to_string()))
    }
}
