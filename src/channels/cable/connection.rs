//! One connection: reads commands, holds subscriptions, and forwards the hub's events to the
//! client.

use super::{
    CableState,
    protocol::{self, Action, Command, Identity},
};
use crate::sockets::{self, CommandBudget, ConnectionSlot, SendError};
use belfry_app::{
    AppError,
    events::{
        ConversationPush, ConversationRecipient, ConversationSubscription, Delivery, HubConnection,
        HubConnectionEvent,
    },
};
use belfry_domain::{
    SiteId,
    channel::{ConversationNumber, PubsubOwner},
};
use belfry_runtime::fair_scheduler;
use belfry_web::upgrade::Socket;
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{
    Error as SocketError, Message, protocol::frame::coding::CloseCode,
};

/// Maximum subscriptions of one connection.
const MAX_SUBSCRIPTIONS: usize = 20;
/// How long to wait for the client's close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a connection ends.
enum CloseReason {
    /// The client disconnected, or reads nothing.
    ClientGone,
    /// The client is sent the reason, and whether to reconnect.
    Disconnect { reason: &'static str, reconnect: bool },
    /// The client sent a frame beyond the limit.
    FrameTooLong,
}

impl From<SendError> for CloseReason {
    fn from(lost: SendError) -> Self {
        match lost {
            SendError::ClientGone => Self::ClientGone,
            SendError::FrameTooLong => Self::FrameTooLong,
        }
    }
}

struct Subscription {
    number: u32,
    identifier: Box<str>,
    in_hub: ConversationSubscription,
}

/// A client and its subscriptions.
pub(super) struct Connection {
    socket: Socket,
    hub: HubConnection,
    state: Arc<CableState>,
    client: ConnectionSlot,
    subscriptions: Vec<Subscription>,
    next_number: u32,
    budget: CommandBudget,
}

impl Connection {
    pub(super) fn new(
        socket: Socket,
        hub: HubConnection,
        state: Arc<CableState>,
        client: ConnectionSlot,
    ) -> Self {
        let budget = CommandBudget::new(state.commands, Instant::now());
        Self { socket, hub, state, client, subscriptions: Vec::new(), next_number: 0, budget }
    }

    /// Serves the client until either side ends the connection. Boxed, with the rare steps, because
    /// thousands of connections are idle.
    pub(super) async fn run(mut self: Box<Self>) {
        let Err(end) = self.serve().await;
        self.subscriptions.clear();
        let _ = timeout(CLOSE_TIMEOUT, Box::pin(self.send_close(end))).await;
    }

    async fn serve(&mut self) -> Result<std::convert::Infallible, CloseReason> {
        self.send_text(protocol::WELCOME).await?;
        loop {
            let ready_at = self.budget.ready_at();
            let is_ready = ready_at <= Instant::now();
            tokio::select! {
                // Events that happened before a command are sent before its response.
                biased;
                event = self.hub.next() => match event {
                    HubConnectionEvent::Delivery(delivery) => self.deliver(delivery).await?,
                    HubConnectionEvent::Heartbeat => self.send_text(&protocol::ping(self.state.app.now().millis().div_euclid(1_000))).await?,
                    HubConnectionEvent::Closing => return Err(CloseReason::Disconnect { reason: "server_restart", reconnect: true }),
                    HubConnectionEvent::TooSlow => return Err(CloseReason::ClientGone),
                },
                message = self.socket.next(), if is_ready => match message {
                    // The library answers control frames.
                    Some(Ok(message)) => {
                        self.budget.spend(Instant::now());
                        if let Message::Text(text) = message {
                            Box::pin(self.handle_frame(&text)).await?;
                        }
                    }
                    Some(Err(error)) => return Err(SendError::from(error).into()),
                    None => return Err(CloseReason::ClientGone),
                },
                () = sleep_until(ready_at), if !is_ready => {}
            }
        }
    }

    async fn handle_frame(&mut self, text: &str) -> Result<(), CloseReason> {
        match Command::parse(text) {
            Ok(Command::Subscribe { identifier }) => self.subscribe(identifier).await,
            Ok(Command::Unsubscribe { identifier }) => {
                self.subscriptions.retain(|subscription| *subscription.identifier != *identifier);
                Ok(())
            }
            Ok(Command::Perform { identifier, action }) => self.perform(&identifier, action).await,
            Err(reason) => {
                tracing::debug!(%reason, "ignoring an invalid frame of a client");
                Ok(())
            }
        }
    }

    async fn subscribe(&mut self, identifier: String) -> Result<(), CloseReason> {
        if self.subscriptions.iter().any(|subscription| *subscription.identifier == *identifier) {
            return Ok(());
        }
        let owner = match Identity::parse(&identifier)
            .filter(|_| self.subscriptions.len() < MAX_SUBSCRIPTIONS)
        {
            Some(identity) => Self::authenticate(&self.state, &identity).await?,
            None => None,
        };
        let number = self.next_number;
        let joined = owner.and_then(|who| {
            self.hub.subscribe(number, who.clone().into()).map(|membership| (who, membership))
        });
        let Some((who, in_hub)) = joined else {
            self.send_text(&protocol::rejected(&identifier)).await?;
            let is_known = self.state.rejections.check(&self.client.prefix).is_err();
            return if is_known {
                Err(CloseReason::Disconnect { reason: "unauthorized", reconnect: false })
            } else {
                Ok(())
            };
        };
        self.next_number = self.next_number.wrapping_add(1);
        // Later events are queued until this is sent.
        self.send_text(&protocol::confirmed(&identifier)).await?;
        in_hub.mark_present();
        fair_scheduler::set_current_site(site_of(&who));
        self.subscriptions.push(Subscription { number, identifier: identifier.into(), in_hub });
        Ok(())
    }

