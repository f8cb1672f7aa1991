//! The Inbox SDK: signing keys, agents from JWTs, and exchanged sessions.

use super::{
    channel::{ConversationFixture, SITE, agent, agent_secrets, inbox},
    test_store::{NOW, TestStore, after},
};
use crate::{MAX_SDK_KEYS, MAX_SDK_SESSIONS, SdkLogin, StoreError};
use belfry_domain::{
    Digest, InboxEvent, SiteId,
    channel::{
        AgentRole, AgentSecrets, ChannelAccess, ChannelToken, ConversationAccess, InboxSettings,
        MembersChange,
    },
    sdk::{
        NewSdkToken, SdkAgentDraft, SdkKey, SdkKeyId, SdkRole, SdkScope, SdkSession, SdkTokenKind,
        SigningKey, SigningKeyOwner,
    },
};

async fn key(world: &TestStore, site: SiteId, scope: SdkScope) -> SdkKey {
    world
        .store
        .create_sdk_key(site, scope, "key", &SigningKey::generate(&world.rng), NOW)
        .await
        .unwrap()
        .unwrap()
}

fn entry(world: &TestStore, site: SiteId, key: SdkKeyId, id: &str, token: &str) -> SdkLogin {
    SdkLogin {
        site,
        key,
        agent: SdkAgentDraft {
            external_id: id.to_owned(),
            name: format!("Agent {id}"),
            email: String::new(),
        },
        roles: vec![SdkRole::Operator],
        pubsub_token: ChannelToken::generate(&world.rng),
        session: Digest::of(token),
        expires_at: after(3_600),
    }
}

async fn enter(
    world: &TestStore,
    site: SiteId,
    key: SdkKeyId,
    id: &str,
    token: &str,
) -> SdkSession {
    world.store.enter_sdk(&entry(world, site, key, id, token), NOW).await.unwrap().unwrap()
}

async fn session(world: &TestStore, token: &str) -> Option<SdkSession> {
    world.store.sdk_session(&Digest::of(token), after(1)).await.unwrap()
}

fn code(
    session: &SdkSession,
    number: belfry_domain::channel::ConversationNumber,
    secret: &str,
) -> NewSdkToken {
    NewSdkToken {
        digest: Digest::of(secret),
        kind: SdkTokenKind::Code,
        key: session.key,
        agent: session.caller.agent.id,
        roles: session.roles.clone(),
        conversation: Some(number),
        expires_at: after(60),
        session_until: session.expires_at,
    }
}

fn is_announced(changes: &[InboxEvent], site: SiteId, access: ChannelAccess) -> bool {
    changes.iter().any(|change| matches!(change, InboxEvent::ChannelAccessChanged { site: of, access: to } if *of == site && *to == access))
}

pub async fn signing_key_is_valid_until_revoked(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let other = ConversationFixture::new(world, "b").await;
    let (site, store) = (fixture.site, &world.store);
    let secrets: Vec<SigningKey> = (0..3).map(|_| SigningKey::generate(&world.rng)).collect();
    let scopes =
        [SdkScope::Inbox(fixture.inbox.id), SdkScope::Inbox(fixture.inbox.id), SdkScope::Site];
    let mut keys = Vec::new();
    for (scope, secret) in scopes.into_iter().zip(&secrets) {
        keys.push(store.create_sdk_key(site, scope, "CRM", secret, NOW).await.unwrap().unwrap());
    }
    assert_eq!(
        store.sdk_keys(site).await.unwrap(),
        [keys[2].clone(), keys[0].clone(), keys[1].clone()]
    );
    assert_eq!(store.sdk_keys(other.site).await.unwrap(), []);
    let of_inbox =
        store.signing_keys(SigningKeyOwner::Inbox(fixture.inbox.uuid)).await.unwrap().unwrap();
    assert_eq!((of_inbox.site, of_inbox.scope), (site, scopes[0]));
    assert_eq!(of_inbox.keys, [(keys[1].id, secrets[1].clone()), (keys[0].id, secrets[0].clone())]);
    let of_site = store.signing_keys(SigningKeyOwner::Site(site)).await.unwrap().unwrap();
    assert_eq!(
        (of_site.scope, of_site.keys),
        (SdkScope::Site, vec![(keys[2].id, secrets[2].clone())])
    );
    for nobody in [
        SigningKeyOwner::Inbox(other.inbox.uuid),
        SigningKeyOwner::Site(other.site),
        SigningKeyOwner::Site(SiteId::from_bytes([9; 16])),
    ] {
        assert!(store.signing_keys(nobody).await.unwrap().is_none(), "{nobody:?}");
    }
    world.events.take();
    assert!(!store.revoke_sdk_key(other.site, keys[0].id).await.unwrap());
    assert!(world.events.take().is_empty());
    assert!(store.revoke_sdk_key(site, keys[0].id).await.unwrap());
    assert!(is_announced(&world.events.take(), site, ChannelAccess::Agents));
    assert!(!store.revoke_sdk_key(site, keys[0].id).await.unwrap());
    let left =
        store.signing_keys(SigningKeyOwner::Inbox(fixture.inbox.uuid)).await.unwrap().unwrap();
    assert_eq!(left.keys, [(keys[1].id, secrets[1].clone())]);
}

