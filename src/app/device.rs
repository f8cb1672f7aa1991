//! Devices with a site's app: its backend binds them to contacts.
//!
//! Everything in an app is public, so the site's id gives access to no inbox. The device's id does,
//! but only after a backend with an API key has bound it to a contact.

use super::{App, AppError, AuthenticatedKey, Reader};
use belfry_domain::{ContactId, ContactLookup, Device, DeviceId, SiteId, TokenFamily};
use belfry_store::StoreError;

impl App {
    /// Binds a device to a contact, replacing an earlier binding.
    pub async fn bind_device(
        &self,
        holder: &AuthenticatedKey,
        contact: ContactId,
        id: &DeviceId,
    ) -> Result<Device, AppError> {
        self.contact(holder.site, &ContactLookup::Id(contact)).await?;
        let device = Device {
            site: holder.site,
            contact,
            digest: id.digest(),
            key: holder.key.clone(),
            bound_at: self.now(),
        };
        match self.store.bind_device(&device).await {
            Ok(()) => Ok(device),
            // The contact was erased or the key revoked since their lookup.
            Err(StoreError::Conflict(_)) => Err(AppError::NotFound),
            Err(other) => Err(other.into()),
        }
    }

    /// The devices of a contact, the latest binding first.
    pub async fn devices(&self, site: SiteId, contact: ContactId) -> Result<Vec<Device>, AppError> {
        self.contact(site, &ContactLookup::Id(contact)).await?;
        Ok(self.store.devices(site, contact).await?)
    }

    /// Unbinds the device with this fingerprint.
    pub async fn unbind_device(
        &self,
        site: SiteId,
        contact: ContactId,
        fingerprint: &str,
    ) -> Result<(), AppError> {
        let devices = self.store.devices(site, contact).await?;
        let device = devices
            .iter()
            .find(|device| device.fingerprint() == fingerprint)
            .ok_or(AppError::NotFound)?;
        if self.store.unbind_device(site, contact, &device.digest).await? {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    }

    /// The reader who uses this device.
    pub async fn device_reader(&self, site: SiteId, id: &DeviceId) -> Result<Reader, AppError> {
        let device =
            self.store.device(site, &id.digest()).await?.ok_or(AppError::Unauthenticated)?;
        // A device is a family of its own: no token or session descends from it.
        let family = TokenFamily(device.digest.0.first_chunk().copied().unwrap_or_default());
        Ok(Reader { site, contact: device.contact, family, key: device.key })
    }
}
