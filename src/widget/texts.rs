//! The texts that scripts put together in the browser, one file per language: they are the same for all readers, so a browser fetches them
//! once and not with each document. The server hands them out beside the browser build; documents name them ([`file`]).

use crate::{content::catalogue::Texts, domain::Digest};
use std::{collections::BTreeMap, sync::LazyLock};

/// A script that gives the document its texts.
#[derive(Debug)]
pub struct TextFile {
    language: &'static str,
    /// Its public path; the name holds a hash of the content.
    pub path: String,
    /// What it says.
    pub script: String,
}

static FILES: LazyLock<Vec<TextFile>> = LazyLock::new(|| {
    let make = |texts: &'static Texts| {
        // A text in JSON is a text in a script as well.
        let script = format!("document.documentElement.dataset.texts={}", serde_json::to_string(&for_browser(texts)).unwrap_or_default());
        let language = texts.tag();
        TextFile { language, path: format!("/pkg/texts-{language}-{}.js", Digest::of(&script).short()), script }
    };
    Texts::all().into_iter().map(make).collect()
});

/// The files of all languages.
pub fn files() -> &'static [TextFile] {
    &FILES
}

/// The public path of the file in the language of these texts.
pub(super) fn path(texts: &Texts) -> Option<&'static str> {
    files().iter().find(|file| file.language == texts.tag()).map(|file| file.path.as_str())
}

/// The few texts that are made in the browser, as JSON.
fn for_browser(texts: &Texts) -> String {
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
    let counted = texts.templates().into_iter().map(|template| (format!("{}.{}", template.key, template.category), template.text));
    serde_json::to_string(&plain.chain(counted).collect::<BTreeMap<_, _>>()).unwrap_or_default()
}
