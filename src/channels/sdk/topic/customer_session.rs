//! The customer of a topic: identity, creation of the session, and subscription to the hub.
//!
//! The session is created with the first stored object. Until then there is nothing to subscribe
//! to. Another topic, socket or request with the same token may create it, which a shared flag
//! reports. Must not depend on what the topics do.

mod page_visit;
#[cfg(test)]
mod tests;

pub(in crate::sdk) use page_visit::PageVisit;

use super::{TopicContext, TopicEnded, TopicError};
use crate::limits::RetryAfter;
use belfry_app::{
    channel::{ChannelError, Customer, SessionError},
    events::{ConversationRecipient, ConversationSubscription},
};
use belfry_domain::{
    EmailAddress, PhoneNumber, SiteId, ValidationError,
    channel::{
        ChannelContact, ContactFields, ContactSession, InboxWithSecrets, Rejection, split_name,
    },
};
use belfry_locales::phrases::errors;
use belfry_runtime::fair_scheduler;
use serde_json::{Map, Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Ticks between two presence signals. A tick is three seconds, and presence lasts a minute.
const TICKS_PER_PRESENCE: u32 = 7;
/// Ticks between two looks for a session that another process may have created.
const HEARTBEATS_PER_SESSION_CHECK: u32 = 4;

/// A customer on a topic.
pub(super) struct CustomerSession {
    pub inbox: InboxWithSecrets,
    customer: Customer,
    session_flag: Option<Arc<AtomicBool>>,
    subscription: Option<ConversationSubscription>,
    heartbeats: u32,
}

impl CustomerSession {
    /// Identifies the joining customer: by their token, as the socket's customer, or as a new one.
    pub(super) async fn identify(
        to: &mut TopicContext<'_>,
        bot: &str,
        params: &Value,
    ) -> Result<Self, TopicError> {
        let inbox = open_inbox(to, bot).await?;
        let (token, user_id) = (text(params, "delegate_token"), text(params, "user_id"));
        let token = match token {
            Some(token) => Some(token),
            // A user id other than that of the socket's customer means a separate customer.
            None => match &to.connect.visit.customer {
                Some((uuid, token)) if *uuid == inbox.inbox.uuid => {
                    let known = to
                        .state
                        .app
                        .existing_customer(&inbox, token.reveal())
                        .await
                        .map_err(session_rejection)?;
                    let is_same = |known: &Customer| {
                        user_id.as_ref().is_none_or(|user_id| *user_id == known.user_id())
                    };
                    known.filter(is_same).map(|known| known.token().reveal().to_owned())
                }
                _ => None,
            },
        };
        let customer = to
            .state
            .app
            .identify_customer(&inbox, token.as_deref(), user_id.as_deref())
            .await
            .map_err(session_rejection)?;
        if let Some(view) = customer.session() {
            to.state.customers.limiter.check_session(view.session.id)?;
        }
        to.connect.visit.customer = Some((inbox.inbox.uuid, customer.token().clone()));
        let mut guest =
            Self { inbox, customer, session_flag: None, subscription: None, heartbeats: 0 };
        match guest.customer.session() {
            Some(_) => guest.subscribe(to)?,
            None => {
                guest.session_flag =
                    Some(to.state.customers.session_flags.flag(guest.customer.token()));
            }
        }
        Ok(guest)
    }

    pub(super) fn site(&self) -> SiteId {
        self.inbox.inbox.site
    }

    pub(super) fn token(&self) -> &str {
        self.customer.token().reveal()
    }

    pub(super) fn user_id(&self) -> String {
        self.customer.user_id()
    }

    /// The session; `None` while nothing is stored.
    pub(super) fn session(&self) -> Option<&ContactSession> {
        self.customer.session().map(|view| &view.session)
    }

    /// The part of the contact that the session may see.
    pub(super) fn visible_contact(&self) -> Option<ChannelContact> {
        self.customer.visible_contact()
    }

    /// Loads a session that was created elsewhere; `true` if there is one since the last call.
    pub(super) async fn refresh(&mut self, to: &mut TopicContext<'_>) -> Result<bool, TopicError> {
        let Some(flag) = &self.session_flag else { return Ok(false) };
        // Another process does not set the flag.
        let may_be_elsewhere = to.state.app.shares_database()
            && self.heartbeats.is_multiple_of(HEARTBEATS_PER_SESSION_CHECK);
        if !flag.load(Ordering::Acquire) && !may_be_elsewhere {
            return Ok(false);
        }
        self.load_customer(to).await?;
        Ok(self.subscription.is_some())
    }

    /// Returns the session; creates it, with these fields, if there is none.
    pub(super) async fn ensure_session(
        &mut self,
        to: &mut TopicContext<'_>,
        fields: Option<ContactFields>,
    ) -> Result<ContactSession, TopicError> {
        if self.session().is_none() {
            self.load_customer(to).await?;
        }
        if let Some(session) = self.session() {
            return Ok(session.clone());
        }
        to.state.customers.limiter.check_new_session(to.prefix, self.inbox.inbox.id)?;
        let noted = || to.connect.visit.info.as_ref().and_then(|info| user_fields(info, None).ok());
        let fields = fields.or_else(noted).unwrap_or_default();
        let view = to
            .state
            .app
            .ensure_customer_session(self.inbox.inbox.uuid, &mut self.customer, fields)
            .await
            .map_err(session_rejection)?;
        self.session_flag = None;
        // Subscribed before the first message is stored.
        self.subscribe(to)?;
        to.state.customers.session_flags.set(self.customer.token());
        Ok(view.session)
    }

    /// Changes the customer's contact.
    pub(super) async fn update_contact(
        &mut self,
        to: &mut TopicContext<'_>,
        info: &Map<String, Value>,
    ) -> Result<(), TopicError> {
        let fields = user_fields(info, self.visible_contact().as_ref()).map_err(invalid_field)?;
        let was_new = self.session().is_none();
        let session = self.ensure_session(to, Some(fields.clone())).await?;
        if was_new && self.customer.session().is_some_and(|view| view.created) {
            return Ok(());
        }
        to.state.customers.limiter.check_session(session.id)?;
        to.state
            .app
            .update_customer(self.site(), &session, &fields)
            .await
            .map_err(session_rejection)?;
        self.load_customer(to).await
    }

    /// Called every few seconds; signals presence.
    pub(super) fn on_heartbeat(&mut self) {
        self.heartbeats = self.heartbeats.wrapping_add(1);
        if let Some(membership) = self
            .subscription
            .as_ref()
            .filter(|_| self.heartbeats.is_multiple_of(TICKS_PER_PRESENCE))
        {
            membership.mark_present();
        }
    }

    /// Reloads the customer, whose permissions may have changed.
    pub(super) async fn reload(&mut self, to: &mut TopicContext<'_>) -> Result<(), TopicEnded> {
        self.load_customer(to).await.map_err(TopicEnded)
    }

    async fn load_customer(&mut self, to: &mut TopicContext<'_>) -> Result<(), TopicError> {
        let uuid = self.inbox.inbox.uuid.to_string();
        self.inbox = to.state.app.inbox_of_uuid(&uuid).await.map_err(session_rejection)?;
        let known = to
            .state
            .app
            .existing_customer(&self.inbox, self.customer.token().reveal())
            .await
            .map_err(session_rejection)?;
        // The token of a deleted session still proves that it was issued here; but the session's
        // data is deleted.
        let known = known.filter(|known| known.session().is_some() || self.session().is_none());
        self.customer = known.ok_or(TopicError::NOT_FOUND)?;
        if self.customer.session().is_some() {
            self.session_flag = None;
            self.subscribe(to)?;
        }
        Ok(())
    }

    /// Subscribes to the hub, or updates the subscription.
    fn subscribe(&mut self, to: &TopicContext<'_>) -> Result<(), TopicError> {
        let Some(view) = self.customer.session() else { return Ok(()) };
        let (inbox, session) = (&self.inbox.inbox, &view.session);
        let recipient = ConversationRecipient::Session {
            site: inbox.site,
            account: inbox.account,
            contact: session.contact,
            session: session.id,
            inbox: session.inbox,
            is_verified: session.hmac_verified,
        };
        if self.subscription.as_ref().is_some_and(|membership| membership.update(recipient.clone()))
        {
            return Ok(());
        }
        let membership = to.subscribe(recipient).ok_or(TopicError::RATE_LIMITED)?;
        membership.mark_present();
        self.subscription = Some(membership);
        Ok(())
    }
}

/// Finds the inbox of a topic.
pub(super) async fn open_inbox(
    to: &TopicContext<'_>,
    bot: &str,
) -> Result<InboxWithSecrets, TopicError> {
    to.state.customers.limiter.check_address(to.prefix)?;
    let open = to.state.app.inbox_of_uuid(bot).await.map_err(session_rejection)?;
    fair_scheduler::set_current_site(open.inbox.site);
    to.state.customers.limiter.check_inbox(open.inbox.id)?;
    Ok(open)
}

/// The user id of the socket's customer in this inbox; `None` before they joined a topic of it.
pub(super) async fn user_of(
    to: &TopicContext<'_>,
    open: &InboxWithSecrets,
) -> Result<Option<String>, TopicError> {
    let Some((_, token)) =
        to.connect.visit.customer.as_ref().filter(|(uuid, _)| *uuid == open.inbox.uuid)
    else {
        return Ok(None);
    };
    let known =
        to.state.app.existing_customer(open, token.reveal()).await.map_err(session_rejection)?;
    Ok(known.map(|known| known.user_id()))
}

/// A string, number or boolean as text; blank counts as absent.
pub(super) fn text(payload: &Value, name: &str) -> Option<String> {
    crate::params::scalar(payload.get(name)?).filter(|text| !text.trim().is_empty())
}

/// Maps a client's user info to a contact's fields: name, e-mail address, phone number and picture;
/// other members become custom attributes. The client's own members (`tags`, `frontend`) are
/// dropped. `seen` is the present contact: it has one name, while user info has a first and a last
/// name.
pub(in crate::sdk) fn user_fields(
    info: &Map<String, Value>,
    seen: Option<&ChannelContact>,
) -> Result<ContactFields, ValidationError> {
    let mut fields = ContactFields::default();
    let mut custom = info.clone();
    let mut take = |name: &str| match custom.remove(name) {
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(text)) => {
            Ok(Some(Some(text.trim().to_owned()).filter(|text| !text.is_empty())))
        }
        Some(_) => Err(ValidationError::new(name, errors::TEXT)),
        None => Ok(None),
    };
    let (whole, first, last) = (take("name")?, take("first_name")?, take("last_name")?);
    let known = whole.clone().unwrap_or_else(|| seen.map(ChannelContact::name));
    if whole.is_some() || first.is_some() || last.is_some() {
        let (known_first, known_last) = known.as_deref().map(split_name).unwrap_or_default();
        let parts = [first.unwrap_or(known_first), last.unwrap_or(known_last)];
        let name = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        fields.name = Some(Some(name).filter(|name| !name.is_empty()));
    }
    let email = |email: String| {
        EmailAddress::parse(&email).map_err(|invalid| ValidationError::new("email", invalid.reason))
    };
    let phone = |phone: String| {
        PhoneNumber::parse(&phone).map_err(|invalid| ValidationError::new("phone", invalid.reason))
    };
    fields.email = take("email")?.map(|value| value.map(email).transpose()).transpose()?;
    fields.phone_number = take("phone")?.map(|value| value.map(phone).transpose()).transpose()?;
    fields.avatar_url = take("profile_picture")?;
    for own in ["tags", "frontend", "user_id"] {
        custom.remove(own);
    }
    fields.custom_attributes = custom;
    fields.validate().map_err(|invalid| {
        if invalid.field == "avatar_url" {
            ValidationError::new("profile_picture", invalid.reason)
        } else {
            invalid
        }
    })
}

