//! The preview page of a theme: frames with the real widget, and links that change what they show.

use crate::preview_params::PreviewParams;
use belfry_domain::{Site, Theme, ThemeState};
use belfry_theme as theme;
use belfry_web::{
    document::{Document, nonce},
    html::IntoMarkup,
};
use leptos::prelude::*;

const STYLE: &str = belfry_assets::GALLERY_STYLE;

/// Data of the gallery.
pub(crate) struct GalleryView<'a> {
    pub(crate) site: &'a Site,
    /// The theme version.
    pub(crate) theme: &'a Theme,
    /// The query parameters.
    pub(crate) params: &'a PreviewParams,
}

/// One setting of the gallery: its query parameter, its label, and its values with their labels.
/// The first value is the default.
struct Control {
    key: &'static str,
    name: &'static str,
    options: &'static [(&'static str, &'static str)],
}

const CONTROLS: [Control; 8] = [
    Control { key: "count", name: "Count", options: &[("3", "3"), ("0", "0"), ("99", "99+")] },
    Control {
        key: "state",
        name: "Messages",
        options: &[("both", "Both"), ("unread", "Unread"), ("read", "Read")],
    },
    Control { key: "text", name: "Text", options: &[("usual", "Usual"), ("long", "Long")] },
    Control {
        key: "pictures",
        name: "Pictures",
        options: &[("some", "With"), ("none", "Without")],
    },
    Control {
        key: "direction",
        name: "Direction",
        options: &[("ltr", "Left to right"), ("rtl", "Right to left")],
    },
    Control {
        key: "scheme",
        name: "Page",
        options: &[("both", "Both"), ("light", "Light"), ("dark", "Dark")],
    },
    Control {
        key: "part",
        name: "Width",
        options: &[("both", "Both"), ("desktop", "Desktop"), ("phone", "Phone")],
    },
    Control { key: "look", name: "Look", options: &[("theme", "Theme"), ("standard", "Standard")] },
];

impl Control {
    /// The current value.
    fn value(&self, params: &PreviewParams) -> &'static str {
        let word = match self.key {
            "count" => &params.count,
            "state" => &params.state,
            "text" => &params.text,
            "pictures" => &params.pictures,
            "direction" => &params.direction,
            "scheme" => &params.scheme,
            "part" => &params.part,
            _ => &params.look,
        };
        let known = self.options.iter().find(|(option, _)| word.as_deref() == Some(option));
        known.or(self.options.first()).map_or("", |(option, _)| option)
    }
}

impl GalleryView<'_> {
    /// The current settings with some of them changed, as a query string. The link's secret
    /// consists of letters, digits and underscores, so it needs no escaping.
    fn query(&self, changes: &[(&str, &str)]) -> String {
        let mut query = format!("?link={}", self.link());
        for control in &CONTROLS {
            let other =
                changes.iter().find(|(key, _)| *key == control.key).map(|(_, value)| *value);
            let value = other.unwrap_or_else(|| control.value(self.params));
            query.extend(["&", control.key, "=", value]);
        }
        query
    }

    fn link(&self) -> &str {
        self.params.link.as_deref().unwrap_or_default()
    }

    fn value(&self, key: &str) -> &'static str {
        CONTROLS
            .iter()
            .find(|control| control.key == key)
            .map_or("", |control| control.value(self.params))
    }

    fn is_selected(&self, key: &str, value: &str) -> bool {
        matches!(self.value(key), chosen if chosen == value || chosen == "both")
    }

    fn frame(&self, title: String, changes: &[(&str, &str)]) -> impl IntoView + use<> {
        let address = format!("/embed/{}/preview/widget{}", self.site.id, self.query(changes));
        // The sandbox prevents navigation, forms and scripts, so buttons inside do nothing.
        view! { <iframe src=address title=title sandbox="allow-same-origin"></iframe> }
    }
}

