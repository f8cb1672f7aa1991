//! Allowed origins over all sites.

use super::Result;
use async_trait::async_trait;
use belfry_domain::Origin;

/// Looks up origins without a site.
#[async_trait]
pub trait OriginStore: Send + Sync {
    /// Whether any site allows this origin. The only query that is not bounded by a site: a browser
    /// sends a preflight request before it names the site, and the answer names none.
    async fn is_origin_of_a_site(&self, origin: &Origin) -> Result<bool>;
}
