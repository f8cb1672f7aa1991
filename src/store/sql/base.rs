//! The verbs of sites, contacts, sessions, messages, readers and themes. Implements [`Store`].

use super::{
    SqlStore, channel, clock, contact, contact_changes, credential, imports, message, reader,
    schedule, site, theme,
};
use crate::{
    DeleteThemeOutcome, PublishOutcome, Result, RollbackOutcome, Store, UpdateFn, UpdateResult,
    db::query,
};
use async_trait::async_trait;
use belfry_domain::{
    ActionOutcome, ApiKey, Contact, ContactDraft, ContactId, ContactLookup, ContactToken, Digest,
    IdempotentRequest, InboxEvent, KeyId, Message, MessageEdit, MessageId, NewContactToken,
    NewWidgetSession, Position, PreviewLink, ReaderAction, ReaderKey, ReaderMessage, ReaderPage,
    ReaderPageRequest, Site, SiteId, Theme, ThemeDraft, ThemeFile, ThemeSources, ThemeVersion,
    Timestamp, TokenFamily, UnreadCounts, WidgetSession,
};
use futures_util::FutureExt as _;

#[async_trait]
impl Store for SqlStore {
    async fn ping(&self) -> Result<()> {
        query("SELECT 1 FROM site LIMIT 1")
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        // Empty transactions prove that the writer runs and that no other process blocks writes,
        // without a disk write.
        self.writer.ping().await
    }

    async fn create_site(&self, site: &Site, key: &ApiKey) -> Result<()> {
        let (site, key) = (site.clone(), key.clone());
        self.writer.run(move |tx| site::create(tx, site, key).boxed()).await
    }

    async fn update_site(
        &self,
        site: SiteId,
        change: UpdateFn<Site>,
    ) -> Result<UpdateResult<Site>> {
        self.writer.for_site(site).run(move |tx| site::update(tx, site, change).boxed()).await
    }

    async fn sites(&self) -> Result<Vec<Site>> {
        site::all(&mut *self.read_connection().await?).await
    }

    async fn site(&self, site: SiteId) -> Result<Option<Site>> {
        site::one(&mut *self.read_connection_for(site).await?, site).await
    }

    async fn add_key(&self, key: &ApiKey) -> Result<()> {
        let key = key.clone();
        self.writer.for_site(key.site).run(move |tx| site::add_key(tx, key).boxed()).await
    }

    async fn keys(&self, site: SiteId) -> Result<Vec<ApiKey>> {
        site::keys(&mut *self.read_connection_for(site).await?, site).await
    }

    async fn key(&self, digest: &Digest) -> Result<Option<ApiKey>> {
        site::key(&mut *self.read_connection().await?, digest).await
    }

    async fn touch_key(&self, site: SiteId, key: &KeyId, at: Timestamp) -> Result<()> {
        let key = key.clone();
        self.writer.for_site(site).run(move |tx| site::touch_key(tx, site, key, at).boxed()).await
    }

    async fn revoke_key(&self, site: SiteId, key: &KeyId, at: Timestamp) -> Result<bool> {
        let key = key.clone();
        self.writer.for_site(site).run(move |tx| site::revoke_key(tx, site, key, at).boxed()).await
    }

    async fn upsert_contact(
        &self,
        site: SiteId,
        draft: &ContactDraft,
        at: Timestamp,
    ) -> Result<ContactId> {
        let draft = draft.clone();
        self.writer
            .for_site(site)
            .run(move |tx| contact_changes::upsert(tx, site, draft, at).boxed())
            .await
    }

    async fn contact(&self, site: SiteId, lookup: &ContactLookup) -> Result<Option<Contact>> {
        contact::find(&mut *self.read_connection_for(site).await?, site, lookup, false).await
    }

    async fn contact_ids(
        &self,
        site: SiteId,
        lookups: &[ContactLookup],
    ) -> Result<Vec<Option<ContactId>>> {
        contact::ids(&mut *self.read_connection_for(site).await?, site, lookups).await
    }

