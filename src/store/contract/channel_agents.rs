//! Which console accounts are agents of a site, and their permissions.

use super::{
    accounts::{first_account, invitee},
    test_store::{NOW, TestStore},
};
use crate::domain::{
    Digest, InboxEvent, Role,
    channel::{AgentRole, AgentSecrets, ChannelAccess, ChannelToken},
};

fn secrets(world: &TestStore) -> AgentSecrets {
    AgentSecrets { access_token: None, pubsub_token: ChannelToken::generate(&world.entropy) }
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
        let found =
            world.store.agent_of_account(site, account, &secrets(world), NOW).await.unwrap();
        assert_eq!(found.as_ref().map(|found| found.agent.role), expected, "{role:?}");
        let Some(found) = found else { continue };
        assert_eq!(
            (found.agent.account, found.agent.email.as_str()),
            (Some(account), email.as_str())
        );
        assert!(world.store.agents(site).await.unwrap().contains(&found.agent), "{role:?}");
        let token = ChannelToken::generate(&world.entropy);
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
    let draft = crate::domain::AccountDraft {
        is_operator: true,
        ..super::accounts::draft("operator@shop.example")
    };
    let operator = world.store.set_up(&Digest::of("code"), &draft, NOW).await.unwrap().unwrap();
    let (site, _) = world.site("made by a command").await;
    let found =
        world.store.agent_of_account(site, operator, &secrets(world), NOW).await.unwrap().unwrap();
    assert_eq!((found.agent.role, found.agent.account), (AgentRole::Administrator, Some(operator)));
    assert_eq!(world.store.agents(site).await.unwrap(), [found.agent]);
}

pub async fn membership_change_revalidates_subscriptions(world: &TestStore) {
    let operator = first_account(world).await;
    let site = world.owned_site(operator).await;
    let member = invitee(world, site, operator, "member@shop.example", Role::Editor).await;
    let announced = |changes: Vec<InboxEvent>| {
        changes.iter().any(|change| matches!(change, InboxEvent::ChannelAccess { site: of, access: ChannelAccess::Agents } if *of == site))
    };
    world.heard.take();
    world.store.set_role(site, member, Role::Viewer).await.unwrap();
    assert!(announced(world.heard.take()));
    world.store.remove_member(site, member).await.unwrap();
    assert!(announced(world.heard.take()));
    world.store.remove_member(site, member).await.unwrap();
    assert!(!announced(world.heard.take()));
}
