//! Themes: the published version, the draft, previous versions, and starting a new one.

mod acts;
mod editor;
mod problems;
mod upload;
mod version;

use crate::{
    Console, edit_conflict,
    error::ConsoleError,
    form::Form,
    phrases::UiLanguage,
    request_context::Member,
    view::{Badge, Button, Page, Table, Tone, page_with, relative_time_at},
};
use axum::{
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::Response,
};
use belfry_domain::{Role, Theme, ThemeParts, ThemeState, Timestamp};
use belfry_locales::phrases::console_themes as phrases;
use belfry_theme::Diagnostics;
use belfry_web::html::{IntoMarkup, Markup};
use belfry_web::router::{Routes, get, post};
use leptos::prelude::*;

pub(super) fn routes() -> Routes<Console> {
    let upload = post(upload::upload)
        .map(|methods| methods.layer(DefaultBodyLimit::max(upload::MAX_UPLOAD_BYTES)));
    Routes::new()
        .route("/sites/{site}/themes", get(show))
        .route("/sites/{site}/themes/upload", upload)
        .route("/sites/{site}/themes/shipped", post(upload::start_from))
        .route("/sites/{site}/themes/edit", get(editor::show).post(editor::save))
        .route("/sites/{site}/themes/publish", post(acts::publish))
        .route("/sites/{site}/themes/roll-back", post(acts::roll_back))
        .route("/sites/{site}/themes/{version}", get(version::show))
        .route("/sites/{site}/themes/{version}/preview", post(acts::preview))
        .route("/sites/{site}/themes/{version}/delete", get(acts::ask).post(acts::delete))
        .route("/sites/{site}/themes/{version}/files/{name}", get(version::download))
}

/// The badge of a version's state.
fn state(lang: UiLanguage, state: ThemeState) -> Markup {
    let (tone, word) = match state {
        ThemeState::Draft => (Tone::Accent, phrases::DRAFT),
        ThemeState::Published => (Tone::Good, phrases::NOW),
        ThemeState::Superseded => (Tone::Plain, phrases::FORMER),
    };
    view! { <Badge tone=tone>{word.t(lang)}</Badge> }.into_markup()
}

fn parts(has: ThemeParts) -> String {
    let files = [(has.bell, "bell.svg"), (has.card, "card.svg"), (has.css, "theme.css")];
    files
        .into_iter()
        .filter_map(|(there, name)| there.then_some(name))
        .collect::<Vec<_>>()
        .join(", ")
}

async fn show(State(console): State<Console>, member: Member) -> Result<Response, ConsoleError> {
    overview(StatusCode::OK, &console, &member, Form::default(), None).await
}

/// The overview of themes, with diagnostics after a rejected upload.
async fn overview(
    status: StatusCode,
    console: &Console,
    member: &Member,
    form: Form,
    refused: Option<(Diagnostics, belfry_domain::ThemeSources)>,
) -> Result<Response, ConsoleError> {
    let (lang, now) = (member.lang, console.app.now());
    let themes = console.app.themes(member.site.id).await?;
    let writes = member.role >= Role::Editor;
    let draft = themes.iter().find(|theme| theme.state == ThemeState::Draft);
    let actions = writes.then(
        || view! { <Button href=member.path("themes/edit")>{phrases::EDITOR.t(lang)}</Button> },
    );
    // A page re-rendered after an error keeps the revision of its first rendering.
    let form = if writes && !form.contains(edit_conflict::REVISION_FIELD) {
        form.with(edit_conflict::REVISION_FIELD, upload::shown(console, member).await?)
    } else {
        form
    };
    let refused = refused.map(|(refusal, sources)| problems::refused(lang, &refusal, &sources));
    let content = view! {
        {refused}
        {standing(lang, member, &themes)}
        {writes.then(|| upload::section(lang, member, &form, draft.is_some()))}
        {writes.then(|| upload::shipped(lang, member, &form))}
        {(!themes.is_empty()).then(|| versions(lang, member, now, &themes))}
    };
    Ok(page_with(
        status,
        member,
        Page::new(phrases::TITLE.t(lang)).for_site(member, "themes").actions(actions),
        content,
    ))
}

/// The published version and the draft.
fn standing(lang: UiLanguage, member: &Member, themes: &[Theme]) -> Markup {
    let line = |theme: &Theme, text: String, label: &'static str| {
        let href = member.path(&format!("themes/{}", theme.version));
        view! {
            <div class="standing">
                {state(lang, theme.state)}
                <p>{text}</p>
                <a class="button" href=href>{label}</a>
            </div>
        }
        .into_markup()
    };
    let force = match themes.iter().find(|theme| theme.state == ThemeState::Published) {
        Some(theme) => line(
            theme,
            phrases::NOW_TEXT.with(lang, &[("version", &theme.version)]),
            phrases::LOOK.t(lang),
        ),
        None => view! {
            <div class="standing">
                <Badge tone=Tone::Good>{phrases::STANDARD.t(lang)}</Badge>
                <p>{phrases::STANDARD_TEXT.t(lang)}</p>
            </div>
        }
        .into_markup(),
    };
    let draft = themes.iter().find(|theme| theme.state == ThemeState::Draft);
    let draft = draft.map(|theme| {
        line(
            theme,
            phrases::DRAFT_TEXT.with(lang, &[("version", &theme.version)]),
            phrases::OPEN_DRAFT.t(lang),
        )
    });
    view! { <div class="standings">{force} {draft}</div> }.into_markup()
}

fn versions(lang: UiLanguage, member: &Member, now: Timestamp, themes: &[Theme]) -> Markup {
    let rows: Vec<Markup> = themes
        .iter()
        .map(|theme| {
            let name = phrases::VERSION.with(lang, &[("version", &theme.version)]);
            let published = theme.published_at.map_or_else(|| "—".into_markup(), |at| relative_time_at(member, now, at));
            view! {
                <tr>
                    <td><a class="main" href=member.path(&format!("themes/{}", theme.version))>{name}</a></td>
                    <td>{state(lang, theme.state)}</td>
                    <td class="quiet">{parts(theme.parts)}</td>
                    <td class="quiet">{relative_time_at(member, now, theme.created_at)}</td>
                    <td class="quiet">{published}</td>
                </tr>
            }
            .into_markup()
        })
        .collect();
    let columns = vec![
        phrases::VERSIONS.t(lang),
        phrases::STATE.t(lang),
        phrases::FILES.t(lang),
        phrases::MADE.t(lang),
        phrases::SHOWN_SINCE.t(lang),
    ];
    view! {
        <section>
            <h2>{phrases::VERSIONS.t(lang)}</h2>
            <Table caption=phrases::VERSIONS.t(lang) columns=columns>{rows}</Table>
        </section>
    }
    .into_markup()
}
