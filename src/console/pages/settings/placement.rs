//! Where the bell hangs in the site's pages: typed, or pointed at in a copy of a page, or in the
//! page itself by a bookmarklet.
//!
//! A page that was fetched by its address is put where one pastes its HTML, so there is one way
//! from strangers' HTML to a frame.

use super::{Outcome, outcome, tab};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::AppError,
    blocking::LARGE_INPUTS,
    console::{
        Console,
        edit_conflict::{REVISION_FIELD, RevisionField, check_revision, save_label, with_conflict},
        error::ConsoleError,
        form::Form,
        phrases::{SAVE, UiLanguage, words},
        request_context::Member,
        view::{Button, Errors, Field, Select, TextArea, Tone, csrf_field},
    },
    content::page_copy,
    domain::{
        EndpointUrl, FetchError, InsertPosition, Origin, Role, Site, SiteDraft, ValidationError,
        revision,
    },
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use leptos::prelude::*;
use std::fmt::Write as _;

words! {
    SELECTOR: "CSS selector", "Селектор CSS";
    SELECTOR_HINT: "The element next to which the bell is placed. “>>>” enters the shadow root of the element before it.", "Елемент, біля якого розміщено дзвіночок. «>>>» веде в тіньовий корінь елемента перед ним.";
    POSITION: "Position", "Позиція";
    BEFORE: "Before the element", "Перед елементом";
    FIRST: "First inside it", "Першим усередині";
    LAST: "Last inside it", "Останнім усередині";
    AFTER: "After the element", "Після елемента";
    POINT: "Pick the place", "Вибрати місце";
    POINT_TEXT: "Enter the address of one of your pages. It is shown below without its scripts; click the place for the bell, then save.", "Укажіть адресу однієї зі своїх сторінок. Її буде показано нижче без скриптів; натисніть місце для дзвіночка, тоді збережіть.";
    ADDRESS: "Address of a page", "Адреса сторінки";
    ADDRESS_HINT: "Belfry fetches it as a visitor who is not signed in. For a page that needs a sign-in, paste its HTML below.", "Belfry завантажує її як відвідувач, що не ввійшов. Якщо сторінку видно лише після входу, вставте її HTML нижче.";
    FETCH: "Fetch the page", "Завантажити сторінку";
    PASTE_HINT: "In the browser: view source, select all, copy.", "У браузері: код сторінки, виділити все, копіювати.";
    WITHOUT_SCRIPT: "Picking a place needs JavaScript. Without it, find the element in the HTML and enter its selector above.", "Щоб вибрати місце, потрібен JavaScript. Без нього знайдіть елемент у HTML і впишіть його селектор вище.";
    NO_ADDRESS: "must be a full address such as https://shop.example/", "має бути повною адресою, як-от https://shop.example/";
    NO_PAGE: "the page could not be fetched: {why}; paste its HTML instead", "сторінку не вдалося завантажити: {why}; вставте її HTML";
    FORBIDDEN: "its address is not public, or redirects to one that is not", "її адреса не публічна або переспрямовує на непублічну";
    STATUS: "the server responded with {status}", "сервер відповів {status}";
    ASTRAY: "it redirected more than three times", "вона переспрямовувала більше трьох разів";
    NOT_HTML: "it is not HTML", "це не HTML";
    TOO_LONG: "it is longer than 2 MB", "вона довша за 2 МБ";
    TOO_SLOW: "it did not load within 10 seconds", "вона не завантажилася за 10 секунд";
    UNREACHABLE: "no server responded", "жоден сервер не відповів";
    HTML: "HTML of the page", "HTML сторінки";
    SHOW: "Show the page", "Показати сторінку";
    COPY_OF: "A copy of your page", "Копія вашої сторінки";
    HINT: "Click the place for the bell.", "Натисніть місце для дзвіночка.";
    LIVE: "Or pick it on the live page", "Або вибрати на самій сторінці";
    LIVE_TEXT: "Drag this to your bookmarks bar. Open a page of the site, click the bookmark, then the place: its selector is copied, so you can paste it here.", "Перетягніть це на панель закладок. Відкрийте сторінку сайту, натисніть закладку, тоді місце: селектор буде скопійовано, і ви вставите його тут.";
    MARK: "Place the bell", "Місце дзвіночка";
}

