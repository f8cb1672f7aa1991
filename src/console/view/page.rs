//! The layout of pages: navigation, title, messages, and the error pages.

use crate::{
    console::{
        error::ConsoleError,
        error_translations,
        phrases::{self, Phrase, SITES, UiLanguage, words},
        request_context::{Member, RequestContext},
    },
    domain::{PausedWork, Role},
    web::{
        address::AddressProblem,
        document::deferred,
        html::{IntoMarkup, Markup},
    },
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

words! {
    SKIP: "Skip to content", "Перейти до вмісту";
    MENU: "Menu", "Меню";
    SIGN_OUT: "Sign out", "Вийти";
    YOU_ARE_HERE: "You are here", "Ви тут";
    OVERVIEW: "Overview", "Огляд";
    CONVERSATIONS: "Conversations", "Розмови";
    MESSAGES: "Messages", "Повідомлення";
    INBOXES: "Inboxes", "Скриньки";
    CONTACTS: "Contacts", "Контакти";
    SEGMENTS: "Segments", "Сегменти";
    THEMES: "Themes", "Теми";
    WEBHOOKS: "Webhooks", "Вебхуки";
    SETTINGS: "Settings", "Налаштування";
    INSTALL: "Installation", "Встановлення";
    MEMBERS: "Members", "Учасники";
    RECORD: "Audit log", "Журнал дій";
    NOT_FOUND: "Page not found", "Сторінку не знайдено";
    NOT_FOUND_TEXT: "The address is wrong, or the page belongs to a site you have no access to.", "Адреса хибна, або сторінка належить сайту, до якого ви не маєте доступу.";
    FORBIDDEN: "Your role does not allow this", "Ваша роль цього не дозволяє";
    FORBIDDEN_TEXT: "Ask an owner of the site to do it, or to change your role.", "Попросіть власника сайту зробити це або змінити вашу роль.";
    STALE: "This form has expired", "Термін дії цієї форми минув";
    STALE_TEXT: "Open the page again and repeat the change. Nothing was saved.", "Відкрийте сторінку знову й повторіть зміну. Нічого не збережено.";
    INSECURE: "This server’s address is {public}. Over plain http, browsers keep nobody signed in except on the machine itself: put an https proxy in front and start Belfry with its address as --public-url, or open http://localhost on the machine where it runs.", "Адреса цього сервера — {public}. За http браузери не зберігають вхід, окрім як на самій машині: поставте перед сервером проксі з https і запустіть Belfry з його адресою в --public-url або відкрийте http://localhost на машині, де він працює.";
    ELSEWHERE: "You opened {asked}, but this server’s address is {public}, and you can only sign in there. Start Belfry with an address that browsers reach over https as --public-url, or open {public} on the machine where it runs.", "Ви відкрили {asked}, але адреса цього сервера — {public}: увійти можна лише там. Запустіть Belfry з адресою, до якої браузери доходять за https, у --public-url або відкрийте {public} на машині, де він працює.";
    CLOCK_MINUTES: "The clock of this server has jumped ahead. Nothing is deleted until it has been stable for an hour: expired messages and sessions stay in the database, and readers are not affected. Check the server’s time; if it is right, no action is needed.", "Годинник цього сервера стрибнув уперед. Доки він не буде стабільним протягом години, нічого не видаляється: прострочені повідомлення й сеанси лишаються в базі, а читачі нічого не помічають. Перевірте час на сервері; якщо він правильний, робити нічого не треба.";
    CLOCK_DAYS: "The clock of this server has jumped ahead by more than a day. Until it has been stable for an hour, nothing is deleted, and no scheduled message is published or expires. Check the server’s time; if it is right, everything catches up automatically.", "Годинник цього сервера стрибнув уперед більш ніж на добу. Доки він не буде стабільним протягом години, нічого не видаляється, і жодне заплановане повідомлення не з’являється й не зникає. Перевірте час на сервері; якщо він правильний, усе надолужиться автоматично.";
    TOO_MANY: "Too many attempts", "Забагато спроб";
    TOO_MANY_TEXT: "Wait {seconds} seconds, then try again.", "Зачекайте {seconds} с і спробуйте знову.";
    UNREADABLE: "The request could not be completed", "Не вдалося виконати запит";
    BROKEN: "Something went wrong on our side", "Сталася помилка з нашого боку";
    BROKEN_TEXT: "Try again in a moment. See the server log for details.", "Спробуйте за мить. Подробиці — у журналі сервера.";
    OUTSIDE: "You followed a link from another site", "Ви перейшли за посиланням з іншого сайту";
    OUTSIDE_GO: "Continue to Belfry", "Перейти до Belfry";
    HOME: "Go to your sites", "До ваших сайтів";
}

/// The only section that agents see and viewers don't.
const CONVERSATIONS_PATH: &str = "conversations";

/// The sections of a site: path, name, icon (24 by 24, strokes). To add a page to the navigation,
/// add a line.
const SECTIONS: &[(&str, Phrase, &str)] = &[
    ("", OVERVIEW, "M4 12l8-8 8 8M6 10v10h12V10"),
    (CONVERSATIONS_PATH, CONVERSATIONS, "M4 5h16v11H11l-5 4v-4H4zM8 9h8M8 12h5"),
    ("messages", MESSAGES, "M4 6h16v12H4zM4 7l8 6 8-6"),
    ("contacts", CONTACTS, "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c1-4 4-5 7-5s6 1 7 5"),
    ("segments", SEGMENTS, "M12 4v8l6 5M12 4a8 8 0 1 0 6 13"),
    (
        "themes",
        THEMES,
        "M12 4a8 8 0 1 0 0 16c2 0 1-3 3-3h2c2 0 3-2 3-4 0-5-4-9-8-9zM8 11h.010M12 8h.010M16 11h.010",
    ),
    ("inboxes", INBOXES, "M4 13l3-8h10l3 8v6H4zM4 13h5l1 3h4l1-3h5"),
    ("webhooks", WEBHOOKS, "M9 8l3-4 3 4-4 8M5 14l-1 4h9M19 14l1 4h-5"),
    ("snippet", INSTALL, "M8 8l-4 4 4 4M16 8l4 4-4 4M13 6l-2 12"),
    (
        "members",
        MEMBERS,
        "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 19c1-4 3-5 6-5s5 1 6 5M16 5a3 3 0 0 1 0 6M18 14c2 1 3 2 3 5",
    ),
    ("settings", SETTINGS, "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4"),
    ("audit", RECORD, "M6 4h12v16H6zM9 9h6M9 13h6M9 17h3"),
];

/// A page without its content.
pub(in crate::console) struct Page {
    title: String,
    site: Option<(String, String)>,
    role: Option<Role>,
    section: &'static str,
    crumbs: Vec<(String, String)>,
    actions: Option<Markup>,
    narrow: bool,
    filling: bool,
    alone: bool,
}

impl Page {
    pub(in crate::console) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            site: None,
            role: None,
            section: "",
            crumbs: Vec::new(),
            actions: None,
            narrow: false,
            filling: false,
            alone: false,
        }
    }

    /// Replaces the title.
    pub(in crate::console) fn titled(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Puts the page on a site, in a section (`""` is the overview).
    pub(in crate::console) fn of(mut self, member: &Member, section: &'static str) -> Self {
        self.site = Some((member.path(""), member.site.name.clone()));
        self.role = Some(member.role);
        self.section = section;
        self
    }

    /// A page of the account: no site.
    pub(in crate::console) fn section(mut self, section: &'static str) -> Self {
        self.section = section;
        self
    }

    /// Adds a breadcrumb.
    pub(in crate::console) fn crumb(
        mut self,
        href: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        self.crumbs.push((href.into(), label.into()));
        self
    }

    /// Sets the buttons beside the title.
    pub(in crate::console) fn actions(mut self, actions: impl IntoView + 'static) -> Self {
        self.actions = Some(actions.into_markup());
        self
    }

    /// Narrow layout, for a single form.
    pub(in crate::console) fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    /// Fills the window and scrolls inside itself; has its own headings.
    pub(in crate::console) fn filling(mut self) -> Self {
        self.filling = true;
        self
    }

    /// Without navigation and centred: sign-in and the like.
    pub(in crate::console) fn alone(mut self) -> Self {
        self.alone = true;
        self
    }
}