pub async fn signing_keys_are_bounded_and_need_an_owner(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let other = ConversationFixture::new(world, "b").await;
    let secret = SigningKey::generate(&world.rng);
    let (site, store) = (fixture.site, &world.store);
    let foreign = store
        .create_sdk_key(site, SdkScope::Inbox(other.inbox.id), "key", &secret, NOW)
        .await
        .unwrap();
    assert!(foreign.is_err());
    let nowhere = store
        .create_sdk_key(SiteId::from_bytes([9; 16]), SdkScope::Site, "key", &secret, NOW)
        .await
        .unwrap();
    assert!(nowhere.is_err());
    for _ in 0..MAX_SDK_KEYS {
        key(world, site, SdkScope::Site).await;
    }
    let refused = store.create_sdk_key(site, SdkScope::Site, "key", &secret, NOW).await;
    assert!(matches!(refused, Err(StoreError::Limit(_))), "{refused:?}");
    key(world, site, SdkScope::Inbox(fixture.inbox.id)).await;
}

pub async fn jwt_agent_has_one_row_per_scope(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let second = inbox(
        world,
        fixture.site,
        InboxSettings { name: "Second".into(), ..InboxSettings::default() },
    )
    .await;
    let (site, store) = (fixture.site, &world.store);
    let scopes = [SdkScope::Site, SdkScope::Inbox(fixture.inbox.id), SdkScope::Inbox(second.id)];
    let mut agents = Vec::new();
    for scope in scopes {
        let key = key(world, site, scope).await;
        let first = enter(world, site, key.id, "x/1", &format!("{scope:?}")).await;
        let again = enter(world, site, key.id, "x/1", &format!("{scope:?} again")).await;
        assert_eq!(first.caller.agent, again.caller.agent);
        assert_eq!((first.scope, first.caller.access, first.key), (scope, scope.access(), key.id));
        assert_eq!(
            (first.external_id.as_str(), first.roles.as_slice(), first.window),
            ("x/1", [SdkRole::Operator].as_slice(), None)
        );
        assert_eq!(first.caller.agent.external_id.as_deref(), Some("x/1"));
        assert_eq!(first.caller.agent.role, AgentRole::Agent);
        agents.push(first.caller.agent.id);
    }
    agents.dedup();
    assert_eq!(agents.len(), 3);
    let key = key(world, site, SdkScope::Site).await;
    let mut renamed = entry(world, site, key.id, "x/1", "renamed");
    (renamed.agent.name, renamed.agent.email) = ("Ada".into(), "ada@shop.example".into());
    let renamed = store.enter_sdk(&renamed, NOW).await.unwrap().unwrap().caller.agent;
    assert_eq!(
        (renamed.id, renamed.name.as_str(), renamed.email.as_str()),
        (agents[0], "Ada", "ada@shop.example")
    );
    assert_eq!(session(world, "Site").await.unwrap().caller.agent.name, "Ada");
}

