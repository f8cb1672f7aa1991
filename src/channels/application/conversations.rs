//! Endpoints of conversations: create, list, get and change.

mod act;
mod create;
mod labels;
mod list;
mod status;
mod update;

pub(super) use status::timestamp;

use super::ApplicationState;
use utoipa_axum::{router::UtoipaMethodRouter, routes};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<ApplicationState>> {
    vec![
        routes!(list::list, create::create),
        routes!(list::meta),
        routes!(list::get, update::update),
        routes!(status::toggle_status),
        routes!(act::toggle_typing_status),
        routes!(act::update_last_seen),
        routes!(act::assign),
        routes!(act::custom_attributes),
        routes!(labels::get, labels::set),
    ]
}
