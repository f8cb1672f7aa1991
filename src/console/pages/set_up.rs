//! Creates the first account, once, with the code that the server printed.

use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    middleware::Peer,
    phrases::{EMAIL, PASSWORD},
    request_context::{RequestContext, redirect},
    throttle::Attempt,
    view::{Button, Errors, Field, Page, Tone, csrf_field, page_with},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::{AppError, NewAccount};
use belfry_domain::{Password, ValidationError};
use belfry_locales::phrases::console_set_up as phrases;
use belfry_web::router::{Routes, get};
use leptos::prelude::*;

pub(super) fn routes() -> Routes<Console> {
    Routes::new().route("/setup", get(show).post(make))
}

async fn show(
    State(console): State<Console>,
    context: RequestContext,
) -> Result<Response, ConsoleError> {
    if !console.app.needs_set_up().await? {
        return Err(ConsoleError::NotFound);
    }
    Ok(form_page(StatusCode::OK, &context, Form::default()))
}

fn form_page(status: StatusCode, context: &RequestContext, form: Form) -> Response {
    let lang = context.lang;
    let error = form.error("code");
    let content = view! {
        <p class="lead">{phrases::TEXT.t(lang)}</p>
        <form method="post" action="/console/setup">
            {csrf_field(context)}
            <Errors form=form.clone() fields=&["code", "name", "email", "password"]/>
            <div class="field">
                <label for="code">{phrases::CODE.t(lang)}</label>
                <input id="code" name="code" class="code" required autocomplete="off" spellcheck="false" data-from-fragment="1" value=form.get("code").to_owned() aria-describedby="code-hint"/>
                {error.map(|error| view! { <p class="wrong">{error}</p> })}
                <p class="hint" id="code-hint">{phrases::CODE_HINT.t(lang)}</p>
            </div>
            <Field form=form.clone() name="name" label=phrases::YOUR_NAME.t(lang) autocomplete="name" required=true/>
            <Field form=form.clone() name="email" kind="email" label=EMAIL.t(lang) autocomplete="username" required=true/>
            <Field form=form name="password" kind="password" label=PASSWORD.t(lang) autocomplete="new-password" required=true hint=phrases::PASSWORD_HINT.with(lang, &[("count", &Password::SHORTEST)])/>
            <Button tone=Tone::Accent>{phrases::MAKE.t(lang)}</Button>
        </form>
    };
    page_with(status, context, Page::new(phrases::TITLE.t(lang)).standalone(), content)
}

async fn make(
    State(console): State<Console>,
    Peer(peer): Peer,
    context: RequestContext,
    form: Form,
) -> Result<Response, ConsoleError> {
    if !console.app.needs_set_up().await? {
        return Err(ConsoleError::NotFound);
    }
    console.sign_in_limits.check(&console.app, peer, &Attempt::Code).await?;
    let language = context.lang.tag().parse()?;
    let account = match NewAccount::new(
        form.get("email"),
        form.get("name"),
        form.get("password"),
        language,
    ) {
        Ok(account) => account,
        Err(invalid) => {
            return Ok(form_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &context,
                form.rejected(invalid),
            ));
        }
    };
    match console.app.set_up(form.get("code"), account).await {
        Ok(account) => {
            context.sign_in(account).await?;
            context.flash_success(phrases::WELCOME.t(context.lang)).await?;
            Ok(redirect("/console"))
        }
        Err(AppError::Unauthenticated) => {
            let form = form.rejected(ValidationError::new("code", phrases::CODE_WRONG.into()));
            Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &context, form))
        }
        Err(other) => Err(other.into()),
    }
}
