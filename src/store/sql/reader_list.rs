//! What the App Inbox API reads of a reader's list: the seen position, list entries, and content in
//! one language. Implements [`ReaderListStore`].

use super::{SqlStore, reader};
use crate::{ChooseLanguage, ListEntry, ReaderListStore, Result, db::query_scalar};
use async_trait::async_trait;
use belfry_domain::{ContactId, Message, MessageId, Position, ReaderKey, SiteId, Timestamp};

pub(super) const SEEN_POSITION: &str =
    "SELECT seen_position FROM contact WHERE site_id = ?1 AND id = ?2";

#[async_trait]
impl ReaderListStore for SqlStore {
    async fn seen_position(&self, site: SiteId, contact: ContactId) -> Result<Position> {
        let position = query_scalar(SEEN_POSITION)
            .bind(site.as_bytes())
            .bind(contact.0)
            .fetch_optional(&mut *self.read_connection_for(site).await?)
            .await?;
        Ok(Position(position.unwrap_or_default()))
    }

    async fn list_entries(
        &self,
        site: SiteId,
        contact: ContactId,
        unread: bool,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<ListEntry>> {
        let (mut connection, feeds) = self.reader_scope(ReaderKey { site, contact }, now).await?;
        reader::entries(&mut connection, ReaderKey { site, contact }, &feeds, (unread, limit), now)
            .await
    }

    async fn messages_in_language(
        &self,
        site: SiteId,
        contact: ContactId,
        messages: &[MessageId],
        choose: ChooseLanguage<'_>,
    ) -> Result<Vec<Message>> {
        reader::in_language(
            &mut *self.read_connection_for(site).await?,
            ReaderKey { site, contact },
            messages,
            choose,
        )
        .await
    }
}
