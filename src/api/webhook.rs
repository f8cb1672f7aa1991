//! Webhooks, as the site that wants to hear of things registers and watches them.

mod create;
mod delete;
mod deliveries;
mod get;
mod list;
mod replay;
mod secret;
mod test;
mod update;
mod view;

pub(super) use create::create;
pub(super) use delete::delete;
pub(super) use deliveries::{deliveries, delivery};
pub(super) use get::get;
pub(super) use list::list;
pub(super) use replay::{replay, replay_all};
pub(super) use secret::rotate;
pub(super) use test::test;
pub(super) use update::update;
pub use view::{DeliveryView, View};
