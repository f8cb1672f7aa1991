//! Account webhooks, managed by administrators.

use super::ChannelError;
use crate::App;
use belfry_domain::{
    EndpointUrl, SigningSecret, SiteId,
    channel::{AccountWebhook, AccountWebhookDraft, AccountWebhookId, ConversationEventKind},
};

/// Changed fields of an account webhook; `None` leaves a field unchanged.
#[derive(Debug, Clone, Default)]
pub struct AccountWebhookChange {
    /// The name.
    pub name: Option<Option<String>>,
    /// The URL.
    pub url: Option<EndpointUrl>,
    /// The event kinds that it receives.
    pub subscriptions: Option<Vec<ConversationEventKind>>,
}

impl App {
    /// The account webhooks of a site, oldest first.
    pub async fn account_webhooks(
        &self,
        site: SiteId,
    ) -> Result<Vec<AccountWebhook>, ChannelError> {
        Ok(self.store.account_webhooks(site).await?)
    }

    /// Adds an account webhook.
    pub async fn create_account_webhook(
        &self,
        site: SiteId,
        draft: &AccountWebhookDraft,
    ) -> Result<AccountWebhook, ChannelError> {
        self.check_callback(Some(draft.url.as_str()), "url").await?;
        let secret = SigningSecret::generate(&*self.rng);
        Ok(self.store.create_account_webhook(site, draft, &secret, self.now()).await??)
    }

    /// Changes an account webhook, computed from the stored one.
    pub async fn update_account_webhook(
        &self,
        site: SiteId,
        webhook: AccountWebhookId,
        change: AccountWebhookChange,
    ) -> Result<AccountWebhook, ChannelError> {
        if let Some(url) = &change.url {
            self.check_callback(Some(url.as_str()), "url").await?;
        }
        let apply = move |present: &AccountWebhookDraft| {
            Ok(AccountWebhookDraft {
                name: change.name.unwrap_or_else(|| present.name.clone()),
                url: change.url.unwrap_or_else(|| present.url.clone()),
                subscriptions: change
                    .subscriptions
                    .unwrap_or_else(|| present.subscriptions.clone()),
            })
        };
        Ok(self.store.update_account_webhook(site, webhook, Box::new(apply)).await??)
    }

    /// Deletes an account webhook with its pending deliveries.
    pub async fn delete_account_webhook(
        &self,
        site: SiteId,
        webhook: AccountWebhookId,
    ) -> Result<(), ChannelError> {
        if self.store.delete_account_webhook(site, webhook).await? {
            Ok(())
        } else {
            Err(ChannelError::not_found("webhook"))
        }
    }
}
