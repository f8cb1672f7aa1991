//! The HTML document around every view: its root carries the data of the scripts, its head the
//! first style.

use super::{Appearance, Scheme};
use crate::{
    content::widget_texts::{WidgetTexts, format_count},
    domain::{Language, Origin, ReaderFilter, Site, Timestamp, UnreadCounts},
    web::{
        document::{Document, nonce},
        html::IntoMarkup,
    },
    widget::{ClientAssets, texts, theme::ActiveTheme, view::Preview},
};
use leptos::prelude::*;

/// The first style, inline with a nonce in the first document, which saves a request before the
/// first paint.
const FIRST_STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/widget.min.css"));
/// Opens and closes the panel and communicates with the loader; works before and without
/// WebAssembly.
const FRAME_SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/frame.min.js"));
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
    Fault,
}

/// The attributes of the document's root, for the scripts.
pub(super) struct Attributes<'a> {
    pub(super) site: Option<&'a Site>,
    pub(super) look: Option<&'a Appearance>,
    pub(super) tally: UnreadCounts,
    pub(super) reader: String,
    pub(super) bearer: String,
    pub(super) kind: DocumentKind,
    pub(super) now: Option<Timestamp>,
    pub(super) filter: Option<ReaderFilter>,
    pub(super) alone: bool,
    pub(super) dress: Option<&'a ActiveTheme>,
    pub(super) preview: Option<Preview>,
    /// Whether the browser has the style and the script as files.
    pub(super) cached: bool,
    /// Whether the frame script is already placed in the body.
    pub(super) script_stands: bool,
    /// Unread agent messages, if the site has the tab for them.
    pub(super) unread_answers: Option<u32>,
}

impl<'a> Attributes<'a> {
    /// For a document without a reader.
    pub(super) fn bare(
        site: Option<&'a Site>,
        look: Option<&'a Appearance>,
        kind: DocumentKind,
    ) -> Self {
        let (reader, bearer) = (String::new(), String::new());
        Self {
            site,
            look,
            tally: UnreadCounts::default(),
            reader,
            bearer,
            kind,
            now: None,
            filter: None,
            alone: false,
            dress: None,
            preview: None,
            cached: false,
            script_stands: false,
            unread_answers: None,
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
    words: &'static WidgetTexts,
    assets: ClientAssets,
    body: impl FnOnce() -> View + Send + 'static,
) -> Document {
    let Attributes {
        site,
        look,
        tally,
        reader,
        bearer,
        kind,
        now,
        filter,
        alone,
        dress,
        preview,
        cached,
        script_stands,
        unread_answers,
    } = attributes;
    let language = look.map_or_else(Language::english, |look| look.language.clone());
    let direction = if language.is_right_to_left() { "rtl" } else { "ltr" };
    let scheme = look.map_or(Scheme::Auto, |look| look.scheme);
    let origins =
        site.map(|site| site.origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(" "));
    let base = site.map(|site| format!("/embed/{}", site.id));
    let set = |yes: bool| yes.then_some("");
    let is_panel =
        matches!(kind, DocumentKind::Inbox | DocumentKind::Preferences | DocumentKind::Messages);
    let is_open = (alone && is_panel) || preview == Some(Preview::Panel);
    let scheme_css = scheme.css();
    let (first, sheet) = dress.map(|dress| (dress.first.clone(), dress.sheet.clone())).unzip();
    let first = first.filter(|first| !first.is_empty());
    let is_draft = dress.is_some_and(|dress| dress.draft);
    Box::new(move || {
        let style = is_panel.then(|| view! { <link rel="stylesheet" href=assets.style /> });
        let tab = (kind == DocumentKind::Messages).then(|| {
            view! {
                <link rel="stylesheet" href=assets.messages_style />
                <script type="module" src=assets.messages></script>
            }
        });
        let answers = unread_answers.filter(|_| !alone).map(answers_badge);
        let answers_name =
            unread_answers.map(|unread| words.answers_name(unread)).filter(|name| !name.is_empty());
        let later = (kind == DocumentKind::Inbox && preview.is_none()).then(|| {
            let tab_files = unread_answers.map(|_| format!("{} {}", assets.messages, assets.messages_style));
            let files = (!cached && !assets.frame.is_empty()).then(|| format!("{} {}", assets.frame, assets.first_style));
            view! {
                // Before the module, which reads the texts.
                <script defer src=texts::path(words)></script>
                <script nonce=nonce() type="module" src=assets.panel data-script=assets.script data-wasm=assets.wasm data-files=files data-tab=tab_files id="wake"></script>
            }
        });
        // Separate from the default style and after it, so that another theme can replace it in an
        // open document.
        let first = first.map(|first| {
            view! { <style id="theme-first" nonce=nonce() inner_html=first></style> }
        });
        let sheet = sheet.map(|sheet| view! { <link rel="stylesheet" href=sheet /> });
        let first_style = first_style(cached.then_some(assets.first_style));
        let script =
            preview.is_none().then(|| last_script(script_stands, cached.then_some(assets.frame)));
        let title = words.title;
        view! {
            <!DOCTYPE html>
            <html
                lang=words.tag()
                dir=direction
                data-origins=origins
                data-base=base
                data-reader=reader
                data-bearer=bearer
                data-language=language.to_string()
                data-scheme=scheme.word()
                data-version=tally.version.to_string()
                data-unread=tally.unread.to_string()
                data-unseen=tally.unseen.to_string()
                data-now=now.map(|now| now.millis().to_string())
                data-filter=filter.map(ReaderFilter::as_str)
                data-view=alone.then_some("page")
                data-alone=set(alone && is_panel)
                data-open=set(is_open)
                data-standalone=(preview == Some(Preview::Panel)).then_some("preview")
                data-shell=set(kind == DocumentKind::Shell)
                data-fault=set(kind == DocumentKind::Fault)
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
