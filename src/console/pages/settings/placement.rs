//! The position of the bell in the site's pages: typed, picked in a copy of a page, or picked in
//! the page itself by a bookmarklet.
//!
//! The HTML of a fetched page is filled into the field for pasted HTML, so there is only one path
//! by which untrusted HTML reaches a frame.

use super::{Outcome, outcome, tab};
use crate::{
    Console,
    edit_conflict::{REVISION_FIELD, RevisionField, check_revision, save_label, with_conflict},
    error::ConsoleError,
    form::Form,
    phrases::{COPIED, SAVE, UiLanguage},
    request_context::Member,
    view::{Button, Errors, Field, Select, TextArea, Tone, csrf_field},
};
use axum::{
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use belfry_app::AppError;
use belfry_content::page_copy;
use belfry_domain::{
    EndpointUrl, FetchError, InsertPosition, Origin, Role, Site, SiteDraft, ValidationError,
    revision,
};
use belfry_locales::phrases::console_settings as phrases;
use belfry_locales::phrases::errors;
use belfry_runtime::blocking::LARGE_INPUTS;
use belfry_web::html::{IntoMarkup, Markup};
use belfry_web::router::{Routes, get, post};
use leptos::prelude::*;
use std::fmt::Write as _;

const HERE: &str = "settings/placement";
const PICKER: &str = belfry_assets::PICKER_SCRIPT;

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
        .route("/sites/{site}/settings/placement", get(show).post(save))
        .route("/sites/{site}/settings/placement/fetch", get(show).post(fetch))
        .route(
            "/sites/{site}/settings/placement/page",
            post(show_copy).map(|methods| methods.layer(DefaultBodyLimit::max(PASTED))),
        )
}

fn positions(lang: UiLanguage) -> Vec<(String, String)> {
    [
        (InsertPosition::BeforeBegin, phrases::BEFORE),
        (InsertPosition::AfterBegin, phrases::FIRST),
        (InsertPosition::BeforeEnd, phrases::LAST),
        (InsertPosition::AfterEnd, phrases::AFTER),
    ]
    .map(|(place, word)| (place.as_str().to_owned(), word.t(lang).to_owned()))
    .to_vec()
}

/// Maximum form in bytes: a fetched page of 2 MB grows by its CR LF line ends.
const PASTED: usize = 4 * 1_024 * 1_024;

/// The picker's script with its texts. A `<` could end the element that contains it.
fn picker_script(lang: UiLanguage, hint: &str) -> String {
    let texts = serde_json::json!({ "hint": hint, "copied": COPIED.t(lang) });
    let texts = texts.to_string().replace('<', "\\u003c");
    format!("(texts=>{{{PICKER}}})({texts})")
}

/// The picker as a `javascript:` URL. Browsers decode the URL before they run it.
fn bookmarklet(lang: UiLanguage) -> String {
    let mut address = "javascript:".to_owned();
    for byte in picker_script(lang, phrases::HINT_IN_PAGE.t(lang)).bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'();:@&=+$,/?[]{}".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

async fn show(who: Member) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    Ok(placement_page(StatusCode::OK, &who, as_kept(&who.site), pointing(&who)))
}

const FIELDS: &[&str] = &["selector", "position"];

fn shown(site: &Site) -> String {
    revision(&(&site.selector, site.placement))
}

fn as_kept(site: &Site) -> Form {
    Form::new([
        ("selector", site.selector.clone()),
        ("position", site.placement.as_str().to_owned()),
        (REVISION_FIELD, shown(site)),
    ])
}

/// The form for the page to pick in.
fn pointing(who: &Member) -> Form {
    Form::new(who.site.origins.first().map(|origin| ("address", format!("{origin}/"))))
}

