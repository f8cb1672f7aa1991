//! What is done with versions: shown to readers, taken back, looked at by link, deleted.

use super::{TITLE, VERSION};
use crate::{
    app::AppError,
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::path_params::PathId,
        phrases::{DELETE, words},
        request_context::{Member, redirect},
        view::{Confirm, Page, page},
    },
    domain::{Role, ThemeVersion},
};
use axum::{extract::State, response::Response};
use leptos::prelude::*;

words! {
    PUBLISHED: "Published. Readers see version {version} now.", "Опубліковано. Читачі вже бачать версію {version}.";
    ROLLED_BACK: "Readers see version {version} again.", "Читачі знову бачать версію {version}.";
    STANDARD: "Readers see the standard look again.", "Читачі знову бачать стандартний вигляд.";
    NO_DRAFT: "There is no draft to publish.", "Чернетки для публікації немає.";
    IN_FORCE: "This version is published; roll back to another one first.", "Ця версія опублікована; спершу поверніть іншу.";
    ASK: "Delete version {version}?", "Видалити версію {version}?";
    ASK_TEXT: "Its files and preview links are deleted permanently. Readers are not affected.", "Її файли та посилання для перегляду буде видалено назавжди. Читачі нічого не помітять.";
    DELETED: "Version {version} is deleted.", "Версію {version} видалено.";
}

pub(super) async fn publish(
    State(console): State<Console>,
    member: Member,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let lang = member.lang;
    let published = match member
        .acting(&console, "theme.published", "", console.inbox.publish_theme(member.site.id))
        .await
    {
        Ok(theme) => Some(theme.version),
        Err(AppError::NoDraft) => None,
        Err(other) => return Err(other.into()),
    };
    if let Some(version) = published {
        let text = PUBLISHED.with(lang, &[("version", &version)]);
        member.done(text).await?;
    } else {
        member.failed(NO_DRAFT.t(lang)).await?;
    }
    Ok(redirect(&member.path("themes")))
}

pub(super) async fn roll_back(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let lang = member.lang;
    let to = match form.get("to") {
        "standard" => None,
        version => Some(version.parse::<ThemeVersion>().map_err(|_| ConsoleError::NotFound)?),
    };
    let subject = to.map_or_else(|| "standard".to_owned(), |version| version.to_string());
    let theme = member
        .acting(
            &console,
            "theme.rolledBack",
            &subject,
            console.inbox.roll_back_theme(member.site.id, to),
        )
        .await?;
    let text = theme.map_or_else(
        || STANDARD.t(lang).to_owned(),
        |theme| ROLLED_BACK.with(lang, &[("version", &theme.version)]),
    );
    member.done(text).await?;
    Ok(redirect(&member.path("themes")))
}

/// Makes a link to the gallery and follows it; or shows one frame of it, for which nothing is kept:
/// the editor does so as one types.
pub(super) async fn preview(
    State(console): State<Console>,
    member: Member,
    PathId(version): PathId<ThemeVersion>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let (secret, page) = if form.get("part") == "frame" {
        (console.inbox.show_theme(member.site.id, version).await?, "preview/widget")
    } else {
        (console.inbox.create_preview_link(member.site.id, version).await?.0, "preview")
    };
    Ok(redirect(&format!("/embed/{}/{page}?link={}", member.site.id, secret.reveal())))
}

pub(super) async fn ask(
    State(console): State<Console>,
    member: Member,
    PathId(version): PathId<ThemeVersion>,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let lang = member.lang;
    console.inbox.theme(member.site.id, version).await?;
    let own = member.path(&format!("themes/{version}"));
    let content = view! { <Confirm visit=member.visit.clone() text=ASK_TEXT.t(lang) action=DELETE.t(lang) back=own.clone()/> };
    let about = Page::new(ASK.with(lang, &[("version", &version)]))
        .of(&member, "themes")
        .crumb(member.path("themes"), TITLE.t(lang));
    Ok(page(
        &member,
        about.crumb(own, VERSION.with(lang, &[("version", &version)])).narrow(),
        content,
    ))
}

pub(super) async fn delete(
    State(console): State<Console>,
    member: Member,
    PathId(version): PathId<ThemeVersion>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let deletion = console.inbox.delete_theme(member.site.id, version);
    let deleted =
        match member.acting(&console, "theme.deleted", &version.to_string(), deletion).await {
            Ok(()) => true,
            Err(AppError::ThemeInForce) => false,
            Err(other) => return Err(other.into()),
        };
    if deleted {
        let text = DELETED.with(member.lang, &[("version", &version)]);
        member.done(text).await?;
    } else {
        member.failed(IN_FORCE.t(member.lang)).await?;
    }
    Ok(redirect(&member.path("themes")))
}
