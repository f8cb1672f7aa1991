//! Subscriptions: authentication, limits and lifetime.

use super::{
    client::{CableClient, confirmed, rejected},
    server::TestServer,
};
use crate::channels::site::{agent_identifier, identifier};
use belfry_domain::channel::{AgentRole, MembersChange};
use serde_json::{Value, json};

#[tokio::test]
async fn token_is_valid_for_its_owner_only() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let agent = site.colleague("agent@shop.example", AgentRole::Agent, true).await;
    let (account, user) = (site.inbox.account.0, agent.agent.id.0);
    let contact_token = ann.session.pubsub_token.as_ref().unwrap().reveal().to_owned();
    let agent_token = serde_json::from_str::<Value>(&agent.identifier).unwrap()["pubsub_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut client = CableClient::open(server.address).await;
    for identifier in [
        agent_identifier(&contact_token, account, user),
        agent_identifier(&agent_token, account, user + 1),
        agent_identifier(&agent_token, account + 1, user),
        json!({ "channel": "RoomChannel", "pubsub_token": agent_token }).to_string(),
        json!({ "channel": "RoomChannel", "pubsub_token": agent_token, "user_id": user })
            .to_string(),
        json!({ "channel": "RoomChannel", "pubsub_token": contact_token.to_lowercase() })
            .to_string(),
    ] {
        client.send("subscribe", &identifier).await;
        assert_eq!(client.next().await, rejected(&identifier));
    }
    let odd = format!(
        r#"{{ "pubsub_token" : "{agent_token}" , "user_id":"{user}", "account_id":{account},"channel":"RoomChannel","more":[1] }}"#
    );
    client.send("subscribe", &odd).await;
    assert_eq!(client.next().await, confirmed(&odd));
}

#[tokio::test]
async fn presence_follows_confirmation_and_each_update() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let agent = site.colleague("agent@shop.example", AgentRole::Agent, true).await;
    let (account, user) = (site.inbox.account.0, agent.agent.id.0.to_string());
    let identifier = identifier(&ann);
    let mut visitor = CableClient::open(server.address).await;
    visitor.send("subscribe", &identifier).await;
    assert_eq!(visitor.next().await, confirmed(&identifier));
    let nobody =
        json!({ "event": "presence.update", "data": { "account_id": account, "users": {} } });
    assert_eq!(visitor.next().await, json!({ "identifier": identifier, "message": nobody }));

    let mut colleague = CableClient::open(server.address).await;
    colleague.send("subscribe", &agent.identifier).await;
    assert_eq!(colleague.next().await, confirmed(&agent.identifier));
    let both = json!({ "account_id": account, "users": { &user: "online" }, "contacts": { ann.contact.id().0.to_string(): "online" } });
    assert_eq!(
        colleague.event(&agent.identifier).await,
        json!({ "event": "presence.update", "data": both })
    );
    assert!(visitor.events().await.is_empty(), "the new viewer receives it");
    visitor.perform(&identifier, &json!({ "action": "update_presence" })).await;
    assert_eq!(
        visitor.event(&identifier).await["data"],
        json!({ "account_id": account, "users": { &user: "online" } })
    );
    // As an object, as some clients send it.
    visitor.send_text(json!({ "command": "message", "identifier": identifier, "data": { "action": "update_presence" } }).to_string()).await;
    assert_eq!(visitor.event(&identifier).await["event"], "presence.update");
}

#[tokio::test]
async fn duplicate_subscription_is_kept_once_until_unsubscribed() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let number = site.conversation(&ann).await;
    let identifier = identifier(&ann);
    let mut client = server.listen(&identifier).await;
    client.send("subscribe", &identifier).await;
    assert!(client.is_silent().await, "confirmed once only");
    // The same token in another spelling of the identifier is another subscription.
    let second = identifier.replace(':', ": ");
    client.send("subscribe", &second).await;
    assert_eq!(client.next().await, confirmed(&second));
    assert_eq!(client.events().await, ["presence.update", "presence.update"]);
    site.write(number, "Hello").await;
    let mut heard = [client.next().await, client.next().await]
        .map(|frame| frame["identifier"].as_str().unwrap().to_owned());
    heard.sort();
    let mut both = [identifier.clone(), second.clone()];
    both.sort();
    assert_eq!(heard, both);
    client.send("unsubscribe", &second).await;
    assert!(client.is_silent().await);
    site.write(number, "Again").await;
    assert_eq!(client.event(&identifier).await["data"]["content"], "Again");
    assert!(client.is_silent().await);
    client.send("unsubscribe", &identifier).await;
    client.perform(&identifier, &json!({ "action": "update_presence" })).await;
    assert!(client.is_silent().await);
    site.write(number, "Nobody hears it").await;
    assert!(client.is_silent().await);
}

#[tokio::test]
async fn subscriptions_are_limited_per_connection() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let identifier = |number: u32| {
        format!("{}{}", identifier(&ann), " ".repeat(usize::try_from(number).unwrap()))
    };
    let mut client = CableClient::open(server.address).await;
    for number in 0..20 {
        client.send("subscribe", &identifier(number)).await;
    }
    client.send("subscribe", &identifier(20)).await;
    let mut frames = Vec::new();
    while frames.last() != Some(&rejected(&identifier(20))) {
        frames.push(client.next().await);
    }
    assert_eq!(frames.iter().filter(|frame| frame["type"] == "confirm_subscription").count(), 20);
    client.send("unsubscribe", &identifier(0)).await;
    client.send("subscribe", &identifier(20)).await;
    while client.next().await != confirmed(&identifier(20)) {}
}

#[tokio::test]
async fn agent_gets_events_while_a_member_of_the_inbox() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let agent = site.colleague("agent@shop.example", AgentRole::Agent, false).await;
    let number = site.conversation(&ann).await;
    let mut client = server.listen(&agent.identifier).await;
    site.write(number, "One").await;
    assert!(client.events().await.is_empty());
    site.change_members(MembersChange::Add(vec![agent.agent.id])).await;
    assert!(client.is_silent().await);
    site.write(number, "Two").await;
    assert_eq!(client.event(&agent.identifier).await["data"]["content"], "Two");
    site.change_members(MembersChange::Remove(vec![agent.agent.id])).await;
    assert!(client.is_silent().await);
    site.write(number, "Three").await;
    assert!(client.events().await.is_empty());
}

#[tokio::test]
async fn subscription_of_a_deleted_user_ends_the_connection() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let client = server.listen(&identifier(&ann)).await;
    site.erase(&ann).await;
    let (frames, code) = client.remaining().await;
    assert_eq!(
        frames.last(),
        Some(&json!({ "type": "disconnect", "reason": "unauthorized", "reconnect": false }))
    );
    assert_eq!(code, Some(1008));
}
