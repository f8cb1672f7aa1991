//! Signing keys: creating, listing and revoking.

use crate::{App, channel::ChannelError};
use belfry_domain::{
    SiteId, ValidationError,
    channel::{ConversationAccess, InboxId},
    sdk::{MAX_KEY_LABEL_CHARS, SdkKey, SdkKeyId, SdkScope, SigningKey},
};
use belfry_locales::phrases::errors;

/// A new signing key. The secret is returned only here.
#[derive(Debug)]
pub struct CreatedSdkKey {
    /// The key.
    pub key: SdkKey,
    /// The UUID in the JWT: the inbox's as `bot_id`, or the site's as `environment_id`.
    pub uuid: String,
    /// The signing secret.
    pub secret: SigningKey,
}

impl App {
    /// Adds a signing key for an inbox, or for the whole site.
    pub async fn create_sdk_key(
        &self,
        site: SiteId,
        inbox: Option<InboxId>,
        label: &str,
    ) -> Result<CreatedSdkKey, ChannelError> {
        self.site(site).await?;
        let label = checked_label(label)?;
        let uuid = match inbox {
            Some(inbox) => self
                .store
                .channel_inbox(site, ConversationAccess::Site, inbox)
                .await??
                .uuid
                .to_string(),
            None => site.to_string(),
        };
        let secret = SigningKey::generate(&*self.rng);
        let key = self
            .store
            .create_sdk_key(site, SdkScope::of(inbox), label, &secret, self.now())
            .await??;
        Ok(CreatedSdkKey { key, uuid, secret })
    }

    /// The signing keys of a site and of its inboxes.
    pub async fn sdk_keys(&self, site: SiteId) -> Result<Vec<SdkKey>, ChannelError> {
        Ok(self.store.sdk_keys(site).await?)
    }

    /// Revokes a signing key and ends its sessions. `false` when the site has no such key.
    pub async fn revoke_sdk_key(&self, site: SiteId, key: SdkKeyId) -> Result<bool, ChannelError> {
        Ok(self.store.revoke_sdk_key(site, key).await?)
    }
}

/// Validates a label; an empty one is allowed, since keys are distinguished by their id.
fn checked_label(label: &str) -> Result<&str, ValidationError> {
    let label = label.trim();
    if label.chars().count() > MAX_KEY_LABEL_CHARS || label.chars().any(char::is_control) {
        return Err(ValidationError::new(
            "label",
            errors::at_most_printable_characters(MAX_KEY_LABEL_CHARS),
        ));
    }
    Ok(if label.is_empty() { "key" } else { label })
}
