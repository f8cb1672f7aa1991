//! Bounded use of the process's resources: thread pools for CPU-bound work, fair scheduling between
//! sites, caches that can't outgrow their limit.
//!
//! Must not depend on what the work is or on HTTP. Called by the store, the use cases and the HTTP
//! surfaces.

pub mod blocking;
pub mod cache;
pub mod fair_scheduler;
