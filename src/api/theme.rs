//! Themes, as their designer sees them: uploaded as a draft, looked at by a link, published, taken back.

mod delete;
mod download;
mod form;
mod get;
mod list;
mod preview;
mod publish;
mod roll_back;
mod upload;
mod view;

pub(super) use delete::delete;
pub(super) use download::download;
pub(super) use form::LIMIT;
pub(super) use get::get;
pub use list::View as ThemesView;
pub(super) use list::list;
pub use preview::View as PreviewView;
pub(super) use preview::preview;
pub(super) use publish::publish;
pub(super) use roll_back::roll_back;
pub(super) use upload::upload;
pub use view::{InForceView, View};
