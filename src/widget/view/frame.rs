//! The iframe's documents: the inbox, the shell that waits for a token, and error pages.

use super::{
    Appearance, RenderContext, UndoableAction,
    document::{Attributes, DocumentKind, document, frame_script},
    icon,
    panel::{keys, panel},
};
use crate::{ClientAssets, theme::ActiveTheme};
use belfry_app::Reader;
use belfry_client::{Bell, BellState, InboxPanel};
use belfry_content::widget_texts;
use belfry_domain::{ReaderFilter, ReaderPage, Site};
use belfry_locales::{UiLanguage, phrases::widget as phrases};
use belfry_web::document::Document;
use leptos::prelude::*;

/// Part of the inbox that a preview without a reader shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preview {
    /// The closed bell.
    Bell,
    /// The bell and the open panel.
    Panel,
}

/// Data of the inbox document.
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a page")]
pub(crate) struct PageView<'a> {
    pub(crate) site: &'a Site,
    pub(crate) reader: &'a Reader,
    /// Language and colour scheme.
    pub(crate) appearance: &'a Appearance,
    /// Language, site and time for rendering messages.
    pub(crate) context: RenderContext<'a>,
    /// The messages and counts.
    pub(crate) page: &'a ReaderPage,
    /// The messages, rendered as list items.
    pub(crate) items: &'a str,
    /// Whether there are categories that the reader may mute.
    pub(crate) has_mutable_categories: bool,
    /// The filter of the list.
    pub(crate) filter: ReaderFilter,
    /// Whether the inbox is a page of its own, without a bell.
    pub(crate) is_standalone: bool,
    /// Whether the document is top-level, so that no containing page can sign the reader out.
    pub(crate) is_top_level: bool,
    /// The action of the form that led here, to be offered for undo.
    pub(crate) undo_offer: Option<UndoableAction>,
    /// Whether this is not the first page of the list.
    pub(crate) is_older_page: bool,
    /// The session's bearer secret, for browsers that refuse cookies.
    pub(crate) bearer: Option<&'a str>,
    pub(crate) assets: ClientAssets,
    /// The theme, if the site has one.
    pub(crate) theme: Option<&'a ActiveTheme>,
    /// Whether the browser has the document's style and script as files.
    pub(crate) has_cached_files: bool,
    /// Unread agent messages, if the site has the tab for them.
    pub(crate) unread_replies: Option<u32>,
    /// Set for a theme preview, which has no reader.
    pub(crate) preview: Option<Preview>,
}

/// The inbox: bell, counts and messages.
pub(crate) fn page(view: &PageView<'_>) -> Document {
    let lang = view.context.lang;
    let counts = view.page.counts;
    let name = widget_texts::bell_name(lang, counts.unread)
        + &view
            .unread_replies
            .map(|unread| widget_texts::answers_name(lang, unread))
            .unwrap_or_default();
    let panel = panel(view);
    let (has_bell, has_early_script) = (!view.is_standalone, has_early_script(view));
    let early_script = view.has_cached_files.then_some(view.assets.frame);
    let body = move || {
        provide_context(BellState::new(counts.unread, counts.unseen, name));
        let bell = has_bell.then(|| view! { <Bell /> });
        // The bell is drawn while the rest of the document is still loading.
        let early = has_early_script.then(|| frame_script(early_script));
        view! {
            {icon::sheet()}
            {bell}
            {early}
            {panel}
            {keys(lang)}
            <p id="announcement" class="hidden-text" role="status"></p>
            <InboxPanel />
        }
    };
    let attributes = Attributes {
        site: Some(view.site),
        appearance: Some(view.appearance),
        counts,
        reader: view.reader.tag(),
        bearer: view.bearer.unwrap_or_default().to_owned(),
        kind: DocumentKind::Inbox,
        now: Some(view.context.now),
        filter: Some(view.filter),
        is_standalone: view.is_standalone,
        theme: view.theme,
        preview: view.preview,
        has_cached_files: view.has_cached_files,
        is_script_placed: has_early_script,
        unread_replies: view.unread_replies,
    };
    document(attributes, lang, view.assets, body)
}

fn has_early_script(view: &PageView<'_>) -> bool {
    !view.is_standalone && view.preview.is_none()
}

/// The shell: an empty document that requests a token from the page and posts it to itself.
pub(crate) fn shell(
    site: &Site,
    appearance: &Appearance,
    lang: UiLanguage,
    is_standalone: bool,
) -> Document {
    let attributes = Attributes {
        is_standalone,
        ..Attributes::without_reader(Some(site), Some(appearance), DocumentKind::Shell)
    };
    document(attributes, lang, ClientAssets::default(), || ())
}

/// The error document shown in place of the inbox: one sentence.
pub(crate) fn error_page(
    site: Option<&Site>,
    lang: UiLanguage,
    sentence: &'static str,
) -> Document {
    let attributes = Attributes::without_reader(site, None, DocumentKind::Error);
    document(
        attributes,
        lang,
        ClientAssets::default(),
        move || view! { <p class="fault" role="alert">{sentence}</p> },
    )
}

/// The document of a standalone inbox for someone who must sign in on the site first.
pub(crate) fn sign_in(site: &Site, appearance: &Appearance, lang: UiLanguage) -> Document {
    let attributes = Attributes {
        is_standalone: true,
        ..Attributes::without_reader(Some(site), Some(appearance), DocumentKind::SignIn)
    };
    let origin = site.origins.first().map(|origin| origin.as_str().to_owned());
    let address = origin.clone();
    document(attributes, lang, ClientAssets::default(), move || {
        view! { <p class="fault">{phrases::OPEN_FROM_SITE.t(lang)} " " <a href=address>{origin}</a></p> }
    })
}
