//! What callers of the store may rely on, as tests that know no backend.
//!
//! A backend runs all of them by one line, `contract!(…)`, with a value that opens it in an empty place.

mod world;

use world::{Backend, World};

/// Writes a test for each promise.
macro_rules! contract {
    ($backend:expr, $($module:ident: [$($promise:ident),* $(,)?]),* $(,)?) => {
        $(mod $module {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::super::$module::$promise(&World::new($backend).await).await;
            })*
        })*
    };
}

mod marking;
mod sqlite;
