//! The review page before sending: audience, times, languages, and warnings.

use super::{audience, draft, editor::EditorContext, format, phrases, preview};
use crate::{
    error::ConsoleError,
    form::Form,
    view::{Button, Page, Tone, csrf_field, date, grouped, page},
};
use axum::response::Response;
use belfry_domain::{Language, MessageContent, MessageDraft};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use std::fmt::Write as _;

pub(super) async fn show(
    editor: &EditorContext<'_>,
    form: &Form,
    message: &MessageDraft,
) -> Result<Response, ConsoleError> {
    let EditorContext { console, member, settings, stored, .. } = *editor;
    let (lang, site) = (member.lang, member.site.id);
    let audience_summary = audience::reach(console, site, form, stored).await?;
    let to = match form.get("audience") {
        "segment" => segment_name(editor, form).await?,
        "contacts" | "keep" => phrases::CONTACTS.t(lang).to_owned(),
        _ => phrases::EVERYONE.t(lang).to_owned(),
    };
    let number = audience_summary.map_or_else(String::new, |(count, complete)| {
        format!("{}{}", grouped(count), if complete { "" } else { "+" })
    });
    let later = message.publish_at.filter(|at| *at > console.app.now());
    let sent =
        later.map_or_else(|| phrases::REVIEW_AT_ONCE.t(lang).into_markup(), |at| date(member, at));
    let until = message
        .expires_at
        .map_or_else(|| phrases::REVIEW_FOR_GOOD.t(lang).into_markup(), |at| date(member, at));
    let languages: Vec<Language> = message.content.keys().cloned().collect();
    let names = languages.iter().map(format::named).collect::<Vec<_>>().join(", ");
    let wanted = draft::languages(member, settings, form);
    let notes = notes(editor, message, &wanted, audience_summary);
    let eyes = preview::PreviewAs::parse(console, member, form).await?;
    let secret = console.app.preview_draft(site, message.clone(), eyes.contact).await?;
    let note =
        (!eyes.note.is_empty()).then(|| view! { <p class="hint">{eyes.note}</p> }.into_markup());
    let checks = if notes.is_empty() {
        view! { <p class="notice">{phrases::ALL_GOOD.t(lang)}</p> }.into_markup()
    } else {
        let notes = notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view();
        view! { <div class="notice warning"><h2>{phrases::CHECKS.t(lang)}</h2><ul class="dots">{notes}</ul></div> }.into_markup()
    };
    let label = if later.is_some() { phrases::REVIEW_LATER } else { phrases::REVIEW_NOW };
    let content = view! {
        <div class="compose">
            <form method="post">
                {csrf_field(member).into_markup()}
                {carried(form)}
                <input type="hidden" name="once" value=once(editor)/>
                <dl class="facts">
                    <dt>{phrases::REVIEW_TO.t(lang)}</dt>
                    <dd>{to}</dd>
                    <dt>{phrases::REVIEW_NUMBER.t(lang)}</dt>
                    <dd class="big">{number}</dd>
                    <dt>{phrases::REVIEW_WHEN.t(lang)}</dt>
                    <dd>{sent}</dd>
                    <dt>{phrases::REVIEW_UNTIL.t(lang)}</dt>
                    <dd>{until}</dd>
                    <dt>{phrases::REVIEW_LANGUAGES.t(lang)}</dt>
                    <dd>{names}</dd>
                </dl>
                {checks}
                <div class="actions send">
                    <Button tone=Tone::Accent name="do" value="send">{label.t(lang)}</Button>
                    <Button name="do" value="edit">{phrases::REVIEW_BACK.t(lang)}</Button>
                </div>
            </form>
            <aside class="preview" aria-label=phrases::PREVIEW.t(lang)>
                <h2>{phrases::PREVIEW.t(lang)}</h2>
                {note}
                {preview::view(member, &languages, Some(secret.reveal()))}
            </aside>
        </div>
    };
    Ok(page(member, Page::new(phrases::REVIEW_TITLE.t(lang)).for_site(member, "messages"), content))
}

async fn segment_name(editor: &EditorContext<'_>, form: &Form) -> Result<String, ConsoleError> {
    let segment =
        editor.console.app.segment(editor.member.site.id, form.get("segment").parse()?).await?;
    Ok(segment.name.unwrap_or_else(|| format!("№ {}", segment.id)))
}

/// All form fields, hidden, for sending or going back.
fn carried(form: &Form) -> Markup {
    let fields = form.fields().filter(|(name, _)| !matches!(*name, "do" | "once"));
    fields
        .map(|(name, value)| view! { <input type="hidden" name=name.to_owned() value=value.to_owned() autocomplete="off"/> })
        .collect_view()
        .into_markup()
}

/// An idempotency key for this page.
fn once(editor: &EditorContext<'_>) -> String {
    let mut bytes = [0; 16];
    editor.console.app.rng().fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(32), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// Warnings about the message.
fn notes(
    editor: &EditorContext<'_>,
    message: &MessageDraft,
    wanted: &[Language],
    recipients: Option<(u64, bool)>,
) -> Vec<String> {
    let lang = editor.member.lang;
    let mut notes = Vec::new();
    if recipients == Some((0, true)) {
        notes.push(phrases::NOBODY_NOW.t(lang).to_owned());
    }
    let own = &editor.member.site.language;
    let instead =
        if message.content.contains_key(own) { Some(own) } else { message.content.keys().next() };
    for language in wanted.iter().filter(|language| !message.content.contains_key(*language)) {
        let instead = instead.map(format::named).unwrap_or_default();
        notes.push(
            phrases::MISSING_LANGUAGE
                .with(lang, &[("language", &format::named(language)), ("instead", &instead)]),
        );
    }
    for (language, content) in &message.content {
        let name = format::named(language);
        let mut note = |word: belfry_locales::Template| {
            notes.push(word.with(lang, &[("language", &name)]));
        };
        if content.body.is_empty() {
            note(phrases::NO_BODY);
        }
        if content.link.is_none() && content.actions.is_empty() {
            note(phrases::NO_LINK);
        }
        if has_bare_variable(content) {
            note(phrases::NO_DEFAULT);
        }
    }
    notes
}

/// Whether a variable has no fallback.
fn has_bare_variable(content: &MessageContent) -> bool {
    [&content.title, &content.body].into_iter().any(|text| {
        text.split("{{")
            .skip(1)
            .filter_map(|rest| rest.split_once("}}"))
            .any(|(inside, _)| !inside.contains('|'))
    })
}
