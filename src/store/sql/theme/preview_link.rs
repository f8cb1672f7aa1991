//! Links that show a theme before it is published.

use crate::{
    MAX_PREVIEW_LINKS, Result, StoreError,
    db::{Columns, Connection, query, query_scalar},
    sql::write_tx::WriteTx,
};
use belfry_domain::{Digest, PreviewLink, SiteId, Timestamp, ValidationError};
use belfry_locales::phrases::errors;

pub(in crate::sql) const PREVIEW_LINK: &str = "SELECT site_id, digest, version, expires_at FROM preview_link WHERE site_id = ?1 AND digest = ?2 AND expires_at > ?3";

pub(in crate::sql) async fn add_preview_link(tx: &mut WriteTx, link: PreviewLink) -> Result<()> {
    let count: u32 = query_scalar(
        "SELECT count(*) FROM (SELECT 1 FROM preview_link WHERE site_id = ?1 LIMIT ?2 + 0)",
    )
    .bind(link.site.as_bytes())
    .bind(MAX_PREVIEW_LINKS)
    .fetch_one(&mut tx.connection)
    .await?;
    if count >= MAX_PREVIEW_LINKS {
        let reason = errors::too_many_preview_links(MAX_PREVIEW_LINKS);
        return Err(StoreError::Limit(ValidationError::new("", reason)));
    }
    query(
        "INSERT INTO preview_link (site_id, digest, version, expires_at) VALUES (?1, ?2, ?3, ?4)",
    )
    .bind(link.site.as_bytes())
    .bind(link.digest.0.as_slice())
    .bind(link.version.0)
    .bind(link.expires_at.millis())
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

pub(in crate::sql) async fn preview_link(
    connection: &mut Connection,
    site: SiteId,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<PreviewLink>> {
    let row = query(PREVIEW_LINK)
        .bind(site.as_bytes())
        .bind(digest.0.as_slice())
        .bind(now.millis())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    Ok(Some(PreviewLink {
        site: columns.site()?,
        digest: columns.digest()?,
        version: columns.theme()?,
        expires_at: columns.time()?,
    }))
}
