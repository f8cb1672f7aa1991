//! Subscriptions that are resolved again: which they are, and that nothing they may receive then is lost.

use super::*;

const MESSAGE: &str = "message.created";
const RECHECK: &str = "look again";

fn of_verified_session() -> ConversationEvent {
    let mut event = said(false);
    event.conversation.as_mut().unwrap().session.hmac_verified = true;
    event
}

fn verified() -> InboxEvent {
    let access = ChannelAccess::Session(ContactInboxId(5));
    InboxEvent::ChannelAccessChanged { site: site(), access }
}

#[test]
fn event_before_the_new_access_is_known_is_received_with_it() {
    let hub = hub();
    let (mut connection, subscription) = listen(&hub, session(5, 7, false));
    announce(&hub, of_verified_session());
    hub.publish(verified());
    announce(&hub, of_verified_session());
    hub.publish(verified());
    assert_eq!(heard(&mut connection), [RECHECK, RECHECK]);
    // The first answer may be from before the second change.
    assert!(subscription.update(session(5, 7, false)));
    assert!(heard(&mut connection).is_empty());
    announce(&hub, of_verified_session());
    assert!(subscription.update(session(5, 7, true)));
    assert_eq!(heard(&mut connection), [MESSAGE, MESSAGE]);
    announce(&hub, of_verified_session());
    assert_eq!(heard(&mut connection), [MESSAGE]);
}

#[test]
fn event_is_not_received_without_access() {
    let hub = hub();
    let (mut connection, subscription) = listen(&hub, session(5, 7, false));
    hub.publish(verified());
    announce(&hub, of_verified_session());
    assert!(subscription.update(session(5, 7, false)));
    // Nothing is held any more.
    announce(&hub, of_verified_session());
    assert!(subscription.update(session(5, 7, true)));
    assert_eq!(heard(&mut connection), [RECHECK]);
}

#[test]
fn held_events_are_bounded() {
    let hub = hub();
    let (mut connection, subscription) = listen(&hub, session(5, 7, false));
    hub.publish(verified());
    for _ in 0..1_000 {
        announce(&hub, of_verified_session());
    }
    assert!(subscription.update(session(5, 7, true)));
    assert_eq!(heard(&mut connection).len(), 1 + 64);
}

#[tokio::test]
async fn changed_access_revalidates_subscriptions() {
    let hub = hub();
    let mut listeners: Vec<(HubConnection, ConversationSubscription)> = [
        session(3, 7, false),
        session(4, 8, false),
        agent_who_sees(1, VisibleInboxes::All),
        agent_who_sees(2, VisibleInboxes::All),
    ]
    .into_iter()
    .map(|recipient| listen(&hub, recipient))
    .collect();
    let mut concerned = |change: InboxEvent| -> Vec<usize> {
        hub.publish(change);
        listeners.iter_mut().map(|(line, _)| heard(line).len()).collect()
    };
    let access = |access| InboxEvent::ChannelAccessChanged { site: site(), access };
    assert_eq!(concerned(access(ChannelAccess::Agents)), [0, 0, 1, 1]);
    assert_eq!(concerned(access(ChannelAccess::Agent(AgentId(2)))), [0, 0, 0, 1]);
    assert_eq!(concerned(access(ChannelAccess::Session(ContactInboxId(4)))), [0, 1, 0, 0]);
    assert_eq!(concerned(access(ChannelAccess::Contact(ContactId(7)))), [1, 0, 0, 0]);
    assert_eq!(concerned(access(ChannelAccess::Inbox(InboxId(1)))), [1, 1, 1, 1]);
    assert_eq!(concerned(access(ChannelAccess::Inbox(InboxId(2)))), [0, 0, 1, 1]);
    assert_eq!(
        concerned(InboxEvent::ExternalWrite { site: site() }),
        [0, 0, 1, 1],
        "an external write may have changed anything"
    );
    assert_eq!(
        concerned(InboxEvent::ChannelAccessChanged {
            site: other_site(),
            access: ChannelAccess::Agents
        }),
        [0; 4]
    );
}
