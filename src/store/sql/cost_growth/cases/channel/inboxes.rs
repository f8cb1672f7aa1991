//! Cases: an inbox, its agent, its account webhook and its canned responses.

use super::super::super::scenario::{Scenario, expect};
use crate::contract::{
    channel::{SITE, agent_secrets},
    test_store::{NOW, after},
};
use belfry_domain::{
    EndpointUrl, SigningSecret,
    channel::{
        AccountWebhookDraft, AgentDraft, AgentId, AgentRole, Availability, CannedResponseDraft,
        ChannelToken, ConversationEventKind, InboxId, InboxIdentifier, InboxSecrets, InboxSettings,
        InboxUuid, MembersChange, NewInbox,
    },
};

pub(super) async fn people(s: &Scenario) -> (InboxId, AgentId) {
    let (store, site) = (&s.world.store, s.site);
    let number = s.measure("site_number", store.site_number(site)).await.unwrap();
    expect(s.measure("site_of_number", store.site_of_number(number)).await, Some(site));
    let identifier = InboxIdentifier::generate(&s.world.rng);
    let secrets = InboxSecrets {
        hmac_token: ChannelToken::generate(&s.world.rng),
        callback_secret: SigningSecret::generate(&s.world.rng),
    };
    let settings = InboxSettings {
        name: "Own".into(),
        callback_url: Some("https://a.example/in".into()),
        ..InboxSettings::default()
    };
    let new = NewInbox {
        site,
        uuid: InboxUuid::generate(&s.world.rng),
        identifier: identifier.clone(),
        settings,
        secrets,
    };
    let inbox = s.measure("create_inbox", store.create_inbox(&new, NOW)).await.unwrap().id;
    expect(s.measure("channel_inboxes", store.channel_inboxes(site, SITE)).await.len(), 2);
    expect(s.measure("channel_inbox", store.channel_inbox(site, SITE, inbox)).await.is_ok(), true);
    expect(
        s.measure("inbox_by_identifier", store.inbox_by_identifier(&identifier)).await.is_some(),
        true,
    );
    expect(s.measure("inbox_by_uuid", store.inbox_by_uuid(new.uuid)).await.is_some(), true);
    expect(
        s.measure("callback_deliveries", store.callback_deliveries(site, inbox, 20))
            .await
            .is_some(),
        true,
    );
    expect(s.measure("test_callback", store.test_callback(site, inbox, NOW)).await.is_some(), true);
    expect(s.measure("inbox_secrets", store.inbox_secrets(site, inbox)).await.is_some(), true);
    let rename =
        |settings: &InboxSettings| Ok(InboxSettings { name: "Renamed".into(), ..settings.clone() });
    expect(
        s.measure("update_inbox", store.update_inbox(site, inbox, Box::new(rename), after(1)))
            .await
            .is_ok(),
        true,
    );
    let (draft, secrets) = (
        AgentDraft::new("Bea", "bea@shop.example", AgentRole::Agent).unwrap(),
        agent_secrets(&s.world),
    );
    let agent = s
        .measure("create_agent", store.create_agent(site, &draft, &secrets, NOW))
        .await
        .unwrap()
        .id;
    expect(s.measure("agents", store.agents(site)).await.len(), 5);
    expect(s.measure("agent", store.agent(site, agent)).await.is_some(), true);
    let digest = secrets.access_token.unwrap().digest();
    expect(s.measure("agent_by_token", store.agent_by_token(&digest)).await.is_some(), true);
    let nobody = belfry_domain::AccountId(i64::MAX);
    expect(
        s.measure(
            "agent_of_account",
            store.agent_of_account(site, nobody, &agent_secrets(&s.world), NOW),
        )
        .await,
        None,
    );
    let secrets = agent_secrets(&s.world);
    expect(
        s.measure("set_agent_tokens", store.set_agent_tokens(site, agent, &secrets)).await,
        true,
    );
    expect(
        s.measure("set_availability", store.set_availability(site, agent, Availability::Busy))
            .await
            .is_some(),
        true,
    );
    let members = MembersChange::Add(vec![agent]);
    expect(
        s.measure("change_inbox_members", store.change_inbox_members(site, inbox, &members))
            .await
            .is_ok(),
        true,
    );
    expect(s.measure("inbox_members", store.inbox_members(site, inbox)).await.unwrap().len(), 1);
    expect(
        s.measure("subscriber", store.subscriber(&secrets.pubsub_token.digest())).await.is_some(),
        true,
    );
    hooks(s).await;
    canned(s).await;
    (inbox, agent)
}

async fn hooks(s: &Scenario) {
    let (store, site, secret) = (&s.world.store, s.site, SigningSecret::generate(&s.world.rng));
    let url = EndpointUrl::parse("https://a.example/hook").unwrap();
    let draft = AccountWebhookDraft {
        name: None,
        url,
        subscriptions: vec![ConversationEventKind::MessageCreated],
    };
    let made = s
        .measure("create_account_webhook", store.create_account_webhook(site, &draft, &secret, NOW))
        .await
        .unwrap();
    expect(s.measure("account_webhooks", store.account_webhooks(site)).await.len(), 1);
    let change = |draft: &AccountWebhookDraft| {
        Ok(AccountWebhookDraft { name: Some("Hook".into()), ..draft.clone() })
    };
    expect(
        s.measure(
            "update_account_webhook",
            store.update_account_webhook(site, made.id, Box::new(change)),
        )
        .await
        .is_ok(),
        true,
    );
    expect(
        s.measure("delete_account_webhook", store.delete_account_webhook(site, made.id)).await,
        true,
    );
    store.create_account_webhook(site, &draft, &secret, NOW).await.unwrap().unwrap();
}

async fn canned(s: &Scenario) {
    let (store, site) = (&s.world.store, s.site);
    let draft = CannedResponseDraft::new("own", "Hello").unwrap();
    let made = s
        .measure("create_canned_response", store.create_canned_response(site, &draft, NOW))
        .await
        .unwrap()
        .id;
    expect(s.measure("canned_responses", store.canned_responses(site, None, 10)).await.len(), 2);
    expect(
        s.measure("canned_responses: text", store.canned_responses(site, Some("ow"), 10))
            .await
            .len(),
        1,
    );
    expect(s.measure("canned_response", store.canned_response(site, made)).await.is_some(), true);
    let change = |_: &CannedResponseDraft| CannedResponseDraft::new("own", "Bye");
    expect(
        s.measure(
            "update_canned_response",
            store.update_canned_response(site, made, Box::new(change), after(1)),
        )
        .await
        .is_ok(),
        true,
    );
    expect(
        s.measure("delete_canned_response", store.delete_canned_response(site, made)).await,
        true,
    );
}
