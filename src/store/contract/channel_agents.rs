//! Agents of a site: how their tokens find them, which console accounts are agents, and what each may
//! see.

use super::{
    accounts::{first_account, invitee},
    channel::{ConversationFixture, agent_secrets},
    test_store::{NOW, TestStore},
};
use belfry_domain::{
    Digest, InboxEvent, Role,
    channel::{
        AgentDraft, AgentRole, AgentSecrets, Availability, ChannelAccess, ChannelToken,
        MembersChange, PubsubOwner, Rejection, VisibleInboxes,
    },
};

fn secrets(world: &TestStore) -> AgentSecrets {
    AgentSecrets { access_token: None, pubsub_token: ChannelToken::generate(&world.rng) }
}

pub async fn members_become_agents_by_role(world: &TestStore) {
    let operator = first_account(world).await;
    let site = world.owned_site(operator).await;
    for (role, expected) in [
        (Role::Owner, Some(AgentRole::Administrator)),
        (Role::Editor, Some(AgentRole::Agent)),
        (Role::Agent, Some(AgentRole::Agent)),
        (Role::Viewer, None),
    ] {
        let email = format!("{}@shop.example", role.as_str());
        let account = invitee(world, site, operator, &email, role).await;
        let agent =
            world.store.agent_of_account(site, account, &secrets(world), NOW).await.unwrap();
        assert_eq!(agent.as_ref().map(|found| found.agent.role), expected, "{role:?}");
        let Some(found) = agent else { continue };
        assert_eq!(
            (found.agent.account, found.agent.email.as_str()),
            (Some(account), email.as_str())
        );
        assert!(world.store.agents(site).await.unwrap().contains(&found.agent), "{role:?}");
        let token = ChannelToken::generate(&world.rng);
        let tokens = AgentSecrets { access_token: Some(token.clone()), ..secrets(world) };
        world.store.set_agent_tokens(site, found.agent.id, &tokens).await.unwrap();
        let token = token.digest();
        assert_eq!(
            world.store.agent_by_token(&token).await.unwrap().unwrap().agent,
            found.agent,
            "{role:?}"
        );
        world.store.set_role(site, account, Role::Viewer).await.unwrap();
        assert!(world.store.agent_by_token(&token).await.unwrap().is_none(), "{role:?}");
        assert!(
            world
                .store
                .agent_of_account(site, account, &secrets(world), NOW)
                .await
                .unwrap()
                .is_none(),
            "{role:?}"
        );
    }
    assert_eq!(world.store.agents(site).await.unwrap(), []);
}

pub async fn instance_owner_administers_every_site(world: &TestStore) {
    world.store.offer_set_up(&Digest::of("code"), super::test_store::after(60)).await.unwrap();
    let draft = belfry_domain::AccountDraft {
        is_operator: true,
        ..super::accounts::draft("operator@shop.example")
    };
    let operator = world.store.set_up(&Digest::of("code"), &draft, NOW).await.unwrap().unwrap();
    let (site, _) = world.site("made by a command").await;
    let agent =
        world.store.agent_of_account(site, operator, &secrets(world), NOW).await.unwrap().unwrap();
    assert_eq!((agent.agent.role, agent.agent.account), (AgentRole::Administrator, Some(operator)));
    assert_eq!(world.store.agents(site).await.unwrap(), [agent.agent]);
}

pub async fn membership_change_revalidates_subscriptions(world: &TestStore) {
    let operator = first_account(world).await;
    let site = world.owned_site(operator).await;
    let member = invitee(world, site, operator, "member@shop.example", Role::Editor).await;
    let announced = |changes: Vec<InboxEvent>| {
        changes.iter().any(|change| matches!(change, InboxEvent::ChannelAccessChanged { site: of, access: ChannelAccess::Agents } if *of == site))
    };
    world.events.take();
    world.store.set_role(site, member, Role::Viewer).await.unwrap();
    assert!(announced(world.events.take()));
    world.store.remove_member(site, member).await.unwrap();
    assert!(announced(world.events.take()));
    world.store.remove_member(site, member).await.unwrap();
    assert!(!announced(world.events.take()));
}

