//! The sites of a person, and a new one.

use crate::{
    app::AppError,
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        phrases::{self, NAME, SITES, UiLanguage, words},
        request_context::{Member, SignedIn},
        view::{
            Badge, Button, CopyField, EmptyState, Errors, Field, Page, Select, Table, Tone,
            csrf_field, page, page_with,
        },
    },
    domain::{InsertPosition, Language, Origin, SiteDraft, ValidationError},
};
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use leptos::prelude::*;

words! {
    NEW: "New site", "Новий сайт";
    EMPTY: "No sites yet", "Ще немає сайтів";
    EMPTY_OPERATOR: "A site is where the bell appears: a shop, an app, a portal. Create the first one, then paste two lines into its pages.", "Сайт — це місце, де з’являється дзвіночок: магазин, застосунок, портал. Створіть перший і вставте два рядки на його сторінки.";
    EMPTY_MEMBER: "You have not been invited to a site yet. Ask a site owner for an invitation.", "Вас ще не запросили до жодного сайту. Попросіть запрошення у власника сайту.";
    ORIGIN: "Address", "Адреса";
    ORIGIN_HINT: "Scheme and host of the pages with the bell, such as https://shop.example", "Схема й хост сторінок із дзвіночком, наприклад https://shop.example";
    SITE_LANGUAGE: "Language of messages", "Мова повідомлень";
    CREATE: "Create site", "Створити сайт";
    ROLE: "Your role", "Ваша роль";
    READY: "{name} is ready", "{name} готовий";
    KEY: "API key", "Ключ API";
    KEY_ONCE: "Your backend sends messages with this key. Copy it now: it won’t be shown again. Store it like a password.", "З цим ключем ваш сервер надсилає повідомлення. Скопіюйте його зараз: більше його не буде показано. Зберігайте його як пароль.";
    SITE_ID: "Site ID", "ID сайту";
    GO_ON: "Go to the site", "До сайту";
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/", get(list)).route("/sites/new", get(show).post(create))
}

async fn list(State(console): State<Console>, who: SignedIn) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let operator = who.account.is_operator;
    let sites = console.inbox.sites_of(&who.account).await?;
    let new = move || view! { <Button tone=Tone::Accent href="/console/sites/new">{NEW.t(lang)}</Button> };
    if sites.is_empty() {
        let text = if operator { EMPTY_OPERATOR } else { EMPTY_MEMBER };
        let content = view! { <EmptyState title=EMPTY.t(lang) text=text.t(lang)>{operator.then(new)}</EmptyState> };
        return Ok(page(&who, Page::new(SITES.t(lang)), content));
    }
    let rows = sites
        .into_iter()
        .map(|of| {
            let origins = of.site.origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(", ");
            view! {
                <tr>
                    <td><a class="main" href=Member::home(of.site.id, of.role)>{of.site.name}</a></td>
                    <td class="quiet">{origins}</td>
                    <td class="quiet">{of.site.language.to_string()}</td>
                    <td><Badge>{phrases::role_name(of.role).t(lang)}</Badge></td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![NAME.t(lang), ORIGIN.t(lang), phrases::LANGUAGE.t(lang), ROLE.t(lang)];
    let content = view! { <Table caption=SITES.t(lang) columns=columns>{rows}</Table> };
    Ok(page(&who, Page::new(SITES.t(lang)).actions(operator.then(new)), content))
}

async fn show(who: SignedIn) -> Result<Response, ConsoleError> {
    who.operates()?;
    Ok(form_page(StatusCode::OK, &who, Form::of([("origin", ""), ("language", who.lang.tag())])))
}

fn form_page(status: StatusCode, who: &SignedIn, form: Form) -> Response {
    let lang = who.lang;
    let content = view! {
        <form method="post" action="/console/sites/new">
            {csrf_field(who)}
            <Errors form=form.clone() fields=&["name", "origin", "language"]/>
            <Field form=form.clone() name="name" label=NAME.t(lang) required=true focus=true/>
            <Field form=form.clone() name="origin" label=ORIGIN.t(lang) hint=ORIGIN_HINT.t(lang) required=true/>
            <Select form=form name="language" label=SITE_LANGUAGE.t(lang) options=UiLanguage::ALL.map(|(tag, name)| (tag.to_owned(), name.to_owned())).to_vec()/>
            <Button tone=Tone::Accent>{CREATE.t(lang)}</Button>
        </form>
    };
    page_with(
        status,
        who,
        Page::new(NEW.t(lang)).crumb("/console", SITES.t(lang)).narrow(),
        content,
    )
}

fn draft(form: &Form) -> Result<SiteDraft, ValidationError> {
    let origins = form
        .get("origin")
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<Vec<Origin>, _>>()?;
    let language: Language = form.get("language").parse()?;
    SiteDraft::new(form.get("name"), origins, "body", InsertPosition::default(), language)
}

async fn create(
    State(console): State<Console>,
    who: SignedIn,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.operates()?;
    let lang = who.lang;
    let draft = match draft(&form) {
        Ok(draft) => draft,
        Err(invalid) => {
            return Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form.refused(invalid)));
        }
    };
    let (site, key) = match console.inbox.create_site_for(who.account.id, draft).await {
        Ok(made) => made,
        Err(AppError::ValidationError(invalid)) => {
            return Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &who, form.refused(invalid)));
        }
        Err(other) => return Err(other.into()),
    };
    // Shown in the answer itself rather than after a redirect: a key is kept nowhere, not for a
    // moment.
    let content = view! {
        <p class="lead">{KEY_ONCE.t(lang)}</p>
        <CopyField lang=lang name="key" label=KEY.t(lang) value=key.reveal()/>
        <CopyField lang=lang name="site" label=SITE_ID.t(lang) value=site.id.to_string()/>
        <Button tone=Tone::Accent href=format!("/console/sites/{}", site.id)>{GO_ON.t(lang)}</Button>
    };
    Ok(page(
        &who,
        Page::new(READY.with(lang, &[("name", &site.name)]))
            .crumb("/console", SITES.t(lang))
            .narrow(),
        content,
    ))
}
