//! Agents: made, listed, and known by their access token.

use super::ChannelError;
use crate::{
    domain::{
        SiteId,
        channel::{Agent, AgentDraft, AgentRole, AgentSecrets, ChannelToken, ConversationAccess, SignedInAgent},
    },
    inbox::Inbox,
};

/// An agent that was made. The token is shown here and never again.
#[derive(Debug)]
pub struct CreatedAgent {
    /// The agent.
    pub agent: Agent,
    /// What the agent's programs send as `api_access_token`.
    pub access_token: ChannelToken,
    /// The token for real-time updates.
    pub pubsub_token: ChannelToken,
}

impl Inbox {
    /// Adds an agent without a console account.
    pub async fn create_agent(&self, site: SiteId, draft: &AgentDraft) -> Result<CreatedAgent, ChannelError> {
        self.site(site).await?;
        let (access_token, pubsub_token) = (ChannelToken::generate(&*self.entropy), ChannelToken::generate(&*self.entropy));
        let secrets = AgentSecrets { access_token: Some(access_token.clone()), pubsub_token: pubsub_token.clone() };
        let agent = self.store.create_agent(site, draft, &secrets, self.now()).await??;
        Ok(CreatedAgent { agent, access_token, pubsub_token })
    }

    /// The agents of a site.
    pub async fn agents(&self, site: SiteId) -> Result<Vec<Agent>, ChannelError> {
        Ok(self.store.agents(site).await?)
    }

    /// Whose access token this is. The look-up is by digest, so its time tells nothing of the token.
    pub async fn authenticate_agent(&self, token: &ChannelToken) -> Result<SignedInAgent, ChannelError> {
        self.store.agent_by_token(&token.digest()).await?.ok_or(ChannelError::Unauthenticated)
    }
}

/// What an agent may see.
pub(super) fn access(agent: &Agent) -> ConversationAccess {
    match agent.role {
        AgentRole::Administrator => ConversationAccess::Site,
        AgentRole::Agent => ConversationAccess::Agent(agent.id),
    }
}
