//! `segments`: who is meant by a description, under a name or on the spot.

mod count;
mod create;
mod delete;
mod get;
mod list;
mod update;
mod view;

pub(super) use count::count;
pub(super) use create::create;
pub(super) use delete::delete;
pub(super) use get::get;
pub(super) use list::list;
pub(super) use update::update;
pub use view::View;
