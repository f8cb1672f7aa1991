//! The layout of pages: navigation, title, messages, and the error pages.

use crate::{
    error::ConsoleError,
    phrases::{COPIED, Phrase, SITES, UiLanguage},
    request_context::{Member, RequestContext},
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_domain::{PausedWork, Role};
use belfry_locales::phrases::console_layout as phrases;
use belfry_web::{
    address::AddressProblem,
    document::deferred,
    html::{IntoMarkup, Markup},
};
use leptos::prelude::*;

/// The only section that agents see and viewers don't.
const CONVERSATIONS_PATH: &str = "conversations";

/// The sections of a site: path, name, icon (24 by 24, strokes). To add a page to the navigation,
/// add a line.
const SECTIONS: &[(&str, Phrase, &str)] = &[
    ("", phrases::OVERVIEW, "M4 12l8-8 8 8M6 10v10h12V10"),
    (CONVERSATIONS_PATH, phrases::CONVERSATIONS, "M4 5h16v11H11l-5 4v-4H4zM8 9h8M8 12h5"),
    ("messages", phrases::MESSAGES, "M4 6h16v12H4zM4 7l8 6 8-6"),
    ("contacts", phrases::CONTACTS, "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c1-4 4-5 7-5s6 1 7 5"),
    ("segments", phrases::SEGMENTS, "M12 4v8l6 5M12 4a8 8 0 1 0 6 13"),
    (
        "themes",
        phrases::THEMES,
        "M12 4a8 8 0 1 0 0 16c2 0 1-3 3-3h2c2 0 3-2 3-4 0-5-4-9-8-9zM8 11h.010M12 8h.010M16 11h.010",
    ),
    ("inboxes", phrases::INBOXES, "M4 13l3-8h10l3 8v6H4zM4 13h5l1 3h4l1-3h5"),
    ("webhooks", phrases::WEBHOOKS, "M9 8l3-4 3 4-4 8M5 14l-1 4h9M19 14l1 4h-5"),
    ("snippet", phrases::INSTALL, "M8 8l-4 4 4 4M16 8l4 4-4 4M13 6l-2 12"),
    (
        "members",
        phrases::MEMBERS,
        "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 19c1-4 3-5 6-5s5 1 6 5M16 5a3 3 0 0 1 0 6M18 14c2 1 3 2 3 5",
    ),
    ("settings", phrases::SETTINGS, "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4"),
    ("audit", phrases::RECORD, "M6 4h12v16H6zM9 9h6M9 13h6M9 17h3"),
];

/// A page without its content.
pub(crate) struct Page {
    title: String,
    site: Option<(String, String)>,
    role: Option<Role>,
    section: &'static str,
    crumbs: Vec<(String, String)>,
    actions: Option<Markup>,
    is_narrow: bool,
    is_filling: bool,
    is_standalone: bool,
}

impl Page {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            site: None,
            role: None,
            section: "",
            crumbs: Vec::new(),
            actions: None,
            is_narrow: false,
            is_filling: false,
            is_standalone: false,
        }
    }

    /// Replaces the title.
    pub(crate) fn with_title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Puts the page on a site, in a section (`""` is the overview).
    pub(crate) fn for_site(mut self, member: &Member, section: &'static str) -> Self {
        self.site = Some((member.path(""), member.site.name.clone()));
        self.role = Some(member.role);
        self.section = section;
        self
    }

    /// A page of the account: no site.
    pub(crate) fn section(mut self, section: &'static str) -> Self {
        self.section = section;
        self
    }

    /// Adds a breadcrumb.
    pub(crate) fn crumb(mut self, href: impl Into<String>, label: impl Into<String>) -> Self {
        self.crumbs.push((href.into(), label.into()));
        self
    }

    /// Sets the buttons beside the title.
    pub(crate) fn actions(mut self, actions: impl IntoView + 'static) -> Self {
        self.actions = Some(actions.into_markup());
        self
    }

    /// Narrow layout, for a single form.
    pub(crate) fn narrow(mut self) -> Self {
        self.is_narrow = true;
        self
    }

    /// Fills the window and scrolls inside itself; has its own headings.
    pub(crate) fn full_height(mut self) -> Self {
        self.is_filling = true;
        self
    }

    /// Without navigation and centred: sign-in and the like.
    pub(crate) fn standalone(mut self) -> Self {
        self.is_standalone = true;
        self
    }
}

/// Renders a page.
pub(crate) fn page(
    context: &RequestContext,
    page: Page,
    content: impl IntoView + 'static,
) -> Response {
    page_with(StatusCode::OK, context, page, content)
}

/// Renders a page with another status, such as 422 for a form with errors.
pub(crate) fn page_with(
    status: StatusCode,
    context: &RequestContext,
    page: Page,
    content: impl IntoView + 'static,
) -> Response {
    let (visit, content) = (context.clone(), content.into_markup());
    deferred(status, Box::new(move || document(&visit, page, content).into_markup()))
}

