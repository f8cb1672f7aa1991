//! Sessions of agents who came by a JWT: known again by their token.

use super::SdkError;
use crate::{
    domain::{
        Secret, SecretKind,
        sdk::{SdkRefusal, SdkSession, SdkTokenKind},
    },
    inbox::Inbox,
};

impl Inbox {
    /// The session of a session token or of a window's token. One that has ended, however that came, is `TokenExpired`: whoever can sign in anew
    /// does so.
    pub async fn sdk_session(&self, token: &str) -> Result<SdkSession, SdkError> {
        let known = [SecretKind::SdkSession, SecretKind::SdkWindow].into_iter().find_map(|kind| Secret::returned(kind, token));
        let digest = known.ok_or(SdkRefusal::InvalidToken)?.digest();
        let now = self.now();
        // One that ends later was made while the clock was ahead.
        let lives = |session: &SdkSession| session.expires_at <= now.plus(SdkTokenKind::Session.life());
        Ok(self.store.sdk_session(&digest, now).await?.filter(lives).ok_or(SdkRefusal::TokenExpired)?)
    }

    /// Whom a credential belongs to: a JWT, which is exchanged for a session and its token, or a token of ours.
    pub async fn enter_sdk(&self, credential: &str) -> Result<(SdkSession, Option<Secret>), SdkError> {
        if credential.starts_with("bfs_") || credential.starts_with("bfw_") {
            return Ok((self.sdk_session(credential).await?, None));
        }
        let (session, token) = self.enter_by_jwt(credential).await?;
        Ok((session, Some(token)))
    }
}
