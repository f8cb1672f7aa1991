//! Fair scheduling of async tasks between sites: a request of a site that used little CPU time
//! recently is polled before those of a site that used much, however many of those are ready.
//!
//! The runtime polls tasks in the order in which they were woken. Without this, each step of one
//! site's single request would wait for a step of each of another site's hundred requests. A
//! connection's future is wrapped with [`FairScheduler::take`], which tracks the ready tasks and
//! the CPU time of each site. A task of a site over its share yields to the end of the runtime's
//! queue while a task of a site with less usage is ready, up to `MAX_CONSECUTIVE_YIELDS` times in a
//! row, so no thread idles and nothing waits for long.
//!
//! The site of a request is known only after authentication, which then calls [`set_current_site`].
//! The next request on the connection counts for the same site until it calls it again.
//! Unauthenticated work shares one tenant.
//!
//! Must not depend on HTTP or on what the tasks do. Called by the server (connections), the
//! surfaces (`set_current_site`) and long computations ([`yield_if_long`]).

use belfry_domain::SiteId;
use futures_util::task::AtomicWaker;
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};
use tokio::{task::yield_now, task_local, time::Instant};

/// Usage is reset after this time, so that old usage has no effect.
const USAGE_WINDOW: Duration = Duration::from_millis(100);
/// Sites whose usage differs by less count as equal.
const FAIRNESS_MARGIN: Duration = Duration::from_micros(500);
/// A poll that took longer than this yields at the next [`yield_if_long`].
const MAX_POLL_TIME: Duration = Duration::from_millis(1);
/// Consecutive yields of one task. Bounded because the task with less usage may be in the queue of
/// another, busy thread.
const MAX_CONSECUTIVE_YIELDS: u8 = 3;

task_local! {
    static TASK: Arc<Task>;
}

type Tenant = Option<SiteId>;

/// CPU time and ready tasks of each site.
#[derive(Debug)]
pub struct FairScheduler(Mutex<Tenants>);

#[derive(Debug)]
struct Tenants {
    usages: BTreeMap<Tenant, Usage>,
    /// Sites with ready tasks, least usage first.
    ready: BTreeSet<(Duration, Tenant)>,
    window_start: Option<Instant>,
    /// How long usage counts.
    window: Duration,
}

impl Default for FairScheduler {
    fn default() -> Self {
        Self::with_window(USAGE_WINDOW)
    }
}

#[derive(Debug, Default)]
struct Usage {
    cpu_time: Duration,
    /// Tasks that were woken and not polled since.
    ready: usize,
}

impl Tenants {
    fn mark_ready(&mut self, tenant: Tenant) {
        let usage = self.usages.entry(tenant).or_default();
        usage.ready += 1;
        self.ready.insert((usage.cpu_time, tenant));
    }

    fn mark_idle(&mut self, tenant: Tenant) {
        let Some(usage) = self.usages.get_mut(&tenant) else { return };
        usage.ready = usage.ready.saturating_sub(1);
        if usage.ready == 0 {
            self.ready.remove(&(usage.cpu_time, tenant));
        }
    }

    fn charge(&mut self, tenant: Tenant, time: Duration, now: Instant) {
        if self.window_start.is_none_or(|since| now.duration_since(since) >= self.window) {
            self.window_start = Some(now);
            self.usages.retain(|_, usage| usage.ready > 0);
            self.usages.values_mut().for_each(|usage| usage.cpu_time = Duration::ZERO);
            self.ready = self.usages.keys().map(|tenant| (Duration::ZERO, *tenant)).collect();
        }
        let usage = self.usages.entry(tenant).or_default();
        let former = usage.cpu_time;
        usage.cpu_time += time;
        if self.ready.remove(&(former, tenant)) {
            self.ready.insert((usage.cpu_time, tenant));
        }
    }

    /// Whether another site with less usage has a ready task.
    fn is_ahead(&self, tenant: Tenant) -> bool {
        let used = self.usages.get(&tenant).map_or(Duration::ZERO, |usage| usage.cpu_time);
        self.ready
            .first()
            .is_some_and(|(least, other)| *other != tenant && *least + FAIRNESS_MARGIN < used)
    }
}

impl FairScheduler {
    /// A scheduler that forgets usage after `window`.
    pub fn with_window(window: Duration) -> Self {
        let (usages, ready) = (BTreeMap::new(), BTreeSet::new());
        Self(Mutex::new(Tenants { usages, ready, window_start: None, window }))
    }

