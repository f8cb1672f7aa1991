//! Exchange of a JWT for a session, with checks ordered so that an unauthenticated caller learns
//! the least.

use super::{SdkError, jwt::UnverifiedJwt};
use crate::App;
use belfry_domain::{
    Secret, SecretKind,
    channel::ChannelToken,
    sdk::{SdkAuthError, SdkSession, SdkTokenKind},
};
use belfry_store::SdkLogin;

impl App {
    /// Exchanges a JWT for a session and its token. Creates or updates the agent from the claims.
    pub async fn authenticate_by_jwt(&self, jwt: &str) -> Result<(SdkSession, Secret), SdkError> {
        let jwt = UnverifiedJwt::parse(jwt)?;
        let keys = match jwt.owner()? {
            Some(owner) => self.store.signing_keys(owner).await?,
            None => None,
        };
        // Neither the error nor the timing reveals whether the inbox or site exists.
        let key = jwt.signing_key(keys.as_ref().map_or(&[], |keys| &keys.keys));
        let (Some(keys), Some(key)) = (keys, key) else {
            return Err(SdkAuthError::InvalidToken.into());
        };
        let now = self.now();
        let (agent, roles) = jwt.agent(now)?;
        let token = Secret::generate(SecretKind::SdkSession, self.rng());
        let entry = SdkLogin {
            site: keys.site,
            key,
            agent,
            roles,
            pubsub_token: ChannelToken::generate(self.rng()),
            session: token.digest(),
            expires_at: now.plus(SdkTokenKind::Session.lifetime()),
        };
        let session = self.store.enter_sdk(&entry, now).await?;
        Ok((session.ok_or(SdkAuthError::InvalidToken)?, token))
    }
}
