//! Creates the first account, once, with the code that the server printed.

use crate::{
    app::{AppError, NewAccount},
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        middleware::Peer,
        phrases::{EMAIL, PASSWORD, words},
        request_context::{RequestContext, redirect},
        throttle::Attempt,
        view::{Button, Errors, Field, Page, Tone, csrf_field, page_with},
    },
    domain::{Password, ValidationError},
};
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use leptos::prelude::*;

words! {
    TITLE: "Set up Belfry", "Налаштування Belfry";
    TEXT: "Create the first account. It administers this instance: its sites, and who may join them.", "Створіть перший обліковий запис. Він керує цим екземпляром: сайтами й тим, хто до них долучається.";
    CODE: "Set-up code", "Код налаштування";
    CODE_HINT: "The server printed it at startup. It works once, for 24 hours.", "Сервер вивів його під час запуску. Він діє один раз, 24 години.";
    CODE_WRONG: "is not the last one the server printed, or has expired", "не той, що сервер вивів останнім, або вже не діє";
    YOUR_NAME: "Your name", "Ваше ім’я";
    PASSWORD_HINT: "At least {count} characters. A few unrelated words work well.", "Щонайменше {count} символів. Добре підійдуть кілька не пов’язаних слів.";
    MAKE: "Create account", "Створити обліковий запис";
    WELCOME: "Welcome to Belfry.", "Вітаємо в Belfry.";
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/setup", get(show).post(make))
}

async fn show(
    State(console): State<Console>,
    visit: RequestContext,
) -> Result<Response, ConsoleError> {
    if !console.inbox.awaits_set_up().await? {
        return Err(ConsoleError::NotFound);
    }
    Ok(form_page(StatusCode::OK, &visit, Form::default()))
}

fn form_page(status: StatusCode, visit: &RequestContext, form: Form) -> Response {
    let lang = visit.lang;
    let error = form.error("code");
    let content = view! {
        <p class="lead">{TEXT.t(lang)}</p>
        <form method="post" action="/console/setup">
            {csrf_field(visit)}
            <Errors form=form.clone() fields=&["code", "name", "email", "password"]/>
            <div class="field">
                <label for="code">{CODE.t(lang)}</label>
                <input id="code" name="code" class="code" required autocomplete="off" spellcheck="false" data-from-fragment="1" value=form.get("code").to_owned() aria-describedby="code-hint"/>
                {error.map(|error| view! { <p class="wrong">{error}</p> })}
                <p class="hint" id="code-hint">{CODE_HINT.t(lang)}</p>
            </div>
            <Field form=form.clone() name="name" label=YOUR_NAME.t(lang) autocomplete="name" required=true/>
            <Field form=form.clone() name="email" kind="email" label=EMAIL.t(lang) autocomplete="username" required=true/>
            <Field form=form name="password" kind="password" label=PASSWORD.t(lang) autocomplete="new-password" required=true hint=PASSWORD_HINT.with(lang, &[("count", &Password::SHORTEST)])/>
            <Button tone=Tone::Accent>{MAKE.t(lang)}</Button>
        </form>
    };
    page_with(status, visit, Page::new(TITLE.t(lang)).alone(), content)
}

async fn make(
    State(console): State<Console>,
    Peer(peer): Peer,
    visit: RequestContext,
    form: Form,
) -> Result<Response, ConsoleError> {
    if !console.inbox.awaits_set_up().await? {
        return Err(ConsoleError::NotFound);
    }
    console.throttle.pass(peer, &Attempt::Code)?;
    let language = visit.lang.tag().parse()?;
    let account = match NewAccount::new(
        form.get("email"),
        form.get("name"),
        form.get("password"),
        language,
    ) {
        Ok(account) => account,
        Err(invalid) => {
            return Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &visit, form.refused(invalid)));
        }
    };
    match console.inbox.set_up(form.get("code"), account).await {
        Ok(account) => {
            visit.enter(account).await?;
            visit.done(WELCOME.t(visit.lang)).await?;
            Ok(redirect("/console"))
        }
        Err(AppError::Unauthenticated) => {
            let form = form.refused(ValidationError::new("code", CODE_WRONG.t(visit.lang)));
            Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &visit, form))
        }
        Err(other) => Err(other.into()),
    }
}
