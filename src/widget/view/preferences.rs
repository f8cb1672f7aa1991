//! The page on which a reader mutes categories: a panel like the inbox's, with a form. Must not
//! depend on how the choice is stored.

use super::{
    Appearance, RenderContext,
    document::{Attributes, DocumentKind, document},
    icon,
};
use crate::{
    app::Reader,
    client::{Bell, BellState},
    domain::{Category, ReaderFilter, Site, Timestamp, UnreadCounts},
    web::document::Document,
    widget::{ClientAssets, theme::ActiveTheme},
};
use leptos::prelude::*;

/// Data of the page.
pub(in crate::widget) struct PreferencesView<'a> {
    pub(in crate::widget) site: &'a Site,
    pub(in crate::widget) reader: &'a Reader,
    /// Language and colour scheme.
    pub(in crate::widget) look: &'a Appearance,
    /// The counts, for the bell.
    pub(in crate::widget) tally: UnreadCounts,
    /// The categories that may be muted.
    pub(in crate::widget) categories: &'a [Category],
    /// The muted ones.
    pub(in crate::widget) muted: &'a [String],
    /// Whether the inbox is a page of its own.
    pub(in crate::widget) alone: bool,
    /// The session's bearer secret, if the form that led here contained it.
    pub(in crate::widget) bearer: Option<&'a str>,
    pub(in crate::widget) assets: ClientAssets,
    /// The theme, if the site has one.
    pub(in crate::widget) dress: Option<&'a ActiveTheme>,
}

/// The hidden inputs of every form that leads to the page or away from it.
pub(super) fn hidden(name: &'static str, value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

pub(in crate::widget) fn preferences(view: &PreferencesView<'_>) -> Document {
    let reading = RenderContext::new(view.site, &view.look.language, Timestamp::from_millis(0));
    let reading =
        reading.for_page(&view.reader.tag(), view.look.scheme, ReaderFilter::All, view.alone);
    let texts = reading.texts;
    let context = reading.context.clone().unwrap_or_default();
    let tally = view.tally;
    let choices = view.categories.iter().map(|category| {
        let (name, label) = (
            category.name.clone(),
            category.label(&view.look.language, &view.site.language).to_owned(),
        );
        let shown = !view.muted.contains(&category.name);
        view! {
            <label class="choice">
                {hidden("of", name.clone())}
                <input type="checkbox" name="show" value=name checked=shown />
                <bdi>{label}</bdi>
            </label>
        }
    });
    let choices = choices.collect_view();
    let (alone, language) = (view.alone, view.look.language.to_string());
    let action = format!("/embed/{}/preferences", view.site.id);
    let bearer = view.bearer.map(|bearer| hidden("bearer", bearer.to_owned()));
    let body = move || {
        provide_context(BellState::new(tally.unread, tally.unseen, texts.bell_name(tally.unread)));
        let bell = (!alone).then(|| view! { <Bell /> });
        view! {
            {bell}
            <section id="panel" class="panel" role=if alone { "region" } else { "dialog" } aria-labelledby="panel-title" tabindex="-1" hidden=!alone>
                <div class="head">
                    <h2 id="panel-title">{texts.preferences}</h2>
                    <button class="tool" type="button" data-close="" title=texts.close>
                        {icon::close()} <span class="hidden-text">{texts.close}</span>
                    </button>
                </div>
                <form class="scroll choices" method="post" action=action>
                    <p>{texts.preferences_sentence}</p>
                    <span hidden=true inner_html=context></span>
                    {hidden("language", language)}
                    {bearer}
                    {choices}
                    <button class="action" name="do" value="save">{texts.save}</button>
                </form>
            </section>
        }
    };
    let attributes = Attributes {
        tally,
        reader: view.reader.tag(),
        alone: view.alone,
        dress: view.dress,
        ..Attributes::bare(Some(view.site), Some(view.look), DocumentKind::Preferences)
    };
    document(attributes, texts, view.assets, body)
}
