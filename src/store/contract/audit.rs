//! The audit log, and the settings of sites.

use super::test_store::{NOW, TestStore, after};
use crate::AuditScope;
use belfry_domain::{
    AccountId, Actor, AuditEntry, Category, Language, SiteId, SiteSettings, channel::AgentId,
};
use serde_json::json;
use std::collections::BTreeMap;

fn entry(site: Option<SiteId>, actor: Actor, subject: &str) -> AuditEntry {
    AuditEntry {
        site,
        actor,
        action: "thing.done".to_owned(),
        subject: subject.to_owned(),
        detail: Some(json!({"n": 1})),
        at: NOW,
    }
}

pub async fn entries_are_listed_newest_first_by_site(world: &TestStore) {
    let (site, key) = world.site("a").await;
    let (other, _) = world.site("b").await;
    let acts = [
        entry(Some(site), Actor::Key(key.id), "1"),
        entry(Some(other), Actor::Operator, "2"),
        entry(None, Actor::Account(AccountId(7)), "3"),
        entry(Some(site), Actor::Agent(AgentId(5)), "5"),
        AuditEntry { detail: None, at: after(60), ..entry(Some(site), Actor::System, "4") },
    ];
    for act in &acts {
        world.store.record(act).await.unwrap();
    }
    let listed = world.store.audit(Some(site), None, 10).await.unwrap();
    assert_eq!(
        listed.iter().map(|audited| &audited.entry).collect::<Vec<_>>(),
        [&acts[4], &acts[3], &acts[0]]
    );
    let older = world.store.audit(Some(site), Some(listed[0].number), 2).await.unwrap();
    assert_eq!(older, listed[1..]);
    let accounts = world.store.audit(None, None, 10).await.unwrap();
    assert_eq!(
        accounts.into_iter().map(|audited| audited.entry).collect::<Vec<_>>(),
        [acts[2].clone()]
    );
}

pub async fn entry_is_written_by_the_verb(world: &TestStore) {
    let (site, key) = world.site("a").await;
    let recorded = async || {
        world
            .store
            .audit(Some(site), None, 10)
            .await
            .unwrap()
            .into_iter()
            .map(|audited| audited.entry.subject)
            .collect::<Vec<_>>()
    };
    let act = |subject: &str| AuditScope::new(entry(Some(site), Actor::Operator, subject));
    assert!(act("revoked").scope(world.store.revoke_key(site, &key.id, NOW)).await.unwrap());
    assert_eq!(recorded().await, ["revoked"]);
    // Nothing was changed, or it was rejected.
    assert!(!act("again").scope(world.store.revoke_key(site, &key.id, NOW)).await.unwrap());
    assert!(act("refused").scope(world.store.add_key(&key)).await.is_err());
    let looks = act("looks");
    looks.scope(world.store.keys(site)).await.unwrap();
    assert!(!looks.is_recorded());
    // A created object is its own subject.
    let other = world.key(site);
    act("").scope(world.store.add_key(&other)).await.unwrap();
    assert_eq!(recorded().await, [other.id.0.as_str(), "revoked"]);
}

pub async fn settings_have_defaults(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    assert_eq!(world.store.settings(site).await.unwrap(), Some(SiteSettings::default()));
    let labels = BTreeMap::from([(Language::english(), "News".to_owned())]);
    let category = Category { name: "news".to_owned(), labels, mutable: true };
    let settings = SiteSettings::new(vec![Language::english()], Some(30), vec![category]).unwrap();
    assert!(world.store.update_settings(site, &settings).await.unwrap());
    assert_eq!(world.store.settings(site).await.unwrap(), Some(settings.clone()));
    assert_eq!(world.store.settings(other).await.unwrap(), Some(SiteSettings::default()));
    let nowhere = SiteId::from_bytes([9; 16]);
    assert_eq!(world.store.settings(nowhere).await.unwrap(), None);
    assert!(!world.store.update_settings(nowhere, &settings).await.unwrap());
}