fn placement_page(status: StatusCode, who: &Member, form: Form, page: Form) -> Response {
    let lang = who.lang;
    let label = save_label(lang, &form, SAVE);
    let content = view! {
        <section class="narrow">
            <form method="post" action=who.path(HERE)>
                {csrf_field(who)}
                <RevisionField form=form.clone()/>
                <Errors form=form.clone() fields=FIELDS/>
                <Field form=form.clone() name="selector" label=phrases::SELECTOR.t(lang) hint=phrases::SELECTOR_HINT.t(lang) required=true/>
                <Select form=form.clone() name="position" label=phrases::POSITION.t(lang) options=positions(lang)/>
                <Button tone=Tone::Accent>{label}</Button>
            </form>
        </section>
        {picker(who, page)}
        {live(lang)}
    };
    tab(status, who, HERE, content.into_markup())
}

fn picker(who: &Member, page: Form) -> Markup {
    let lang = who.lang;
    let fetched = page.contains("html");
    let waiting = !fetched;
    view! {
        <section class="picking" id="point">
            <h2>{phrases::POINT.t(lang)}</h2>
            <p class="lead">{phrases::POINT_TEXT.t(lang)}</p>
            <form method="post" action=who.path("settings/placement/fetch#point")>
                {csrf_field(who)}
                <Field form=page.clone() name="address" kind="url" label=phrases::ADDRESS.t(lang) hint=phrases::ADDRESS_HINT.t(lang) required=true/>
                <Button>{phrases::FETCH.t(lang)}</Button>
            </form>
            {fetched.then(|| view! { <noscript><p class="lead">{phrases::WITHOUT_SCRIPT.t(lang)}</p></noscript> })}
            <div data-needs-script="1" hidden=waiting>
                <form
                    method="post"
                    action=who.path("settings/placement/page")
                    target="picker"
                    enctype="multipart/form-data"
                    data-show=fetched.then_some("1")
                >
                    {csrf_field(who)}
                    <input type="hidden" name="base" value=page.get("base").to_owned()/>
                    <TextArea form=page name="html" label=phrases::HTML.t(lang) hint=phrases::PASTE_HINT.t(lang) rows=4 code=true required=true/>
                    <Button>{phrases::SHOW.t(lang)}</Button>
                </form>
                <iframe name="picker" sandbox="allow-scripts" referrerpolicy="no-referrer" title=phrases::COPY_OF.t(lang) hidden=waiting></iframe>
            </div>
        </section>
    }
    .into_markup()
}

/// The error message for a page that could not be fetched.
fn excuse(lang: UiLanguage, why: FetchError) -> String {
    let why = match why {
        FetchError::Status(status) => phrases::STATUS.with(lang, &[("status", &status)]),
        FetchError::Forbidden => phrases::FORBIDDEN.t(lang).to_owned(),
        FetchError::TooManyRedirects => phrases::ASTRAY.t(lang).to_owned(),
        FetchError::NotHtml => phrases::NOT_HTML.t(lang).to_owned(),
        FetchError::TooLarge => phrases::TOO_LONG.t(lang).to_owned(),
        FetchError::Timeout => phrases::TOO_SLOW.t(lang).to_owned(),
        FetchError::Unreachable => phrases::UNREACHABLE.t(lang).to_owned(),
    };
    phrases::NO_PAGE.with(lang, &[("why", &why)])
}

async fn fetch(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let address = form.get("address").trim().to_owned();
    let refused = |why: String| {
        let form = Form::new([("address", address.as_str())])
            .rejected(ValidationError::new("address", errors::verbatim(why)));
        Ok(placement_page(StatusCode::UNPROCESSABLE_ENTITY, &who, as_kept(&who.site), form))
    };
    let Ok(url) = EndpointUrl::parse(address.split('#').next().unwrap_or_default()) else {
        return refused(phrases::NO_ADDRESS.t(who.lang).to_owned());
    };
    console.sign_in_limits.check_page_fetch(who.account.id)?;
    match console.app.fetch_page(&url).await {
        Ok(page) => {
            let form = Form::new([
                ("address", address.as_str()),
                ("base", page.url.as_str()),
                ("html", page.html.as_str()),
            ]);
            let site = who.site.id;
            let shown = LARGE_INPUTS
                .run_for(site, move || {
                    placement_page(StatusCode::OK, &who, as_kept(&who.site), form)
                })
                .await;
            Ok(shown.map_err(AppError::from)?)
        }
        Err(why) => refused(excuse(who.lang, why)),
    }
}

