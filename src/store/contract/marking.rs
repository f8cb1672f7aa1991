//! What a reader does, and what it counts.

use super::world::{NOW, World};
use crate::domain::{Change, Mark};

pub async fn counts_fall_as_a_reader_sees_and_reads(world: &World) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let first = world.publish(site, None).await;
    let second = world.publish(site, Some(&[reader])).await;
    world.publish(site, None).await;
    assert_eq!(world.counts(site, reader).await, (3, 3));
    world.mark(site, reader, Mark::Seen).await;
    assert_eq!(world.counts(site, reader).await, (3, 0));
    world.mark(site, reader, Mark::Read(vec![second])).await;
    assert_eq!(world.counts(site, reader).await, (2, 0));
    world.mark(site, reader, Mark::Clicked(first)).await;
    assert_eq!(world.counts(site, reader).await, (1, 0));
    let tally = world.mark(site, reader, Mark::AllRead).await;
    assert_eq!((tally.unread, tally.unseen), (0, 0));
    world.publish(site, None).await;
    assert_eq!(world.counts(site, reader).await, (1, 1));
    let page = world.page(site, reader, None, 10).await;
    assert_eq!(page.items.iter().map(|item| item.read).collect::<Vec<_>>(), [false, true, true, true]);
    assert_eq!(page.tally, world.tally(site, reader).await);
    assert!(world.store.item(site, reader, first, NOW).await.unwrap().unwrap().read);
    let marked: Vec<_> = world.heard.take().into_iter().filter(|change| matches!(change, Change::Marked { .. })).collect();
    assert_eq!(marked.len(), 4);
}
