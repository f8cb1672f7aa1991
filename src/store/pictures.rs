//! Pictures of messages.

use super::Result;
use crate::domain::{Picture, SiteId};
use async_trait::async_trait;

/// The part of the seam that keeps the pictures of messages.
#[async_trait]
pub trait PictureStore: Send + Sync {
    /// Keeps a picture, or finds that it is kept. `false` when the site has `most` others already.
    async fn keep_picture(&self, picture: &Picture, most: u32) -> Result<bool>;
    /// One picture of a site.
    async fn picture(&self, site: SiteId, name: &str) -> Result<Option<Picture>>;
}
