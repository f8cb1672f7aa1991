//! Subscriptions that are being resolved again: what they may receive afterwards is not lost.

use super::{announce, heard, hub, listen, said, session, site};
use belfry_domain::{
    EventSink as _, InboxEvent,
    channel::{ChannelAccess, ContactInboxId, ConversationEvent},
};

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
