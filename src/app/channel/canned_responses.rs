//! Canned responses, which any agent of the site may list, create, change and delete.

use super::ChannelError;
use crate::App;
use belfry_domain::{
    SiteId, ValidationError,
    channel::{CannedResponse, CannedResponseDraft, CannedResponseId},
};
use belfry_store::MAX_CANNED_RESPONSES;

/// Changed fields of a canned response; `None` leaves a field unchanged.
#[derive(Debug, Clone, Default)]
pub struct CannedResponseChange {
    /// The short code.
    pub short_code: Option<String>,
    /// The inserted text.
    pub content: Option<String>,
}

impl CannedResponseChange {
    /// The canned response with the changes applied.
    pub fn apply_to(
        &self,
        present: &CannedResponseDraft,
    ) -> Result<CannedResponseDraft, ValidationError> {
        let short_code = self.short_code.as_deref().unwrap_or(present.short_code());
        CannedResponseDraft::new(short_code, self.content.as_deref().unwrap_or(present.content()))
    }
}

impl App {
    /// All canned responses of a site, or those that contain a text, ordered as by
    /// [`belfry_store::CannedResponseStore::canned_responses`].
    pub async fn canned_responses(
        &self,
        site: SiteId,
        text: Option<&str>,
    ) -> Result<Vec<CannedResponse>, ChannelError> {
        self.first_canned_responses(site, text, MAX_CANNED_RESPONSES).await
    }

    /// The first `limit` of [`Self::canned_responses`].
    pub async fn first_canned_responses(
        &self,
        site: SiteId,
        text: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CannedResponse>, ChannelError> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        Ok(self.store.canned_responses(site, text, limit).await?)
    }

    /// One canned response.
    pub async fn canned_response(
        &self,
        site: SiteId,
        response: CannedResponseId,
    ) -> Result<CannedResponse, ChannelError> {
        self.store
            .canned_response(site, response)
            .await?
            .ok_or(ChannelError::not_found("canned response"))
    }

    /// Adds a canned response.
    pub async fn create_canned_response(
        &self,
        site: SiteId,
        draft: &CannedResponseDraft,
    ) -> Result<CannedResponse, ChannelError> {
        Ok(self.store.create_canned_response(site, draft, self.now()).await??)
    }

    /// Changes a canned response, computed from the stored one.
    pub async fn update_canned_response(
        &self,
        site: SiteId,
        response: CannedResponseId,
        change: impl FnOnce(&CannedResponseDraft) -> Result<CannedResponseDraft, ValidationError>
        + Send
        + 'static,
    ) -> Result<CannedResponse, ChannelError> {
        Ok(self
            .store
            .update_canned_response(site, response, Box::new(change), self.now())
            .await??)
    }

    /// Deletes a canned response.
    pub async fn delete_canned_response(
        &self,
        site: SiteId,
        response: CannedResponseId,
    ) -> Result<(), ChannelError> {
        if self.store.delete_canned_response(site, response).await? {
            Ok(())
        } else {
            Err(ChannelError::not_found("canned response"))
        }
    }
}
