//! Creates drafts: from uploaded files or a built-in theme.

use super::overview;
use crate::{
    Console,
    edit_conflict::{REVISION_FIELD, RevisionField, save_label, with_revision},
    error::ConsoleError,
    form::Form,
    phrases::UiLanguage,
    request_context::{Member, redirect},
    view::{Button, Checkbox, Errors, Tone, csrf_field},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::{AppError, ThemeUpload};
use belfry_domain::{
    Role, Theme, ThemeSources, ThemeState, ThemeVersion, ValidationError, revision,
};
use belfry_locales::phrases::console_themes as phrases;
use belfry_theme::{
    Diagnostics, File,
    builtin::{BUILTIN_THEMES, BuiltinTheme},
};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// Maximum form in bytes: all files at their maximum.
pub(super) const MAX_UPLOAD_BYTES: usize = 640 * 1_024;

const NAMES: [(&str, File); 3] = [("bell", File::Bell), ("card", File::Card), ("css", File::Css)];

pub(super) fn section(lang: UiLanguage, member: &Member, form: &Form, has_draft: bool) -> Markup {
    let inputs = [
        ("bell", phrases::BELL, phrases::BELL_HINT, ".svg,image/svg+xml"),
        ("card", phrases::CARD, phrases::CARD_HINT, ".svg,image/svg+xml"),
        ("css", phrases::UPLOAD_CSS, phrases::UPLOAD_CSS_HINT, ".css,text/css"),
    ];
    let inputs: Vec<Markup> = inputs
        .into_iter()
        .map(|(name, label, hint, accept)| {
            let wrong = form.error(name).map(|wrong| view! { <p class="wrong">{wrong}</p> });
            view! {
                <div class="field drop" data-drop=label.t(lang)>
                    <label for=name><code>{label.t(lang)}</code> " " <span class="quiet">{hint.t(lang)}</span></label>
                    <input id=name name=name type="file" accept=accept/>
                    {wrong}
                </div>
            }
            .into_markup()
        })
        .collect();
    let label = save_label(lang, form, phrases::SEND);
    let keep = has_draft
        .then(|| view! { <Checkbox form=form.clone() name="keep" label=phrases::KEEP.t(lang)/> });
    view! {
        <section>
            <h2>{phrases::UPLOAD.t(lang)}</h2>
            <p class="lead">{phrases::UPLOAD_TEXT.t(lang)}</p>
            <form method="post" action=member.path("themes/upload") enctype="multipart/form-data">
                {csrf_field(member)}
                <RevisionField form=form.clone()/>
                <Errors form=form.clone() fields=&["bell", "card", "css"]/>
                <div class="drops">{inputs}</div>
                {keep}
                <Button tone=Tone::Accent>{label}</Button>
            </form>
        </section>
    }
    .into_markup()
}

fn described(lang: UiLanguage, shipped: &BuiltinTheme) -> &'static str {
    match shipped.name {
        "quiet" => phrases::QUIET.t(lang),
        "midnight" => phrases::MIDNIGHT.t(lang),
        "paper" => phrases::PAPER.t(lang),
        "terminal" => phrases::TERMINAL.t(lang),
        "festive" => phrases::FESTIVE.t(lang),
        "contrast" => phrases::CONTRAST.t(lang),
        _ => shipped.description,
    }
}

pub(super) fn shipped(lang: UiLanguage, member: &Member, form: &Form) -> Markup {
    let cards: Vec<Markup> = BUILTIN_THEMES
        .iter()
        .map(|shipped| {
            view! {
                <li>
                    <h3>{shipped.name}</h3>
                    <p class="quiet">{described(lang, shipped)}</p>
                    <button class="button" name="theme" value=shipped.name aria-label=phrases::USE.with(lang, &[("name", &shipped.name)])>{phrases::USE.with(lang, &[("name", &shipped.name)])}</button>
                </li>
            }
            .into_markup()
        })
        .collect();
    view! {
        <section>
            <h2>{phrases::START.t(lang)}</h2>
            <p class="lead">{phrases::START_TEXT.t(lang)}</p>
            <form method="post" action=member.path("themes/shipped")>
                {csrf_field(member)}
                <RevisionField form=form.clone()/>
                <ul class="cards">{cards}</ul>
            </form>
        </section>
    }
    .into_markup()
}

