//! Inboxes, their callback URLs and their members.

mod members;

use super::{
    CommandResult, attempt, check_access, event, undo_if_rejected,
    webhook::{delete_callback, upsert_callback},
};
use crate::{
    ChannelResult, Conflict, InboxStore, MAX_INBOXES, Result, StoreError, UpdateFn,
    db::{Columns, Connection, Row, query, query_scalar, to_json},
    sql::{
        SqlStore, endpoint, sdk_rows,
        secret_locations::{callback_secret, hmac_token},
        write_tx::WriteTx,
    },
    vault::Vault,
};
use async_trait::async_trait;
use belfry_domain::{
    Delivery, Endpoint, SigningSecret, SiteId, Timestamp,
    channel::{
        Agent, ChannelAccess, ChannelInbox, ChannelToken, ConversationAccess,
        ConversationEventKind, InboxId, InboxIdentifier, InboxSecrets, InboxSettings, InboxUuid,
        InboxWithSecrets, MembersChange, NewInbox, Rejection, SiteNumber,
    },
};
use belfry_locales::phrases::errors;
use futures_util::FutureExt as _;
use members::{change_members, members};

#[cfg(test)]
pub(super) use members::MEMBERS;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.uuid, i.site_id, n.number, i.identifier, i.settings, i.created_at, i.updated_at, i.hmac_token, i.callback_secret
             FROM inbox AS i CROSS JOIN site_counter AS n ON n.site_id = i.site_id ",
            $rest
        )
    };
}

pub(in crate::sql) const ALL: &str =
    select!("WHERE i.site_id = ?1 AND i.deleted = 0 ORDER BY i.id");
pub(in crate::sql) const OF_AGENT: &str = select!(
    "WHERE i.site_id = ?1 AND i.deleted = 0 AND i.id IN (SELECT inbox_id FROM inbox_member INDEXED BY inbox_member_agent
        WHERE site_id = ?1 AND agent_id = ?2) ORDER BY i.id"
);
pub(in crate::sql) const ONE: &str =
    select!("WHERE i.id = ?2 AND i.site_id = ?1 AND i.deleted = 0");
pub(in crate::sql) const BY_IDENTIFIER: &str = select!("WHERE i.identifier = ?1 AND i.deleted = 0");
pub(in crate::sql) const BY_UUID: &str = select!("WHERE i.uuid = ?1 AND i.deleted = 0");

pub(super) fn inbox_uuid_in(columns: &mut Columns<'_>) -> Result<InboxUuid> {
    let uuid: [u8; 16] = columns
        .value::<&[u8]>()?
        .try_into()
        .map_err(|_| StoreError::Inconsistent("invalid UUID of an inbox".to_owned()))?;
    Ok(InboxUuid::from_bytes(uuid))
}

fn inbox_in(columns: &mut Columns<'_>) -> Result<ChannelInbox> {
    let id = InboxId(columns.value()?);
    Ok(ChannelInbox {
        id,
        uuid: inbox_uuid_in(columns)?,
        site: columns.site()?,
        account: SiteNumber(columns.value()?),
        identifier: InboxIdentifier::from_stored(columns.value()?),
        settings: columns.json()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
    })
}

fn inbox_of(row: &Row) -> Result<ChannelInbox> {
    inbox_in(&mut Columns::new(row))
}

fn open_of(row: &Row, vault: &Vault) -> Result<InboxWithSecrets> {
    let mut columns = Columns::new(row);
    let inbox = inbox_in(&mut columns)?;
    let (hmac, callback): (String, String) = (columns.value()?, columns.value()?);
    let secrets = InboxSecrets {
        hmac_token: ChannelToken::from_text(
            vault.decrypt_text(&hmac_token(inbox.site, inbox.id.0), &hmac)?,
        ),
        callback_secret: SigningSecret::from_stored(
            vault.decrypt_text(&callback_secret(inbox.site, inbox.id.0), &callback)?,
        ),
    };
    Ok(InboxWithSecrets { inbox, secrets })
}

async fn row(connection: &mut Connection, site: SiteId, inbox: InboxId) -> Result<Option<Row>> {
    query(ONE).bind(site.as_bytes()).bind(inbox.0).fetch_optional(connection).await
}

pub(super) async fn one(
    connection: &mut Connection,
    site: SiteId,
    inbox: InboxId,
) -> Result<Option<ChannelInbox>> {
    row(connection, site, inbox).await?.as_ref().map(inbox_of).transpose()
}

