//! Pre-rendered HTML as a part of a Leptos view.
//!
//! If the branches of a view differ in type, Leptos' `into_any` keeps a value that supports five
//! ways of rendering (streaming, hydration, updates …). Server-only pages are rendered to text at
//! that point instead, which saves megabytes of code. Called by `console`, `demo` and
//! `web::conversation`; must not be used by hydrated views (`widget`, `island`).

use leptos::{children::ToChildren, prelude::RenderHtml, tachys::html::InertElement};

/// Rendered and escaped HTML.
pub type Markup = InertElement;

/// A view that can be rendered to HTML.
pub trait IntoMarkup {
    /// Renders it.
    fn into_markup(self) -> Markup;
}

impl<V: RenderHtml> IntoMarkup for V {
    fn into_markup(self) -> Markup {
        InertElement::new(self.to_html())
    }
}

/// The children of a component, rendered by the component.
pub struct MarkupChildren(Box<dyn FnOnce() -> Markup + Send>);

impl MarkupChildren {
    /// Renders them.
    pub fn write(self) -> Markup {
        (self.0)()
    }
}

impl<F, V> ToChildren<F> for MarkupChildren
where
    F: FnOnce() -> V + Send + 'static,
    V: RenderHtml,
{
    fn to_children(view: F) -> Self {
        Self(Box::new(move || view().into_markup()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::prelude::*;

    #[component]
    fn Frame(children: MarkupChildren) -> impl IntoView {
        view! { <p>{children.write()}</p> }
    }

    #[test]
    fn text_is_escaped_once_without_markers() {
        let inner = view! { "<b>" <i title="\"">{"&".to_owned()}</i> }.into_markup();
        assert_eq!(
            view! { <Frame>"a" {inner} "z"</Frame> }.to_html(),
            r#"<p>a&lt;b&gt;<i title="&quot;">&amp;</i>z</p>"#
        );
        let [one, two] = [1, 2].map(|number| view! { <b>{number}</b> }.into_markup());
        assert_eq!(view! { <p>{one}{two}</p> }.to_html(), "<p><b>1</b><b>2</b></p>");
    }
}
