//! Account webhooks, and the endpoints behind callback URLs. Both are rows of `webhook_endpoint`
//! with kinds of their own.

use super::{CommandResult, attempt, undo_if_rejected};
use crate::{
    AccountWebhookStore, ChannelResult, MAX_ACCOUNT_WEBHOOKS, Result, StoreError, UpdateFn,
    db::{Columns, Connection, Row, query, query_scalar},
    sql::{
        SqlStore,
        secret_locations::{callback_secret, signing_secret},
        write_tx::WriteTx,
    },
    vault::Vault,
};
use async_trait::async_trait;
use belfry_domain::{
    EndpointKind, EndpointUrl, SigningSecret, SiteId, Timestamp, ValidationError,
    channel::{
        AccountWebhook, AccountWebhookDraft, AccountWebhookId, ConversationEventKind, InboxId,
        InboxSettings, Rejection, Subscription,
    },
};
use belfry_locales::phrases::errors;
use futures_util::FutureExt as _;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT e.number, e.name, e.url, e.events, s.secret FROM webhook_endpoint AS e CROSS JOIN webhook_secret AS s ON s.endpoint = e.number
             WHERE e.site_id = ?1 AND e.kind = 3 AND e.deleted = 0 ",
            $rest
        )
    };
}

fn webhook_of(row: &Row, vault: &Vault, site: SiteId) -> Result<AccountWebhook> {
    let mut columns = Columns::new(row);
    let (number, name, url) = (columns.value()?, columns.value()?, columns.value()?);
    let (events, sealed): (i64, String) = (columns.value()?, columns.value()?);
    Ok(AccountWebhook {
        id: AccountWebhookId(number),
        name,
        url,
        subscriptions: Subscription::EACH
            .into_iter()
            .filter(|kind| events & kind.bit() != 0)
            .collect(),
        secret: SigningSecret::from_stored(
            vault.decrypt_text(&signing_secret(site, number), &sealed)?,
        ),
    })
}

fn event_mask(kinds: &[ConversationEventKind]) -> i64 {
    kinds.iter().fold(0, |bits, kind| bits | kind.bit())
}

async fn all(
    connection: &mut Connection,
    vault: &Vault,
    site: SiteId,
) -> Result<Vec<AccountWebhook>> {
    // Sorted by `+`: `PostgreSQL` would read the endpoints of all sites in order instead.
    let rows =
        query(select!("ORDER BY +e.number")).bind(site.as_bytes()).fetch_all(connection).await?;
    rows.iter().map(|row| webhook_of(row, vault, site)).collect()
}

async fn one(
    connection: &mut Connection,
    vault: &Vault,
    site: SiteId,
    webhook: AccountWebhookId,
) -> Result<Option<AccountWebhook>> {
    let row = query(select!("AND e.number = ?2"))
        .bind(site.as_bytes())
        .bind(webhook.0)
        .fetch_optional(connection)
        .await?;
    row.map(|row| webhook_of(&row, vault, site)).transpose()
}

/// Inserts an endpoint with its signing secret.
async fn insert(
    tx: &mut WriteTx,
    vault: &Vault,
    (site, kind, inbox): (SiteId, EndpointKind, Option<InboxId>),
    url: &str,
    (name, events): (Option<&str>, i64),
    secret: &SigningSecret,
    now: Timestamp,
) -> Result<i64> {
    let number: i64 = query_scalar(
        "INSERT INTO webhook_endpoint (site_id, id, kind, url, description, events, enabled, created_at, inbox_id, name)
         VALUES (?1, randomblob(16), ?2, ?3, '', ?4, 1, ?5, ?6, ?7) RETURNING number",
    )
    .bind(site.as_bytes())
    .bind(kind as i64)
    .bind(url)
    .bind(events)
    .bind(now.millis())
    .bind(inbox.map(|inbox| inbox.0))
    .bind(name)
    .fetch_one(&mut tx.connection)
    .await?;
    query("INSERT INTO webhook_secret (endpoint, secret) VALUES (?1, ?2)")
        .bind(number)
        .bind(vault.encrypt(&signing_secret(site, number), secret.reveal().as_bytes())?)
        .execute(&mut tx.connection)
        .await?;
    Ok(number)
}

fn is_url_taken(webhooks: &[AccountWebhook], url: &str, own: Option<AccountWebhookId>) -> bool {
    webhooks.iter().any(|webhook| webhook.url == url && Some(webhook.id) != own)
}

async fn create(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    draft: AccountWebhookDraft,
    secret: SigningSecret,
    now: Timestamp,
) -> CommandResult<AccountWebhook> {
    let webhooks = all(&mut tx.connection, vault, site).await?;
    if is_url_taken(&webhooks, draft.url.as_str(), None) {
        return Ok(Err(Rejection::Taken("url")));
    }
    if webhooks.len() >= MAX_ACCOUNT_WEBHOOKS as usize {
        return Err(StoreError::Limit(ValidationError::new(
            "",
            errors::too_many_account_webhooks(MAX_ACCOUNT_WEBHOOKS),
        )));
    }
    let (name, events) = (draft.name.as_deref(), event_mask(&draft.subscriptions));
    let number = insert(
        tx,
        vault,
        (site, EndpointKind::Account, None),
        draft.url.as_str(),
        (name, events),
        &secret,
        now,
    )
    .await?;
    tx.set_subject(number);
    Ok(one(&mut tx.connection, vault, site, AccountWebhookId(number))
        .await?
        .ok_or(Rejection::NotFound("webhook")))
}

