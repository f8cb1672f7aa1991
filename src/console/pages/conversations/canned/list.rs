//! The list of canned responses, and its empty state.

use super::{ADD, CONTENT, SHORT_CODE, TEACHING, TITLE, all, own};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::conversations::{agent::AgentMember, phrases as talk},
        phrases::words,
        view::{Button, EmptyState, Field, Page, Table, Tone, page, relative_time},
    },
    content::text::{clean_line, truncate_graphemes},
    domain::channel::CannedResponse,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;

words! {
    EMPTY: "No canned responses yet", "Ще немає готових відповідей";
    EXAMPLE: "“Hello {{contact.first_name}}!” greets each person by name.", "«Вітаємо, {{contact.first_name}}!» звертається до кожного на ім’я.";
    CHANGED: "Changed", "Змінено";
    SEARCH: "Search canned responses", "Пошук готових відповідей";
    SEARCH_HINT: "Short code or text", "Короткий код або текст";
    FIND: "Search", "Шукати";
    NONE_FIT: "No canned responses found", "Нічого не знайдено";
    NONE_FIT_TEXT: "No canned response has “{text}” in its short code or text.", "Жодна готова відповідь не має «{text}» ні в коді, ні в тексті.";
    SHOW_ALL: "Show all", "Показати всі";
    MORE: "Showing the first {count}. Search to find others.", "Показано перші {count}. Решту знайдете пошуком.";
}

/// Most rows of the page.
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

fn row(who: &AgentMember, response: &CannedResponse) -> Markup {
    let content = clean_line(&truncate_graphemes(&response.content, 4 * MAX_EXCERPT_CHARS));
    let content = truncate_graphemes(&content, MAX_EXCERPT_CHARS).into_owned();
    view! {
        <tr>
            <td><a class="main" href=own(who, response.id)><bdi>{clean_line(&response.short_code)}</bdi></a></td>
            <td class="canned-text"><bdi>{content}</bdi></td>
            <td class="quiet">{relative_time(who, response.updated_at)}</td>
        </tr>
    }
    .into_markup()
}

pub(super) async fn list(
    State(console): State<Console>,
    who: AgentMember,
    Query(asked): Query<ListParams>,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let text: String = asked.q.unwrap_or_default().trim().chars().take(MAX_TEXT_CHARS).collect();
    let found = console.inbox.some_canned_responses(who.site.id, Some(&text), MAX_ROWS).await?;
    let (everything, new) = (all(&who), format!("{}/new", all(&who)));
    let add = view! { <Button tone=Tone::Accent href=new>{ADD.t(lang)}</Button> }.into_markup();
    let about = Page::new(TITLE.t(lang))
        .of(&who, "conversations")
        .crumb(who.path("conversations"), talk::TITLE.t(lang));
    if found.is_empty() && text.is_empty() {
        let content = view! {
            <EmptyState title=EMPTY.t(lang) text=TEACHING.t(lang)>
                <p class="quiet">{EXAMPLE.t(lang)}</p>
                {add}
            </EmptyState>
        };
        return Ok(page(&who, about, content));
    }
    let search = (!text.is_empty() || found.len() >= MIN_ROWS_FOR_SEARCH).then(|| {
        let more = (found.len() == MAX_ROWS as usize).then(|| view! { <p class="quiet count">{MORE.with(lang, &[("count", &MAX_ROWS)])}</p> });
        view! {
            <form method="get" role="search" class="search">
                <Field form=Form::of([("q", text.clone())]) name="q" kind="search" label=SEARCH.t(lang) placeholder=SEARCH_HINT.t(lang)/>
                <button class="button">{FIND.t(lang)}</button>
                {more}
            </form>
        }
        .into_markup()
    });
    let body = if found.is_empty() {
        view! {
            <EmptyState title=NONE_FIT.t(lang) text=NONE_FIT_TEXT.with(lang, &[("text", &text)])>
                <Button href=everything>{SHOW_ALL.t(lang)}</Button>
            </EmptyState>
        }
        .into_markup()
    } else {
        let rows: Vec<Markup> = found.iter().map(|response| row(&who, response)).collect();
        let columns = vec![SHORT_CODE.t(lang), CONTENT.t(lang), CHANGED.t(lang)];
        view! { <Table caption=TITLE.t(lang) columns=columns>{rows}</Table> }.into_markup()
    };
    let content = view! {
        <p class="lead">{TEACHING.t(lang)}</p>
        {search}
        {body}
    };
    Ok(page(&who, about.actions(add), content))
}
