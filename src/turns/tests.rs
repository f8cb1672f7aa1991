//! Counted in polls, not in time, but for what a poll is charged.

use super::*;
use futures_util::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::sync::Notify;

fn site(number: u8) -> SiteId {
    SiteId::from_bytes([number; 16])
}

/// Computes for a moment, so that it is charged for.
fn compute() {
    let began = Instant::now();
    while began.elapsed() < Duration::from_micros(100) {
        std::hint::spin_loop();
    }
}

/// How many polls of a loud site's hundred tasks lie between the moment in which the quiet site's task is woken and that of its poll.
async fn polls_before_the_quiet_one(wrapped: bool) -> Vec<usize> {
    let turns = Arc::new(Turns::default());
    let (polls, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let mut loud = Vec::new();
    for _ in 0..100 {
        let polls = Arc::clone(&polls);
        let work = async move {
            of_site(site(1));
            loop {
                compute();
                polls.fetch_add(1, Relaxed);
                yield_now().await;
            }
        };
        loud.push(if wrapped { tokio::spawn(turns.take(work)) } else { tokio::spawn(work) });
    }
    let (woken, waits) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let quiet = {
        let (polls, woken, waits) = (Arc::clone(&polls), Arc::clone(&woken), Arc::clone(&waits));
        let work = async move {
            of_site(site(2));
            let mut seen = Vec::new();
            for _ in 0..20 {
                waits.notify_one();
                woken.notified().await;
                seen.push(polls.load(Relaxed));
            }
            seen
        };
        if wrapped { tokio::spawn(turns.take(work)) } else { tokio::spawn(work) }
    };
    let mut at = Vec::new();
    for _ in 0..20 {
        waits.notified().await;
        // In the middle of the loud ones, which have used their share of this window.
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
async fn one_task_of_a_quiet_site_goes_before_a_hundred_of_a_loud_one() {
    let mut waited = polls_before_the_quiet_one(true).await;
    waited.sort_unstable();
    // A window may begin in between, in which all are even for a few polls.
    assert!(waited[15] <= 1 && waited[19] <= 20, "{waited:?}");
    let mut unfair = polls_before_the_quiet_one(false).await;
    unfair.sort_unstable();
    assert!(unfair[10] >= 50, "without turns it would wait for them: {unfair:?}");
}

#[tokio::test]
async fn a_site_alone_never_steps_back_and_nothing_stays_counted() {
    let turns = Arc::new(Turns::default());
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let mut left = 50;
    let work = poll_fn(move |context| {
        counted.fetch_add(1, Relaxed);
        compute();
        of_site(site(1));
        left -= 1;
        if left == 0 {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    });
    let (taken, outer) = (turns.take(work), Arc::new(AtomicUsize::new(0)));
    let mut taken = Box::pin(taken);
    let outer_polls = Arc::clone(&outer);
    poll_fn(move |context| {
        outer_polls.fetch_add(1, Relaxed);
        taken.as_mut().poll(context)
    })
    .await;
    assert_eq!((polls.load(Relaxed), outer.load(Relaxed)), (50, 50));
    assert!(turns.tenants(|tenants| tenants.ready.is_empty()));
}

#[tokio::test]
async fn a_task_that_is_dropped_while_it_is_ready_holds_up_nobody() {
    let turns = Arc::new(Turns::default());
    let notify = Arc::new(Notify::new());
    let waits = Arc::clone(&notify);
    let mut quiet = Box::pin(turns.take(async move {
        of_site(site(2));
        waits.notified().await;
    }));
    poll_fn(|context| {
        assert!(quiet.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    notify.notify_waiters();
    assert!(turns.tenants(|tenants| tenants.ready.len() == 1));
    drop(quiet);
    assert!(turns.tenants(|tenants| tenants.ready.is_empty()));
}

#[tokio::test]
async fn what_is_never_polled_is_not_waited_for_in_vain() {
    let turns = Arc::new(Turns::default());
    // As if another thread were too busy to poll it.
    turns.tenants(|tenants| tenants.wake(Some(site(2))));
    turns.tenants(|tenants| tenants.charge(Some(site(1)), Duration::from_millis(50), Instant::now()));
    let mut polls = 0;
    let mut work = Box::pin(Turn::new(Arc::clone(&turns), Some(site(1)), async { 7 }));
    let done = poll_fn(|context| {
        polls += 1;
        work.as_mut().poll(context)
    })
    .await;
    assert_eq!((done, polls), (7, usize::from(MAX_STEPS_BACK) + 1));
}

#[tokio::test]
async fn work_in_a_task_of_its_own_is_charged_to_the_same_site() {
    let turns = Arc::new(Turns::default());
    turns
        .take(async {
            of_site(site(3));
            tokio::spawn(same(async { compute() })).await.unwrap();
        })
        .await;
    assert!(turns.tenants(|tenants| tenants.all.get(&Some(site(3))).is_some_and(|usage| usage.used >= Duration::from_micros(100))));
}

#[tokio::test]
async fn long_work_pauses_and_short_work_does_not() {
    for (parts, of_each, pauses) in [(20, Duration::from_millis(2), 20), (20, Duration::ZERO, 0)] {
        let turns = Arc::new(Turns::default());
        let mut work = Box::pin(turns.take(async move {
            for _ in 0..parts {
                let began = Instant::now();
                while began.elapsed() < of_each {
                    std::hint::spin_loop();
                }
                pause().await;
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
