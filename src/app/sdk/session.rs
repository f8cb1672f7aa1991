//! Inbox SDK sessions, identified by their token.

use super::SdkError;
use crate::App;
use belfry_domain::{
    Secret, SecretKind,
    sdk::{SdkAuthError, SdkSession, SdkTokenKind},
};

impl App {
    /// The session of a session token or of a window's token. A session that has ended, for
    /// whatever reason, is `TokenExpired`, so that the client signs in again.
    pub async fn sdk_session(&self, token: &str) -> Result<SdkSession, SdkError> {
        let secret = [SecretKind::SdkSession, SecretKind::SdkWindow]
            .into_iter()
            .find_map(|kind| Secret::parse(kind, token));
        let digest = secret.ok_or(SdkAuthError::InvalidToken)?.digest();
        let now = self.now();
        // A session with a later expiry was created while the clock was ahead.
        let lives =
            |session: &SdkSession| session.expires_at <= now.plus(SdkTokenKind::Session.lifetime());
        Ok(self
            .store
            .sdk_session(&digest, now)
            .await?
            .filter(lives)
            .ok_or(SdkAuthError::TokenExpired)?)
    }

    /// The session of a credential: a JWT, which is exchanged for a session and its token, or an
    /// existing token.
    pub async fn authenticate_sdk(
        &self,
        credential: &str,
    ) -> Result<(SdkSession, Option<Secret>), SdkError> {
        if credential.starts_with("bfs_") || credential.starts_with("bfw_") {
            return Ok((self.sdk_session(credential).await?, None));
        }
        let (session, token) = self.authenticate_by_jwt(credential).await?;
        Ok((session, Some(token)))
    }
}
