//! Images of messages. Implements [`PictureStore`].

use super::{SqlStore, write_tx::WriteTx};
use crate::{
    PictureStore, Result,
    db::{Columns, query, query_scalar},
};
use async_trait::async_trait;
use belfry_domain::{SiteId, StoredImage};
use futures_util::FutureExt as _;

#[async_trait]
impl PictureStore for SqlStore {
    async fn store_picture(&self, picture: &StoredImage, max: u32) -> Result<bool> {
        let picture = picture.clone();
        self.writer.for_site(picture.site).run(move |tx| store(tx, picture, max).boxed()).await
    }

    async fn picture(&self, site: SiteId, name: &str) -> Result<Option<StoredImage>> {
        let row = query("SELECT site_id, name, kind, created_at, body FROM picture WHERE site_id = ?1 AND name = ?2")
            .bind(site.as_bytes())
            .bind(name)
            .fetch_optional(&mut *self.read_connection_for(site).await?)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut columns = Columns::new(&row);
        let (site, name, kind, created_at) =
            (columns.site()?, columns.value()?, columns.parse()?, columns.time()?);
        Ok(Some(StoredImage { site, name, kind, body: columns.value()?, created_at }))
    }
}

async fn store(tx: &mut WriteTx, picture: StoredImage, max: u32) -> Result<bool> {
    let kept: Option<i64> = query_scalar(
        "INSERT INTO picture (site_id, name, kind, created_at, body) SELECT ?1, ?2, ?3, ?4, ?5
         WHERE (SELECT count(*) FROM picture WHERE site_id = ?1) < ?6 OR EXISTS (SELECT 1 FROM picture WHERE site_id = ?1 AND name = ?2)
         ON CONFLICT (site_id, name) DO UPDATE SET name = excluded.name RETURNING 1",
    )
    .bind(picture.site.as_bytes())
    .bind(&picture.name)
    .bind(picture.kind.as_str())
    .bind(picture.created_at.millis())
    .bind(&picture.body)
    .bind(max)
    .fetch_optional(&mut tx.connection)
    .await?;
    Ok(kept.is_some())
}
