//! The rules of a theme as text, with the theme beside them. What is written becomes the draft; the drawings stay.

use super::{TITLE, problems, upload, version};
use crate::web::html::Markup;
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        view::{Button, Page, TextArea, Tone, page_with, token},
        visit::{Member, go},
        words::words,
    },
    domain::{Role, ThemeSources, ThemeState, ThemeVersion},
    inbox::InboxError,
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;

words! {
    EDITOR: "Edit rules", "Редагування правил";
    CSS: "theme.css", "theme.css";
    CSS_HINT: "Rules for the parts of the widget. What you save is a draft; readers see it when you publish.", "Правила для частин віджета. Збережене — чернетка; читачі побачать її після публікації.";
    SAVE: "Save draft", "Зберегти чернетку";
    SAVED: "The draft is saved.", "Чернетку збережено.";
    OPEN: "Go to the draft", "До чернетки";
    LIVE: "The preview follows as you type.", "Перегляд оновлюється під час набору.";
}

#[derive(Deserialize)]
pub(super) struct Asked {
    from: Option<String>,
}

/// What is edited.
#[derive(Default)]
struct Base {
    /// The draft, whether or not it is what is edited.
    draft: Option<ThemeVersion>,
    version: Option<ThemeVersion>,
    sources: ThemeSources,
}

/// The version that was asked for, else the draft, else what is in force.
async fn base(console: &Console, member: &Member, from: &str) -> Result<Base, ConsoleError> {
    let themes = console.inbox.themes(member.site.id).await?;
    let asked = from.parse::<ThemeVersion>().ok().and_then(|version| themes.iter().find(|theme| theme.version == version));
    let in_state = |state| themes.iter().find(|theme| theme.state == state);
    let draft = in_state(ThemeState::Draft).map(|theme| theme.version);
    let Some(theme) = asked.or_else(|| in_state(ThemeState::Draft)).or_else(|| in_state(ThemeState::InForce)) else {
        return Ok(Base { draft, ..Base::default() });
    };
    Ok(Base { draft, version: Some(theme.version), sources: console.inbox.theme_sources(member.site.id, theme.version).await? })
}

fn editor(status: StatusCode, member: &Member, form: &Form, shown: Option<ThemeVersion>, told: Option<Markup>) -> Response {
    let lang = member.lang;
    let preview = shown.map(|version| version::preview(lang, member, version));
    let open = shown.map(|version| view! { <Button href=member.path(&format!("themes/{version}"))>{OPEN.t(lang)}</Button> });
    let content = view! {
        <div class="beside wide-main">
            <form class="beside-main" method="post" action=member.path("themes/edit") data-live="editor-state">
                {token(member)}
                <input type="hidden" name="from" value=form.get("from").to_owned() autocomplete="off"/>
                <TextArea form=form.clone() name="css" label=CSS.t(lang) rows=28 code=true hint=CSS_HINT.t(lang)/>
                <p class="hint" data-live-hint="" hidden>{LIVE.t(lang)}</p>
                <div class="actions">
                    <Button tone=Tone::Accent>{SAVE.t(lang)}</Button>
                    {open}
                </div>
            </form>
            <div id="editor-state" class="beside-side">
                {told}
                {preview}
            </div>
        </div>
    };
    page_with(status, member, Page::new(EDITOR.t(lang)).of(member, "themes").crumb(member.path("themes"), TITLE.t(lang)), content)
}

pub(super) async fn show(State(console): State<Console>, member: Member, Query(asked): Query<Asked>) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let from = asked.from.unwrap_or_default();
    let Base { version, sources, .. } = base(&console, &member, &from).await?;
    let told = match version {
        Some(version) => problems::warnings(member.lang, &console.inbox.theme(member.site.id, version).await?.warnings, &sources),
        None => None,
    };
    let form = Form::of([("css", sources.css.unwrap_or_default()), ("from", from)]);
    Ok(editor(StatusCode::OK, &member, &form, version, told))
}

pub(super) async fn save(State(console): State<Console>, member: Member, form: Form) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    // A form brings line breaks as CR LF, and a file has them as LF.
    let css = Some(form.get("css").replace("\r\n", "\n")).filter(|css| !css.trim().is_empty());
    // As one types, drafts follow each other in seconds; what is put on record is the one that was saved.
    let live = form.has("live");
    for _ in 0..upload::ATTEMPTS {
        let Base { draft, version, sources } = match base(&console, &member, form.get("from")).await {
            // Another draft took its place between two looks.
            Err(ConsoleError::NotFound) => continue,
            base => base?,
        };
        let upload = upload::of_sources(ThemeSources { css: css.clone(), ..sources });
        match upload::keep_over(&console, &member, draft, upload, !live).await? {
            None => {}
            Some(Ok(_)) => {
                if !live {
                    member.done(SAVED.t(member.lang)).await?;
                }
                return Ok(go(&member.path("themes/edit")));
            }
            Some(Err((refusal, sources))) => {
                let told = problems::refused(member.lang, &refusal, &sources);
                return Ok(editor(StatusCode::UNPROCESSABLE_ENTITY, &member, &form, version, Some(told)));
            }
        }
    }
    Err(InboxError::Changed.into())
}
