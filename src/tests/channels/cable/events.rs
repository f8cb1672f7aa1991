//! Events of conversations, as contacts and agents receive them.

use super::{client::CableClient, server::TestServer};
use crate::channels::site::identifier;
use belfry_domain::{
    EmailAddress, ExternalId, PhoneNumber,
    channel::{AgentRole, ContactFields, ConversationChange, InboxSettings},
};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn message_reaches_its_contact_and_the_inbox_agents() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let (ann, bob) = (site.session(None, false).await, site.session(None, false).await);
    let member = site.colleague("member@shop.example", AgentRole::Agent, true).await;
    let stranger = site.colleague("stranger@shop.example", AgentRole::Agent, false).await;
    let owner = site.colleague("owner@shop.example", AgentRole::Administrator, false).await;
    let number = site.conversation(&ann).await;
    let mut anns = server.listen(&identifier(&ann)).await;
    let mut bobs = server.listen(&identifier(&bob)).await;
    let mut members = server.listen(&member.identifier).await;
    let mut strangers = server.listen(&stranger.identifier).await;
    let mut owners = server.listen(&owner.identifier).await;

    let message = site.write(number, "Is it in stock?").await;
    for (client, identifier) in [
        (&mut anns, &identifier(&ann)),
        (&mut members, &member.identifier),
        (&mut owners, &owner.identifier),
    ] {
        let event = client.event(identifier).await;
        assert_eq!(event["event"], "message.created");
        let data = &event["data"];
        assert_eq!(
            (&data["id"], &data["content"], &data["message_type"]),
            (&json!(message.id.0), &json!("Is it in stock?"), &json!(0))
        );
        assert_eq!(
            (&data["echo_id"], &data["account_id"]),
            (&json!("echo Is it in stock?"), &json!(site.inbox.account.0))
        );
        assert_eq!(
            data["conversation"]["contact_inbox"]["source_id"],
            ann.session.source_id.as_str()
        );
        assert_eq!((&data["sender"]["type"], data.get("performer")), (&json!("contact"), None));
        assert!(!event.to_string().contains("pubsub"), "{event}");
    }
    assert!(bobs.events().await.is_empty() && strangers.events().await.is_empty());

    site.reply(number, &member, "It is.", false).await;
    assert!(anns.events().await.contains(&"message.created".to_owned()));
    let events = owners.events().await;
    assert!(
        events.contains(&"message.created".to_owned())
            && events.contains(&"first.reply.created".to_owned()),
        "{events:?}"
    );
}

#[tokio::test]
async fn automatic_message_reaches_contact_and_agents() {
    let server = TestServer::start().await;
    let settings = InboxSettings {
        greeting_enabled: true,
        greeting_message: Some("Welcome".into()),
        ..InboxSettings::default()
    };
    let site = server.site_with(settings).await;
    let ann = site.session(None, false).await;
    let agent = site.colleague("agent@shop.example", AgentRole::Agent, true).await;
    let number = site.conversation(&ann).await;
    let mut clients = [
        (server.listen(&identifier(&ann)).await, identifier(&ann)),
        (server.listen(&agent.identifier).await, agent.identifier),
    ];
    let message = site.write(number, "Is it in stock?").await;
    for (client, identifier) in &mut clients {
        let first = client.event(identifier).await;
        assert_eq!(
            (&first["event"], &first["data"]["id"]),
            (&json!("message.created"), &json!(message.id.0))
        );
        let second = client.event(identifier).await;
        let data = &second["data"];
        assert_eq!(
            (&second["event"], &data["content"], &data["message_type"]),
            (&json!("message.created"), &json!("Welcome"), &json!(3))
        );
        assert_eq!(
            (data.get("sender"), &data["sender_type"], data.get("echo_id")),
            (None, &json!(null), None)
        );
    }
}