    fn with_tenants<T>(&self, look: impl FnOnce(&mut Tenants) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// CPU time that a site used in the current window.
    pub fn usage_of(&self, site: SiteId) -> Duration {
        self.with_tenants(|tenants| {
            tenants.usages.get(&Some(site)).map_or(Duration::ZERO, |usage| usage.cpu_time)
        })
    }

    /// Wraps a future so that it is scheduled fairly between sites.
    pub fn schedule<F: Future>(self: &Arc<Self>, work: F) -> ScheduledFuture<F> {
        ScheduledFuture::new(Arc::clone(self), None, work)
    }
}

/// Attributes the current task to this site from now on.
pub fn set_current_site(site: SiteId) {
    let _ = TASK.try_with(|task| task.state().tenant = Some(site));
}

/// Schedules the future of a new task under the same site as the current task.
pub fn inherit_site<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let current = TASK.try_with(|task| (Arc::clone(&task.scheduler), task.state().tenant));
    async move {
        match current {
            Ok((turns, tenant)) => ScheduledFuture::new(turns, tenant, work).await,
            Err(_) => work.await,
        }
    }
}

/// Yields if the current poll has taken long already. Call it between the parts of a computation of
/// several milliseconds.
pub async fn yield_if_long() {
    let is_long = TASK
        .try_with(|task| {
            task.state().poll_start.is_some_and(|since| since.elapsed() >= MAX_POLL_TIME)
        })
        .unwrap_or_default();
    if is_long {
        yield_now().await;
    }
}

/// Waker of a task, with the site that it counts for.
#[derive(Debug)]
struct Task {
    scheduler: Arc<FairScheduler>,
    waker: AtomicWaker,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    tenant: Tenant,
    /// The tenant under which the task counts as ready.
    ready_as: Option<Tenant>,
    /// Start of the current poll.
    poll_start: Option<Instant>,
    is_done: bool,
}

impl Task {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mark_ready(&self) {
        let mut state = self.state();
        if state.ready_as.is_none() && !state.is_done {
            let tenant = state.tenant;
            state.ready_as = Some(tenant);
            self.scheduler.with_tenants(|tenants| tenants.mark_ready(tenant));
        }
    }

    fn mark_idle(&self, state: &mut State) {
        if let Some(tenant) = state.ready_as.take() {
            self.scheduler.with_tenants(|tenants| tenants.mark_idle(tenant));
        }
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.mark_ready();
        self.waker.wake();
    }
}

/// A future that is scheduled fairly between sites.
pub struct ScheduledFuture<F> {
    task: Arc<Task>,
    waker: Waker,
    work: Pin<Box<F>>,
    steps_back: u8,
}

impl<F: Future> ScheduledFuture<F> {
    fn new(scheduler: Arc<FairScheduler>, tenant: Tenant, work: F) -> Self {
        let state = State { tenant, ..State::default() };
        let task =
            Arc::new(Task { scheduler, waker: AtomicWaker::new(), state: Mutex::new(state) });
        Self { waker: Waker::from(Arc::clone(&task)), task, work: Box::pin(work), steps_back: 0 }
    }
}

impl<F: Future> Future for ScheduledFuture<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        this.task.waker.register(context.waker());
        let tenant = this.task.state().tenant;
        if this.steps_back < MAX_CONSECUTIVE_YIELDS
            && this.task.scheduler.with_tenants(|tenants| tenants.is_ahead(tenant))
        {
            this.steps_back += 1;
            // It stays ready, so it stays counted.
            this.task.mark_ready();
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        this.steps_back = 0;
        let began = Instant::now();
        {
            let mut state = this.task.state();
            this.task.mark_idle(&mut state);
            state.poll_start = Some(began);
        }
        let work = this.work.as_mut();
        let polled = TASK.sync_scope(Arc::clone(&this.task), || {
            work.poll(&mut Context::from_waker(&this.waker))
        });
        let (now, tenant) = (Instant::now(), this.task.state().tenant);
        this.task
            .scheduler
            .with_tenants(|tenants| tenants.charge(tenant, now.duration_since(began), now));
        polled
    }
}

impl<F> Drop for ScheduledFuture<F> {
    fn drop(&mut self) {
        let mut state = self.task.state();
        state.is_done = true;
        self.task.mark_idle(&mut state);
    }
}

#[cfg(test)]
mod tests;
