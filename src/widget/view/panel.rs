//! The panel: opened by the bell, or the whole of a standalone inbox. Its list is the server's HTML
//! and stays so.

use super::{PageView, icon, preferences::hidden, tab, undo};
use crate::{content::widget_texts::WidgetTexts, domain::ReaderFilter};
use leptos::prelude::*;

pub(super) fn panel(view: &PageView<'_>) -> impl IntoView + use<> {
    let texts = view.reading.texts;
    let alone = view.alone;
    let marks = format!("/embed/{}/marks", view.site.id);
    let context = view.reading.context.clone().unwrap_or_default();
    let language =
        view! { <input type="hidden" name="language" value=view.look.language.to_string() /> }
            .to_html();
    let context = context + &language;
    let leave = (alone && view.top).then(|| {
        let action = format!("/embed/{}/leave", view.site.id);
        view! {
            <form method="post" action=action>
                <button class="tool wide">{texts.sign_out}</button>
            </form>
        }
    });
    let choose = view.choosing.then(|| {
        let (action, context) = (format!("/embed/{}/preferences", view.site.id), context.clone());
        view! {
            <form method="post" action=action>
                <span hidden=true inner_html=context></span>
                {view.bearer.map(|bearer| hidden("bearer", bearer.to_owned()))}
                <button class="tool" name="do" value="show" title=texts.preferences>
                    {icon::sliders()} <span class="hidden-text">{texts.preferences}</span>
                </button>
            </form>
        }
    });
    let messages = view.unread_answers.map(|unread| {
        let (action, context) = (format!("/embed/{}/conversations", view.site.id), context.clone());
        view! {
            <form class="tab" method="post" action=action>
                <span hidden=true inner_html=context></span>
                {view.bearer.map(|bearer| hidden("bearer", bearer.to_owned()))}
                {tab::button(texts, unread)}
            </form>
        }
    });
    let undo = undo::line(view.done, texts, marks.clone(), context.clone());
    view! {
        <section id="panel" class="panel" role=if alone { "region" } else { "dialog" } aria-labelledby="panel-title" tabindex="-1" hidden=!alone && view.preview != Some(super::Preview::Panel)>
            <div class="head">
                <h2 id="panel-title">{texts.title}</h2>
                {messages}
                <form class="all" method="post" action=marks data-all="">
                    <span hidden=true inner_html=context></span>
                    <input type="hidden" name="of" value="now" />
                    <button class="tool wide" name="do" value="allRead" title=texts.mark_all_read disabled=view.page.tally.unread == 0>
                        {icon::check_all()} <span>{texts.mark_all_read}</span>
                    </button>
                </form>
                {choose}
                {leave}
                <button class="tool" type="button" data-close="" title=texts.close>
                    {icon::close()} <span class="hidden-text">{texts.close}</span>
                </button>
            </div>
            {filters(view)}
            <p id="offline" class="notice quiet" role="status" hidden=true>{texts.offline}</p>
            <p id="notice" class="notice" role="alert" hidden=true></p>
            {scroll(view)}
            {undo}
        </section>
    }
}

fn address(view: &PageView<'_>, filter: ReaderFilter) -> String {
    let (site, reader, language, scheme) =
        (view.site.id, view.reader.tag(), &view.look.language, view.look.scheme.word());
    let alone = if view.alone { "&view=page" } else { "" };
    format!(
        "/embed/{site}/page?reader={reader}&language={language}&scheme={scheme}&filter={filter}{alone}"
    )
}

fn filters(view: &PageView<'_>) -> impl IntoView + use<> {
    let texts = view.reading.texts;
    let links = ReaderFilter::EACH
        .map(|filter| {
            let name = match filter {
                ReaderFilter::All => texts.filter_all,
                ReaderFilter::Unread => texts.filter_unread,
                ReaderFilter::Archived => texts.filter_archived,
            };
            let current = (filter == view.filter).then_some("true");
            view! { <a href=address(view, filter) data-filter=filter.as_str() aria-current=current>{name}</a> }
        })
        .into_iter()
        .collect_view();
    view! {
        <nav class="filters" aria-label=texts.filters>
            {links}
            <button class="tool" type="button" data-keys="" translate="no" title=texts.keys aria-label=texts.keys>"?"</button>
        </nav>
    }
}

fn scroll(view: &PageView<'_>) -> impl IntoView + use<> {
    let texts = view.reading.texts;
    let empty = view.page.items.is_empty() && !view.older;
    let items = view.items.to_owned();
    // Always rendered, because messages that arrive later may fill more than one page.
    let next = view.page.next;
    let older = format!("{}&before={}", address(view, view.filter), next.unwrap_or_default());
    let newest = view.older.then(
        || view! { <a class="more newest" href=address(view, view.filter)>{texts.show_newest}</a> },
    );
    view! {
        <div class="scroll">
            <button id="arrived" class="pill" type="button" hidden=true></button>
            {newest}
            <ul id="list" class="list" role="list" inner_html=items></ul>
            <div id="empty" class="empty" hidden=!empty>
                {icon::resting_bell()}
                <p class="empty-title" data-of="all">{texts.empty_headline}</p>
                <p data-of="all">{texts.empty_sentence}</p>
                <p class="empty-title" data-of="unread">{texts.empty_unread}</p>
                <p class="empty-title" data-of="archived">{texts.empty_archived}</p>
            </div>
            <a id="older" class="more" href=older data-next=next.map(|next| next.to_string()) hidden=next.is_none()>
                {texts.show_older}
            </a>
            <div id="loading" class="loading" hidden=true role="status">
                <span class="hidden-text">{texts.loading}</span>
                {(0..3).map(|_| view! { <div class="skeleton" aria-hidden="true"><i></i><b></b><s></s></div> }).collect_view()}
            </div>
        </div>
    }
}

/// The dialog that lists the keyboard shortcuts, opened by `?`.
pub(super) fn keys(texts: &'static WidgetTexts) -> impl IntoView {
    let rows = [
        (vec!["↑", "↓"], texts.key_move),
        (vec!["Home", "End"], texts.key_ends),
        (vec!["Enter"], texts.key_open),
        (vec!["r"], texts.key_read),
        (vec!["e"], texts.archive),
        (vec!["#"], texts.delete),
        (vec!["z"], texts.undo),
        (vec!["Esc"], texts.close),
    ];
    let rows = rows.map(|(keys, what)| {
        let keys =
            keys.into_iter().map(|key| view! { <kbd translate="no">{key}</kbd> }).collect_view();
        view! { <dt>{keys}</dt><dd>{what}</dd> }
    });
    view! {
        <dialog id="keys" class="keys" aria-labelledby="keys-title">
            <h2 id="keys-title">{texts.keys} <button class="tool" type="button" aria-label=texts.close>{icon::close()}</button></h2>
            <dl>{rows.into_iter().collect_view()}</dl>
        </dialog>
    }
}
