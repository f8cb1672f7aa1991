//! What owners of a site set of its inboxes: all inboxes of the site, with their secrets, members and deliveries.
//!
//! Must not know of pages. The console calls it, which has asked for the role.

use super::ChannelError;
use crate::{
    domain::{
        Delivery, Endpoint, SiteId,
        channel::{Agent, AgentId, AgentSecrets, ChannelInbox, ChannelToken, ConversationAccess, InboxId, InboxSecrets},
    },
    inbox::Inbox,
    store::StoreError,
};

impl Inbox {
    /// All inboxes of a site, by number.
    pub async fn inboxes_of_site(&self, site: SiteId) -> Result<Vec<ChannelInbox>, ChannelError> {
        Ok(self.store.channel_inboxes(site, ConversationAccess::Site).await?)
    }

    /// One inbox of a site.
    pub async fn inbox_of_site(&self, site: SiteId, inbox: InboxId) -> Result<ChannelInbox, ChannelError> {
        Ok(self.store.channel_inbox(site, ConversationAccess::Site, inbox).await??)
    }

    /// What must stay with the site.
    pub async fn inbox_secrets(&self, site: SiteId, inbox: InboxId) -> Result<InboxSecrets, ChannelError> {
        self.store.inbox_secrets(site, inbox).await?.ok_or(ChannelError::not_found("inbox"))
    }

    /// The members of an inbox of a site.
    pub async fn members_of_inbox(&self, site: SiteId, inbox: InboxId) -> Result<Vec<Agent>, ChannelError> {
        Ok(self.store.inbox_members(site, inbox).await??)
    }

    /// Where an inbox's callback URL stands, with its newest deliveries.
    pub async fn callback_deliveries(&self, site: SiteId, inbox: InboxId, limit: u32) -> Result<Option<(Endpoint, Vec<Delivery>)>, ChannelError> {
        Ok(self.store.callback_deliveries(site, inbox, limit).await?)
    }

    /// Sends an inbox's callback URL something to see whether it works. A webhook that is not found is one that nothing more is sent to now.
    pub async fn test_callback(&self, site: SiteId, inbox: InboxId) -> Result<Delivery, ChannelError> {
        self.store.test_callback(site, inbox, self.now()).await?.ok_or(ChannelError::not_found("webhook"))
    }

    /// All who can be made members of an inbox: members of the site who answer conversations become agents here, so that they can be chosen
    /// before they have answered anything.
    pub async fn agents_to_choose(&self, site: SiteId) -> Result<Vec<Agent>, ChannelError> {
        for member in self.members(site).await?.into_iter().filter(|member| member.role.answers_conversations()) {
            match self.agent_of_account(site, member.account.id).await {
                // Those who are agents can be chosen, whether or not there may be more.
                Ok(_) | Err(ChannelError::Store(StoreError::Limit(_))) => {}
                Err(error) => return Err(error),
            }
        }
        self.agents(site).await
    }

    /// Gives an agent another access token, and another one for real-time updates. The former ones no longer work; this one is shown here and never
    /// again.
    pub async fn create_access_token(&self, site: SiteId, agent: AgentId) -> Result<ChannelToken, ChannelError> {
        let token = ChannelToken::generate(&*self.entropy);
        let secrets = AgentSecrets { access_token: Some(token.clone()), pubsub_token: ChannelToken::generate(&*self.entropy) };
        if self.store.set_agent_tokens(site, agent, &secrets).await? { Ok(token) } else { Err(ChannelError::not_found("agent")) }
    }

    /// Ends both tokens of an agent: the access token, and the one for real-time updates.
    pub async fn revoke_tokens(&self, site: SiteId, agent: AgentId) -> Result<(), ChannelError> {
        let secrets = AgentSecrets { access_token: None, pubsub_token: ChannelToken::generate(&*self.entropy) };
        if self.store.set_agent_tokens(site, agent, &secrets).await? { Ok(()) } else { Err(ChannelError::not_found("agent")) }
    }
}
