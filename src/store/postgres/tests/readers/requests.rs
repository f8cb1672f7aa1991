//! The requests of one reader of a large site among small ones, as the verbs send them to the server.

use crate::{
    Result,
    contract::{
        channel::{agent, conversation, inbox, new_session},
        postgres::Database,
        segments,
        test_store::{NOW, TestStore, after, contact_draft},
    },
    postgres::testing::{Recorded, Recording, TestDatabase},
};
use belfry_domain::{
    ApiKey, ContactId, ContactLookup, Digest, KeyId, MessageAudience, MessageId, NewContactToken,
    NewWidgetSession, Position, ReaderAction, ReaderFilter, ReaderPageRequest, SegmentId, SiteId,
    channel::{
        AgentRole, ConversationAccess, InboxSettings, MessageKind, NewConversation, NewMessage,
        Performer,
    },
};
use std::future::Future;

/// A request with the statements that it ran.
pub(super) struct Request {
    /// Empty for what prepares the next request.
    pub(super) name: &'static str,
    pub(super) statements: Vec<Recorded>,
}

/// Runs requests on a recorded database.
struct Recorder {
    recording: Recording,
    requests: Vec<Request>,
}

impl Recorder {
    fn end(&mut self, name: &'static str) {
        self.requests.push(Request { name, statements: self.recording.take() });
    }

    async fn run<T>(&mut self, name: &'static str, request: impl Future<Output = Result<T>>) -> T {
        self.end("");
        let output = request.await.unwrap_or_else(|error| panic!("{name}: {error}"));
        self.end(name);
        output
    }
}

/// Runs the requests of a reader of this site. Their statements have to be run in this order on a copy
/// of the database, with those that prepare a request.
pub(super) async fn requests(database: TestDatabase, site: SiteId) -> Vec<Request> {
    let mut recorder = Recorder { recording: database.record(), requests: Vec::new() };
    let world = TestStore::new(Database::of(database)).await;
    let mut draft = contact_draft(Some("x37"), None, None);
    draft.attributes.insert("plan".to_owned(), "pro".into());
    let contact = world.store.upsert_contact(site, &draft, NOW).await.unwrap();
    let segment =
        segments::segment_draft(Some("readers of the test"), segments::has_plan("pro"), Vec::new());
    let segment = world.store.add_segment(site, &segment, NOW).await.unwrap();
    let messages = publish(&world, &mut recorder, site, contact, segment.id).await;
    lists(&world, &mut recorder, site, contact, messages[0]).await;
    actions(&world, &mut recorder, site, contact, &messages).await;
    credentials(&world, &mut recorder, site, contact).await;
    conversations(&world, &mut recorder, site, contact).await;
    world.store.close().await;
    recorder.requests
}

async fn publish(
    world: &TestStore,
    recorder: &mut Recorder,
    site: SiteId,
    contact: ContactId,
    segment: SegmentId,
) -> Vec<MessageId> {
    let mut messages = Vec::new();
    for audience in [
        MessageAudience::Contacts(vec![contact]),
        MessageAudience::Segment(segment),
        MessageAudience::Everyone,
    ] {
        messages.push(world.publish_at(&world.message_to(site, audience), NOW).await);
    }
    let few: Vec<_> = (0..20).map(|number| ContactId(37 + 10 * number)).collect();
    for (name, audience) in [
        ("publish to everyone", MessageAudience::Everyone),
        ("publish to one contact", MessageAudience::Contacts(vec![contact])),
        ("publish to 20 contacts", MessageAudience::Contacts(few)),
    ] {
        let message = world.message_to(site, audience);
        recorder.run(name, world.store.publish(&message, None, NOW)).await;
        messages.push(message.id);
    }
    messages
}

async fn lists(
    world: &TestStore,
    recorder: &mut Recorder,
    site: SiteId,
    contact: ContactId,
    message: MessageId,
) {
    let store = &world.store;
    // The first one loads the segments of the site, which the process then has in memory.
    store.counts(site, contact, NOW).await.unwrap();
    for (name, filter) in [
        ("list", ReaderFilter::All),
        ("list of unread", ReaderFilter::Unread),
        ("list of archived", ReaderFilter::Archived),
    ] {
        let request = ReaderPageRequest { filter, before: None, limit: 20 };
        let page = recorder.run(name, store.page(site, contact, request, NOW)).await;
        let older = ReaderPageRequest { before: page.next, ..request };
        recorder.run("older list", store.page(site, contact, older, NOW)).await;
    }
    let item = recorder.run("item", store.item(site, contact, message, NOW)).await;
    assert!(item.is_some(), "the reader does not see its message");
    let counts = recorder.run("counts", store.counts(site, contact, NOW)).await;
    assert!(counts.unread > 2, "{counts:?}");
    recorder.run("seen position", store.seen_position(site, contact)).await;
    for unread in [false, true] {
        recorder.run("entries", store.list_entries(site, contact, unread, 20, NOW)).await;
    }
    recorder.run("mutes", store.mutes(site, contact)).await;
    recorder.run("set mutes", store.set_mutes(site, contact, &["offers".to_owned()], NOW)).await;
}

