//! Built-in themes: list them, publish one, export one as a starting point.

use super::versions;
use crate::cli::{Common, Failure, database::with_app, output};
use belfry_api::ThemeView;
use belfry_app::ThemeUpload;
use belfry_domain::{SiteId, ThemeState};
use belfry_theme::builtin::{BUILTIN_THEMES, BuiltinTheme};
use serde_json::json;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A built-in theme, or `None` for the standard look.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct ThemeChoice(Option<&'static BuiltinTheme>);

/// Parses the name of a built-in theme.
pub(super) fn parse_name(text: &str) -> Result<&'static BuiltinTheme, String> {
    BuiltinTheme::by_name(text)
        .ok_or_else(|| format!("unknown built-in theme; available themes: {}", names()))
}

/// Parses the name of a built-in theme, or `standard`.
pub(super) fn parse_choice(text: &str) -> Result<ThemeChoice, String> {
    match text {
        "standard" => Ok(ThemeChoice(None)),
        _ => parse_name(text)
            .map(|shipped| ThemeChoice(Some(shipped)))
            .map_err(|reason| format!("{reason}, standard")),
    }
}

fn names() -> String {
    BUILTIN_THEMES.map(|shipped| shipped.name).join(", ")
}

pub(super) fn list() -> Result<(), Failure> {
    let widest = BUILTIN_THEMES.iter().map(|shipped| shipped.name.len()).max().unwrap_or_default();
    let lines: Vec<String> = BUILTIN_THEMES
        .iter()
        .map(|shipped| format!("{:widest$}  {}", shipped.name, shipped.description))
        .collect();
    output::print_text(&lines.join("\n"))
}

/// Publishes the theme. It is idempotent, so a script may repeat it.
pub(super) async fn publish(
    common: &Common,
    site: SiteId,
    ThemeChoice(choice): ThemeChoice,
) -> Result<(), Failure> {
    let Some(shipped) = choice else { return versions::roll_back(common, site, None).await };
    let mut files = ThemeUpload::default();
    for (file, text) in shipped.files() {
        *files.file_mut(file) = Some(text.as_bytes().to_vec());
    }
    let sheet = files.compile().ok().map(|compiled| compiled.stylesheet.name);
    let theme = with_app(common, async |inbox| {
        inbox.site(site).await.map_err(Failure::not_found("site"))?;
        let published = inbox
            .themes(site)
            .await?
            .into_iter()
            .find(|theme| theme.state == ThemeState::Published);
        if let Some(published) =
            published.filter(|published| Some(&published.stylesheet) == sheet.as_ref())
        {
            return Ok(published);
        }
        versions::upload(&inbox, site, files).await?;
        Ok(inbox.publish_theme(site).await?)
    })
    .await?;
    output::print_json(&ThemeView::from(theme))
}

pub(super) fn export(shipped: &BuiltinTheme, folder: &Path) -> Result<(), Failure> {
    fs::create_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::invalid(format!("{} already exists; name a new folder", folder.display()))
        }
        _ => unwritable(folder, &error),
    })?;
    let mut written: Vec<&str> = Vec::new();
    for (file, text) in shipped.files() {
        let path: PathBuf = folder.join(file.name());
        fs::write(&path, text).map_err(|error| unwritable(&path, &error))?;
        written.push(file.name());
    }
    output::print_json(
        &json!({ "theme": shipped.name, "folder": folder.to_string_lossy(), "files": written }),
    )
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("{} can't be written: {error}", path.display()))
}
