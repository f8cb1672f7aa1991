//! Webhook endpoints: changes to them, and access to their deliveries. Implements [`WebhookStore`].

use super::{
    SqlStore, delivery, due_deliveries,
    endpoint::{self, number, one},
    outbox,
    secret_locations::{signing_secret, webhook_password},
    write_tx::WriteTx,
};
use crate::{
    Concurrency, DueBatch, MAX_ENDPOINTS, MAX_STORED_ENDPOINTS, Result, StoreError, WebhookStore,
    db::{query, query_scalar},
    vault::Vault,
};
use async_trait::async_trait;
use belfry_domain::{
    Delivery, DeliveryOutcome, DeliveryState, Endpoint, EndpointAuth, EndpointChange, EndpointId,
    EndpointKind, EventType, SigningSecret, SiteId, Timestamp,
};
use futures_util::FutureExt as _;

#[async_trait]
impl WebhookStore for SqlStore {
    async fn add_webhook(&self, endpoint: &Endpoint, auth: &EndpointAuth) -> Result<bool> {
        let (endpoint, auth, vault) = (endpoint.clone(), auth.clone(), self.vault.clone());
        self.writer
            .for_site(endpoint.site)
            .run(move |tx| async move { add(tx, &vault, endpoint, auth).await }.boxed())
            .await
    }

    async fn webhooks(&self, site: SiteId) -> Result<Vec<Endpoint>> {
        endpoint::all(&mut *self.read_connection_for(site).await?, site).await
    }

    async fn webhook(&self, site: SiteId, endpoint: EndpointId) -> Result<Option<Endpoint>> {
        one(&mut *self.read_connection_for(site).await?, site, endpoint).await
    }

    async fn update_webhook(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        change: &EndpointChange,
    ) -> Result<Option<Endpoint>> {
        let (change, vault) = (change.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move { update(tx, &vault, (site, endpoint), change).await }.boxed()
            })
            .await
    }

    async fn delete_webhook(&self, site: SiteId, endpoint: EndpointId) -> Result<bool> {
        self.writer.for_site(site).run(move |tx| delete(tx, site, endpoint).boxed()).await
    }

    async fn rotate_webhook_secret(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        secret: &SigningSecret,
        former_until: Timestamp,
    ) -> Result<bool> {
        let (secret, vault) = (secret.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move { rotate(tx, &vault, (site, endpoint), secret, former_until).await }
                    .boxed()
            })
            .await
    }

    async fn test_webhook(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        now: Timestamp,
    ) -> Result<Option<Delivery>> {
        self.writer.for_site(site).run(move |tx| test(tx, site, endpoint, now).boxed()).await
    }

    async fn deliveries(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        state: Option<DeliveryState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Option<Vec<Delivery>>> {
        let connection = &mut *self.read_connection_for(site).await?;
        match number(connection, site, endpoint).await? {
            Some(endpoint) => Ok(Some(
                delivery::list(
                    connection,
                    site,
                    endpoint,
                    state,
                    before.unwrap_or(i64::MAX),
                    limit,
                )
                .await?,
            )),
            None => Ok(None),
        }
    }

    async fn delivery(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        delivery: i64,
    ) -> Result<Option<Delivery>> {
        let connection = &mut *self.read_connection_for(site).await?;
        match number(connection, site, endpoint).await? {
            Some(endpoint) => delivery::one(connection, site, endpoint, delivery).await,
            None => Ok(None),
        }
    }

    async fn replay_delivery(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        delivery: i64,
        now: Timestamp,
    ) -> Result<Option<Delivery>> {
        self.writer
            .run(move |tx| {
                async move {
                    match number(&mut tx.connection, site, endpoint).await? {
                        Some(endpoint) => {
                            due_deliveries::replay(tx, site, endpoint, delivery, now).await
                        }
                        None => Ok(None),
                    }
                }
                .boxed()
            })
            .await
    }

    async fn replay_failed(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        self.writer
            .run(move |tx| {
                async move {
                    match number(&mut tx.connection, site, endpoint).await? {
                        Some(endpoint) => {
                            Ok(Some(due_deliveries::replay_dead(tx, endpoint, since, now).await?))
                        }
                        None => Ok(None),
                    }
                }
                .boxed()
            })
            .await
    }

    async fn due_deliveries(
        &self,
        now: Timestamp,
        under_way: &[(i64, i64)],
        room: Concurrency,
    ) -> Result<DueBatch> {
        due_deliveries::due(&mut *self.read_connection().await?, &self.vault, now, under_way, room)
            .await
    }

    async fn finish_deliveries(&self, outcomes: &[DeliveryOutcome]) -> Result<()> {
        let outcomes = outcomes.to_vec();
        self.writer.run(move |tx| due_deliveries::finish(tx, outcomes).boxed()).await
    }

    async fn sweep_deliveries(&self, now: Timestamp) -> Result<u64> {
        due_deliveries::sweep(self, now).await
    }

    async fn wait_for_delivery(&self) {
        self.writer.wait_for_delivery().await;
    }
}

