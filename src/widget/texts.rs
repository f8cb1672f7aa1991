//! The texts that scripts assemble in the browser, one file per language. They are equal for all
//! readers, so a browser fetches them once rather than with each document. The server serves them
//! next to the browser build; documents reference them by [`path`].

use crate::{content::widget_texts::WidgetTexts, domain::Digest};
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
    let make = |texts: &'static WidgetTexts| {
        // A JSON string is a valid JavaScript string as well.
        let script = format!(
            "document.documentElement.dataset.texts={}",
            serde_json::to_string(&for_browser(texts)).unwrap_or_default()
        );
        let language = texts.tag();
        TextFile {
            language,
            path: format!("/pkg/texts-{language}-{}.js", Digest::of(&script).short()),
            script,
        }
    };
    WidgetTexts::all().into_iter().map(make).collect()
});

/// The files of all languages.
pub fn files() -> &'static [TextFile] {
    &FILES
}

/// The public path of the file for these texts.
pub(super) fn path(texts: &WidgetTexts) -> Option<&'static str> {
    files().iter().find(|file| file.language == texts.tag()).map(|file| file.path.as_str())
}

/// The texts needed in the browser, as JSON.
fn for_browser(texts: &WidgetTexts) -> String {
    let plain = [
        ("tag", texts.tag()),
        ("bell", texts.title),
        ("arrived", texts.announcement_template()),
        ("failed", texts.failed),
        ("unavailable", texts.unavailable),
        ("archive", texts.archived),
        ("delete", texts.deleted),
        ("allRead", texts.all_read),
        ("session_over", texts.signed_out),
        ("just_now", texts.just_now),
        ("minutes", texts.minutes),
        ("hours", texts.hours),
        ("yesterday", texts.yesterday),
        ("days", texts.days),
    ];
    let plain = plain.into_iter().map(|(key, text)| (key.to_owned(), text));
    let counted = texts
        .templates()
        .into_iter()
        .map(|template| (format!("{}.{}", template.key, template.category), template.text));
    serde_json::to_string(&plain.chain(counted).collect::<BTreeMap<_, _>>()).unwrap_or_default()
}
