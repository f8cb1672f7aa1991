//! Which console accounts are agents of a site, and their permissions.

use super::{
    accounts::{first_account, invitee},
    test_store::{NOW, TestStore},
};
use belfry_domain::{
    Digest, InboxEvent, Role,
    channel::{AgentRole, AgentSecrets, ChannelAccess, ChannelToken},
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