async fn add(
    tx: &mut WriteTx,
    vault: &Vault,
    endpoint: Endpoint,
    auth: EndpointAuth,
) -> Result<bool> {
    let added: Option<i64> = query_scalar(
        "INSERT INTO webhook_endpoint (site_id, id, kind, url, description, events, enabled, username, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE (SELECT count(*) FROM webhook_endpoint WHERE site_id = ?1 AND deleted = 0 AND kind < 2) < ?10
         AND (SELECT count(*) FROM webhook_endpoint WHERE site_id = ?1 AND kind < 2) < ?11 AND EXISTS (SELECT 1 FROM site WHERE id = ?1) RETURNING number",
    )
    .bind(endpoint.site.as_bytes())
    .bind(endpoint.id.as_bytes())
    .bind(endpoint.kind as i64)
    .bind(&endpoint.url)
    .bind(&endpoint.description)
    .bind(EventType::to_bits(&endpoint.events))
    .bind(endpoint.enabled)
    .bind(auth_user(&auth))
    .bind(endpoint.created_at.millis())
    .bind(MAX_ENDPOINTS)
    .bind(MAX_STORED_ENDPOINTS)
    .fetch_optional(&mut tx.connection)
    .await?;
    let Some(number) = added else { return Ok(false) };
    let (secret, password) = match &auth {
        EndpointAuth::Signed { secret, .. } => (
            Some(
                vault
                    .encrypt(&signing_secret(endpoint.site, number), secret.reveal().as_bytes())?,
            ),
            None,
        ),
        EndpointAuth::Basic { password, .. } => (
            None,
            Some(vault.encrypt(&webhook_password(endpoint.site, number), password.as_bytes())?),
        ),
        EndpointAuth::None => (None, None),
    };
    tx.set_subject(endpoint.id);
    query("INSERT INTO webhook_secret (endpoint, secret, password) VALUES (?1, ?2, ?3)")
        .bind(number)
        .bind(secret)
        .bind(password)
        .execute(&mut tx.connection)
        .await?;
    Ok(true)
}

fn auth_user(auth: &EndpointAuth) -> Option<&str> {
    match auth {
        EndpointAuth::Basic { username, .. } => Some(username),
        EndpointAuth::Signed { .. } | EndpointAuth::None => None,
    }
}

