//! Categories that a reader mutes, among those that the site allows to be muted.

use super::{App, AppError, Reader};
use belfry_domain::{Category, ContactId, ContactLookup, SiteId, ValidationError};
use belfry_locales::phrases::errors;
use std::collections::BTreeMap;

impl App {
    /// The categories that a contact mutes, in order.
    pub async fn mutes(&self, site: SiteId, contact: ContactId) -> Result<Vec<String>, AppError> {
        self.contact(site, &ContactLookup::Id(contact)).await?;
        Ok(self.store.mutes(site, contact).await?)
    }

    /// The categories that a reader mutes.
    pub async fn muted(&self, reader: &Reader) -> Result<Vec<String>, AppError> {
        Ok(self.store.mutes(reader.site, reader.contact).await?)
    }

    /// The categories that readers of a site may mute.
    pub async fn mutable(&self, site: SiteId) -> Result<Vec<Category>, AppError> {
        Ok(self.settings(site).await?.mutable().cloned().collect())
    }

    /// Mutes and unmutes categories for a reader, if the site allows it; all others are unchanged.
    pub async fn change_mutes(
        &self,
        reader: &Reader,
        changes: impl Fn(&str) -> Option<bool>,
    ) -> Result<(), AppError> {
        let mutable = self.mutable(reader.site).await?;
        let changes: BTreeMap<String, bool> = mutable
            .into_iter()
            .filter_map(|category| changes(&category.name).map(|mute| (category.name, mute)))
            .collect();
        if self.store.change_mutes(reader.site, reader.contact, &changes, self.now()).await? {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    }

    /// Replaces a contact's muted categories and returns them in order.
    pub async fn set_mutes(
        &self,
        site: SiteId,
        contact: ContactId,
        muted: Vec<String>,
    ) -> Result<Vec<String>, AppError> {
        let mutable = self.mutable(site).await?;
        if let Some(index) =
            muted.iter().position(|name| !mutable.iter().any(|category| category.name == *name))
        {
            let reason = errors::IMMUTABLE_CATEGORY;
            return Err(ValidationError::new(format!("muted[{index}]"), reason).into());
        }
        if self.store.set_mutes(site, contact, &muted, self.now()).await? {
            self.mutes(site, contact).await
        } else {
            Err(AppError::NotFound)
        }
    }
}
