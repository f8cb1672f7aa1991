//! The list of an account's sites, and the form for a new site.

use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    phrases::{LANGUAGE, NAME, SITES, language_options, role_name},
    request_context::{Member, SignedIn},
    view::{
        Badge, Button, CopyField, EmptyState, Errors, Field, Page, Select, Table, Tone, csrf_field,
        page, page_with,
    },
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::AppError;
use belfry_domain::{InsertPosition, Language, Origin, SiteDraft, ValidationError};
use belfry_locales::phrases::console_sites as phrases;
use belfry_web::router::{Routes, get};
use leptos::prelude::*;

pub(super) fn routes() -> Routes<Console> {
    Routes::new().route("/", get(list)).route("/sites/new", get(show).post(create))
}

async fn list(State(console): State<Console>, who: SignedIn) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let operator = who.account.is_operator;
    let sites = console.app.sites_of(&who.account).await?;
    let new = move || view! { <Button tone=Tone::Accent href="/console/sites/new">{phrases::NEW.t(lang)}</Button> };
    if sites.is_empty() {
        let text = if operator { phrases::EMPTY_OPERATOR } else { phrases::EMPTY_MEMBER };
        let content = view! { <EmptyState title=phrases::EMPTY.t(lang) text=text.t(lang)>{operator.then(new)}</EmptyState> };
        return Ok(page(&who, Page::new(SITES.t(lang)), content));
    }
    let rows = sites
        .into_iter()
        .map(|of| {
            let origins = of.site.origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(", ");
            view! {
                <tr>
                    <td><a class="main" href=Member::home(of.site.id, of.role)>{of.site.name}</a></td>
                    <td class="quiet">{origins}</td>
                    <td class="quiet">{of.site.language.to_string()}</td>
                    <td><Badge>{role_name(of.role).t(lang)}</Badge></td>
                </tr>
            }
        })
        .collect_view();
    let columns =
        vec![NAME.t(lang), phrases::ORIGIN.t(lang), LANGUAGE.t(lang), phrases::ROLE.t(lang)];
    let content = view! { <Table caption=SITES.t(lang) columns=columns>{rows}</Table> };
    Ok(page(&who, Page::new(SITES.t(lang)).actions(operator.then(new)), content))
}

async fn show(who: SignedIn) -> Result<Response, ConsoleError> {
    who.require_operator()?;
    Ok(form_page(StatusCode::OK, &who, Form::new([("origin", ""), ("language", who.lang.tag())])))
}

fn form_page(status: StatusCode, who: &SignedIn, form: Form) -> Response {
    let lang = who.lang;
    let content = view! {
        <form method="post" action="/console/sites/new">
            {csrf_field(who)}
            <Errors form=form.clone() fields=&["name", "origin", "language"]/>
            <Field form=form.clone() name="name" label=NAME.t(lang) required=true focus=true/>
            <Field form=form.clone() name="origin" label=phrases::ORIGIN.t(lang) hint=phrases::ORIGIN_HINT.t(lang) required=true/>
            <Select form=form name="language" label=phrases::SITE_LANGUAGE.t(lang) options=language_options()/>
            <Button tone=Tone::Accent>{phrases::CREATE.t(lang)}</Button>
        </form>
    };
    page_with(
        status,
        who,
        Page::new(phrases::NEW.t(lang)).crumb("/console", SITES.t(lang)).narrow(),
        content,
    )
}

fn draft(form: &Form) -> Result<SiteDraft, ValidationError> {
    let origins = form
        .get("origin")
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<Vec<Origin>, _>>()?;
    let language: Language = form.get("language").parse()?;
    SiteDraft::new(form.get("name"), origins, "body", InsertPosition::default(), language)
}

async fn create(
    State(console): State<Console>,
    who: SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_operator()?;
    let lang = who.lang;
    let draft = match draft(&form) {
        Ok(draft) => draft,
        Err(invalid) => {
            return Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form.rejected(invalid)));
        }
    };
    let (site, key) = match console.app.create_site_for(who.account.id, draft).await {
        Ok(made) => made,
        Err(AppError::ValidationError(invalid)) => {
            return Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form.rejected(invalid)));
        }
        Err(other) => return Err(other.into()),
    };
    // Shown in the response rather than after a redirect, because the plaintext key is not stored.
    let content = view! {
        <p class="lead">{phrases::KEY_ONCE.t(lang)}</p>
        <CopyField lang=lang name="key" label=phrases::KEY.t(lang) value=key.reveal()/>
        <CopyField lang=lang name="site" label=phrases::SITE_ID.t(lang) value=site.id.to_string()/>
        <Button tone=Tone::Accent href=format!("/console/sites/{}", site.id)>{phrases::GO_ON.t(lang)}</Button>
    };
    Ok(page(
        &who,
        Page::new(phrases::READY.with(lang, &[("name", &site.name)]))
            .crumb("/console", SITES.t(lang))
            .narrow(),
        content,
    ))
}
