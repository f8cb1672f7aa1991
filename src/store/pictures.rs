//! Pictures of messages.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{SiteId, StoredImage};

/// Stores pictures of messages.
#[async_trait]
pub trait PictureStore: Send + Sync {
    /// Stores a picture unless it exists. `false` when the site has `most` other ones already.
    async fn store_picture(&self, picture: &StoredImage, most: u32) -> Result<bool>;
    /// One picture of a site.
    async fn picture(&self, site: SiteId, name: &str) -> Result<Option<StoredImage>>;
}