/// Maps an error of a customer's push or join. What they may not see is not found.
pub(super) fn session_rejection(error: SessionError) -> TopicError {
    match error {
        SessionError::InvalidHash => TopicError::new("unauthorized"),
        SessionError::SurveyClosed => TopicError::invalid_field("submitted_values"),
        SessionError::Channel(ChannelError::Rejected(rejection)) => match rejection {
            Rejection::NotFound(_) | Rejection::Forbidden => TopicError::NOT_FOUND,
            Rejection::TooManyMessages => TopicError::new("too_many_messages"),
            Rejection::SourceIdTaken => TopicError::new("unauthorized"),
            Rejection::Taken("phone_number") => TopicError::invalid_field("phone"),
            Rejection::Taken(field) => TopicError::invalid_field(field),
            Rejection::Invalid(invalid) => invalid_field(invalid),
        },
        SessionError::Channel(error) => {
            tracing::error!(%error, "a customer's push failed");
            TopicError::FAILED
        }
    }
}

pub(super) fn invalid_field(invalid: ValidationError) -> TopicError {
    let ValidationError { field, .. } = invalid;
    if field.is_empty() {
        TopicError::new("bad_request")
    } else {
        TopicError { field: Some(field.into()), ..TopicError::new("bad_request") }
    }
}

impl From<RetryAfter> for TopicError {
    fn from(_: RetryAfter) -> Self {
        Self::RATE_LIMITED
    }
}

/// The customer's identity, as sent to the client.
pub(super) fn identity(guest: &CustomerSession) -> Map<String, Value> {
    let identity = json!({ "delegate_token": guest.token(), "user_id": guest.user_id() });
    identity.as_object().cloned().unwrap_or_default()
}
