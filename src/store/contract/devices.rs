//! Devices of readers, allowed origins, and the seen position.

use super::test_store::{NOW, TestStore, after};
use crate::StoreError;
use belfry_domain::{
    ApiKey, ContactId, Device, Digest, InsertPosition, Language, Origin, Position, ReaderAction,
    ReaderPageRequest, SiteDraft,
};

fn device(key: &ApiKey, contact: ContactId, name: &str, seconds: u64) -> Device {
    Device {
        site: key.site,
        contact,
        digest: Digest::of(name),
        key: key.id.clone(),
        bound_at: after(seconds),
    }
}

pub async fn device_belongs_to_its_latest_binding(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let (ann, ben) = (world.contact(site, "ann").await, world.contact(site, "ben").await);
    let (phone, tablet) = (device(&key, ann, "phone", 0), device(&key, ann, "tablet", 1));
    for device in [&phone, &tablet] {
        world.store.bind_device(device).await.unwrap();
    }
    assert_eq!(world.store.device(site, &phone.digest).await.unwrap(), Some(phone.clone()));
    assert_eq!(world.store.devices(site, ann).await.unwrap(), [tablet.clone(), phone.clone()]);
    let moved = device(&key, ben, "phone", 2);
    world.store.bind_device(&moved).await.unwrap();
    assert_eq!(world.store.device(site, &phone.digest).await.unwrap(), Some(moved.clone()));
    assert_eq!(world.store.devices(site, ann).await.unwrap(), [tablet]);
    assert!(!world.store.unbind_device(site, ann, &phone.digest).await.unwrap());
    assert!(world.store.unbind_device(site, ben, &phone.digest).await.unwrap());
    assert!(!world.store.unbind_device(site, ben, &phone.digest).await.unwrap());
    assert_eq!(world.store.device(site, &phone.digest).await.unwrap(), None);
}

pub async fn device_ends_with_contact_and_key(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let other = world.key(site);
    world.store.add_key(&other).await.unwrap();
    let (ann, ben) = (world.contact(site, "ann").await, world.contact(site, "ben").await);
    let bound = [device(&key, ann, "1", 0), device(&other, ann, "2", 0), device(&key, ben, "3", 0)];
    for device in &bound {
        world.store.bind_device(device).await.unwrap();
    }
    world.store.delete_contact(site, ben, NOW).await.unwrap();
    assert_eq!(world.store.device(site, &bound[2].digest).await.unwrap(), None);
    assert!(matches!(world.store.bind_device(&bound[2]).await, Err(StoreError::Conflict(_))));
    world.store.revoke_key(site, &key.id, NOW).await.unwrap();
    assert_eq!(world.store.devices(site, ann).await.unwrap(), [bound[1].clone()]);
    assert!(matches!(world.store.bind_device(&bound[0]).await, Err(StoreError::Conflict(_))));
    // A soft-deleted contact's devices are unbound, and stay so after its restoration.
    world.store.archive_contact(site, ann, NOW).await.unwrap();
    assert_eq!(world.store.device(site, &bound[1].digest).await.unwrap(), None);
    assert!(matches!(world.store.bind_device(&bound[1]).await, Err(StoreError::Conflict(_))));
}

pub async fn devices_of_a_contact_are_bounded(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let (ann, ben) = (world.contact(site, "ann").await, world.contact(site, "ben").await);
    let kept = device(&key, ben, "bens", 0);
    world.store.bind_device(&kept).await.unwrap();
    let max = u64::from(Device::MOST);
    for number in 0..=max {
        world.store.bind_device(&device(&key, ann, &number.to_string(), number)).await.unwrap();
    }
    let devices = world.store.devices(site, ann).await.unwrap();
    assert_eq!(devices.len() as u64, max);
    assert_eq!(world.store.device(site, &Digest::of("0")).await.unwrap(), None);
    assert_eq!(devices[0].digest, Digest::of(&max.to_string()));
    assert_eq!(world.store.device(site, &kept.digest).await.unwrap(), Some(kept));
}

pub async fn device_is_scoped_to_its_site(world: &TestStore) {
    let ((site, key), (stranger, strange_key)) = (world.site("A").await, world.site("B").await);
    let (ann, eve) = (world.contact(site, "ann").await, world.contact(stranger, "eve").await);
    let bound = device(&key, ann, "phone", 0);
    world.store.bind_device(&bound).await.unwrap();
    assert_eq!(world.store.device(stranger, &bound.digest).await.unwrap(), None);
    assert_eq!(world.store.devices(stranger, ann).await.unwrap(), []);
    assert!(!world.store.unbind_device(stranger, ann, &bound.digest).await.unwrap());
    // The same id on two sites is two devices; a key of one site binds nothing on another.
    world.store.bind_device(&device(&strange_key, eve, "phone", 1)).await.unwrap();
    let crossed = Device { key: strange_key.id, ..device(&key, ann, "crossed", 0) };
    assert!(matches!(world.store.bind_device(&crossed).await, Err(StoreError::Conflict(_))));
    assert_eq!(world.store.device(site, &bound.digest).await.unwrap(), Some(bound));
}

pub async fn origin_is_known_while_a_site_allows_it(world: &TestStore) {
    let origin = |text: &str| text.parse::<Origin>().unwrap();
    let known = async |text: &str| world.store.is_origin_of_a_site(&origin(text)).await.unwrap();
    assert!(!known("https://shop.example").await);
    let (first, _) = world.site("A").await;
    let (second, _) = world.site("B").await;
    assert!(known("https://shop.example").await);
    for site in [first, second] {
        assert!(known("https://shop.example").await);
        let moved = SiteDraft::new(
            "moved",
            vec![origin("https://new.example")],
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )
        .unwrap();
        assert!(
            world
                .store
                .update_site(site, Box::new(|site| Ok(moved.apply_to(site))))
                .await
                .unwrap()
                .is_some()
        );
    }
    assert!(!known("https://shop.example").await);
    assert!(known("https://new.example").await);
    assert!(!known("http://new.example").await);
}

pub async fn seen_position_is_of_the_newest_seen(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (ann, ben) = (world.contact(site, "ann").await, world.contact(site, "ben").await);
    assert_eq!(world.store.seen_position(site, ann).await.unwrap(), Position::default());
    for _ in 0..3 {
        world.publish_at(&world.message(site, None), NOW).await;
    }
    world.store.apply_reader_action(site, ann, &ReaderAction::Seen(None), NOW).await.unwrap();
    let newest = world.store.page(site, ann, ReaderPageRequest::first(), NOW).await.unwrap().items
        [0]
    .message
    .position;
    assert_eq!(world.store.seen_position(site, ann).await.unwrap(), newest);
    assert_eq!(world.store.seen_position(site, ben).await.unwrap(), Position::default());
    assert_eq!(world.store.seen_position(site, ContactId(99)).await.unwrap(), Position::default());
}