async fn actions(
    world: &TestStore,
    recorder: &mut Recorder,
    site: SiteId,
    contact: ContactId,
    messages: &[MessageId],
) {
    // What the reader has had for long: it is reported to each webhook endpoint.
    let delivered = ReaderAction::Delivered(Position::MAX);
    world.store.apply_reader_action(site, contact, &delivered, NOW).await.unwrap();
    world.publish_at(&world.message_to(site, MessageAudience::Contacts(vec![contact])), NOW).await;
    let some = messages[..3].to_vec();
    let one = vec![messages[3]];
    for (name, action) in [
        ("delivered", delivered),
        ("seen", ReaderAction::Seen(None)),
        ("mark one", ReaderAction::Read(one)),
        ("mark three", ReaderAction::Read(some.clone())),
        ("mark as unread", ReaderAction::Unread(some.clone())),
        ("click", ReaderAction::Clicked(messages[4])),
        ("archive", ReaderAction::Archive(some.clone())),
        ("restore", ReaderAction::Restore(some.clone())),
        ("delete", ReaderAction::Delete(some.clone())),
        ("undelete", ReaderAction::Undelete(some.clone())),
        ("mark all", ReaderAction::AllRead(None)),
        ("mark as unread below the watermark", ReaderAction::Unread(some)),
    ] {
        let applied = world.store.apply_reader_action(site, contact, &action, after(1));
        let outcome = recorder.run(name, applied).await;
        if let Some(undo) = outcome.unwrap().undo {
            let action = ReaderAction::UndoAllRead(undo);
            let applied = world.store.apply_reader_action(site, contact, &action, after(2));
            recorder.run("undo mark all", applied).await;
        }
    }
}

/// A key of each site of `plans.sql`.
fn key(world: &TestStore, site: SiteId) -> ApiKey {
    ApiKey { id: KeyId("k1".to_owned()), ..world.key(site) }
}

async fn credentials(world: &TestStore, recorder: &mut Recorder, site: SiteId, contact: ContactId) {
    let store = &world.store;
    let token = world.token(&key(world, site), contact);
    let new = NewContactToken {
        site,
        digest: token.digest,
        family: token.family,
        key: token.key.clone(),
        expires_at: token.expires_at,
    };
    recorder.run("token", store.issue_token(&ContactLookup::Id(contact), &new)).await;
    let found = recorder.run("token lookup", store.contact_token(site, &new.digest, NOW)).await;
    let session = NewWidgetSession { digest: Digest::of("session"), expires_at: after(900) };
    let digest = session.digest;
    let begun = store.begin_sessions(found.as_ref().unwrap(), [Some(session), None], NOW);
    recorder.run("session", begun).await;
    recorder.run("session lookup", store.session(site, &digest, NOW)).await;
}

async fn conversations(
    world: &TestStore,
    recorder: &mut Recorder,
    site: SiteId,
    contact: ContactId,
) {
    let store = &world.store;
    let settings = InboxSettings { name: "Support".to_owned(), ..InboxSettings::default() };
    let inbox = inbox(world, site, settings).await.id;
    let agent = agent(world, site, "agent@readers.example", AgentRole::Agent).await;
    let new = new_session(world);
    let session = store.verified_session_or_new(site, inbox, contact, &new, NOW);
    let session = recorder.run("channel session", session).await.unwrap();
    let access = ConversationAccess::Session(session.id);
    let draft = NewConversation {
        message: Some(NewMessage::text(MessageKind::Incoming, "hello")),
        ..conversation(world)
    };
    let created = store.create_conversation(site, access, &draft, &Performer::Contact, NOW);
    let view = recorder.run("conversation", created).await.unwrap().view;
    let number = view.conversation.number;
    let performer = Performer::Agent(Box::new(agent));
    let reply = NewMessage::text(MessageKind::Outgoing, "yes?");
    let posted =
        store.post_message(site, ConversationAccess::Site, number, &reply, &performer, NOW);
    recorder.run("reply", posted).await.unwrap();
    let message = NewMessage::text(MessageKind::Incoming, "hello again");
    let posted = store.post_message(site, access, number, &message, &Performer::Contact, NOW);
    recorder.run("message", posted).await.unwrap();
    recorder.run("conversations", store.conversations_of_session(site, session.id)).await;
    let shown = store.conversation_of_session(site, access, number);
    recorder.run("one conversation", shown).await.unwrap();
    recorder.run("unread replies", store.unread_replies(site, inbox, contact)).await;
    let seen = store.mark_seen_by_contact(site, access, number, after(1));
    recorder.run("seen replies", seen).await.unwrap();
}
