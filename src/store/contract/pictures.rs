//! Pictures of messages.

use super::test_store::{NOW, TestStore};
use belfry_domain::{ImageFormat, SiteId, StoredImage};

fn picture(site: SiteId, name: &str) -> StoredImage {
    StoredImage {
        site,
        name: name.to_owned(),
        kind: ImageFormat::Gif,
        body: name.as_bytes().to_vec(),
        created_at: NOW,
    }
}

pub async fn pictures_are_scoped_to_site_and_bounded(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    for name in ["one.gif", "two.gif", "one.gif"] {
        assert!(world.store.store_picture(&picture(site, name), 2).await.unwrap());
    }
    assert!(!world.store.store_picture(&picture(site, "three.gif"), 2).await.unwrap());
    assert!(world.store.store_picture(&picture(other, "three.gif"), 2).await.unwrap());
    assert_eq!(world.store.picture(site, "one.gif").await.unwrap(), Some(picture(site, "one.gif")));
    assert_eq!(world.store.picture(other, "one.gif").await.unwrap(), None);
}
