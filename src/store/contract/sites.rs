//! Sites and keys.

use super::test_store::{NOW, TestStore, after};
use crate::StoreError;
use belfry_domain::{
    InsertPosition, Language, Site, SiteDraft, SiteId, SiteSettings, ValidationError,
};
use belfry_locales::phrases::errors;
use futures_util::future::join_all;

async fn load(world: &TestStore, site: SiteId) -> Site {
    world.store.site(site).await.unwrap().unwrap()
}

pub async fn site_is_stored_unchanged(world: &TestStore) {
    let origins =
        vec!["https://b.example".parse().unwrap(), "http://localhost:3001".parse().unwrap()];
    let draft = SiteDraft::new(
        "Zoo \u{1f43c} & co",
        origins,
        "#a > .b[c=\"d\"]",
        InsertPosition::AfterBegin,
        "pt-BR".parse().unwrap(),
    )
    .unwrap();
    let site = draft.into_site(&world.rng, NOW);
    world.store.create_site(&site, &world.key(site.id)).await.unwrap();
    assert_eq!(load(world, site.id).await, site);
    let (other, _) = world.site("Aquarium").await;
    assert_eq!(world.store.sites().await.unwrap(), [load(world, other).await, site]);
    assert_eq!(world.store.site(SiteId::generate(&world.rng)).await.unwrap(), None);
}

pub async fn update_changes_only_the_settings(world: &TestStore) {
    let (id, key) = world.site("Before").await;
    let (other, _) = world.site("Other").await;
    let untouched = load(world, other).await;
    let draft = SiteDraft::new(
        "After",
        vec!["https://new.example".parse().unwrap()],
        "nav",
        InsertPosition::AfterEnd,
        "uk".parse().unwrap(),
    )
    .unwrap();
    let changed = draft.clone().apply_to(&load(world, id).await);
    // The creation time cannot be changed.
    let older = Site { created_at: after(99), ..changed.clone() };
    assert!(world.store.update_site(id, Box::new(|_| Ok(older))).await.unwrap().unwrap().is_ok());
    assert_eq!(load(world, id).await, changed);
    assert_eq!(changed.created_at, NOW);
    assert_eq!(load(world, other).await, untouched);
    assert_eq!(world.store.keys(id).await.unwrap(), [key]);
    let nowhere = draft.into_site(&world.rng, NOW);
    assert_eq!(world.store.update_site(nowhere.id, Box::new(|_| Ok(nowhere))).await.unwrap(), None);
    assert_eq!(world.store.sites().await.unwrap().len(), 2);
}

/// Each change applies to the current value, and a rejected one changes nothing.
pub async fn concurrent_updates_are_not_lost(world: &TestStore) {
    let (id, _) = world.site("A").await;
    let add = |number: usize| {
        world.store.update_site(
            id,
            Box::new(move |site: &Site| {
                let mut origins = site.origins.clone();
                origins.push(format!("https://{number}.example").parse().unwrap());
                if number.is_multiple_of(5) {
                    Err(ValidationError::new("origin", errors::verbatim("refused")))
                } else {
                    Ok(Site { origins, ..site.clone() })
                }
            }),
        )
    };
    let answers = join_all((1..=20).map(add)).await;
    let refused =
        answers.iter().filter(|answer| answer.as_ref().unwrap().as_ref().unwrap().is_err()).count();
    assert_eq!((refused, load(world, id).await.origins.len()), (4, 17));
    let language = |number: usize| {
        world.store.change_settings(
            id,
            Box::new(move |settings: &SiteSettings| {
                let tags = ["de", "fr", "it", "es", "pt", "pl", "cs", "sk", "hu", "ro"];
                let languages = settings
                    .languages()
                    .iter()
                    .cloned()
                    .chain([tags[number].parse().unwrap()])
                    .collect();
                SiteSettings::new(
                    languages,
                    settings.retention_days(),
                    settings.categories().to_vec(),
                )
            }),
        )
    };
    assert!(
        join_all((0..10).map(language))
            .await
            .into_iter()
            .all(|answer| answer.unwrap().unwrap().is_ok())
    );
    assert_eq!(world.store.settings(id).await.unwrap().unwrap().languages().len(), 10);
    let nowhere = SiteId::generate(&world.rng);
    assert_eq!(
        world
            .store
            .change_settings(nowhere, Box::new(|settings| Ok(settings.clone())))
            .await
            .unwrap(),
        None
    );
}

