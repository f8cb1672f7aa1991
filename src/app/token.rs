//! Contact tokens and sessions: the token call and the exchange for a session.

use super::{
    App, AppError, AuthenticatedKey, BEARER_TTL, IssuedSession, Reader, SESSION_TTL, TOKEN_TTL,
};
use belfry_domain::{
    ContactLookup, ContactToken, Digest, Identifiers, NewContactToken, NewWidgetSession, Secret,
    SecretKind, SiteId, Timestamp, TokenFamily, WidgetSession,
};
use belfry_store::StoreError;

impl App {
    /// A contact token for the widget; `None` when the site has no such contact (contract, section
    /// 1).
    pub async fn issue_token(
        &self,
        holder: &AuthenticatedKey,
        identifiers: Identifiers,
    ) -> Result<Option<Secret>, AppError> {
        let secret = Secret::generate(SecretKind::ContactToken, &*self.rng);
        self.issue(holder, ContactLookup::Identifiers(identifiers), secret).await
    }

    /// Like [`Self::issue_token`], with the reader's number of new messages in the token: the
    /// site's page shows it before the inbox is loaded.
    pub async fn issue_token_with_count(
        &self,
        holder: &AuthenticatedKey,
        identifiers: Identifiers,
    ) -> Result<Option<Secret>, AppError> {
        let Some(contact) =
            self.store.contact(holder.site, &ContactLookup::Identifiers(identifiers)).await?
        else {
            return Ok(None);
        };
        let counts = self.store.counts(holder.site, contact.id, self.now()).await?;
        let secret = Secret::generate_with_count(counts.unseen, &*self.rng);
        self.issue(holder, ContactLookup::Id(contact.id), secret).await
    }

    async fn issue(
        &self,
        holder: &AuthenticatedKey,
        contact: ContactLookup,
        secret: Secret,
    ) -> Result<Option<Secret>, AppError> {
        let token = NewContactToken {
            site: holder.site,
            digest: secret.digest(),
            family: TokenFamily::generate(&*self.rng),
            key: holder.key.clone(),
            expires_at: self.now().plus(TOKEN_TTL),
        };
        let contact = self.store.issue_token(&contact, &token).await.map_err(map_revoked_key)?;
        Ok(contact.map(|_| secret))
    }

    /// Exchanges a contact token for a session. A token can be exchanged again while it is valid,
    /// since sites cache it for a page or two.
    pub async fn exchange_token(
        &self,
        site: SiteId,
        token: &str,
    ) -> Result<IssuedSession, AppError> {
        self.begin_session(&self.contact_token(site, token).await?).await
    }

    /// The first half of an exchange, without a write: the contact token.
    pub async fn contact_token(&self, site: SiteId, token: &str) -> Result<ContactToken, AppError> {
        self.store
            .contact_token(site, &Digest::of(token), self.now())
            .await?
            .ok_or(AppError::Unauthenticated)
    }

    /// The second half: a session for the contact token. It may end the reader's oldest session.
    pub async fn begin_session(&self, token: &ContactToken) -> Result<IssuedSession, AppError> {
        let now = self.now();
        let cookie = Secret::generate(SecretKind::WidgetSession, &*self.rng);
        let bearer = Secret::generate(SecretKind::WidgetBearer, &*self.rng);
        let session = |secret: &Secret, life| NewWidgetSession {
            digest: secret.digest(),
            expires_at: now.plus(life),
        };
        let sessions = [session(&cookie, SESSION_TTL), session(&bearer, BEARER_TTL)];
        let ended_sessions = self
            .store
            .begin_sessions(token, sessions.map(Some), now)
            .await?
            .ok_or(AppError::Unauthenticated)?;
        let reader = Reader {
            site: token.site,
            contact: token.contact,
            family: token.family,
            key: token.key.clone(),
        };
        Ok(IssuedSession { reader, cookie, bearer, ended_sessions })
    }

    /// The reader of the session whose secret (from the cookie or from memory) has this digest.
    pub async fn authenticate_session(
        &self,
        site: SiteId,
        digest: &Digest,
    ) -> Result<Reader, AppError> {
        Ok(self.reader_with_expiry(site, digest).await?.0)
    }

    /// Like [`Self::authenticate_session`], with the expiry of the session.
    pub async fn reader_with_expiry(
        &self,
        site: SiteId,
        digest: &Digest,
    ) -> Result<(Reader, Timestamp), AppError> {
        let now = self.now();
        // A session with a later expiry was created while the clock was ahead.
        let lives = |session: &WidgetSession| session.expires_at <= now.plus(SESSION_TTL);
        let session = self
            .store
            .session(site, digest, now)
            .await?
            .filter(lives)
            .ok_or(AppError::Unauthenticated)?;
        Ok((
            Reader { site, contact: session.contact, family: session.family, key: session.key },
            session.expires_at,
        ))
    }
}

/// Maps the conflict when the key was revoked between its lookup and this write.
fn map_revoked_key(error: StoreError) -> AppError {
    match error {
        StoreError::Conflict(_) => AppError::Unauthenticated,
        other => other.into(),
    }
}
