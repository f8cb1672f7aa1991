//! The hub: site → contact → streams.

use crate::domain::{Announcer, Change};

/// All open streams of this process.
#[derive(Debug, Default)]
pub struct Hub;

/// One open stream.
#[derive(Debug)]
pub struct Subscription;

impl Announcer for Hub {
    fn announce(&self, _change: Change) {}
}
