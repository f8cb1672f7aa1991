//! A bounded queue for one stream that takes about a hundred bytes while it is empty.
//!
//! A tokio channel would hold a block of slots for each of ten thousand idle streams. Must not
//! depend on what it carries. The hub sends, the stream receives.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// Slots that an empty queue keeps allocated.
const IDLE_CAPACITY: usize = 4;

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    is_closed: bool,
    /// Closed at once; queued items were dropped.
    is_aborted: bool,
    waker: Option<Waker>,
}

impl<T> State<T> {
    fn register_waker(&mut self, context: &Context<'_>) {
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            self.waker = Some(context.waker().clone());
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

type Shared<T> = Arc<Mutex<State<T>>>;

fn lock<T>(shared: &Shared<T>) -> MutexGuard<'_, State<T>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sending end. Items sent before it is dropped are still received.
#[derive(Debug)]
pub(super) struct Sender<T>(Shared<T>);

/// The receiving end.
#[derive(Debug)]
pub(super) struct Receiver<T>(Shared<T>);

/// An empty queue.
pub(super) fn queue<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Mutex::new(State {
        items: VecDeque::new(),
        is_closed: false,
        is_aborted: false,
        waker: None,
    }));
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

impl<T> Sender<T> {
    /// Queues an item; `false` when `limit` items are queued already or the receiver is gone.
    pub(super) fn send(&self, item: T, limit: usize) -> bool {
        let mut state = lock(&self.0);
        if state.is_closed || state.items.len() >= limit {
            return false;
        }
        if state.items.capacity() == 0 {
            state.items.reserve_exact(IDLE_CAPACITY);
        }
        state.items.push_back(item);
        state.wake();
        true
    }

    /// Accepts no more items. Queued items are still received.
    pub(super) fn close(&self) {
        let mut state = lock(&self.0);
        state.is_closed = true;
        state.wake();
    }

    /// Accepts no more items and drops the queued ones.
    pub(super) fn abort(&self) {
        let mut state = lock(&self.0);
        (state.is_closed, state.is_aborted, state.items) = (true, true, VecDeque::new());
        state.wake();
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<T> Receiver<T> {
    /// Ready when the queue was aborted, for a task that waits for something other than the next
    /// item.
    pub(super) fn poll_aborted(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.0);
        if state.is_aborted {
            return Poll::Ready(());
        }
        state.register_waker(context);
        Poll::Pending
    }

    /// The next item, or `None` when the queue is empty and closed.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = lock(&self.0);
        if let Some(item) = state.items.pop_front() {
            if state.items.is_empty() && state.items.capacity() > IDLE_CAPACITY {
                state.items = VecDeque::new();
            }
            return Poll::Ready(Some(item));
        }
        if state.is_closed {
            return Poll::Ready(None);
        }
        state.register_waker(context);
        Poll::Pending
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.is_closed = true;
        state.items = VecDeque::new();
        state.waker = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    #[tokio::test]
    async fn items_arrive_in_order_and_the_end_after_them() {
        let (sender, mut receiver) = queue();
        let taken = tokio::spawn(async move {
            let mut taken = Vec::new();
            while let Some(item) = poll_fn(|context| receiver.poll_next(context)).await {
                taken.push(item);
            }
            taken
        });
        for item in 0..9 {
            assert!(sender.send(item, 9));
            tokio::task::yield_now().await;
        }
        drop(sender);
        assert_eq!(taken.await.unwrap(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn full_or_closed_queue_rejects_items() {
        let (sender, mut receiver) = queue();
        assert!(sender.send('a', 2) && sender.send('b', 2) && !sender.send('c', 2));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(receiver.poll_next(&mut context), Poll::Ready(Some('a')));
        assert!(sender.send('d', 2));
        drop(receiver);
        assert!(!sender.send('e', 2));
    }

    #[test]
    fn closed_queue_drains_and_aborted_queue_is_empty() {
        let mut context = Context::from_waker(Waker::noop());
        let (sender, mut receiver) = queue();
        assert!(sender.send('a', 2));
        sender.close();
        assert!(!sender.send('b', 2) && receiver.poll_aborted(&mut context).is_pending());
        assert_eq!(receiver.poll_next(&mut context), Poll::Ready(Some('a')));
        assert_eq!(receiver.poll_next(&mut context), Poll::Ready(None));

        let (sender, mut receiver) = queue();
        assert!(sender.send('a', 2) && receiver.poll_aborted(&mut context).is_pending());
        sender.abort();
        assert!(receiver.poll_aborted(&mut context).is_ready());
        assert_eq!(receiver.poll_next(&mut context), Poll::Ready(None));
    }

    #[test]
    fn burst_leaves_no_capacity_behind() {
        let (sender, mut receiver) = queue();
        let mut context = Context::from_waker(Waker::noop());
        for item in 0..64 {
            assert!(sender.send(item, 64));
        }
        while receiver.poll_next(&mut context).is_ready() {}
        assert!(lock(&receiver.0).items.capacity() <= IDLE_CAPACITY);
    }
}
