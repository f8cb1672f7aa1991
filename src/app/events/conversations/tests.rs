//! Which subscriptions receive which events.

mod recheck;
mod viewers;

use super::*;
use belfry_domain::channel::fixtures::{agent, event, message, view};
use belfry_domain::channel::{
    ChannelAccess, ContactInboxId, ConversationEvent, ConversationEventKind as Kind,
    ConversationMessage, ConversationNumber, EventInbox, InboxId, InboxIdentifier, MessageKind,
    Performer, Sender, SessionClaim, SiteNumber, VisibleInboxes,
};
use futures_util::FutureExt as _;

fn site() -> SiteId {
    SiteId::from_bytes([1; 16])
}

fn other_site() -> SiteId {
    SiteId::from_bytes([2; 16])
}

fn hub() -> Arc<ConversationHub> {
    ConversationHub::new("https://belfry.example".parse().unwrap())
}

fn session(number: i64, contact: i64, is_verified: bool) -> Recipient {
    let (contact, session) = (ContactId(contact), ContactInboxId(number));
    Recipient::Session {
        site: site(),
        account: SiteNumber(1),
        contact,
        session,
        inbox: InboxId(1),
        is_verified,
    }
}

fn agent_who_sees(number: i64, inboxes: VisibleInboxes) -> Recipient {
    Recipient::Agent {
        site: site(),
        account: SiteNumber(1),
        agent: AgentId(number),
        availability: Availability::Online,
        inboxes,
        viewing: None,
    }
}

/// A connection with one subscription.
fn listen(
    hub: &Arc<ConversationHub>,
    recipient: Recipient,
) -> (HubConnection, ConversationSubscription) {
    let hub_connection = hub.connect().unwrap();
    let membership = hub_connection.subscribe(0, recipient).unwrap();
    (hub_connection, membership)
}

/// The names of the queued events, or `look again`.
fn heard(hub_connection: &mut HubConnection) -> Vec<String> {
    let mut heard = Vec::new();
    while let Some(HubConnectionEvent::Delivery(delivery)) = hub_connection.next().now_or_never() {
        heard.push(match delivery.message {
            Message::Event(shared, audience) => {
                name(&hub_connection.encoded(&shared, audience).unwrap())
            }
            Message::Encoded(written) => name(&written),
            Message::Recheck => "look again".to_owned(),
            Message::ViewerJoined(viewer) => format!("{} joined", viewer.name),
            Message::ViewerLeft(viewer) => format!("{} left", viewer.name),
        });
    }
    heard
}

