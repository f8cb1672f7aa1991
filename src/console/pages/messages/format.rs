//! Formats times, numbers and languages for the message pages.

use crate::{
    request_context::RequestContext,
    view::{date, relative_time_at},
};
use belfry_domain::{Language, Timestamp};
use belfry_web::html::Markup;

/// A past time relative to now, a future one in full.
pub(in crate::pages) fn brief(context: &RequestContext, now: Timestamp, at: Timestamp) -> Markup {
    if at > now { date(context, at) } else { relative_time_at(context, now, at) }
}

/// A percentage as text.
pub(super) fn share(part: u64, total: u64) -> Option<String> {
    let hundredths = part.checked_mul(100)?.checked_div(total)?;
    Some(format!("{hundredths} %"))
}

/// The name of a language in that language, else its tag.
pub(super) fn named(language: &Language) -> String {
    let name = match language.base() {
        "ar" => "العربية",
        "cs" => "Čeština",
        "de" => "Deutsch",
        "en" => "English",
        "es" => "Español",
        "fr" => "Français",
        "he" => "עברית",
        "hu" => "Magyar",
        "it" => "Italiano",
        "ja" => "日本語",
        "nl" => "Nederlands",
        "pl" => "Polski",
        "pt" => "Português",
        "ro" => "Română",
        "sk" => "Slovenčina",
        "sv" => "Svenska",
        "tr" => "Türkçe",
        "uk" => "Українська",
        "zh" => "中文",
        _ => return language.to_string(),
    };
    if language.as_str() == language.base() {
        name.to_owned()
    } else {
        format!("{name} ({language})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::grouped as count;

    #[test]
    fn numbers_and_languages_are_easy_to_read() {
        assert_eq!(
            (count(7), count(1_234), count(12_345)),
            ("7".to_owned(), "1234".to_owned(), "12\u{202f}345".to_owned())
        );
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!((share(1, 3), share(1, 0)), (Some("33 %".to_owned()), None));
        assert_eq!(named(&"uk".parse().unwrap()), "Українська");
        assert_eq!(named(&"pt-BR".parse().unwrap()), "Português (pt-br)");
        assert_eq!(named(&"eo".parse().unwrap()), "eo");
    }
}