async fn update(
    tx: &mut WriteTx,
    vault: &Vault,
    (site, endpoint): (SiteId, EndpointId),
    mut change: EndpointChange,
) -> Result<Option<Endpoint>> {
    let Some(former) = one(&mut tx.connection, site, endpoint).await? else { return Ok(None) };
    if change.expected_revision.as_ref().is_some_and(|shown| former.revision() != *shown) {
        return Err(StoreError::Changed);
    }
    // The password belongs to the former receiver.
    let moves = change.url.as_ref().is_some_and(|url| !url.shares_origin_with(&former.url));
    if moves && former.kind == EndpointKind::Message && change.auth.is_none() {
        change.auth = Some(EndpointAuth::None);
    }
    let changed: Option<i64> = query_scalar(
        "UPDATE webhook_endpoint SET url = coalesce(?3, url), description = coalesce(?4, description), events = coalesce(?5, events),
         failing_since = CASE WHEN ?6 <> 0 THEN NULL ELSE failing_since END, disabled_reason = CASE WHEN ?6 <> 0 THEN NULL ELSE disabled_reason END,
         enabled = coalesce(?6, enabled) WHERE site_id = ?1 AND id = ?2 AND deleted = 0 AND kind < 2 RETURNING number",
    )
    .bind(site.as_bytes())
    .bind(endpoint.as_bytes())
    .bind(change.url.as_ref().map(|url| url.as_str().to_owned()))
    .bind(&change.description)
    .bind(change.events.as_deref().map(EventType::to_bits))
    .bind(change.enabled)
    .fetch_optional(&mut tx.connection)
    .await?;
    let Some(number) = changed else { return Ok(None) };
    let password = match &change.auth {
        Some(EndpointAuth::Basic { password, .. }) => {
            Some(vault.encrypt(&webhook_password(site, number), password.as_bytes())?)
        }
        Some(EndpointAuth::Signed { .. } | EndpointAuth::None) | None => None,
    };
    if let Some(auth) = &change.auth {
        query("UPDATE webhook_endpoint SET username = ?2 WHERE number = ?1")
            .bind(number)
            .bind(auth_user(auth))
            .execute(&mut tx.connection)
            .await?;
        query("UPDATE webhook_secret SET password = ?2 WHERE endpoint = ?1")
            .bind(number)
            .bind(password)
            .execute(&mut tx.connection)
            .await?;
    }
    // Waiting deliveries may be due now.
    tx.note_queued_delivery();
    one(&mut tx.connection, site, endpoint).await
}

async fn delete(tx: &mut WriteTx, site: SiteId, endpoint: EndpointId) -> Result<bool> {
    // Its deliveries may be tens of thousands: they are deleted in the background, and then its
    // row.
    let deleted: Option<i64> = query_scalar(
        "UPDATE webhook_endpoint SET deleted = 1, enabled = 0 WHERE site_id = ?1 AND id = ?2 AND deleted = 0 AND kind < 2 RETURNING number",
    )
    .bind(site.as_bytes())
    .bind(endpoint.as_bytes())
    .fetch_optional(&mut tx.connection)
    .await?;
    let Some(number) = deleted else { return Ok(false) };
    query("DELETE FROM webhook_secret WHERE endpoint = ?1")
        .bind(number)
        .execute(&mut tx.connection)
        .await?;
    Ok(true)
}

async fn rotate(
    tx: &mut WriteTx,
    vault: &Vault,
    (site, endpoint): (SiteId, EndpointId),
    secret: SigningSecret,
    former_until: Timestamp,
) -> Result<bool> {
    let Some(number) = number(&mut tx.connection, site, endpoint).await? else { return Ok(false) };
    let rotated = query("UPDATE webhook_secret SET previous_secret = secret, previous_secret_expires_at = ?3, secret = ?2 WHERE secret IS NOT NULL AND endpoint = ?1")
        .bind(number)
        .bind(vault.encrypt(&signing_secret(site, number), secret.reveal().as_bytes())?)
        .bind(former_until.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(rotated > 0)
}

async fn test(
    tx: &mut WriteTx,
    site: SiteId,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<Option<Delivery>> {
    let Some(found) =
        one(&mut tx.connection, site, endpoint).await?.filter(|endpoint| endpoint.enabled)
    else {
        return Ok(None);
    };
    let number = number(&mut tx.connection, site, endpoint).await?;
    let number = number
        .ok_or_else(|| StoreError::Inconsistent("an endpoint without a number".to_owned()))?;
    let delivery = outbox::test(tx, site, number, found.kind == EndpointKind::Message, now).await?;
    delivery::one(&mut tx.connection, site, number, delivery).await
}
