//! Signing in, its second step, and signing out.

use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    middleware::Peer,
    phrases::{EMAIL, PASSWORD},
    request_context::{RequestContext, SignedIn, redirect},
    throttle::{AccountKey, Attempt},
    trusted_browser::BrowserOrigin,
    view::{Button, Errors, Field, Page, Tone, csrf_field, date_text, page_with},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::AppError;
use belfry_domain::ValidationError;
use belfry_locales::phrases::console_sign_in as phrases;
use belfry_web::router::{Routes, get, post};
use leptos::prelude::*;

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
        .route("/sign-in", get(show).post(enter))
        .route("/sign-in/code", get(show_code).post(enter_code))
        .route("/sign-out", post(leave))
}

async fn show(
    State(console): State<Console>,
    context: RequestContext,
) -> Result<Response, ConsoleError> {
    if context.account.is_some() {
        return Ok(redirect("/console"));
    }
    if console.app.needs_set_up().await? {
        return Ok(redirect("/console/setup"));
    }
    Ok(form_page(StatusCode::OK, &context, Form::default()))
}

fn form_page(status: StatusCode, context: &RequestContext, form: Form) -> Response {
    let lang = context.lang;
    let content = view! {
        <form method="post" action="/console/sign-in">
            {csrf_field(context)}
            <Errors form=form.clone()/>
            <Field form=form.clone() name="email" kind="email" label=EMAIL.t(lang) autocomplete="username" required=true focus=true/>
            <Field name="password" kind="password" label=PASSWORD.t(lang) autocomplete="current-password" required=true/>
            <Button tone=Tone::Accent>{phrases::ENTER.t(lang)}</Button>
        </form>
    };
    page_with(status, context, Page::new(phrases::TITLE.t(lang)).standalone(), content)
}

async fn enter(
    State(console): State<Console>,
    Peer(peer): Peer,
    origin: BrowserOrigin,
    context: RequestContext,
    form: Form,
) -> Result<Response, ConsoleError> {
    let email = form.get("email");
    let known_digest = origin.known_digest(&console, email).await?;
    console
        .sign_in_limits
        .check(
            &console.app,
            peer,
            &known_digest.map_or(Attempt::Password(email), |browser| {
                Attempt::KnownBrowser(AccountKey::Email(email), browser)
            }),
        )
        .await?;
    match console.app.sign_in(form.get("email"), form.get("password")).await {
        Ok(account) if account.needs_second_factor() => {
            context.begin_second_factor(&account).await?;
            Ok(redirect("/console/sign-in/code"))
        }
        Ok(account) => {
            context.sign_in(account.id).await?;
            origin.remember(&console, &account, redirect("/console")).await
        }
        Err(AppError::Unauthenticated) => {
            let form = form.rejected(ValidationError::new("", phrases::WRONG.into()));
            Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &context, form))
        }
        Err(other) => Err(other.into()),
    }
}

async fn show_code(context: RequestContext) -> Result<Response, ConsoleError> {
    context.pending_account().await?;
    Ok(code_page(StatusCode::OK, &context, Form::default()))
}

fn code_page(status: StatusCode, context: &RequestContext, form: Form) -> Response {
    let lang = context.lang;
    let content = view! {
        <form method="post" action="/console/sign-in/code">
            {csrf_field(context)}
            <Field form=form name="code" label=phrases::CODE.t(lang) autocomplete="one-time-code" required=true focus=true secret=true/>
            <Button tone=Tone::Accent>{phrases::GO_ON.t(lang)}</Button>
        </form>
        <p><a href="/console/sign-in">{phrases::OTHER.t(lang)}</a></p>
    };
    page_with(status, context, Page::new(phrases::CODE_TITLE.t(lang)).standalone(), content)
}

async fn enter_code(
    State(console): State<Console>,
    Peer(peer): Peer,
    origin: BrowserOrigin,
    context: RequestContext,
    form: Form,
) -> Result<Response, ConsoleError> {
    let account = context.pending_account().await?;
    let known_digest = origin.known_digest(&console, account.email.as_str()).await?;
    // Counted apart from passwords: the first step has taken a try already.
    console
        .sign_in_limits
        .check(
            &console.app,
            peer,
            &known_digest.map_or(Attempt::SecondFactor(account.id), |browser| {
                Attempt::KnownBrowser(AccountKey::Id(account.id), browser)
            }),
        )
        .await?;
    if let Some(wait) = console.app.try_second_factor(&account, known_digest.is_some()).await? {
        return Err(ConsoleError::TooMany(wait.as_secs() + 1));
    }
    match console.app.check_second_factor(&account, form.get("code")).await {
        Ok(()) => {
            context.sign_in(account.id).await?;
            if let Some(factor) =
                account.second_factor.as_ref().filter(|factor| factor.failures > 0)
            {
                let last = factor.failed_at.map(|at| date_text(&context, at)).unwrap_or_default();
                context
                    .flash_error(
                        phrases::FAILURES
                            .with(context.lang, &[("count", &factor.failures), ("last", &last)]),
                    )
                    .await?;
            }
            origin.remember(&console, &account, redirect("/console")).await
        }
        Err(AppError::ValidationError(_)) => {
            let form = form.rejected(ValidationError::new("code", phrases::CODE_WRONG.into()));
            Ok(code_page(StatusCode::UNPROCESSABLE_ENTITY, &context, form))
        }
        Err(other) => Err(other.into()),
    }
}

async fn leave(member: SignedIn, _form: Form) -> Result<Response, ConsoleError> {
    member.context.sign_out().await?;
    Ok(redirect("/console/sign-in"))
}
