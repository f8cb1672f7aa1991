//! What was seen of a site's snippet, as what an owner asks: is it there, and if no bell shows,
//! what is to be done.

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        phrases::{Phrase, words},
        request_context::Member,
        view::{Badge, EmptyState, Tone, csrf_field, relative_time},
    },
    domain::{InstallEvent, InstallIssue, InstallStep, Origin, Role},
};
use leptos::prelude::*;

words! {
    EMPTY: "No activity yet", "Ще немає активності";
    EMPTY_TEXT: "Open a page with the snippet, then come back and reload this page.", "Відкрийте сторінку з кодом, поверніться сюди й оновіть цю.";
    RELOAD: "Check again", "Перевірити знову";
    WORKS: "Works", "Працює";
    PROBLEM: "Action needed", "Виправити";
    NOTICED: "Info", "Помічено";
    AN_ORIGIN: "a page", "сторінка";
    SCRIPT: "{origin} loads the script.", "{origin} завантажує скрипт.";
    WIDGET: "{origin} shows the bell.", "{origin} показує дзвіночок.";
    TOKEN: "Your backend gets tokens.", "Ваш сервер отримує токени.";
    NOT_ALLOWED: "{origin} is not one of the site’s allowed addresses, so the bell does not show there.", "{origin} немає серед дозволених адрес сайту, тож дзвіночок там не показано.";
    NOT_ALLOWED_DO: "If the page is yours, allow it.", "Якщо ця сторінка ваша, дозвольте її.";
    ALLOW: "Allow {origin}", "Дозволити {origin}";
    ALLOWED_NOW: "{origin} was blocked before you allowed it.", "{origin} відхилено ще до дозволу.";
    BAD_TOKEN: "{origin} sent a token that is expired, invalid or belongs to another site.", "{origin} надіслав токен, що прострочений, недійсний або належить іншому сайту.";
    BAD_TOKEN_DO: "The callback must request a token from your backend each time it is called; don’t store tokens in the page. Check that the backend uses an API key of this site.", "Функція має щоразу запитувати токен у вашого сервера; не зберігайте токен на сторінці. Перевірте, що сервер використовує ключ API цього сайту.";
    UNKNOWN_CONTACT: "Your backend requested a token for a contact that this site does not have, and received an empty token.", "Ваш сервер запитав токен контакту, якого сайт не має, і отримав порожній токен.";
    UNKNOWN_CONTACT_DO: "Add the contact first (POST /v1/contact) or import your contacts; the ID must be the same in both calls.", "Спершу додайте контакт (POST /v1/contact) або імпортуйте контакти; ID має бути той самий в обох викликах.";
}

/// Whether something is to be done about it.
pub(in crate::console::pages) fn is_trouble(origins: &[Origin], sighting: &InstallEvent) -> bool {
    let strange = sighting.origin.as_ref().is_some_and(|origin| !origins.contains(origin));
    match sighting.obstacle {
        Some(InstallIssue::Origin) => strange,
        Some(InstallIssue::Token | InstallIssue::Contact) => true,
        None => strange && sighting.seen == InstallStep::Script,
    }
}

fn description(who: &Member, sighting: &InstallEvent) -> (Phrase, Option<Phrase>) {
    let trouble = is_trouble(&who.site.origins, sighting);
    match (sighting.seen, sighting.obstacle) {
        (InstallStep::Script, None) | (_, Some(InstallIssue::Origin)) if trouble => {
            (NOT_ALLOWED, Some(NOT_ALLOWED_DO))
        }
        (_, Some(InstallIssue::Origin)) => (ALLOWED_NOW, None),
        (_, Some(InstallIssue::Token)) => (BAD_TOKEN, Some(BAD_TOKEN_DO)),
        (_, Some(InstallIssue::Contact)) => (UNKNOWN_CONTACT, Some(UNKNOWN_CONTACT_DO)),
        (InstallStep::Script, None) => (SCRIPT, None),
        (InstallStep::Widget, None) => (WIDGET, None),
        (InstallStep::Token, None) => (TOKEN, None),
    }
}

fn allow_form(who: &Member, origin: &Origin) -> Markup {
    view! {
        <form method="post" class="inline" action=who.path("snippet/allow")>
            {csrf_field(who)}
            <input type="hidden" name="origin" value=origin.as_str().to_owned()/>
            <button class="button small">{ALLOW.with(who.lang, &[("origin", origin)])}</button>
        </form>
    }
    .into_markup()
}

fn row(who: &Member, sighting: &InstallEvent) -> Markup {
    let lang = who.lang;
    let (text, advice) = description(who, sighting);
    let origin =
        sighting.origin.as_ref().map_or_else(|| AN_ORIGIN.t(lang).to_owned(), ToString::to_string);
    let (tone, mark) = match (advice.is_some(), sighting.obstacle) {
        (true, _) => (Tone::Warning, PROBLEM),
        (false, Some(_)) => (Tone::Plain, NOTICED),
        (false, None) => (Tone::Good, WORKS),
    };
    let strange =
        sighting.origin.as_ref().filter(|_| text.en == NOT_ALLOWED.en && who.role >= Role::Owner);
    let allow = strange.map(|origin| allow_form(who, origin));
    view! {
        <li>
            <Badge tone=tone>{mark.t(lang)}</Badge>
            <div>
                <p>{text.with(lang, &[("origin", &origin)])}</p>
                {advice.map(|advice| view! { <p class="quiet">{advice.t(lang)}</p> })}
                {allow}
            </div>
            <p class="quiet">{relative_time(who, sighting.at)}</p>
        </li>
    }
    .into_markup()
}

/// What was seen, newest first.
pub(super) fn part(who: &Member, sightings: &[InstallEvent]) -> Markup {
    let lang = who.lang;
    let again = || {
        view! { <a class="button" href=who.path("snippet/again")>{RELOAD.t(lang)}</a> }
            .into_markup()
    };
    if sightings.is_empty() {
        let button = again();
        return view! { <EmptyState title=EMPTY.t(lang) text=EMPTY_TEXT.t(lang)>{button}</EmptyState> }.into_markup();
    }
    let rows = sightings.iter().map(|sighting| row(who, sighting)).collect_view();
    view! {
        <ul class="sightings">{rows}</ul>
        <p>{again()}</p>
    }
    .into_markup()
}
