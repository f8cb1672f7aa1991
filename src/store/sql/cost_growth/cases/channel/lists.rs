//! Cases: lists of conversations, and the lists of an agent.

use super::{
    super::super::scenario::{Scenario, expect},
    Fixture,
};
use crate::contract::{
    channel::{SITE, conversation, new_session, query},
    test_store::NOW,
};
use belfry_domain::{
    EmailAddress,
    channel::{AssigneeFilter, ConversationAccess, ConversationQuery, ConversationStatus},
    sdk::{AgentList, ChannelAddress, NewInitiatedConversation},
};

/// Each filter, in a database where each has as many matches as the database is large.
pub(super) async fn lists(s: &Scenario, editor: &Fixture) {
    let (store, site) = (&s.world.store, s.site);
    let open = || ConversationQuery { status: Some(ConversationStatus::Open), ..query() };
    let me = Some(editor.agent);
    for (name, query) in [
        ("conversations: open", open()),
        ("conversations: all", query()),
        (
            "conversations: unassigned",
            ConversationQuery { assignee: AssigneeFilter::Unassigned, ..open() },
        ),
        (
            "conversations: assigned",
            ConversationQuery { assignee: AssigneeFilter::Assigned, ..open() },
        ),
    ] {
        expect(
            s.measure(name, store.conversations(site, &query)).await.conversations.is_empty(),
            false,
        );
    }
    for (name, query) in [
        (
            "conversations: mine",
            ConversationQuery {
                assignee: AssigneeFilter::Me,
                me,
                access: ConversationAccess::Agent(editor.agent),
                ..open()
            },
        ),
        ("conversations: an inbox", ConversationQuery { inbox: Some(editor.inbox), ..open() }),
        ("conversations: text", ConversationQuery { text: Some("unmistakable".into()), ..open() }),
    ] {
        expect(s.measure(name, store.conversations(site, &query)).await.conversations.len(), 1);
    }
    for (name, labels) in [
        ("conversations: a label", vec!["common"]),
        ("conversations: labels", vec!["common", "rare"]),
    ] {
        let query =
            ConversationQuery { labels: labels.into_iter().map(str::to_owned).collect(), ..open() };
        expect(
            s.measure(name, store.conversations(site, &query)).await.conversations.is_empty(),
            false,
        );
    }
    let common = |text: &str| ConversationQuery { text: Some(text.to_owned()), ..open() };
    for (name, text) in [
        ("conversations: a common word", "parcel"),
        ("conversations: a common name", "ann"),
        ("conversations: two words", "parcel hello"),
    ] {
        s.measure(name, store.conversations(site, &common(text))).await;
    }
    let agent = ConversationQuery { access: ConversationAccess::Agent(editor.agent), ..query() };
    expect(
        s.measure("conversations: assigned to an agent", store.conversations(site, &agent))
            .await
            .conversations
            .len(),
        1,
    );
    for (name, query) in [
        ("conversations: later page", ConversationQuery { page: 2, ..open() }),
        (
            "conversations: all of an inbox",
            ConversationQuery { inbox: Some(editor.inbox), ..query() },
        ),
    ] {
        s.measure(name, store.conversations(site, &query)).await;
    }
    for (name, list, expected) in
        [("agent_list: new", AgentList::New, 0), ("agent_list: mine", AgentList::Mine, 1)]
    {
        let snapshot = s
            .measure(
                name,
                store.agent_list(site, ConversationAccess::Inbox(editor.inbox), editor.agent, list),
            )
            .await;
        expect(snapshot.conversations.len(), expected);
    }
    s.measure(
        "agent_list: mine of the site",
        store.agent_list(site, SITE, editor.agent, AgentList::Mine),
    )
    .await;
    let agent = store.agent(site, editor.agent).await.unwrap().unwrap();
    let watched = store.watch_conversation(site, SITE, editor.number, &agent, true, NOW);
    let id = s.measure("watch_conversation", Box::pin(watched)).await.unwrap().conversation.uuid;
    expect(
        s.measure(
            "agent_list: watched",
            store.agent_list(site, SITE, editor.agent, AgentList::Watched),
        )
        .await
        .conversations
        .len(),
        1,
    );
    expect(
        s.measure("conversation_by_uuid", store.conversation_by_uuid(site, SITE, id)).await.is_ok(),
        true,
    );
    expect(s.measure("site_of_conversation", store.site_of_conversation(id)).await, Some(site));
    let new = |email: &str| NewInitiatedConversation {
        inbox: editor.inbox,
        address: ChannelAddress::Email(EmailAddress::parse(email).unwrap()),
        uuid: conversation(&s.world).uuid,
        session: new_session(&s.world),
    };
    for (name, created) in
        [("start_conversation", true), ("start_conversation: there is one", false)]
    {
        let (new, access) = (new("begun@shop.example"), ConversationAccess::Inbox(editor.inbox));
        let begun = store.start_conversation(site, access, &new, &agent, NOW);
        expect(s.measure(name, Box::pin(begun)).await.unwrap().created, created);
    }
    s.measure("conversation_counts", store.conversation_counts(site, &open())).await;
}
