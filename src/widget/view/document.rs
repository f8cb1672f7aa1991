//! The HTML document around every view: its root carries the data of the scripts, its head the
//! first style.

use super::{Appearance, Preview, Scheme};
use crate::{ClientAssets, active_theme::ActiveTheme, texts};
use belfry_content::widget_texts::{self, format_count};
use belfry_domain::{Language, Origin, ReaderFilter, Site, Timestamp, UnreadCounts};
use belfry_locales::{UiLanguage, phrases::widget as phrases};
use belfry_web::{
    document::{Document, nonce},
    html::IntoMarkup,
};
use leptos::prelude::*;

/// The first style, inline with a nonce in the first document, which saves a request before the
/// first paint.
const FIRST_STYLE: &str = belfry_assets::WIDGET_STYLE;
/// Opens and closes the panel and communicates with the loader; works before and without
/// WebAssembly.
const FRAME_SCRIPT: &str = belfry_assets::FRAME_SCRIPT;
/// Tells a frame script placed before the panel that the panel has been parsed.
const PARSED_SCRIPT: &str = "document.dispatchEvent(new Event('belfry:parsed'))";

/// The kind of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentKind {
    Inbox,
    Preferences,
    Messages,
    Shell,
    SignIn,
    Error,
}

/// The attributes of the document's root, for the scripts.
pub(super) struct Attributes<'a> {
    pub(super) site: Option<&'a Site>,
    pub(super) appearance: Option<&'a Appearance>,
    pub(super) counts: UnreadCounts,
    pub(super) reader: String,
    pub(super) bearer: String,
    pub(super) kind: DocumentKind,
    pub(super) now: Option<Timestamp>,
    pub(super) filter: Option<ReaderFilter>,
    pub(super) is_standalone: bool,
    pub(super) theme: Option<&'a ActiveTheme>,
    pub(super) preview: Option<Preview>,
    /// Whether the browser has the style and the script as files.
    pub(super) has_cached_files: bool,
    /// Whether the frame script is already placed in the body.
    pub(super) is_script_placed: bool,
    /// Unread agent messages, if the site has the tab for them.
    pub(super) unread_replies: Option<u32>,
}

impl<'a> Attributes<'a> {
    /// For a document without a reader.
    pub(super) fn without_reader(
        site: Option<&'a Site>,
        appearance: Option<&'a Appearance>,
        kind: DocumentKind,
    ) -> Self {
        let (reader, bearer) = (String::new(), String::new());
        Self {
            site,
            appearance,
            counts: UnreadCounts::default(),
            reader,
            bearer,
            kind,
            now: None,
            filter: None,
            is_standalone: false,
            theme: None,
            preview: None,
            has_cached_files: false,
            is_script_placed: false,
            unread_replies: None,
        }
    }
}

/// The first style: a file if the browser has cached it, else inline.
fn first_style(file: Option<&'static str>) -> AnyView {
    match file {
        Some(file) => view! { <link rel="stylesheet" href=file /> }.into_any(),
        None => view! { <style nonce=nonce() inner_html=FIRST_STYLE></style> }.into_any(),
    }
}

/// The number of unread agent messages at the bell's other corner. The bell's accessible name
/// contains it as well. It follows the panel's style sheet, without which it is not displayed.
fn answers_badge(unread: u32) -> impl IntoView {
    let count = if unread == 0 { String::new() } else { format_count(unread) };
    view! {
        <span id="answers" aria-hidden="true" translate="no">
            <b>{count}</b>
        </span>
    }
}

/// At the end of the body: the frame script, or the event that an earlier one waits for.
fn last_script(script_stands: bool, file: Option<&'static str>) -> AnyView {
    if script_stands {
        view! { <script nonce=nonce() inner_html=PARSED_SCRIPT></script> }.into_any()
    } else {
        frame_script(file)
    }
}

/// The frame script: a file if the browser has cached it, else inline.
pub(super) fn frame_script(file: Option<&'static str>) -> AnyView {
    match file {
        Some(file) => view! { <script src=file></script> }.into_any(),
        None => view! { <script nonce=nonce() inner_html=FRAME_SCRIPT></script> }.into_any(),
    }
}

