//! Small components: buttons, badges, tables, tabs, empty states, pagers.

use crate::{
    phrases::{CANCEL, COPY, NEWEST, OLDER, UiLanguage},
    request_context::RequestContext,
};
use belfry_web::html::{IntoMarkup, Markup, MarkupChildren};
use leptos::prelude::*;

/// The meaning of a badge's or button's colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Accent,
    Good,
    Warning,
    Danger,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Accent => "accent",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}

/// A submit button, or with `href` a link that looks like one.
#[component]
pub(crate) fn Button(
    #[prop(default = Tone::Plain)] tone: Tone,
    #[prop(optional, into)] href: Option<String>,
    /// Name and value sent with the form.
    #[prop(optional)]
    name: Option<&'static str>,
    #[prop(optional, into)] value: Option<String>,
    children: MarkupChildren,
) -> impl IntoView {
    let class = format!("button {}", tone.class());
    match href {
        Some(href) => view! { <a class=class href=href>{children.write()}</a> }.into_markup(),
        None => view! { <button class=class name=name value=value>{children.write()}</button> }
            .into_markup(),
    }
}

/// A badge.
#[component]
pub(crate) fn Badge(
    #[prop(default = Tone::Plain)] tone: Tone,
    children: MarkupChildren,
) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())>{children.write()}</span> }
}

/// A number with a label.
#[component]
pub(crate) fn Stat(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(optional, into)] note: Option<String>,
) -> impl IntoView {
    view! {
        <div class="stat">
            <dt>{label}</dt>
            <dd>{value} " " {note.map(|note| view! { <small>{note}</small> })}</dd>
        </div>
    }
}

/// A column heading; empty for columns of buttons.
fn heading(name: &'static str) -> Markup {
    if name.is_empty() {
        view! { <td></td> }.into_markup()
    } else {
        view! { <th scope="col">{name}</th> }.into_markup()
    }
}

/// A table; the children are its rows. Scrolls sideways when it is too wide.
#[component]
pub(crate) fn Table(
    #[prop(into)] caption: String,
    columns: Vec<&'static str>,
    children: MarkupChildren,
) -> impl IntoView {
    let label = caption.clone();
    view! {
        <div class="table" role="region" tabindex="0" aria-label=label>
            <table>
                <caption>{caption}</caption>
                <thead>
                    <tr>{columns.into_iter().map(heading).collect_view()}</tr>
                </thead>
                <tbody>{children.write()}</tbody>
            </table>
        </div>
    }
}

/// An empty state: a drawing, a title, a sentence, and the next step as children.
#[component]
pub(crate) fn EmptyState(
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<MarkupChildren>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <svg viewBox="0 0 64 64" width="64" height="64" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                <path d="M12 56h40M18 56V26l14-14 14 14v30M32 12V6M32 6l6 2-6 2"></path>
                <path class="tint" d="M26 42c2-2 1-6 2-9 .6-2 2.200-3 4-3s3.400 1 4 3c1 3 0 7 2 9zM30.500 45h3"></path>
            </svg>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="actions">{children.write()}</div> })}
        </div>
    }
}

/// Tabs as links: address, label, whether it is the current one.
#[component]
pub(crate) fn Tabs(
    #[prop(into)] label: String,
    tabs: Vec<(String, String, bool)>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            {tabs
                .into_iter()
                .map(|(href, label, here)| view! { <a href=href aria-current=here.then_some("page")>{label}</a> })
                .collect_view()}
        </nav>
    }
}

/// A read-only value with a copy button.
#[component]
pub(crate) fn CopyField(
    lang: UiLanguage,
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(into)] value: String,
) -> impl IntoView {
    view! {
        <div class="field copy">
            <label for=name>{label}</label>
            <div class="with-button">
                <input id=name value=value readonly class="code" autocomplete="off" spellcheck="false"/>
                <button type="button" class="button" data-copy=name hidden>{COPY.t(lang)}</button>
            </div>
        </div>
    }
}

/// The content of a confirmation page for what can't be undone. Posts to its own address; the
/// children are further fields.
#[component]
pub(crate) fn Confirm(
    visit: RequestContext,
    #[prop(into)] text: String,
    /// The button's label, a verb.
    #[prop(into)]
    action: String,
    /// Where the cancel link leads.
    #[prop(into)]
    back: String,
    #[prop(optional)] children: Option<MarkupChildren>,
) -> impl IntoView {
    let lang = visit.lang;
    view! {
        <form method="post" class="confirm">
            {super::csrf_field(&visit)}
            <p>{text}</p>
            {children.map(MarkupChildren::write)}
            <div class="actions">
                <Button tone=Tone::Danger>{action}</Button>
                <Button href=back>{CANCEL.t(lang)}</Button>
            </div>
        </form>
    }
}

/// Pagination by cursor: `next` is the older page, `first` the beginning, unless it is shown.
#[component]
pub(crate) fn Pager(
    lang: UiLanguage,
    #[prop(optional_no_strip)] first: Option<String>,
    #[prop(optional_no_strip)] next: Option<String>,
) -> impl IntoView {
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label=OLDER.t(lang)>
                {first.map(|href| view! { <a class="button" href=href>{NEWEST.t(lang)}</a> })}
                {next.map(|href| view! { <a class="button" href=href rel="next">{OLDER.t(lang)}</a> })}
            </nav>
        }
    })
}
