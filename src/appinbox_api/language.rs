//! Chooses the language of messages.

use super::auth::ReaderContext;
use axum::http::HeaderMap;
use belfry_domain::{Contact, Language};
use belfry_web::accept::languages;

/// The contact's language, else that of `Accept-Language`, else the site's.
pub(super) fn negotiate(
    contact: &Contact,
    context: &ReaderContext,
    headers: &HeaderMap,
) -> Language {
    contact
        .language
        .clone()
        .or_else(|| accept_language(headers))
        .unwrap_or_else(|| context.site.language.clone())
}

/// The most preferred language in `Accept-Language`.
fn accept_language(headers: &HeaderMap) -> Option<Language> {
    languages(headers).into_iter().find_map(|tag| tag.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, header};

    fn first(value: &'static str) -> Option<String> {
        let headers =
            HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value))]);
        accept_language(&headers).map(String::from)
    }

    #[test]
    fn highest_weight_wins_then_order() {
        assert_eq!(first("uk-UA,uk;q=0.9,en;q=0.8").as_deref(), Some("uk-ua"));
        assert_eq!(first("en;q=0.5, de;q=0.7, fr;q=0.7").as_deref(), Some("de"));
        assert_eq!(first("*, pt;q=0.1").as_deref(), Some("pt"));
        assert_eq!(first("de;q=0"), None);
        assert_eq!(first("*;q=1"), None);
        assert_eq!(first(""), None);
    }
}
