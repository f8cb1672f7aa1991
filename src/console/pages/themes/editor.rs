//! The CSS editor of a theme with a live preview. Saves to the draft; the drawings stay.

use super::{problems, upload, version};
use crate::{
    Console,
    edit_conflict::{REVISION_FIELD, RevisionField, save_label, with_conflict},
    error::ConsoleError,
    form::Form,
    phrases::UiLanguage,
    request_context::{Member, redirect},
    view::{Button, Errors, Page, TextArea, Tone, csrf_field, page_with},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use belfry_app::AppError;
use belfry_domain::{Role, ThemeSources, ThemeState, ThemeVersion, revision};
use belfry_locales::phrases::console_themes as phrases;
use belfry_web::html::{IntoMarkup as _, Markup};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct EditorParams {
    from: Option<String>,
}

/// The version being edited.
#[derive(Default)]
struct BaseSources {
    /// The draft, even if another version is edited.
    draft: Option<ThemeVersion>,
    /// The CSS that a save replaces: the draft's.
    replaced_css: Option<String>,
    version: Option<ThemeVersion>,
    sources: ThemeSources,
}

/// The requested version, else the draft, else the published one.
async fn base(console: &Console, member: &Member, from: &str) -> Result<BaseSources, ConsoleError> {
    let themes = console.app.themes(member.site.id).await?;
    let asked = from
        .parse::<ThemeVersion>()
        .ok()
        .and_then(|version| themes.iter().find(|theme| theme.version == version));
    let in_state = |state| themes.iter().find(|theme| theme.state == state);
    let draft = in_state(ThemeState::Draft).map(|theme| theme.version);
    let replaced_css = match draft {
        Some(draft) => console.app.theme_sources(member.site.id, draft).await?.css,
        None => None,
    };
    let Some(theme) =
        asked.or_else(|| in_state(ThemeState::Draft)).or_else(|| in_state(ThemeState::Published))
    else {
        return Ok(BaseSources { draft, replaced_css, ..BaseSources::default() });
    };
    Ok(BaseSources {
        draft,
        replaced_css,
        version: Some(theme.version),
        sources: console.app.theme_sources(member.site.id, theme.version).await?,
    })
}

impl BaseSources {
    /// Whether a save would replace CSS that the page did not show. A deleted draft or identical
    /// CSS does not count.
    fn overwrites(&self, form: &Form, css: Option<&String>) -> bool {
        let unseen = form.trimmed(REVISION_FIELD).is_some_and(|former| former != self.revision());
        unseen && self.replaced_css.is_some() && self.replaced_css.as_ref() != css
    }

    fn revision(&self) -> String {
        revision(&self.replaced_css)
    }
}

/// The CSS stored by a concurrent edit, for comparison.
fn stored(lang: UiLanguage, css: &str) -> Markup {
    view! {
        <details open>
            <summary>{phrases::STORED.t(lang)}</summary>
            <pre><code>{css.to_owned()}</code></pre>
        </details>
    }
    .into_markup()
}

fn editor(
    status: StatusCode,
    member: &Member,
    form: &Form,
    shown: Option<ThemeVersion>,
    notes: Option<Markup>,
) -> Response {
    let lang = member.lang;
    let label = save_label(lang, form, phrases::SAVE);
    let preview = shown.map(|version| version::preview(lang, member, version));
    let open = shown.map(|version| view! { <Button href=member.path(&format!("themes/{version}"))>{phrases::OPEN.t(lang)}</Button> });
    let content = view! {
        <div class="beside wide-main">
            <form class="beside-main" method="post" action=member.path("themes/edit") data-live="editor-state">
                {csrf_field(member)}
                <input type="hidden" name="from" value=form.get("from").to_owned() autocomplete="off"/>
                <RevisionField form=form.clone()/>
                <TextArea form=form.clone() name="css" label=phrases::EDITOR_CSS.t(lang) rows=28 code=true hint=phrases::EDITOR_CSS_HINT.t(lang)/>
                <p class="hint" data-live-hint="" hidden>{phrases::LIVE.t(lang)}</p>
                <div class="actions">
                    <Button tone=Tone::Accent>{label}</Button>
                    {open}
                </div>
            </form>
            <div id="editor-state" class="beside-side">
                <Errors form=form.clone()/>
                {notes}
                {preview}
            </div>
        </div>
    };
    page_with(
        status,
        member,
        Page::new(phrases::EDITOR_TITLE.t(lang))
            .for_site(member, "themes")
            .crumb(member.path("themes"), phrases::TITLE.t(lang)),
        content,
    )
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    Query(asked): Query<EditorParams>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    let from = asked.from.unwrap_or_default();
    let base = base(&console, &member, &from).await?;
    let notes = match base.version {
        Some(version) => problems::warnings(
            member.lang,
            &console.app.theme(member.site.id, version).await?.warnings,
            &base.sources,
        ),
        None => None,
    };
    let former = base.revision();
    let form = Form::new([
        ("css", base.sources.css.unwrap_or_default()),
        ("from", from),
        (REVISION_FIELD, former),
    ]);
    Ok(editor(StatusCode::OK, &member, &form, base.version, notes))
}

pub(super) async fn save(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Editor)?;
    // Forms send CR LF; files have LF.
    let css = Some(form.get("css").replace("\r\n", "\n")).filter(|css| !css.trim().is_empty());
    // Drafts are replaced every few seconds during editing; only a save is audited.
    let live = form.contains("live");
    for _ in 0..upload::MAX_SAVE_ATTEMPTS {
        let base = match base(&console, &member, form.get("from")).await {
            // The draft was replaced between two reads.
            Err(ConsoleError::NotFound) => continue,
            base => base?,
        };
        if base.overwrites(&form, css.as_ref()) {
            let (now, rules) = (base.revision(), base.replaced_css.unwrap_or_default());
            let form = with_conflict(member.lang, &form, &Form::new([(REVISION_FIELD, now)]), []);
            return Ok(editor(
                StatusCode::CONFLICT,
                &member,
                &form,
                base.version,
                Some(stored(member.lang, &rules)),
            ));
        }
        let BaseSources { draft, version, sources, .. } = base;
        let sources = ThemeSources { css: css.clone(), ..sources };
        let upload = upload::of_sources(sources.clone());
        match upload::replace_draft(&console, &member, draft, upload, !live).await? {
            None => {}
            // A reloaded page could show a concurrent change as if it were the sender's own.
            Some(Ok(theme)) if live => {
                let form = form.with("from", "").with(REVISION_FIELD, revision(&css));
                let notes = problems::warnings(member.lang, &theme.warnings, &sources);
                return Ok(editor(StatusCode::OK, &member, &form, Some(theme.version), notes));
            }
            Some(Ok(_)) => {
                member.flash_success(phrases::SAVED.t(member.lang)).await?;
                return Ok(redirect(&member.path("themes/edit")));
            }
            Some(Err((refusal, sources))) => {
                let notes = problems::refused(member.lang, &refusal, &sources);
                return Ok(editor(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    &member,
                    &form,
                    version,
                    Some(notes),
                ));
            }
        }
    }
    Err(AppError::Changed.into())
}