async fn create(
    tx: &mut WriteTx,
    vault: &Vault,
    new: NewInbox,
    now: Timestamp,
) -> CommandResult<ChannelInbox> {
    let NewInbox { site, uuid, identifier, settings, secrets } = new;
    let settings = attempt!(settings.validate());
    let count: u32 = query_scalar("SELECT count(*) FROM inbox WHERE site_id = ?1 AND deleted = 0")
        .bind(site.as_bytes())
        .fetch_one(&mut tx.connection)
        .await?;
    if count >= MAX_INBOXES {
        return Err(StoreError::Limit(belfry_domain::ValidationError::new(
            "",
            errors::too_many_inboxes(MAX_INBOXES),
        )));
    }
    let id: i64 = query_scalar(
        "INSERT INTO inbox (site_id, uuid, identifier, name, settings, hmac_token, callback_secret, created_at, updated_at)
         SELECT id, ?6, ?2, ?3, ?4, '', '', ?5, ?5 FROM site WHERE id = ?1 RETURNING id",
    )
    .bind(site.as_bytes())
    .bind(identifier.as_str())
    .bind(&settings.name)
    .bind(to_json(&settings)?)
    .bind(now.millis())
    .bind(uuid.as_bytes())
    .fetch_optional(&mut tx.connection)
    .await?
.ok_or(Conflict::UnknownSite)?;
    query("UPDATE inbox SET hmac_token = ?2, callback_secret = ?3 WHERE id = ?1")
        .bind(id)
        .bind(vault.encrypt(&hmac_token(site, id), secrets.hmac_token.reveal().as_bytes())?)
        .bind(
            vault
                .encrypt(&callback_secret(site, id), secrets.callback_secret.reveal().as_bytes())?,
        )
        .execute(&mut tx.connection)
        .await?;
    upsert_callback(tx, vault, site, InboxId(id), &settings, now).await?;
    tx.set_subject(id);
    let inbox = one(&mut tx.connection, site, InboxId(id)).await?.ok_or_else(inbox_missing)?;
    event::of_inbox(tx, &inbox, ConversationEventKind::InboxCreated, Vec::new(), now).await?;
    Ok(Ok(inbox))
}

fn inbox_missing() -> StoreError {
    StoreError::Inconsistent("an inbox is missing after it was written".to_owned())
}

async fn update(
    tx: &mut WriteTx,
    vault: &Vault,
    (site, inbox): (SiteId, InboxId),
    change: UpdateFn<InboxSettings>,
    now: Timestamp,
) -> CommandResult<ChannelInbox> {
    let Some(found) = one(&mut tx.connection, site, inbox).await? else {
        return Ok(Err(Rejection::NotFound("inbox")));
    };
    let settings = attempt!(change(&found.settings).and_then(InboxSettings::validate));
    // Also when nothing has changed: saving enables a disabled endpoint again.
    upsert_callback(tx, vault, site, inbox, &settings, now).await?;
    if settings == found.settings {
        return Ok(Ok(found));
    }
    query(
        "UPDATE inbox SET name = ?3, settings = ?4, updated_at = ?5 WHERE id = ?2 AND site_id = ?1",
    )
    .bind(site.as_bytes())
    .bind(inbox.0)
    .bind(&settings.name)
    .bind(to_json(&settings)?)
    .bind(now.millis())
    .execute(&mut tx.connection)
    .await?;
    let changed = event::changed_settings(&found.settings, &settings)?;
    let inbox = ChannelInbox { settings, updated_at: now, ..found };
    event::of_inbox(tx, &inbox, ConversationEventKind::InboxUpdated, changed, now).await?;
    Ok(Ok(inbox))
}

async fn delete(tx: &mut WriteTx, site: SiteId, inbox: InboxId) -> Result<bool> {
    let deleted =
        query("UPDATE inbox SET deleted = 1 WHERE id = ?2 AND site_id = ?1 AND deleted = 0")
            .bind(site.as_bytes())
            .bind(inbox.0)
            .execute(&mut tx.connection)
            .await?;
    if deleted == 0 {
        return Ok(false);
    }
    query("DELETE FROM inbox_member WHERE site_id = ?1 AND inbox_id = ?2")
        .bind(site.as_bytes())
        .bind(inbox.0)
        .execute(&mut tx.connection)
        .await?;
    sdk_rows::delete_keys_of_inbox(tx, site, inbox).await?;
    delete_callback(tx, inbox).await?;
    query("INSERT INTO deletion_queue (site_id, kind, number) VALUES (?1, 0, ?2)")
        .bind(site.as_bytes())
        .bind(inbox.0)
        .execute(&mut tx.connection)
        .await?;
    tx.publish_agent_access(site, ChannelAccess::Inbox(inbox)).await?;
    Ok(true)
}

#[async_trait]
impl InboxStore for SqlStore {
    async fn site_number(&self, site: SiteId) -> Result<Option<SiteNumber>> {
        let number: Option<i64> =
            query_scalar("SELECT number FROM site_counter WHERE site_id = ?1")
                .bind(site.as_bytes())
                .fetch_optional(&mut *self.read_connection_for(site).await?)
                .await?;
        Ok(number.map(SiteNumber))
    }