/// The uploaded files as text, to show source lines.
pub(super) fn text(upload: &ThemeUpload) -> ThemeSources {
    let text = |bytes: &Option<Vec<u8>>| {
        bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    ThemeSources { bell: text(&upload.bell), card: text(&upload.card), css: text(&upload.css) }
}

/// The saved draft, or the diagnostics.
type Kept = Result<Theme, (Diagnostics, ThemeSources)>;

fn kept<T>(
    done: Result<T, AppError>,
    sources: ThemeSources,
) -> Result<Result<T, (Diagnostics, ThemeSources)>, ConsoleError> {
    match done {
        Ok(theme) => Ok(Ok(theme)),
        Err(AppError::ThemeRejected(refusal)) => Ok(Err((*refusal, sources))),
        Err(other) => Err(other.into()),
    }
}

/// Retries after a concurrent change of the draft.
pub(super) const MAX_SAVE_ATTEMPTS: usize = 5;

/// Stores an upload if the draft is still the one it was based on; `None` if not.
pub(super) async fn replace_draft(
    console: &Console,
    member: &Member,
    former: Option<ThemeVersion>,
    upload: ThemeUpload,
    record: bool,
) -> Result<Option<Kept>, ConsoleError> {
    let sources = text(&upload);
    let keep = console.app.replace_theme_draft(member.site.id, former, upload);
    let done = if record { member.with_audit(console, "", keep).await } else { keep.await };
    Ok(kept(done, sources)?.transpose())
}

/// The draft with its sources, if any.
async fn draft(
    console: &Console,
    member: &Member,
) -> Result<Option<(ThemeVersion, ThemeSources)>, ConsoleError> {
    let draft = console
        .app
        .themes(member.site.id)
        .await?
        .into_iter()
        .find(|theme| theme.state == ThemeState::Draft);
    let Some(draft) = draft else { return Ok(None) };
    match console.app.theme_sources(member.site.id, draft.version).await {
        Ok(sources) => Ok(Some((draft.version, sources))),
        // Replaced or deleted just now.
        Err(AppError::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// Saved or rejected, or a concurrent change.
enum SaveResult {
    Saved(Kept),
    Conflict,
}

/// Saves the draft unless that would discard changes that the sender was not shown.
async fn save(
    console: &Console,
    member: &Member,
    form: &Form,
    made: impl Fn(Option<ThemeSources>) -> ThemeUpload,
) -> Result<SaveResult, ConsoleError> {
    for _ in 0..MAX_SAVE_ATTEMPTS {
        let (former, sources) = draft(console, member).await?.unzip();
        let upload = made(sources.clone());
        if sources.is_some_and(|sources| overtakes(form, &sources, &upload)) {
            return Ok(SaveResult::Conflict);
        }
        if let Some(kept) = replace_draft(console, member, former, upload, true).await? {
            return Ok(SaveResult::Saved(kept));
        }
    }
    Err(AppError::Changed.into())
}

/// The revisions of the draft's files; each is compared separately.
pub(super) async fn shown(console: &Console, member: &Member) -> Result<String, ConsoleError> {
    let sources = draft(console, member).await?.map(|(_, sources)| sources).unwrap_or_default();
    Ok([&sources.bell, &sources.card, &sources.css].map(revision).join("."))
}

/// Whether the upload would replace or remove a file that the page did not show. An identical file
/// does not count.
fn overtakes(form: &Form, now: &ThemeSources, upload: &ThemeUpload) -> bool {
    let Some(former) = form.trimmed(REVISION_FIELD) else { return false };
    let files = [(&now.bell, &upload.bell), (&now.card, &upload.card), (&now.css, &upload.css)];
    let mut shown = former.split('.');
    files.into_iter().any(|(now, new)| {
        let unseen = shown.next() != Some(revision(now).as_str());
        unseen && now.as_ref().is_some_and(|now| new.as_deref() != Some(now.as_bytes()))
    })
}

pub(super) fn of_sources(sources: ThemeSources) -> ThemeUpload {
    let bytes = |text: Option<String>| text.map(String::into_bytes);
    ThemeUpload { bell: bytes(sources.bell), card: bytes(sources.card), css: bytes(sources.css) }
}

async fn done(member: &Member, theme: &Theme) -> Result<Response, ConsoleError> {
    member.flash_success(phrases::READY.t(member.lang)).await?;
    Ok(redirect(&member.path(&format!("themes/{}", theme.version))))
}

pub(super) async fn upload(
    State(console): State<Console>,
    member: Member,
    mut form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let mut chosen = Vec::new();
    for (name, file) in NAMES {
        let Some(bytes) = form.file(name).map(|upload| upload.bytes.to_vec()) else { continue };
        if let Some(excess) = file.check_size(&bytes) {
            let reason =
                if excess.is_due_to_fonts { phrases::FONTS_TOO_LARGE } else { phrases::TOO_LARGE };
            form.reject(ValidationError::new(
                name,
                reason.text([("kilobytes", (excess.max_bytes / 1_024).into())]),
            ));
        }
        chosen.push((file, bytes));
    }
    if chosen.is_empty() {
        form.reject(ValidationError::new("", phrases::NEEDED.into()));
    }
    if form.has_errors() {
        return overview(StatusCode::UNPROCESSABLE_ENTITY, &console, &member, form, None).await;
    }
    let keeps = form.contains("keep");
    let made = |draft: Option<ThemeSources>| {
        let mut upload = draft.filter(|_| keeps).map(of_sources).unwrap_or_default();
        for (file, bytes) in &chosen {
            *upload.file_mut(*file) = Some(bytes.clone());
        }
        upload
    };
    let saved = save(&console, &member, &form, made).await?;
    answer(&console, &member, form, saved).await
}

async fn answer(
    console: &Console,
    member: &Member,
    form: Form,
    saved: SaveResult,
) -> Result<Response, ConsoleError> {
    match saved {
        SaveResult::Saved(Ok(theme)) => done(member, &theme).await,
        SaveResult::Saved(Err(refused)) => {
            overview(StatusCode::UNPROCESSABLE_ENTITY, console, member, form, Some(refused)).await
        }
        SaveResult::Conflict => {
            let form = with_revision(
                form,
                &shown(console, member).await?,
                phrases::CHANGED.t(member.lang),
            );
            overview(StatusCode::CONFLICT, console, member, form, None).await
        }
    }
}

pub(super) async fn start_from(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let shipped = BuiltinTheme::by_name(form.get("theme")).ok_or(ConsoleError::NotFound)?;
    let mut upload = ThemeUpload::default();
    for (file, text) in shipped.files() {
        *upload.file_mut(file) = Some(text.as_bytes().to_vec());
    }
    let saved = save(&console, &member, &form, |_| upload.clone()).await?;
    answer(&console, &member, form, saved).await
}
