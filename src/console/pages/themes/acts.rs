//! Actions on versions: publish, roll back, preview by link, delete.

use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    phrases::DELETE,
    request_context::{Member, redirect},
    view::{Confirm, Page, page},
};
use axum::{extract::State, response::Response};
use belfry_app::AppError;
use belfry_domain::{Role, ThemeVersion};
use belfry_locales::phrases::console_themes as phrases;
use leptos::prelude::*;

pub(super) async fn publish(
    State(console): State<Console>,
    member: Member,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let lang = member.lang;
    let published =
        match member.with_audit(&console, "", console.app.publish_theme(member.site.id)).await {
            Ok(theme) => Some(theme.version),
            Err(AppError::NoDraft) => None,
            Err(other) => return Err(other.into()),
        };
    if let Some(version) = published {
        let text = phrases::ACTS_PUBLISHED.with(lang, &[("version", &version)]);
        member.flash_success(text).await?;
    } else {
        member.flash_error(phrases::NO_DRAFT.t(lang)).await?;
    }
    Ok(redirect(&member.path("themes")))
}

pub(super) async fn roll_back(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let lang = member.lang;
    let to = match form.get("to") {
        "standard" => None,
        version => Some(version.parse::<ThemeVersion>().map_err(|_| ConsoleError::NotFound)?),
    };
    let subject = to.map_or_else(|| "standard".to_owned(), |version| version.to_string());
    let theme = member
        .with_audit(&console, &subject, console.app.roll_back_theme(member.site.id, to))
        .await?;
    let text = theme.map_or_else(
        || phrases::ACTS_STANDARD.t(lang).to_owned(),
        |theme| phrases::ROLLED_BACK.with(lang, &[("version", &theme.version)]),
    );
    member.flash_success(text).await?;
    Ok(redirect(&member.path("themes")))
}

/// Creates a link to the gallery and redirects to it, or renders one frame of it without storing
/// anything: the editor does so while the CSS is edited.
pub(super) async fn preview(
    State(console): State<Console>,
    member: Member,
    PathId(version): PathId<ThemeVersion>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let (secret, page) = if form.get("part") == "frame" {
        (console.app.preview_theme(member.site.id, version).await?, "preview/widget")
    } else {
        (console.app.create_preview_link(member.site.id, version).await?.0, "preview")
    };
    Ok(redirect(&format!("/embed/{}/{page}?link={}", member.site.id, secret.reveal())))
}

pub(super) async fn ask(
    State(console): State<Console>,
    member: Member,
    PathId(version): PathId<ThemeVersion>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let lang = member.lang;
    console.app.theme(member.site.id, version).await?;
    let own = member.path(&format!("themes/{version}"));
    let content = view! { <Confirm visit=member.context.clone() text=phrases::ASK_TEXT.t(lang) action=DELETE.t(lang) back=own.clone()/> };
    let about = Page::new(phrases::ASK.with(lang, &[("version", &version)]))
        .for_site(&member, "themes")
        .crumb(member.path("themes"), phrases::TITLE.t(lang));
    Ok(page(
        &member,
        about.crumb(own, phrases::VERSION.with(lang, &[("version", &version)])).narrow(),
        content,
    ))
}

pub(super) async fn delete(
    State(console): State<Console>,
    member: Member,
    PathId(version): PathId<ThemeVersion>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let deletion = console.app.delete_theme(member.site.id, version);
    let deleted = match member.with_audit(&console, &version.to_string(), deletion).await {
        Ok(()) => true,
        Err(AppError::ThemePublished) => false,
        Err(other) => return Err(other.into()),
    };
    if deleted {
        let text = phrases::DELETED.with(member.lang, &[("version", &version)]);
        member.flash_success(text).await?;
    } else {
        member.flash_error(phrases::IN_FORCE.t(member.lang)).await?;
    }
    Ok(redirect(&member.path("themes")))
}
