//! The list of canned responses, and its empty state.

use super::{all, own};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::conversations::{agent::AgentMember, phrases as talk},
    view::{Button, EmptyState, Field, Page, Table, Tone, page, relative_time},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use belfry_content::text::{clean_line, truncate_graphemes};
use belfry_domain::channel::CannedResponse;
use belfry_locales::phrases::console_conversations as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde::Deserialize;

/// Maximum number of rows.
const MAX_ROWS: u32 = 200;
/// Number of rows from which a search field is shown.
const MIN_ROWS_FOR_SEARCH: usize = 10;
/// Characters of an excerpt.
const MAX_EXCERPT_CHARS: usize = 140;
/// Longest search text, in characters.
const MAX_TEXT_CHARS: usize = 200;

#[derive(Deserialize)]
pub(super) struct ListParams {
    q: Option<String>,
}

fn row(member: &AgentMember, response: &CannedResponse) -> Markup {
    let content = clean_line(&truncate_graphemes(&response.content, 4 * MAX_EXCERPT_CHARS));
    let content = truncate_graphemes(&content, MAX_EXCERPT_CHARS).into_owned();
    view! {
        <tr>
            <td><a class="main" href=own(member, response.id)><bdi>{clean_line(&response.short_code)}</bdi></a></td>
            <td class="canned-text"><bdi>{content}</bdi></td>
            <td class="quiet">{relative_time(member, response.updated_at)}</td>
        </tr>
    }
    .into_markup()
}

pub(super) async fn list(
    State(console): State<Console>,
    member: AgentMember,
    Query(asked): Query<ListParams>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let text: String = asked.q.unwrap_or_default().trim().chars().take(MAX_TEXT_CHARS).collect();
    let responses =
        console.app.first_canned_responses(member.site.id, Some(&text), MAX_ROWS).await?;
    let (everything, new) = (all(&member), format!("{}/new", all(&member)));
    let add =
        view! { <Button tone=Tone::Accent href=new>{phrases::ADD.t(lang)}</Button> }.into_markup();
    let about = Page::new(phrases::CANNED_TITLE.t(lang))
        .for_site(&member, "conversations")
        .crumb(member.path("conversations"), talk::TITLE.t(lang));
    if responses.is_empty() && text.is_empty() {
        let content = view! {
            <EmptyState title=phrases::CANNED_LIST_EMPTY.t(lang) text=phrases::TEACHING.t(lang)>
                <p class="quiet">{phrases::EXAMPLE.t(lang)}</p>
                {add}
            </EmptyState>
        };
        return Ok(page(&member, about, content));
    }
    let search = (!text.is_empty() || responses.len() >= MIN_ROWS_FOR_SEARCH).then(|| {
        let more = (responses.len() == MAX_ROWS as usize).then(|| view! { <p class="quiet count">{phrases::MORE.with(lang, &[("count", &MAX_ROWS)])}</p> });
        view! {
            <form method="get" role="search" class="search">
                <Field form=Form::new([("q", text.clone())]) name="q" kind="search" label=phrases::CANNED_LIST_SEARCH.t(lang) placeholder=phrases::CANNED_LIST_SEARCH_HINT.t(lang)/>
                <button class="button">{phrases::FIND.t(lang)}</button>
                {more}
            </form>
        }
        .into_markup()
    });
    let body = if responses.is_empty() {
        view! {
            <EmptyState title=phrases::CANNED_LIST_NONE_FIT.t(lang) text=phrases::CANNED_LIST_NONE_FIT_TEXT.with(lang, &[("text", &text)])>
                <Button href=everything>{phrases::SHOW_ALL.t(lang)}</Button>
            </EmptyState>
        }
        .into_markup()
    } else {
        let rows: Vec<Markup> = responses.iter().map(|response| row(&member, response)).collect();
        let columns =
            vec![phrases::SHORT_CODE.t(lang), phrases::CONTENT.t(lang), phrases::CHANGED.t(lang)];
        view! { <Table caption=phrases::CANNED_TITLE.t(lang) columns=columns>{rows}</Table> }
            .into_markup()
    };
    let content = view! {
        <p class="lead">{phrases::TEACHING.t(lang)}</p>
        {search}
        {body}
    };
    Ok(page(&member, about.actions(add), content))
}
