//! Cases: sites, their keys and settings.

use super::super::scenario::{Scenario, expect};
use crate::contract::test_store::NOW;
use belfry_domain::{
    Category, Digest, InsertPosition, Language, Origin, Site, SiteDraft, SiteSettings,
};

fn draft(origin: &str) -> SiteDraft {
    SiteDraft::new(
        "New",
        vec![origin.parse().unwrap()],
        "#bell",
        InsertPosition::BeforeEnd,
        Language::english(),
    )
    .unwrap()
}

pub async fn run(s: &Scenario) {
    let store = &s.world.store;
    s.measure("ping", store.ping()).await;
    expect(s.measure("leads", store.leads()).await, true);
    s.measure("store_trusted_time", store.store_trusted_time(NOW)).await;
    expect(s.measure("trusted_time", store.trusted_time()).await, Some(NOW));
    // There is none of a file.
    s.measure("server_time", store.server_time()).await;
    // Per site: the call reads all of them.
    let sites = store.sites().await.unwrap().len();
    s.measure_each("sites", sites, store.sites()).await;
    expect(s.measure("site", store.site(s.site)).await.is_some(), true);
    let created = draft("https://new.example").into_site(&s.world.rng, NOW);
    let key = s.world.key(created.id);
    s.measure("create_site", store.create_site(&created, &key)).await;
    // A trigger replaces the site's origins.
    let change = |name: &'static str| {
        Box::new(move |site: &Site| {
            Ok(Site { name: name.to_owned(), ..draft("https://other.example").apply_to(site) })
        })
    };
    expect(
        s.measure("update_site", store.update_site(s.site, change("One"))).await.is_some(),
        true,
    );
    expect(
        s.measure("update_site: same origins", store.update_site(s.site, change("Two")))
            .await
            .is_some(),
        true,
    );
    let known = |origin: &str| origin.parse::<Origin>().unwrap();
    expect(
        s.measure("is_origin_of_a_site", store.is_origin_of_a_site(&known("https://shop.example")))
            .await,
        true,
    );
    expect(
        s.measure(
            "is_origin_of_a_site: unknown",
            store.is_origin_of_a_site(&known("https://unknown.example")),
        )
        .await,
        false,
    );
    let category = |name: &str, mutable| Category {
        name: name.to_owned(),
        labels: [(Language::english(), name.to_owned())].into(),
        mutable,
    };
    let settings = SiteSettings::new(
        vec![Language::english()],
        None,
        vec![category("news", true), category("offers", true)],
    )
    .unwrap();
    expect(s.measure("update_settings", store.update_settings(s.site, &settings)).await, true);
    let fewer = Box::new(|former: &SiteSettings| {
        SiteSettings::new(Vec::new(), None, former.categories().to_vec())
    });
    let settings = SiteSettings::new(Vec::new(), None, settings.categories().to_vec()).unwrap();
    expect(
        s.measure("change_settings", store.change_settings(s.site, fewer)).await,
        Some(Ok(settings.clone())),
    );
    let both = Box::new(|(site, settings): &(Site, SiteSettings)| {
        Ok((
            Site { name: "Three".to_owned(), ..site.clone() },
            SiteSettings::new(vec![Language::english()], None, settings.categories().to_vec())?,
        ))
    });
    expect(s.measure("change_site", store.change_site(s.site, both)).await.unwrap().is_ok(), true);
    let settings =
        SiteSettings::new(vec![Language::english()], None, settings.categories().to_vec()).unwrap();
    expect(s.measure("settings", store.settings(s.site)).await, Some(settings));

    let key = s.world.key(s.site);
    s.measure("add_key", store.add_key(&key)).await;
    expect(s.measure("keys", store.keys(s.site)).await.len(), 2);
    expect(s.measure("key", store.key(&key.digest)).await.is_some(), true);
    expect(s.measure("key: unknown", store.key(&Digest::of("unknown"))).await, None);
    s.measure("touch_key", store.touch_key(s.site, &key.id, NOW)).await;
}
