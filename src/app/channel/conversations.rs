//! Conversations as agents and their programs see and change them.

use super::{ChannelError, contacts::performer, content};
use crate::App;
use belfry_domain::{
    ContactId, Timestamp,
    channel::{
        Agent, AgentId, AssigneeFilter, ConversationChange, ConversationCounts, ConversationId,
        ConversationList, ConversationNumber, ConversationQuery, ConversationStatus,
        ConversationView, CreatedConversation, InboxId, NewConversation, NewMessage, Priority,
        SignedInAgent, SourceId, normalize_labels,
    },
};
use serde_json::{Map, Value};

/// The fields of a new conversation.
#[derive(Debug, Default)]
pub struct ConversationDraft {
    /// The inbox.
    pub inbox: Option<InboxId>,
    /// The contact.
    pub contact: Option<ContactId>,
    /// The session.
    pub source_id: Option<SourceId>,
    /// The status.
    pub status: Option<ConversationStatus>,
    /// When a snoozed conversation reopens.
    pub snoozed_until: Option<Timestamp>,
    /// The priority.
    pub priority: Option<Priority>,
    /// The assigned agent.
    pub assignee: Option<AgentId>,
    /// Attributes defined by the site.
    pub custom_attributes: Map<String, Value>,
    /// Attributes set by clients.
    pub additional_attributes: Map<String, Value>,
    /// The first message.
    pub message: Option<NewMessage>,
}

/// Filters of a list of conversations.
#[derive(Debug, Default)]
pub struct ConversationFilter {
    /// By status.
    pub status: Option<ConversationStatus>,
    /// By assignee.
    pub assignee: AssigneeFilter,
    /// By inbox.
    pub inbox: Option<InboxId>,
    /// Having any of these labels.
    pub labels: Vec<String>,
    /// Containing these words.
    pub text: Option<String>,
    /// Page number, from 1.
    pub page: u32,
}

impl App {
    /// Creates a conversation, optionally with its first message.
    pub async fn create_conversation(
        &self,
        caller: &SignedInAgent,
        draft: ConversationDraft,
    ) -> Result<CreatedConversation, ChannelError> {
        let new = NewConversation {
            uuid: ConversationId::generate(&*self.rng),
            inbox: draft.inbox,
            contact: draft.contact,
            source_id: draft.source_id,
            session: self.new_session(None),
            status: draft.status,
            snoozed_until: draft.snoozed_until,
            priority: draft.priority,
            assignee: draft.assignee,
            custom_attributes: draft.custom_attributes,
            additional_attributes: draft.additional_attributes,
            message: draft.message,
        };
        if let Some(message) = &new.message {
            content::check(message)?;
        }
        Ok(self
            .store
            .create_conversation(caller.site, caller.access, &new, &performer(caller), self.now())
            .await??)
    }

    /// A page of the conversations that the agent sees, with the counts.
    pub async fn conversations(
        &self,
        caller: &SignedInAgent,
        filter: ConversationFilter,
    ) -> Result<ConversationList, ChannelError> {
        Ok(self.store.conversations(caller.site, &query(caller, filter)?).await?)
    }

    /// The counts only.
    pub async fn conversation_counts(
        &self,
        caller: &SignedInAgent,
        filter: ConversationFilter,
    ) -> Result<ConversationCounts, ChannelError> {
        Ok(self.store.conversation_counts(caller.site, &query(caller, filter)?).await?)
    }

    /// One conversation.
    pub async fn conversation(
        &self,
        caller: &SignedInAgent,
        number: ConversationNumber,
    ) -> Result<ConversationView, ChannelError> {
        Ok(self.store.conversation(caller.site, caller.access, number).await??)
    }

    /// Changes a conversation.
    pub async fn update_conversation(
        &self,
        caller: &SignedInAgent,
        number: ConversationNumber,
        mut change: ConversationChange,
    ) -> Result<ConversationView, ChannelError> {
        change.labels = change.labels.map(|labels| normalize_labels(&labels)).transpose()?;
        let (access, performer) = (caller.access, performer(caller));
        Ok(self
            .store
            .update_conversation(caller.site, access, number, &change, &performer, self.now())
            .await??)
    }

    /// Changes the assignee and returns it; `None` when the conversation is unassigned.
    pub async fn assign(
        &self,
        caller: &SignedInAgent,
        number: ConversationNumber,
        assignee: Option<AgentId>,
    ) -> Result<Option<Agent>, ChannelError> {
        let change =
            ConversationChange { assignee: Some(assignee), ..ConversationChange::default() };
        Ok(self.update_conversation(caller, number, change).await?.assignee)
    }

    /// Marks a conversation as seen by the agent.
    pub async fn mark_seen_by_agent(
        &self,
        caller: &SignedInAgent,
        number: ConversationNumber,
    ) -> Result<ConversationView, ChannelError> {
        Ok(self
            .store
            .mark_seen_by_agent(caller.site, caller.access, number, caller.agent.id, self.now())
            .await??)
    }

    /// Publishes that the agent started or stopped typing, also of a private note.
    pub async fn publish_typing(
        &self,
        caller: &SignedInAgent,
        number: ConversationNumber,
        is_on: bool,
        is_private: bool,
    ) -> Result<(), ChannelError> {
        let (access, performer) = (caller.access, performer(caller));
        Ok(self
            .store
            .publish_typing(
                caller.site,
                access,
                number,
                (is_on, is_private),
                &performer,
                self.now(),
            )
            .await??)
    }
}

fn query(
    caller: &SignedInAgent,
    filter: ConversationFilter,
) -> Result<ConversationQuery, ChannelError> {
    let ConversationFilter { status, assignee, inbox, labels, text, page } = filter;
    Ok(ConversationQuery {
        access: caller.access,
        me: Some(caller.agent.id),
        status,
        assignee,
        inbox,
        labels: normalize_labels(&labels)?,
        text,
        page,
    })
}