/// Renders a page.
pub(in crate::console) fn page(
    visit: &RequestContext,
    page: Page,
    content: impl IntoView + 'static,
) -> Response {
    page_with(StatusCode::OK, visit, page, content)
}

/// Renders a page with another status, such as 422 for a form with errors.
pub(in crate::console) fn page_with(
    status: StatusCode,
    visit: &RequestContext,
    page: Page,
    content: impl IntoView + 'static,
) -> Response {
    let (visit, content) = (visit.clone(), content.into_markup());
    deferred(status, Box::new(move || document(&visit, page, content).into_markup()))
}

/// Renders a part of a page, for a script.
pub(in crate::console) fn fragment(content: Markup) -> Response {
    let html = content.to_html();
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], html)
        .into_response()
}

/// Renders an error page.
pub(in crate::console) fn error_page(visit: &RequestContext, error: &ConsoleError) -> Response {
    let lang = visit.lang;
    let (title, text) = match error {
        ConsoleError::NotFound | ConsoleError::SignIn => {
            (NOT_FOUND, NOT_FOUND_TEXT.t(lang).to_owned())
        }
        ConsoleError::Forbidden => (FORBIDDEN, FORBIDDEN_TEXT.t(lang).to_owned()),
        ConsoleError::Stale => (STALE, STALE_TEXT.t(lang).to_owned()),
        ConsoleError::TooMany(seconds) => {
            (TOO_MANY, TOO_MANY_TEXT.with(lang, &[("seconds", seconds)]))
        }
        ConsoleError::Unreadable(_, reason) => {
            (UNREADABLE, error_translations::translate(lang, reason))
        }
        ConsoleError::Broken(_) => (BROKEN, BROKEN_TEXT.t(lang).to_owned()),
    };
    let content = view! {
        <p>{text}</p>
        <p><a class="button" href="/console">{HOME.t(lang)}</a></p>
    };
    page_with(error.status(), visit, Page::new(title.t(lang)).alone(), content)
}

