//! Canned responses in the composer: a menu whose buttons insert one by a form, and the options
//! that the script lists after `/`. Variables are filled in for this conversation.

use super::all;
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::{
        conversations::{agent::AgentMember, filter::Params, show, thread::Thread},
        path_params::PathId,
    },
    phrases::UiLanguage,
    view::fragment,
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use belfry_content::{
    canned::fill,
    text::{clean_line, truncate_graphemes},
};
use belfry_domain::channel::{
    CannedResponse, CannedResponseId, ConversationNumber, ConversationView,
};
use belfry_locales::phrases::console_conversations as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde::Deserialize;

/// Maximum number of responses in the menu.
const MAX_MENU_ROWS: u32 = 20;
/// Maximum number of options for a search.
const MAX_OPTIONS: u32 = 8;
/// Characters of an excerpt.
const MAX_EXCERPT_CHARS: usize = 90;
/// Longest search text, in characters.
const MAX_TEXT_CHARS: usize = 100;

/// A canned response with its variables filled in.
pub(in crate::pages::conversations) struct Insertable {
    id: CannedResponseId,
    short_code: String,
    text: String,
}

impl Insertable {
    fn new(member: &AgentMember, view: &ConversationView, response: CannedResponse) -> Self {
        Self {
            id: response.id,
            short_code: response.short_code,
            text: fill(&response.content, view, &member.agent.agent),
        }
    }

    async fn load(
        console: &Console,
        member: &AgentMember,
        view: &ConversationView,
        text: &str,
        limit: u32,
    ) -> Result<Vec<Self>, ConsoleError> {
        let responses =
            console.app.first_canned_responses(member.site.id, Some(text), limit).await?;
        Ok(responses.into_iter().map(|response| Self::new(member, view, response)).collect())
    }

    /// The responses of the menu.
    pub(in crate::pages::conversations) async fn menu(
        console: &Console,
        member: &AgentMember,
        view: &ConversationView,
    ) -> Result<Vec<Self>, ConsoleError> {
        Self::load(console, member, view, "", MAX_MENU_ROWS).await
    }

    /// Short code and excerpt.
    fn summary(&self) -> Markup {
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
pub(in crate::pages::conversations) fn popup(member: &AgentMember, thread: &Thread<'_>) -> Markup {
    let (lang, responses) = (member.lang, thread.canned);
    let action = thread.action_path(member, "insert");
    let choices = responses.iter().map(|response| {
        view! {
            <button class="choice-line canned-line" name="insert" value=response.id.to_string() formaction=action.clone() data-text=response.text.clone()>
                {response.summary()}
            </button>
        }
        .into_markup()
    });
    let choices: Vec<Markup> = choices.collect();
    let inside = if choices.is_empty() {
        view! {
            <p class="quiet">{phrases::TEACHING.t(lang)}</p>
            <a class="choice-line" href=format!("{}/new", all(member))>{phrases::ADD.t(lang)}</a>
        }
        .into_markup()
    } else {
        view! {
            <div class="canned-choices">{choices}</div>
            <a class="choice-line more" href=all(member)>{phrases::MANAGE.t(lang)}</a>
        }
        .into_markup()
    };
    view! {
        <details class="drop-down canned" data-popup>
            <summary class="button small" aria-label=phrases::SHOW.t(lang) title=phrases::SHOW.t(lang)>"/"</summary>
            <div class="popup">{inside}</div>
        </details>
    }
    .into_markup()
}

/// The listbox that the script opens, with its announcement for screen readers.
pub(in crate::pages::conversations) fn listbox(
    member: &AgentMember,
    thread: &Thread<'_>,
) -> Markup {
    let lang: UiLanguage = member.lang;
    view! {
        <div class="canned-list" id="talk-canned" role="listbox" aria-label=phrases::CANNED_TITLE.t(lang) hidden data-options=format!("{}/canned", thread.base(member))></div>
        <p class="unseen" id="talk-canned-status" role="status" data-found=phrases::FOUND.for_browser(lang)></p>
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
    member: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    Query(asked): Query<OptionsParams>,
) -> Result<Response, ConsoleError> {
    let view = console.app.conversation(&member.agent, number).await?;
    let text: String = asked.q.unwrap_or_default().chars().take(MAX_TEXT_CHARS).collect();
    let responses = Insertable::load(&console, &member, &view, &text, MAX_OPTIONS).await?;
    let options = responses.iter().enumerate().map(|(at, response)| {
        view! {
            <div class="canned-line" role="option" id=format!("talk-canned-{at}") aria-selected="false" data-text=response.text.clone()>
                {response.summary()}
            </div>
        }
        .into_markup()
    });
    Ok(fragment(options.collect_view().into_markup()))
}

/// Renders the thread with a canned response appended to the draft.
pub(super) async fn insert(
    State(console): State<Console>,
    member: AgentMember,
    PathId(number): PathId<ConversationNumber>,
    Query(params): Query<Params>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let view = console.app.conversation(&member.agent, number).await?;
    let response = console.app.canned_response(member.site.id, form.get("insert").parse()?).await?;
    let inserted = Insertable::new(&member, &view, response).text;
    let typed = form.get("content").replace("\r\n", "\n");
    let typed = typed.trim_end();
    let content = if typed.is_empty() { inserted } else { format!("{typed}\n{inserted}") };
    show::with_form(
        StatusCode::OK,
        &console,
        &member,
        number,
        &params,
        form.with("content", content),
    )
    .await
}
