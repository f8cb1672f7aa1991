//! The conversations page: list, thread and contact, or the part of it that the script requests.

use super::{
    agent::AgentMember,
    canned::Insertable,
    filter::{Filter, Params},
    list::{self, ConversationList},
    phrases,
    side_panel::SidePanel,
    thread::Thread,
};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::path_params::PathId,
        phrases::Phrase,
        view::{EmptyState, Page, fragment, page_with},
    },
    domain::channel::{ConversationNumber, MessageWindow},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use leptos::prelude::*;

/// The list without an open conversation.
pub(super) async fn list(
    State(console): State<Console>,
    who: AgentMember,
    Query(params): Query<Params>,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let listed = ConversationList::load(&console, &who, Filter::of(&params)).await?;
    let is_unused = listed.is_unused();
    if params.part.is_some() {
        return Ok(fragment(list::panel(&who, &listed, None)));
    }
    if is_unused && listed.filter.tab == crate::domain::channel::AssigneeFilter::All {
        let body = view! { <div class="talk-unused" id="talk" data-talk data-events=who.path("conversations/events")>{list::teaching(&console, &who, &listed)}</div> };
        return Ok(page_with(
            StatusCode::OK,
            &who,
            Page::new(phrases::TITLE.t(lang)).of(&who, "conversations"),
            body,
        ));
    }
    let key = move |keys: &'static [&'static str], word: Phrase| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view();
        view! { <div><dt>{keys}</dt><dd>{word.t(lang)}</dd></div> }
    };
    let beside = view! {
        <section class="talk-thread talk-none" aria-label=phrases::THREAD.t(lang)>
            <EmptyState title=phrases::CHOOSE.t(lang) text=phrases::CHOOSE_TEXT.t(lang)>
                <dl class="first-keys" data-needs-script="" hidden>
                    {key(&["j", "k"], phrases::KEY_MOVE)}
                    {key(&["r"], phrases::KEY_REPLY)}
                    {key(&["e"], phrases::KEY_RESOLVE)}
                    {key(&["/"], phrases::KEY_SEARCH)}
                    {key(&["?"], phrases::KEY_ALL)}
                </dl>
            </EmptyState>
        </section>
    };
    let content = around(&who, "list", &listed, None, beside.into_markup());
    Ok(page_with(
        StatusCode::OK,
        &who,
        Page::new(phrases::TITLE.t(lang)).of(&who, "conversations").filling(),
        content,
    ))
}

/// A conversation with the list.
pub(super) async fn thread(
    State(console): State<Console>,
    who: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    Query(params): Query<Params>,
) -> Result<Response, ConsoleError> {
    shown(StatusCode::OK, &console, &who, number, &params, Form::default()).await
}

/// The same with a draft.
pub(super) async fn with_form(
    status: StatusCode,
    console: &Console,
    who: &AgentMember,
    number: ConversationNumber,
    params: &Params,
    form: Form,
) -> Result<Response, ConsoleError> {
    shown(status, console, who, number, params, form).await
}

async fn shown(
    status: StatusCode,
    console: &Console,
    who: &AgentMember,
    number: ConversationNumber,
    params: &Params,
    form: Form,
) -> Result<Response, ConsoleError> {
    let filter = Filter::of(params);
    if params.part.as_deref() == Some("list") {
        console.inbox.conversation(&who.agent, number).await?;
        let listed = ConversationList::load(console, who, filter).await?;
        return Ok(fragment(list::panel(who, &listed, Some(number))));
    }
    if params.part.as_deref() == Some("notice") {
        let found = console
            .inbox
            .conversation_messages(&who.agent, number, MessageWindow::default())
            .await?;
        return Ok(fragment(list::notice(who.lang, &found)));
    }
    let before = params.before.as_deref().and_then(|before| before.parse().ok());
    let window = MessageWindow { before, ..MessageWindow::default() };
    let found = console.inbox.conversation_messages(&who.agent, number, window).await?;
    // Opening the page marks the conversation as seen. The script, which fetches parts in the
    // background, reports that itself.
    if params.part.is_none() && found.view.unread_count > 0 {
        console.inbox.seen_by_agent(&who.agent, number).await?;
    }
    let side = SidePanel::load(console, who, &found.view).await?;
    // The composer of an open page is not replaced.
    let canned = if params.part.is_none() {
        Insertable::menu(console, who, &found.view).await?
    } else {
        Vec::new()
    };
    let thread = Thread {
        filter: &filter,
        found: &found,
        is_past: before.is_some(),
        form,
        now: console.inbox.now(),
        file_bytes: console.inbox.attachment_bytes(),
        canned: &canned,
    };
    let both =
        |thread: &Thread<'_>| view! { {thread.panel(who)} {side.panel(who, thread)} }.into_markup();
    if params.part.is_some() {
        return Ok(fragment(both(&thread)));
    }
    let listed = ConversationList::load(console, who, filter.clone()).await?;
    let title = list::display_name(who.lang, &found.view.contact);
    let content = around(who, "thread", &listed, Some(number), both(&thread));
    Ok(page_with(status, who, Page::new(title).of(who, "conversations").filling(), content))
}

/// The layout, with the data for the script.
fn around(
    who: &AgentMember,
    shown: &'static str,
    listed: &ConversationList,
    here: Option<ConversationNumber>,
    beside: Markup,
) -> Markup {
    let lang = who.lang;
    let keys = [
        ("j", phrases::KEY_NEXT),
        ("k", phrases::KEY_PREVIOUS),
        ("r", phrases::KEY_REPLY),
        ("n", phrases::KEY_NOTE),
        ("e", phrases::KEY_RESOLVE),
        ("a", phrases::KEY_ASSIGN),
        ("/", phrases::KEY_SEARCH),
        ("/…", phrases::KEY_CANNED),
        ("Ctrl+Enter", phrases::KEY_SEND),
        ("Esc", phrases::KEY_LEAVE),
        ("?", phrases::KEY_HELP),
    ];
    let keys = keys.map(|(key, word)| {
        view! { <div><dt><kbd>{key}</kbd></dt><dd>{word.t(lang)}</dd></div> }.into_markup()
    });
    view! {
        <div class=format!("talk shows-{shown}") id="talk" data-talk data-number=here.map(|number| number.to_string())
            data-events=who.path("conversations/events") data-token=who.token.clone() data-lang=lang.tag()
            data-today=phrases::TODAY.t(lang) data-yesterday=phrases::YESTERDAY.t(lang)
            data-zone=who.is_zone_known().then(|| who.zone.name().to_owned())>
            {list::panel(who, listed, here)}
            {beside}
            <p class="notice failed offline" id="talk-offline" role="status" hidden>{phrases::OFFLINE.t(lang)}</p>
            <p class="notice failed offline" id="talk-problem" role="alert" hidden></p>
            <dialog class="keys" id="talk-keys" aria-labelledby="talk-keys-title">
                <h2 id="talk-keys-title">{phrases::KEYS.t(lang)}</h2>
                <dl class="facts">{Vec::from(keys)}</dl>
                <form method="dialog"><button class="button small">{phrases::CLOSE.t(lang)}</button></form>
            </dialog>
        </div>
    }
    .into_markup()
}
