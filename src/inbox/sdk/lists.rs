//! The lists of an agent, and what an agent watches.

use crate::{
    domain::{
        channel::{ConversationId, ConversationNumber, ConversationView, SignedInAgent},
        sdk::{AgentList, ListSnapshot},
    },
    inbox::{Inbox, channel::ChannelError},
};

impl Inbox {
    /// A list of the agent as it is now.
    pub async fn agent_list(&self, who: &SignedInAgent, list: AgentList) -> Result<ListSnapshot, ChannelError> {
        Ok(self.store.agent_list(who.site, who.access, who.agent.id, list).await?)
    }

    /// One conversation by its UUID.
    pub async fn conversation_by_uuid(&self, who: &SignedInAgent, id: ConversationId) -> Result<ConversationView, ChannelError> {
        Ok(self.store.conversation_by_uuid(who.site, who.access, id).await??)
    }

    /// The agent watches a conversation from now on, or no longer does.
    pub async fn watch_conversation(&self, who: &SignedInAgent, number: ConversationNumber, is_on: bool) -> Result<ConversationView, ChannelError> {
        Ok(self.store.watch_conversation(who.site, who.access, number, &who.agent, is_on, self.now()).await??)
    }
}
