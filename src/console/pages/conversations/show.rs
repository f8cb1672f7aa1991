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
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    phrases::Phrase,
    view::{EmptyState, Page, fragment, page_with},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use belfry_domain::channel::{ConversationNumber, MessageWindow};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The list without an open conversation.
pub(super) async fn list(
    State(console): State<Console>,
    member: AgentMember,
    Query(params): Query<Params>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let listed = ConversationList::load(&console, &member, Filter::from_params(&params)).await?;
    let is_unused = listed.is_empty_site();
    if params.part.is_some() {
        return Ok(fragment(list::panel(&member, &listed, None)));
    }
    if is_unused && listed.filter.tab == belfry_domain::channel::AssigneeFilter::All {
        let body = view! { <div class="talk-unused" id="talk" data-talk data-events=member.path("conversations/events")>{list::teaching(&console, &member, &listed)}</div> };
        return Ok(page_with(
            StatusCode::OK,
            &member,
            Page::new(phrases::TITLE.t(lang)).for_site(&member, "conversations"),
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
    let content = around(&member, "list", &listed, None, beside.into_markup());
    Ok(page_with(
        StatusCode::OK,
        &member,
        Page::new(phrases::TITLE.t(lang)).for_site(&member, "conversations").full_height(),
        content,
    ))
}

/// A conversation with the list.
pub(super) async fn thread(
    State(console): State<Console>,
    member: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    Query(params): Query<Params>,
) -> Result<Response, ConsoleError> {
    shown(StatusCode::OK, &console, &member, number, &params, Form::default()).await
}

/// The same with a draft.
pub(super) async fn with_form(
    status: StatusCode,
    console: &Console,
    member: &AgentMember,
    number: ConversationNumber,
    params: &Params,
    form: Form,
) -> Result<Response, ConsoleError> {
    shown(status, console, member, number, params, form).await
}

async fn shown(
    status: StatusCode,
    console: &Console,
    member: &AgentMember,
    number: ConversationNumber,
    params: &Params,
    form: Form,
) -> Result<Response, ConsoleError> {
    let filter = Filter::from_params(params);
    if params.part.as_deref() == Some("list") {
        console.app.conversation(&member.agent, number).await?;
        let listed = ConversationList::load(console, member, filter).await?;
        return Ok(fragment(list::panel(member, &listed, Some(number))));
    }
    if params.part.as_deref() == Some("notice") {
        let conversation_messages = console
            .app
            .conversation_messages(&member.agent, number, MessageWindow::default())
            .await?;
        return Ok(fragment(list::notice(member.lang, &conversation_messages)));
    }
    let before = params.before.as_deref().and_then(|before| before.parse().ok());
    let window = MessageWindow { before, ..MessageWindow::default() };
    let conversation_messages =
        console.app.conversation_messages(&member.agent, number, window).await?;
    // Opening the page marks the conversation as seen. The script, which fetches parts in the
    // background, reports that itself.
    if params.part.is_none() && conversation_messages.view.unread_count > 0 {
        console.app.mark_seen_by_agent(&member.agent, number).await?;
    }
    let side = SidePanel::load(console, member, &conversation_messages.view).await?;
    // The composer of an open page is not replaced.
    let canned = if params.part.is_none() {
        Insertable::menu(console, member, &conversation_messages.view).await?
    } else {
        Vec::new()
    };
    let thread = Thread {
        filter: &filter,
        messages_page: &conversation_messages,
        is_past: before.is_some(),
        form,
        now: console.app.now(),
        file_bytes: console.app.max_attachment_bytes(),
        canned: &canned,
    };
    let both = |thread: &Thread<'_>| {
        view! { {thread.panel(member)} {side.panel(member, thread)} }.into_markup()
    };
    if params.part.is_some() {
        return Ok(fragment(both(&thread)));
    }
    let listed = ConversationList::load(console, member, filter.clone()).await?;
    let title = list::display_name(member.lang, &conversation_messages.view.contact);
    let content = around(member, "thread", &listed, Some(number), both(&thread));
    Ok(page_with(
        status,
        member,
        Page::new(title).for_site(member, "conversations").full_height(),
        content,
    ))
}

/// The layout, with the data for the script.
fn around(
    member: &AgentMember,
    shown: &'static str,
    listed: &ConversationList,
    here: Option<ConversationNumber>,
    beside: Markup,
) -> Markup {
    let lang = member.lang;
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
            data-events=member.path("conversations/events") data-token=member.token.clone() data-lang=lang.tag()
            data-today=phrases::TODAY.t(lang) data-yesterday=phrases::YESTERDAY.t(lang)
            data-zone=member.is_zone_known().then(|| member.zone.name().to_owned())>
            {list::panel(member, listed, here)}
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
