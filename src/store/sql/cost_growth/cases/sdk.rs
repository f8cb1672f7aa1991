//! Cases: an Inbox SDK agent who signs in with a JWT and opens a window, in an inbox of the
//! measured site.

use super::super::scenario::{Scenario, expect};
use crate::{
    SdkLogin,
    contract::{
        channel::{SITE, contact, conversation, inbox},
        test_store::{NOW, after},
    },
};
use belfry_domain::{
    Digest,
    channel::{ChannelToken, InboxSettings, NewConversation, Performer},
    sdk::{
        NewSdkToken, SdkAgentDraft, SdkRole, SdkScope, SdkTokenKind, SigningKey, SigningKeyOwner,
    },
};

pub async fn run(s: &Scenario) {
    let (store, site, world) = (&s.world.store, s.site, &s.world);
    let inbox =
        inbox(world, site, InboxSettings { name: "Of the SDK".into(), ..InboxSettings::default() })
            .await;
    let person = contact(world, site, inbox.id, "who writes to agents of the SDK")
        .await
        .profile
        .contact
        .id();
    let draft =
        NewConversation { inbox: Some(inbox.id), contact: Some(person), ..conversation(world) };
    let begun = store
        .create_conversation(site, SITE, &draft, &Performer::Contact, NOW)
        .await
        .unwrap()
        .unwrap()
        .view
        .conversation;
    let secret = SigningKey::generate(&world.rng);
    let made = store.create_sdk_key(site, SdkScope::Inbox(inbox.id), "key", &secret, NOW);
    let key = s.measure("create_sdk_key", made).await.unwrap();
    expect(s.measure("sdk_keys", store.sdk_keys(site)).await.len(), 2);
    expect(
        s.measure("signing_keys", store.signing_keys(SigningKeyOwner::Inbox(inbox.uuid)))
            .await
            .unwrap()
            .keys,
        vec![(key.id, secret)],
    );
    let entry = |session: &str| SdkLogin {
        site,
        key: key.id,
        agent: SdkAgentDraft {
            external_id: "own".into(),
            name: "Ada".into(),
            email: String::new(),
        },
        roles: vec![SdkRole::Agent],
        pubsub_token: ChannelToken::generate(&world.rng),
        session: Digest::of(session),
        expires_at: after(3_600),
    };
    let who = s.measure("enter_sdk", store.enter_sdk(&entry("session"), NOW)).await.unwrap();
    expect(
        s.measure("enter_sdk: again", store.enter_sdk(&entry("again"), after(61)))
            .await
            .unwrap()
            .caller
            .agent,
        who.caller.agent.clone(),
    );
    expect(
        s.measure("sdk_session", store.sdk_session(&Digest::of("session"), after(1)))
            .await
            .is_some(),
        true,
    );
    expect(
        s.measure("sdk_session: unknown", store.sdk_session(&Digest::of("unknown"), after(1)))
            .await,
        None,
    );
    let code = NewSdkToken {
        digest: Digest::of("code"),
        kind: SdkTokenKind::Code,
        key: key.id,
        agent: who.caller.agent.id,
        roles: vec![SdkRole::Agent],
        conversation: Some(begun.number),
        expires_at: after(60),
        session_until: after(3_600),
    };
    expect(s.measure("add_sdk_code", store.add_sdk_code(site, &code)).await, true);
    let window = Digest::of("window");
    let exchange = store.exchange_sdk_code(&code.digest, begun.uuid, &window, after(1));
    expect(s.measure("exchange_sdk_code", exchange).await.is_some(), true);
    expect(s.measure("revoke_sdk_key", store.revoke_sdk_key(site, key.id)).await, true);
}
