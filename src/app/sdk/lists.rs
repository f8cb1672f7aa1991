//! The lists of an agent, and watched conversations.

use crate::{App, channel::ChannelError};
use belfry_domain::{
    ContactId, SiteId,
    channel::{
        ConversationAccess, ConversationId, ConversationNumber, ConversationView, SignedInAgent,
    },
    sdk::{AgentList, ListSnapshot},
};

impl App {
    /// The current list of an agent.
    pub async fn agent_list(
        &self,
        who: &SignedInAgent,
        list: AgentList,
    ) -> Result<ListSnapshot, ChannelError> {
        Ok(self.store.agent_list(who.site, who.access, who.agent.id, list).await?)
    }

    /// The newest conversations of a contact, for all agents who have one of them in a list. Each
    /// caller checks its agent's access.
    pub async fn conversations_with(
        &self,
        site: SiteId,
        contact: ContactId,
    ) -> Result<Vec<ConversationView>, ChannelError> {
        Ok(self.store.conversations_of_contact(site, ConversationAccess::Site, contact).await?)
    }

    /// One conversation by its UUID.
    pub async fn conversation_by_uuid(
        &self,
        who: &SignedInAgent,
        id: ConversationId,
    ) -> Result<ConversationView, ChannelError> {
        Ok(self.store.conversation_by_uuid(who.site, who.access, id).await??)
    }

    /// Starts or stops watching a conversation for the agent.
    pub async fn watch_conversation(
        &self,
        who: &SignedInAgent,
        number: ConversationNumber,
        is_on: bool,
    ) -> Result<ConversationView, ChannelError> {
        Ok(self
            .store
            .watch_conversation(who.site, who.access, number, &who.agent, is_on, self.now())
            .await??)
    }
}