/// An agent from a JWT never takes the place of an agent created otherwise.
pub async fn jwt_agent_never_matches_another_agent(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (site, store) = (fixture.site, &world.store);
    let key = key(world, site, SdkScope::Site).await;
    let mut same = entry(world, site, key.id, "1", "same address");
    same.agent.email = fixture.agent.email.clone();
    let same = store.enter_sdk(&same, NOW).await.unwrap().unwrap();
    assert_ne!(same.caller.agent.id, fixture.agent.id);
    // And vice versa: an address that only JWT agents have is free.
    let mut entered = entry(world, site, key.id, "2", "free address");
    entered.agent.email = "free@shop.example".into();
    let entered = store.enter_sdk(&entered, NOW).await.unwrap().unwrap().caller;
    let made = agent(world, site, "free@shop.example", AgentRole::Agent).await;
    assert_ne!(made.id, entered.agent.id);
    assert!(store.subscriber(&entered.pubsub_token.digest()).await.unwrap().is_none());
    let token = ChannelToken::generate(&world.rng);
    let secrets = AgentSecrets { access_token: Some(token.clone()), ..agent_secrets(world) };
    assert!(store.set_agent_tokens(site, entered.agent.id, &secrets).await.unwrap());
    assert!(store.agent_by_token(&token.digest()).await.unwrap().is_none());
    // Agents of the console and of the API are listed first.
    let listed: Vec<_> =
        store.agents(site).await.unwrap().into_iter().map(|agent| agent.id).collect();
    assert_eq!(listed, [fixture.agent.id, made.id, same.caller.agent.id, entered.agent.id]);
}

pub async fn session_ends_with_key_agent_inbox_and_expiry(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (site, store, inbox) = (fixture.site, &world.store, fixture.inbox.id);
    let keys =
        [key(world, site, SdkScope::Site).await, key(world, site, SdkScope::Inbox(inbox)).await];
    let gone = key(world, site, SdkScope::Site).await;
    let first = enter(world, site, keys[0].id, "1", "site").await;
    enter(world, site, keys[1].id, "1", "inbox").await;
    enter(world, site, gone.id, "1", "of a revoked key").await;
    assert_eq!(store.sdk_session(&Digest::of("site"), NOW).await.unwrap(), Some(first.clone()));
    assert!(store.sdk_session(&Digest::of("site"), after(3_599)).await.unwrap().is_some());
    assert!(store.sdk_session(&Digest::of("site"), after(3_600)).await.unwrap().is_none());
    store.revoke_sdk_key(site, gone.id).await.unwrap();
    assert!(session(world, "of a revoked key").await.is_none());
    let late = entry(world, site, gone.id, "2", "late");
    assert!(store.enter_sdk(&late, NOW).await.unwrap().is_none());
    assert!(session(world, "site").await.is_some() && session(world, "inbox").await.is_some());
    world.events.take();
    assert!(
        store.set_agent_tokens(site, first.caller.agent.id, &agent_secrets(world)).await.unwrap()
    );
    assert!(is_announced(&world.events.take(), site, ChannelAccess::Agent(first.caller.agent.id)));
    assert!(session(world, "site").await.is_none());
    assert!(store.delete_inbox(site, inbox, NOW).await.unwrap());
    assert!(is_announced(&world.events.take(), site, ChannelAccess::Inbox(inbox)));
    assert!(session(world, "inbox").await.is_none());
    assert_eq!(
        store.sdk_keys(site).await.unwrap(),
        [keys[0].clone()].map(|key| SdkKey { last_used_at: Some(NOW), ..key })
    );
    store.sweep_channel(after(1)).await.unwrap();
    let left: Vec<_> =
        store.agents(site).await.unwrap().into_iter().map(|agent| agent.id).collect();
    assert_eq!(
        left,
        [fixture.agent.id, first.caller.agent.id],
        "agents of a deleted inbox are deleted"
    );
}

