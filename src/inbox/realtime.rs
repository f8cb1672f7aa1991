//! Real-time updates of conversations: whose a pubsub token is, and what its holder may do beside listening.

use super::{Inbox, InboxError};
use crate::domain::{
    Digest,
    channel::{AgentRole, ConversationAccess, ConversationNumber, Performer, Rejection, Subscriber},
};

impl Inbox {
    /// Whom a pubsub token belongs to.
    pub async fn pubsub_subscriber(&self, token: &str) -> Result<Option<Subscriber>, InboxError> {
        Ok(self.store.subscriber(&Digest::of(token)).await?)
    }

    /// A subscriber begins or stops writing in a conversation that they may see.
    pub async fn subscriber_types(
        &self,
        who: &Subscriber,
        number: ConversationNumber,
        is_on: bool,
        is_private: bool,
    ) -> Result<Result<(), Rejection>, InboxError> {
        let (site, access, performer, is_private) = match who {
            // Contacts write no notes.
            Subscriber::Session { site, session, .. } => (*site, ConversationAccess::Session(session.id), Performer::Contact, false),
            Subscriber::Agent { site, agent, .. } => {
                let access = match agent.role {
                    AgentRole::Administrator => ConversationAccess::Site,
                    AgentRole::Agent => ConversationAccess::Agent(agent.id),
                };
                (*site, access, Performer::Agent(agent.clone()), is_private)
            }
        };
        Ok(self.store.announce_typing(site, access, number, (is_on, is_private), &performer, self.now()).await?)
    }
}
