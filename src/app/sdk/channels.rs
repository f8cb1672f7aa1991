//! Channels on which agents start conversations.

use crate::{App, channel::ChannelError};
use belfry_domain::{
    Timestamp,
    channel::{AgentId, ChannelInbox, ConversationId, ConversationView, Rejection},
    sdk::{InitiateableChannel, NewInitiatedConversation, SdkSession},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Conversations that an agent may start per minute.
const STARTS_PER_MINUTE: u32 = 30;

/// Why no conversation was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The agent sees no such channel.
    #[error("there is no such channel")]
    UnknownChannel,
    /// The address is not valid for the channel.
    #[error("this is no address that the channel reaches")]
    InvalidAddress,
    /// Agents cannot start conversations on this channel.
    #[error("conversations can't begin on this channel")]
    NotInitiateable,
    /// The agent exceeded the rate limit.
    #[error("too many conversations were begun; wait a moment")]
    RateLimited,
    /// As with any other use case for conversations.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

impl StartError {
    /// The stable error code for programs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownChannel => "unknown_channel",
            Self::InvalidAddress => "invalid_address",
            Self::NotInitiateable => "not_initiateable",
            Self::RateLimited => "rate_limited",
            Self::Channel(_) => "failed",
        }
    }
}

/// Conversations that each agent started in the current minute.
#[derive(Clone, Default)]
pub(crate) struct StartLimiter(Arc<Mutex<(i64, HashMap<AgentId, u32>)>>);

impl StartLimiter {
    /// Counts one more; `false` beyond the limit.
    fn try_start(&self, agent: AgentId, now: Timestamp) -> bool {
        let minute = now.millis().div_euclid(60_000);
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if starts.0 != minute {
            *starts = (minute, HashMap::new());
        }
        let count = starts.1.entry(agent).or_default();
        *count = count.saturating_add(1);
        *count <= STARTS_PER_MINUTE
    }
}

impl App {
    /// The channels on which the agent can start conversations.
    pub async fn initiateable_channels(
        &self,
        who: &SdkSession,
    ) -> Result<Vec<InitiateableChannel>, ChannelError> {
        if who.window.is_some() {
            return Ok(Vec::new());
        }
        let inboxes = self.channel_inboxes(&who.caller).await?;
        let channel = |inbox: ChannelInbox| {
            let kind = inbox.settings.initiate?.kind;
            Some(InitiateableChannel { id: inbox.uuid, kind, name: inbox.settings.name })
        };
        Ok(inboxes.into_iter().filter_map(channel).collect())
    }

    /// Starts a conversation with the contact of this address, or returns the existing unresolved
    /// one.
    pub async fn start_conversation(
        &self,
        who: &SdkSession,
        channel: &str,
        address: &str,
    ) -> Result<ConversationView, StartError> {
        let caller = &who.caller;
        if who.window.is_some() {
            return Err(StartError::UnknownChannel);
        }
        if !self.start_limiter.try_start(caller.agent.id, self.now()) {
            return Err(StartError::RateLimited);
        }
        let inboxes = self.channel_inboxes(caller).await?;
        let inbox = inboxes
            .into_iter()
            .find(|inbox| inbox.uuid.to_string().eq_ignore_ascii_case(channel))
            .ok_or(StartError::UnknownChannel)?;
        let initiate = inbox.settings.initiate.ok_or(StartError::NotInitiateable)?;
        let address = initiate.address(address).ok_or(StartError::InvalidAddress)?;
        let new = NewInitiatedConversation {
            inbox: inbox.id,
            address,
            uuid: ConversationId::generate(&*self.rng),
            session: self.new_session(None),
        };
        let outcome = self
            .store
            .start_conversation(caller.site, caller.access, &new, &caller.agent, self.now())
            .await
            .map_err(ChannelError::from)?;
        match outcome {
            Ok(created) => Ok(created.view),
            Err(Rejection::NotFound("inbox")) => Err(StartError::UnknownChannel),
            Err(rejection) => Err(ChannelError::from(rejection).into()),
        }
    }
}