/// Renders a part of a page, for a script.
pub(crate) fn fragment(content: Markup) -> Response {
    let html = content.to_html();
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], html)
        .into_response()
}

/// Renders an error page.
pub(crate) fn error_page(context: &RequestContext, error: &ConsoleError) -> Response {
    let lang = context.lang;
    let (title, text) = match error {
        ConsoleError::NotFound | ConsoleError::SignIn => {
            (phrases::NOT_FOUND, phrases::NOT_FOUND_TEXT.t(lang).to_owned())
        }
        ConsoleError::Forbidden => (phrases::FORBIDDEN, phrases::FORBIDDEN_TEXT.t(lang).to_owned()),
        ConsoleError::InvalidCsrfToken => (phrases::STALE, phrases::STALE_TEXT.t(lang).to_owned()),
        ConsoleError::TooMany(seconds) => {
            (phrases::TOO_MANY, phrases::TOO_MANY_TEXT.with(lang, &[("seconds", seconds)]))
        }
        ConsoleError::BadRequest(_, reason) => (phrases::UNREADABLE, reason.t(lang)),
        ConsoleError::Internal(_) => (phrases::BROKEN, phrases::BROKEN_TEXT.t(lang).to_owned()),
    };
    let content = view! {
        <p>{text}</p>
        <p><a class="button" href="/console">{phrases::HOME.t(lang)}</a></p>
    };
    page_with(error.status(), context, Page::new(title.t(lang)).standalone(), content)
}

/// Shown after a link on another site. Navigating from here, the browser sends the session cookie;
/// a script does so at once.
pub(crate) fn cross_site_page(context: &RequestContext) -> Response {
    let lang = context.lang;
    let content = view! { <p><a class="button accent" href="?from=outside" data-go-on="1">{phrases::OUTSIDE_GO.t(lang)}</a></p> };
    page(context, Page::new(phrases::OUTSIDE.t(lang)).standalone(), content)
}

fn document(context: &RequestContext, page: Page, content: Markup) -> impl IntoView {
    let (lang, assets) = (context.lang, context.console.assets);
    let title = match &page.site {
        Some((_, site)) => format!("{} · {site} · Belfry", page.title),
        None => format!("{} · Belfry", page.title),
    };
    let body = if page.is_standalone {
        standalone(context, page, content).into_markup()
    } else {
        with_navigation(context, page, content).into_markup()
    };
    view! {
        <!DOCTYPE html>
        <html lang=lang.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <title>{title}</title>
                <link rel="icon" href="data:,"/>
                <link rel="stylesheet" href=assets.style/>
                <script src=assets.script defer data-copied=COPIED.t(lang)></script>
            </head>
            <body>
                <a class="skip" href="#content">{phrases::SKIP.t(lang)}</a>
                {body}
            </body>
        </html>
    }
}

fn logo() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d="M4 21h16M7 21V9l5-6 5 6v12M10 16c1-1 .500-3 1-4 .300-.700.600-1 1-1s.700.300 1 1c.500 1 0 3 1 4zM12 18h.010"></path>
        </svg>
    }
}

fn flash_message(context: &RequestContext) -> impl IntoView + use<> {
    context.flash.clone().map(|flash| {
        let class = if flash.is_error { "notice failed" } else { "notice" };
        view! { <p class=class role="status">{flash.text}</p> }
    })
}

/// The warning about an address at which nobody can sign in.
fn address_warning(context: &RequestContext) -> Option<String> {
    let public: &(dyn std::fmt::Display + Sync) = &context.console.public_url;
    Some(match context.address.as_ref()? {
        AddressProblem::Insecure => phrases::INSECURE.with(context.lang, &[("public", public)]),
        AddressProblem::OtherHost(asked) => {
            phrases::ELSEWHERE.with(context.lang, &[("public", public), ("asked", asked)])
        }
    })
}

/// The warning about a doubted server clock, for operators.
fn clock_warning(context: &RequestContext) -> Option<Markup> {
    let operator = context.account.as_ref().is_some_and(|account| account.is_operator);
    let text = match context.console.app.clock_watch().paused_work().filter(|_| operator)? {
        PausedWork::Deletions => phrases::CLOCK_MINUTES,
        PausedWork::Everything => phrases::CLOCK_DAYS,
    };
    Some(view! { <p class="notice failed" role="status">{text.t(context.lang)}</p> }.into_markup())
}

fn standalone(context: &RequestContext, page: Page, content: Markup) -> impl IntoView {
    view! {
        <main id="content" class="alone">
            <p class="brand">{logo().into_markup()} "Belfry"</p>
            {flash_message(context).into_markup()}
            {address_warning(context).map(|text| view! { <p class="notice failed" role="alert">{text}</p> })}
            <h1>{page.title}</h1>
            {content}
        </main>
    }
}

