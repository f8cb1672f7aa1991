//! Real-time updates of conversations: whose a pubsub token is, and what its holder may do beside listening.

use super::{Inbox, InboxError};
use crate::domain::channel::{ConversationNumber, Rejection, Subscriber};

impl Inbox {
    /// Whom a pubsub token belongs to.
    pub async fn pubsub_subscriber(&self, token: &str) -> Result<Option<Subscriber>, InboxError> {
        let _ = token;
        Ok(None)
    }

    /// A subscriber begins or stops writing in a conversation that they may see.
    pub async fn subscriber_types(
        &self,
        who: &Subscriber,
        number: ConversationNumber,
        is_on: bool,
        is_private: bool,
    ) -> Result<Result<(), Rejection>, InboxError> {
        let _ = (who, number, is_on, is_private);
        Ok(Ok(()))
    }
}
