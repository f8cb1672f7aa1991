//! Creates drafts: from uploaded files or a built-in theme.

use super::overview;
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::{AppError, ThemeUpload},
    console::{
        Console,
        edit_conflict::{REVISION_FIELD, RevisionField, save_label, with_revision},
        error::ConsoleError,
        form::Form,
        phrases::{UiLanguage, words},
        request_context::{Member, redirect},
        view::{Button, Checkbox, Errors, Tone, csrf_field},
    },
    domain::{Role, Theme, ThemeSources, ThemeState, ThemeVersion, ValidationError, revision},
    theme::{
        Diagnostics, File,
        builtin::{BUILTIN_THEMES, BuiltinTheme},
    },
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;

words! {
    UPLOAD: "Upload a theme", "Завантажити тему";
    UPLOAD_TEXT: "Upload any of the three files. They become a draft; readers see it only after you publish.", "Завантажте будь-які з трьох файлів. Вони стануть чернеткою; читачі не побачать її, доки ви не опублікуєте.";
    BELL: "bell.svg", "bell.svg";
    BELL_HINT: "the icon", "значок";
    CARD: "card.svg", "card.svg";
    CARD_HINT: "a message", "повідомлення";
    CSS: "theme.css", "theme.css";
    CSS_HINT: "colours and type", "кольори й шрифти";
    KEEP: "Keep the files of the current draft that are not chosen here", "Залишити файли чернетки, яких тут не вибрано";
    CHANGED: "Someone saved another draft while this page was open, so it was not replaced. Open that draft to review it. To replace it, choose your files again and press “Save anyway”, or start from a theme again.", "Хтось зберіг іншу чернетку, поки ця сторінка була відкрита, тож її не замінено. Відкрийте чернетку, щоб переглянути її. Щоб замінити її, виберіть файли ще раз і натисніть «Зберегти все одно» або ще раз почніть із готової теми.";
    SEND: "Upload and check", "Завантажити й перевірити";
    START: "Start from a theme", "Почати з готової теми";
    START_TEXT: "Complete themes. Each becomes your draft; publish it as it is, or change it first.", "Готові теми. Кожна стане вашою чернеткою: опублікуйте її як є або спершу змініть.";
    USE: "Start from {name}", "Почати з {name}";
    READY: "The draft is ready. Readers don’t see it yet.", "Чернетка готова. Читачі ще не бачать її.";
    NEEDED: "choose at least one of the three files", "виберіть принаймні один із трьох файлів";
    FONTS_TOO_LARGE: "is larger than {kilobytes} kB because of its embedded fonts: export it without fonts", "більший за {kilobytes} кБ через вбудовані шрифти: експортуйте його без шрифтів";
    TOO_LARGE: "is larger than {kilobytes} kB", "більший за {kilobytes} кБ";
    QUIET: "Plenty of space, one muted accent, and a tint for unread messages.", "Багато простору, один приглушений акцент і відтінок для непрочитаного.";
    MIDNIGHT: "A deep blue night sky in light and dark mode; only new messages glow.", "Темно-синє нічне небо у світлому й темному режимах; світяться лише нові повідомлення.";
    PAPER: "Letters on a desk: serif type, ink, a stamp, and a wax seal on unread messages.", "Листи на столі: шрифт із засічками, чорнило, марка й сургучна печатка на непрочитаному.";
    TERMINAL: "A phosphor screen: square corners, monospaced type, and a prompt on unread messages.", "Екран термінала: прямі кути, моноширинний шрифт і запрошення до вводу на непрочитаному.";
    FESTIVE: "Strong colours in a few places: confetti in one corner, a ribbon on new messages, a swinging bell.", "Яскраві кольори в кількох місцях: конфеті в кутку, стрічка на новому, дзвіночок, що гойдається.";
    CONTRAST: "High contrast: black, white and yellow, thick lines, larger text, and a distinct shape for every state.", "Високий контраст: чорне, біле й жовте, товсті лінії, більший текст, і кожен стан має власну форму.";
}

/// Maximum form in bytes: all files at their maximum.
pub(super) const MAX_UPLOAD_BYTES: usize = 640 * 1_024;

/// The audit action of an upload.
const AUDIT_ACTION: &str = "theme.uploaded";

const NAMES: [(&str, File); 3] = [("bell", File::Bell), ("card", File::Card), ("css", File::Css)];

