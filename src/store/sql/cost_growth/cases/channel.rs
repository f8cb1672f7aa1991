//! Cases: conversations of one contact of the measured site, in its own inbox, next to one for each
//! other contact.

mod contacts;
mod inboxes;
mod lists;
mod messages;

use super::super::scenario::{Scenario, days, expect};
use crate::contract::channel::SITE;
use belfry_domain::channel::{AgentId, ConversationMessageId, ConversationNumber, InboxId};
use contacts::contacts;
use inboxes::people;
use lists::lists;
use messages::talk;

/// The objects that the cases work on.
struct Fixture {
    inbox: InboxId,
    agent: AgentId,
    number: ConversationNumber,
    message: ConversationMessageId,
}

pub async fn run(s: &Scenario) {
    let (inbox, agent) = people(s).await;
    let editor = contacts(s, inbox, agent).await;
    lists(s, &editor).await;
    talk(s, &editor).await;
    leave(s, &editor).await;
}

async fn leave(s: &Scenario, editor: &Fixture) {
    let (store, site) = (&s.world.store, s.site);
    let view = store.conversation(site, SITE, editor.number).await.unwrap().unwrap();
    expect(
        s.measure(
            "erase_channel_contact",
            store.erase_channel_contact(site, view.contact.id(), days(1)),
        )
        .await,
        true,
    );
    expect(s.measure("sweep_channel", store.sweep_channel(days(1))).await > 0, true);
    expect(s.measure("delete_inbox", store.delete_inbox(site, editor.inbox, days(1))).await, true);
    expect(s.measure("sweep_channel: an inbox", store.sweep_channel(days(1))).await > 0, true);
}
