//! Inbox administration for owners of a site: all inboxes, with their secrets, members and
//! deliveries.
//!
//! Called by the console, which has checked the role.

use super::ChannelError;
use crate::App;
use belfry_domain::{
    Delivery, Endpoint, SiteId,
    channel::{
        Agent, AgentId, AgentSecrets, ChannelInbox, ChannelToken, ConversationAccess, InboxId,
        InboxSecrets,
    },
};
use belfry_store::StoreError;

impl App {
    /// All inboxes of a site, by id.
    pub async fn inboxes_of_site(&self, site: SiteId) -> Result<Vec<ChannelInbox>, ChannelError> {
        Ok(self.store.channel_inboxes(site, ConversationAccess::Site).await?)
    }

    /// One inbox of a site.
    pub async fn inbox_of_site(
        &self,
        site: SiteId,
        inbox: InboxId,
    ) -> Result<ChannelInbox, ChannelError> {
        Ok(self.store.channel_inbox(site, ConversationAccess::Site, inbox).await??)
    }

    /// The secrets of an inbox, for the site only.
    pub async fn inbox_secrets(
        &self,
        site: SiteId,
        inbox: InboxId,
    ) -> Result<InboxSecrets, ChannelError> {
        self.store.inbox_secrets(site, inbox).await?.ok_or(ChannelError::not_found("inbox"))
    }

    /// The members of an inbox of a site.
    pub async fn members_of_inbox(
        &self,
        site: SiteId,
        inbox: InboxId,
    ) -> Result<Vec<Agent>, ChannelError> {
        Ok(self.store.inbox_members(site, inbox).await??)
    }

    /// The state of an inbox's callback URL with its newest deliveries.
    pub async fn callback_deliveries(
        &self,
        site: SiteId,
        inbox: InboxId,
        limit: u32,
    ) -> Result<Option<(Endpoint, Vec<Delivery>)>, ChannelError> {
        Ok(self.store.callback_deliveries(site, inbox, limit).await?)
    }

    /// Queues a test delivery to an inbox's callback URL. `NotFound` when the callback is disabled.
    pub async fn test_callback(
        &self,
        site: SiteId,
        inbox: InboxId,
    ) -> Result<Delivery, ChannelError> {
        self.store
            .test_callback(site, inbox, self.now())
            .await?
            .ok_or(ChannelError::not_found("webhook"))
    }

    /// All possible members of an inbox. Members of the site who may answer conversations become
    /// agents here, so that they can be chosen before they have answered anything.
    pub async fn assignable_agents(&self, site: SiteId) -> Result<Vec<Agent>, ChannelError> {
        for member in self
            .members(site)
            .await?
            .into_iter()
            .filter(|member| member.role.answers_conversations())
        {
            match self.agent_of_account(site, member.account.id).await {
                // Existing agents can be chosen even if the site has reached its limit.
                Ok(_) | Err(ChannelError::Store(StoreError::Limit(_))) => {}
                Err(error) => return Err(error),
            }
        }
        self.agents(site).await
    }

    /// Replaces an agent's access token and pubsub token. The former ones no longer work; the new
    /// access token is returned only here.
    pub async fn create_access_token(
        &self,
        site: SiteId,
        agent: AgentId,
    ) -> Result<ChannelToken, ChannelError> {
        let token = ChannelToken::generate(&*self.rng);
        let secrets = AgentSecrets {
            access_token: Some(token.clone()),
            pubsub_token: ChannelToken::generate(&*self.rng),
        };
        if self.store.set_agent_tokens(site, agent, &secrets).await? {
            Ok(token)
        } else {
            Err(ChannelError::not_found("agent"))
        }
    }

    /// Revokes both tokens of an agent: access token and pubsub token.
    pub async fn revoke_tokens(&self, site: SiteId, agent: AgentId) -> Result<(), ChannelError> {
        let secrets =
            AgentSecrets { access_token: None, pubsub_token: ChannelToken::generate(&*self.rng) };
        if self.store.set_agent_tokens(site, agent, &secrets).await? {
            Ok(())
        } else {
            Err(ChannelError::not_found("agent"))
        }
    }
}
