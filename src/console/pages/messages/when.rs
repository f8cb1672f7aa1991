//! Moments, numbers and languages in words. Moments are in UTC: the server does not know where its people are.

use crate::{
    console::words::Lang,
    content::{
        catalogue::Texts,
        time::{exact, relative},
    },
    domain::{Language, Timestamp},
};
use leptos::prelude::*;

fn language(lang: Lang) -> Language {
    lang.tag().parse().unwrap_or_else(|_| Language::english())
}

/// A moment in full. A script adds what the clock on the wall says then.
pub(super) fn moment(lang: Lang, at: Timestamp) -> impl IntoView + use<> {
    let exact = exact(at, &language(lang));
    view! { <time datetime=exact.datetime data-local="1">{exact.title}</time> }
}

/// A moment in few words: how long ago, or exactly when it will be.
pub(in crate::console::pages) fn brief(lang: Lang, now: Timestamp, at: Timestamp) -> impl IntoView + use<> {
    let language = language(lang);
    let exact = exact(at, &language);
    let words = if at > now { exact.title.clone() } else { relative(now, at, Texts::of(&language)) };
    view! { <time datetime=exact.datetime title=exact.title>{words}</time> }
}

/// A moment under a chart: "2026-11-12 14:00", or the day alone.
pub(super) fn short(at: Timestamp, hourly: bool) -> String {
    let written = exact(at, &Language::english()).datetime;
    let (day, time) = (written.get(..10).unwrap_or_default(), written.get(11..16).unwrap_or_default());
    if hourly { format!("{day} {time}") } else { day.to_owned() }
}

/// A number with spaces that do not break between its thousands.
pub(in crate::console::pages) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 4);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A part of a whole, as text.
pub(super) fn share(part: u64, whole: u64) -> Option<String> {
    let hundredths = part.checked_mul(100)?.checked_div(whole)?;
    Some(format!("{hundredths} %"))
}

/// A language by its own name, where that is known, else by its tag.
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
    if language.as_str() == language.base() { name.to_owned() } else { format!("{name} ({language})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_languages_are_easy_to_read() {
        assert_eq!((count(7), count(1_234), count(12_345)), ("7".to_owned(), "1234".to_owned(), "12\u{202f}345".to_owned()));
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!((share(1, 3), share(1, 0)), (Some("33 %".to_owned()), None));
        assert_eq!(named(&"uk".parse().unwrap()), "Українська");
        assert_eq!(named(&"pt-BR".parse().unwrap()), "Português (pt-br)");
        assert_eq!(named(&"eo".parse().unwrap()), "eo");
    }
}
