//! Window codes: single-use codes for one conversation, so that no lasting credential is in a URL.

use super::SdkError;
use crate::{App, channel::ChannelError};
use belfry_domain::{
    Secret, SecretKind,
    channel::{ConversationId, ConversationNumber},
    sdk::{NewSdkToken, SdkAuthError, SdkSession, SdkTokenKind},
};

impl App {
    /// A code that opens the window of a conversation once, within a minute.
    pub async fn create_window_code(
        &self,
        who: &SdkSession,
        number: ConversationNumber,
    ) -> Result<Secret, SdkError> {
        if !who.allows(number) {
            return Err(ChannelError::not_found("conversation").into());
        }
        self.conversation(&who.caller, number).await?;
        let code = Secret::generate(SecretKind::SdkCode, self.rng());
        let token = NewSdkToken {
            digest: code.digest(),
            kind: SdkTokenKind::Code,
            key: who.key,
            agent: who.caller.agent.id,
            roles: who.roles.clone(),
            conversation: Some(number),
            expires_at: self.now().plus(SdkTokenKind::Code.lifetime()).min(who.expires_at),
            session_until: who.expires_at,
        };
        if self.store.add_sdk_code(who.caller.site, &token).await? {
            Ok(code)
        } else {
            Err(SdkAuthError::TokenExpired.into())
        }
    }

    /// Exchanges a code for the window's session, which ends with the session that created the
    /// code.
    pub async fn exchange_window_code(
        &self,
        conversation: ConversationId,
        code: &str,
    ) -> Result<(SdkSession, Secret), SdkError> {
        let code = Secret::parse(SecretKind::SdkCode, code).ok_or(SdkAuthError::InvalidToken)?;
        let token = Secret::generate(SecretKind::SdkWindow, self.rng());
        let session = self
            .store
            .exchange_sdk_code(&code.digest(), conversation, &token.digest(), self.now())
            .await?;
        Ok((session.ok_or(SdkAuthError::TokenExpired)?, token))
    }
}
