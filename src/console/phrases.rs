//! Phrases that several pages share, of `console-common.ftl`. A page's own are in the file of its area.

pub(super) use belfry_locales::phrases::console_common::*;

pub(super) use belfry_locales::{Phrase, UiLanguage};

use axum::http::HeaderMap;
use belfry_web::accept::languages;

/// The language that `Accept-Language` prefers.
pub(super) fn preferred_language(headers: &HeaderMap) -> UiLanguage {
    languages(headers).into_iter().find_map(UiLanguage::find).unwrap_or_default()
}

/// The languages to choose from: tag and native name.
pub(super) fn language_options() -> Vec<(String, String)> {
    UiLanguage::all().map(|lang| (lang.tag().to_owned(), lang.native_name().to_owned())).to_vec()
}

/// The name of a role.
pub(super) fn role_name(role: belfry_domain::Role) -> Phrase {
    match role {
        belfry_domain::Role::Owner => OWNER,
        belfry_domain::Role::Editor => EDITOR,
        belfry_domain::Role::Viewer => VIEWER,
        belfry_domain::Role::Agent => AGENT,
    }
}
