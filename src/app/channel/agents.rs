//! Agents: creating, listing, and authentication by access token.

use super::ChannelError;
use crate::App;
use belfry_domain::{
    AccountId, SiteId,
    channel::{
        Agent, AgentDraft, AgentSecrets, ChannelToken, ConversationAccess, InboxId, SignedInAgent,
    },
};

/// A new agent. The tokens are returned only here.
#[derive(Debug)]
pub struct CreatedAgent {
    /// The agent.
    pub agent: Agent,
    /// The access token, sent as `api_access_token`.
    pub access_token: ChannelToken,
    /// The pubsub token.
    pub pubsub_token: ChannelToken,
}

impl App {
    /// Adds an agent without a console account.
    pub async fn create_agent(
        &self,
        site: SiteId,
        draft: &AgentDraft,
    ) -> Result<CreatedAgent, ChannelError> {
        self.site(site).await?;
        let (access_token, pubsub_token) =
            (ChannelToken::generate(&*self.rng), ChannelToken::generate(&*self.rng));
        let secrets = AgentSecrets {
            access_token: Some(access_token.clone()),
            pubsub_token: pubsub_token.clone(),
        };
        let agent = self.store.create_agent(site, draft, &secrets, self.now()).await??;
        Ok(CreatedAgent { agent, access_token, pubsub_token })
    }

    /// The agents of a site.
    pub async fn agents(&self, site: SiteId) -> Result<Vec<Agent>, ChannelError> {
        Ok(self.store.agents(site).await?)
    }

    /// The agent of a console account on a site; `None` when the account does not answer
    /// conversations there.
    pub async fn agent_of_account(
        &self,
        site: SiteId,
        account: AccountId,
    ) -> Result<Option<SignedInAgent>, ChannelError> {
        let secrets =
            AgentSecrets { access_token: None, pubsub_token: ChannelToken::generate(&*self.rng) };
        Ok(self.store.agent_of_account(site, account, &secrets, self.now()).await?)
    }

    /// The agents with access to an inbox.
    pub async fn agents_of_inbox(
        &self,
        site: SiteId,
        inbox: InboxId,
    ) -> Result<Vec<Agent>, ChannelError> {
        let members = self.store.inbox_members(site, inbox).await??;
        let sees = |agent: &Agent| match agent.access() {
            ConversationAccess::Site => true,
            ConversationAccess::Inbox(own) => own == inbox,
            _ => members.iter().any(|member| member.id == agent.id),
        };
        Ok(self.store.agents(site).await?.into_iter().filter(sees).collect())
    }

    /// The agent of an access token. The lookup is by digest, so its timing reveals nothing about
    /// the token.
    pub async fn authenticate_agent(
        &self,
        token: &ChannelToken,
    ) -> Result<SignedInAgent, ChannelError> {
        self.store.agent_by_token(&token.digest()).await?.ok_or(ChannelError::Unauthenticated)
    }
}
