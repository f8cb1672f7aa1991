//! Whether an origin belongs to any site. Triggers maintain `site_origin` as a copy of
//! `site.origins`.

use super::SqlStore;
use crate::{OriginStore, Result, db::query_scalar};
use async_trait::async_trait;
use belfry_domain::Origin;

pub(super) const IS_KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM site_origin WHERE origin = ?1)";

#[async_trait]
impl OriginStore for SqlStore {
    async fn is_origin_of_a_site(&self, origin: &Origin) -> Result<bool> {
        Ok(query_scalar(IS_KNOWN)
            .bind(origin.as_str())
            .fetch_one(&mut *self.read_connection().await?)
            .await?)
    }
}