#[tokio::test]
async fn notes_and_activities_reach_agents_only() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let agent = site.colleague("agent@shop.example", AgentRole::Administrator, false).await;
    let number = site.conversation(&ann).await;
    site.reply(number, &agent, "Hello", false).await;
    let mut visitor = server.listen(&identifier(&ann)).await;
    let mut colleague = server.listen(&agent.identifier).await;
    site.reply(number, &agent, "She asks again", true).await;
    assert!(!visitor.events().await.contains(&"message.created".to_owned()));
    assert!(colleague.events().await.contains(&"message.created".to_owned()));

    site.resolve(number, &agent).await;
    let events = visitor.events().await;
    assert!(
        events.contains(&"conversation.status_changed".to_owned())
            && !events.contains(&"message.created".to_owned()),
        "{events:?}"
    );
    let events = colleague.events().await;
    assert!(
        events.contains(&"conversation.status_changed".to_owned())
            && events.contains(&"message.created".to_owned()),
        "{events:?}"
    );
}

#[tokio::test]
async fn agents_get_assignee_and_last_seen_events() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let agent = site.colleague("agent@shop.example", AgentRole::Agent, true).await;
    let number = site.conversation(&ann).await;
    site.reply(number, &agent, "Hello", false).await;
    let mut visitor = server.listen(&identifier(&ann)).await;
    let mut colleague = server.listen(&agent.identifier).await;
    site.update(
        number,
        &agent,
        ConversationChange {
            assignee: Some(Some(agent.agent.id)),
            ..ConversationChange::default()
        },
    )
    .await;
    let events = colleague.events().await;
    assert!(
        events.contains(&"assignee.changed".to_owned())
            && events.contains(&"conversation.updated".to_owned()),
        "{events:?}"
    );
    assert_eq!(visitor.events().await, ["conversation.updated"]);
    site.mark_seen_by_agent(number, &agent).await;
    assert_eq!(
        (colleague.events().await, visitor.events().await),
        (vec!["conversation.read".to_owned()], Vec::new())
    );

    // The contact has seen them: each sent message is read.
    site.mark_seen_by_contact(number).await;
    let updated = loop {
        let event = visitor.event(&identifier(&ann)).await;
        if event["event"] == "message.updated" {
            break event;
        }
    };
    assert_eq!(
        (&updated["data"]["status"], &updated["data"]["previous_changes"]["status"]),
        (&json!("read"), &json!(["sent", "read"]))
    );
}

#[tokio::test]
async fn mentioned_agent_gets_an_event() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let (author, named, other, outsider) = (
        site.colleague("author@shop.example", AgentRole::Agent, true).await,
        site.colleague("named@shop.example", AgentRole::Agent, true).await,
        site.colleague("other@shop.example", AgentRole::Agent, true).await,
        site.colleague("outsider@shop.example", AgentRole::Agent, false).await,
    );
    let number = site.conversation(&ann).await;
    let note = format!(
        "Ask [@N](mention://user/{}/N) or [@O](mention://user/{}/O)",
        named.agent.id, outsider.agent.id
    );
    let mut hers = server.listen(&named.identifier).await;
    let mut others = Vec::new();
    for identifier in
        [&author.identifier, &other.identifier, &outsider.identifier, &identifier(&ann)]
    {
        others.push(server.listen(identifier).await);
    }
    site.reply(number, &author, &note, true).await;
    assert_eq!(hers.event(&named.identifier).await["event"], "message.created");
    let event = hers.event(&named.identifier).await;
    assert_eq!(
        (&event["event"], &event["data"]["id"]),
        (&json!("conversation.mentioned"), &json!(number.0))
    );
    for client in &mut others {
        assert!(
            !client.events().await.contains(&"conversation.mentioned".to_owned()),
            "only agents who see the inbox"
        );
    }
    // Contacts' events don't include mentions.
    site.reply(number, &author, &note, false).await;
    assert!(!hers.events().await.contains(&"conversation.mentioned".to_owned()));
}

