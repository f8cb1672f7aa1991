//! The install events of a site, as a checklist: whether the snippet works, and how to fix it.

use crate::{
    phrases::Phrase,
    request_context::Member,
    view::{Badge, EmptyState, Tone, csrf_field, relative_time},
};
use belfry_domain::{InstallEvent, InstallIssue, InstallStep, Origin, Role};
use belfry_locales::{AnyPhrase, phrases::console_installation as phrases};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// Whether the owner has to fix something.
pub(in crate::pages) fn is_trouble(origins: &[Origin], install_event: &InstallEvent) -> bool {
    let strange = install_event.origin.as_ref().is_some_and(|origin| !origins.contains(origin));
    match install_event.issue {
        Some(InstallIssue::Origin) => strange,
        Some(InstallIssue::Token | InstallIssue::Contact) => true,
        None => strange && install_event.step == InstallStep::Script,
    }
}

fn description(who: &Member, install_event: &InstallEvent) -> (AnyPhrase, Option<Phrase>) {
    let trouble = is_trouble(&who.site.origins, install_event);
    match (install_event.step, install_event.issue) {
        (InstallStep::Script, None) | (_, Some(InstallIssue::Origin)) if trouble => {
            (phrases::NOT_ALLOWED.any(), Some(phrases::NOT_ALLOWED_DO))
        }
        (_, Some(InstallIssue::Origin)) => (phrases::ALLOWED_NOW.any(), None),
        (_, Some(InstallIssue::Token)) => (phrases::BAD_TOKEN.any(), Some(phrases::BAD_TOKEN_DO)),
        (_, Some(InstallIssue::Contact)) => {
            (phrases::UNKNOWN_CONTACT.any(), Some(phrases::UNKNOWN_CONTACT_DO))
        }
        (InstallStep::Script, None) => (phrases::SCRIPT.any(), None),
        (InstallStep::Widget, None) => (phrases::WIDGET.any(), None),
        (InstallStep::Token, None) => (phrases::TOKEN.any(), None),
    }
}

fn allow_form(who: &Member, origin: &Origin) -> Markup {
    view! {
        <form method="post" class="inline" action=who.path("snippet/allow")>
            {csrf_field(who)}
            <input type="hidden" name="origin" value=origin.as_str().to_owned()/>
            <button class="button small">{phrases::ALLOW.with(who.lang, &[("origin", origin)])}</button>
        </form>
    }
    .into_markup()
}

fn row(who: &Member, install_event: &InstallEvent) -> Markup {
    let lang = who.lang;
    let (text, advice) = description(who, install_event);
    let origin = install_event
        .origin
        .as_ref()
        .map_or_else(|| phrases::AN_ORIGIN.t(lang).to_owned(), ToString::to_string);
    let (tone, mark) = match (advice.is_some(), install_event.issue) {
        (true, _) => (Tone::Warning, phrases::PROBLEM),
        (false, Some(_)) => (Tone::Plain, phrases::NOTICED),
        (false, None) => (Tone::Good, phrases::WORKS),
    };
    let strange = install_event
        .origin
        .as_ref()
        .filter(|_| text == phrases::NOT_ALLOWED.any() && who.role >= Role::Owner);
    let allow = strange.map(|origin| allow_form(who, origin));
    view! {
        <li>
            <Badge tone=tone>{mark.t(lang)}</Badge>
            <div>
                <p>{text.with(lang, &[("origin", &origin)])}</p>
                {advice.map(|advice| view! { <p class="quiet">{advice.t(lang)}</p> })}
                {allow}
            </div>
            <p class="quiet">{relative_time(who, install_event.at)}</p>
        </li>
    }
    .into_markup()
}

/// The install events, newest first.
pub(super) fn part(who: &Member, install_events: &[InstallEvent]) -> Markup {
    let lang = who.lang;
    let again = || {
        view! { <a class="button" href=who.path("snippet/again")>{phrases::RELOAD.t(lang)}</a> }
            .into_markup()
    };
    if install_events.is_empty() {
        let button = again();
        return view! { <EmptyState title=phrases::EMPTY.t(lang) text=phrases::EMPTY_TEXT.t(lang)>{button}</EmptyState> }.into_markup();
    }
    let rows = install_events.iter().map(|install_event| row(who, install_event)).collect_view();
    view! {
        <ul class="sightings">{rows}</ul>
        <p>{again()}</p>
    }
    .into_markup()
}
