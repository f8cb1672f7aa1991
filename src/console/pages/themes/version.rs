//! A theme version's page: preview, uploaded files and actions.

use super::{problems, state};
use crate::{
    Console,
    error::ConsoleError,
    pages::path_params::PathId,
    phrases::{DELETE, UiLanguage},
    request_context::Member,
    view::{Button, Page, Tone, csrf_field, date, page},
};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use belfry_domain::{Role, Theme, ThemeSources, ThemeState, ThemeVersion};
use belfry_locales::phrases::console_themes as phrases;
use belfry_theme::File;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// A frame with the version, and a link to the gallery.
pub(super) fn preview(lang: UiLanguage, member: &Member, version: ThemeVersion) -> Markup {
    let action = member.path(&format!("themes/{version}/preview"));
    view! {
        <section class="beside-frame">
            <h2>{phrases::PREVIEW.t(lang)}</h2>
            <p class="quiet">{phrases::PREVIEW_TEXT.t(lang)}</p>
            <div class="actions">
                <form method="post" action=action.clone() target="preview" data-show="">
                    {csrf_field(member)}
                    <input type="hidden" name="part" value="frame"/>
                    <button class="button">{phrases::SHOW.t(lang)}</button>
                </form>
                <form method="post" action=action target="_blank" data-again="">
                    {csrf_field(member)}
                    <button class="button">{phrases::GALLERY.t(lang)}</button>
                </form>
            </div>
            <iframe class="phone" name="preview" title=phrases::PREVIEW.t(lang)></iframe>
            <p class="hint">{phrases::GALLERY_TEXT.t(lang)}</p>
        </section>
    }
    .into_markup()
}

fn acts(lang: UiLanguage, member: &Member, theme: &Theme) -> Markup {
    let form = |path: &str, to: Option<String>, tone: &'static str, label: &'static str| {
        view! {
            <form method="post" action=member.path(path)>
                {csrf_field(member)}
                {to.map(|to| view! { <input type="hidden" name="to" value=to/> })}
                <button class=format!("button {tone}")>{label}</button>
            </form>
        }
        .into_markup()
    };
    let main = match theme.state {
        ThemeState::Draft => form("themes/publish", None, "accent", phrases::PUBLISH.t(lang)),
        ThemeState::Superseded => form(
            "themes/roll-back",
            Some(theme.version.to_string()),
            "accent",
            phrases::USE_AGAIN.t(lang),
        ),
        ThemeState::Published => {
            form("themes/roll-back", Some("standard".to_owned()), "", phrases::TO_STANDARD.t(lang))
        }
    };
    let delete = (theme.state != ThemeState::Published).then(|| {
        view! { <Button tone=Tone::Danger href=member.path(&format!("themes/{}/delete", theme.version))>{DELETE.t(lang)}</Button> }
    });
    view! {
        {delete}
        <Button href=member.path(&format!("themes/edit?from={}", theme.version))>{phrases::EDIT.t(lang)}</Button>
        {main}
    }
    .into_markup()
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(version): PathId<ThemeVersion>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let theme = console.app.theme(member.site.id, version).await?;
    let sources = console.app.theme_sources(member.site.id, version).await?;
    let actions = (member.role >= Role::Editor).then(|| acts(lang, &member, &theme));
    let published = theme.published_at.map(|at| {
        view! {
            <div>
                <dt>{phrases::VERSION_PUBLISHED.t(lang)}</dt>
                <dd>{date(&member, at)}</dd>
            </div>
        }
    });
    let shown = (member.role >= Role::Editor).then(|| preview(lang, &member, version));
    let content = view! {
        <div class="beside">
            <div class="beside-main">
                <section>
                    <dl class="facts">
                        <div>
                            <dt>{phrases::STANDING.t(lang)}</dt>
                            <dd>{state(lang, theme.state)}</dd>
                        </div>
                        <div>
                            <dt>{phrases::UPLOADED.t(lang)}</dt>
                            <dd>{date(&member, theme.created_at)}</dd>
                        </div>
                        {published}
                    </dl>
                </section>
                {downloads(lang, &member, version, &sources)}
                {problems::warnings(lang, &theme.warnings, &sources)}
            </div>
            {shown}
        </div>
    };
    let title = phrases::VERSION.with(lang, &[("version", &version)]);
    let about = Page::new(title)
        .for_site(&member, "themes")
        .crumb(member.path("themes"), phrases::TITLE.t(lang));
    Ok(page(&member, about.actions(actions), content))
}

fn downloads(
    lang: UiLanguage,
    member: &Member,
    version: ThemeVersion,
    sources: &ThemeSources,
) -> Markup {
    let files =
        [(File::Bell, &sources.bell), (File::Card, &sources.card), (File::Css, &sources.css)];
    let items: Vec<Markup> = files
        .into_iter()
        .filter_map(|(file, text)| Some((file.name(), text.as_ref()?.len())))
        .map(|(name, size)| {
            let href = member.path(&format!("themes/{version}/files/{name}"));
            let label = phrases::DOWNLOAD.with(lang, &[("name", &name)]);
            view! { <li><a href=href aria-label=label><code>{name}</code></a> " " <span class="quiet">{format!("{:.1} kB", kilobytes(size))}</span></li> }.into_markup()
        })
        .collect();
    view! {
        <section>
            <h2>{phrases::SOURCES.t(lang)}</h2>
            <ul class="plain">{items}</ul>
        </section>
    }
    .into_markup()
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1_024.0
}

/// An uploaded file as a download. It is never displayed, because it is not sanitized.
pub(super) async fn download(
    State(console): State<Console>,
    member: Member,
    PathId(version): PathId<ThemeVersion>,
    PathId(name): PathId<String, 2>,
) -> Result<Response, ConsoleError> {
    let sources = console.app.theme_sources(member.site.id, version).await?;
    let (text, kind, disposition) = match name.as_str() {
        "bell.svg" => (sources.bell, "image/svg+xml", "attachment; filename=\"bell.svg\""),
        "card.svg" => (sources.card, "image/svg+xml", "attachment; filename=\"card.svg\""),
        "theme.css" => {
            (sources.css, "text/css; charset=utf-8", "attachment; filename=\"theme.css\"")
        }
        _ => return Err(ConsoleError::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition)),
    ];
    Ok((headers, text.ok_or(ConsoleError::NotFound)?).into_response())
}
