//! `belfry demo`: Belfry with a seeded site, and a shop on another site to try it in.
//!
//! Everything between the two is what any customer would do: the shop knows an address and an API key.

pub mod messages;
pub mod seed;
pub mod shop;
pub mod visitor;

pub use seed::{Seeded, seed};
pub use shop::{ShopOptions, shop};
