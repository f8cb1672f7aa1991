//! Finished HTML as a part of a view.
//!
//! Where the branches of a view differ in type, Leptos' `into_any` keeps a value that can still be drawn in five ways: as a stream, in a browser,
//! again. Pages that are only ever written once, on the server, are written where they differ: that is a text, and megabytes less of code.
//! `console`, `demo` and `web::conversation` use it; what the browser goes on with (`widget`, `island`) must not.

use leptos::{children::ToChildren, prelude::RenderHtml, tachys::html::InertElement};

/// HTML that is written and escaped.
pub type Markup = InertElement;

/// What can be written now.
pub trait IntoMarkup {
    /// Writes it.
    fn into_markup(self) -> Markup;
}

impl<V: RenderHtml> IntoMarkup for V {
    fn into_markup(self) -> Markup {
        InertElement::new(self.to_html())
    }
}

/// What a component has around it in a view, to be written by the component.
pub struct MarkupChildren(Box<dyn FnOnce() -> Markup + Send>);

impl MarkupChildren {
    /// Writes it.
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
    fn text_is_escaped_once_and_nothing_stands_between() {
        let inner = view! { "<b>" <i title="\"">{"&".to_owned()}</i> }.into_markup();
        assert_eq!(view! { <Frame>"a" {inner} "z"</Frame> }.to_html(), r#"<p>a&lt;b&gt;<i title="&quot;">&amp;</i>z</p>"#);
        let [one, two] = [1, 2].map(|number| view! { <b>{number}</b> }.into_markup());
        assert_eq!(view! { <p>{one}{two}</p> }.to_html(), "<p><b>1</b><b>2</b></p>");
    }
}
