//! Message attachments. Bytes are stored once per site, by digest, and deleted when no attachment
//! refers to them.

use super::of_int;
use crate::{
    AttachmentStore, Result,
    db::{Columns, Connection, query, query_as, query_scalar, to_json},
    sql::{SqlStore, write_tx::WriteTx},
};
use async_trait::async_trait;
use belfry_domain::{
    Digest, SiteId,
    channel::{
        Attachment, AttachmentFile, AttachmentId, ConversationMessageId, Coordinates, FileType,
        NewAttachment,
    },
};
use std::collections::BTreeMap;

/// Sorted by `+`: `PostgreSQL` would read the attachments of the site in order instead.
pub(in crate::sql) const OF_MESSAGES: &str =
    "SELECT a.message, a.id, a.file_type, a.key, a.filename, a.content_type, a.extension, a.size, a.width, a.height,
        a.thumbnail_digest IS NOT NULL, a.latitude, a.longitude, a.fallback_title
     FROM json_each(?2) AS input CROSS JOIN attachment AS a INDEXED BY attachment_message ON a.site_id = ?1 AND a.message = CAST(input.value AS BIGINT)
     ORDER BY +a.message, +a.id";
pub(in crate::sql) const FILE: &str = "SELECT a.site_id, a.content_type, a.filename, b.digest, b.bytes FROM attachment AS a
     CROSS JOIN attachment_blob AS b ON b.site_id = a.site_id AND b.digest = a.digest WHERE a.key = ?1";
pub(in crate::sql) const THUMBNAIL: &str = "SELECT a.site_id, a.thumbnail_type, a.filename, b.digest, b.bytes FROM attachment AS a
     CROSS JOIN attachment_blob AS b ON b.site_id = a.site_id AND b.digest = a.thumbnail_digest WHERE a.key = ?1";
/// Deletes bytes that no attachment refers to.
pub(in crate::sql) const DELETE_BLOB: &str = "DELETE FROM attachment_blob WHERE site_id = ?1 AND digest = ?2
     AND NOT EXISTS (SELECT 1 FROM attachment AS a INDEXED BY attachment_digest WHERE a.site_id = ?1 AND a.digest = ?2)
     AND NOT EXISTS (SELECT 1 FROM attachment AS a INDEXED BY attachment_thumbnail WHERE a.site_id = ?1 AND a.thumbnail_digest = ?2)";

/// The attachments of these messages, keyed by message.
pub(super) async fn of_messages(
    connection: &mut Connection,
    site: SiteId,
    messages: &[i64],
) -> Result<BTreeMap<i64, Vec<Attachment>>> {
    let rows = query(OF_MESSAGES)
        .bind(site.as_bytes())
        .bind(to_json(messages)?)
        .fetch_all(connection)
        .await?;
    let mut attachments: BTreeMap<i64, Vec<Attachment>> = BTreeMap::new();
    for row in &rows {
        let mut columns = Columns::new(row);
        let message = columns.value()?;
        let mut attachment = Attachment {
            id: AttachmentId(columns.value()?),
            file_type: of_int(columns.value()?, FileType::from_int)?,
            key: columns.value()?,
            filename: columns.value()?,
            content_type: columns.value()?,
            extension: columns.value()?,
            size: u64::from(columns.value::<u32>()?),
            width: columns.value()?,
            height: columns.value()?,
            has_thumbnail: columns.value()?,
            coordinates: None,
            fallback_title: None,
        };
        let place: (Option<f64>, Option<f64>) = (columns.value()?, columns.value()?);
        attachment.coordinates =
            place.0.zip(place.1).map(|(latitude, longitude)| Coordinates { latitude, longitude });
        attachment.fallback_title = columns.value()?;
        attachments.entry(message).or_default().push(attachment);
    }
    Ok(attachments)
}

