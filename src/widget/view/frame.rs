//! The iframe's documents: the inbox, the shell that waits for a token, and error pages.

use super::{
    Appearance, PageView,
    document::{Attributes, DocumentKind, document, frame_script},
    icon,
    panel::{keys, panel},
};
use crate::ClientAssets;
use belfry_client::{Bell, BellState, InboxPanel};
use belfry_content::widget_texts;
use belfry_domain::Site;
use belfry_locales::{UiLanguage, phrases::widget as phrases};
use belfry_web::document::Document;
use leptos::prelude::*;

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
