//! The page on which a reader mutes categories: a panel like the inbox's, with a form. Must not
//! depend on how the choice is stored.

use super::{
    Appearance, RenderContext,
    document::{Attributes, DocumentKind, document},
    icon,
};
use crate::{ClientAssets, active_theme::ActiveTheme};
use belfry_app::Reader;
use belfry_client::{Bell, BellState};
use belfry_content::widget_texts;
use belfry_domain::{Category, ReaderFilter, Site, Timestamp, UnreadCounts};
use belfry_locales::phrases::widget as phrases;
use belfry_web::document::Document;
use leptos::prelude::*;

/// Data of the page.
pub(crate) struct PreferencesView<'a> {
    pub(crate) site: &'a Site,
    pub(crate) reader: &'a Reader,
    /// Language and colour scheme.
    pub(crate) appearance: &'a Appearance,
    /// The counts, for the bell.
    pub(crate) counts: UnreadCounts,
    /// The categories that may be muted.
    pub(crate) categories: &'a [Category],
    /// The muted ones.
    pub(crate) muted_categories: &'a [String],
    /// Whether the inbox is a page of its own.
    pub(crate) is_standalone: bool,
    /// The session's bearer secret, if the form that led here contained it.
    pub(crate) bearer: Option<&'a str>,
    pub(crate) assets: ClientAssets,
    /// The theme, if the site has one.
    pub(crate) theme: Option<&'a ActiveTheme>,
}

/// The hidden inputs of every form that leads to the page or away from it.
pub(super) fn hidden(name: &'static str, value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

pub(crate) fn preferences(view: &PreferencesView<'_>) -> Document {
    let reading =
        RenderContext::new(view.site, &view.appearance.language, Timestamp::from_millis(0));
    let reading = reading.for_page(
        &view.reader.tag(),
        view.appearance.scheme,
        ReaderFilter::All,
        view.is_standalone,
    );
    let lang = reading.lang;
    let context = reading.form_inputs.clone().unwrap_or_default();
    let counts = view.counts;
    let choices = view.categories.iter().map(|category| {
        let (name, label) = (
            category.name.clone(),
            category.label(&view.appearance.language, &view.site.language).to_owned(),
        );
        let shown = !view.muted_categories.contains(&category.name);
        view! {
            <label class="choice">
                {hidden("of", name.clone())}
                <input type="checkbox" name="show" value=name checked=shown />
                <bdi>{label}</bdi>
            </label>
        }
    });
    let choices = choices.collect_view();
    let (alone, language) = (view.is_standalone, view.appearance.language.to_string());
    let action = format!("/embed/{}/preferences", view.site.id);
    let bearer = view.bearer.map(|bearer| hidden("bearer", bearer.to_owned()));
    let body = move || {
        provide_context(BellState::new(
            counts.unread,
            counts.unseen,
            widget_texts::bell_name(lang, counts.unread),
        ));
        let bell = (!alone).then(|| view! { <Bell /> });
        view! {
            {bell}
            <section id="panel" class="panel" role=if alone { "region" } else { "dialog" } aria-labelledby="panel-title" tabindex="-1" hidden=!alone>
                <div class="head">
                    <h2 id="panel-title">{phrases::PREFERENCES.t(lang)}</h2>
                    <button class="tool" type="button" data-close="" title=phrases::CLOSE.t(lang)>
                        {icon::close()} <span class="hidden-text">{phrases::CLOSE.t(lang)}</span>
                    </button>
                </div>
                <form class="scroll choices" method="post" action=action>
                    <p>{phrases::PREFERENCES_SENTENCE.t(lang)}</p>
                    <span hidden=true inner_html=context></span>
                    {hidden("language", language)}
                    {bearer}
                    {choices}
                    <button class="action" name="do" value="save">{phrases::SAVE.t(lang)}</button>
                </form>
            </section>
        }
    };
    let attributes = Attributes {
        counts,
        reader: view.reader.tag(),
        is_standalone: view.is_standalone,
        theme: view.theme,
        ..Attributes::without_reader(
            Some(view.site),
            Some(view.appearance),
            DocumentKind::Preferences,
        )
    };
    document(attributes, lang, view.assets, body)
}