pub async fn code_opens_its_window_once(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (site, store) = (fixture.site, &world.store);
    let (own, other) =
        (fixture.begin(world).await.conversation, fixture.begin(world).await.conversation);
    let key = key(world, site, SdkScope::Inbox(fixture.inbox.id)).await;
    let who = enter(world, site, key.id, "1", "session").await;
    let exchange = async |code: &str, conversation, window: &str, at| {
        store
            .exchange_sdk_code(&Digest::of(code), conversation, &Digest::of(window), at)
            .await
            .unwrap()
    };
    for secret in ["used", "elsewhere", "late", "of a revoked key"] {
        assert!(store.add_sdk_code(site, &code(&who, own.number, secret)).await.unwrap());
        assert!(session(world, secret).await.is_none(), "a code is no session");
    }
    let window = exchange("used", own.uuid, "window", after(59)).await.unwrap();
    assert_eq!((window.window, window.expires_at), (Some(own.number), who.expires_at));
    assert_eq!((&window.caller, &window.roles, window.key), (&who.caller, &who.roles, who.key));
    assert_eq!(session(world, "window").await, Some(window));
    assert!(exchange("used", own.uuid, "second window", after(59)).await.is_none());
    assert!(exchange("elsewhere", other.uuid, "second window", after(1)).await.is_none());
    assert!(
        exchange("elsewhere", own.uuid, "second window", after(1)).await.is_none(),
        "it is used up"
    );
    assert!(exchange("late", own.uuid, "second window", after(60)).await.is_none());
    assert!(
        exchange("session", own.uuid, "second window", after(1)).await.is_none(),
        "a session is no code"
    );
    store.revoke_sdk_key(site, key.id).await.unwrap();
    assert!(session(world, "window").await.is_none());
    assert!(exchange("of a revoked key", own.uuid, "second window", after(1)).await.is_none());
    assert!(!store.add_sdk_code(site, &code(&who, own.number, "after the end")).await.unwrap());
    assert!(session(world, "second window").await.is_none());
}

pub async fn sessions_of_an_agent_are_bounded(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let key = key(world, site, SdkScope::Site).await;
    for number in 0..=MAX_SDK_SESSIONS {
        let entry = SdkLogin {
            expires_at: after(3_600 + u64::from(number)),
            ..entry(world, site, key.id, "1", &format!("session {number}"))
        };
        world.store.enter_sdk(&entry, NOW).await.unwrap().unwrap();
    }
    enter(world, site, key.id, "2", "of another").await;
    assert!(session(world, "session 0").await.is_none());
    assert!(
        session(world, "session 1").await.is_some() && session(world, "of another").await.is_some()
    );
    assert!(session(world, &format!("session {MAX_SDK_SESSIONS}")).await.is_some());
    assert!(world.store.sweep(after(3_600 + 100)).await.unwrap() >= 100);
    assert!(world.store.sdk_session(&Digest::of("session 150"), NOW).await.unwrap().is_some());
}

pub async fn inbox_scoped_agent_sees_only_that_inbox(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let second = inbox(
        world,
        fixture.site,
        InboxSettings { name: "Second".into(), ..InboxSettings::default() },
    )
    .await;
    let (site, store) = (fixture.site, &world.store);
    let number = fixture.begin(world).await.conversation.number;
    let (own, foreign) =
        (ConversationAccess::Inbox(fixture.inbox.id), ConversationAccess::Inbox(second.id));
    assert!(store.conversation(site, own, number).await.unwrap().is_ok());
    let hidden = store.conversation(site, foreign, number).await.unwrap().unwrap_err();
    let unknown = store
        .conversation(site, foreign, belfry_domain::channel::ConversationNumber(999))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(hidden, unknown);
    assert_eq!(store.conversations_of_contact(site, own, fixture.contact).await.unwrap().len(), 1);
    assert_eq!(store.conversations_of_contact(site, foreign, fixture.contact).await.unwrap(), []);
    let inboxes = store.channel_inboxes(site, own).await.unwrap();
    assert_eq!(inboxes.iter().map(|inbox| inbox.id).collect::<Vec<_>>(), [fixture.inbox.id]);
    assert!(store.channel_inbox(site, foreign, fixture.inbox.id).await.unwrap().is_err());
    let query = super::channel::query();
    let listed = |access| belfry_domain::channel::ConversationQuery { access, ..query.clone() };
    assert_eq!(store.conversations(site, &listed(own)).await.unwrap().conversations.len(), 1);
    assert_eq!(store.conversations(site, &listed(foreign)).await.unwrap().conversations.len(), 0);
    assert_eq!(store.conversations(site, &listed(SITE)).await.unwrap().conversations.len(), 1);
    // A membership gives no additional access.
    let key = key(world, site, SdkScope::Inbox(second.id)).await;
    let who = enter(world, site, key.id, "1", "session").await;
    store
        .change_inbox_members(
            site,
            fixture.inbox.id,
            &MembersChange::Add(vec![who.caller.agent.id]),
        )
        .await
        .unwrap()
        .unwrap();
    assert!(store.conversation(site, who.caller.access, number).await.unwrap().is_err());
}
