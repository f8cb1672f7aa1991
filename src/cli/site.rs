//! `belfry site …`.

use super::{
    Common, Failure,
    database::with_app,
    output,
    serve::{origin, public_url},
};
use belfry_app::AppError;
use belfry_content::snippet;
use belfry_domain::{InsertPosition, Language, Origin, SiteDraft, SiteId};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};

const CREATE_EXAMPLES: &str = "\
Example:
  belfry site create --name Shop --origin https://shop.example --origin https://www.shop.example --selector '#header'

Prints {\"site\":\"UUID\",\"api_key\":\"…\"}. The key is shown only once: keep it in your backend, not in a page.";

/// Sites.
#[derive(Subcommand)]
pub(super) enum Site {
    /// Create a site with its first API key
    #[command(after_help = CREATE_EXAMPLES)]
    Create {
        /// The site's name
        #[arg(long)]
        name: String,
        /// An origin (scheme, host and port) whose pages may show the widget; may be repeated
        #[arg(long = "origin", value_name = "URL", required = true, value_parser = origin)]
        origins: Vec<Origin>,
        #[command(flatten)]
        place: WidgetPlacement,
    },
    /// List all sites
    List,
    /// Change a site; options that are not given stay unchanged
    Update {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The site's name
        #[arg(long)]
        name: Option<String>,
        /// The origins that may show the widget, replacing the current ones
        #[arg(long = "origin", value_name = "URL", value_parser = origin)]
        origins: Vec<Origin>,
        #[command(flatten)]
        place: WidgetPlacement,
    },
    /// Print the snippet for the site's pages
    Snippet {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// Public URL of the server
        #[arg(long, env = "BELFRY_PUBLIC_URL", value_name = "URL", default_value = "http://127.0.0.1:3000", value_parser = public_url)]
        public_url: Origin,
    },
}

/// Position and language of the bell.
#[derive(Args)]
pub(super) struct WidgetPlacement {
    /// CSS selector of the element next to which the bell is placed [default: body]
    #[arg(long, value_name = "CSS")]
    selector: Option<String>,
    /// Position relative to that element: beforebegin, afterbegin, beforeend or afterend [default:
    /// beforeend]
    #[arg(long, value_name = "POSITION", value_parser = placement)]
    position: Option<InsertPosition>,
    /// Fallback language of messages and widget [default: en]
    #[arg(long, value_name = "TAG", value_parser = language)]
    language: Option<Language>,
}

/// Output of `create`; the key is in plaintext only here.
#[derive(Serialize)]
struct Created<'a> {
    site: SiteId,
    api_key: &'a str,
}

/// Parses a site's id.
pub(super) fn id(text: &str) -> Result<SiteId, String> {
    text.parse().map_err(|invalid: belfry_domain::ValidationError| invalid.reason.to_string())
}

fn placement(text: &str) -> Result<InsertPosition, String> {
    text.parse().map_err(|invalid: belfry_domain::ValidationError| invalid.reason.to_string())
}

fn language(text: &str) -> Result<Language, String> {
    text.parse().map_err(|invalid: belfry_domain::ValidationError| invalid.reason.to_string())
}

pub(super) async fn run(common: &Common, command: Site) -> Result<(), Failure> {
    match command {
        Site::Create { name, origins, place } => {
            let selector = place.selector.as_deref().unwrap_or("body");
            let language = place.language.unwrap_or_else(Language::english);
            let draft = SiteDraft::new(
                &name,
                origins,
                selector,
                place.position.unwrap_or_default(),
                language,
            )
            .map_err(Failure::invalid_flag)?;
            let (site, key) =
                with_app(common, async |inbox| Ok(inbox.create_site(draft).await?)).await?;
            output::print_json(&Created { site: site.id, api_key: key.reveal() })
        }
        Site::List => {
            let sites = with_app(common, async |inbox| Ok(inbox.sites().await?)).await?;
            output::print_json(&sites.iter().map(view).collect::<Vec<_>>())
        }
        Site::Update { site, name, origins, place } => {
            let updated = with_app(common, async |inbox| {
                let change = move |site: &belfry_domain::Site| {
                    SiteDraft::new(
                        name.as_deref().unwrap_or(&site.name),
                        if origins.is_empty() { site.origins.clone() } else { origins },
                        place.selector.as_deref().unwrap_or(&site.selector),
                        place.position.unwrap_or(site.placement),
                        place.language.unwrap_or_else(|| site.language.clone()),
                    )
                };
                inbox.update_site(site, change).await.map_err(|error| match error {
                    AppError::ValidationError(invalid) => Failure::invalid_flag(invalid),
                    other => Failure::not_found("site")(other),
                })
            })
            .await?;
            output::print_json(&view(&updated))
        }
        Site::Snippet { site, public_url } => {
            with_app(common, async |inbox| {
                inbox.site(site).await.map_err(Failure::not_found("site")).map(|_| ())
            })
            .await?;
            output::print_text(&snippet::with_options(site, &public_url))
        }
    }
}

fn view(site: &belfry_domain::Site) -> Value {
    json!({
        "site": site.id, "name": site.name, "origins": site.origins, "selector": site.selector, "position": site.placement,
        "language": site.language, "created_at": site.created_at.rfc3339(),
    })
}