#[tokio::test]
async fn typing_reaches_the_other_participants() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let (first, second) = (
        site.colleague("first@shop.example", AgentRole::Agent, true).await,
        site.colleague("second@shop.example", AgentRole::Agent, true).await,
    );
    let number = site.conversation(&ann).await;
    let bob = site.session(None, false).await;
    let mut visitor = server.listen(&identifier(&ann)).await;
    let mut typer = server.listen(&first.identifier).await;
    let mut colleague = server.listen(&second.identifier).await;
    visitor
        .perform(&identifier(&ann), &json!({ "action": "typing_on", "conversation_id": number.0 }))
        .await;
    for (client, identifier) in
        [(&mut typer, &first.identifier), (&mut colleague, &second.identifier)]
    {
        let event = client.event(identifier).await;
        assert_eq!(
            (&event["event"], &event["data"]["user"]["type"]),
            (&json!("conversation.typing_on"), &json!("contact"))
        );
        assert_eq!(event["data"]["conversation"]["id"], number.0);
    }
    typer
        .perform(&first.identifier, &json!({ "action": "typing_off", "conversation_id": number.0 }))
        .await;
    for (client, identifier) in
        [(&mut visitor, &identifier(&ann)), (&mut colleague, &second.identifier)]
    {
        let event = client.event(identifier).await;
        assert_eq!(
            (&event["event"], &event["data"]["user"]["name"]),
            (&json!("conversation.typing_off"), &json!("Olha"))
        );
    }
    typer
        .perform(
            &first.identifier,
            &json!({ "action": "typing_on", "conversation_id": number.0, "is_private": true }),
        )
        .await;
    assert_eq!(colleague.event(&second.identifier).await["data"]["is_private"], true);
    // Typing in somebody else's conversation is ignored.
    let mut bobs = server.listen(&identifier(&bob)).await;
    bobs.perform(&identifier(&bob), &json!({ "action": "typing_on", "conversation_id": number.0 }))
        .await;
    assert!(bobs.events().await.is_empty());
    for client in [&mut visitor, &mut typer, &mut colleague] {
        assert!(client.events().await.is_empty());
    }
}

#[tokio::test]
async fn verified_sessions_get_all_events_of_their_contact() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let (first, second) =
        (site.session(Some("crm-42"), true).await, site.session(Some("crm-42"), false).await);
    assert_eq!(first.contact.id(), second.contact.id());
    let number = site.conversation(&first).await;
    let mut other = server.listen(&identifier(&second)).await;
    site.write(number, "One").await;
    assert!(other.events().await.is_empty(), "it isn't verified");
    site.verify_session(&second).await;
    site.write(number, "Two").await;
    assert_eq!(other.event(&identifier(&second)).await["data"]["content"], "Two");
}

