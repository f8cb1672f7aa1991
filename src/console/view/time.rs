//! Moments on pages: how long ago, with the exact time to point at.

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{visit::Visit, words::Lang},
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

/// How long ago it was.
pub(in crate::console) fn ago(lang: Lang, now: Timestamp, at: Timestamp) -> Markup {
    let language = language(lang);
    let shown = exact(at, &language);
    view! { <time datetime=shown.datetime title=shown.title>{relative(now, at, Texts::of(&language))}</time> }.into_markup()
}

/// The same, as this page is read now.
pub(in crate::console) fn moment(visit: &Visit, at: Timestamp) -> Markup {
    ago(visit.lang, visit.console.inbox.now(), at)
}

/// The same as text.
pub(in crate::console) fn date_text(lang: Lang, at: Timestamp) -> String {
    exact(at, &language(lang)).title
}

/// Exactly when it was or will be.
pub(in crate::console) fn date(lang: Lang, at: Timestamp) -> Markup {
    let shown = exact(at, &language(lang));
    view! { <time datetime=shown.datetime>{shown.title}</time> }.into_markup()
}
