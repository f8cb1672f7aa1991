//! Presence: who of a site is online. In memory, for a minute after the last heartbeat.
//!
//! No timer runs: expired entries are removed at the next heartbeat or query. Since all entries
//! have the same lifetime, they expire in the order in which they were added. Must not depend on
//! how presence is sent.

use belfry_domain::{
    ContactId, PresentSubscriber,
    channel::{AgentId, Availability},
};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::Duration,
};
use tokio::time::Instant;

/// How long a subscriber is online after a heartbeat. Clients send one every 20 or 30 seconds.
pub(super) const PRESENCE_TTL: Duration = Duration::from_mins(1);
/// Heartbeats within this time after the last one are ignored.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(5);
/// Contacts that are named to an agent.
const MAX_LISTED_CONTACTS: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Agent(AgentId),
    Contact(ContactId),
}

/// Who is online on one site.
#[derive(Debug, Default)]
pub(super) struct Presence {
    agents: HashMap<AgentId, (Instant, Availability)>,
    contacts: HashMap<ContactId, Instant>,
    /// In the order of expiry. A subscriber that sent several heartbeats occurs several times; the
    /// last one counts.
    expiries: VecDeque<(Instant, Who)>,
}

impl Presence {
    /// Marks a subscriber as online. Returns `false` if that was known shortly before.
    pub(super) fn mark(&mut self, subscriber: PresentSubscriber, now: Instant) -> bool {
        let known = |presence: &Self| match subscriber {
            PresentSubscriber::Agent(agent, _) => presence.agents.get(&agent).copied(),
            PresentSubscriber::Contact(contact) => {
                presence.contacts.get(&contact).map(|end| (*end, Availability::Online))
            }
        };
        let before = known(self);
        match subscriber {
            PresentSubscriber::Agent(agent, availability) => {
                self.mark_agent(agent, availability, now);
            }
            PresentSubscriber::Contact(contact) => self.mark_contact(contact, now),
        }
        known(self) != before
    }

    /// Marks an agent as online, with the availability that the agent set.
    pub(super) fn mark_agent(&mut self, agent: AgentId, availability: Availability, now: Instant) {
        let end = self.record(Who::Agent(agent), now);
        self.agents.insert(agent, (end, availability));
    }

    /// Marks a contact as online.
    pub(super) fn mark_contact(&mut self, contact: ContactId, now: Instant) {
        let end = self.record(Who::Contact(contact), now);
        self.contacts.insert(contact, end);
    }

    fn record(&mut self, who: Who, now: Instant) -> Instant {
        self.expire(now);
        let end = now + PRESENCE_TTL;
        // Bounds the queue when a client sends heartbeats continuously.
        if let Some(noted) = self.expiry_of(who).filter(|noted| *noted + MIN_REFRESH_INTERVAL > end)
        {
            return noted;
        }
        self.expiries.push_back((end, who));
        end
    }

    fn expiry_of(&self, who: Who) -> Option<Instant> {
        match who {
            Who::Agent(agent) => self.agents.get(&agent).map(|(end, _)| *end),
            Who::Contact(contact) => self.contacts.get(&contact).copied(),
        }
    }

    /// Removes expired entries.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some((end, who)) = self.expiries.front().copied().filter(|(end, _)| *end <= now) {
            self.expiries.pop_front();
            if self.expiry_of(who) == Some(end) {
                match who {
                    Who::Agent(agent) => drop(self.agents.remove(&agent)),
                    Who::Contact(contact) => drop(self.contacts.remove(&contact)),
                }
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.expiries.is_empty()
    }

    pub(super) fn availability(&self, agent: AgentId, now: Instant) -> Availability {
        self.agents
            .get(&agent)
            .filter(|(end, _)| *end > now)
            .map_or(Availability::Offline, |(_, availability)| *availability)
    }

    pub(super) fn has_contact(&self, contact: ContactId, now: Instant) -> bool {
        self.contacts.get(&contact).is_some_and(|end| *end > now)
    }

    /// The agents who are online.
    pub(super) fn agents(&self) -> BTreeMap<AgentId, Availability> {
        self.agents.iter().map(|(agent, (_, availability))| (*agent, *availability)).collect()
    }

    /// The contacts who are online: those with the latest heartbeats, up to
    /// [`MAX_LISTED_CONTACTS`].
    pub(super) fn contacts(&self) -> Vec<ContactId> {
        let latest = self.expiries.iter().rev().filter_map(|(end, who)| match who {
            Who::Contact(contact) if self.contacts.get(contact) == Some(end) => Some(*contact),
            _ => None,
        });
        let mut contacts: Vec<ContactId> = latest.take(MAX_LISTED_CONTACTS).collect();
        contacts.sort_unstable();
        contacts.dedup();
        contacts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn presence_lasts_a_minute_after_the_last_heartbeat() {
        let (mut presence, began) = (Presence::default(), Instant::now());
        let (agent, contact) = (AgentId(1), ContactId(7));
        presence.mark_agent(agent, Availability::Busy, began);
        presence.mark_contact(contact, began);
        presence.mark_contact(contact, began + 30 * SECOND);
        let at = |presence: &Presence, seconds| {
            let now = began + seconds * SECOND;
            (presence.availability(agent, now), presence.has_contact(contact, now))
        };
        assert_eq!(at(&presence, 59), (Availability::Busy, true));
        assert_eq!(at(&presence, 60), (Availability::Offline, true));
        assert_eq!(at(&presence, 90), (Availability::Offline, false));
        presence.expire(began + 60 * SECOND);
        assert_eq!((presence.agents(), presence.contacts()), (BTreeMap::new(), vec![contact]));
        presence.expire(began + 90 * SECOND);
        assert!(presence.is_empty() && presence.contacts().is_empty());
    }

    #[test]
    fn agents_see_a_bounded_number_of_contacts() {
        let (mut presence, began) = (Presence::default(), Instant::now());
        for number in 0..1_500_u32 {
            presence
                .mark_contact(ContactId(number.into()), began + number * Duration::from_millis(1));
        }
        // Too soon after the first heartbeat to count.
        presence.mark_contact(ContactId(0), began + 2 * SECOND);
        let contacts = presence.contacts();
        assert_eq!(contacts.len(), MAX_LISTED_CONTACTS);
        assert_eq!((contacts[0], contacts[1]), (ContactId(500), ContactId(501)));
    }

    #[test]
    fn repeated_marks_are_no_news() {
        let (mut presence, began) = (Presence::default(), Instant::now());
        let agent = |availability| PresentSubscriber::Agent(AgentId(1), availability);
        let contact = PresentSubscriber::Contact(ContactId(1));
        let mut mark = |subscriber, seconds| presence.mark(subscriber, began + seconds * SECOND);
        assert!(mark(agent(Availability::Online), 0) && mark(contact, 0));
        assert!(!mark(agent(Availability::Online), 4) && !mark(contact, 4));
        assert!(mark(agent(Availability::Busy), 4), "another availability");
        assert!(mark(agent(Availability::Busy), 6) && mark(contact, 6));
    }

    #[test]
    fn frequent_heartbeats_are_ignored() {
        let (mut presence, began) = (Presence::default(), Instant::now());
        for step in 0..1_200_u32 {
            presence.mark_contact(ContactId(1), began + step * Duration::from_millis(50));
            presence.mark_agent(
                AgentId(1),
                Availability::Online,
                began + step * Duration::from_millis(50),
            );
        }
        assert!(presence.expiries.len() <= 26, "{}", presence.expiries.len());
        assert!(presence.has_contact(ContactId(1), began + 114 * SECOND));
    }
}
