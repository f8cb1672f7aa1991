//! The shop's pages, rendered on the server. All text goes through the view, which escapes it.

mod layout;

use super::catalogue::{self, Order, PRODUCTS, Product, STEPS};
use crate::demo::visitor::Visitor;
pub use layout::{PageContext, document};
use leptos::prelude::*;

/// The front page.
pub fn storefront() -> impl IntoView {
    view! {
        <section class="hero">
            <div class="hero-text">
                <p class="eyebrow">"New this autumn"</p>
                <h1>"Good light, warm wool, and a quiet place to sit."</h1>
                <p class="lead">"Eight things for a calm home, made by people we know by name."</p>
                <p class="hero-links">
                    <a class="button" href="/product/lamp">"Meet the Halo lamp"</a>
                    <a class="quiet" href="/sale">"See the sale"</a>
                </p>
            </div>
            <img class="hero-picture" src="/pictures/hero.svg" width="640" height="520" alt="A lamp, a plant, a throw and a steaming mug on a sideboard by the window"/>
        </section>
        <ul class="promises">
            <li><strong>"Made to be repaired"</strong>" Every part can be ordered."</li>
            <li><strong>"Free returns"</strong>" Sixty days, no questions."</li>
            <li><strong>"Delivered by bicycle"</strong>" Wherever there is a road."</li>
        </ul>
        <section>
            <div class="section-head">
                <h2>"On our shelves"</h2>
                <a class="quiet" href="/sale">"Three on sale"</a>
            </div>
            {product_grid(PRODUCTS.iter())}
        </section>
    }
}

/// Products on sale.
pub fn sale() -> impl IntoView {
    view! {
        <header class="page-head">
            <p class="eyebrow">"Until the weekend is over"</p>
            <h1>"The quiet sale"</h1>
            <p class="lead">"No countdown, no balloons. Three good things cost less for three days."</p>
        </header>
        {product_grid(PRODUCTS.iter().filter(|product| product.former_price.is_some()))}
    }
}

/// A product.
pub fn product(product: &'static Product) -> impl IntoView {
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href="/">"Shop"</a>
            <span aria-hidden="true">"/"</span>
            <span aria-current="page">{product.name}</span>
        </nav>
        <article class="product">
            <img src=picture(product) width="480" height="360" alt=product.name/>
            <div>
                <p class="eyebrow">{product.kind}</p>
                <h1>{product.name}</h1>
                {price(product)}
                <p class="lead">{product.description}</p>
                <ul class="facts">{product.facts.map(|fact| view! { <li>{fact}</li> })}</ul>
                <form data-cart action=address(product)>
                    <button class="button">"Add to cart"</button>
                </form>
            </div>
        </article>
        <section>
            <div class="section-head">
                <h2>"Goes well with it"</h2>
            </div>
            {product_grid(PRODUCTS.iter().cycle().skip_while(move |other| *other != product).skip(1).take(4))}
        </section>
    }
}

/// A visitor's orders.
pub fn orders(visitor: &'static Visitor) -> impl IntoView {
    let rows: Vec<_> = catalogue::orders(visitor.id)
        .map(|order| {
            view! {
                <li>
                    <a class="order-row" href=format!("/orders/{}", order.number)>
                        {order.products.iter().filter_map(|slug| catalogue::product(slug)).take(1).map(thumbnail).collect_view()}
                        <span>
                            <strong>{format!("Order {}", order.number)}</strong>
                            <span class="muted">{order.status}</span>
                        </span>
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <header class="page-head">
            <p class="eyebrow">{format!("{} {}", visitor.first_name, visitor.last_name)}</p>
            <h1>"Your orders"</h1>
        </header>
        <ul class="orders">{rows}</ul>
    }
}

/// An order with its status.
pub fn order(order: &'static Order) -> impl IntoView {
    let products: Vec<&'static Product> =
        order.products.iter().filter_map(|slug| catalogue::product(slug)).collect();
    let total: u32 = products.iter().map(|product| product.price).sum();
    let steps: Vec<_> = STEPS
        .into_iter()
        .enumerate()
        .map(|(index, step)| {
            let class = if index < order.completed_steps { "done" } else { "to-come" };
            let current = (index + 1 == order.completed_steps).then_some("step");
            view! { <li class=class aria-current=current>{step}</li> }
        })
        .collect();
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href="/orders">"Orders"</a>
            <span aria-hidden="true">"/"</span>
            <span aria-current="page">{order.number}</span>
        </nav>
        <header class="page-head">
            <h1>{format!("Order {}", order.number)}</h1>
            <p class="lead">{order.status}</p>
        </header>
        <ol class="steps">{steps}</ol>
        <ul class="lines">
            {products
                .into_iter()
                .map(|product| {
                    view! {
                        <li>
                            {thumbnail(product)}
                            <span>
                                <a href=address(product)>{product.name}</a>
                                <span class="muted">{product.kind}</span>
                            </span>
                            <span class="amount">{euros(product.price)}</span>
                        </li>
                    }
                })
                .collect_view()}
            <li class="total">
                <span>"Total, delivery included"</span>
                <span class="amount">{euros(total)}</span>
            </li>
        </ul>
    }
}

/// Orders without a session.
pub fn sign_in_first() -> impl IntoView {
    view! {
        <header class="page-head">
            <h1>"Your orders"</h1>
            <p class="lead">"Sign in as Anna or Olena, above, to see where your parcels are."</p>
        </header>
    }
}

/// An error page with suggestions.
pub fn error_page(sentence: String) -> impl IntoView {
    view! {
        <header class="page-head">
            <h1>"Hm."</h1>
            <p class="lead">{sentence}</p>
        </header>
        {product_grid(PRODUCTS.iter().take(4))}
    }
}

fn product_grid(products: impl Iterator<Item = &'static Product>) -> impl IntoView {
    let cards: Vec<_> = products
        .map(|product| {
            view! {
                <li class="card">
                    <a href=address(product)>
                        <span class="card-picture">
                            <img src=picture(product) width="480" height="360" alt="" loading="lazy"/>
                            {product.former_price.map(|former| view! { <span class="tag">{format!("−{} %", (former - product.price) * 100 / former)}</span> })}
                        </span>
                        <span class="card-name">{product.name}</span>
                    </a>
                    <span class="muted">{product.kind}</span>
                    {price(product)}
                </li>
            }
        })
        .collect();
    view! { <ul class="shelf">{cards}</ul> }
}

fn thumbnail(product: &'static Product) -> impl IntoView {
    view! { <img class="thumbnail" src=picture(product) width="64" height="48" alt=""/> }
}

fn price(product: &'static Product) -> impl IntoView {
    view! {
        <p class="price">
            <span>{euros(product.price)}</span>
            {product
                .former_price
                .map(|former| {
                    view! {
                        <s>
                            <span class="aside">"before "</span>
                            {euros(former)}
                        </s>
                    }
                })}
        </p>
    }
}

fn picture(product: &Product) -> String {
    format!("/pictures/{}.svg", product.slug)
}

fn address(product: &Product) -> String {
    format!("/product/{}", product.slug)
}

fn euros(amount: u32) -> String {
    format!("€\u{a0}{amount}")
}
