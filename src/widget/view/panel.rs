//! The panel: opened by the bell, or the whole of a standalone inbox. Its list is the server's HTML
//! and stays so.

use super::{PageView, icon, preferences::hidden, tab, undo};
use belfry_domain::ReaderFilter;
use belfry_locales::{UiLanguage, phrases::widget as phrases};
use leptos::prelude::*;

pub(super) fn panel(view: &PageView<'_>) -> impl IntoView + use<> {
    let lang = view.context.lang;
    let alone = view.is_standalone;
    let marks = format!("/embed/{}/marks", view.site.id);
    let context = view.context.form_inputs.clone().unwrap_or_default();
    let language =
        view! { <input type="hidden" name="language" value=view.appearance.language.to_string() /> }
            .to_html();
    let context = context + &language;
    let leave = (alone && view.is_top_level).then(|| {
        let action = format!("/embed/{}/leave", view.site.id);
        view! {
            <form method="post" action=action>
                <button class="tool wide">{phrases::SIGN_OUT.t(lang)}</button>
            </form>
        }
    });
    let choose = view.has_mutable_categories.then(|| {
        let (action, context) = (format!("/embed/{}/preferences", view.site.id), context.clone());
        view! {
            <form method="post" action=action>
                <span hidden=true inner_html=context></span>
                {view.bearer.map(|bearer| hidden("bearer", bearer.to_owned()))}
                <button class="tool" name="do" value="show" title=phrases::PREFERENCES.t(lang)>
                    {icon::sliders()} <span class="hidden-text">{phrases::PREFERENCES.t(lang)}</span>
                </button>
            </form>
        }
    });
    let messages = view.unread_replies.map(|unread| {
        let (action, context) = (format!("/embed/{}/conversations", view.site.id), context.clone());
        view! {
            <form class="tab" method="post" action=action>
                <span hidden=true inner_html=context></span>
                {view.bearer.map(|bearer| hidden("bearer", bearer.to_owned()))}
                {tab::button(lang, unread)}
            </form>
        }
    });
    let undo = undo::line(view.undo_offer, lang, marks.clone(), context.clone());
    view! {
        <section id="panel" class="panel" role=if alone { "region" } else { "dialog" } aria-labelledby="panel-title" tabindex="-1" hidden=!alone && view.preview != Some(super::Preview::Panel)>
            <div class="head">
                <h2 id="panel-title">{phrases::TITLE.t(lang)}</h2>
                {messages}
                <form class="all" method="post" action=marks data-all="">
                    <span hidden=true inner_html=context></span>
                    <input type="hidden" name="of" value="now" />
                    <button class="tool wide" name="do" value="allRead" title=phrases::MARK_ALL_READ.t(lang) disabled=view.page.counts.unread == 0>
                        {icon::check_all()} <span>{phrases::MARK_ALL_READ.t(lang)}</span>
                    </button>
                </form>
                {choose}
                {leave}
                <button class="tool" type="button" data-close="" title=phrases::CLOSE.t(lang)>
                    {icon::close()} <span class="hidden-text">{phrases::CLOSE.t(lang)}</span>
                </button>
            </div>
            {filters(view)}
            <p id="offline" class="notice quiet" role="status" hidden=true>{phrases::OFFLINE.t(lang)}</p>
            <p id="notice" class="notice" role="alert" hidden=true></p>
            {scroll(view)}
            {undo}
        </section>
    }
}

fn address(view: &PageView<'_>, filter: ReaderFilter) -> String {
    let (site, reader, language, scheme) = (
        view.site.id,
        view.reader.tag(),
        &view.appearance.language,
        view.appearance.scheme.as_str(),
    );
    let alone = if view.is_standalone { "&view=page" } else { "" };
    format!(
        "/embed/{site}/page?reader={reader}&language={language}&scheme={scheme}&filter={filter}{alone}"
    )
}

