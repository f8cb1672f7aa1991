//! Signing keys: made, listed and revoked.

use crate::{
    domain::{
        Invalid, SiteId,
        channel::{ConversationAccess, InboxId},
        sdk::{MAX_KEY_LABEL_CHARS, SdkKey, SdkKeyId, SdkScope, SigningKey},
    },
    inbox::{Inbox, channel::ChannelError},
};

/// A signing key that was made. The secret is shown here and never again.
#[derive(Debug)]
pub struct CreatedSdkKey {
    /// The key.
    pub key: SdkKey,
    /// The UUID that JWTs name: as `bot_id` that of the inbox, as `environment_id` that of the site.
    pub uuid: String,
    /// What the site's backend signs with.
    pub secret: SigningKey,
}

impl Inbox {
    /// Adds a signing key of an inbox, or of the whole site.
    pub async fn create_sdk_key(&self, site: SiteId, inbox: Option<InboxId>, label: &str) -> Result<CreatedSdkKey, ChannelError> {
        self.site(site).await?;
        let label = checked_label(label)?;
        let uuid = match inbox {
            Some(inbox) => self.store.channel_inbox(site, ConversationAccess::Site, inbox).await??.uuid.to_string(),
            None => site.to_string(),
        };
        let secret = SigningKey::generate(&*self.entropy);
        let key = self.store.create_sdk_key(site, SdkScope::of(inbox), label, &secret, self.now()).await??;
        Ok(CreatedSdkKey { key, uuid, secret })
    }

    /// The signing keys of a site and of its inboxes.
    pub async fn sdk_keys(&self, site: SiteId) -> Result<Vec<SdkKey>, ChannelError> {
        Ok(self.store.sdk_keys(site).await?)
    }

    /// Revokes a signing key; sessions that it vouched for end. Whether the site had it.
    pub async fn revoke_sdk_key(&self, site: SiteId, key: SdkKeyId) -> Result<bool, ChannelError> {
        Ok(self.store.revoke_sdk_key(site, key).await?)
    }
}

/// The label as it is kept; one that is not given is told apart from others by the key's number.
fn checked_label(label: &str) -> Result<&str, Invalid> {
    let label = label.trim();
    if label.chars().count() > MAX_KEY_LABEL_CHARS || label.chars().any(char::is_control) {
        return Err(Invalid::new("label", format!("must have at most {MAX_KEY_LABEL_CHARS} printable characters")));
    }
    Ok(if label.is_empty() { "key" } else { label })
}
