//! The message editor's page.

use super::{
    audience, draft,
    draft::{ACTION_ROWS, at},
    fields::{checkbox, text_area, text_input},
    format, phrases, preview,
};
use crate::{
    Console,
    edit_conflict::{RevisionField, form_status, save_label},
    error::ConsoleError,
    form::Form,
    phrases::CANCEL,
    request_context::Member,
    view::{Button, Page, Tone, csrf_field, page_with, zone_field, zone_of, zoned},
};
use axum::response::Response;
use belfry_domain::{Language, Message, Role, SiteSettings};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The mode of the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EditorMode {
    /// A new message.
    Write,
    /// A copy of a message.
    Copy,
    /// Edits a scheduled message.
    Reschedule,
    /// Edits a published message.
    Correct,
}

impl EditorMode {
    fn is_edit(self) -> bool {
        matches!(self, Self::Reschedule | Self::Correct)
    }
}

/// The context of the editor.
pub(super) struct EditorContext<'a> {
    pub(super) console: &'a Console,
    pub(super) member: &'a Member,
    pub(super) settings: &'a SiteSettings,
    pub(super) mode: EditorMode,
    /// The stored message that is edited or copied, or whose contacts are kept.
    pub(super) stored: Option<&'a Message>,
}

/// Results of a button: count, preview, test.
#[derive(Default)]
pub(super) struct EditorState {
    pub(super) audience_summary: String,
    pub(super) preview_secret: Option<String>,
    pub(super) notice: Option<String>,
    /// The contact whose view the preview shows.
    pub(super) preview_note: String,
}

pub(super) async fn show(
    editor: &EditorContext<'_>,
    form: Form,
    found: EditorState,
) -> Result<Response, ConsoleError> {
    let EditorContext { console, member, settings, mode, stored } = *editor;
    member.require_role(Role::Editor)?;
    let lang = member.lang;
    let languages = draft::languages(member, settings, &form);
    let choice = audience::AudienceOptions::load(console, member, &form, stored).await?;
    let to_whom = (mode != EditorMode::Correct)
        .then(|| audience::view(member, &form, choice, &found.audience_summary));
    let refused = form.has_errors();
    let status = form_status(&form);
    let wrong =
        refused.then(|| view! { <div class="notice failed" role="alert"><p>{phrases::WRONG.t(lang)}</p>{elsewhere(&form)}</div> }.into_markup());
    let told =
        found.notice.map(|told| view! { <p class="notice" role="status">{told}</p> }.into_markup());
    let lead = (mode == EditorMode::Correct)
        .then(|| view! { <p class="lead">{phrases::EDIT_LIVE.t(lang)}</p> }.into_markup());
    let texts = languages.iter().map(|language| text(member, &form, language)).collect_view();
    let from = form.get("from").to_owned();
    let back = stored.filter(|_| mode != EditorMode::Write).map_or_else(
        || member.path("messages"),
        |message| member.path(&format!("messages/{}", message.id)),
    );
    let (do_it, word) =
        if mode.is_edit() { ("save", phrases::SAVE_EDIT) } else { ("review", phrases::REVIEW) };
    let label = save_label(lang, &form, word);
    let shown = mode.is_edit().then(|| view! { <RevisionField form=form.clone()/> });
    let content = view! {
        {told}
        {wrong}
        {lead}
        <div class="compose">
            <form
                method="post"
                enctype="multipart/form-data"
                id="compose"
                data-compose=member.path("messages/check")
                data-bold=phrases::BOLD.t(lang)
                data-italic=phrases::ITALIC.t(lang)
                data-link=phrases::LINK_TOOL.t(lang)
                data-list=phrases::LIST_TOOL.t(lang)
            >
                {csrf_field(member).into_markup()}
                // Enter presses the first button of a form.
                <button class="unseen" name="do" value=do_it tabindex="-1" aria-hidden="true">{label}</button>
                <input type="hidden" name="from" value=from/>
                {shown}
                {zone_field(&zone_of(&form, member))}
                {to_whom}
                <fieldset>
                    <legend>{phrases::CONTENT.t(lang)}</legend>
                    <div class="languages">{texts}</div>
                    {variables(member)}
                </fieldset>
                {details(member, settings, &form, mode)}
                {(!mode.is_edit()).then(|| test_section(member, &form))}
                <div class="actions send">
                    <Button tone=Tone::Accent name="do" value=do_it>{label}</Button>
                    <Button href=back>{CANCEL.t(lang)}</Button>
                </div>
            </form>
            {preview_panel(member, &form, &languages, found.preview_secret.as_deref(), found.preview_note)}
        </div>
    };
    let title = match mode {
        EditorMode::Write => phrases::NEW,
        EditorMode::Copy => phrases::COPY_TITLE,
        EditorMode::Reschedule | EditorMode::Correct => phrases::EDIT_TITLE,
    };
    Ok(page_with(status, member, Page::new(title.t(lang)).for_site(member, "messages"), content))
}

