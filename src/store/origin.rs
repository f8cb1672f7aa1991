//! Which pages belong to some site.

use super::Result;
use crate::domain::Origin;
use async_trait::async_trait;

/// The part of the seam that knows origins without their site.
#[async_trait]
pub trait OriginStore: Send + Sync {
    /// Whether any site is shown on pages of this origin. The one question that no site bounds: a browser asks it before it says
    /// for which site, and the answer names none.
    async fn is_origin_of_a_site(&self, origin: &Origin) -> Result<bool>;
}
