//! Contacts of conversations, and their sessions in inboxes.
//!
//! See [`super`] for what all verbs promise.

use super::ChannelResult;
use crate::Result;
use async_trait::async_trait;
use belfry_domain::{
    ContactId, SiteId, Timestamp,
    channel::{
        ContactFields, ContactInboxId, ContactListPage, ContactListQuery, ContactProfile,
        ContactSession, CreatedContact, Identification, InboxId, NewContactSession, Performer,
        SessionView, SourceId,
    },
};

/// Stores contacts of conversations and their sessions.
#[async_trait]
pub trait ChannelContactStore: Send + Sync {
    /// Adds a contact, optionally with a session in an inbox. `Taken` for an identifier, e-mail
    /// address or phone number of another contact, `SourceIdTaken` for a `source_id` of the inbox,
    /// `NotFound` for an unknown inbox. Emits `ContactCreated`.
    async fn create_channel_contact(
        &self,
        site: SiteId,
        fields: &ContactFields,
        session: Option<(InboxId, NewContactSession)>,
        now: Timestamp,
    ) -> ChannelResult<CreatedContact>;
    /// One contact.
    async fn channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
    ) -> Result<Option<ContactProfile>>;
    /// A page of contacts. A text search scans the site's contacts in slices, so that it does not
    /// block others.
    async fn channel_contacts(
        &self,
        site: SiteId,
        query: &ContactListQuery,
    ) -> Result<ContactListPage>;
    /// Changes a contact. `Taken` as above. Emits `ContactUpdated` if something changed.
    async fn update_channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        fields: &ContactFields,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<ContactProfile>;
    /// Erases a contact with all its conversations, which disappear at once. Emits
    /// `ContactDeleted`.
    async fn erase_channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<bool>;

    /// The session for the public client API: the existing one with the given `source_id`,
    /// unchanged; otherwise a new session of the contact with the identifier, then the e-mail
    /// address, then the phone number, or of a new contact. With a verified identifier only the
    /// identifier decides, and an e-mail address or phone number of another contact is ignored. The
    /// given fields are stored as the session's claim; an existing contact is not changed.
    /// `NotFound` when the inbox was deleted.
    async fn identify_contact(
        &self,
        site: SiteId,
        inbox: InboxId,
        request: &Identification,
        now: Timestamp,
    ) -> ChannelResult<SessionView>;
    /// A session by its `source_id`, with its pubsub token.
    async fn contact_session(
        &self,
        site: SiteId,
        inbox: InboxId,
        source_id: &SourceId,
    ) -> Result<Option<SessionView>>;
    /// Adds a session of a contact; returns the existing one with this `source_id`.
    async fn add_contact_session(
        &self,
        site: SiteId,
        contact: ContactId,
        inbox: InboxId,
        session: &NewContactSession,
        now: Timestamp,
    ) -> ChannelResult<ContactSession>;
    /// Marks a session as verified. From then on no unverified session can change the contact.
    async fn verify_session(
        &self,
        site: SiteId,
        session: ContactInboxId,
        now: Timestamp,
    ) -> Result<bool>;
    /// Changes the session's claim and, if [`ContactSession::may_change_contact`], the contact. An
    /// e-mail address or phone number of another contact is `Taken`; unproven fields never merge
    /// contacts.
    async fn update_session_contact(
        &self,
        site: SiteId,
        session: ContactInboxId,
        fields: &ContactFields,
        verified: bool,
        now: Timestamp,
    ) -> ChannelResult<SessionView>;
}
