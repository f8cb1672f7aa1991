//! The Inbox SDK: signing keys, agents who sign in with a JWT, and the tokens that JWTs are
//! exchanged for. Implements [`SdkStore`].

mod agent;
mod key;
#[cfg(test)]
pub(super) mod statements;
mod token;

use super::SqlStore;
use crate::{ChannelResult, Result, SdkLogin, SdkStore};
use async_trait::async_trait;
use belfry_domain::{
    Digest, SiteId, Timestamp,
    channel::ConversationId,
    sdk::{
        NewSdkToken, SdkKey, SdkKeyId, SdkScope, SdkSession, SigningKey, SigningKeyOwner,
        SigningKeys,
    },
};
use futures_util::FutureExt as _;

#[async_trait]
impl SdkStore for SqlStore {
    async fn create_sdk_key(
        &self,
        site: SiteId,
        scope: SdkScope,
        label: &str,
        secret: &SigningKey,
        now: Timestamp,
    ) -> ChannelResult<SdkKey> {
        let (label, secret, vault) = (label.to_owned(), secret.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move { key::create(tx, &vault, (site, scope), label, secret, now).await }
                    .boxed()
            })
            .await
    }

    async fn sdk_keys(&self, site: SiteId) -> Result<Vec<SdkKey>> {
        key::all(&mut *self.read_connection_for(site).await?, site).await
    }

    async fn revoke_sdk_key(&self, site: SiteId, key: SdkKeyId) -> Result<bool> {
        self.writer.for_site(site).run(move |tx| key::revoke(tx, site, key).boxed()).await
    }

    async fn signing_keys(&self, owner: SigningKeyOwner) -> Result<Option<SigningKeys>> {
        key::signing(&mut *self.read_connection().await?, &self.vault, owner).await
    }

    async fn enter_sdk(&self, entry: &SdkLogin, now: Timestamp) -> Result<Option<SdkSession>> {
        let (entry, vault) = (entry.clone(), self.vault.clone());
        self.writer
            .for_site(entry.site)
            .run(move |tx| async move { token::enter(tx, &vault, entry, now).await }.boxed())
            .await
    }

    async fn add_sdk_code(&self, site: SiteId, code: &NewSdkToken) -> Result<bool> {
        let code = code.clone();
        self.writer
            .for_site(site)
            .run(move |tx| async move { token::add(tx, site, &code).await }.boxed())
            .await
    }

    async fn exchange_sdk_code(
        &self,
        code: &Digest,
        conversation: ConversationId,
        window: &Digest,
        now: Timestamp,
    ) -> Result<Option<SdkSession>> {
        // Checked on a read connection, so that invalid codes put no load on the writer.
        let Some(site) =
            token::site_of_code(&mut *self.read_connection().await?, code, now).await?
        else {
            return Ok(None);
        };
        let (code, window, vault) = (*code, *window, self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| token::exchange(tx, vault, code, conversation, window, now).boxed())
            .await
    }

    async fn sdk_session(&self, digest: &Digest, now: Timestamp) -> Result<Option<SdkSession>> {
        token::session(&mut *self.read_connection().await?, &self.vault, digest, now).await
    }
}