const HERE: &str = "settings/placement";
const PICKER: &str = include_str!(concat!(env!("OUT_DIR"), "/picker.min.js"));

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/sites/{site}/settings/placement", get(show).post(save))
        .route("/sites/{site}/settings/placement/fetch", get(show).post(fetch))
        .route(
            "/sites/{site}/settings/placement/page",
            post(show_copy).layer(DefaultBodyLimit::max(PASTED)),
        )
}

fn positions(lang: UiLanguage) -> Vec<(String, String)> {
    [
        (InsertPosition::BeforeBegin, BEFORE),
        (InsertPosition::AfterBegin, FIRST),
        (InsertPosition::BeforeEnd, LAST),
        (InsertPosition::AfterEnd, AFTER),
    ]
    .map(|(place, word)| (place.as_str().to_owned(), word.t(lang).to_owned()))
    .to_vec()
}

/// Largest form with the HTML of a page: one of 2 MB that was fetched comes back with longer line
/// ends.
const PASTED: usize = 4 * 1_024 * 1_024;

/// The picker as the address of a bookmark. Browsers decode such an address before they run it.
fn bookmarklet() -> String {
    let mut address = "javascript:".to_owned();
    for byte in PICKER.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'();:@&=+$,/?[]{}".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

async fn show(who: Member) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    Ok(placement_page(StatusCode::OK, &who, as_kept(&who.site), pointing(&who)))
}

const FIELDS: &[&str] = &["selector", "position"];

fn shown(site: &Site) -> String {
    revision(&(&site.selector, site.placement))
}

fn as_kept(site: &Site) -> Form {
    Form::of([
        ("selector", site.selector.clone()),
        ("position", site.placement.as_str().to_owned()),
        (REVISION_FIELD, shown(site)),
    ])
}

/// The form of the page to point in, before there is one.
fn pointing(who: &Member) -> Form {
    Form::of(who.site.origins.first().map(|origin| ("address", format!("{origin}/"))))
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
                <Field form=form.clone() name="selector" label=SELECTOR.t(lang) hint=SELECTOR_HINT.t(lang) required=true/>
                <Select form=form.clone() name="position" label=POSITION.t(lang) options=positions(lang)/>
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
    let fetched = page.has("html");
    let waiting = !fetched;
    view! {
        <section class="picking" id="point">
            <h2>{POINT.t(lang)}</h2>
            <p class="lead">{POINT_TEXT.t(lang)}</p>
            <form method="post" action=who.path("settings/placement/fetch#point")>
                {csrf_field(who)}
                <Field form=page.clone() name="address" kind="url" label=ADDRESS.t(lang) hint=ADDRESS_HINT.t(lang) required=true/>
                <Button>{FETCH.t(lang)}</Button>
            </form>
            {fetched.then(|| view! { <noscript><p class="lead">{WITHOUT_SCRIPT.t(lang)}</p></noscript> })}
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
                    <TextArea form=page name="html" label=HTML.t(lang) hint=PASTE_HINT.t(lang) rows=4 code=true required=true/>
                    <Button>{SHOW.t(lang)}</Button>
                </form>
                <iframe name="picker" sandbox="allow-scripts" referrerpolicy="no-referrer" title=COPY_OF.t(lang) hidden=waiting></iframe>
            </div>
        </section>
    }
    .into_markup()
}

/// What is said of a page that did not come.
fn excuse(lang: UiLanguage, why: FetchError) -> String {
    let why = match why {
        FetchError::Status(status) => STATUS.with(lang, &[("status", &status)]),
        FetchError::Forbidden => FORBIDDEN.t(lang).to_owned(),
        FetchError::Astray => ASTRAY.t(lang).to_owned(),
        FetchError::NotHtml => NOT_HTML.t(lang).to_owned(),
        FetchError::TooLong => TOO_LONG.t(lang).to_owned(),
        FetchError::TooSlow => TOO_SLOW.t(lang).to_owned(),
        FetchError::Unreachable => UNREACHABLE.t(lang).to_owned(),
    };
    NO_PAGE.with(lang, &[("why", &why)])
}

