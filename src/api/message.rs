//! Messages, as their sender sees them.

mod edit;
mod get;
mod publish;
mod recall;
mod view;

pub(super) use edit::edit;
pub(super) use get::get;
pub(super) use publish::publish;
pub(super) use recall::recall;
pub use view::View;