pub(super) fn section(lang: UiLanguage, member: &Member, form: &Form, has_draft: bool) -> Markup {
    let inputs = [
        ("bell", BELL, BELL_HINT, ".svg,image/svg+xml"),
        ("card", CARD, CARD_HINT, ".svg,image/svg+xml"),
        ("css", CSS, CSS_HINT, ".css,text/css"),
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
    let label = save_label(lang, form, SEND);
    let keep =
        has_draft.then(|| view! { <Checkbox form=form.clone() name="keep" label=KEEP.t(lang)/> });
    view! {
        <section>
            <h2>{UPLOAD.t(lang)}</h2>
            <p class="lead">{UPLOAD_TEXT.t(lang)}</p>
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
        "quiet" => QUIET.t(lang),
        "midnight" => MIDNIGHT.t(lang),
        "paper" => PAPER.t(lang),
        "terminal" => TERMINAL.t(lang),
        "festive" => FESTIVE.t(lang),
        "contrast" => CONTRAST.t(lang),
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
                    <button class="button" name="theme" value=shipped.name aria-label=USE.with(lang, &[("name", &shipped.name)])>{USE.with(lang, &[("name", &shipped.name)])}</button>
                </li>
            }
            .into_markup()
        })
        .collect();
    view! {
        <section>
            <h2>{START.t(lang)}</h2>
            <p class="lead">{START_TEXT.t(lang)}</p>
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
        Err(AppError::ThemeRefused(refusal)) => Ok(Err((*refusal, sources))),
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
    let keep = console.inbox.upload_theme_over(member.site.id, former, upload);
    let done =
        if record { member.acting(console, AUDIT_ACTION, "", keep).await } else { keep.await };
    Ok(kept(done, sources)?.transpose())
}

/// The draft with its sources, if any.
async fn draft(
    console: &Console,
    member: &Member,
) -> Result<Option<(ThemeVersion, ThemeSources)>, ConsoleError> {
    let draft = console
        .inbox
        .themes(member.site.id)
        .await?
        .into_iter()
        .find(|theme| theme.state == ThemeState::Draft);
    let Some(draft) = draft else { return Ok(None) };
    match console.inbox.theme_sources(member.site.id, draft.version).await {
        Ok(sources) => Ok(Some((draft.version, sources))),
        // Replaced or deleted just now.
        Err(AppError::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// Saved or rejected, or a concurrent change.
enum SaveResult {
    Kept(Kept),
    Overtaken,
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
            return Ok(SaveResult::Overtaken);
        }
        if let Some(kept) = replace_draft(console, member, former, upload, true).await? {
            return Ok(SaveResult::Kept(kept));
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
    let Some(former) = form.maybe(REVISION_FIELD) else { return false };
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
    member.done(READY.t(member.lang)).await?;
    Ok(redirect(&member.path(&format!("themes/{}", theme.version))))
}

pub(super) async fn upload(
    State(console): State<Console>,
    member: Member,
    mut form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let lang = member.lang;
    let mut chosen = Vec::new();
    for (name, file) in NAMES {
        let Some(bytes) = form.file(name).map(|upload| upload.bytes.to_vec()) else { continue };
        if let Some(excess) = file.excess(&bytes) {
            let reason = if excess.by_fonts { FONTS_TOO_LARGE } else { TOO_LARGE };
            form.refuse(ValidationError::new(
                name,
                reason.with(lang, &[("kilobytes", &(excess.most / 1_024))]),
            ));
        }
        chosen.push((file, bytes));
    }
    if chosen.is_empty() {
        form.refuse(ValidationError::new("", NEEDED.t(lang)));
    }
    if form.is_refused() {
        return overview(StatusCode::UNPROCESSABLE_ENTITY, &console, &member, form, None).await;
    }
    let keeps = form.has("keep");
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
        SaveResult::Kept(Ok(theme)) => done(member, &theme).await,
        SaveResult::Kept(Err(refused)) => {
            overview(StatusCode::UNPROCESSABLE_ENTITY, console, member, form, Some(refused)).await
        }
        SaveResult::Overtaken => {
            let form = with_revision(form, &shown(console, member).await?, CHANGED.t(member.lang));
            overview(StatusCode::CONFLICT, console, member, form, None).await
        }
    }
}

pub(super) async fn start_from(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Editor)?;
    let shipped = BuiltinTheme::named(form.get("theme")).ok_or(ConsoleError::NotFound)?;
    let mut upload = ThemeUpload::default();
    for (file, text) in shipped.files() {
        *upload.file_mut(file) = Some(text.as_bytes().to_vec());
    }
    let saved = save(&console, &member, &form, |_| upload.clone()).await?;
    answer(&console, &member, form, saved).await
}
