//! The account page: name, language, time zone, password, second factor, and other sessions.

use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    phrases::{LANGUAGE, SAVE, SAVED, UiLanguage, language_options},
    request_context::{SignedIn, redirect},
    throttle::Attempt,
    view::{
        Badge, Button, CopyField, Errors, Field, Page, Select, Tone, csrf_field, page_with,
        zone_name, zone_options,
    },
};
use axum::{extract::State, http::StatusCode, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use belfry_app::AppError;
use belfry_domain::{Language, TimeZone, ValidationError};
use belfry_locales::phrases::console_account as phrases;
use belfry_locales::phrases::errors;
use belfry_web::html::IntoMarkup;
use belfry_web::router::{Routes, get, post};
use leptos::prelude::*;

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
        .route("/account", get(show).post(save))
        .route("/account/password", post(change_password))
        .route("/account/second-factor", post(second_factor))
        .route("/account/sessions", post(end_sessions))
}

async fn show(State(console): State<Console>, who: SignedIn) -> Result<Response, ConsoleError> {
    account_page(StatusCode::OK, &console, &who, filled(&who))
}

fn filled(who: &SignedIn) -> Form {
    let zone =
        who.account.time_zone.as_ref().map(|zone| zone.name().to_owned()).unwrap_or_default();
    let language = UiLanguage::from_tag(who.account.language.as_str()).tag().to_owned();
    Form::new([("name", who.account.name.clone()), ("language", language), ("time_zone", zone)])
        .with_language(who.lang)
}

fn account_page(
    status: StatusCode,
    console: &Console,
    who: &SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let enrolment = console.app.totp_enrollment(&who.account)?;
    let factor = if who.account.needs_second_factor() {
        view! {
            <p><Badge tone=Tone::Good>{phrases::FACTOR_ON.t(lang)}</Badge></p>
            <form method="post" action="/console/account/second-factor">
                {csrf_field(who)}
                <Field form=form.clone() name="code" label=phrases::CODE.t(lang) autocomplete="one-time-code" secret=true/>
                <Button tone=Tone::Danger name="do" value="remove">{phrases::REMOVE.t(lang)}</Button>
            </form>
        }
        .into_markup()
    } else if let Some(enrolment) = enrolment {
        view! {
            <p class="lead">{phrases::SCAN.t(lang)}</p>
            {picture(&enrolment.url).map(|source| view! { <img class="qr" src=source width="180" height="180" alt=""/> })}
            <form method="post" action="/console/account/second-factor">
                {csrf_field(who)}
                <CopyField lang=lang name="factor-key" label=phrases::KEY.t(lang) value=enrolment.key/>
                <Field form=form.clone() name="code" label=phrases::CODE.t(lang) autocomplete="one-time-code" secret=true/>
                <Button tone=Tone::Accent name="do" value="confirm">{phrases::CONFIRM.t(lang)}</Button>
            </form>
        }
        .into_markup()
    } else {
        view! {
            <p class="lead">{phrases::FACTOR_TEXT.t(lang)}</p>
            <form method="post" action="/console/account/second-factor">
                {csrf_field(who)}
                <Button name="do" value="begin">{phrases::BEGIN.t(lang)}</Button>
            </form>
        }
        .into_markup()
    };
    let mut zones = zone_options(form.get("time_zone"));
    let automatic = match &who.browser_zone {
        Some(zone) => phrases::AUTOMATIC.with(lang, &[("zone", &zone_name(zone))]),
        None => phrases::AUTOMATIC_UNKNOWN.t(lang).to_owned(),
    };
    zones.insert(0, (String::new(), automatic));
    let content = view! {
        <Errors form=form.clone() fields=&["name", "language", "time_zone", "present", "password", "code"]/>
        <section>
            <h2>{phrases::PROFILE.t(lang)}</h2>
            <form method="post" action="/console/account">
                {csrf_field(who)}
                <Field form=form.clone() name="name" label=phrases::YOUR_NAME.t(lang) autocomplete="name" required=true/>
                <Select form=form.clone() name="language" label=LANGUAGE.t(lang) options=language_options()/>
                <Select form=form.clone() name="time_zone" label=phrases::ZONE.t(lang) options=zones hint=phrases::ZONE_HINT.t(lang)/>
                <Button tone=Tone::Accent>{SAVE.t(lang)}</Button>
            </form>
        </section>
        <section>
            <h2>{phrases::PASSWORD_TITLE.t(lang)}</h2>
            <form method="post" action="/console/account/password">
                {csrf_field(who)}
                <Field form=form.clone() name="present" kind="password" label=phrases::PRESENT.t(lang) autocomplete="current-password" required=true/>
                <Field form=form name="password" kind="password" label=phrases::NEW.t(lang) autocomplete="new-password" required=true/>
                <Button>{phrases::CHANGE.t(lang)}</Button>
            </form>
        </section>
        <section>
            <h2>{phrases::FACTOR.t(lang)}</h2>
            {factor}
        </section>
        <section>
            <h2>{phrases::ELSEWHERE.t(lang)}</h2>
            <p class="lead">{phrases::ELSEWHERE_TEXT.t(lang)}</p>
            <form method="post" action="/console/account/sessions">
                {csrf_field(who)}
                <Button>{phrases::SIGN_OUT_ALL.t(lang)}</Button>
            </form>
        </section>
    };
    Ok(page_with(
        status,
        who,
        Page::new(phrases::TITLE.t(lang)).section("account").narrow(),
        content,
    ))
}

