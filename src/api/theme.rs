//! Themes: upload a draft, preview it, publish it, roll back.

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

pub use list::View as ThemesView;
pub use preview::View as PreviewView;
pub use view::{PublishedView, View};

use super::ApiState;
use axum::extract::DefaultBodyLimit;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(upload::upload).layer(DefaultBodyLimit::max(form::MAX_FORM_BYTES)))
        .routes(routes!(publish::publish))
        .routes(routes!(get::get, delete::delete))
        .routes(routes!(roll_back::roll_back))
        .routes(routes!(preview::preview))
        .routes(routes!(download::download))
}
