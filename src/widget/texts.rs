//! The texts that scripts assemble in the browser, one file per language. They are equal for all
//! readers, so a browser fetches them once rather than with each document. The server serves them
//! next to the browser build; documents reference them by [`path`].

use belfry_content::widget_texts;
use belfry_domain::Digest;
use belfry_locales::{UiLanguage, phrases::widget as phrases};
use std::{collections::BTreeMap, sync::LazyLock};

/// A script that stores the texts of one language in the document.
#[derive(Debug)]
pub struct TextFile {
    language: &'static str,
    /// Its public path, which contains a content hash.
    pub path: String,
    /// Its source.
    pub script: String,
}

static FILES: LazyLock<Vec<TextFile>> = LazyLock::new(|| {
    let make = |lang: UiLanguage| {
        // A JSON string is a valid JavaScript string as well.
        let script = format!(
            "document.documentElement.dataset.texts={}",
            serde_json::to_string(&for_browser(lang)).unwrap_or_default()
        );
        let language = lang.tag();
        TextFile {
            language,
            path: format!("/pkg/texts-{language}-{}.js", Digest::of(&script).short()),
            script,
        }
    };
    UiLanguage::all().into_iter().map(make).collect()
});

/// The files of all languages.
pub fn files() -> &'static [TextFile] {
    &FILES
}

/// The public path of the file for these texts.
pub(super) fn path(lang: UiLanguage) -> Option<&'static str> {
    files().iter().find(|file| file.language == lang.tag()).map(|file| file.path.as_str())
}

/// The texts needed in the browser, as JSON.
fn for_browser(lang: UiLanguage) -> String {
    let plain = [
        ("tag", lang.tag()),
        ("bell", phrases::TITLE.t(lang)),
        ("failed", phrases::FAILED.t(lang)),
        ("unavailable", phrases::UNAVAILABLE.t(lang)),
        ("archive", phrases::ARCHIVED.t(lang)),
        ("delete", phrases::DELETED.t(lang)),
        ("allRead", phrases::ALL_READ.t(lang)),
        ("session_over", phrases::SIGNED_OUT.t(lang)),
        ("just_now", phrases::JUST_NOW.t(lang)),
        ("yesterday", phrases::YESTERDAY.t(lang)),
    ];
    let plain = plain.into_iter().map(|(key, text)| (key.to_owned(), text.to_owned()));
    let filled = [
        ("arrived", phrases::ANNOUNCEMENT),
        ("minutes", phrases::MINUTES),
        ("hours", phrases::HOURS),
        ("days", phrases::DAYS),
    ];
    let filled = filled.into_iter().map(|(key, text)| (key.to_owned(), text.for_browser(lang)));
    let counted = widget_texts::templates(lang)
        .into_iter()
        .map(|template| (format!("{}.{}", template.key, template.category), template.text));
    let all: BTreeMap<_, _> = plain.chain(filled).chain(counted).collect();
    serde_json::to_string(&all).unwrap_or_default()
}