/// The set-up address as a QR code.
fn picture(address: &str) -> Option<String> {
    let code = qrcode::QrCode::new(address.as_bytes()).ok()?;
    let drawing = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(180, 180).build();
    Some(format!("data:image/svg+xml;base64,{}", STANDARD.encode(drawing)))
}

async fn answer(
    console: &Console,
    who: &SignedIn,
    form: Form,
    done: Result<(), AppError>,
    text: &str,
) -> Result<Response, ConsoleError> {
    match done {
        Ok(()) => {
            who.flash_success(text).await?;
            Ok(redirect("/console/account"))
        }
        Err(AppError::ValidationError(invalid)) => {
            let shown = if form.contains("name") { form } else { filled(who) };
            account_page(StatusCode::UNPROCESSABLE_ENTITY, console, who, shown.rejected(invalid))
        }
        Err(other) => Err(other.into()),
    }
}

/// The zone of the form, `None` for that of the browser. A form without the field leaves it as it
/// is.
fn time_zone(who: &SignedIn, form: &Form) -> Result<Option<TimeZone>, ValidationError> {
    match form.fields().find_map(|(name, value)| (name == "time_zone").then_some(value)) {
        None => Ok(who.account.time_zone.clone()),
        Some("") => Ok(None),
        Some(name) => TimeZone::from_name(name)
            .map(Some)
            .ok_or_else(|| ValidationError::new("time_zone", errors::NOT_INCLUDED)),
    }
}

async fn save(
    State(console): State<Console>,
    who: SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    let language: Language = UiLanguage::from_tag(form.get("language")).tag().parse()?;
    let done = match time_zone(&who, &form) {
        Ok(zone) => {
            console
                .app
                .set_profile(who.account.id, form.get("name"), &language, zone.as_ref())
                .await
        }
        Err(invalid) => Err(invalid.into()),
    };
    let text = SAVED.t(UiLanguage::from_tag(language.as_str()));
    answer(&console, &who, form, done, text).await
}

async fn change_password(
    State(console): State<Console>,
    who: SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    console.sign_in_limits.check(&console.app, None, &Attempt::SignedIn(who.account.id)).await?;
    let done = console
        .app
        .change_password(
            &who.account,
            form.get("present"),
            form.get("password"),
            who.digest().as_ref(),
        )
        .await;
    answer(&console, &who, form, done, phrases::CHANGED.t(who.lang)).await
}

async fn second_factor(
    State(console): State<Console>,
    who: SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    match form.get("do") {
        "begin" => {
            console.app.begin_second_factor(&who.account).await?;
            Ok(redirect("/console/account"))
        }
        word @ ("confirm" | "remove") => {
            console
                .sign_in_limits
                .check(&console.app, None, &Attempt::SignedIn(who.account.id))
                .await?;
            // Counted without delay: the session has passed the second factor already, if there was
            // one.
            console.app.try_second_factor(&who.account, true).await?;
            let (account, code) = (&who.account, form.get("code"));
            let done = if word == "remove" {
                console.app.remove_second_factor(account, code).await
            } else {
                console.app.check_second_factor(account, code).await
            };
            answer(&console, &who, form, done, SAVED.t(who.lang)).await
        }
        _ => Err(ConsoleError::NotFound),
    }
}

async fn end_sessions(
    State(console): State<Console>,
    who: SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    let done = console.app.sign_out_everywhere(who.account.id, who.digest().as_ref()).await;
    answer(&console, &who, form, done, phrases::DONE_ALL.t(who.lang)).await
}