pub async fn agent_is_found_by_token(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (store, secrets) = (&world.store, agent_secrets(world));
    let draft = AgentDraft::new("Ada", "Ada@agents.example", AgentRole::Administrator).unwrap();
    let made = store.create_agent(site, &draft, &secrets, NOW).await.unwrap().unwrap();
    assert_eq!(
        store.create_agent(site, &draft, &agent_secrets(world), NOW).await.unwrap(),
        Err(Rejection::Taken("email"))
    );
    let digest = secrets.access_token.clone().unwrap().digest();
    let signed_in = store.agent_by_token(&digest).await.unwrap().unwrap();
    assert_eq!(
        (signed_in.site, &signed_in.agent, &signed_in.pubsub_token),
        (site, &made, &secrets.pubsub_token)
    );
    assert_eq!(signed_in.account, store.site_number(site).await.unwrap().unwrap());
    assert_eq!(store.agents(site).await.unwrap(), std::slice::from_ref(&made));
    let busy = store.set_availability(site, made.id, Availability::Busy).await.unwrap().unwrap();
    assert_eq!(store.agent(site, made.id).await.unwrap(), Some(busy));
    let others = agent_secrets(world);
    let next = others.access_token.clone().unwrap().digest();
    assert!(store.set_agent_tokens(site, made.id, &others).await.unwrap());
    assert!(store.agent_by_token(&digest).await.unwrap().is_none());
    assert_eq!(
        store.agent_by_token(&next).await.unwrap().unwrap().pubsub_token,
        others.pubsub_token
    );
    assert!(
        store.subscriber(&secrets.pubsub_token.digest()).await.unwrap().is_none(),
        "the former token gave access to this one, too"
    );
    assert!(store.subscriber(&others.pubsub_token.digest()).await.unwrap().is_some());
    assert!(
        store
            .set_agent_tokens(
                site,
                made.id,
                &AgentSecrets { access_token: None, ..agent_secrets(world) }
            )
            .await
            .unwrap()
    );
    assert!(store.agent_by_token(&next).await.unwrap().is_none());
}

pub async fn agent_of_an_account_ends_with_its_membership(world: &TestStore) {
    let owner = first_account(world).await;
    let site = world.owned_site(owner).await;
    let (store, secrets) = (&world.store, agent_secrets(world));
    let first = store.agent_of_account(site, owner, &secrets, NOW).await.unwrap().unwrap();
    assert_eq!((first.agent.role, first.agent.account), (AgentRole::Administrator, Some(owner)));
    let again =
        store.agent_of_account(site, owner, &agent_secrets(world), NOW).await.unwrap().unwrap();
    assert_eq!(again, first);
    let (other, _) = world.site("other").await;
    assert_eq!(
        store.agent_of_account(other, owner, &agent_secrets(world), NOW).await.unwrap(),
        None
    );
    let second = invitee(world, site, owner, "second@shop.example", Role::Editor).await;
    let editor =
        store.agent_of_account(site, second, &agent_secrets(world), NOW).await.unwrap().unwrap();
    assert_eq!(editor.agent.role, AgentRole::Agent);
    let secrets = agent_secrets(world);
    let digest = secrets.access_token.clone().unwrap().digest();
    store.set_agent_tokens(site, editor.agent.id, &secrets).await.unwrap();
    assert!(store.agent_by_token(&digest).await.unwrap().is_some());
    store.set_role(site, second, Role::Viewer).await.unwrap();
    assert!(store.agent_by_token(&digest).await.unwrap().is_none());
    assert!(store.subscriber(&secrets.pubsub_token.digest()).await.unwrap().is_none());
    assert_eq!(store.agents(site).await.unwrap(), [first.agent]);
}

pub async fn subscriber_is_resolved_with_its_access(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let store = &world.store;
    let secrets = agent_secrets(world);
    let draft = AgentDraft::new("Bea", "bea@agents.example", AgentRole::Agent).unwrap();
    let made = store.create_agent(fixture.site, &draft, &secrets, NOW).await.unwrap().unwrap();
    let subscriber = store.subscriber(&secrets.pubsub_token.digest()).await.unwrap().unwrap();
    assert!(
        matches!(&subscriber, PubsubOwner::Agent { agent, inboxes: VisibleInboxes::Some(none), .. } if **agent == made && none.is_empty())
    );
    store
        .change_inbox_members(fixture.site, fixture.inbox.id, &MembersChange::Add(vec![made.id]))
        .await
        .unwrap()
        .unwrap();
    let subscriber = store.subscriber(&secrets.pubsub_token.digest()).await.unwrap().unwrap();
    assert!(
        matches!(&subscriber, PubsubOwner::Agent { inboxes, .. } if inboxes.contains(fixture.inbox.id))
    );
    let token = fixture.session.pubsub_token.clone().unwrap();
    let subscriber = store.subscriber(&token.digest()).await.unwrap().unwrap();
    assert!(matches!(&subscriber, PubsubOwner::Session { site, session, contact, .. }
        if *site == fixture.site && **session == fixture.session && contact.id() == fixture.contact));
    assert!(store.subscriber(&Digest::of("x")).await.unwrap().is_none());
}
