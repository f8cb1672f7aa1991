//! `belfry theme …`: the themes of a site.
//!
//! Only parsing and output happen here; [`belfry_theme`] decides what a valid theme is, and
//! [`belfry_app`] who may do what.

mod builtin;
mod check;
mod files;
mod report;
mod versions;

use super::{Common, Failure, serve::public_url, site::id};
use belfry_domain::{Origin, SiteId, ThemeVersion, ValidationError};
use clap::{Args, Subcommand};
use std::path::PathBuf;

const EXAMPLES: &str = "\
A theme has up to three files: bell.svg, the icon; card.svg, the design of a message; theme.css, style rules for the rest.

A built-in theme:
  belfry theme shipped
  belfry theme use SITE paper
  belfry theme use SITE standard

Your own theme, based on a built-in one:
  belfry theme export paper my-theme
  belfry theme check --card my-theme/card.svg
  belfry theme push SITE my-theme --public-url https://inbox.example
      stores it as the draft and prints preview links
  belfry theme publish SITE
      publishes the draft
  belfry theme rollback SITE 1
      publishes version 1 again; 0 is the standard look";

const CHECK_EXAMPLES: &str = "\
Examples:
  belfry theme check --bell bell.svg --card card.svg --css theme.css
  belfry theme check --card card.svg > cleaned.svg

Needs no database. Prints each compiled file on standard output (if there are several, each after a line such as `--- card.svg`),
and a line for each error and warning on standard error: card.svg:12:5: error: …
Exit codes: 0 valid (possibly with warnings), 1 invalid, 2 a file can't be read.";

const PUSH_EXAMPLES: &str = "\
Examples:
  belfry theme push SITE my-theme --public-url https://inbox.example
  belfry theme push SITE my-theme --publish

Reads bell.svg, card.svg and theme.css from the folder if they exist, and stores them as the draft, replacing the previous one.
Prints {\"version\":3,\"state\":\"draft\",…,\"preview\":{\"url\":\"…\",\"sites\":[\"…\"],\"expiresAt\":\"…\"}}. The links show the theme for one
week to anyone who has them. If the theme is rejected, nothing is changed.";

/// Themes.
#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum Theme {
    /// Check and compile files, and print the result; needs no database
    #[command(after_help = CHECK_EXAMPLES)]
    Check(check::Check),
    /// Upload a folder as the draft, and print preview links
    #[command(after_help = PUSH_EXAMPLES)]
    Push {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// Folder with bell.svg, card.svg and theme.css; at least one of them
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Publish it immediately
        #[arg(long)]
        publish: bool,
        #[command(flatten)]
        place: PreviewLinks,
    },
    /// Publish the draft
    Publish {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
    },
    /// Publish a built-in theme; `standard` is the standard look. It replaces a draft
    Use {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// Name of the theme, as `theme shipped` lists it, or `standard`
        #[arg(value_parser = builtin::parse_choice)]
        name: builtin::ThemeChoice,
    },
    /// List the built-in themes
    Shipped,
    /// Write a built-in theme to a new folder, as a starting point
    Export {
        /// Name of the theme, as `theme shipped` lists it
        #[arg(value_parser = builtin::parse_name)]
        name: &'static belfry_theme::builtin::BuiltinTheme,
        /// The folder to create
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// List the versions of a site, newest first; `inForce` 0 is the standard look
    List {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
    },
    /// Publish an earlier version again; 0 is the standard look
    Rollback {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The version, as `theme list` shows it
        #[arg(value_parser = target)]
        version: RollbackTarget,
    },
    /// Delete an unpublished version with its preview links
    Delete {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The version, as `theme list` shows it
        #[arg(value_parser = version)]
        version: ThemeVersion,
    },
    /// Print links that show a version to anyone who has them, for one week
    Preview {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The version [default: the draft, otherwise the published version]
        #[arg(value_parser = version)]
        version: Option<ThemeVersion>,
        #[command(flatten)]
        place: PreviewLinks,
    },
}

/// Base of preview links.
#[derive(Args)]
pub(super) struct PreviewLinks {
    /// Public URL of the server
    #[arg(long, env = "BELFRY_PUBLIC_URL", value_name = "URL", default_value = "http://127.0.0.1:3000", value_parser = public_url)]
    public_url: Origin,
}

/// A version, or `None` for the standard look.
#[derive(Debug, Clone, Copy)]
pub(super) struct RollbackTarget(Option<ThemeVersion>);

fn version(text: &str) -> Result<ThemeVersion, String> {
    text.parse().map_err(|invalid: ValidationError| invalid.reason.to_string())
}

fn target(text: &str) -> Result<RollbackTarget, String> {
    if text == "0" {
        Ok(RollbackTarget(None))
    } else {
        version(text).map(|version| RollbackTarget(Some(version)))
    }
}

pub(super) async fn run(common: &Common, command: Theme) -> Result<(), Failure> {
    match command {
        Theme::Check(check) => check::run(&check),
        Theme::Push { site, folder, publish, place } => {
            versions::push(common, site, files::read_folder(&folder)?, publish, &place.public_url)
                .await
        }
        Theme::Publish { site } => versions::publish(common, site).await,
        Theme::Use { site, name } => builtin::publish(common, site, name).await,
        Theme::Shipped => builtin::list(),
        Theme::Export { name, folder } => builtin::export(name, &folder),
        Theme::List { site } => versions::list(common, site).await,
        Theme::Rollback { site, version: RollbackTarget(to) } => {
            versions::roll_back(common, site, to).await
        }
        Theme::Delete { site, version } => versions::delete(common, site, version).await,
        Theme::Preview { site, version, place } => {
            versions::preview(common, site, version, &place.public_url).await
        }
    }
}
