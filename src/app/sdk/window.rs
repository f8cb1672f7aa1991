//! The window of a conversation before authentication.

use crate::{App, AppError, channel::ChannelError};
use belfry_domain::{Site, channel::ConversationId};

impl App {
    /// The site of a conversation, whose pages may frame its window.
    pub async fn site_of_conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<Site>, ChannelError> {
        let Some(site) = self.store.site_of_conversation(id).await? else { return Ok(None) };
        match self.site(site).await {
            Ok(site) => Ok(Some(site)),
            // The site is being deleted.
            Err(AppError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
