//! Up to where a reader has had messages on the screen.

use super::SqliteStore;
use crate::{
    domain::{ContactId, SiteId},
    store::{ReaderListStore, Result},
};
use async_trait::async_trait;

pub(super) const SEEN_POSITION: &str = "SELECT seen_position FROM contact WHERE site_id = ?1 AND id = ?2";

#[async_trait]
impl ReaderListStore for SqliteStore {
    async fn seen_position(&self, site: SiteId, contact: ContactId) -> Result<i64> {
        let position = sqlx::query_scalar(SEEN_POSITION).bind(site.as_bytes()).bind(contact.0).fetch_optional(&mut *self.reader().await?).await?;
        Ok(position.unwrap_or_default())
    }
}