fn name(written: &[u8]) -> String {
    serde_json::from_slice::<serde_json::Value>(written).unwrap()["event"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn announce(hub: &ConversationHub, event: ConversationEvent) {
    hub.publish(InboxEvent::Conversation(Arc::new(event)));
}

fn said(private: bool) -> ConversationEvent {
    let said =
        ConversationMessage { private, ..message(MessageKind::Outgoing, Sender::Agent(agent())) };
    event(Kind::MessageCreated, view(), Some(said), Performer::Agent(Box::new(agent())))
}

#[tokio::test]
async fn event_reaches_its_session_and_agents() {
    let hub = hub();
    // The conversation belongs to contact 7, session 3 and inbox 1.
    let mut listeners: Vec<(HubConnection, ConversationSubscription)> = [
        session(3, 7, false),
        session(4, 7, false),
        session(3, 8, false),
        agent_who_sees(1, VisibleInboxes::All),
        agent_who_sees(2, VisibleInboxes::Some(vec![InboxId(1)])),
        agent_who_sees(3, VisibleInboxes::Some(vec![InboxId(2)])),
    ]
    .into_iter()
    .map(|recipient| listen(&hub, recipient))
    .collect();
    let elsewhere = Recipient::Session {
        site: other_site(),
        account: SiteNumber(2),
        contact: ContactId(7),
        session: ContactInboxId(3),
        inbox: InboxId(1),
        is_verified: true,
    };
    listeners.push(listen(&hub, elsewhere));
    let mut hear =
        || -> Vec<usize> { listeners.iter_mut().map(|(line, _)| heard(line).len()).collect() };
    announce(&hub, said(false));
    assert_eq!(hear(), [1, 0, 0, 1, 1, 0, 0]);
    announce(&hub, said(true));
    assert_eq!(hear(), [0, 0, 0, 1, 1, 0, 0], "private notes are for agents");
    announce(&hub, event(Kind::AssigneeChanged, view(), None, Performer::System));
    assert_eq!(hear(), [0, 0, 0, 1, 1, 0, 0]);
    announce(&hub, event(Kind::InboxUpdated, view(), None, Performer::System));
    assert_eq!(hear(), [0; 7], "it is not published");
    let about_contact = ConversationEvent {
        inbox: None,
        ..event(Kind::ContactUpdated, view(), None, Performer::System)
    };
    announce(&hub, about_contact);
    assert_eq!(hear(), [0, 0, 0, 1, 1, 1, 0], "all agents see the contacts");
}

#[tokio::test]
async fn verified_sessions_of_a_contact_share_events() {
    let hub = hub();
    let (mut proven, _proven) = listen(&hub, session(4, 7, true));
    let (mut unproven, _unproven) = listen(&hub, session(5, 7, false));
    // Verified with the token of another inbox, which another party may know.
    let Recipient::Session { site, account, contact, session: number, is_verified, .. } =
        session(8, 7, true)
    else {
        panic!("it is a session")
    };
    let (mut elsewhere, _elsewhere) = listen(
        &hub,
        Recipient::Session {
            site,
            account,
            contact,
            session: number,
            inbox: InboxId(2),
            is_verified,
        },
    );
    announce(&hub, said(false));
    assert!(heard(&mut proven).is_empty(), "the session of the conversation is not verified");
    let mut of_proven = said(false);
    of_proven.conversation.as_mut().unwrap().session.hmac_verified = true;
    announce(&hub, of_proven.clone());
    assert_eq!(
        (heard(&mut proven), heard(&mut unproven)),
        (vec!["message.created".to_owned()], Vec::new())
    );
    assert!(heard(&mut elsewhere).is_empty());
    // Verified meanwhile.
    let membership = proven.subscribe(1, session(6, 7, false)).unwrap();
    assert!(membership.update(session(6, 7, true)) && !membership.update(session(6, 8, true)));
    announce(&hub, of_proven);
    assert_eq!(heard(&mut proven).len(), 2);
}

#[tokio::test]
async fn typing_is_not_sent_to_its_author() {
    let hub = hub();
    let (mut contact, _contact) = listen(&hub, session(3, 7, false));
    let (mut typer, _typer) = listen(&hub, agent_who_sees(1, VisibleInboxes::All));
    let (mut colleague, _colleague) = listen(&hub, agent_who_sees(2, VisibleInboxes::All));
    let mut hear = |performer: Performer, private: bool| -> [usize; 3] {
        announce(
            &hub,
            ConversationEvent { private, ..event(Kind::TypingOn, view(), None, performer) },
        );
        [&mut contact, &mut typer, &mut colleague].map(|line| heard(line).len())
    };
    assert_eq!(hear(Performer::Contact, false), [0, 1, 1]);
    assert_eq!(hear(Performer::Agent(Box::new(agent())), false), [1, 0, 1]);
    assert_eq!(
        hear(Performer::Agent(Box::new(agent())), true),
        [0, 0, 1],
        "private notes are hidden from the contact"
    );
}

#[tokio::test]
async fn event_is_encoded_once_per_view() {
    let hub = hub();
    let (mut agent, _agent) = listen(&hub, agent_who_sees(1, VisibleInboxes::All));
    let (mut colleague, _colleague) = listen(&hub, agent_who_sees(2, VisibleInboxes::All));
    let (mut contact, _contact) = listen(&hub, session(3, 7, false));
    let (mut tab, _tab) = listen(&hub, session(3, 7, false));
    let mut heard = |event: ConversationEvent| {
        announce(&hub, event);
        [&mut agent, &mut colleague, &mut contact, &mut tab].map(|line| {
            match line.next().now_or_never() {
                Some(HubConnectionEvent::Delivery(Delivery {
                    message: Message::Event(shared, audience),
                    ..
                })) => line.encoded(&shared, audience).unwrap(),
                other => panic!("{other:?}"),
            }
        })
    };
    let written = heard(said(false));
    assert!(
        written.iter().all(|bytes| bytes.as_ptr() == written[0].as_ptr()),
        "the session was created by the site"
    );
    assert_eq!(name(&written[0]), "message.created");
    // A session without proof sees only the fields that it set itself.
    let incoming = message(MessageKind::Incoming, Sender::Contact);
    let mut claimed = event(Kind::MessageCreated, view(), Some(incoming), Performer::Contact);
    claimed.conversation.as_mut().unwrap().session.claim =
        Some(SessionClaim { name: Some("Me".into()), ..SessionClaim::default() });
    let written = heard(claimed.clone());
    assert!(
        written[0].as_ptr() == written[1].as_ptr() && written[2].as_ptr() == written[3].as_ptr()
    );
    assert_ne!(written[0], written[2]);
    claimed.conversation.as_mut().unwrap().session.hmac_verified = true;
    let written = heard(claimed);
    assert!(
        written.iter().all(|bytes| bytes.as_ptr() == written[0].as_ptr()),
        "both sessions are verified"
    );
}

#[tokio::test]
async fn presence_is_sent_to_same_token_and_site() {
    let hub = hub();
    let (mut ann, ann_place) = listen(&hub, session(3, 7, false));
    let (mut tab, _tab) = listen(&hub, session(3, 7, false));
    let (mut other, _other) = listen(&hub, session(4, 7, false));
    let (mut agent, agent_place) = listen(&hub, agent_who_sees(1, VisibleInboxes::All));
    ann_place.mark_present();
    assert_eq!(
        [&mut ann, &mut tab, &mut other, &mut agent].map(|line| heard(line).len()),
        [1, 1, 0, 0]
    );
    agent_place.mark_present();
    let Some(HubConnectionEvent::Delivery(Delivery { message: Message::Encoded(told), .. })) =
        agent.next().now_or_never()
    else {
        panic!("nothing is published")
    };
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let data = serde_json::json!({ "account_id": 1, "users": { "1": "online" }, "contacts": { "7": "online" } });
    assert_eq!(told, serde_json::json!({ "event": "presence.update", "data": data }));
    assert_eq!(hub.agent(site(), AgentId(1)), Availability::Online);
    assert!(hub.contact(site(), ContactId(7)) && !hub.contact(other_site(), ContactId(7)));
}

/// How many events are queued for a connection before it is aborted.
fn backlog(event: &ConversationEvent) -> usize {
    let hub = hub();
    let (mut slow, place) = listen(&hub, session(3, 7, false));
    let (mut quick, _quick) = listen(&hub, agent_who_sees(1, VisibleInboxes::All));
    assert!(slow.aborted().now_or_never().is_none());
    let mut count = 0;
    while slow.aborted().now_or_never().is_none() {
        announce(&hub, event.clone());
        assert_eq!(heard(&mut quick).len(), 1, "other connections are not delayed");
        count += 1;
        assert!(count < 10_000, "the queue has no bound");
    }
    assert!(matches!(slow.next().now_or_never(), Some(HubConnectionEvent::TooSlow)));
    drop((slow, place));
    announce(&hub, event.clone());
    assert_eq!(heard(&mut quick).len(), 1);
    count - 1
}

#[tokio::test]
async fn slow_connection_is_aborted() {
    assert_eq!(backlog(&said(false)), 510, "of the size of short events");
    let mut long = said(false);
    long.message.as_mut().unwrap().content = Some("x".repeat(150_000));
    assert_eq!(backlog(&long), 6);
    long.message.as_mut().unwrap().content = Some("x".repeat(1_500_000));
    assert_eq!(backlog(&long), 1, "one event may exceed the byte limit");
}

#[tokio::test]
async fn fast_connection_is_never_aborted() {
    let hub = hub();
    let (mut line, _place) = listen(&hub, session(3, 7, false));
    for _ in 0..600 {
        announce(&hub, said(false));
        assert_eq!(heard(&mut line).len(), 1);
    }
}

#[tokio::test]
async fn subscriptions_of_a_token_are_bounded() {
    let hub = hub();
    let hub_connection = hub.connect().unwrap();
    let mut places: Vec<ConversationSubscription> = (0..)
        .map_while(|number| {
            hub_connection.subscribe(number, session(3, 7, false)).filter(|_| number < 1_000)
        })
        .collect();
    assert_eq!(places.len(), 100);
    assert!(
        hub_connection.subscribe(0, session(3, 8, false)).is_some(),
        "another contact has its own limit"
    );
    places.pop();
    assert!(hub_connection.subscribe(0, session(3, 7, false)).is_some());
}

#[tokio::test]
async fn heartbeats_run_and_idle_sites_are_removed() {
    let hub = Arc::new(ConversationHub {
        heartbeat_interval: Duration::from_millis(16),
        ..ConversationHub::unshared("https://belfry.example".parse().unwrap())
    });
    let beating = tokio::spawn({
        let hub = Arc::clone(&hub);
        async move { hub.send_heartbeats().await }
    });
    let (mut line, place) = listen(&hub, session(3, 7, false));
    place.mark_present();
    assert_eq!(heard(&mut line), ["presence.update"]);
    for _ in 0..3 {
        assert!(matches!(line.next().await, HubConnectionEvent::Heartbeat));
    }
    drop(place);
    hub.sweep(Instant::now());
    assert_eq!(hub.sites.read().unwrap().len(), 1, "presence lasts a minute");
    hub.sweep(Instant::now() + Duration::from_mins(1));
    assert_eq!(hub.sites.read().unwrap().len(), 0);
    drop(line);
    assert_eq!(hub.connection_count(), 0);
    beating.abort();
}

#[tokio::test]
async fn closing_ends_connections_and_rejects_new_ones() {
    let hub = hub();
    let (mut waiting, _place) = listen(&hub, session(3, 7, false));
    let mut busy = hub.connect().unwrap();
    hub.close();
    assert!(matches!(waiting.next().await, HubConnectionEvent::Closing));
    // A connection in the middle of a message gets a short time to finish.
    assert!(busy.aborted().now_or_never().is_none());
    assert!(hub.connect().is_none());
}

#[tokio::test]
async fn agents_receive_events_of_visible_inboxes() {
    let hub = hub();
    let (mut member, _member) =
        listen(&hub, agent_who_sees(1, VisibleInboxes::Some(vec![InboxId(2)])));
    let inbox = EventInbox {
        id: InboxId(2),
        name: "Other".into(),
        identifier: InboxIdentifier::from_stored("other".into()),
    };
    announce(
        &hub,
        ConversationEvent {
            inbox: Some(inbox),
            ..event(Kind::ConversationCreated, view(), None, Performer::System)
        },
    );
    assert_eq!(heard(&mut member), ["conversation.created"]);
}

fn viewer(number: i64, conversation: i64) -> Recipient {
    let name = format!("agent {number}").into();
    match agent_who_sees(number, VisibleInboxes::All) {
        Recipient::Agent { site, account, agent, availability, inboxes, .. } => {
            let viewing = Some(Viewing { conversation: ConversationNumber(conversation), name });
            Recipient::Agent { site, account, agent, availability, inboxes, viewing }
        }
        other @ Recipient::Session { .. } => other,
    }
}

#[tokio::test]
async fn list_item_is_encoded_once() {
    let hub = hub();
    let (mut first, _one) = listen(&hub, agent_who_sees(1, VisibleInboxes::All));
    let (mut second, _two) = listen(&hub, agent_who_sees(2, VisibleInboxes::All));
    announce(&hub, said(false));
    let listed = |line: &mut HubConnection, is_watched| match line.next().now_or_never() {
        Some(HubConnectionEvent::Delivery(Delivery {
            message: Message::Event(shared, _), ..
        })) => line.list_item(&shared, is_watched).unwrap(),
        other => panic!("{other:?}"),
    };
    let (one, two) = (listed(&mut first, false), listed(&mut second, false));
    assert_eq!(one.as_ptr(), two.as_ptr());
    announce(&hub, said(false));
    let json = |bytes: &[u8]| {
        serde_json::from_slice::<serde_json::Value>(bytes).unwrap()["watched"].clone()
    };
    assert_eq!((json(&one), json(&listed(&mut first, true))), (false.into(), true.into()));
}
