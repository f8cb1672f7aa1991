//! Measured in polls rather than in time, except for the CPU time that a poll is charged.

use super::*;
use futures_util::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::sync::Notify;

fn site(number: u8) -> SiteId {
    SiteId::from_bytes([number; 16])
}

/// Computes briefly, so that the poll is charged.
fn compute() {
    let began = Instant::now();
    while began.elapsed() < Duration::from_micros(100) {
        std::hint::spin_loop();
    }
}

/// For each task of the quiet site: how many polls of the busy site's hundred tasks happen between
/// its wake-up and its poll.
async fn polls_before_quiet_site(wrapped: bool) -> Vec<usize> {
    let turns = Arc::new(FairScheduler::default());
    let (polls, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let mut loud = Vec::new();
    for _ in 0..100 {
        let polls = Arc::clone(&polls);
        let work = async move {
            set_current_site(site(1));
            loop {
                compute();
                polls.fetch_add(1, Relaxed);
                yield_now().await;
            }
        };
        loud.push(if wrapped { tokio::spawn(turns.schedule(work)) } else { tokio::spawn(work) });
    }
    let (woken, waits) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let quiet = {
        let (polls, woken, waits) = (Arc::clone(&polls), Arc::clone(&woken), Arc::clone(&waits));
        let work = async move {
            set_current_site(site(2));
            let mut seen = Vec::new();
            for _ in 0..20 {
                waits.notify_one();
                woken.notified().await;
                seen.push(polls.load(Relaxed));
            }
            seen
        };
        if wrapped { tokio::spawn(turns.schedule(work)) } else { tokio::spawn(work) }
    };
    let mut at = Vec::new();
    for _ in 0..20 {
        waits.notified().await;
        // After the busy tasks have used their share of this window.
        let reached = polls.load(Relaxed) + 150;
        while polls.load(Relaxed) < reached {
            yield_now().await;
        }
        at.push(polls.load(Relaxed));
        woken.notify_one();
    }
    let seen = quiet.await.unwrap();
    loud.iter().for_each(tokio::task::JoinHandle::abort);
    drop(stop);
    seen.iter().zip(&at).map(|(seen, at)| seen - at).collect()
}

#[tokio::test]
async fn quiet_site_is_polled_before_busy_site() {
    let mut waited = polls_before_quiet_site(true).await;
    waited.sort_unstable();
    // A new window may begin in between, in which all sites are equal for a few polls.
    assert!(waited[15] <= 1 && waited[19] <= 20, "{waited:?}");
    let mut unfair = polls_before_quiet_site(false).await;
    unfair.sort_unstable();
    assert!(unfair[10] >= 50, "without fair scheduling it would wait for them: {unfair:?}");
}

#[tokio::test]
async fn single_site_never_yields_and_leaves_no_count() {
    let turns = Arc::new(FairScheduler::default());
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let mut left = 50;
    let work = poll_fn(move |context| {
        counted.fetch_add(1, Relaxed);
        compute();
        set_current_site(site(1));
        left -= 1;
        if left == 0 {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    });
    let (taken, outer) = (turns.schedule(work), Arc::new(AtomicUsize::new(0)));
    let mut taken = Box::pin(taken);
    let outer_polls = Arc::clone(&outer);
    poll_fn(move |context| {
        outer_polls.fetch_add(1, Relaxed);
        taken.as_mut().poll(context)
    })
    .await;
    assert_eq!((polls.load(Relaxed), outer.load(Relaxed)), (50, 50));
    assert!(turns.with_tenants(|tenants| tenants.ready.is_empty()));
}

#[tokio::test]
async fn dropped_ready_task_blocks_nobody() {
    let turns = Arc::new(FairScheduler::default());
    let notify = Arc::new(Notify::new());
    let waits = Arc::clone(&notify);
    let mut quiet = Box::pin(turns.schedule(async move {
        set_current_site(site(2));
        waits.notified().await;
    }));
    poll_fn(|context| {
        assert!(quiet.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    notify.notify_waiters();
    assert!(turns.with_tenants(|tenants| tenants.ready.len() == 1));
    drop(quiet);
    assert!(turns.with_tenants(|tenants| tenants.ready.is_empty()));
}

#[tokio::test]
async fn yields_are_bounded_when_the_other_is_never_polled() {
    let turns = Arc::new(FairScheduler::default());
    // As if another thread were too busy to poll it.
    turns.with_tenants(|tenants| tenants.mark_ready(Some(site(2))));
    turns.with_tenants(|tenants| {
        tenants.charge(Some(site(1)), Duration::from_millis(50), Instant::now());
    });
    let mut polls = 0;
    let mut work = Box::pin(ScheduledFuture::new(Arc::clone(&turns), Some(site(1)), async { 7 }));
    let done = poll_fn(|context| {
        polls += 1;
        work.as_mut().poll(context)
    })
    .await;
    assert_eq!((done, polls), (7, usize::from(MAX_CONSECUTIVE_YIELDS) + 1));
}

#[tokio::test]
async fn spawned_work_is_charged_to_the_same_site() {
    let turns = Arc::new(FairScheduler::default());
    turns
        .schedule(async {
            set_current_site(site(3));
            tokio::spawn(inherit_site(async { compute() })).await.unwrap();
        })
        .await;
    assert!(turns.with_tenants(|tenants| {
        tenants
            .usages
            .get(&Some(site(3)))
            .is_some_and(|usage| usage.cpu_time >= Duration::from_micros(100))
    }));
}

#[tokio::test]
async fn only_long_polls_yield() {
    for (parts, of_each, pauses) in [(20, Duration::from_millis(2), 20), (20, Duration::ZERO, 0)] {
        let turns = Arc::new(FairScheduler::default());
        let mut work = Box::pin(turns.schedule(async move {
            for _ in 0..parts {
                let began = Instant::now();
                while began.elapsed() < of_each {
                    std::hint::spin_loop();
                }
                yield_if_long().await;
            }
        }));
        let mut polls = 0;
        poll_fn(|context| {
            polls += 1;
            work.as_mut().poll(context)
        })
        .await;
        assert!(if pauses == 0 { polls <= 2 } else { polls == pauses + 1 }, "{polls}");
    }
}
