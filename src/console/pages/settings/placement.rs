//! Where the bell hangs in the site's pages: typed, or pointed at in a copy of a page, or in the page itself by a bookmarklet.

use super::{Outcome, copy, outcome, tab};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        view::{Button, Errors, Field, Select, TextArea, Tone, token},
        visit::Member,
        words::{Lang, SAVE, words},
    },
    domain::{Actor, Placement, Role, SiteDraft},
    inbox::InboxError,
};
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use leptos::prelude::*;
use std::fmt::Write as _;

words! {
    SELECTOR: "CSS selector", "Селектор CSS";
    SELECTOR_HINT: "The element that the bell hangs at. “>>>” leads into the shadow root of what stands before it.", "Елемент, біля якого висить дзвіночок. «>>>» веде в тіньовий корінь того, що перед ним.";
    POSITION: "Position", "Позиція";
    BEFORE: "Before the element", "Перед елементом";
    FIRST: "First inside it", "Першим усередині";
    LAST: "Last inside it", "Останнім усередині";
    AFTER: "After the element", "Після елемента";
    POINT: "Point at the place", "Вказати місце";
    POINT_TEXT: "Paste the HTML of one of your pages (in the browser: view source, select all, copy). It is shown below without its scripts; press the place for the bell, then save.", "Вставте HTML однієї зі своїх сторінок (у браузері: код сторінки, виділити все, копіювати). Її показано нижче без скриптів; натисніть місце для дзвіночка, тоді збережіть.";
    HTML: "HTML of the page", "HTML сторінки";
    SHOW: "Show the page", "Показати сторінку";
    COPY_OF: "A copy of your page", "Копія вашої сторінки";
    HINT: "Press the place for the bell.", "Натисніть місце для дзвіночка.";
    LIVE: "Or point at it on the page itself", "Або вказати на самій сторінці";
    LIVE_TEXT: "Drag this into your bookmarks bar. Open a page of the site, press the bookmark, then the place: its selector is copied, and you paste it here.", "Перетягніть це на панель закладок. Відкрийте сторінку сайту, натисніть закладку, тоді місце: селектор буде скопійовано, і ви вставите його тут.";
    MARK: "Place the bell", "Місце дзвіночка";
}

const HERE: &str = "settings/placement";
const PICKER: &str = include_str!(concat!(env!("OUT_DIR"), "/picker.min.js"));

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/sites/{site}/settings/placement", get(show).post(save)).route("/sites/{site}/settings/placement/page", post(show_copy))
}

fn positions(lang: Lang) -> Vec<(String, String)> {
    [(Placement::BeforeBegin, BEFORE), (Placement::AfterBegin, FIRST), (Placement::BeforeEnd, LAST), (Placement::AfterEnd, AFTER)]
        .map(|(place, word)| (place.as_str().to_owned(), word.t(lang).to_owned()))
        .to_vec()
}

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
    let form = Form::of([("selector", who.site.selector.as_str()), ("position", who.site.placement.as_str())]);
    Ok(placement_page(StatusCode::OK, &who, form))
}

fn placement_page(status: StatusCode, who: &Member, form: Form) -> Response {
    let lang = who.lang;
    let content = view! {
        <section class="narrow">
            <form method="post" action=who.path(HERE)>
                {token(who)}
                <Errors form=form.clone() fields=&["selector"]/>
                <Field form=form.clone() name="selector" label=SELECTOR.t(lang) hint=SELECTOR_HINT.t(lang) required=true/>
                <Select form=form name="position" label=POSITION.t(lang) options=positions(lang)/>
                <Button tone=Tone::Accent>{SAVE.t(lang)}</Button>
            </form>
        </section>
        {picker(who)}
        {live(lang)}
    };
    tab(status, who, HERE, content.into_any())
}

fn picker(who: &Member) -> AnyView {
    let lang = who.lang;
    view! {
        <section class="picking" data-needs-script="1" hidden>
            <h2>{POINT.t(lang)}</h2>
            <p class="lead">{POINT_TEXT.t(lang)}</p>
            <form method="post" action=who.path("settings/placement/page") target="picker" enctype="multipart/form-data">
                {token(who)}
                <TextArea name="html" label=HTML.t(lang) rows=4 code=true required=true/>
                <Button>{SHOW.t(lang)}</Button>
            </form>
            <iframe name="picker" sandbox="allow-scripts" referrerpolicy="no-referrer" title=COPY_OF.t(lang) hidden></iframe>
        </section>
    }
    .into_any()
}

fn live(lang: Lang) -> AnyView {
    view! {
        <section class="narrow">
            <h2>{LIVE.t(lang)}</h2>
            <p class="lead">{LIVE_TEXT.t(lang)}</p>
            <p><a class="button" href=bookmarklet() draggable="true">{MARK.t(lang)}</a></p>
        </section>
    }
    .into_any()
}

async fn keep(console: &Console, who: &Member, form: &Form) -> Result<(), InboxError> {
    let place: Placement = form.get("position").parse()?;
    let former = &who.site;
    let draft = SiteDraft::new(&former.name, former.origins.clone(), form.get("selector"), place, former.language.clone())?;
    let site = console.inbox.update_site(former, draft).await?;
    console.inbox.record(Actor::Account(who.account.id), Some(site.id), "site.updated", &site.name, None).await;
    Ok(())
}

async fn save(State(console): State<Console>, who: Member, form: Form) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let done = keep(&console, &who, &form).await;
    match outcome(&who, HERE, form, done).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Refused(form) => Ok(placement_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form)),
    }
}

/// The pasted page with the picker in it, for the frame. Nothing is kept. It has an origin of nobody, runs our script alone, and
/// can't navigate, post or embed; what is dropped from it before is the second fence.
async fn show_copy(State(console): State<Console>, who: Member, form: Form) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let mut random = [0; 18];
    console.inbox.entropy().fill(&mut random);
    let nonce = STANDARD.encode(random);
    let base = who.site.origins.first().map(ToString::to_string).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src https: 'unsafe-inline'; img-src https: data:; font-src https:; script-src 'nonce-{nonce}'; \
         sandbox allow-scripts; base-uri {base}; form-action 'none'; frame-ancestors {}",
        console.public_url
    );
    let policy = HeaderValue::try_from(policy).map_err(|_| ConsoleError::Broken(StatusCode::INTERNAL_SERVER_ERROR))?;
    let attribute = |text: &str| html_escape::encode_double_quoted_attribute(text).into_owned();
    let inside = attribute(console.public_url.as_str());
    let hint = attribute(HINT.t(who.lang));
    // First, so that no unclosed comment of the page swallows it.
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><base href=\"{base}/\"><script nonce=\"{nonce}\" data-inside=\"{inside}\" data-hint=\"{hint}\">{PICKER}</script>{}",
        copy::clean(form.get("html"))
    );
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)], page).into_response())
}
