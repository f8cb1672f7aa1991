//! Layout of every page: head, header with the bell, demo bar, footer.

use crate::demo::{
    shop::{session::Session, snippet},
    visitor::VISITORS,
};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// Context of a page.
pub struct PageContext {
    /// The current session.
    pub session: Option<Session>,
    /// CSP nonce of the page's scripts.
    pub nonce: String,
    /// Text of the snippet's first script.
    pub loader: String,
    /// Path of the page, to return to it after an action.
    pub path: String,
    /// Title.
    pub title: String,
}

/// Renders a complete page.
pub fn document(context: PageContext, content: Markup) -> String {
    let PageContext { session, nonce, loader, path, title } = context;
    let notice = session.as_ref().and_then(|session| session.flash.clone());
    let failed = notice.as_ref().is_some_and(|notice| notice.is_error);
    let inbox = session.as_ref().map(|session| {
        view! {
            <script nonce=nonce.clone() inner_html=loader></script>
            <script nonce=nonce.clone() inner_html=snippet::init(session.visitor.language)></script>
        }
    });
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{title}</title>
                <link rel="icon" href="/pictures/favicon.svg"/>
                <link rel="stylesheet" href="/shop.css"/>
                {inbox}
                <script src="/shop.js" defer></script>
            </head>
            <body>
                <a class="skip" href="#content">"Skip to content"</a>
                {header(session.as_ref())}
                {demo_bar(session.as_ref(), &path)}
                <main id="content">{content}</main>
                {footer()}
                <p id="toast" class:failed=failed role="status">{notice.map(|notice| notice.text)}</p>
            </body>
        </html>
    }
    .to_html()
}

fn header(session: Option<&Session>) -> impl IntoView {
    let visitor = session.map(|session| session.visitor);
    view! {
        <header class="top">
            <div class="wide">
                <a class="logo" href="/">
                    <img src="/pictures/favicon.svg" width="32" height="32" alt=""/>
                    "Acme Shop"
                </a>
                <nav aria-label="Shop">
                    <a href="/">"Shop"</a>
                    <a href="/sale">"Sale"</a>
                    <a href="/orders">"Orders"</a>
                    <a href="/write">"Write to us"</a>
                </nav>
                <div class="corner">
                    {visitor
                        .map(|visitor| {
                            view! {
                                <span class="who">
                                    <span class="initial" aria-hidden="true">{visitor.first_name.chars().next().map(String::from)}</span>
                                    <span class="who-name">{visitor.first_name}</span>
                                </span>
                                <span id="bell"></span>
                            }
                        })}
                    <span class="cart" title="Your cart">
                        <svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                            <path d="M6 8h12l1 12H5zM9 8V6.500a3 3 0 0 1 6 0V8"></path>
                        </svg>
                        <span class="aside">"Things in your cart: "</span>
                        <span id="cart-count">"0"</span>
                    </span>
                </div>
            </div>
        </header>
    }
}

fn demo_bar(session: Option<&Session>, path: &str) -> impl IntoView {
    let path = path.to_owned();
    let controls = match session {
        Some(session) => view! {
            <p>
                "This is a demo, and you are "
                <strong>{session.visitor.first_name}</strong>
                {format!(", whose bell speaks {}. Press the button and watch it.", session.visitor.language_name)}
            </p>
            <div class="strip-forms">
                <form id="send" method="post" action="/send-me-something">
                    <input type="hidden" name="turn" value=session.sent_messages.to_string() autocomplete="off"/>
                    <input type="hidden" name="back" value=path/>
                    <button class="button">"Send me something"</button>
                </form>
                <form id="sign-out" method="post" action="/sign-out">
                    <button class="button plain">"Sign out"</button>
                </form>
            </div>
        }
        .into_markup(),
        None => view! {
            <p>"This is a demo: sign in as Anna or Olena, then press “Send me something”. The bell appears beside the name."</p>
            <div class="strip-forms">
                {VISITORS
                    .map(|visitor| {
                        view! {
                            <form method="post" action="/sign-in">
                                <input type="hidden" name="visitor" value=visitor.id/>
                                <input type="hidden" name="back" value=path.clone()/>
                                <button class="button">{format!("Sign in as {}", visitor.first_name)}</button>
                            </form>
                        }
                    })}
            </div>
        }
        .into_markup(),
    };
    view! { <aside class="strip" aria-label="About this demo"><div class="wide">{controls}</div></aside> }
}

fn footer() -> impl IntoView {
    view! {
        <footer class="bottom">
            <div class="wide">
                <div>
                    <p class="logo">"Acme Shop"</p>
                    <p class="muted">"A shop that sells nothing. It is here so that the bell has somewhere to hang."</p>
                </div>
                <div>
                    <h2>"Visit"</h2>
                    <p class="muted">"12 Mill Lane" <br/> "Open when the light is on"</p>
                </div>
                <div>
                    <h2>"Under the bell"</h2>
                    <p class="muted">"The inbox is served by Belfry from another origin. This page holds two lines of script."</p>
                </div>
            </div>
        </footer>
    }
}