/// Stores bytes unless the site has them already. Returns their digest.
async fn store_blob(tx: &mut WriteTx, site: SiteId, bytes: &[u8]) -> Result<Digest> {
    let digest = Digest::of_bytes(bytes);
    query("INSERT INTO attachment_blob (site_id, digest, bytes) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
        .bind(site.as_bytes())
        .bind(digest.0.as_slice())
        .bind(bytes)
        .execute(&mut tx.connection)
        .await?;
    Ok(digest)
}

pub(super) async fn add(
    tx: &mut WriteTx,
    site: SiteId,
    message: ConversationMessageId,
    new: &NewAttachment,
) -> Result<()> {
    let id: i64 = query_scalar("UPDATE site_counter SET last_attachment = last_attachment + 1 WHERE site_id = ?1 RETURNING last_attachment")
        .bind(site.as_bytes())
        .fetch_one(&mut tx.connection)
        .await?;
    let digest = if new.bytes.is_empty() && new.coordinates.is_some() {
        None
    } else {
        Some(store_blob(tx, site, &new.bytes).await?)
    };
    let thumbnail = match &new.thumbnail {
        Some(thumbnail) => Some(store_blob(tx, site, &thumbnail.bytes).await?),
        None => None,
    };
    query(
        "INSERT INTO attachment (site_id, id, message, key, file_type, filename, content_type, extension, size, width, height, digest,
            thumbnail_digest, thumbnail_type, latitude, longitude, fallback_title)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )
    .bind(site.as_bytes())
    .bind(id)
    .bind(message.0)
    .bind(new.key.reveal())
    .bind(new.file_type.as_int())
    .bind(&new.filename)
    .bind(&new.content_type)
    .bind(&new.extension)
    .bind(i64::try_from(new.bytes.len()).unwrap_or(i64::MAX))
    .bind(new.dimensions.map(|(width, _)| width))
    .bind(new.dimensions.map(|(_, height)| height))
    .bind(digest.map(|digest| digest.0.to_vec()))
    .bind(thumbnail.map(|digest| digest.0.to_vec()))
    .bind(new.thumbnail.as_ref().map(|thumbnail| &thumbnail.content_type))
    .bind(new.coordinates.map(|place| place.latitude))
    .bind(new.coordinates.map(|place| place.longitude))
    .bind(&new.fallback_title)
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

type Digests = (Option<Vec<u8>>, Option<Vec<u8>>);

/// Deletes the attachments of a message. Their bytes are deleted in the background if nothing else
/// refers to them.
pub(super) async fn delete_of_message(tx: &mut WriteTx, site: SiteId, message: i64) -> Result<u64> {
    let digests: Vec<Digests> = query_as(
        "DELETE FROM attachment WHERE site_id = ?1 AND id IN (SELECT id FROM attachment INDEXED BY attachment_message WHERE site_id = ?1 AND message = ?2)
         RETURNING digest, thumbnail_digest",
    )
    .bind(site.as_bytes())
    .bind(message)
    .fetch_all(&mut tx.connection)
    .await?;
    let rows = digests.len() as u64;
    for digest in digests.into_iter().flat_map(|(file, thumbnail)| [file, thumbnail]).flatten() {
        query("INSERT INTO deletion_queue (site_id, kind, digest) VALUES (?1, 2, ?2)")
            .bind(site.as_bytes())
            .bind(digest)
            .execute(&mut tx.connection)
            .await?;
    }
    Ok(rows)
}

#[async_trait]
impl AttachmentStore for SqlStore {
    async fn attachment_file(&self, key: &str, thumbnail: bool) -> Result<Option<AttachmentFile>> {
        let statement = if thumbnail { THUMBNAIL } else { FILE };
        let Some(row) =
            query(statement).bind(key).fetch_optional(&mut *self.read_connection().await?).await?
        else {
            return Ok(None);
        };
        let mut columns = Columns::new(&row);
        Ok(Some(AttachmentFile {
            site: columns.site()?,
            content_type: columns.value()?,
            filename: columns.value()?,
            digest: columns.digest()?.hex(),
            bytes: columns.value::<Vec<u8>>()?.into(),
        }))
    }
}
