//! Pictures of messages.

use super::Result;
use crate::domain::{SiteId, StoredImage};
use async_trait::async_trait;

/// Stores pictures of messages.
#[async_trait]
pub trait PictureStore: Send + Sync {
    /// Stores a picture unless it exists. `false` when the site has `most` other ones already.
    async fn keep_picture(&self, picture: &StoredImage, most: u32) -> Result<bool>;
    /// One picture of a site.
    async fn picture(&self, site: SiteId, name: &str) -> Result<Option<StoredImage>>;
}