    async fn site_of_number(&self, number: SiteNumber) -> Result<Option<SiteId>> {
        let row = query("SELECT site_id FROM site_counter WHERE number = ?1")
            .bind(number.0)
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        row.map(|row| Columns::new(&row).site()).transpose()
    }

    async fn create_inbox(&self, inbox: &NewInbox, now: Timestamp) -> ChannelResult<ChannelInbox> {
        let (inbox, vault) = (inbox.clone(), self.vault.clone());
        self.writer
            .for_site(inbox.site)
            .run(move |tx| async move { create(tx, &vault, inbox, now).await }.boxed())
            .await
    }

    async fn channel_inboxes(
        &self,
        site: SiteId,
        access: ConversationAccess,
    ) -> Result<Vec<ChannelInbox>> {
        let connection = &mut *self.read_connection_for(site).await?;
        let rows = match access {
            ConversationAccess::Agent(agent) => {
                query(OF_AGENT).bind(site.as_bytes()).bind(agent.0).fetch_all(connection).await?
            }
            ConversationAccess::Inbox(inbox) => {
                query(ONE).bind(site.as_bytes()).bind(inbox.0).fetch_all(connection).await?
            }
            _ => query(ALL).bind(site.as_bytes()).fetch_all(connection).await?,
        };
        rows.iter().map(inbox_of).collect()
    }

    async fn channel_inbox(
        &self,
        site: SiteId,
        access: ConversationAccess,
        inbox: InboxId,
    ) -> ChannelResult<ChannelInbox> {
        let connection = &mut *self.read_connection_for(site).await?;
        let Some(found) = one(connection, site, inbox).await? else {
            return Ok(Err(Rejection::NotFound("inbox")));
        };
        Ok(check_access(connection, site, access, inbox).await?.map(|()| found))
    }

    async fn inbox_by_identifier(
        &self,
        identifier: &InboxIdentifier,
    ) -> Result<Option<InboxWithSecrets>> {
        let row = query(BY_IDENTIFIER)
            .bind(identifier.as_str())
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        row.map(|row| open_of(&row, &self.vault)).transpose()
    }

    async fn inbox_by_uuid(&self, uuid: InboxUuid) -> Result<Option<InboxWithSecrets>> {
        let row = query(BY_UUID)
            .bind(uuid.as_bytes())
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        row.map(|row| open_of(&row, &self.vault)).transpose()
    }

    async fn inbox_secrets(&self, site: SiteId, inbox: InboxId) -> Result<Option<InboxSecrets>> {
        let row = row(&mut *self.read_connection_for(site).await?, site, inbox).await?;
        row.map(|row| Ok(open_of(&row, &self.vault)?.secrets)).transpose()
    }

    async fn callback_deliveries(
        &self,
        site: SiteId,
        inbox: InboxId,
        limit: u32,
    ) -> Result<Option<(Endpoint, Vec<Delivery>)>> {
        endpoint::of_inbox(&mut *self.read_connection_for(site).await?, site, inbox, limit).await
    }

    async fn test_callback(
        &self,
        site: SiteId,
        inbox: InboxId,
        now: Timestamp,
    ) -> Result<Option<Delivery>> {
        self.writer.for_site(site).run(move |tx| event::test(tx, site, inbox, now).boxed()).await
    }

    async fn update_inbox(
        &self,
        site: SiteId,
        inbox: InboxId,
        change: UpdateFn<InboxSettings>,
        now: Timestamp,
    ) -> ChannelResult<ChannelInbox> {
        let vault = self.vault.clone();
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move { update(tx, &vault, (site, inbox), change, now).await }.boxed()
            })
            .await
    }

    async fn delete_inbox(&self, site: SiteId, inbox: InboxId, _now: Timestamp) -> Result<bool> {
        self.writer.for_site(site).run(move |tx| delete(tx, site, inbox).boxed()).await
    }

    async fn sweep_channel(&self, now: Timestamp) -> Result<u64> {
        super::cleanup::sweep(self, now).await
    }

    async fn inbox_members(&self, site: SiteId, inbox: InboxId) -> ChannelResult<Vec<Agent>> {
        members(&mut *self.read_connection_for(site).await?, site, inbox).await
    }

    async fn change_inbox_members(
        &self,
        site: SiteId,
        inbox: InboxId,
        change: &MembersChange,
    ) -> ChannelResult<Vec<Agent>> {
        let change = change.clone();
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| change_members(tx, site, inbox, change).boxed())
                    .boxed()
            })
            .await
    }
}
