//! The page of an invitation link: a signed-in account joins the site; without an account, one is
//! created first.

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::{AppError, Invitee, NewAccount},
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        middleware::Peer,
        phrases::{self, EMAIL, PASSWORD, words},
        request_context::{Member, RequestContext, redirect},
        throttle::Attempt,
        view::{Button, Errors, Field, Page, Tone, csrf_field, page_with},
    },
    domain::{Password, ValidationError},
};
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use leptos::prelude::*;

words! {
    TITLE: "Join a site", "Долучитися до сайту";
    TEXT_KNOWN: "You are joining as {name} ({email}).", "Ви долучаєтеся як {name} ({email}).";
    TEXT_NEW: "Create an account to join. Already have one? Sign in, then open the link again.", "Створіть обліковий запис, щоб долучитися. Уже маєте? Увійдіть і відкрийте посилання знову.";
    CODE: "Invitation code", "Код запрошення";
    CODE_HINT: "The part of the invitation link after the #.", "Частина посилання-запрошення після знака #.";
    CODE_WRONG: "is not valid: it was used, revoked, or is older than seven days; ask for a new one", "не діє: його використано, відкликано, або йому понад сім днів; попросіть новий";
    YOUR_NAME: "Your name", "Ваше ім’я";
    PASSWORD_HINT: "At least {count} characters. A few unrelated words work well.", "Щонайменше {count} символів. Добре підійдуть кілька не пов’язаних слів.";
    JOIN: "Join", "Долучитися";
    SIGN_IN: "Sign in", "Увійти";
    WELCOME: "You have joined {site}. Your role: {role}.", "Ви долучилися до сайту {site}. Ваша роль: {role}.";
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/invitation", get(show).post(accept))
}

async fn show(visit: RequestContext) -> Result<Response, ConsoleError> {
    Ok(form_page(StatusCode::OK, &visit, Form::default()))
}

fn code_field(visit: &RequestContext, form: &Form) -> Markup {
    let (lang, error) = (visit.lang, form.error("code"));
    let (invalid, described) =
        if error.is_some() { (Some("true"), "code-error code-hint") } else { (None, "code-hint") };
    view! {
        <div class="field">
            <label for="code">{CODE.t(lang)}</label>
            <input id="code" name="code" class="code" required autocomplete="off" spellcheck="false" data-from-fragment="1" value=form.get("code").to_owned() aria-invalid=invalid aria-describedby=described/>
            {error.map(|error| view! { <p class="wrong" id="code-error">{error}</p> })}
            <p class="hint" id="code-hint">{CODE_HINT.t(lang)}</p>
        </div>
    }
    .into_markup()
}

fn person(visit: &RequestContext, form: &Form) -> Markup {
    let lang = visit.lang;
    let hint = PASSWORD_HINT.with(lang, &[("count", &Password::SHORTEST)]);
    view! {
        <Field form=form.clone() name="name" label=YOUR_NAME.t(lang) autocomplete="name" required=true/>
        <Field form=form.clone() name="email" kind="email" label=EMAIL.t(lang) autocomplete="username" required=true/>
        <Field form=form.clone() name="password" kind="password" label=PASSWORD.t(lang) autocomplete="new-password" required=true hint=hint/>
    }
    .into_markup()
}

fn form_page(status: StatusCode, visit: &RequestContext, form: Form) -> Response {
    let lang = visit.lang;
    let known = visit.account.as_ref();
    let text = known.map_or_else(
        || TEXT_NEW.t(lang).to_owned(),
        |account| {
            TEXT_KNOWN.with(lang, &[("name", &account.name), ("email", &account.email.as_str())])
        },
    );
    // One who is signed in sees no field for an address, so what is wrong with it stands above.
    let fields: &'static [&'static str] =
        if known.is_some() { &["code"] } else { &["code", "name", "email", "password"] };
    let content = view! {
        <p class="lead">{text}</p>
        <form method="post" action="/console/invitation">
            {csrf_field(visit)}
            <Errors form=form.clone() fields=fields/>
            {code_field(visit, &form)}
            {known.is_none().then(|| person(visit, &form))}
            <Button tone=Tone::Accent>{JOIN.t(lang)}</Button>
        </form>
        {known.is_none().then(|| view! { <p><a href="/console/sign-in">{SIGN_IN.t(lang)}</a></p> })}
    };
    page_with(status, visit, Page::new(TITLE.t(lang)).alone(), content)
}

async fn accept(
    State(console): State<Console>,
    Peer(peer): Peer,
    visit: RequestContext,
    form: Form,
) -> Result<Response, ConsoleError> {
    let lang = visit.lang;
    console.throttle.pass(peer, &Attempt::Code)?;
    let refuse = |form: Form, invalid| {
        Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &visit, form.refused(invalid)))
    };
    let guest = match &visit.account {
        Some(account) => Invitee::Known(Box::new(account.clone())),
        None => match NewAccount::new(
            form.get("email"),
            form.get("name"),
            form.get("password"),
            lang.tag().parse()?,
        ) {
            Ok(account) => Invitee::New(account),
            Err(invalid) => return refuse(form, invalid),
        },
    };
    match console.inbox.accept(form.get("code"), guest).await {
        Ok((account, site)) => {
            if visit.account.is_none() {
                visit.enter(account).await?;
            }
            let of = console.inbox.role_on(&console.inbox.account(account).await?, site).await?;
            visit
                .done(WELCOME.with(
                    lang,
                    &[("site", &of.site.name), ("role", &phrases::role_name(of.role).t(lang))],
                ))
                .await?;
            Ok(redirect(&Member::home(site, of.role)))
        }
        Err(AppError::Unauthenticated) => {
            refuse(form, ValidationError::new("code", CODE_WRONG.t(lang)))
        }
        Err(AppError::ValidationError(invalid)) => refuse(form, invalid),
        Err(other) => Err(other.into()),
    }
}