fn live(lang: UiLanguage) -> Markup {
    view! {
        <section class="narrow">
            <h2>{phrases::LIVE.t(lang)}</h2>
            <p class="lead">{phrases::LIVE_TEXT.t(lang)}</p>
            <p><a class="button" href=bookmarklet(lang) draggable="true">{phrases::MARK.t(lang)}</a></p>
        </section>
    }
    .into_markup()
}

async fn keep(console: &Console, who: &Member, form: &Form) -> Result<(), AppError> {
    let place: InsertPosition = form.get("position").parse()?;
    let selector = form.get("selector").to_owned();
    let former = form.trimmed(REVISION_FIELD).map(str::to_owned);
    let change = move |site: &Site| {
        check_revision(former.as_deref(), &shown(site))?;
        SiteDraft::new(&site.name, site.origins.clone(), &selector, place, site.language.clone())
    };
    who.with_audit(console, &who.site.name, console.app.update_site(who.site.id, change)).await?;
    Ok(())
}

async fn save(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let done = keep(&console, &who, &form).await;
    match outcome(&who, HERE, form, done).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Rejected(form) => {
            Ok(placement_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form, pointing(&who)))
        }
        Outcome::Conflict(form) => {
            let now = as_kept(&console.app.site(who.site.id).await?);
            Ok(placement_page(
                StatusCode::CONFLICT,
                &who,
                with_conflict(who.lang, &form, &now, FIELDS.iter().copied()),
                pointing(&who),
            ))
        }
    }
}

/// The base URL of a page and its origin: the fetched URL, or the site's first origin.
fn base(who: &Member, form: &Form) -> (String, String) {
    let fetched = EndpointUrl::parse(form.get("base")).ok().and_then(|address| {
        let origin: Origin = address.url().origin().ascii_serialization().parse().ok()?;
        Some((address.as_str().to_owned(), origin.to_string()))
    });
    fetched.unwrap_or_else(|| {
        let first = who.site.origins.first().map(ToString::to_string).unwrap_or_default();
        (format!("{first}/"), first)
    })
}

/// The page with the picker, for the frame. Nothing is stored. It has an opaque origin, runs only
/// our script, and can't navigate, submit or embed. Removing its own scripts beforehand is defence
/// in depth.
async fn show_copy(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let mut random = [0; 18];
    console.app.rng().fill(&mut random);
    let nonce = STANDARD.encode(random);
    let (base, origin) = base(&who, &form);
    let policy = format!(
        "default-src 'none'; style-src https: {origin} 'unsafe-inline'; img-src https: {origin} data:; font-src https: {origin}; script-src 'nonce-{nonce}'; \
         sandbox allow-scripts; base-uri {origin}; form-action 'none'; frame-ancestors {}",
        console.public_url
    );
    let policy = HeaderValue::try_from(policy)
        .map_err(|_| ConsoleError::Internal(StatusCode::INTERNAL_SERVER_ERROR))?;
    let attribute = |text: &str| html_escape::encode_double_quoted_attribute(text).into_owned();
    let base = attribute(&base);
    let inside = attribute(console.public_url.as_str());
    let script = picker_script(who.lang, phrases::HINT.t(who.lang));
    // First, so that an unclosed comment of the page can't contain it.
    let page = LARGE_INPUTS.run_for(who.site.id, move || {
        format!(
            "<!doctype html><meta charset=\"utf-8\"><base href=\"{base}\"><script nonce=\"{nonce}\" data-inside=\"{inside}\">{script}</script>{}",
            page_copy::strip_active_content(form.get("html"))
        )
    });
    let page = page.await.map_err(AppError::from)?;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)], page)
        .into_response())
}
