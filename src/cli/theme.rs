//! `belfry theme …`: a site's look, from a designer's folder to its readers.
//!
//! What is decided here is only how it is said; what a theme may be is decided in [`crate::theme`], who may do what in
//! [`crate::inbox`].

mod check;
mod files;
mod report;
mod shipped;
mod wear;

use super::{Common, Failure, serve::public_url, site::id};
use crate::domain::{Invalid, Origin, SiteId, ThemeVersion};
use clap::{Args, Subcommand};
use std::path::PathBuf;

const EXAMPLES: &str = "\
A theme is up to three files: bell.svg, the icon; card.svg, how a message looks; theme.css, rules for the rest.

A theme that is there already:
  belfry theme shipped
  belfry theme use SITE paper
  belfry theme use SITE standard

One of your own, begun with one of those:
  belfry theme export paper my-theme
  belfry theme check --card my-theme/card.svg
  belfry theme push SITE my-theme --public-url https://inbox.example
      keeps it as the draft and prints links to look at it
  belfry theme publish SITE
      shows it to readers
  belfry theme rollback SITE 1
      shows version 1 again; 0 is the standard look";

const CHECK_EXAMPLES: &str = "\
Examples:
  belfry theme check --bell bell.svg --card card.svg --css theme.css
  belfry theme check --card card.svg > cleaned.svg

Needs no database. Prints what each file comes to on standard output (of several, each after a line such as `--- card.svg`), and a
line for each thing to mend (error) or to know (warning) on standard error: card.svg:12:5: error: …
Exit codes: 0 fine (warnings are), 1 refused, 2 a file can't be read.";

const PUSH_EXAMPLES: &str = "\
Examples:
  belfry theme push SITE my-theme --public-url https://inbox.example
  belfry theme push SITE my-theme --publish

Reads bell.svg, card.svg and theme.css from the folder, those that are there, and keeps them as the draft in place of the one before.
Prints {\"version\":3,\"state\":\"draft\",…,\"preview\":{\"url\":\"…\",\"sites\":[\"…\"],\"expiresAt\":\"…\"}}. The links show the theme for a week to
whoever has them. When it is refused, nothing is changed.";

/// What can be done with themes.
#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum Theme {
    /// Check files and print what they come to; no database is needed.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(check::Check),
    /// Upload a folder as the draft, and print links to look at it.
    #[command(after_help = PUSH_EXAMPLES)]
    Push {
        /// The site's id.
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The folder with bell.svg, card.svg and theme.css; at least one of them.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Show it to readers right away.
        #[arg(long)]
        publish: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Show the draft to readers.
    Publish {
        /// The site's id.
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
    },
    /// Show a theme that comes with Belfry to readers, at once; `standard` is the look without a theme. It takes a draft's place.
    Use {
        /// The site's id.
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// Its name, as `theme shipped` lists it, or `standard`.
        #[arg(value_parser = shipped::choice)]
        name: shipped::Choice,
    },
    /// List the themes that come with Belfry.
    Shipped,
    /// Write a theme that comes with Belfry into a new folder, to start from.
    Export {
        /// Its name, as `theme shipped` lists it.
        #[arg(value_parser = shipped::named)]
        name: &'static crate::theme::shipped::Shipped,
        /// The folder; it is made.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// List the versions of a site, newest first; `inForce` 0 is the standard look.
    List {
        /// The site's id.
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
    },
    /// Show a former version to readers again; 0 is the standard look.
    Rollback {
        /// The site's id.
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The version, as `theme list` shows it.
        #[arg(value_parser = target)]
        version: Target,
    },
    /// Delete a version that readers don't see, with its links.
    Delete {
        /// The site's id.
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The version, as `theme list` shows it.
        #[arg(value_parser = version)]
        version: ThemeVersion,
    },
    /// Print links that show a version, for a week, to whoever has them.
    Preview {
        /// The site's id.
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        /// The version [default: the draft, else the one in force].
        #[arg(value_parser = version)]
        version: Option<ThemeVersion>,
        #[command(flatten)]
        place: Place,
    },
}

/// Where links lead.
#[derive(Args)]
pub(super) struct Place {
    /// Where browsers reach Belfry.
    #[arg(long, env = "BELFRY_PUBLIC_URL", value_name = "URL", default_value = "http://127.0.0.1:3000", value_parser = public_url)]
    public_url: Origin,
}

/// A version, or the standard look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target(Option<ThemeVersion>);

fn version(text: &str) -> Result<ThemeVersion, String> {
    text.parse().map_err(|invalid: Invalid| invalid.reason)
}

fn target(text: &str) -> Result<Target, String> {
    if text == "0" { Ok(Target(None)) } else { version(text).map(|version| Target(Some(version))) }
}

pub(super) async fn run(common: &Common, command: Theme) -> Result<(), Failure> {
    match command {
        Theme::Check(check) => check::run(&check),
        Theme::Push { site, folder, publish, place } => wear::push(common, site, files::folder(&folder)?, publish, &place.public_url).await,
        Theme::Publish { site } => wear::publish(common, site).await,
        Theme::Use { site, name } => shipped::wear(common, site, name).await,
        Theme::Shipped => shipped::list(),
        Theme::Export { name, folder } => shipped::export(name, &folder),
        Theme::List { site } => wear::list(common, site).await,
        Theme::Rollback { site, version: Target(to) } => wear::roll_back(common, site, to).await,
        Theme::Delete { site, version } => wear::delete(common, site, version).await,
        Theme::Preview { site, version, place } => wear::preview(common, site, version, &place.public_url).await,
    }
}