/// Errors at fields that the page does not show.
fn elsewhere(form: &Form) -> Markup {
    const PARTS: [&str; 10] = [
        "content.",
        "name",
        "category",
        "publishAt",
        "expiresAt",
        "audience",
        "segment",
        "contacts",
        "test",
        "pinned",
    ];
    let others = form.errors_at(|field| !PARTS.iter().any(|part| field.starts_with(part)));
    others.into_iter().map(|text| view! { <p>{text}</p> }).collect_view().into_markup()
}

fn text(member: &Member, form: &Form, language: &Language) -> Markup {
    let lang = member.lang;
    let is_first = *language == member.site.language;
    let own = format::named(&member.site.language);
    let empty = (!is_first).then(
        || view! { <p class="hint">{phrases::LEAVE_EMPTY.with(lang, &[("language", &own)])}</p> },
    );
    let whole = form
        .error(&format!("content.{language}"))
        .map(|error| view! { <p class="wrong">{error}</p> });
    let name = |part: &str| at(language, part);
    let buttons = (0..ACTION_ROWS).map(|row| button(member, form, language, row)).collect_view();
    // Open if a field has a value or an error.
    let used = (0..ACTION_ROWS).any(|row| {
        ["label", "link", "reply"].iter().any(|part| {
            let field = name(&format!("actions[{row}].{part}"));
            form.trimmed(&field).is_some() || form.error(&field).is_some()
        })
    });
    let direction = if language.is_right_to_left() { "rtl" } else { "auto" };
    view! {
        <section class="language" lang=language.to_string() dir=direction data-language=language.to_string()>
            <h2>{format::named(language)}</h2>
            {empty}
            {whole}
            {text_input(form, &name("title"), "text", phrases::MESSAGE_TITLE.t(lang), None)}
            {text_area(form, &name("body"), 7, phrases::BODY.t(lang), Some(phrases::BODY_HINT.t(lang)), true)}
            {text_input(form, &name("link"), "text", phrases::LINK.t(lang), Some(phrases::LINK_HINT.t(lang)))}
            {checkbox(form, &name("newTab"), phrases::NEW_TAB.t(lang))}
            {text_input(form, &name("image"), "text", phrases::IMAGE.t(lang), Some(phrases::IMAGE_HINT.t(lang)))}
            {text_input(form, &name("file"), "file", phrases::IMAGE_FILE.t(lang), None)}
            <details open=used>
                <summary>{phrases::BUTTONS.t(lang)}</summary>
                {buttons}
            </details>
        </section>
    }
    .into_markup()
}

fn button(member: &Member, form: &Form, language: &Language, row: usize) -> Markup {
    let lang = member.lang;
    let name = |part: &str| at(language, &format!("actions[{row}].{part}"));
    // A message with a reply button keeps it even if the site's setting changed.
    let reply = (member.site.messages.is_some() || form.contains(&name("reply")))
        .then(|| checkbox(form, &name("reply"), phrases::REPLY.t(lang)));
    view! {
        <div class="pair">
            {text_input(form, &name("label"), "text", phrases::LABEL.with(lang, &[("number", &(row + 1))]), None)}
            {text_input(form, &name("link"), "text", phrases::LABEL_LINK.t(lang), None)}
            {checkbox(form, &name("newTab"), phrases::NEW_TAB.t(lang))}
            {reply}
        </div>
    }
    .into_markup()
}

