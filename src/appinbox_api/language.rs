//! Chooses the language of messages.

use super::auth::ReaderContext;
use crate::domain::{Contact, Language};
use axum::http::{HeaderMap, header};

/// The contact's language, else that of `Accept-Language`, else the site's.
pub(super) fn negotiate(contact: &Contact, visit: &ReaderContext, headers: &HeaderMap) -> Language {
    contact
        .language
        .clone()
        .or_else(|| accept_language(headers))
        .unwrap_or_else(|| visit.site.language.clone())
}

/// The most preferred language in `Accept-Language`.
fn accept_language(headers: &HeaderMap) -> Option<Language> {
    let wishes = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?.split(',').take(20);
    let mut best: Option<(f32, Language)> = None;
    for wish in wishes {
        let (tag, parameters) = wish.split_once(';').unwrap_or((wish, ""));
        let weight = parameters
            .trim()
            .strip_prefix("q=")
            .map_or(Some(1.0), |weight| weight.trim().parse().ok())
            .unwrap_or(0.0);
        let Ok(language) = tag.parse::<Language>() else { continue };
        if weight > best.as_ref().map_or(0.0, |(best, _)| *best) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

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