pub(crate) fn gallery(view: &GalleryView<'_>) -> Document {
    let state = match view.theme.state {
        ThemeState::Draft => "draft",
        ThemeState::Published => "in force",
        ThemeState::Superseded => "former version",
    };
    let title = format!("{}: theme {}", view.site.name, view.theme.version);
    let schemes: Vec<&'static str> =
        ["light", "dark"].into_iter().filter(|scheme| view.is_selected("scheme", scheme)).collect();
    let widths: Vec<&'static str> =
        ["desktop", "phone"].into_iter().filter(|width| view.is_selected("part", width)).collect();
    let (name, shown) = (view.site.name.clone(), format!("Theme {}, {state}", view.theme.version));
    let (sites, controls, notes) = (sites(view), controls(view), notes(view));
    let bells = schemes.iter().map(|scheme| bells(view, scheme)).collect_view();
    let panels = widths.iter().flat_map(|width| schemes.iter().map(move |scheme| (width, scheme)));
    let panels = panels.map(|(width, scheme)| panel(view, width, scheme)).collect_view();
    let publish = format!("belfry theme publish {}", view.site.id);
    Box::new(move || {
        view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="robots" content="noindex" />
                    <title>{title}</title>
                    <style nonce=nonce() inner_html=STYLE></style>
                </head>
                <body>
                    <header class="bar">
                        <div class="top">
                            <h1>{name}</h1>
                            <span class="state">{shown}</span>
                            {sites}
                        </div>
                        {controls}
                    </header>
                    <main>
                        {notes}
                        <section>
                            <h2>"Bell"</h2>
                            <div class="bells">{bells}</div>
                        </section>
                        <section>
                            <h2>"Panel"</h2>
                            <div class="panels">
                                {panels}
                            </div>
                        </section>
                        <p class="hint">"Bring it into force with " <code>{publish}</code> " or " <code>"POST /v1/themes/publish"</code> ". Open widgets change at once; going back is one step, too."</p>
                    </main>
                </body>
            </html>
        }
        .into_markup()
    })
}

/// Links to the site's pages on which only the holder of the link sees the theme.
fn sites(view: &GalleryView<'_>) -> impl IntoView + use<> {
    let links = view
        .site
        .origins
        .iter()
        .map(|origin| {
            let address = format!("{origin}/#belfry-preview={}", view.link());
            let name = origin
                .as_str()
                .trim_start_matches("https://")
                .trim_start_matches("http://")
                .to_owned();
            view! { <a href=address target="_blank" rel="noopener noreferrer">{name}</a> }
        })
        .collect_view();
    view! { <nav class="sites" aria-label="See it on the site">"See it on my site" {links}</nav> }
}

fn controls(view: &GalleryView<'_>) -> impl IntoView + use<> {
    let controls = CONTROLS
        .iter()
        .map(|control| {
            let chosen = control.value(view.params);
            let options = control
                .options
                .iter()
                .map(|(value, name)| {
                    let current = (*value == chosen).then_some("true");
                    view! { <a href=view.query(&[(control.key, value)]) aria-current=current>{*name}</a> }
                })
                .collect_view();
            view! { <div class="control"><span id=control.key>{control.name}</span><div class="options" role="group" aria-labelledby=control.key>{options}</div></div> }
        })
        .collect_view();
    view! { <nav class="controls" aria-label="What is shown">{controls}</nav> }
}

fn bells(view: &GalleryView<'_>, scheme: &'static str) -> impl IntoView + use<> {
    [("0", "nothing new"), ("3", "three"), ("99", "many")]
        .map(|(count, name)| {
            let frame = view.frame(format!("Bell, {name}, on a {scheme} page"), &[("part", "bell"), ("count", count), ("scheme", scheme)]);
            view! { <figure class=format!("tile {scheme}")>{frame}<figcaption>{name}</figcaption></figure> }
        })
        .into_iter()
        .collect_view()
}

fn panel(
    view: &GalleryView<'_>,
    width: &'static str,
    scheme: &'static str,
) -> impl IntoView + use<> {
    let frame = view.frame(
        format!("Panel, {width}, on a {scheme} page"),
        &[("part", width), ("scheme", scheme)],
    );
    view! { <figure class=format!("stage {width} {scheme}")><figcaption>{format!("{width}, {scheme}")}</figcaption>{frame}</figure> }
}

/// The compiler's warnings.
fn notes(view: &GalleryView<'_>) -> Option<impl IntoView + use<>> {
    let problems = theme::stored_warnings(&view.theme.warnings);
    (!problems.is_empty()).then(|| {
        let lines = problems
            .into_iter()
            .map(|problem| {
                let place = format!("{}:{}:{} ", problem.file.name(), problem.line, problem.column);
                view! { <li><code class="where">{place}</code><b>{problem.what}</b>" "{problem.reason.to_string()}</li> }
            })
            .collect_view();
        view! { <section><h2>"Good to know"</h2><ul class="notes">{lines}</ul></section> }
    })
}
