//! Conversation events. They are queued for callback URLs and account webhooks in the transaction
//! of the change, and published to the event bus after its commit.

pub(super) mod failure;

use crate::{
    Conflict, Result, StoreError,
    db::{Columns, query, query_as},
    sql::{delivery, outbox, write_tx::WriteTx},
};
use belfry_domain::{
    Delivery, InboxEvent, SiteId, Timestamp,
    channel::{
        AgentId, CALLBACK_TEST, ChangedAttribute, ChannelContact, ChannelInbox, ConversationEvent,
        ConversationEventKind, ConversationMessage, ConversationView, EventInbox, InboxId,
        InboxIdentifier, InboxSettings, MessageKind, Performer, SiteNumber, callback_test_body,
    },
};
use serde_json::Value;
use std::sync::Arc;

pub(in crate::sql) const EVENT_CONTEXT: &str =
    "SELECT n.number, site.name, i.name, i.identifier FROM site CROSS JOIN site_counter AS n ON n.site_id = site.id
     LEFT JOIN inbox AS i ON i.id = ?2 AND i.site_id = site.id WHERE site.id = ?1";
/// The callback URL of the inbox and the account webhooks of the site, with the events that they
/// subscribe to.
pub(in crate::sql) const ENDPOINTS: &str = "SELECT number, kind, events FROM webhook_endpoint INDEXED BY webhook_endpoint_inbox
        WHERE inbox_id = ?2 AND deleted = 0 AND enabled = 1 AND site_id = ?1
     UNION ALL SELECT number, kind, events FROM webhook_endpoint INDEXED BY webhook_endpoint_events WHERE site_id = ?1 AND enabled = 1 AND kind = 3";

/// The stored number of the callback endpoint kind.
const CALLBACK_KIND: i64 = belfry_domain::EndpointKind::Callback as i64;

/// An event before it is known who receives it.
pub(super) struct EventDraft {
    pub(super) kind: ConversationEventKind,
    pub(super) message: Option<ConversationMessage>,
    pub(super) changes: Vec<ChangedAttribute>,
    pub(super) echo_id: Option<String>,
    pub(super) private: bool,
    pub(super) mentioned: Vec<AgentId>,
}

impl EventDraft {
    pub(super) fn new(kind: ConversationEventKind) -> Self {
        Self {
            kind,
            message: None,
            changes: Vec::new(),
            echo_id: None,
            private: false,
            mentioned: Vec::new(),
        }
    }

    pub(super) fn with_message(mut self, message: ConversationMessage) -> Self {
        self.message = Some(message);
        self
    }

    pub(super) fn with_changes(mut self, changed: Vec<ChangedAttribute>) -> Self {
        self.changes = changed;
        self
    }
}

pub(super) fn changed_attribute(name: &str, previous: Value, current: Value) -> ChangedAttribute {
    ChangedAttribute { name: name.to_owned(), previous, current }
}

/// The inbox settings that differ, under the names that API clients use.
pub(super) fn changed_settings(
    before: &InboxSettings,
    after: &InboxSettings,
) -> Result<Vec<ChangedAttribute>> {
    let values = |settings: &InboxSettings| -> Result<serde_json::Map<String, Value>> {
        match serde_json::to_value(settings) {
            Ok(Value::Object(values)) => Ok(values),
            _ => Err(StoreError::Inconsistent("invalid settings of an inbox".to_owned())),
        }
    };
    let (before, after) = (values(before)?, values(after)?);
    let differ = after.into_iter().filter(|(name, value)| before.get(name) != Some(value));
    Ok(differ
        .map(|(name, value)| ChangedAttribute {
            previous: before.get(&name).cloned().unwrap_or_default(),
            current: value,
            name,
        })
        .collect())
}

/// The site and inbox that events are emitted for, and the endpoints that receive them.
pub(super) struct Emitter {
    pub(super) site: SiteId,
    account: SiteNumber,
    site_name: String,
    inbox: Option<EventInbox>,
    endpoints: Vec<(i64, i64, i64)>,
    /// Whether the inbox's callback URL receives the event as well.
    pub(super) notifies_callback: bool,
}

impl Emitter {
    pub(super) async fn load(
        tx: &mut WriteTx,
        site: SiteId,
        inbox: Option<InboxId>,
    ) -> Result<Self> {
        let number = inbox.map(|inbox| inbox.0);
        let row = query(EVENT_CONTEXT)
            .bind(site.as_bytes())
            .bind(number)
            .fetch_optional(&mut tx.connection)
            .await?;
        let row = row.ok_or(Conflict::UnknownSite)?;
        let mut columns = Columns::new(&row);
        let (account, site_name) = (SiteNumber(columns.value()?), columns.value()?);
        let (name, identifier): (Option<String>, Option<String>) =
            (columns.value()?, columns.value()?);
        let inbox = inbox.zip(name).zip(identifier).map(|((id, name), identifier)| EventInbox {
            id,
            name,
            identifier: InboxIdentifier::from_stored(identifier),
        });
        let endpoints = query_as(ENDPOINTS)
            .bind(site.as_bytes())
            .bind(number)
            .fetch_all(&mut tx.connection)
            .await?;
        Ok(Self { site, account, site_name, inbox, endpoints, notifies_callback: true })
    }

