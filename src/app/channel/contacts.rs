//! Contacts of conversations and their sessions in inboxes.

use super::ChannelError;
use crate::App;
use belfry_domain::{
    ContactId,
    channel::{
        ChannelInbox, ChannelToken, ContactFields, ContactListPage, ContactListQuery,
        ContactProfile, ContactSession, ConversationAccess, ConversationView, CreatedContact,
        InboxId, NewContactSession, Performer, SignedInAgent, SourceId,
    },
};
use std::collections::HashSet;

impl App {
    /// Adds a contact, optionally with a session in an inbox.
    pub async fn create_channel_contact(
        &self,
        caller: &SignedInAgent,
        fields: ContactFields,
        session: Option<(InboxId, Option<SourceId>)>,
    ) -> Result<CreatedContact, ChannelError> {
        let fields = fields.validate()?;
        let session = match session {
            Some((inbox, source_id)) => {
                Some((self.channel_inbox(caller, inbox).await?.id, self.new_session(source_id)))
            }
            None => None,
        };
        let mut created =
            self.store.create_channel_contact(caller.site, &fields, session, self.now()).await??;
        self.retain_visible_sessions(caller, std::slice::from_mut(&mut created.profile)).await?;
        Ok(created)
    }

    /// One contact.
    pub async fn channel_contact(
        &self,
        caller: &SignedInAgent,
        contact: ContactId,
    ) -> Result<ContactProfile, ChannelError> {
        let mut profile = self
            .store
            .channel_contact(caller.site, contact)
            .await?
            .ok_or(ChannelError::not_found("contact"))?;
        self.retain_visible_sessions(caller, std::slice::from_mut(&mut profile)).await?;
        Ok(profile)
    }

    /// A page of contacts.
    pub async fn channel_contacts(
        &self,
        caller: &SignedInAgent,
        query: &ContactListQuery,
    ) -> Result<ContactListPage, ChannelError> {
        let mut page = self.store.channel_contacts(caller.site, query).await?;
        self.retain_visible_sessions(caller, &mut page.contacts).await?;
        Ok(page)
    }

    /// Changes a contact.
    pub async fn update_channel_contact(
        &self,
        caller: &SignedInAgent,
        contact: ContactId,
        fields: ContactFields,
    ) -> Result<ContactProfile, ChannelError> {
        let fields = fields.validate()?;
        let mut profile = self
            .store
            .update_channel_contact(caller.site, contact, &fields, &performer(caller), self.now())
            .await??;
        self.retain_visible_sessions(caller, std::slice::from_mut(&mut profile)).await?;
        Ok(profile)
    }

    /// Erases a contact with all its conversations.
    pub async fn erase_channel_contact(
        &self,
        caller: &SignedInAgent,
        contact: ContactId,
    ) -> Result<(), ChannelError> {
        let erased = self.store.erase_channel_contact(caller.site, contact, self.now()).await?;
        if erased { Ok(()) } else { Err(ChannelError::not_found("contact")) }
    }

    /// The newest conversations of a contact that the agent sees.
    pub async fn conversations_of_contact(
        &self,
        caller: &SignedInAgent,
        contact: ContactId,
    ) -> Result<Vec<ConversationView>, ChannelError> {
        self.channel_contact(caller, contact).await?;
        Ok(self.store.conversations_of_contact(caller.site, caller.access, contact).await?)
    }

    /// Adds a session of a contact in an inbox.
    pub async fn add_contact_session(
        &self,
        caller: &SignedInAgent,
        contact: ContactId,
        inbox: InboxId,
        source_id: Option<SourceId>,
    ) -> Result<(ContactSession, ChannelInbox), ChannelError> {
        let inbox = self.channel_inbox(caller, inbox).await?;
        let session = self
            .store
            .add_contact_session(
                caller.site,
                contact,
                inbox.id,
                &self.new_session(source_id),
                self.now(),
            )
            .await??;
        Ok((session, inbox))
    }

    /// The inboxes in which a conversation with the contact can be started, each with the
    /// `source_id` that the contact's session has or would have.
    pub async fn contactable_inboxes(
        &self,
        caller: &SignedInAgent,
        contact: ContactId,
    ) -> Result<Vec<(SourceId, ChannelInbox)>, ChannelError> {
        let profile = self.channel_contact(caller, contact).await?;
        let named = |inbox: &ChannelInbox| {
            profile
                .sessions
                .iter()
                .find(|session| session.inbox == inbox.id)
                .map(|session| session.source_id.clone())
        };
        let inboxes = self.channel_inboxes(caller).await?;
        Ok(inboxes
            .into_iter()
            .map(|inbox| (named(&inbox).unwrap_or_else(|| SourceId::generate(&*self.rng)), inbox))
            .collect())
    }

    /// Agents see all contacts, but knowing the `source_id` of a session allows acting for it and
    /// reading its messages. So an agent only sees the sessions in their own inboxes.
    async fn retain_visible_sessions(
        &self,
        caller: &SignedInAgent,
        profiles: &mut [ContactProfile],
    ) -> Result<(), ChannelError> {
        if caller.access == ConversationAccess::Site
            || profiles.iter().all(|profile| profile.sessions.is_empty())
        {
            return Ok(());
        }
        let visible: HashSet<InboxId> =
            self.channel_inboxes(caller).await?.into_iter().map(|inbox| inbox.id).collect();
        for profile in profiles {
            profile.sessions.retain(|session| visible.contains(&session.inbox));
        }
        Ok(())
    }

    /// A new session, with the client's `source_id` or a random one.
    pub(crate) fn new_session(&self, source_id: Option<SourceId>) -> NewContactSession {
        NewContactSession {
            source_id: source_id.unwrap_or_else(|| SourceId::generate(&*self.rng)),
            pubsub_token: ChannelToken::generate(&*self.rng),
        }
    }
}

/// An agent as the performer of a change.
pub(super) fn performer(caller: &SignedInAgent) -> Performer {
    Performer::Agent(Box::new(caller.agent.clone()))
}
