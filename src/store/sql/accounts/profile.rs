//! Creates accounts, the first one by a set-up token, and changes their profile and password.
//! Called by the parent module, and by [`membership`](super::membership) for a new account that
//! accepts an invitation. Must not depend on sites or their members.

use super::sessions::end_sessions;
use crate::{
    Result,
    db::{Connection, query, query_scalar},
    sql::write_tx::WriteTx,
};
use belfry_domain::{
    AccountDraft, AccountId, Actor, Digest, Language, PasswordHash, TimeZone, Timestamp,
};

pub(super) async fn has_accounts(connection: &mut Connection) -> Result<bool> {
    Ok(query("SELECT 1 FROM account LIMIT 1").fetch_optional(connection).await?.is_some())
}

pub(super) async fn offer_set_up(
    tx: &mut WriteTx,
    digest: Digest,
    expires_at: Timestamp,
) -> Result<()> {
    query("DELETE FROM setup_token").execute(&mut tx.connection).await?;
    query("INSERT INTO setup_token (digest, expires_at) VALUES (?1, ?2)")
        .bind(digest.0.as_slice())
        .bind(expires_at.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) async fn set_up(
    tx: &mut WriteTx,
    digest: Digest,
    draft: AccountDraft,
    now: Timestamp,
) -> Result<Option<AccountId>> {
    if has_accounts(&mut tx.connection).await? {
        return Ok(None);
    }
    let used = query("DELETE FROM setup_token WHERE digest = ?1 AND expires_at > ?2")
        .bind(digest.0.as_slice())
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    if used == 0 {
        return Ok(None);
    }
    add_account(tx, &draft, now).await.map(Some)
}

pub(super) async fn add_account(
    tx: &mut WriteTx,
    draft: &AccountDraft,
    now: Timestamp,
) -> Result<AccountId> {
    let id: i64 = query_scalar(
        "INSERT INTO account (email, name, password, language, is_operator, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
    )
    .bind(draft.email.as_str())
    .bind(&draft.name)
    .bind(&draft.password.0)
    .bind(draft.language.as_str())
    .bind(draft.is_operator)
    .bind(now.millis())
    .fetch_one(&mut tx.connection)
    .await?;
    tx.set_actor(Actor::Account(AccountId(id)));
    Ok(AccountId(id))
}

pub(super) async fn set_profile(
    tx: &mut WriteTx,
    account: AccountId,
    name: String,
    language: Language,
    time_zone: Option<TimeZone>,
) -> Result<bool> {
    let changed =
        query("UPDATE account SET name = ?2, language = ?3, time_zone = ?4 WHERE id = ?1")
            .bind(account.0)
            .bind(name)
            .bind(language.as_str())
            .bind(time_zone.as_ref().map(TimeZone::name))
            .execute(&mut tx.connection)
            .await?;
    Ok(changed > 0)
}

pub(super) async fn set_password(
    tx: &mut WriteTx,
    account: AccountId,
    former: PasswordHash,
    password: PasswordHash,
    keep: Option<Digest>,
) -> Result<bool> {
    let changed = query("UPDATE account SET password = ?3 WHERE id = ?1 AND password = ?2")
        .bind(account.0)
        .bind(former.0)
        .bind(password.0)
        .execute(&mut tx.connection)
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    end_sessions(tx, account, keep).await?;
    Ok(true)
}