/// Shown after a link on another site. Navigating from here, the browser sends the session cookie;
/// a script does so at once.
pub(in crate::console) fn cross_site_page(visit: &RequestContext) -> Response {
    let lang = visit.lang;
    let content = view! { <p><a class="button accent" href="?from=outside" data-go-on="1">{OUTSIDE_GO.t(lang)}</a></p> };
    page(visit, Page::new(OUTSIDE.t(lang)).alone(), content)
}

fn document(visit: &RequestContext, page: Page, content: Markup) -> impl IntoView {
    let (lang, assets) = (visit.lang, visit.console.assets);
    let title = match &page.site {
        Some((_, site)) => format!("{} · {site} · Belfry", page.title),
        None => format!("{} · Belfry", page.title),
    };
    let body = if page.alone {
        standalone(visit, page, content).into_markup()
    } else {
        with_navigation(visit, page, content).into_markup()
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
                <script src=assets.script defer data-copied=phrases::COPIED.t(lang)></script>
            </head>
            <body>
                <a class="skip" href="#content">{SKIP.t(lang)}</a>
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

fn flash_message(visit: &RequestContext) -> impl IntoView + use<> {
    visit.flash.clone().map(|flash| {
        let class = if flash.failed { "notice failed" } else { "notice" };
        view! { <p class=class role="status">{flash.text}</p> }
    })
}

/// The warning about an address at which nobody can sign in.
fn address_warning(visit: &RequestContext) -> Option<String> {
    let public: &(dyn std::fmt::Display + Sync) = &visit.console.public_url;
    Some(match visit.address.as_ref()? {
        AddressProblem::Insecure => INSECURE.with(visit.lang, &[("public", public)]),
        AddressProblem::Elsewhere(asked) => {
            ELSEWHERE.with(visit.lang, &[("public", public), ("asked", asked)])
        }
    })
}

/// The warning about a doubted server clock, for operators.
fn clock_warning(visit: &RequestContext) -> Option<Markup> {
    let operator = visit.account.as_ref().is_some_and(|account| account.is_operator);
    let text = match visit.console.inbox.clock_watch().doubt().filter(|_| operator)? {
        PausedWork::Deletions => CLOCK_MINUTES,
        PausedWork::Everything => CLOCK_DAYS,
    };
    Some(view! { <p class="notice failed" role="status">{text.t(visit.lang)}</p> }.into_markup())
}

fn standalone(visit: &RequestContext, page: Page, content: Markup) -> impl IntoView {
    view! {
        <main id="content" class="alone">
            <p class="brand">{logo().into_markup()} "Belfry"</p>
            {flash_message(visit).into_markup()}
            {address_warning(visit).map(|text| view! { <p class="notice failed" role="alert">{text}</p> })}
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

fn navigation(visit: &RequestContext, page: &Page) -> impl IntoView + use<> {
    let lang = visit.lang;
    let site = page.site.as_ref().map(|(base, name)| {
        view! {
            <p class="site" title=name.clone()>{name.clone()}</p>
            {sections(lang, base, page.section, page.role).into_markup()}
        }
    });
    let at_sites = (page.site.is_none() && page.section.is_empty()).then_some("page");
    let account = visit.account.as_ref().map(|account| {
        view! {
            <div class="person">
                <a href="/console/account" aria-current=(page.section == "account").then_some("page")>
                    <span class="name">{account.name.clone()}</span>
                    <span class="address">{account.email.as_str().to_owned()}</span>
                </a>
                <form method="post" action="/console/sign-out">
                    {super::csrf_field(visit)}
                    <button class="link">{SIGN_OUT.t(lang)}</button>
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

fn with_navigation(visit: &RequestContext, page: Page, content: Markup) -> impl IntoView {
    let lang = visit.lang;
    let (side, menu) =
        (navigation(visit, &page).into_markup(), navigation(visit, &page).into_markup());
    let Page { title, site, role, section, crumbs, actions, narrow, filling, .. } = page;
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
    let trail = (!trail.is_empty() && !filling).then(|| {
        let steps = trail
            .into_iter()
            .map(|(href, label)| view! { <li><a href=href>{label}</a></li> })
            .collect_view();
        view! { <nav class="crumbs" aria-label=YOU_ARE_HERE.t(lang)><ol>{steps}</ol></nav> }
    });
    let head = (!filling).then(|| {
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
                <summary>{MENU.t(lang)}</summary>
                <nav aria-label=MENU.t(lang)>{menu}</nav>
            </details>
        </header>
        <div class="frame">
            <nav class="side" aria-label=MENU.t(lang)>
                <a class="brand" href="/console">{logo().into_markup()} "Belfry"</a>
                {side}
            </nav>
            <main id="content" class:narrow=narrow class:filling=filling tabindex="-1">
                {clock_warning(visit)}
                {trail.into_markup()}
                {head}
                {flash_message(visit).into_markup()}
                {content}
            </main>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_is_offered_what_it_may_open() {
        let offered = |role| {
            SECTIONS
                .iter()
                .map(|(path, ..)| *path)
                .filter(|path| is_offered(path, Some(role)))
                .collect::<Vec<_>>()
        };
        let all: Vec<_> = SECTIONS.iter().map(|(path, ..)| *path).collect();
        let without = |left: &[&str]| {
            all.iter().copied().filter(|path| !left.contains(path)).collect::<Vec<_>>()
        };
        assert_eq!(offered(Role::Agent), ["conversations"]);
        assert_eq!(offered(Role::Viewer), without(&["conversations", "settings"]));
        assert_eq!(offered(Role::Editor), without(&["settings"]));
        assert_eq!(offered(Role::Owner), all);
    }
}
