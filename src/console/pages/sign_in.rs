//! Signing in, its second step, and signing out.

use crate::{
    app::AppError,
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        known_browser::BrowserOrigin,
        middleware::Peer,
        phrases::{EMAIL, PASSWORD, words},
        request_context::{RequestContext, SignedIn, redirect},
        throttle::{AccountKey, Attempt},
        view::{Button, Errors, Field, Page, Tone, csrf_field, date_text, page_with},
    },
    domain::ValidationError,
};
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use leptos::prelude::*;

words! {
    TITLE: "Sign in", "Вхід";
    ENTER: "Sign in", "Увійти";
    WRONG: "Wrong e-mail address or password.", "Хибна адреса або пароль.";
    CODE_TITLE: "Two-factor authentication", "Двофакторна автентифікація";
    CODE: "Code from your authenticator app", "Код із застосунку автентифікації";
    CODE_WRONG: "is wrong or was already used; wait for the next one", "хибний або вже використаний; зачекайте на наступний";
    FAILURES: "Since your last sign-in, a wrong code was entered {count} times after your password, most recently at {last}. If this was not you, change your password.", "Відколи ви входили востаннє, після вашого пароля хибний код вводили {count} разів, востаннє {last}. Якщо це були не ви, змініть пароль.";
    GO_ON: "Continue", "Продовжити";
    OTHER: "Sign in with another account", "Увійти з іншим обліковим записом";
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/sign-in", get(show).post(enter))
        .route("/sign-in/code", get(show_code).post(enter_code))
        .route("/sign-out", post(leave))
}

async fn show(
    State(console): State<Console>,
    visit: RequestContext,
) -> Result<Response, ConsoleError> {
    if visit.account.is_some() {
        return Ok(redirect("/console"));
    }
    if console.inbox.awaits_set_up().await? {
        return Ok(redirect("/console/setup"));
    }
    Ok(form_page(StatusCode::OK, &visit, Form::default()))
}

fn form_page(status: StatusCode, visit: &RequestContext, form: Form) -> Response {
    let lang = visit.lang;
    let content = view! {
        <form method="post" action="/console/sign-in">
            {csrf_field(visit)}
            <Errors form=form.clone()/>
            <Field form=form.clone() name="email" kind="email" label=EMAIL.t(lang) autocomplete="username" required=true focus=true/>
            <Field name="password" kind="password" label=PASSWORD.t(lang) autocomplete="current-password" required=true/>
            <Button tone=Tone::Accent>{ENTER.t(lang)}</Button>
        </form>
    };
    page_with(status, visit, Page::new(TITLE.t(lang)).alone(), content)
}

async fn enter(
    State(console): State<Console>,
    Peer(peer): Peer,
    origin: BrowserOrigin,
    visit: RequestContext,
    form: Form,
) -> Result<Response, ConsoleError> {
    let email = form.get("email");
    let known = origin.known(&console, email).await?;
    console.throttle.pass(
        peer,
        &known.map_or(Attempt::Password(email), |browser| {
            Attempt::Known(AccountKey::Email(email), browser)
        }),
    )?;
    match console.inbox.sign_in(form.get("email"), form.get("password")).await {
        Ok(account) if account.needs_second_factor() => {
            visit.await_second_factor(&account).await?;
            Ok(redirect("/console/sign-in/code"))
        }
        Ok(account) => {
            visit.enter(account.id).await?;
            origin.remember(&console, &account, redirect("/console")).await
        }
        Err(AppError::Unauthenticated) => {
            let form = form.refused(ValidationError::new("", WRONG.t(visit.lang)));
            Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &visit, form))
        }
        Err(other) => Err(other.into()),
    }
}

async fn show_code(visit: RequestContext) -> Result<Response, ConsoleError> {
    visit.pending().await?;
    Ok(code_page(StatusCode::OK, &visit, Form::default()))
}

fn code_page(status: StatusCode, visit: &RequestContext, form: Form) -> Response {
    let lang = visit.lang;
    let content = view! {
        <form method="post" action="/console/sign-in/code">
            {csrf_field(visit)}
            <Field form=form name="code" label=CODE.t(lang) autocomplete="one-time-code" required=true focus=true secret=true/>
            <Button tone=Tone::Accent>{GO_ON.t(lang)}</Button>
        </form>
        <p><a href="/console/sign-in">{OTHER.t(lang)}</a></p>
    };
    page_with(status, visit, Page::new(CODE_TITLE.t(lang)).alone(), content)
}

async fn enter_code(
    State(console): State<Console>,
    Peer(peer): Peer,
    origin: BrowserOrigin,
    visit: RequestContext,
    form: Form,
) -> Result<Response, ConsoleError> {
    let account = visit.pending().await?;
    let known = origin.known(&console, account.email.as_str()).await?;
    // Counted apart from passwords: the first step has taken a try already.
    console.throttle.pass(
        peer,
        &known.map_or(Attempt::SecondFactor(account.id), |browser| {
            Attempt::Known(AccountKey::Id(account.id), browser)
        }),
    )?;
    if let Some(wait) = console.inbox.try_second_factor(&account, known.is_some()).await? {
        return Err(ConsoleError::TooMany(wait.as_secs() + 1));
    }
    match console.inbox.check_second_factor(&account, form.get("code")).await {
        Ok(()) => {
            visit.enter(account.id).await?;
            if let Some(factor) =
                account.second_factor.as_ref().filter(|factor| factor.failures > 0)
            {
                let last = factor.failed_at.map(|at| date_text(&visit, at)).unwrap_or_default();
                visit
                    .failed(
                        FAILURES.with(visit.lang, &[("count", &factor.failures), ("last", &last)]),
                    )
                    .await?;
            }
            origin.remember(&console, &account, redirect("/console")).await
        }
        Err(AppError::ValidationError(_)) => {
            let form = form.refused(ValidationError::new("code", CODE_WRONG.t(visit.lang)));
            Ok(code_page(StatusCode::UNPROCESSABLE_ENTITY, &visit, form))
        }
        Err(other) => Err(other.into()),
    }
}

async fn leave(member: SignedIn, _form: Form) -> Result<Response, ConsoleError> {
    member.visit.leave().await?;
    Ok(redirect("/console/sign-in"))
}