fn filters(view: &PageView<'_>) -> impl IntoView + use<> {
    let lang = view.context.lang;
    let links = ReaderFilter::EACH
        .map(|filter| {
            let name = match filter {
                ReaderFilter::All => phrases::FILTER_ALL.t(lang),
                ReaderFilter::Unread => phrases::FILTER_UNREAD.t(lang),
                ReaderFilter::Archived => phrases::FILTER_ARCHIVED.t(lang),
            };
            let current = (filter == view.filter).then_some("true");
            view! { <a href=address(view, filter) data-filter=filter.as_str() aria-current=current>{name}</a> }
        })
        .into_iter()
        .collect_view();
    view! {
        <nav class="filters" aria-label=phrases::FILTERS.t(lang)>
            {links}
            <button class="tool" type="button" data-keys="" translate="no" title=phrases::KEYS.t(lang) aria-label=phrases::KEYS.t(lang)>"?"</button>
        </nav>
    }
}

fn scroll(view: &PageView<'_>) -> impl IntoView + use<> {
    let lang = view.context.lang;
    let empty = view.page.items.is_empty() && !view.is_older_page;
    let items = view.items.to_owned();
    // Always rendered, because messages that arrive later may fill more than one page.
    let next = view.page.next;
    let older = format!("{}&before={}", address(view, view.filter), next.unwrap_or_default());
    let newest = view.is_older_page.then(
        || view! { <a class="more newest" href=address(view, view.filter)>{phrases::SHOW_NEWEST.t(lang)}</a> },
    );
    view! {
        <div class="scroll">
            <button id="arrived" class="pill" type="button" hidden=true></button>
            {newest}
            <ul id="list" class="list" role="list" inner_html=items></ul>
            <div id="empty" class="empty" hidden=!empty>
                {icon::resting_bell()}
                <p class="empty-title" data-of="all">{phrases::EMPTY_HEADLINE.t(lang)}</p>
                <p data-of="all">{phrases::EMPTY_SENTENCE.t(lang)}</p>
                <p class="empty-title" data-of="unread">{phrases::EMPTY_UNREAD.t(lang)}</p>
                <p class="empty-title" data-of="archived">{phrases::EMPTY_ARCHIVED.t(lang)}</p>
            </div>
            <a id="older" class="more" href=older data-next=next.map(|next| next.to_string()) hidden=next.is_none()>
                {phrases::SHOW_OLDER.t(lang)}
            </a>
            <div id="loading" class="loading" hidden=true role="status">
                <span class="hidden-text">{phrases::LOADING.t(lang)}</span>
                {(0..3).map(|_| view! { <div class="skeleton" aria-hidden="true"><i></i><b></b><s></s></div> }).collect_view()}
            </div>
        </div>
    }
}

/// The dialog that lists the keyboard shortcuts, opened by `?`.
pub(super) fn keys(lang: UiLanguage) -> impl IntoView {
    let rows = [
        (vec!["↑", "↓"], phrases::KEY_MOVE.t(lang)),
        (vec!["Home", "End"], phrases::KEY_ENDS.t(lang)),
        (vec!["Enter"], phrases::KEY_OPEN.t(lang)),
        (vec!["r"], phrases::KEY_READ.t(lang)),
        (vec!["e"], phrases::ARCHIVE.t(lang)),
        (vec!["#"], phrases::DELETE.t(lang)),
        (vec!["z"], phrases::UNDO.t(lang)),
        (vec!["Esc"], phrases::CLOSE.t(lang)),
    ];
    let rows = rows.map(|(keys, what)| {
        let keys =
            keys.into_iter().map(|key| view! { <kbd translate="no">{key}</kbd> }).collect_view();
        view! { <dt>{keys}</dt><dd>{what}</dd> }
    });
    view! {
        <dialog id="keys" class="keys" aria-labelledby="keys-title">
            <h2 id="keys-title">{phrases::KEYS.t(lang)} <button class="tool" type="button" aria-label=phrases::CLOSE.t(lang)>{icon::close()}</button></h2>
            <dl>{rows.into_iter().collect_view()}</dl>
        </dialog>
    }
}