fn variables(member: &Member) -> Markup {
    let lang = member.lang;
    let hello = if lang.tag() == "uk" { "{{firstName|друже}}" } else { "{{firstName|there}}" };
    view! {
        <details class="help">
            <summary>{phrases::VARIABLES.t(lang)}</summary>
            <p class="hint">{phrases::VARIABLES_TEXT.t(lang)}</p>
            <dl class="variables">
                <dt><code>{hello}</code></dt>
                <dd>{phrases::FIRST_NAME.t(lang)} "; " {phrases::OTHER_NAMES.t(lang)}</dd>
                <dt><code>"{{attributes.plan|basic}}"</code></dt>
                <dd>{phrases::ATTRIBUTE.t(lang)}</dd>
            </dl>
        </details>
    }
    .into_markup()
}

fn details(member: &Member, settings: &SiteSettings, form: &Form, task: EditorMode) -> Markup {
    let lang = member.lang;
    let known = settings
        .categories()
        .iter()
        .map(|category| view! { <option value=category.name.clone()></option> })
        .collect_view();
    let zone = zone_of(form, member);
    let schedule = (task != EditorMode::Correct).then(|| {
        text_input(
            form,
            "publishAt",
            "datetime-local",
            zoned(phrases::SCHEDULE.t(lang), &zone),
            Some(phrases::SCHEDULE_HINT.t(lang)),
        )
    });
    view! {
        <fieldset>
            <legend>{phrases::DETAILS.t(lang)}</legend>
            <div class="pair">
                {text_input(form, "name", "text", phrases::NAME.t(lang), Some(phrases::NAME_HINT.t(lang)))}
                {text_input(form, "category", "text", phrases::CATEGORY.t(lang), Some(phrases::CATEGORY_HINT.t(lang)))}
                <datalist id="categories">{known}</datalist>
                {schedule}
                {text_input(form, "expiresAt", "datetime-local", zoned(phrases::EXPIRY.t(lang), &zone), Some(phrases::EXPIRY_HINT.t(lang)))}
            </div>
            {checkbox(form, "pinned", phrases::PINNED.t(lang))}
            {checkbox(form, "literal", phrases::LITERAL.t(lang))}
        </fieldset>
    }
    .into_markup()
}

fn test_section(member: &Member, form: &Form) -> Markup {
    let lang = member.lang;
    view! {
        <fieldset>
            <legend>{phrases::TRY.t(lang)}</legend>
            <div class="pair try">
                {text_input(form, "test", "text", phrases::TRY_TO.t(lang), Some(phrases::TRY_HINT.t(lang)))}
                <div><Button name="do" value="test">{phrases::TRY.t(lang)}</Button></div>
            </div>
        </fieldset>
    }
    .into_markup()
}

fn preview_panel(
    member: &Member,
    form: &Form,
    languages: &[Language],
    secret: Option<&str>,
    note: String,
) -> Markup {
    let lang = member.lang;
    let text = if secret.is_some() { phrases::PREVIEW_TEXT } else { phrases::PREVIEW_EMPTY };
    view! {
        <aside class="preview" aria-label=phrases::PREVIEW.t(lang)>
            <div class="head">
                <h2>{phrases::PREVIEW.t(lang)}</h2>
                <button class="button small" form="compose" name="do" value="preview" data-refresh="1">{phrases::PREVIEW.t(lang)}</button>
            </div>
            <p class="hint" data-preview-text=phrases::PREVIEW_TEXT.t(lang)>{text.t(lang)}</p>
            {preview::persona(member, form, note)}
            {preview::view(member, languages, secret)}
        </aside>
    }
    .into_markup()
}
