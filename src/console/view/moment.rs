//! Moments: how long ago, with the exact time for whoever points at it.

use crate::{
    console::visit::Visit,
    content::{catalogue::Texts, time},
    domain::{Language, Timestamp},
};
use leptos::prelude::*;

/// A moment that is past.
pub(in crate::console) fn moment(visit: &Visit, at: Timestamp) -> AnyView {
    let language: Language = visit.lang.tag().parse().unwrap_or_else(|_| Language::english());
    let exact = time::exact(at, &language);
    let text = time::relative(visit.console.inbox.now(), at, Texts::of(&language));
    view! { <time datetime=exact.datetime title=exact.title>{text}</time> }.into_any()
}

/// A moment as a date and a time, for what is to come.
pub(in crate::console) fn date(visit: &Visit, at: Timestamp) -> AnyView {
    let language: Language = visit.lang.tag().parse().unwrap_or_else(|_| Language::english());
    let exact = time::exact(at, &language);
    view! { <time datetime=exact.datetime>{exact.title}</time> }.into_any()
}
