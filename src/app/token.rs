//! Contact tokens and sessions: the token call and the exchange for a session.

use super::{BEARER_LIFE, Granted, Inbox, InboxError, KeyHolder, Reader, SESSION_LIFE, TOKEN_LIFE};
use crate::{
    domain::{ContactLookup, ContactToken, Digest, Family, Identifiers, NewSession, NewToken, Secret, SecretKind, SiteId, Timestamp, WidgetSession},
    store::StoreError,
};

impl Inbox {
    /// A contact token for the widget; `None` when the site has no such contact (contract, section
    /// 1).
    pub async fn issue_token(&self, holder: &KeyHolder, identifiers: Identifiers) -> Result<Option<Secret>, InboxError> {
        let secret = Secret::generate(SecretKind::ContactToken, &*self.entropy);
        self.issue(holder, ContactLookup::Identifiers(identifiers), secret).await
    }

    /// Like [`Self::issue_token`], with the reader's number of new messages in the token: the
    /// site's page shows it before the inbox is loaded.
    pub async fn issue_token_with_count(&self, holder: &KeyHolder, identifiers: Identifiers) -> Result<Option<Secret>, InboxError> {
        let Some(contact) = self.store.contact(holder.site, &ContactLookup::Identifiers(identifiers)).await? else { return Ok(None) };
        let tally = self.store.tally(holder.site, contact.id, self.now()).await?;
        let secret = Secret::generate_with_count(tally.unseen, &*self.entropy);
        self.issue(holder, ContactLookup::Id(contact.id), secret).await
    }

    async fn issue(&self, holder: &KeyHolder, contact: ContactLookup, secret: Secret) -> Result<Option<Secret>, InboxError> {
        let token = NewToken {
            site: holder.site,
            digest: secret.digest(),
            family: Family::generate(&*self.entropy),
            key: holder.key.clone(),
            expires_at: self.now().plus(TOKEN_LIFE),
        };
        let contact = self.store.issue_token(&contact, &token).await.map_err(outlived)?;
        Ok(contact.map(|_| secret))
    }

    /// Exchanges a contact token for a session. A token can be exchanged again while it is valid,
    /// since sites cache it for a page or two.
    pub async fn exchange_token(&self, site: SiteId, token: &str) -> Result<Granted, InboxError> {
        self.begin_session(&self.contact_token(site, token).await?).await
    }

    /// The first half of an exchange, without a write: the contact token.
    pub async fn contact_token(&self, site: SiteId, token: &str) -> Result<ContactToken, InboxError> {
        self.store.contact_token(site, &Digest::of(token), self.now()).await?.ok_or(InboxError::Unauthenticated)
    }

    /// The second half: a session for the contact token. It may end the reader's oldest session.
    pub async fn begin_session(&self, token: &ContactToken) -> Result<Granted, InboxError> {
        let now = self.now();
        let cookie = Secret::generate(SecretKind::WidgetSession, &*self.entropy);
        let bearer = Secret::generate(SecretKind::WidgetBearer, &*self.entropy);
        let session = |secret: &Secret, life| NewSession { digest: secret.digest(), expires_at: now.plus(life) };
        let sessions = [session(&cookie, SESSION_LIFE), session(&bearer, BEARER_LIFE)];
        let ended = self.store.begin_sessions(token, sessions.map(Some), now).await?.ok_or(InboxError::Unauthenticated)?;
        let reader = Reader { site: token.site, contact: token.contact, family: token.family, key: token.key.clone() };
        Ok(Granted { reader, cookie, bearer, ended })
    }

    /// The reader of the session whose secret (from the cookie or from memory) has this digest.
    pub async fn authenticate_session(&self, site: SiteId, digest: &Digest) -> Result<Reader, InboxError> {
        Ok(self.reader_until(site, digest).await?.0)
    }

    /// Like [`Self::authenticate_session`], with the expiry of the session.
    pub async fn reader_until(&self, site: SiteId, digest: &Digest) -> Result<(Reader, Timestamp), InboxError> {
        let now = self.now();
        // A session with a later expiry was created while the clock was ahead.
        let lives = |session: &WidgetSession| session.expires_at <= now.plus(SESSION_LIFE);
        let session = self.store.session(site, digest, now).await?.filter(lives).ok_or(InboxError::Unauthenticated)?;
        Ok((Reader { site, contact: session.contact, family: session.family, key: session.key }, session.expires_at))
    }
}

/// Maps the conflict when the key was revoked between its lookup and this write.
fn outlived(error: StoreError) -> InboxError {
    match error {
        StoreError::Conflict(_) => InboxError::Unauthenticated,
        other => other.into(),
    }
}
