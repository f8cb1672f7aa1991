//! Name, origins and languages.

use super::{Outcome, SettingsChange, languages, outcome, split_words, tab};
use crate::{
    Console,
    edit_conflict::{REVISION_FIELD, RevisionField, check_revision, save_label, with_conflict},
    error::ConsoleError,
    form::Form,
    phrases::{NAME, SAVE},
    request_context::Member,
    view::{Button, CopyField, Errors, Field, TextArea, Tone, csrf_field},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::AppError;
use belfry_domain::{
    Language, Origin, Role, Site, SiteDraft, SiteSettings, ValidationError, revision,
};
use belfry_locales::phrases::console_settings as phrases;
use belfry_web::html::IntoMarkup;
use belfry_web::router::{Routes, get};
use leptos::prelude::*;

const HERE: &str = "settings";
const FIELDS: &[&str] = &["name", "origin", "language", "languages", "linkSchemes"];

pub(super) fn routes() -> Routes<Console> {
    Routes::new().route("/sites/{site}/settings", get(show).post(save))
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    Ok(general_page(StatusCode::OK, &who, stored(&console, &who.site).await?))
}

/// The site's properties on the page, except origins, which are added and removed one by one.
fn of_site(site: &Site) -> String {
    revision(&(&site.name, &site.language))
}

fn of_settings(settings: &SiteSettings) -> String {
    revision(&(settings.languages(), settings.link_schemes()))
}

async fn stored(console: &Console, site: &Site) -> Result<Form, ConsoleError> {
    let settings = console.app.settings(site.id).await?;
    let lines =
        |origins: &[Origin]| origins.iter().map(Origin::as_str).collect::<Vec<_>>().join("\n");
    let tags = settings.languages().iter().map(Language::as_str).collect::<Vec<_>>().join(" ");
    let (origins, schemes) = (lines(&site.origins), settings.link_schemes().join(" "));
    Ok(Form::new([
        ("name", site.name.clone()),
        ("origin", origins.clone()),
        ("shown-origins", origins),
        ("language", site.language.to_string()),
        ("languages", tags),
        ("linkSchemes", schemes),
        (REVISION_FIELD, format!("{}.{}", of_site(site), of_settings(&settings))),
    ]))
}

fn general_page(status: StatusCode, who: &Member, form: Form) -> Response {
    let lang = who.lang;
    let label = save_label(lang, &form, SAVE);
    let content = view! {
        <section class="narrow">
            <form method="post" action=who.path(HERE)>
                {csrf_field(who)}
                <RevisionField form=form.clone()/>
                <Errors form=form.clone() fields=FIELDS/>
                <input type="hidden" name="shown-origins" value=form.get("shown-origins").to_owned()/>
                <Field form=form.clone() name="name" label=NAME.t(lang) required=true/>
                <TextArea form=form.clone() name="origin" label=phrases::ORIGINS.t(lang) rows=4 code=true required=true hint=phrases::ORIGINS_HINT.t(lang)/>
                <Field form=form.clone() name="language" label=phrases::LANGUAGE.t(lang) required=true hint=phrases::LANGUAGE_HINT.t(lang)/>
                <Field form=form.clone() name="languages" label=phrases::LANGUAGES.t(lang) hint=phrases::LANGUAGES_HINT.t(lang)/>
                <Field form=form.clone() name="linkSchemes" label=phrases::SCHEMES.t(lang) hint=phrases::SCHEMES_HINT.t(lang)/>
                <Button tone=Tone::Accent>{label}</Button>
            </form>
        </section>
        <section class="narrow">
            <CopyField lang=lang name="site" label=phrases::SITE_ID.t(lang) value=who.site.id.to_string()/>
        </section>
    };
    tab(status, who, HERE, content.into_markup())
}

fn origins(form: &Form, field: &str) -> Result<Vec<Origin>, ValidationError> {
    form.get(field).split_whitespace().map(str::parse).collect()
}

/// Revisions of the site and the settings that the page showed.
fn former(form: &Form) -> Option<(String, String)> {
    form.trimmed(REVISION_FIELD)?
        .split_once('.')
        .map(|(site, settings)| (site.to_owned(), settings.to_owned()))
}

/// The site with the form's values. Only origins that this form added or removed change: concurrent
/// changes of other origins are kept.
fn typed(
    form: &Form,
) -> Result<
    impl FnOnce(&Site) -> Result<SiteDraft, ValidationError> + Send + 'static,
    ValidationError,
> {
    let (name, language): (_, Language) =
        (form.get("name").to_owned(), form.get("language").parse()?);
    let (typed, shown) = (origins(form, "origin")?, origins(form, "shown-origins")?);
    let former = former(form).map(|(site, _)| site);
    Ok(move |site: &Site| {
        check_revision(former.as_deref(), &of_site(site))?;
        let others = site
            .origins
            .iter()
            .filter(|origin| !shown.is_empty() && !shown.contains(origin))
            .cloned();
        let gone = |origin: &Origin| shown.contains(origin) && !site.origins.contains(origin);
        let kept: Vec<Origin> =
            typed.iter().filter(|origin| !gone(origin)).cloned().chain(others).collect();
        SiteDraft::new(
            &name,
            if typed.is_empty() { typed } else { kept },
            &site.selector,
            site.placement,
            language,
        )
    })
}

/// Moves an error of one scheme to the field that contains all of them.
fn in_one_field(error: AppError) -> AppError {
    match error {
        AppError::ValidationError(invalid) if invalid.field.starts_with("linkSchemes") => {
            ValidationError::new("linkSchemes", invalid.reason).into()
        }
        other => other,
    }
}

async fn keep(console: &Console, who: &Member, form: &Form) -> Result<(), AppError> {
    let (site, languages) = (typed(form)?, languages(form.get("languages"))?);
    // A form without the field leaves them unchanged.
    let schemes = form
        .contains("linkSchemes")
        .then(|| split_words(form.get("linkSchemes")).map(str::to_owned).collect());
    let base = former(form).map(|(_, settings)| (settings, of_settings as _));
    let settings = SettingsChange {
        base,
        languages: Some(languages),
        link_schemes: schemes,
        ..SettingsChange::default()
    };
    let change = move |former: &Site, of_site: &SiteSettings| {
        Ok((site(former)?, settings.apply_to(of_site)?))
    };
    let done = console.app.change_site(who.site.id, change);
    who.with_audit(console, form.get("name").trim(), done).await.map_err(in_one_field)?;
    Ok(())
}

async fn save(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let done = keep(&console, &who, &form).await;
    match outcome(&who, HERE, form, done).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Rejected(form) => Ok(general_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form)),
        Outcome::Conflict(form) => {
            let now = stored(&console, &console.app.site(who.site.id).await?).await?;
            let fields = FIELDS.iter().copied().filter(|name| *name != "origin");
            Ok(general_page(
                StatusCode::CONFLICT,
                &who,
                with_conflict(who.lang, &form, &now, fields),
            ))
        }
    }
}
