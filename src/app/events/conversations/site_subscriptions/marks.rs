//! Marks subscribers of a site as online. Must not depend on how other processes learn of it.

use super::{Message, Recipient, SiteSubscriptions, SubscriberKey};
use belfry_content::wire::push;
use belfry_domain::PresentSubscriber;
use bytes::Bytes;
use tokio::time::Instant;

impl Recipient {
    fn subscriber(&self) -> PresentSubscriber {
        match self {
            Self::Agent { agent, availability, .. } => {
                PresentSubscriber::Agent(*agent, *availability)
            }
            Self::Session { contact, .. } => PresentSubscriber::Contact(*contact),
        }
    }
}

impl SiteSubscriptions {
    fn recipient(&self, key: SubscriberKey, number: u64) -> Option<&Recipient> {
        let places = self.entries.get(&key)?;
        places.iter().find(|place| place.number == number).map(|place| &place.recipient)
    }

    /// Marks a subscriber as online; all subscriptions with the same token receive the presence of
    /// the site. Returns the subscriber, unless it was marked shortly before.
    pub(in crate::events::conversations) fn mark_present(
        &mut self,
        key: SubscriberKey,
        number: u64,
    ) -> Option<PresentSubscriber> {
        let recipient = self.recipient(key, number)?.clone();
        let (Recipient::Agent { account, .. } | Recipient::Session { account, .. }) = &recipient;
        let subscriber = recipient.subscriber();
        let is_news = self.presence.mark(subscriber, Instant::now());
        let contacts =
            matches!(subscriber, PresentSubscriber::Agent(..)).then(|| self.presence.contacts());
        let message =
            Bytes::from(push::presence(*account, &self.presence.agents(), contacts.as_deref()));
        self.retain_entries(key, |place| {
            !place.recipient.has_same_token(&recipient)
                || place.send(Message::Encoded(message.clone()))
        });
        is_news.then_some(subscriber)
    }

    /// Marks an agent as online without notifying anybody. Returns the agent, unless it was marked
    /// shortly before.
    pub(in crate::events::conversations) fn keep_present(
        &mut self,
        key: SubscriberKey,
        number: u64,
    ) -> Option<PresentSubscriber> {
        let subscriber = self.recipient(key, number)?.subscriber();
        if matches!(subscriber, PresentSubscriber::Contact(_)) {
            return None;
        }
        self.presence.mark(subscriber, Instant::now()).then_some(subscriber)
    }

    /// Marks a subscriber of another process as online.
    pub(in crate::events::conversations) fn note_present(&mut self, subscriber: PresentSubscriber) {
        self.presence.mark(subscriber, Instant::now());
    }
}
