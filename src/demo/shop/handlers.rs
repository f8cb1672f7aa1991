//! The shop's request handlers.

use super::{
    Shop, catalogue,
    pages::{self, PageContext},
    session::{FlashMessage, random},
    snippet, write,
};
use crate::demo::visitor::Visitor;
use axum::{
    Form, Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use belfry_web::html::{IntoMarkup, Markup};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

type ShopState = State<Arc<Shop>>;

/// `GET /`.
pub async fn storefront(State(shop): ShopState, headers: HeaderMap) -> Response {
    page(&shop, &headers, StatusCode::OK, "/", "Things for a calm home", |_| {
        pages::storefront().into_markup()
    })
}

/// `GET /sale`.
pub async fn sale(State(shop): ShopState, headers: HeaderMap) -> Response {
    page(&shop, &headers, StatusCode::OK, "/sale", "The quiet sale", |_| {
        pages::sale().into_markup()
    })
}

/// `GET /product/{slug}`.
pub async fn product(
    State(shop): ShopState,
    headers: HeaderMap,
    Path(slug): Path<String>,
) -> Response {
    match catalogue::product(&slug) {
        Some(product) => page(
            &shop,
            &headers,
            StatusCode::OK,
            &format!("/product/{}", product.slug),
            product.name,
            |_| pages::product(product).into_markup(),
        ),
        None => not_found_page(
            &shop,
            &headers,
            format!("We don't sell “{slug}”. Perhaps one of these?"),
        ),
    }
}

/// `GET /orders`.
pub async fn orders(State(shop): ShopState, headers: HeaderMap) -> Response {
    page(&shop, &headers, StatusCode::OK, "/orders", "Your orders", |context| match context {
        Some(context) => pages::orders(context.visitor).into_markup(),
        None => pages::sign_in_first().into_markup(),
    })
}

/// `GET /orders/{number}`.
pub async fn order(
    State(shop): ShopState,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Response {
    let Some(session) = shop.sessions.get(&headers) else {
        return page(&shop, &headers, StatusCode::OK, "/orders", "Your orders", |_| {
            pages::sign_in_first().into_markup()
        });
    };
    match catalogue::order(&number, session.visitor.id) {
        Some(order) => page(
            &shop,
            &headers,
            StatusCode::OK,
            &format!("/orders/{}", order.number),
            &format!("Order {}", order.number),
            |_| pages::order(order).into_markup(),
        ),
        None => not_found_page(
            &shop,
            &headers,
            format!("There is no order “{number}” of {}.", session.visitor.first_name),
        ),
    }
}

/// `GET /write`.
pub async fn write(State(shop): ShopState, headers: HeaderMap) -> Response {
    page(&shop, &headers, StatusCode::OK, "/write", "Write to us", |context| {
        write::page(&shop.chat, &shop.belfry, context).into_markup()
    })
}

/// Any other path.
pub async fn not_found(State(shop): ShopState, headers: HeaderMap) -> Response {
    not_found_page(
        &shop,
        &headers,
        "This page is not on our shelves. Perhaps one of these?".to_owned(),
    )
}

#[derive(Deserialize)]
pub struct SignIn {
    visitor: String,
    #[serde(default)]
    back: String,
}

/// `POST /sign-in`. It takes a name without a password, since this is a demo.
pub async fn sign_in(
    State(shop): ShopState,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Response {
    let Some(visitor) = Visitor::find(&form.visitor) else {
        return page(&shop, &headers, StatusCode::BAD_REQUEST, "/", "Who is there?", |_| {
            pages::error_page(format!(
                "Nobody called “{}” shops here. Sign in as Anna or Olena.",
                form.visitor
            ))
            .into_markup()
        });
    };
    shop.sessions.end(&headers);
    let cookie = shop.sessions.begin(visitor, &*shop.rng);
    ([(header::SET_COOKIE, cookie)], redirect_to(&form.back)).into_response()
}

/// `POST /sign-out`.
pub async fn sign_out(State(shop): ShopState, headers: HeaderMap) -> Response {
    ([(header::SET_COOKIE, shop.sessions.end(&headers))], redirect_to("/")).into_response()
}

/// `GET /belfry-token`, called by the page's `getAuthTokenCallback`. The page takes the text of any
/// response as the token, so a response without a token has an empty body.
pub async fn belfry_token(State(shop): ShopState, headers: HeaderMap) -> Response {
    let Some(session) = shop.sessions.get(&headers) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    match shop.backend.token(session.visitor.id).await {
        Ok(token) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], token).into_response(),
        Err(error) => {
            tracing::warn!(%error, "the demo shop got no token");
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

#[derive(Deserialize)]
pub struct Send {
    #[serde(default)]
    turn: u32,
    #[serde(default)]
    back: String,
}

/// `POST /send-me-something`: publishes a message to the signed-in visitor. The shop's script asks
/// for JSON and stays on the page.
pub async fn send_me_something(
    State(shop): ShopState,
    headers: HeaderMap,
    Form(form): Form<Send>,
) -> Response {
    let Some(session) = shop.sessions.get(&headers) else {
        let text = "Sign in as Anna or Olena first: a message needs someone to read it.";
        return answer(
            &shop,
            &headers,
            StatusCode::UNAUTHORIZED,
            FlashMessage { is_error: true, text: text.to_owned() },
            None,
            &form.back,
        );
    };
    let count = u32::try_from(shop.demo_messages.len()).unwrap_or(u32::MAX).max(1);
    let Some(mut message) = usize::try_from(form.turn % count)
        .ok()
        .and_then(|index| shop.demo_messages.get(index))
        .cloned()
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Some(fields) = message.as_object_mut() {
        fields.insert(
            "audience".to_owned(),
            json!({ "contact": { "externalCustomerId": session.visitor.id } }),
        );
    }
    // The turn is in the form, so submitting the same form twice publishes the message once.
    match shop.backend.publish(&message, &format!("demo-{}-{}", session.label, form.turn)).await {
        Ok(()) => {
            let turn = shop.sessions.advance(&headers, form.turn);
            let notice = FlashMessage { is_error: false, text: "Sent. Watch the bell.".to_owned() };
            answer(&shop, &headers, StatusCode::OK, notice, Some(turn), &form.back)
        }
        Err(error) => answer(
            &shop,
            &headers,
            StatusCode::BAD_GATEWAY,
            FlashMessage { is_error: true, text: error.to_string() },
            None,
            &form.back,
        ),
    }
}

fn answer(
    shop: &Shop,
    headers: &HeaderMap,
    status: StatusCode,
    notice: FlashMessage,
    turn: Option<u32>,
    back: &str,
) -> Response {
    if headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json") {
        let mut body = json!({ "failed": notice.is_error, "text": notice.text });
        if let (Some(turn), Some(fields)) = (turn, body.as_object_mut()) {
            fields.insert("turn".to_owned(), turn.into());
        }
        return (status, Json(body)).into_response();
    }
    if shop.sessions.get(headers).is_none() {
        return page(shop, headers, status, "/", "Sign in first", |_| {
            pages::error_page(notice.text).into_markup()
        });
    }
    shop.sessions.set_flash(headers, notice);
    redirect_to(back)
}

/// Redirects to a page of the shop; any other target becomes the front page.
fn redirect_to(path: &str) -> Response {
    let inside = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let target = if inside && path.parse::<Uri>().is_ok() { path } else { "/" };
    (StatusCode::SEE_OTHER, [(header::LOCATION, target.to_owned())]).into_response()
}

fn not_found_page(shop: &Shop, headers: &HeaderMap, sentence: String) -> Response {
    page(shop, headers, StatusCode::NOT_FOUND, "/", "Not found", |_| {
        pages::error_page(sentence).into_markup()
    })
}

fn page(
    shop: &Shop,
    headers: &HeaderMap,
    status: StatusCode,
    path: &str,
    title: &str,
    content: impl FnOnce(Option<&super::session::Session>) -> Markup,
) -> Response {
    let session = shop.sessions.take_flash(headers);
    let nonce = random(&*shop.rng);
    let policy = snippet::policy(&shop.belfry, &nonce);
    let content = content(session.as_ref());
    let loader = snippet::loader(&shop.belfry, shop.site);
    let html = pages::document(
        PageContext {
            session,
            nonce,
            loader,
            path: path.to_owned(),
            title: format!("{title} · Acme Shop"),
        },
        content,
    );
    (status, [(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}