fn icon(drawing: &'static str) -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.700" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d=drawing></path>
        </svg>
    }
}

/// Whether a role can open a section.
fn is_offered(path: &str, role: Option<Role>) -> bool {
    match path {
        "settings" => role == Some(Role::Owner),
        CONVERSATIONS_PATH => role.is_none_or(Role::answers_conversations),
        _ => role.is_none_or(Role::sees_site),
    }
}

fn sections(
    lang: UiLanguage,
    base: &str,
    section: &str,
    role: Option<Role>,
) -> impl IntoView + use<> {
    let links = SECTIONS
        .iter()
        .filter(|(path, ..)| is_offered(path, role))
        .map(|(path, word, drawing)| {
            let href = if path.is_empty() { base.to_owned() } else { format!("{base}/{path}") };
            let here = (*path == section).then_some("page");
            view! { <li><a href=href aria-current=here>{icon(drawing).into_markup()} {word.t(lang)}</a></li> }
        })
        .collect_view();
    view! { <ul class="sections">{links}</ul> }
}

fn navigation(context: &RequestContext, page: &Page) -> impl IntoView + use<> {
    let lang = context.lang;
    let site = page.site.as_ref().map(|(base, name)| {
        view! {
            <p class="site" title=name.clone()>{name.clone()}</p>
            {sections(lang, base, page.section, page.role).into_markup()}
        }
    });
    let at_sites = (page.site.is_none() && page.section.is_empty()).then_some("page");
    let account = context.account.as_ref().map(|account| {
        view! {
            <div class="person">
                <a href="/console/account" aria-current=(page.section == "account").then_some("page")>
                    <span class="name">{account.name.clone()}</span>
                    <span class="address">{account.email.as_str().to_owned()}</span>
                </a>
                <form method="post" action="/console/sign-out">
                    {super::csrf_field(context)}
                    <button class="link">{phrases::SIGN_OUT.t(lang)}</button>
                </form>
            </div>
        }
    });
    view! {
        <ul class="sections">
            <li><a href="/console" aria-current=at_sites>{icon("M4 5h6v6H4zM14 5h6v6h-6zM4 15h6v4H4zM14 15h6v4h-6z").into_markup()} {SITES.t(lang)}</a></li>
        </ul>
        {site}
        {account}
    }
}

fn with_navigation(context: &RequestContext, page: Page, content: Markup) -> impl IntoView {
    let lang = context.lang;
    let (side, menu) =
        (navigation(context, &page).into_markup(), navigation(context, &page).into_markup());
    let Page { title, site, role, section, crumbs, actions, is_narrow, is_filling, .. } = page;
    let named = SECTIONS.iter().find(|(path, ..)| !section.is_empty() && *path == section);
    let mut trail: Vec<(String, String)> = site
        .iter()
        .flat_map(|(base, name)| {
            let section = named
                .map(|(path, word, _)| (format!("{base}/{path}"), word.t(lang).to_owned()))
                .filter(|(_, label)| *label != title);
            let own = role.is_none_or(Role::sees_site).then(|| (base.clone(), name.clone()));
            let own = own.filter(|_| section.is_some() || named.is_some());
            [Some(("/console".to_owned(), SITES.t(lang).to_owned())), own, section]
                .into_iter()
                .flatten()
        })
        .chain(crumbs)
        .collect();
    trail.dedup_by(|one, other| one.0 == other.0);
    let trail = (!trail.is_empty() && !is_filling).then(|| {
        let steps = trail
            .into_iter()
            .map(|(href, label)| view! { <li><a href=href>{label}</a></li> })
            .collect_view();
        view! { <nav class="crumbs" aria-label=phrases::YOU_ARE_HERE.t(lang)><ol>{steps}</ol></nav> }
    });
    let head = (!is_filling).then(|| {
        view! {
            <div class="head">
                <h1>{title}</h1>
                {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
            </div>
        }
    });
    view! {
        <header class="bar">
            <a class="brand" href="/console">{logo().into_markup()} "Belfry"</a>
            <details class="menu">
                <summary>{phrases::MENU.t(lang)}</summary>
                <nav aria-label=phrases::MENU.t(lang)>{menu}</nav>
            </details>
        </header>
        <div class="frame">
            <nav class="side" aria-label=phrases::MENU.t(lang)>
                <a class="brand" href="/console">{logo().into_markup()} "Belfry"</a>
                {side}
            </nav>
            <main id="content" class:narrow=is_narrow class:filling=is_filling tabindex="-1">
                {clock_warning(context)}
                {trail.into_markup()}
                {head}
                {flash_message(context).into_markup()}
                {content}
            </main>
        </div>
    }
}

#[cfg(test)]
mod tests;
