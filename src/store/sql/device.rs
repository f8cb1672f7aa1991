//! Reader devices of the App Inbox API: which contact uses which device. Implements
//! [`DeviceStore`].

use super::{SqlStore, write_tx::WriteTx};
use crate::{
    Conflict, DeviceStore, Result,
    db::{Columns, Row, query},
};
use async_trait::async_trait;
use belfry_domain::{ContactId, Device, Digest, SiteId};
use futures_util::FutureExt as _;

pub(super) const ONE: &str =
    "SELECT contact_id, digest, key_id, bound_at FROM device WHERE site_id = ?1 AND digest = ?2";

pub(super) const ALL: &str =
    "SELECT contact_id, digest, key_id, bound_at FROM device WHERE site_id = ?1 AND contact_id = ?2
     ORDER BY bound_at DESC, digest LIMIT ?3 + 0";

pub(super) const DELETE_EXCESS: &str = "DELETE FROM device WHERE site_id = ?1 AND digest IN (
         SELECT digest FROM device WHERE site_id = ?1 AND contact_id = ?2 AND digest <> ?3 ORDER BY bound_at DESC LIMIT 9223372036854775807 OFFSET ?4 + 0)";

#[async_trait]
impl DeviceStore for SqlStore {
    async fn bind_device(&self, device: &Device) -> Result<()> {
        let device = device.clone();
        self.writer.for_site(device.site).run(move |tx| bind(tx, device).boxed()).await
    }

    async fn unbind_device(
        &self,
        site: SiteId,
        contact: ContactId,
        digest: &Digest,
    ) -> Result<bool> {
        let digest = *digest;
        self.writer.for_site(site).run(move |tx| unbind(tx, site, contact, digest).boxed()).await
    }

    async fn devices(&self, site: SiteId, contact: ContactId) -> Result<Vec<Device>> {
        let mut connection = self.read_connection_for(site).await?;
        let rows = query(ALL)
            .bind(site.as_bytes())
            .bind(contact.0)
            .bind(Device::MOST)
            .fetch_all(&mut connection)
            .await?;
        rows.iter().map(|row| device_of(row, site)).collect()
    }

    async fn device(&self, site: SiteId, digest: &Digest) -> Result<Option<Device>> {
        let mut connection = self.read_connection_for(site).await?;
        let row = query(ONE)
            .bind(site.as_bytes())
            .bind(digest.0.as_slice())
            .fetch_optional(&mut connection)
            .await?;
        row.map(|row| device_of(&row, site)).transpose()
    }
}

fn device_of(row: &Row, site: SiteId) -> Result<Device> {
    let mut columns = Columns::new(row);
    Ok(Device {
        site,
        contact: columns.contact()?,
        digest: columns.digest()?,
        key: columns.key()?,
        bound_at: columns.time()?,
    })
}

async fn bind(tx: &mut WriteTx, device: Device) -> Result<()> {
    let bound = query(
        "INSERT INTO device (site_id, digest, contact_id, key_id, bound_at)
         SELECT ?1, ?2, contact.id, api_key.id, ?5 FROM contact CROSS JOIN api_key
         WHERE contact.site_id = ?1 AND contact.id = ?3 AND contact.deleted_at IS NULL AND api_key.site_id = ?1 AND api_key.id = ?4 AND api_key.revoked_at IS NULL
         ON CONFLICT (site_id, digest) DO UPDATE SET contact_id = excluded.contact_id, key_id = excluded.key_id, bound_at = excluded.bound_at",
    )
    .bind(device.site.as_bytes())
    .bind(device.digest.0.as_slice())
    .bind(device.contact.0)
    .bind(&device.key.0)
    .bind(device.bound_at.millis())
    .execute(&mut tx.connection)
    .await?;
    if bound == 0 {
        return Err(Conflict::UnknownContactOrKey.into());
    }
    query(DELETE_EXCESS)
        .bind(device.site.as_bytes())
        .bind(device.contact.0)
        .bind(device.digest.0.as_slice())
        .bind(Device::MOST.saturating_sub(1))
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

async fn unbind(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
    digest: Digest,
) -> Result<bool> {
    let unbound =
        query("DELETE FROM device WHERE site_id = ?1 AND digest = ?2 AND contact_id = ?3")
            .bind(site.as_bytes())
            .bind(digest.0.as_slice())
            .bind(contact.0)
            .execute(&mut tx.connection)
            .await?;
    Ok(unbound > 0)
}