pub(super) fn document<View: IntoView>(
    attributes: Attributes<'_>,
    lang: UiLanguage,
    assets: ClientAssets,
    body: impl FnOnce() -> View + Send + 'static,
) -> Document {
    let Attributes {
        site,
        appearance,
        counts,
        reader,
        bearer,
        kind,
        now,
        filter,
        is_standalone,
        theme,
        preview,
        has_cached_files,
        is_script_placed,
        unread_replies,
    } = attributes;
    let language = appearance.map_or_else(Language::english, |look| look.language.clone());
    let direction = if language.is_right_to_left() { "rtl" } else { "ltr" };
    let scheme = appearance.map_or(Scheme::Auto, |look| look.scheme);
    let origins =
        site.map(|site| site.origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(" "));
    let base = site.map(|site| format!("/embed/{}", site.id));
    let set = |yes: bool| yes.then_some("");
    let is_panel =
        matches!(kind, DocumentKind::Inbox | DocumentKind::Preferences | DocumentKind::Messages);
    let is_open = (is_standalone && is_panel) || preview == Some(Preview::Panel);
    let scheme_css = scheme.css();
    let (first, sheet) =
        theme.map(|dress| (dress.critical_css.clone(), dress.stylesheet.clone())).unzip();
    let first = first.filter(|first| !first.is_empty());
    let is_draft = theme.is_some_and(|dress| dress.is_preview);
    Box::new(move || {
        let style = is_panel.then(|| view! { <link rel="stylesheet" href=assets.style /> });
        let tab = (kind == DocumentKind::Messages).then(|| {
            view! {
                <link rel="stylesheet" href=assets.messages_style />
                <script type="module" src=assets.messages></script>
            }
        });
        let answers = unread_replies.filter(|_| !is_standalone).map(answers_badge);
        let answers_name = unread_replies
            .map(|unread| widget_texts::answers_name(lang, unread))
            .filter(|name| !name.is_empty());
        let later = (kind == DocumentKind::Inbox && preview.is_none()).then(|| {
            let tab_files = unread_replies.map(|_| format!("{} {}", assets.messages, assets.messages_style));
            let files = (!has_cached_files && !assets.frame.is_empty()).then(|| format!("{} {}", assets.frame, assets.critical_style));
            view! {
                // Before the module, which reads the texts.
                <script defer src=texts::path(lang)></script>
                <script nonce=nonce() type="module" src=assets.panel data-script=assets.script data-wasm=assets.wasm data-files=files data-tab=tab_files id="wake"></script>
            }
        });
        // Separate from the default style and after it, so that another theme can replace it in an
        // open document.
        let first = first.map(|first| {
            view! { <style id="theme-first" nonce=nonce() inner_html=first></style> }
        });
        let sheet = sheet.map(|sheet| view! { <link rel="stylesheet" href=sheet /> });
        let first_style = first_style(has_cached_files.then_some(assets.critical_style));
        let script = preview
            .is_none()
            .then(|| last_script(is_script_placed, has_cached_files.then_some(assets.frame)));
        let title = phrases::TITLE.t(lang);
        view! {
            <!DOCTYPE html>
            <html
                lang=lang.tag()
                dir=direction
                data-origins=origins
                data-base=base
                data-reader=reader
                data-bearer=bearer
                data-language=language.to_string()
                data-scheme=scheme.as_str()
                data-version=counts.version.to_string()
                data-unread=counts.unread.to_string()
                data-unseen=counts.unseen.to_string()
                data-now=now.map(|now| now.millis().to_string())
                data-filter=filter.map(ReaderFilter::as_str)
                data-view=is_standalone.then_some("page")
                data-alone=set(is_standalone && is_panel)
                data-open=set(is_open)
                data-standalone=(preview == Some(Preview::Panel)).then_some("preview")
                data-shell=set(kind == DocumentKind::Shell)
                data-fault=set(kind == DocumentKind::Error)
                data-draft=set(is_draft)
                data-answers-name=answers_name
            >
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content=scheme_css />
                    <title>{title}</title>
                    {first_style}
                    {first}
                    {sheet}
                </head>
                <body class="belfry">
                    {body()}
                    {script}
                    {style}
                    {answers}
                    {later}
                    {tab}
                </body>
            </html>
        }
        .into_markup()
    })
}
