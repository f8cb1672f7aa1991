//! Bounded thread pools for CPU-bound work of more than about a millisecond: a few jobs at once,
//! off the async threads, with sites taking turns.
//!
//! The permit moves into the job: a caller that disconnects leaves the queue, but never lets
//! another job run beside one that is still running. Must not depend on what the work is. Called by
//! whatever parses, compiles or hashes input from tenants or unauthenticated clients.

use belfry_domain::SiteId;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::Semaphore,
    task::block_in_place,
};

/// Jobs of one site that run or wait in one pool. Each holds its input in memory.
const MAX_JOBS_PER_SITE: usize = 16;

/// For inputs of many kilobytes that are parsed as a whole: pages, tables, lists of contacts.
pub static LARGE_INPUTS: BlockingPool = BlockingPool::new(2);

/// For long messages, which take milliseconds each to render.
pub static RENDERING: BlockingPool = BlockingPool::new(2);

/// Why a job did not run to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockingError {
    /// The site has the maximum number of running and waiting jobs.
    #[error("too many jobs of this site are waiting")]
    Busy,
    /// The job panicked, or the process is stopping.
    #[error("the job stopped before its end")]
    Stopped,
}

/// A bounded number of concurrent blocking jobs.
pub struct BlockingPool {
    permits: Semaphore,
    /// One permit for each site with jobs, so that a site has at most one job in the shared queue.
    sites: Mutex<BTreeMap<SiteId, Weak<Semaphore>>>,
}

impl BlockingPool {
    /// A pool that runs up to `jobs` jobs at once.
    pub const fn new(jobs: usize) -> Self {
        Self { permits: Semaphore::const_new(jobs), sites: Mutex::new(BTreeMap::new()) }
    }

