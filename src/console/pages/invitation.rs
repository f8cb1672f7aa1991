//! The page of an invitation link: a signed-in account joins the site; without an account, one is
//! created first.

use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    middleware::Peer,
    phrases::{EMAIL, PASSWORD, role_name},
    request_context::{Member, RequestContext, redirect},
    throttle::Attempt,
    view::{Button, Errors, Field, Page, Tone, csrf_field, page_with},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_app::{AppError, Invitee, NewAccount};
use belfry_domain::{Password, ValidationError};
use belfry_locales::phrases::console_invitation as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use belfry_web::router::{Routes, get};
use leptos::prelude::*;

pub(super) fn routes() -> Routes<Console> {
    Routes::new().route("/invitation", get(show).post(accept))
}

async fn show(context: RequestContext) -> Result<Response, ConsoleError> {
    Ok(form_page(StatusCode::OK, &context, Form::default()))
}

fn code_field(context: &RequestContext, form: &Form) -> Markup {
    let (lang, error) = (context.lang, form.error("code"));
    let (invalid, described) =
        if error.is_some() { (Some("true"), "code-error code-hint") } else { (None, "code-hint") };
    view! {
        <div class="field">
            <label for="code">{phrases::CODE.t(lang)}</label>
            <input id="code" name="code" class="code" required autocomplete="off" spellcheck="false" data-from-fragment="1" value=form.get("code").to_owned() aria-invalid=invalid aria-describedby=described/>
            {error.map(|error| view! { <p class="wrong" id="code-error">{error}</p> })}
            <p class="hint" id="code-hint">{phrases::CODE_HINT.t(lang)}</p>
        </div>
    }
    .into_markup()
}

fn person(context: &RequestContext, form: &Form) -> Markup {
    let lang = context.lang;
    let hint = phrases::PASSWORD_HINT.with(lang, &[("count", &Password::SHORTEST)]);
    view! {
        <Field form=form.clone() name="name" label=phrases::YOUR_NAME.t(lang) autocomplete="name" required=true/>
        <Field form=form.clone() name="email" kind="email" label=EMAIL.t(lang) autocomplete="username" required=true/>
        <Field form=form.clone() name="password" kind="password" label=PASSWORD.t(lang) autocomplete="new-password" required=true hint=hint/>
    }
    .into_markup()
}

fn form_page(status: StatusCode, context: &RequestContext, form: Form) -> Response {
    let lang = context.lang;
    let signed_in = context.account.as_ref();
    let text = signed_in.map_or_else(
        || phrases::TEXT_NEW.t(lang).to_owned(),
        |account| {
            phrases::TEXT_KNOWN
                .with(lang, &[("name", &account.name), ("email", &account.email.as_str())])
        },
    );
    // One who is signed in sees no field for an address, so what is wrong with it stands above.
    let fields: &'static [&'static str] =
        if signed_in.is_some() { &["code"] } else { &["code", "name", "email", "password"] };
    let content = view! {
        <p class="lead">{text}</p>
        <form method="post" action="/console/invitation">
            {csrf_field(context)}
            <Errors form=form.clone() fields=fields/>
            {code_field(context, &form)}
            {signed_in.is_none().then(|| person(context, &form))}
            <Button tone=Tone::Accent>{phrases::JOIN.t(lang)}</Button>
        </form>
        {signed_in.is_none().then(|| view! { <p><a href="/console/sign-in">{phrases::SIGN_IN.t(lang)}</a></p> })}
    };
    page_with(status, context, Page::new(phrases::TITLE.t(lang)).standalone(), content)
}

async fn accept(
    State(console): State<Console>,
    Peer(peer): Peer,
    context: RequestContext,
    form: Form,
) -> Result<Response, ConsoleError> {
    let lang = context.lang;
    console.sign_in_limits.check(&console.app, peer, &Attempt::Code).await?;
    let refuse = |form: Form, invalid| {
        Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &context, form.rejected(invalid)))
    };
    let guest = match &context.account {
        Some(account) => Invitee::Existing(Box::new(account.clone())),
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
    match console.app.accept_invitation(form.get("code"), guest).await {
        Ok((account, site)) => {
            if context.account.is_none() {
                context.sign_in(account).await?;
            }
            let of = console.app.role_on(&console.app.account(account).await?, site).await?;
            context
                .flash_success(
                    phrases::WELCOME.with(
                        lang,
                        &[("site", &of.site.name), ("role", &role_name(of.role).t(lang))],
                    ),
                )
                .await?;
            Ok(redirect(&Member::home(site, of.role)))
        }
        Err(AppError::Unauthenticated) => {
            refuse(form, ValidationError::new("code", phrases::CODE_WRONG.into()))
        }
        Err(AppError::ValidationError(invalid)) => refuse(form, invalid),
        Err(other) => Err(other.into()),
    }
}