async fn fetch(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let address = form.get("address").trim().to_owned();
    let refused = |why: String| {
        let form =
            Form::of([("address", address.as_str())]).refused(ValidationError::new("address", why));
        Ok(placement_page(StatusCode::UNPROCESSABLE_ENTITY, &who, as_kept(&who.site), form))
    };
    let Ok(url) = EndpointUrl::parse(address.split('#').next().unwrap_or_default()) else {
        return refused(NO_ADDRESS.t(who.lang).to_owned());
    };
    console.throttle.fetch(who.account.id)?;
    match console.inbox.web_page(&url).await {
        Ok(page) => {
            let form = Form::of([
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
            <h2>{LIVE.t(lang)}</h2>
            <p class="lead">{LIVE_TEXT.t(lang)}</p>
            <p><a class="button" href=bookmarklet() draggable="true">{MARK.t(lang)}</a></p>
        </section>
    }
    .into_markup()
}

async fn keep(console: &Console, who: &Member, form: &Form) -> Result<(), AppError> {
    let place: InsertPosition = form.get("position").parse()?;
    let selector = form.get("selector").to_owned();
    let former = form.maybe(REVISION_FIELD).map(str::to_owned);
    let change = move |site: &Site| {
        check_revision(former.as_deref(), &shown(site))?;
        SiteDraft::new(&site.name, site.origins.clone(), &selector, place, site.language.clone())
    };
    who.acting(
        console,
        "site.updated",
        &who.site.name,
        console.inbox.update_site(who.site.id, change),
    )
    .await?;
    Ok(())
}

async fn save(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let done = keep(&console, &who, &form).await;
    match outcome(&who, HERE, form, done).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Refused(form) => {
            Ok(placement_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form, pointing(&who)))
        }
        Outcome::Overtaken(form) => {
            let now = as_kept(&console.inbox.site(who.site.id).await?);
            Ok(placement_page(
                StatusCode::CONFLICT,
                &who,
                with_conflict(who.lang, &form, &now, FIELDS.iter().copied()),
                pointing(&who),
            ))
        }
    }
}

/// Where the relative addresses of a page begin, and the origin of that: where it was fetched, or
/// the site's first origin.
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

/// The page with the picker in it, for the frame. Nothing is kept. It has an origin of nobody, runs
/// our script alone, and can't navigate, post or embed; what is dropped from it before is the
/// second fence.
async fn show_copy(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let mut random = [0; 18];
    console.inbox.entropy().fill(&mut random);
    let nonce = STANDARD.encode(random);
    let (base, origin) = base(&who, &form);
    let policy = format!(
        "default-src 'none'; style-src https: {origin} 'unsafe-inline'; img-src https: {origin} data:; font-src https: {origin}; script-src 'nonce-{nonce}'; \
         sandbox allow-scripts; base-uri {origin}; form-action 'none'; frame-ancestors {}",
        console.public_url
    );
    let policy = HeaderValue::try_from(policy)
        .map_err(|_| ConsoleError::Broken(StatusCode::INTERNAL_SERVER_ERROR))?;
    let attribute = |text: &str| html_escape::encode_double_quoted_attribute(text).into_owned();
    let base = attribute(&base);
    let inside = attribute(console.public_url.as_str());
    let hint = attribute(HINT.t(who.lang));
    // First, so that no unclosed comment of the page swallows it.
    let page = LARGE_INPUTS.run_for(who.site.id, move || {
        format!(
            "<!doctype html><meta charset=\"utf-8\"><base href=\"{base}\"><script nonce=\"{nonce}\" data-inside=\"{inside}\" data-hint=\"{hint}\">{PICKER}</script>{}",
            page_copy::strip_active_content(form.get("html"))
        )
    });
    let page = page.await.map_err(AppError::from)?;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)], page)
        .into_response())
}