    /// Runs a job that belongs to no site.
    pub async fn run<T: Send + 'static>(
        &'static self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, BlockingError> {
        self.run_with_permit((), job).await
    }

    /// Runs a job of a site. One job of each site runs at a time, and sites take turns.
    pub async fn run_for<T: Send + 'static>(
        &'static self,
        site: SiteId,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, BlockingError> {
        let queue = self.queue(site, MAX_JOBS_PER_SITE).ok_or(BlockingError::Busy)?;
        let turn = queue.acquire_owned().await.map_err(|_| BlockingError::Stopped)?;
        self.run_with_permit(turn, job).await
    }

    /// Runs a job of a site that borrows from its caller, on the current thread; the runtime moves
    /// this thread's other tasks to another one. Waiting callers hold no input of their own, so
    /// their number is not bounded.
    pub async fn run_inline_for<T>(&'static self, site: SiteId, job: impl FnOnce() -> T) -> T {
        let queue = self.queue(site, usize::MAX);
        // Neither semaphore is ever closed.
        let turn = match &queue {
            Some(queue) => queue.acquire().await.ok(),
            None => None,
        };
        let permit = self.permits.acquire().await.ok();
        let done = match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => block_in_place(job),
            // On a current-thread runtime there is no other thread to move tasks to.
            _ => job(),
        };
        drop((permit, turn));
        done
    }

    async fn run_with_permit<T: Send + 'static>(
        &'static self,
        turn: impl Send + 'static,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, BlockingError> {
        let permit = self.permits.acquire().await.map_err(|_| BlockingError::Stopped)?;
        let work = tokio::task::spawn_blocking(move || {
            let done = job();
            drop((permit, turn));
            done
        });
        work.await.map_err(|_| BlockingError::Stopped)
    }

    /// The queue of a site. It lives as long as a job holds it.
    fn queue(&self, site: SiteId, max: usize) -> Option<Arc<Semaphore>> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        sites.retain(|_, queue| queue.strong_count() > 0);
        if let Some(queue) = sites.get(&site).and_then(Weak::upgrade) {
            // Each job, running or waiting, holds one reference; this call holds the last one.
            return (Arc::strong_count(&queue) <= max).then_some(queue);
        }
        let queue = Arc::new(Semaphore::new(1));
        sites.insert(site, Arc::downgrade(&queue));
        Some(queue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::SystemRng;
    use futures_util::FutureExt as _;
    use std::{
        future::Future,
        pin::pin,
        sync::mpsc::{Receiver, Sender, channel},
    };

    /// A job that reports that it runs, and runs until it receives a signal.
    fn job(
        begun: &Sender<&'static str>,
        name: &'static str,
    ) -> (Sender<()>, impl FnOnce() + Send + 'static + use<>) {
        let (end, ended): (_, Receiver<()>) = channel();
        let begun = begun.clone();
        let run = move || {
            begun.send(name).unwrap();
            let _ = ended.recv();
        };
        (end, run)
    }

    /// Polls the future once.
    fn begin(future: impl Future) {
        let _ = pin!(future).now_or_never();
    }

    #[tokio::test]
    async fn permit_stays_with_job_of_dropped_caller() {
        static POOL: BlockingPool = BlockingPool::new(1);
        let (begun, names) = channel();
        let (end, first) = job(&begun, "first");
        // Polled once, so that it runs, and then dropped.
        begin(POOL.run(first));
        assert_eq!(names.recv().unwrap(), "first");
        assert_eq!(POOL.permits.available_permits(), 0);
        let (end_second, second) = job(&begun, "second");
        let mut waiting = Box::pin(POOL.run(second));
        assert!(waiting.as_mut().now_or_never().is_none());
        assert!(names.try_recv().is_err(), "it ran concurrently with the first");
        drop((end, end_second));
        waiting.await.unwrap();
        assert_eq!(names.recv().unwrap(), "second");
    }

    #[tokio::test]
    async fn sites_take_turns_and_one_site_is_bounded() {
        static POOL: BlockingPool = BlockingPool::new(1);
        let (loud, quiet) = (SiteId::generate(&SystemRng), SiteId::generate(&SystemRng));
        let (begun, names) = channel();
        let (mut ends, mut calls) = (Vec::new(), Vec::new());
        for _ in 0..100 {
            let (end, run) = job(&begun, "loud");
            ends.push(end);
            let mut call = Box::pin(POOL.run_for(loud, run));
            match call.as_mut().now_or_never() {
                None => calls.push(call),
                Some(refused) => assert_eq!(refused, Err(BlockingError::Busy)),
            }
        }
        assert_eq!(calls.len(), MAX_JOBS_PER_SITE);
        let (end, run) = job(&begun, "quiet");
        let mut call = Box::pin(POOL.run_for(quiet, run));
        assert!(call.as_mut().now_or_never().is_none());
        drop((ends, end));
        let all = futures_util::future::join_all(calls);
        let _ = tokio::join!(all, call);
        let order: Vec<_> = names.try_iter().collect();
        assert_eq!(order.len(), MAX_JOBS_PER_SITE + 1);
        assert!(order.iter().position(|name| *name == "quiet").unwrap() <= 2, "{order:?}");
        assert!(POOL.queue(loud, 1).is_some());
    }

    #[tokio::test]
    async fn panic_releases_the_permit() {
        static POOL: BlockingPool = BlockingPool::new(1);
        let site = SiteId::generate(&SystemRng);
        for _ in 0..3 {
            assert_eq!(POOL.run_for(site, || assert_ne!(1, 1)).await, Err(BlockingError::Stopped));
        }
        assert_eq!(POOL.run_for(site, || 7).await, Ok(7));
    }

    /// One job of each site at a time, two in total, and the async threads stay free.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn in_place_jobs_take_turns_and_block_no_thread() {
        static POOL: BlockingPool = BlockingPool::new(2);
        let (loud, quiet) = (SiteId::generate(&SystemRng), SiteId::generate(&SystemRng));
        let (begun, names) = channel();
        let mut ends = Vec::new();
        let mut start = |site, name| {
            let (end, run) = job(&begun, name);
            ends.push(end);
            tokio::spawn(async move { POOL.run_inline_for(site, run).await })
        };
        let mut all: Vec<_> = (0..30).map(|_| start(loud, "loud")).collect();
        let next = async |names: &Receiver<&'static str>| loop {
            match names.try_recv() {
                Ok(name) => return name,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        assert_eq!(next(&names).await, "loud");
        all.push(start(quiet, "quiet"));
        // Next to the first and before all others of its site: the only async thread is free.
        assert_eq!(next(&names).await, "quiet");
        assert!(names.try_recv().is_err());
        ends.clear();
        for job in all {
            job.await.unwrap();
        }
        assert_eq!(names.try_iter().count(), 29);
    }
}
