//! Turns of sites in the queue, by the writer time that they used, and its limits.

use super::*;
use futures_util::FutureExt as _;
use tokio::task::unconstrained;

fn site(number: u8) -> SiteId {
    SiteId::from_bytes([number; 16])
}

#[tokio::test]
async fn sites_take_turns_and_each_keeps_its_order() {
    let (sender, mut receiver) = new();
    for number in 0..500 {
        sender.send(Some(site(1)), number).await.unwrap();
    }
    sender.send(Some(site(2)), 1_000).await.unwrap();
    sender.send(None, 2_000).await.unwrap();
    sender.send(Some(site(2)), 1_001).await.unwrap();
    let first: Vec<_> =
        std::iter::from_fn(|| receiver.try_recv()).take(6).map(|(_, number)| number).collect();
    assert_eq!(first, [0, 1_000, 2_000, 1, 1_001, 2]);
    // The later site waits for at most one command of the other one.
    sender.send(Some(site(3)), 3_000).await.unwrap();
    let next: Vec<_> =
        std::iter::from_fn(|| receiver.try_recv()).take(2).map(|(_, number)| number).collect();
    assert!(next.contains(&3_000), "{next:?}");
    let rest: Vec<_> =
        std::iter::from_fn(|| receiver.try_recv()).map(|(_, number)| number).collect();
    assert!(rest.is_sorted() && rest.len() == 496, "{}", rest.len());
    assert!(receiver.is_empty());
}

#[tokio::test]
async fn commands_of_one_site_can_be_taken() {
    let (sender, mut receiver) = new();
    for (number, item) in [(1, 10), (2, 20), (1, 11)] {
        sender.send(Some(site(number)), item).await.unwrap();
    }
    assert!(receiver.has_others(Some(site(1))) && receiver.has_others(None));
    assert_eq!(receiver.try_recv_of(Some(site(1))), Some(10));
    assert_eq!(receiver.try_recv_of(Some(site(1))), Some(11));
    assert_eq!(receiver.try_recv_of(Some(site(1))), None);
    assert!(receiver.has_others(Some(site(1))) && !receiver.has_others(Some(site(2))));
    assert_eq!(receiver.try_recv_of(None), None);
    assert_eq!(receiver.try_recv(), Some((Some(site(2)), 20)));
    assert!(receiver.is_empty() && receiver.try_recv().is_none());
}

#[tokio::test]
async fn full_queue_of_a_site_does_not_block_others() {
    let (sender, mut receiver) = new();
    for number in 0..MAX_WAITING_PER_SITE {
        sender.send(Some(site(1)), number).await.unwrap();
    }
    let mut held = Box::pin(sender.send(Some(site(1)), 9_999));
    assert!(unconstrained(&mut held).now_or_never().is_none(), "the queue is full");
    unconstrained(sender.send(Some(site(2)), 5)).now_or_never().flatten().unwrap();
    assert!((sender.probe())());
    receiver.try_recv().unwrap();
    assert!(unconstrained(held).now_or_never().is_some(), "there is room again");
}

/// Takes `count` commands, which cost `costs` per site, and returns how many were of the first
/// site.
fn take(receiver: &mut Receiver<u32>, count: usize, costs: [u64; 2]) -> usize {
    let mut of_first = 0;
    for _ in 0..count {
        let (lane, _) = receiver.try_recv().unwrap();
        let is_first = lane == Some(site(1));
        of_first += usize::from(is_first);
        receiver.charge(lane, Duration::from_millis(costs[usize::from(!is_first)]));
    }
    of_first
}

#[tokio::test]
async fn slow_and_fast_sites_get_equal_time() {
    let (sender, mut receiver) = new();
    for number in 0..500 {
        sender.send(Some(site(1)), number).await.unwrap();
        sender.send(Some(site(2)), number).await.unwrap();
    }
    let of_first = take(&mut receiver, 220, [10, 1]);
    assert!((18..=23).contains(&of_first), "{of_first}");
}

/// A site that sends its next command after each response has none queued when it is another's
/// turn.
#[tokio::test]
async fn usage_is_remembered_while_a_queue_is_empty() {
    let (sender, mut receiver) = new();
    sender.send(Some(site(1)), 0).await.unwrap();
    assert_eq!(take(&mut receiver, 1, [10, 1]), 1);
    sender.send(Some(site(1)), 1).await.unwrap();
    for number in 0..20 {
        sender.send(Some(site(2)), number).await.unwrap();
    }
    assert_eq!(take(&mut receiver, 9, [10, 1]), 0);
    assert_eq!(take(&mut receiver, 3, [10, 1]), 1);
}

#[tokio::test]
async fn idle_time_earns_no_credit() {
    let (sender, mut receiver) = new();
    for number in 0..1_000 {
        sender.send(Some(site(1)), number).await.unwrap();
    }
    assert_eq!(take(&mut receiver, 900, [10, 1]), 900);
    for number in 0..100 {
        sender.send(Some(site(2)), number).await.unwrap();
    }
    assert!((45..=55).contains(&take(&mut receiver, 100, [10, 10])));
}

#[tokio::test]
async fn usage_of_a_slow_command_is_reset_after_the_window() {
    let (sender, mut receiver) = new();
    sender.send(Some(site(1)), 0).await.unwrap();
    take(&mut receiver, 1, [5_000, 1]);
    for number in 0..300 {
        sender.send(Some(site(1)), number).await.unwrap();
        sender.send(Some(site(2)), number).await.unwrap();
    }
    assert!(take(&mut receiver, 200, [1, 1]) > 40);
}

#[tokio::test]
async fn usage_of_idle_sites_is_removed() {
    let (sender, mut receiver) = new();
    for number in 0..10_000_u64 {
        let mut id = [9; 16];
        id[..8].copy_from_slice(&number.to_le_bytes());
        let feed = Some(SiteId::from_bytes(id));
        sender.send(feed, 0).await.unwrap();
        receiver.try_recv().unwrap();
    }
    assert!(receiver.order.usage.len() <= 5_001, "{}", receiver.order.usage.len());
    assert!(receiver.is_empty());
}