/// A site and its settings are both changed or neither.
pub async fn site_and_settings_change_atomically(world: &TestStore) {
    let (id, _) = world.site("A").await;
    let (other, _) = world.site("Other").await;
    let renamed = |name: &'static str, refused: bool| {
        world.store.change_site(
            id,
            Box::new(move |(site, settings): &(Site, SiteSettings)| {
                let languages =
                    settings.languages().iter().cloned().chain([Language::english()]).collect();
                let settings = SiteSettings::new(languages, Some(30), Vec::new())?;
                if refused {
                    Err(ValidationError::new("name", errors::verbatim("refused")))
                } else {
                    Ok((Site { name: name.to_owned(), ..site.clone() }, settings))
                }
            }),
        )
    };
    let stored = async || (load(world, id).await, world.store.settings(id).await.unwrap().unwrap());
    let before = stored().await;
    assert!(renamed("B", true).await.unwrap().unwrap().is_err());
    assert_eq!(stored().await, before);
    let changed = renamed("B", false).await.unwrap().unwrap().unwrap();
    assert_eq!(stored().await, changed);
    assert_eq!(
        (changed.0.name.as_str(), changed.1.languages().len(), changed.1.retention_days()),
        ("B", 1, Some(30))
    );
    assert_eq!(load(world, other).await.name, "Other");
    let nowhere = SiteId::generate(&world.rng);
    assert_eq!(
        world.store.change_site(nowhere, Box::new(|both| Ok(both.clone()))).await.unwrap(),
        None
    );
}

pub async fn duplicate_site_or_key_is_a_conflict(world: &TestStore) {
    let (id, key) = world.site("One").await;
    let site = load(world, id).await;
    let again = world
        .store
        .create_site(&Site { name: "Two".to_owned(), ..site.clone() }, &world.key(id))
        .await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    // The key is rejected, so the site is not created either.
    let fresh =
        Site { id: SiteId::generate(&world.rng), language: Language::english(), ..site.clone() };
    let mut stolen = key.clone();
    stolen.site = fresh.id;
    assert!(matches!(world.store.create_site(&fresh, &stolen).await, Err(StoreError::Conflict(_))));
    assert!(matches!(world.store.add_key(&key).await, Err(StoreError::Conflict(_))));
    assert!(matches!(
        world.store.add_key(&world.key(fresh.id)).await,
        Err(StoreError::Conflict(_))
    ));
    assert_eq!(world.store.sites().await.unwrap(), [site]);
    assert_eq!(world.store.keys(id).await.unwrap(), [key]);
}

pub async fn keys_are_valid_until_revoked(world: &TestStore) {
    let (site, first) = world.site("A").await;
    let mut second = world.key(site);
    second.created_at = after(1);
    world.store.add_key(&second).await.unwrap();
    assert_eq!(world.store.keys(site).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(world.store.key(&first.digest).await.unwrap(), Some(first.clone()));
    assert!(world.store.revoke_key(site, &first.id, after(5)).await.unwrap());
    assert!(!world.store.revoke_key(site, &first.id, after(6)).await.unwrap());
    assert!(!world.store.revoke_key(site, &world.key(site).id, after(6)).await.unwrap());
    assert_eq!(world.store.key(&first.digest).await.unwrap(), None);
    assert_eq!(world.store.key(&second.digest).await.unwrap(), Some(second.clone()));
    let keys = world.store.keys(site).await.unwrap();
    assert_eq!(keys.iter().map(|key| key.revoked_at).collect::<Vec<_>>(), [Some(after(5)), None]);
}

pub async fn last_use_of_a_key_never_decreases(world: &TestStore) {
    let (site, key) = world.site("A").await;
    for (at, expected) in [(after(60), after(60)), (after(10), after(60)), (after(120), after(120))]
    {
        world.store.touch_key(site, &key.id, at).await.unwrap();
        assert_eq!(
            world.store.key(&key.digest).await.unwrap().unwrap().last_used_at,
            Some(expected)
        );
    }
}
