//! Sessions of contacts in the public client API.
//!
//! A client that names a contact's identifier, e-mail address or phone number gets a session of
//! that contact, which only shows its own claims and messages. Only a verified identifier gives
//! access to more: see [`SessionClaim`](belfry_domain::channel::SessionClaim).

use super::{ChannelError, IdentityProof, placeholder_names};
use crate::{App, AppError};
use belfry_domain::{
    ValidationError,
    channel::{
        ChannelToken, ContactFields, Identification, InboxIdentifier, InboxWithSecrets,
        NewContactSession, Rejection, SessionView, SourceId,
    },
};
use belfry_store::StoreError;

/// Why a contact's request failed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The HMAC of the identifier is missing or wrong.
    #[error("HMAC failed: Invalid Identifier Hash Provided")]
    InvalidHash,
    /// The survey can no longer be answered.
    #[error("You cannot update the CSAT survey after 14 days")]
    SurveyClosed,
    /// As with any other use case for conversations.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

impl From<Rejection> for SessionError {
    fn from(rejection: Rejection) -> Self {
        Self::Channel(rejection.into())
    }
}

impl From<ValidationError> for SessionError {
    fn from(invalid: ValidationError) -> Self {
        Self::Channel(invalid.into())
    }
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        Self::Channel(error.into())
    }
}

impl From<AppError> for SessionError {
    fn from(error: AppError) -> Self {
        Self::Channel(error.into())
    }
}

/// A client's description of its user.
#[derive(Debug, Clone, Default)]
pub struct SessionRequest {
    /// The `source_id` of an existing session.
    pub source_id: Option<SourceId>,
    /// Contact fields, without the identifier, which is in the proof.
    pub fields: ContactFields,
    /// The identifier and its proof.
    pub proof: IdentityProof,
}

impl App {
    /// The inbox with this public identifier.
    pub async fn open_channel_inbox(
        &self,
        identifier: &str,
    ) -> Result<InboxWithSecrets, SessionError> {
        let open = self
            .store
            .inbox_by_identifier(&InboxIdentifier::from_stored(identifier.to_owned()))
            .await?;
        open.ok_or_else(|| ChannelError::not_found("inbox").into())
    }

    /// The session of the described contact; a new one if the client names no existing one. A new
    /// contact without a name gets a placeholder.
    pub async fn identify_contact(
        &self,
        open: &InboxWithSecrets,
        request: SessionRequest,
    ) -> Result<SessionView, SessionError> {
        let SessionRequest { source_id, mut fields, proof } = request;
        let proven = proof.check(open)?;
        let (site, inbox) = (open.inbox.site, open.inbox.id);
        if let Some(source_id) = &source_id
            && let Some(found) = self.store.contact_session(site, inbox, source_id).await?
        {
            return self.verify_session(open, found, &proof).await;
        }
        if let Some(identifier) = claimed_identifier(&proof)? {
            fields.identifier = Some(Some(identifier));
        }
        if fields.name.as_ref().and_then(Option::as_ref).is_none_or(|name| name.trim().is_empty()) {
            fields.name = Some(Some(placeholder_names::random(self.rng())));
        }
        let session = NewContactSession {
            source_id: SourceId::generate(self.rng()),
            pubsub_token: ChannelToken::generate(self.rng()),
        };
        let request = Identification { source_id, fields, verified: proven.is_some(), session };
        Ok(self.store.identify_contact(site, inbox, &request, self.now()).await??)
    }

    /// The session with this `source_id`, for requests that need no proof.
    pub async fn contact_session(
        &self,
        open: &InboxWithSecrets,
        source_id: &str,
    ) -> Result<SessionView, SessionError> {
        let missing = || ChannelError::not_found("session");
        let source_id = SourceId::parse(source_id).map_err(|_| missing())?;
        Ok(self
            .store
            .contact_session(open.inbox.site, open.inbox.id, &source_id)
            .await?
            .ok_or_else(missing)?)
    }

    /// The session with this `source_id`, for requests about the contact. A valid HMAC of the
    /// contact's identifier marks the session as verified.
    pub async fn identify_session(
        &self,
        open: &InboxWithSecrets,
        source_id: &str,
        proof: &IdentityProof,
    ) -> Result<SessionView, SessionError> {
        let contact_session = self.contact_session(open, source_id).await?;
        self.verify_session(open, contact_session, proof).await
    }

    /// Changes the contact fields of a session; its contact stays the same.
    pub async fn update_session(
        &self,
        open: &InboxWithSecrets,
        source_id: &str,
        fields: &ContactFields,
        proof: &IdentityProof,
    ) -> Result<SessionView, SessionError> {
        let view = self.identify_session(open, source_id, proof).await?;
        let updated = self
            .store
            .update_session_contact(
                open.inbox.site,
                view.session.id,
                fields,
                view.session.hmac_verified,
                self.now(),
            )
            .await?;
        Ok(updated?)
    }

    /// Proof of one contact gives no access to a session of another.
    async fn verify_session(
        &self,
        open: &InboxWithSecrets,
        mut found: SessionView,
        proof: &IdentityProof,
    ) -> Result<SessionView, SessionError> {
        let Some(proven) = proof.check(open)? else { return Ok(found) };
        match &found.contact.contact.external_id {
            Some(identifier) if identifier == proven.as_str() => {}
            Some(_) => return Err(SessionError::InvalidHash),
            // A contact without an identifier has nothing to prove.
            None => return Ok(found),
        }
        if !found.session.hmac_verified {
            self.store.verify_session(open.inbox.site, found.session.id, self.now()).await?;
            found.session.hmac_verified = true;
        }
        Ok(found)
    }
}

/// The claimed identifier, verified or not.
fn claimed_identifier(
    proof: &IdentityProof,
) -> Result<Option<belfry_domain::ExternalId>, ValidationError> {
    let present = proof.identifier.as_deref().filter(|identifier| !identifier.trim().is_empty());
    present
        .map(belfry_domain::ExternalId::parse)
        .transpose()
        .map_err(|invalid| ValidationError::new("identifier", invalid.reason))
}
