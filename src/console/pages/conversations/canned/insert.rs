//! Canned responses in the composer: a menu whose buttons insert one by a form, and the options
//! that the script lists after `/`. Variables are filled in for this conversation.

use super::{ADD, TEACHING, TITLE, all};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::{
            conversations::{agent::AgentMember, filter::Params, show, thread::Thread},
            path_params::PathId,
        },
        phrases::{UiLanguage, words},
        view::fragment,
    },
    content::{
        canned::fill,
        text::{clean_line, truncate_graphemes},
    },
    domain::channel::{CannedResponse, CannedResponseId, ConversationNumber, ConversationView},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;

words! {
    SHOW: "Canned responses", "Готові відповіді";
    MANAGE: "All canned responses", "Усі готові відповіді";
    FOUND: "Canned responses: {count}. Arrow keys choose, Enter inserts.", "Готових відповідей: {count}. Стрілки — вибрати, Enter — вставити.";
}

/// Most responses in the menu.
const MAX_MENU_ROWS: u32 = 20;
/// Most options listed for a search.
const MAX_OPTIONS: u32 = 8;
/// Characters of an excerpt.
const MAX_EXCERPT_CHARS: usize = 90;
/// Longest search text, in characters.
const MAX_TEXT_CHARS: usize = 100;

/// A canned response with its variables filled in.
pub(in crate::console::pages::conversations) struct Insertable {
    id: CannedResponseId,
    short_code: String,
    text: String,
}

impl Insertable {
    fn new(who: &AgentMember, view: &ConversationView, response: CannedResponse) -> Self {
        Self {
            id: response.id,
            short_code: response.short_code,
            text: fill(&response.content, view, &who.agent.agent),
        }
    }

    async fn some(
        console: &Console,
        who: &AgentMember,
        view: &ConversationView,
        text: &str,
        limit: u32,
    ) -> Result<Vec<Self>, ConsoleError> {
        let found = console.inbox.some_canned_responses(who.site.id, Some(text), limit).await?;
        Ok(found.into_iter().map(|response| Self::new(who, view, response)).collect())
    }

    /// The responses of the menu.
    pub(in crate::console::pages::conversations) async fn menu(
        console: &Console,
        who: &AgentMember,
        view: &ConversationView,
    ) -> Result<Vec<Self>, ConsoleError> {
        Self::some(console, who, view, "", MAX_MENU_ROWS).await
    }

    /// Short code and excerpt.
    fn line(&self) -> Markup {
        let text = clean_line(&truncate_graphemes(&self.text, 4 * MAX_EXCERPT_CHARS));
        let text = truncate_graphemes(&text, MAX_EXCERPT_CHARS).into_owned();
        view! {
            <b><bdi>{clean_line(&self.short_code)}</bdi></b>
            " "
            <span><bdi>{text}</bdi></span>
        }
        .into_markup()
    }
}

/// The menu below the composer.
pub(in crate::console::pages::conversations) fn popup(
    who: &AgentMember,
    thread: &Thread<'_>,
) -> Markup {
    let (lang, responses) = (who.lang, thread.canned);
    let action = thread.act(who, "insert");
    let choices = responses.iter().map(|response| {
        view! {
            <button class="choice-line canned-line" name="insert" value=response.id.to_string() formaction=action.clone() data-text=response.text.clone()>
                {response.line()}
            </button>
        }
        .into_markup()
    });
    let choices: Vec<Markup> = choices.collect();
    let inside = if choices.is_empty() {
        view! {
            <p class="quiet">{TEACHING.t(lang)}</p>
            <a class="choice-line" href=format!("{}/new", all(who))>{ADD.t(lang)}</a>
        }
        .into_markup()
    } else {
        view! {
            <div class="canned-choices">{choices}</div>
            <a class="choice-line more" href=all(who)>{MANAGE.t(lang)}</a>
        }
        .into_markup()
    };
    view! {
        <details class="drop-down canned" data-popup>
            <summary class="button small" aria-label=SHOW.t(lang) title=SHOW.t(lang)>"/"</summary>
            <div class="popup">{inside}</div>
        </details>
    }
    .into_markup()
}

/// The listbox that the script opens, with its announcement for screen readers.
pub(in crate::console::pages::conversations) fn listbox(
    who: &AgentMember,
    thread: &Thread<'_>,
) -> Markup {
    let lang: UiLanguage = who.lang;
    view! {
        <div class="canned-list" id="talk-canned" role="listbox" aria-label=TITLE.t(lang) hidden data-options=format!("{}/canned", thread.base(who))></div>
        <p class="unseen" id="talk-canned-status" role="status" data-found=FOUND.t(lang)></p>
    }
    .into_markup()
}

#[derive(Deserialize)]
pub(super) struct OptionsParams {
    q: Option<String>,
}

/// The options for a search text.
pub(super) async fn options(
    State(console): State<Console>,
    who: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    Query(asked): Query<OptionsParams>,
) -> Result<Response, ConsoleError> {
    let view = console.inbox.conversation(&who.agent, number).await?;
    let text: String = asked.q.unwrap_or_default().chars().take(MAX_TEXT_CHARS).collect();
    let found = Insertable::some(&console, &who, &view, &text, MAX_OPTIONS).await?;
    let options = found.iter().enumerate().map(|(at, response)| {
        view! {
            <div class="canned-line" role="option" id=format!("talk-canned-{at}") aria-selected="false" data-text=response.text.clone()>
                {response.line()}
            </div>
        }
        .into_markup()
    });
    Ok(fragment(options.collect_view().into_markup()))
}

/// Renders the thread with a canned response appended to the draft.
pub(super) async fn insert(
    State(console): State<Console>,
    who: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    Query(params): Query<Params>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let view = console.inbox.conversation(&who.agent, number).await?;
    let response = console.inbox.canned_response(who.site.id, form.get("insert").parse()?).await?;
    let inserted = Insertable::new(&who, &view, response).text;
    let typed = form.get("content").replace("\r\n", "\n");
    let typed = typed.trim_end();
    let content = if typed.is_empty() { inserted } else { format!("{typed}\n{inserted}") };
    show::with_form(StatusCode::OK, &console, &who, number, &params, form.with("content", content))
        .await
}
