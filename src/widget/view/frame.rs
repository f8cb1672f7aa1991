//! The iframe's documents: the inbox, the shell that waits for a token, and error pages.

use super::{
    Appearance, RenderContext, UndoableAction,
    document::{Attributes, DocumentKind, document, frame_script},
    icon,
    panel::{keys, panel},
};
use crate::{
    app::Reader,
    client::{Bell, BellState, InboxPanel},
    content::widget_texts::WidgetTexts,
    domain::{ReaderFilter, ReaderPage, Site},
    web::document::Document,
    widget::{ClientAssets, theme::ActiveTheme},
};
use leptos::prelude::*;

/// Part of the inbox that a preview without a reader shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::widget) enum Preview {
    /// The closed bell.
    Bell,
    /// The bell and the open panel.
    Panel,
}

/// Data of the inbox document.
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a page")]
pub(in crate::widget) struct PageView<'a> {
    pub(in crate::widget) site: &'a Site,
    pub(in crate::widget) reader: &'a Reader,
    /// Language and colour scheme.
    pub(in crate::widget) look: &'a Appearance,
    /// Language, site and time for rendering messages.
    pub(in crate::widget) reading: RenderContext<'a>,
    /// The messages and counts.
    pub(in crate::widget) page: &'a ReaderPage,
    /// The messages, rendered as list items.
    pub(in crate::widget) items: &'a str,
    /// Whether there are categories that the reader may mute.
    pub(in crate::widget) choosing: bool,
    /// The filter of the list.
    pub(in crate::widget) filter: ReaderFilter,
    /// Whether the inbox is a page of its own, without a bell.
    pub(in crate::widget) alone: bool,
    /// Whether the document is top-level, so that no containing page can sign the reader out.
    pub(in crate::widget) top: bool,
    /// The action of the form that led here, to be offered for undo.
    pub(in crate::widget) done: Option<UndoableAction>,
    /// Whether this is not the first page of the list.
    pub(in crate::widget) older: bool,
    /// The session's bearer secret, for browsers that refuse cookies.
    pub(in crate::widget) bearer: Option<&'a str>,
    pub(in crate::widget) assets: ClientAssets,
    /// The theme, if the site has one.
    pub(in crate::widget) dress: Option<&'a ActiveTheme>,
    /// Whether the browser has the document's style and script as files.
    pub(in crate::widget) cached: bool,
    /// Unread agent messages, if the site has the tab for them.
    pub(in crate::widget) unread_answers: Option<u32>,
    /// Set for a theme preview, which has no reader.
    pub(in crate::widget) preview: Option<Preview>,
}

/// The inbox: bell, counts and messages.
pub(in crate::widget) fn page(view: &PageView<'_>) -> Document {
    let texts = view.reading.texts;
    let tally = view.page.tally;
    let name = texts.bell_name(tally.unread)
        + &view.unread_answers.map(|unread| texts.answers_name(unread)).unwrap_or_default();
    let panel = panel(view);
    let (has_bell, has_early_script) = (!view.alone, has_early_script(view));
    let early_script = view.cached.then_some(view.assets.frame);
    let body = move || {
        provide_context(BellState::new(tally.unread, tally.unseen, name));
        let bell = has_bell.then(|| view! { <Bell /> });
        // The bell is drawn while the rest of the document is still loading.
        let early = has_early_script.then(|| frame_script(early_script));
        view! {
            {icon::sheet()}
            {bell}
            {early}
            {panel}
            {keys(texts)}
            <p id="announcement" class="hidden-text" role="status"></p>
            <InboxPanel />
        }
    };
    let attributes = Attributes {
        site: Some(view.site),
        look: Some(view.look),
        tally,
        reader: view.reader.tag(),
        bearer: view.bearer.unwrap_or_default().to_owned(),
        kind: DocumentKind::Inbox,
        now: Some(view.reading.now),
        filter: Some(view.filter),
        alone: view.alone,
        dress: view.dress,
        preview: view.preview,
        cached: view.cached,
        script_stands: has_early_script,
        unread_answers: view.unread_answers,
    };
    document(attributes, texts, view.assets, body)
}

fn has_early_script(view: &PageView<'_>) -> bool {
    !view.alone && view.preview.is_none()
}

/// The shell: an empty document that requests a token from the page and posts it to itself.
pub(in crate::widget) fn shell(
    site: &Site,
    look: &Appearance,
    texts: &'static WidgetTexts,
    alone: bool,
) -> Document {
    let attributes =
        Attributes { alone, ..Attributes::bare(Some(site), Some(look), DocumentKind::Shell) };
    document(attributes, texts, ClientAssets::default(), || ())
}

/// The error document shown in place of the inbox: one sentence.
pub(in crate::widget) fn error_page(
    site: Option<&Site>,
    texts: &'static WidgetTexts,
    sentence: &'static str,
) -> Document {
    let attributes = Attributes::bare(site, None, DocumentKind::Fault);
    document(
        attributes,
        texts,
        ClientAssets::default(),
        move || view! { <p class="fault" role="alert">{sentence}</p> },
    )
}

/// The document of a standalone inbox for someone who must sign in on the site first.
pub(in crate::widget) fn sign_in(
    site: &Site,
    look: &Appearance,
    texts: &'static WidgetTexts,
) -> Document {
    let attributes = Attributes {
        alone: true,
        ..Attributes::bare(Some(site), Some(look), DocumentKind::SignIn)
    };
    let origin = site.origins.first().map(|origin| origin.as_str().to_owned());
    let address = origin.clone();
    document(attributes, texts, ClientAssets::default(), move || {
        view! { <p class="fault">{texts.open_from_site} " " <a href=address>{origin}</a></p> }
    })
}