    async fn delete_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        at: Timestamp,
    ) -> Result<bool> {
        self.writer
            .for_site(site)
            .run(move |tx| channel::delete_contact(tx, site, contact, at).boxed())
            .await
    }

    async fn issue_token(
        &self,
        lookup: &ContactLookup,
        token: &NewContactToken,
    ) -> Result<Option<ContactId>> {
        let (lookup, token) = (lookup.clone(), token.clone());
        self.writer
            .for_site(token.site)
            .run_single(move |tx| credential::issue(tx, lookup, token).boxed())
            .await
    }

    async fn contact_token(
        &self,
        site: SiteId,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<ContactToken>> {
        credential::token(&mut *self.read_connection_for(site).await?, site, digest, now).await
    }

    async fn begin_sessions(
        &self,
        token: &ContactToken,
        sessions: [Option<NewWidgetSession>; 2],
        now: Timestamp,
    ) -> Result<Option<Vec<Digest>>> {
        let token = token.clone();
        self.writer
            .for_site(token.site)
            .run_single(move |tx| credential::exchange(tx, token, sessions, now).boxed())
            .await
    }

    async fn session(
        &self,
        site: SiteId,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<WidgetSession>> {
        credential::session(&mut *self.read_connection_for(site).await?, site, digest, now).await
    }

    async fn revoke_family(&self, site: SiteId, family: TokenFamily) -> Result<()> {
        self.writer
            .for_site(site)
            .run(move |tx| credential::end_family(tx, site, family).boxed())
            .await
    }

    async fn publish(
        &self,
        message: &Message,
        request: Option<&IdempotentRequest>,
        now: Timestamp,
    ) -> Result<PublishOutcome> {
        self.publish_message(message, request, now).await
    }

    async fn message(&self, site: SiteId, message: MessageId) -> Result<Option<Message>> {
        message::load(&mut *self.read_connection_for(site).await?, site, message).await
    }

    async fn edit_message(
        &self,
        site: SiteId,
        message: MessageId,
        edit: &MessageEdit,
        now: Timestamp,
    ) -> Result<Option<Message>> {
        self.change_message((site, message), None, edit.clone(), now).await
    }

    async fn edit_message_if_unchanged(
        &self,
        site: SiteId,
        message: MessageId,
        former: &str,
        edit: &MessageEdit,
        now: Timestamp,
    ) -> Result<Option<Message>> {
        self.change_message((site, message), Some(former.to_owned()), edit.clone(), now).await
    }

    async fn recall_message(
        &self,
        site: SiteId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<bool> {
        self.writer
            .for_site(site)
            .run(move |tx| message::recall(tx, site, message, now).boxed())
            .await
    }

    async fn advance(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        // Bound first: in the `match` itself, the connection would be held until its end.
        let next = schedule::next(&mut *self.read_connection().await?).await?;
        match next {
            Some(due) if due <= now => {
                self.writer.background_to_end(move |tx| schedule::advance(tx, now).boxed()).await?;
                schedule::next(&mut *self.read_connection().await?).await
            }
            later => Ok(later),
        }
    }

    async fn page(
        &self,
        site: SiteId,
        contact: ContactId,
        request: ReaderPageRequest,
        now: Timestamp,
    ) -> Result<ReaderPage> {
        self.reader_page(ReaderKey { site, contact }, request, now).await
    }

    async fn item(
        &self,
        site: SiteId,
        contact: ContactId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<ReaderMessage>> {
        let (mut connection, feeds) = self.reader_scope(ReaderKey { site, contact }, now).await?;
        reader::item(&mut connection, ReaderKey { site, contact }, &feeds, message, now).await
    }

    async fn counts(
        &self,
        site: SiteId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<UnreadCounts> {
        self.reader_counts(ReaderKey { site, contact }, now).await
    }

    async fn apply_reader_action(
        &self,
        site: SiteId,
        contact: ContactId,
        action: &ReaderAction,
        now: Timestamp,
    ) -> Result<Option<ActionOutcome>> {
        self.act(ReaderKey { site, contact }, action, now).await
    }

    async fn record_delivered(
        &self,
        site: SiteId,
        reached: &[(ContactId, Position)],
        now: Timestamp,
    ) -> Result<()> {
        self.note_delivered(site, reached, now).await
    }

    async fn store_draft(&self, site: SiteId, draft: &ThemeDraft, now: Timestamp) -> Result<Theme> {
        let draft = draft.clone();
        self.writer
            .for_site(site)
            .run(move |tx| theme::store_draft(tx, site, draft, now).boxed())
            .await
    }

    async fn replace_draft(
        &self,
        site: SiteId,
        former: Option<ThemeVersion>,
        draft: &ThemeDraft,
        now: Timestamp,
    ) -> Result<Option<Theme>> {
        let draft = draft.clone();
        self.writer
            .for_site(site)
            .run(move |tx| theme::store_draft_if(tx, site, former, draft, now).boxed())
            .await
    }

    async fn themes(&self, site: SiteId) -> Result<Vec<Theme>> {
        theme::all(&mut *self.read_connection_for(site).await?, site).await
    }

    async fn theme(&self, site: SiteId, version: ThemeVersion) -> Result<Option<Theme>> {
        theme::one(&mut *self.read_connection_for(site).await?, site, version).await
    }

    async fn theme_sources(
        &self,
        site: SiteId,
        version: ThemeVersion,
    ) -> Result<Option<ThemeSources>> {
        theme::sources(&mut *self.read_connection_for(site).await?, site, version).await
    }

    async fn publish_theme(&self, site: SiteId, now: Timestamp) -> Result<Option<Theme>> {
        self.writer.for_site(site).run(move |tx| theme::publish(tx, site, now).boxed()).await
    }

    async fn roll_back_theme(
        &self,
        site: SiteId,
        to: Option<ThemeVersion>,
        now: Timestamp,
    ) -> Result<RollbackOutcome> {
        self.writer.for_site(site).run(move |tx| theme::roll_back(tx, site, to, now).boxed()).await
    }

    async fn delete_theme(
        &self,
        site: SiteId,
        version: ThemeVersion,
    ) -> Result<DeleteThemeOutcome> {
        self.writer.for_site(site).run(move |tx| theme::delete(tx, site, version).boxed()).await
    }

    async fn theme_file(&self, site: SiteId, name: &str) -> Result<Option<ThemeFile>> {
        theme::file(&mut *self.read_connection_for(site).await?, site, name).await
    }

    async fn add_preview_link(&self, link: &PreviewLink) -> Result<()> {
        let link = link.clone();
        self.writer
            .for_site(link.site)
            .run(move |tx| theme::add_preview_link(tx, link).boxed())
            .await
    }

    async fn preview_link(
        &self,
        site: SiteId,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<PreviewLink>> {
        theme::preview_link(&mut *self.read_connection_for(site).await?, site, digest, now).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64> {
        let expired =
            self.writer.background_to_end(move |tx| credential::sweep(tx, now).boxed()).await?;
        Ok(expired
            + self.writer.background_to_end(move |tx| imports::sweep(tx, now).boxed()).await?)
    }

    async fn leads(&self) -> Result<bool> {
        match &self.candidate {
            Some(candidate) => candidate.lock().await.leads().await,
            // A database file is served by one process.
            None => Ok(true),
        }
    }

    async fn store_trusted_time(&self, seen: Timestamp) -> Result<()> {
        self.writer.run(move |tx| clock::store(tx, seen).boxed()).await
    }

    async fn trusted_time(&self) -> Result<Option<Timestamp>> {
        clock::load(&mut *self.read_connection().await?).await
    }

    async fn server_time(&self) -> Result<Option<Timestamp>> {
        if self.candidate.is_none() {
            return Ok(None);
        }
        clock::of_server(&mut *self.read_connection().await?).await.map(Some)
    }

    fn relay(&self, event: InboxEvent) {
        self.writer.relay(event);
    }

    async fn close(&self) {
        if let Some(candidate) = &self.candidate {
            candidate.lock().await.resign().await;
        }
        self.readers.close().await;
        self.report_pool.close().await;
        self.writer.stop().await;
    }
}
