//! Real-time updates of conversations: resolving pubsub tokens, and typing notifications.

use super::{App, AppError};
use belfry_domain::{
    Digest,
    channel::{
        AgentRole, ConversationAccess, ConversationNumber, Performer, PubsubOwner, Rejection,
    },
};

impl App {
    /// The subscriber of a pubsub token.
    pub async fn pubsub_subscriber(&self, token: &str) -> Result<Option<PubsubOwner>, AppError> {
        Ok(self.store.subscriber(&Digest::of(token)).await?)
    }

    /// Publishes that a subscriber started or stopped typing in a conversation that it sees.
    pub async fn publish_subscriber_typing(
        &self,
        who: &PubsubOwner,
        number: ConversationNumber,
        is_on: bool,
        is_private: bool,
    ) -> Result<Result<(), Rejection>, AppError> {
        let (site, access, performer, is_private) = match who {
            // Contacts cannot write private notes.
            PubsubOwner::Session { site, session, .. } => {
                (*site, ConversationAccess::Session(session.id), Performer::Contact, false)
            }
            PubsubOwner::Agent { site, agent, .. } => {
                let access = match agent.role {
                    AgentRole::Administrator => ConversationAccess::Site,
                    AgentRole::Agent => ConversationAccess::Agent(agent.id),
                };
                (*site, access, Performer::Agent(agent.clone()), is_private)
            }
        };
        Ok(self
            .store
            .publish_typing(site, access, number, (is_on, is_private), &performer, self.now())
            .await?)
    }
}