    /// The endpoints that receive this event.
    fn receivers(&self, event: &ConversationEvent) -> Vec<i64> {
        let silent = !event.kind.is_for_webhooks()
            || event.message.as_ref().is_some_and(|message| message.kind == MessageKind::Activity);
        if silent {
            return Vec::new();
        }
        let hears = |(_, kind, events): &&(i64, i64, i64)| {
            if *kind == CALLBACK_KIND {
                self.notifies_callback && event.kind.is_for_callbacks()
            } else {
                events & event.kind.bit() != 0
            }
        };
        self.endpoints.iter().filter(hears).map(|(number, ..)| *number).collect()
    }

    async fn send(&self, tx: &mut WriteTx, event: ConversationEvent) -> Result<()> {
        self.queue(tx, &self.receivers(&event), &event).await?;
        tx.publish(InboxEvent::Conversation(Arc::new(event)));
        Ok(())
    }

    async fn queue(
        &self,
        tx: &mut WriteTx,
        endpoints: &[i64],
        event: &ConversationEvent,
    ) -> Result<()> {
        if endpoints.is_empty() {
            return Ok(());
        }
        let body = event.encode().map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        let subject = event.subject();
        let id = outbox::event_id(tx).await?;
        for endpoint in endpoints {
            let kind = event.kind.webhook_name();
            outbox::queue(
                tx,
                self.site,
                *endpoint,
                &id,
                kind,
                event.contact_id(),
                subject.as_deref(),
                &body,
                event.at,
            )
            .await?;
        }
        Ok(())
    }

    fn event(
        &self,
        view: Option<&ConversationView>,
        event_draft: EventDraft,
        performer: &Performer,
        at: Timestamp,
    ) -> ConversationEvent {
        let EventDraft { kind, message, changes, echo_id, private, mentioned } = event_draft;
        ConversationEvent {
            kind,
            site: self.site,
            account: self.account,
            site_name: self.site_name.clone(),
            inbox: self.inbox.clone(),
            conversation: view.cloned().map(Box::new),
            message: message.map(Box::new),
            contact: None,
            changed: changes,
            performer: performer.clone(),
            echo_id,
            private,
            mentioned,
            at,
        }
    }

    /// Emits an event of a conversation.
    pub(super) async fn emit(
        &self,
        tx: &mut WriteTx,
        view: &ConversationView,
        event_draft: EventDraft,
        performer: &Performer,
        at: Timestamp,
    ) -> Result<()> {
        let event = self.event(Some(view), event_draft, performer, at);
        self.send(tx, event).await
    }

    /// Sends a message to the callback URL again, and to no other receiver.
    pub(super) async fn redeliver(
        &self,
        tx: &mut WriteTx,
        view: &ConversationView,
        message: ConversationMessage,
        at: Timestamp,
    ) -> Result<()> {
        let event = self.event(
            Some(view),
            EventDraft::new(ConversationEventKind::MessageCreated).with_message(message),
            &Performer::System,
            at,
        );
        let callbacks: Vec<i64> = self
            .endpoints
            .iter()
            .filter(|(_, kind, _)| *kind == CALLBACK_KIND)
            .map(|(number, ..)| *number)
            .collect();
        self.queue(tx, &callbacks, &event).await
    }
}

/// Queues a test delivery to the inbox's callback URL. A failed delivery of this type does not mark
/// a message as failed.
pub(super) async fn test(
    tx: &mut WriteTx,
    site: SiteId,
    inbox: InboxId,
    now: Timestamp,
) -> Result<Option<Delivery>> {
    let emitter = Emitter::load(tx, site, Some(inbox)).await?;
    let callback = emitter
        .endpoints
        .iter()
        .find(|(_, kind, _)| *kind == CALLBACK_KIND)
        .map(|(number, ..)| *number);
    let Some((endpoint, inbox)) = callback.zip(emitter.inbox) else { return Ok(None) };
    if outbox::excess(tx, endpoint).await? >= 0 {
        return Ok(None);
    }
    let id = outbox::event_id(tx).await?;
    let body = callback_test_body(&id, (emitter.account, &emitter.site_name), &inbox);
    let number =
        outbox::queue(tx, site, endpoint, &id, CALLBACK_TEST, None, None, &body, now).await?;
    delivery::one(&mut tx.connection, site, endpoint, number).await
}

/// Emits that a contact was created, updated, merged or deleted.
pub(super) async fn of_contact(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ChannelContact,
    kind: ConversationEventKind,
    changed: Vec<ChangedAttribute>,
    performer: Performer,
    at: Timestamp,
) -> Result<()> {
    let emitter = Emitter::load(tx, site, None).await?;
    let event = emitter.event(None, EventDraft::new(kind).with_changes(changed), &performer, at);
    emitter.send(tx, ConversationEvent { contact: Some(Box::new(contact)), ..event }).await
}

/// Emits that an inbox was created or updated.
pub(super) async fn of_inbox(
    tx: &mut WriteTx,
    inbox: &ChannelInbox,
    kind: ConversationEventKind,
    changed: Vec<ChangedAttribute>,
    at: Timestamp,
) -> Result<()> {
    let emitter = Emitter::load(tx, inbox.site, Some(inbox.id)).await?;
    let event =
        emitter.event(None, EventDraft::new(kind).with_changes(changed), &Performer::System, at);
    emitter.send(tx, event).await
}
