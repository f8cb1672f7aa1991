//! What a list for programs needs beyond a page of the widget.

use super::Result;
use crate::domain::{ContactId, SiteId};
use async_trait::async_trait;

/// The part of the seam behind lists that are read by number of page. The messages themselves come from [`super::Store::page`].
#[async_trait]
pub trait ReaderListStore: Send + Sync {
    /// Up to which position a reader has had messages on the screen; 0 for a stranger.
    async fn seen_position(&self, site: SiteId, contact: ContactId) -> Result<i64>;
}
