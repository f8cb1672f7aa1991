//! Actions on a webhook: test, switch, resend, delete, rotate the secret.

use super::{TITLE, write::secret_page};
use crate::web::html::IntoMarkup;
use crate::{
    app::AppError,
    console::{
        Console,
        error::ConsoleError,
        error_translations,
        form::Form,
        pages::path_params::PathId,
        phrases::{DELETE, words},
        request_context::{Member, redirect},
        view::{Confirm, Page, date, page},
    },
    domain::{EndpointChange, EndpointId, Role, Timestamp},
};
use axum::{extract::State, response::Response};
use leptos::prelude::*;

words! {
    TESTED: "Test sent. It appears below as soon as your receiver responds.", "Тест надіслано. Він з’явиться нижче, щойно отримувач відповість.";
    TURNED_ON: "The webhook is on.", "Вебхук увімкнено.";
    TURNED_OFF: "The webhook is off. Events are not sent meanwhile.", "Вебхук вимкнено. Події тим часом не надсилаються.";
    REPLAYED: "{count} deliveries are being sent again.", "Надсилаються ще раз: {count}.";
    ASK: "Delete this webhook?", "Видалити цей вебхук?";
    ASK_TEXT: "{url} receives no more events, and pending deliveries are dropped. This can’t be undone.", "{url} більше нічого не отримуватиме, а ще не надіслане буде відкинуто. Цього не можна скасувати.";
    DELETED: "Webhook deleted.", "Вебхук видалено.";
    ROTATE: "Rotate the secret?", "Замінити секрет?";
    ROTATE_TEXT: "For 24 hours, requests are signed with both the new and the previous secret, so your receiver can switch without missing any.", "Упродовж 24 годин кожен запит підписано новим і попереднім секретом, тож отримувач перейде без втрат.";
    ROTATE_VERB: "Rotate the secret", "Замінити секрет";
    ROTATED: "New secret", "Новий секрет";
    UNTIL: "The previous secret is valid until", "Попередній секрет діє до";
}

fn own(member: &Member, id: EndpointId) -> String {
    member.path(&format!("webhooks/{id}"))
}

pub(super) async fn test(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let refused = match member
        .acting(
            &console,
            "webhook.tested",
            &id.to_string(),
            console.inbox.test_webhook(member.site.id, id),
        )
        .await
    {
        Ok(_) => None,
        Err(AppError::Conflict(reason)) => Some(reason),
        Err(other) => return Err(other.into()),
    };
    if let Some(reason) = refused {
        member.failed(error_translations::translate(member.lang, reason)).await?;
    } else {
        member.done(TESTED.t(member.lang)).await?;
    }
    Ok(redirect(&own(&member, id)))
}

pub(super) async fn switch(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let on = form.get("to") == "on";
    let change = EndpointChange { enabled: Some(on), ..EndpointChange::default() };
    let act = if on { "webhook.enabled" } else { "webhook.disabled" };
    member
        .acting(
            &console,
            act,
            &id.to_string(),
            console.inbox.update_webhook(member.site.id, id, &change),
        )
        .await?;
    member.done(if on { TURNED_ON } else { TURNED_OFF }.t(member.lang)).await?;
    Ok(redirect(&own(&member, id)))
}

pub(super) async fn replay_dead(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let replay = console.inbox.replay_webhook(member.site.id, id, Timestamp::from_millis(0));
    let count = member.acting(&console, "webhook.replayed", &id.to_string(), replay).await?;
    let text = REPLAYED.with(member.lang, &[("count", &count)]);
    member.done(text).await?;
    Ok(redirect(&own(&member, id)))
}

pub(super) async fn ask(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let lang = member.lang;
    let endpoint = console.inbox.webhook(member.site.id, id).await?;
    let text = ASK_TEXT.with(lang, &[("url", &endpoint.url)]);
    let content = view! { <Confirm visit=member.visit.clone() text=text action=DELETE.t(lang) back=own(&member, id)/> };
    let about = Page::new(ASK.t(lang))
        .of(&member, "webhooks")
        .crumb(member.path("webhooks"), TITLE.t(lang));
    Ok(page(&member, about.crumb(own(&member, id), endpoint.url).narrow(), content))
}

pub(super) async fn delete(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    member
        .acting(
            &console,
            "webhook.deleted",
            &id.to_string(),
            console.inbox.delete_webhook(member.site.id, id),
        )
        .await?;
    member.done(DELETED.t(member.lang)).await?;
    Ok(redirect(&member.path("webhooks")))
}

pub(super) async fn ask_secret(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let lang = member.lang;
    let endpoint = console.inbox.webhook(member.site.id, id).await?;
    let content = view! { <Confirm visit=member.visit.clone() text=ROTATE_TEXT.t(lang) action=ROTATE_VERB.t(lang) back=own(&member, id)/> };
    let about = Page::new(ROTATE.t(lang))
        .of(&member, "webhooks")
        .crumb(member.path("webhooks"), TITLE.t(lang));
    Ok(page(&member, about.crumb(own(&member, id), endpoint.url).narrow(), content))
}

pub(super) async fn rotate(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let lang = member.lang;
    let rotation = console.inbox.rotate_webhook_secret(member.site.id, id);
    let (secret, until) =
        member.acting(&console, "webhook.secretRotated", &id.to_string(), rotation).await?;
    let note =
        view! { <p class="quiet">{UNTIL.t(lang)} " " {date(&member, until)} "."</p> }.into_markup();
    Ok(secret_page(&member, ROTATED.t(lang), secret.reveal(), own(&member, id), Some(note)))
}
