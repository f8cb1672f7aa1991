//! Agents: made, listed, and known by their access token.

use super::ChannelError;
use crate::{
    domain::{
        AccountId, SiteId,
        channel::{Agent, AgentDraft, AgentSecrets, ChannelToken, ConversationAccess, InboxId, SignedInAgent},
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

    /// The agent that a console account is on a site. Nobody, where the account does not answer conversations there.
    pub async fn agent_of_account(&self, site: SiteId, account: AccountId) -> Result<Option<SignedInAgent>, ChannelError> {
        let secrets = AgentSecrets { access_token: None, pubsub_token: ChannelToken::generate(&*self.entropy) };
        Ok(self.store.agent_of_account(site, account, &secrets, self.now()).await?)
    }

    /// The agents who see an inbox, and so can answer in it.
    pub async fn agents_of_inbox(&self, site: SiteId, inbox: InboxId) -> Result<Vec<Agent>, ChannelError> {
        let members = self.store.inbox_members(site, inbox).await??;
        let sees = |agent: &Agent| match agent.access() {
            ConversationAccess::Site => true,
            ConversationAccess::Inbox(own) => own == inbox,
            _ => members.iter().any(|member| member.id == agent.id),
        };
        Ok(self.store.agents(site).await?.into_iter().filter(sees).collect())
    }

    /// Whose access token this is. The look-up is by digest, so its time tells nothing of the token.
    pub async fn authenticate_agent(&self, token: &ChannelToken) -> Result<SignedInAgent, ChannelError> {
        self.store.agent_by_token(&token.digest()).await?.ok_or(ChannelError::Unauthenticated)
    }
}