/// Anybody who claims a contact's identifier gets a session of that contact. The socket must
/// disclose no more than the API does.
#[tokio::test]
async fn unverified_session_gets_only_its_own_data() {
    const SECRETS: [&str; 5] =
        ["Zanzibar", "zanzibar", "secret@shop.example", "+380671234567", "secret.png"];
    let server = TestServer::start().await;
    let site = server.site().await;
    let known = ContactFields {
        name: Some(Some("Zanzibar".into())),
        identifier: Some(Some(ExternalId::parse("crm-42").unwrap())),
        email: Some(Some(EmailAddress::parse("secret@shop.example").unwrap())),
        phone_number: Some(Some(PhoneNumber::parse("+380671234567").unwrap())),
        avatar_url: Some(Some("https://shop.example/secret.png".into())),
        custom_attributes: json!({ "note": "zanzibar" }).as_object().cloned().unwrap(),
        ..ContactFields::default()
    };
    let contact = site.contact(known).await;
    let stranger = site.session(Some("crm-42"), false).await;
    assert_eq!(stranger.contact.id(), contact, "agents see one contact");
    let (agent, other) = (
        site.colleague("agent@shop.example", AgentRole::Administrator, false).await,
        site.colleague("other@shop.example", AgentRole::Agent, true).await,
    );
    let number = site.conversation(&stranger).await;
    let mut visitor = server.listen(&identifier(&stranger)).await;
    let mut colleague = server.listen(&other.identifier).await;
    let act = async || {
        site.write(number, "Hello").await;
        site.reply(number, &agent, "Hi", false).await;
        site.resolve(number, &agent).await;
        site.mark_seen_by_contact(number).await;
        site.publish_agent_typing(number, &agent).await;
    };
    let heard = async |client: &mut CableClient, identifier: &str| {
        let mut heard = Vec::new();
        loop {
            let event = client.event(identifier).await;
            heard.push(event.clone());
            if event["event"] == "conversation.typing_on" {
                return heard;
            }
        }
    };
    act().await;
    let events = heard(&mut visitor, &identifier(&stranger)).await;
    for secret in SECRETS {
        assert!(
            events.iter().all(|event| !event.to_string().contains(secret)),
            "{secret} in {events:?}"
        );
    }
    let kinds: BTreeSet<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    let all = [
        "conversation.status_changed",
        "conversation.typing_on",
        "conversation.updated",
        "message.created",
        "message.updated",
    ];
    assert_eq!(kinds, BTreeSet::from(all));
    assert_eq!(events[0]["data"]["sender"]["name"], "Ann", "by the name that it gave");
    let agents = heard(&mut colleague, &other.identifier).await;
    assert_eq!(agents[0]["data"]["sender"]["email"], "secret@shop.example");

    site.verify_session(&stranger).await;
    act().await;
    let events = heard(&mut visitor, &identifier(&stranger)).await;
    let said = events.iter().find(|event| event["data"]["content"] == "Hello").unwrap();
    assert_eq!(
        (&said["data"]["sender"]["name"], &said["data"]["sender"]["email"]),
        (&json!("Zanzibar"), &json!("secret@shop.example"))
    );
}

#[tokio::test]
async fn events_do_not_cross_sites() {
    let server = TestServer::start().await;
    let (here, there) = (server.site().await, server.site().await);
    let (ann, bob) =
        (here.session(Some("crm-42"), true).await, there.session(Some("crm-42"), true).await);
    let agent = there.colleague("agent@shop.example", AgentRole::Administrator, false).await;
    let (number, _) = (here.conversation(&ann).await, there.conversation(&bob).await);
    let mut visitor = server.listen(&identifier(&bob)).await;
    let mut colleague = server.listen(&agent.identifier).await;
    let mut listener = server.listen(&identifier(&ann)).await;
    here.write(number, "Here").await;
    assert_eq!(listener.event(&identifier(&ann)).await["data"]["content"], "Here");
    assert!(visitor.events().await.is_empty() && colleague.events().await.is_empty());
    colleague.perform(&agent.identifier, &json!({ "action": "update_presence" })).await;
    let presence = colleague.event(&agent.identifier).await;
    assert_eq!(presence["data"]["contacts"], json!({ bob.contact.id().0.to_string(): "online" }));
    // Conversation numbers are per site, so this one means another conversation there.
    colleague
        .perform(&agent.identifier, &json!({ "action": "typing_on", "conversation_id": number.0 }))
        .await;
    assert_eq!(visitor.event(&identifier(&bob)).await["event"], "conversation.typing_on");
    assert!(listener.events().await.is_empty());
}

#[tokio::test]
async fn long_message_is_reassembled() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let number = site.conversation(&ann).await;
    let mut visitor = server.listen(&identifier(&ann)).await;
    for length in [400, 1_000, 2_000, 4_096, 150_000] {
        let content = "ї".repeat(length);
        site.write(number, &content).await;
        assert_eq!(visitor.event(&identifier(&ann)).await["data"]["content"], content, "{length}");
    }
}
