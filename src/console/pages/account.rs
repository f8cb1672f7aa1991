//! The account page: name, language, time zone, password, second factor, and other sessions.

use crate::web::html::IntoMarkup;
use crate::{
    app::AppError,
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        phrases::{LANGUAGE, SAVE, SAVED, UiLanguage, words},
        request_context::{SignedIn, redirect},
        throttle::Attempt,
        view::{
            Badge, Button, CopyField, Errors, Field, Page, Select, Tone, csrf_field, page_with,
            zone_name, zone_options,
        },
    },
    domain::{Language, TimeZone, ValidationError},
};
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use leptos::prelude::*;

words! {
    TITLE: "Account", "Обліковий запис";
    PROFILE: "Profile", "Профіль";
    YOUR_NAME: "Your name", "Ваше ім’я";
    ZONE: "Time zone", "Часовий пояс";
    ZONE_HINT: "Times in the console are shown and entered in this time zone.", "Час у консолі показується і вводиться в цьому часовому поясі.";
    AUTOMATIC: "Automatic, from your browser ({zone})", "Автоматично, за браузером ({zone})";
    AUTOMATIC_UNKNOWN: "Automatic, from your browser (without JavaScript: UTC)", "Автоматично, за браузером (без JavaScript — UTC)";
    PASSWORD_TITLE: "Password", "Пароль";
    PRESENT: "Current password", "Поточний пароль";
    NEW: "New password", "Новий пароль";
    CHANGE: "Change password", "Змінити пароль";
    CHANGED: "Password changed. Other browsers are signed out.", "Пароль змінено. В інших браузерах виконано вихід.";
    FACTOR: "Two-factor authentication", "Двофакторна автентифікація";
    FACTOR_TEXT: "Requires a code from an authenticator app in addition to your password.", "Крім пароля, потрібен код із застосунку автентифікації.";
    FACTOR_ON: "On", "Увімкнено";
    BEGIN: "Set up", "Налаштувати";
    SCAN: "Scan this with an authenticator app or enter the key there, then enter the six-digit code it shows.", "Скануйте застосунком автентифікації або введіть у ньому ключ, тоді впишіть шестизначний код.";
    KEY: "Key", "Ключ";
    CODE: "Six-digit code", "Шестизначний код";
    CONFIRM: "Turn on", "Увімкнути";
    REMOVE: "Turn off", "Вимкнути";
    ELSEWHERE: "Other browsers", "Інші браузери";
    ELSEWHERE_TEXT: "Signs you out of every browser except this one.", "Завершує ваші сеанси всюди, крім цього браузера.";
    SIGN_OUT_ALL: "Sign out everywhere else", "Вийти всюди, крім цього браузера";
    DONE_ALL: "Other browsers are signed out.", "В інших браузерах виконано вихід.";
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
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
    let language = UiLanguage::of(who.account.language.as_str()).tag().to_owned();
    Form::of([("name", who.account.name.clone()), ("language", language), ("time_zone", zone)])
        .speaking(who.lang)
}

