//! Name, origins and languages.

use super::{Outcome, SettingsChange, languages, outcome, split_words, tab};
use crate::web::html::IntoMarkup;
use crate::{
    app::AppError,
    console::{
        Console,
        edit_conflict::{REVISION_FIELD, RevisionField, check_revision, save_label, with_conflict},
        error::ConsoleError,
        form::Form,
        phrases::{NAME, SAVE, words},
        request_context::Member,
        view::{Button, CopyField, Errors, Field, TextArea, Tone, csrf_field},
    },
    domain::{Language, Origin, Role, Site, SiteDraft, SiteSettings, ValidationError, revision},
};
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use leptos::prelude::*;

words! {
    ORIGINS: "Allowed addresses, one per line", "Дозволені адреси, по одній на рядок";
    ORIGINS_HINT: "Scheme and host of the pages with the bell, such as https://shop.example. Other pages can’t show it.", "Схема й хост сторінок із дзвіночком, наприклад https://shop.example. Інші сторінки його не покажуть.";
    LANGUAGE: "Language of messages", "Мова повідомлень";
    LANGUAGE_HINT: "A language tag such as en, uk or pt-BR. It is used when a message has no text in the reader’s language.", "Тег мови, наприклад en, uk або pt-BR. Її показують, якщо повідомлення не має тексту мовою читача.";
    LANGUAGES: "Other languages of messages", "Інші мови повідомлень";
    LANGUAGES_HINT: "Language tags, separated by spaces; the message editor offers them.", "Теги мов через пробіл; редактор повідомлень їх пропонує.";
    SCHEMES: "App link schemes", "Схеми посилань застосунків";
    SCHEMES_HINT: "Separated by spaces, such as myshop for links like myshop://orders/7. Apps open such links; on the web they are plain text.", "Через пробіл, наприклад myshop для посилань на зразок myshop://orders/7. Такі посилання відкривають застосунки; у вебі це просто текст.";
    SITE_ID: "Site ID", "ID сайту";
}

const HERE: &str = "settings";
const FIELDS: &[&str] = &["name", "origin", "language", "languages", "linkSchemes"];

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/sites/{site}/settings", get(show).post(save))
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    Ok(general_page(StatusCode::OK, &who, stored(&console, &who.site).await?))
}

/// What the page shows of the site, but for its origins: each of these is added and taken away by
/// itself.
fn of_site(site: &Site) -> String {
    revision(&(&site.name, &site.language))
}

fn of_settings(settings: &SiteSettings) -> String {
    revision(&(settings.languages(), settings.link_schemes()))
}

async fn stored(console: &Console, site: &Site) -> Result<Form, ConsoleError> {
    let settings = console.inbox.settings(site.id).await?;
    let lines =
        |origins: &[Origin]| origins.iter().map(Origin::as_str).collect::<Vec<_>>().join("\n");
    let tags = settings.languages().iter().map(Language::as_str).collect::<Vec<_>>().join(" ");
    let (origins, schemes) = (lines(&site.origins), settings.link_schemes().join(" "));
    Ok(Form::of([
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
                <TextArea form=form.clone() name="origin" label=ORIGINS.t(lang) rows=4 code=true required=true hint=ORIGINS_HINT.t(lang)/>
                <Field form=form.clone() name="language" label=LANGUAGE.t(lang) required=true hint=LANGUAGE_HINT.t(lang)/>
                <Field form=form.clone() name="languages" label=LANGUAGES.t(lang) hint=LANGUAGES_HINT.t(lang)/>
                <Field form=form.clone() name="linkSchemes" label=SCHEMES.t(lang) hint=SCHEMES_HINT.t(lang)/>
                <Button tone=Tone::Accent>{label}</Button>
            </form>
        </section>
        <section class="narrow">
            <CopyField lang=lang name="site" label=SITE_ID.t(lang) value=who.site.id.to_string()/>
        </section>
    };
    tab(status, who, HERE, content.into_markup())
}

fn origins(form: &Form, field: &str) -> Result<Vec<Origin>, ValidationError> {
    form.get(field).split_whitespace().map(str::parse).collect()
}

/// What the page showed of the site, and of its settings.
fn former(form: &Form) -> Option<(String, String)> {
    form.maybe(REVISION_FIELD)?
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

/// A refusal of one of the schemes, beside the field in which they all stand.
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
    // A form without the field, as programs may send one, leaves them as they are.
    let schemes = form
        .has("linkSchemes")
        .then(|| split_words(form.get("linkSchemes")).map(str::to_owned).collect());
    let former = former(form).map(|(_, settings)| (settings, of_settings as _));
    let settings = SettingsChange {
        former,
        languages: Some(languages),
        link_schemes: schemes,
        ..SettingsChange::default()
    };
    let change = move |former: &Site, of_site: &SiteSettings| {
        Ok((site(former)?, settings.apply_to(of_site)?))
    };
    let done = console.inbox.change_site(who.site.id, change);
    who.acting(console, "site.updated", form.get("name").trim(), done)
        .await
        .map_err(in_one_field)?;
    Ok(())
}

async fn save(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let done = keep(&console, &who, &form).await;
    match outcome(&who, HERE, form, done).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Refused(form) => Ok(general_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form)),
        Outcome::Overtaken(form) => {
            let now = stored(&console, &console.inbox.site(who.site.id).await?).await?;
            let fields = FIELDS.iter().copied().filter(|name| *name != "origin");
            Ok(general_page(
                StatusCode::CONFLICT,
                &who,
                with_conflict(who.lang, &form, &now, fields),
            ))
        }
    }
}
