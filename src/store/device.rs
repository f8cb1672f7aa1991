//! Which contact reads on which device of the site's app.

use super::Result;
use crate::domain::{ContactId, Device, Digest, SiteId};
use async_trait::async_trait;

/// The part of the seam that keeps devices.
#[async_trait]
pub trait DeviceStore: Send + Sync {
    /// Binds a device to its contact, whoever it was bound to before. Beyond [`Device::MOST`] the one that was bound longest ago
    /// goes. A `Conflict` when the site has no such contact or the key was revoked.
    async fn bind_device(&self, device: &Device) -> Result<()>;
    /// Unbinds a device of this contact. `false` when it is not bound to them.
    async fn unbind_device(&self, site: SiteId, contact: ContactId, digest: &Digest) -> Result<bool>;
    /// The devices of a contact, the one bound last first.
    async fn devices(&self, site: SiteId, contact: ContactId) -> Result<Vec<Device>>;
    /// The device with this digest, when it is of this site.
    async fn device(&self, site: SiteId, digest: &Digest) -> Result<Option<Device>>;
}