fn account_page(
    status: StatusCode,
    console: &Console,
    who: &SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let enrolment = console.inbox.enrolment(&who.account)?;
    let factor = if who.account.needs_second_factor() {
        view! {
            <p><Badge tone=Tone::Good>{FACTOR_ON.t(lang)}</Badge></p>
            <form method="post" action="/console/account/second-factor">
                {csrf_field(who)}
                <Field form=form.clone() name="code" label=CODE.t(lang) autocomplete="one-time-code" secret=true/>
                <Button tone=Tone::Danger name="do" value="remove">{REMOVE.t(lang)}</Button>
            </form>
        }
        .into_markup()
    } else if let Some(enrolment) = enrolment {
        view! {
            <p class="lead">{SCAN.t(lang)}</p>
            {picture(&enrolment.address).map(|source| view! { <img class="qr" src=source width="180" height="180" alt=""/> })}
            <form method="post" action="/console/account/second-factor">
                {csrf_field(who)}
                <CopyField lang=lang name="factor-key" label=KEY.t(lang) value=enrolment.key/>
                <Field form=form.clone() name="code" label=CODE.t(lang) autocomplete="one-time-code" secret=true/>
                <Button tone=Tone::Accent name="do" value="confirm">{CONFIRM.t(lang)}</Button>
            </form>
        }
        .into_markup()
    } else {
        view! {
            <p class="lead">{FACTOR_TEXT.t(lang)}</p>
            <form method="post" action="/console/account/second-factor">
                {csrf_field(who)}
                <Button name="do" value="begin">{BEGIN.t(lang)}</Button>
            </form>
        }
        .into_markup()
    };
    let mut zones = zone_options(form.get("time_zone"));
    let automatic = match &who.browser_zone {
        Some(zone) => AUTOMATIC.with(lang, &[("zone", &zone_name(zone))]),
        None => AUTOMATIC_UNKNOWN.t(lang).to_owned(),
    };
    zones.insert(0, (String::new(), automatic));
    let content = view! {
        <Errors form=form.clone() fields=&["name", "language", "time_zone", "present", "password", "code"]/>
        <section>
            <h2>{PROFILE.t(lang)}</h2>
            <form method="post" action="/console/account">
                {csrf_field(who)}
                <Field form=form.clone() name="name" label=YOUR_NAME.t(lang) autocomplete="name" required=true/>
                <Select form=form.clone() name="language" label=LANGUAGE.t(lang) options=UiLanguage::ALL.map(|(tag, name)| (tag.to_owned(), name.to_owned())).to_vec()/>
                <Select form=form.clone() name="time_zone" label=ZONE.t(lang) options=zones hint=ZONE_HINT.t(lang)/>
                <Button tone=Tone::Accent>{SAVE.t(lang)}</Button>
            </form>
        </section>
        <section>
            <h2>{PASSWORD_TITLE.t(lang)}</h2>
            <form method="post" action="/console/account/password">
                {csrf_field(who)}
                <Field form=form.clone() name="present" kind="password" label=PRESENT.t(lang) autocomplete="current-password" required=true/>
                <Field form=form name="password" kind="password" label=NEW.t(lang) autocomplete="new-password" required=true/>
                <Button>{CHANGE.t(lang)}</Button>
            </form>
        </section>
        <section>
            <h2>{FACTOR.t(lang)}</h2>
            {factor}
        </section>
        <section>
            <h2>{ELSEWHERE.t(lang)}</h2>
            <p class="lead">{ELSEWHERE_TEXT.t(lang)}</p>
            <form method="post" action="/console/account/sessions">
                {csrf_field(who)}
                <Button>{SIGN_OUT_ALL.t(lang)}</Button>
            </form>
        </section>
    };
    Ok(page_with(status, who, Page::new(TITLE.t(lang)).section("account").narrow(), content))
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
            who.done(text).await?;
            Ok(redirect("/console/account"))
        }
        Err(AppError::ValidationError(invalid)) => {
            let shown = if form.has("name") { form } else { filled(who) };
            account_page(StatusCode::UNPROCESSABLE_ENTITY, console, who, shown.refused(invalid))
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
        Some(name) => TimeZone::named(name)
            .map(Some)
            .ok_or_else(|| ValidationError::new("time_zone", "is not included in the list")),
    }
}

async fn save(
    State(console): State<Console>,
    who: SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    let language: Language = UiLanguage::of(form.get("language")).tag().parse()?;
    let done = match time_zone(&who, &form) {
        Ok(zone) => {
            console
                .inbox
                .set_profile(who.account.id, form.get("name"), &language, zone.as_ref())
                .await
        }
        Err(invalid) => Err(invalid.into()),
    };
    let text = SAVED.t(UiLanguage::of(language.as_str()));
    answer(&console, &who, form, done, text).await
}

async fn change_password(
    State(console): State<Console>,
    who: SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    console.throttle.pass(None, &Attempt::SignedIn(who.account.id))?;
    let done = console
        .inbox
        .change_password(
            &who.account,
            form.get("present"),
            form.get("password"),
            who.digest().as_ref(),
        )
        .await;
    answer(&console, &who, form, done, CHANGED.t(who.lang)).await
}

async fn second_factor(
    State(console): State<Console>,
    who: SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    match form.get("do") {
        "begin" => {
            console.inbox.begin_second_factor(&who.account).await?;
            Ok(redirect("/console/account"))
        }
        word @ ("confirm" | "remove") => {
            console.throttle.pass(None, &Attempt::SignedIn(who.account.id))?;
            // Counted without delay: the session has passed the second factor already, if there was
            // one.
            console.inbox.try_second_factor(&who.account, true).await?;
            let (account, code) = (&who.account, form.get("code"));
            let done = if word == "remove" {
                console.inbox.remove_second_factor(account, code).await
            } else {
                console.inbox.check_second_factor(account, code).await
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
    let done = console.inbox.sign_out_everywhere(who.account.id, who.digest().as_ref()).await;
    answer(&console, &who, form, done, DONE_ALL.t(who.lang)).await
}
