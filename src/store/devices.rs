//! Devices with a site's app, bound to the contact who uses them.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{ContactId, Device, Digest, SiteId};

/// Stores devices.
#[async_trait]
pub trait DeviceStore: Send + Sync {
    /// Binds a device to its contact, replacing an earlier binding. Beyond [`Device::MOST`] the
    /// oldest binding is deleted. A `Conflict` when the site has no such contact or the key is
    /// revoked.
    async fn bind_device(&self, device: &Device) -> Result<()>;
    /// Unbinds a device of this contact. `false` when it is not bound to them.
    async fn unbind_device(
        &self,
        site: SiteId,
        contact: ContactId,
        digest: &Digest,
    ) -> Result<bool>;
    /// The devices of a contact, the latest binding first.
    async fn devices(&self, site: SiteId, contact: ContactId) -> Result<Vec<Device>>;
    /// The device with this digest, if it belongs to this site.
    async fn device(&self, site: SiteId, digest: &Digest) -> Result<Option<Device>>;
}