    /// Authenticates a subscription: a contact's session by its token alone, an agent by id,
    /// account and token.
    async fn authenticate(
        parts: &CableState,
        identity: &Identity,
    ) -> Result<Option<PubsubOwner>, CloseReason> {
        let owner =
            parts.app.pubsub_subscriber(&identity.token).await.map_err(|error| failed(&error))?;
        Ok(owner.filter(|owner| match (owner, identity.user) {
            (PubsubOwner::Session { .. }, None) => true,
            (PubsubOwner::Agent { account, agent, .. }, Some(user)) => {
                agent.id.0 == user && identity.account == Some(account.0)
            }
            _ => false,
        }))
    }

    async fn perform(&mut self, identifier: &str, action: Action) -> Result<(), CloseReason> {
        let Some(subscription) =
            self.subscriptions.iter().find(|subscription| *subscription.identifier == *identifier)
        else {
            return Ok(());
        };
        match action {
            Action::UpdatePresence => subscription.in_hub.mark_present(),
            Action::Typing { conversation, is_on, is_private } => {
                let Some(identity) = Identity::parse(identifier) else { return Ok(()) };
                let Some(who) = Self::authenticate(&self.state, &identity).await? else {
                    return Ok(());
                };
                let number = ConversationNumber(conversation);
                // The response never reveals whether the conversation exists.
                let typed =
                    self.state.app.publish_subscriber_typing(&who, number, is_on, is_private).await;
                drop(typed.map_err(|error| failed(&error))?);
            }
        }
        Ok(())
    }

    async fn deliver(&mut self, delivery: Delivery) -> Result<(), CloseReason> {
        let place = self
            .subscriptions
            .iter()
            .position(|subscription| subscription.number == delivery.subscription);
        let Some((place, subscription)) =
            place.and_then(|place| Some((place, self.subscriptions.get(place)?)))
        else {
            return Ok(());
        };
        match delivery.message {
            ConversationPush::Event(shared, audience) => {
                let before = protocol::message_prefix(&subscription.identifier);
                if let Some(message) = self.hub.encoded(&shared, audience) {
                    self.send_message(before, message).await?;
                }
            }
            ConversationPush::Encoded(message) => {
                self.send_message(protocol::message_prefix(&subscription.identifier), message)
                    .await?;
            }
            ConversationPush::Recheck => Box::pin(self.recheck(place)).await?,
            ConversationPush::ViewerJoined(_) | ConversationPush::ViewerLeft(_) => {}
        }
        Ok(())
    }

    /// Reloads a subscription. An invalid one ends the connection, because clients ignore a late
    /// rejection.
    async fn recheck(&mut self, place: usize) -> Result<(), CloseReason> {
        let Some(subscription) = self.subscriptions.get(place) else { return Ok(()) };
        let over = CloseReason::Disconnect { reason: "unauthorized", reconnect: false };
        let Some(identity) = Identity::parse(&subscription.identifier) else { return Err(over) };
        let Some(who) = Self::authenticate(&self.state, &identity).await? else { return Err(over) };
        let Some(subscription) = self.subscriptions.get_mut(place) else { return Ok(()) };
        let recipient = ConversationRecipient::from(who);
        if !subscription.in_hub.update(recipient.clone()) {
            subscription.in_hub = self.hub.subscribe(subscription.number, recipient).ok_or(over)?;
        }
        Ok(())
    }

    async fn send_message(&mut self, before: String, message: Bytes) -> Result<(), CloseReason> {
        // The hub's serialized events are valid UTF-8.
        Ok(sockets::send_parts(
            &mut self.socket,
            &mut self.hub,
            before,
            message,
            protocol::MESSAGE_SUFFIX,
        )
        .await?)
    }

    async fn send_text(&mut self, text: &str) -> Result<(), CloseReason> {
        Ok(sockets::send_text(&mut self.socket, &mut self.hub, text.to_owned()).await?)
    }

    async fn send_close(&mut self, end: CloseReason) -> Result<(), SocketError> {
        let code = match end {
            CloseReason::ClientGone => return Ok(()),
            CloseReason::FrameTooLong => CloseCode::Size,
            CloseReason::Disconnect { reason, reconnect } => {
                self.socket.send(Message::text(protocol::disconnect(reason, reconnect))).await?;
                if reconnect { CloseCode::Restart } else { CloseCode::Policy }
            }
        };
        sockets::close(&mut self.socket, code).await
    }
}

fn site_of(who: &PubsubOwner) -> SiteId {
    match who {
        PubsubOwner::Agent { site, .. } | PubsubOwner::Session { site, .. } => *site,
    }
}

/// A store failure ends the connection; the client reconnects.
fn failed(error: &AppError) -> CloseReason {
    tracing::error!(%error, "a conversation subscription could not be loaded");
    CloseReason::Disconnect { reason: "remote", reconnect: true }
}
