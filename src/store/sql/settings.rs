//! Site settings. Implements [`SettingsStore`].

use super::{
    SqlStore,
    mutes::UNMUTE_OTHERS,
    site::{one, replace},
    write_tx::WriteTx,
};
use crate::{
    Result, SettingsStore, UpdateFn, UpdateResult,
    db::{Columns, Connection, query, query_scalar, to_json},
};
use async_trait::async_trait;
use belfry_domain::{InboxEvent, Site, SiteId, SiteSettings};
use futures_util::FutureExt as _;

#[async_trait]
impl SettingsStore for SqlStore {
    async fn settings(&self, site: SiteId) -> Result<Option<SiteSettings>> {
        read(&mut *self.read_connection_for(site).await?, site).await
    }

    async fn change_settings(
        &self,
        site: SiteId,
        change: UpdateFn<SiteSettings>,
    ) -> Result<UpdateResult<SiteSettings>> {
        self.writer.for_site(site).run(move |tx| modify(tx, site, change).boxed()).await
    }

    async fn change_site(
        &self,
        site: SiteId,
        change: UpdateFn<(Site, SiteSettings)>,
    ) -> Result<UpdateResult<(Site, SiteSettings)>> {
        self.writer.for_site(site).run(move |tx| modify_with_site(tx, site, change).boxed()).await
    }

    async fn update_settings(&self, site: SiteId, settings: &SiteSettings) -> Result<bool> {
        let settings = settings.clone();
        self.writer.for_site(site).run(move |tx| update(tx, site, settings).boxed()).await
    }
}

async fn read(connection: &mut Connection, site: SiteId) -> Result<Option<SiteSettings>> {
    let row = query("SELECT settings FROM site WHERE id = ?1")
        .bind(site.as_bytes())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(|row| Columns::new(row).json()).transpose()
}

async fn modify(
    tx: &mut WriteTx,
    site: SiteId,
    change: UpdateFn<SiteSettings>,
) -> Result<UpdateResult<SiteSettings>> {
    let Some(former) = read(&mut tx.connection, site).await? else { return Ok(None) };
    let settings = match change(&former) {
        Ok(settings) => settings,
        Err(invalid) => return Ok(Some(Err(invalid))),
    };
    if settings != former {
        update(tx, site, settings.clone()).await?;
    }
    Ok(Some(Ok(settings)))
}

async fn modify_with_site(
    tx: &mut WriteTx,
    id: SiteId,
    change: UpdateFn<(Site, SiteSettings)>,
) -> Result<UpdateResult<(Site, SiteSettings)>> {
    let Some(site) = one(&mut tx.connection, id).await? else { return Ok(None) };
    let Some(settings) = read(&mut tx.connection, id).await? else { return Ok(None) };
    let former = (site, settings);
    let (site, settings) = match change(&former) {
        Ok(changed) => changed,
        Err(invalid) => return Ok(Some(Err(invalid))),
    };
    if site != former.0 {
        replace(tx, &site).await?;
    }
    if settings != former.1 {
        update(tx, id, settings.clone()).await?;
    }
    Ok(Some(Ok((site, settings))))
}

async fn update(tx: &mut WriteTx, site: SiteId, settings: SiteSettings) -> Result<bool> {
    // Mutes of categories that can't be muted any more are deleted.
    let mutable: Vec<&str> = settings.mutable().map(|category| category.name.as_str()).collect();
    let back = query(UNMUTE_OTHERS)
        .bind(site.as_bytes())
        .bind(to_json(&mutable)?)
        .execute(&mut tx.connection)
        .await?
        > 0;
    let statement = if back {
        "UPDATE site SET settings = ?2, version = version + 1, broadcast_version = version + 1 WHERE id = ?1 RETURNING version"
    } else {
        "UPDATE site SET settings = ?2, version = version + 1 WHERE id = ?1 RETURNING version"
    };
    let version = query_scalar(statement)
        .bind(site.as_bytes())
        .bind(to_json(&settings)?)
        .fetch_optional(&mut tx.connection)
        .await?;
    if version.is_none() {
        return Ok(false);
    }
    tx.record_version(site, version)?;
    tx.publish(InboxEvent::ExternalWrite { site });
    Ok(true)
}