async fn update(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    webhook: AccountWebhookId,
    change: UpdateFn<AccountWebhookDraft>,
) -> CommandResult<AccountWebhook> {
    let webhooks = all(&mut tx.connection, vault, site).await?;
    let Some(found) = webhooks.iter().find(|found| found.id == webhook) else {
        return Ok(Err(Rejection::NotFound("webhook")));
    };
    let url = EndpointUrl::parse(&found.url)
        .map_err(|invalid| StoreError::Inconsistent(invalid.to_string()))?;
    let before = AccountWebhookDraft {
        name: found.name.clone(),
        url,
        subscriptions: found.subscriptions.clone(),
    };
    let after = attempt!(change(&before));
    if is_url_taken(&webhooks, after.url.as_str(), Some(webhook)) {
        return Ok(Err(Rejection::Taken("url")));
    }
    // A change by the owner enables the endpoint again.
    query(
        "UPDATE webhook_endpoint SET name = ?3, url = ?4, events = ?5, enabled = 1, disabled_reason = NULL, failing_since = NULL
         WHERE number = ?2 AND site_id = ?1 AND kind = 3 AND deleted = 0",
    )
    .bind(site.as_bytes())
    .bind(webhook.0)
    .bind(&after.name)
    .bind(after.url.as_str())
    .bind(event_mask(&after.subscriptions))
    .execute(&mut tx.connection)
    .await?;
    tx.note_queued_delivery();
    Ok(one(&mut tx.connection, vault, site, webhook).await?.ok_or(Rejection::NotFound("webhook")))
}

/// Hides an endpoint. Its deliveries, and then its row, are deleted in the background.
async fn delete(tx: &mut WriteTx, number: i64) -> Result<()> {
    query("UPDATE webhook_endpoint SET deleted = 1, enabled = 0 WHERE number = ?1")
        .bind(number)
        .execute(&mut tx.connection)
        .await?;
    query("DELETE FROM webhook_secret WHERE endpoint = ?1")
        .bind(number)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

async fn callback(tx: &mut WriteTx, inbox: InboxId) -> Result<Option<i64>> {
    query_scalar("SELECT number FROM webhook_endpoint INDEXED BY webhook_endpoint_inbox WHERE inbox_id = ?1 AND deleted = 0")
        .bind(inbox.0)
        .fetch_optional(&mut tx.connection)
        .await
}

/// Creates, updates or removes the endpoint behind an inbox's callback URL according to its
/// settings.
pub(super) async fn upsert_callback(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    inbox: InboxId,
    settings: &InboxSettings,
    now: Timestamp,
) -> Result<()> {
    let Some(url) = &settings.callback_url else { return delete_callback(tx, inbox).await };
    let sealed: String =
        query_scalar("SELECT callback_secret FROM inbox WHERE id = ?2 AND site_id = ?1")
            .bind(site.as_bytes())
            .bind(inbox.0)
            .fetch_one(&mut tx.connection)
            .await?;
    let secret =
        SigningSecret::from_stored(vault.decrypt_text(&callback_secret(site, inbox.0), &sealed)?);
    let number = if let Some(number) = callback(tx, inbox).await? {
        // After the encryption key was lost, endpoint and inbox have different secrets.
        let sealed = vault.encrypt(&signing_secret(site, number), secret.reveal().as_bytes())?;
        query("UPDATE webhook_secret SET secret = ?2 WHERE endpoint = ?1")
            .bind(number)
            .bind(sealed)
            .execute(&mut tx.connection)
            .await?;
        number
    } else {
        insert(tx, vault, (site, EndpointKind::Callback, Some(inbox)), url, (None, 0), &secret, now)
            .await?
    };
    query("UPDATE webhook_endpoint SET url = ?2, upstream_headers = ?3, enabled = 1, disabled_reason = NULL, failing_since = NULL WHERE number = ?1")
        .bind(number)
        .bind(url)
        .bind(settings.upstream_headers)
        .execute(&mut tx.connection)
        .await?;
    tx.note_queued_delivery();
    Ok(())
}

pub(super) async fn delete_callback(tx: &mut WriteTx, inbox: InboxId) -> Result<()> {
    if let Some(number) = callback(tx, inbox).await? {
        delete(tx, number).await?;
    }
    Ok(())
}

#[async_trait]
impl AccountWebhookStore for SqlStore {
    async fn account_webhooks(&self, site: SiteId) -> Result<Vec<AccountWebhook>> {
        all(&mut *self.read_connection_for(site).await?, &self.vault, site).await
    }

    async fn create_account_webhook(
        &self,
        site: SiteId,
        draft: &AccountWebhookDraft,
        secret: &SigningSecret,
        now: Timestamp,
    ) -> ChannelResult<AccountWebhook> {
        let (draft, secret, vault) = (draft.clone(), secret.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move { create(tx, &vault, site, draft, secret, now).await }.boxed()
            })
            .await
    }

    async fn update_account_webhook(
        &self,
        site: SiteId,
        webhook: AccountWebhookId,
        change: UpdateFn<AccountWebhookDraft>,
    ) -> ChannelResult<AccountWebhook> {
        let vault = self.vault.clone();
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    async move { update(tx, &vault, site, webhook, change).await }.boxed()
                })
                .boxed()
            })
            .await
    }

    async fn delete_account_webhook(
        &self,
        site: SiteId,
        webhook: AccountWebhookId,
    ) -> Result<bool> {
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move {
                    let found: Option<i64> =
                        query_scalar("SELECT number FROM webhook_endpoint WHERE number = ?2 AND site_id = ?1 AND kind = 3 AND deleted = 0")
                            .bind(site.as_bytes())
                            .bind(webhook.0)
                            .fetch_optional(&mut tx.connection)
                            .await?;
                    let Some(number) = found else { return Ok(false) };
                    delete(tx, number).await?;
                    Ok(true)
                }
                .boxed()
            })
            .await
    }
}
