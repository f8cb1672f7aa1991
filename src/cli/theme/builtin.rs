//! Built-in themes: list them, publish one, export one as a starting point.

use super::versions;
use crate::{
    api::ThemeView,
    app::ThemeUpload,
    cli::{Common, Failure, database::with_inbox, output},
    domain::{SiteId, ThemeState},
    theme::builtin::{SHIPPED, Shipped},
};
use serde_json::json;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A built-in theme, or `None` for the standard look.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Choice(Option<&'static Shipped>);

/// Parses the name of a built-in theme.
pub(super) fn named(text: &str) -> Result<&'static Shipped, String> {
    Shipped::named(text).ok_or_else(|| format!("unknown built-in theme; available themes: {}", names()))
}

/// Parses the name of a built-in theme, or `standard`.
pub(super) fn choice(text: &str) -> Result<Choice, String> {
    match text {
        "standard" => Ok(Choice(None)),
        _ => named(text).map(|shipped| Choice(Some(shipped))).map_err(|reason| format!("{reason}, standard")),
    }
}

fn names() -> String {
    SHIPPED.map(|shipped| shipped.name).join(", ")
}

pub(super) fn list() -> Result<(), Failure> {
    let widest = SHIPPED.iter().map(|shipped| shipped.name.len()).max().unwrap_or_default();
    let lines: Vec<String> = SHIPPED.iter().map(|shipped| format!("{:widest$}  {}", shipped.name, shipped.description)).collect();
    output::plain(&lines.join("\n"))
}

/// Publishes the theme. It is idempotent, so a script may repeat it.
pub(super) async fn wear(common: &Common, site: SiteId, Choice(choice): Choice) -> Result<(), Failure> {
    let Some(shipped) = choice else { return versions::roll_back(common, site, None).await };
    let mut files = ThemeUpload::default();
    for (file, text) in shipped.files() {
        *files.file_mut(file) = Some(text.as_bytes().to_vec());
    }
    let sheet = files.compile().ok().map(|compiled| compiled.sheet.name);
    let theme = with_inbox(common, async |inbox| {
        inbox.site(site).await.map_err(Failure::absent("site"))?;
        let published = inbox.themes(site).await?.into_iter().find(|theme| theme.state == ThemeState::InForce);
        if let Some(published) = published.filter(|published| Some(&published.sheet) == sheet.as_ref()) {
            return Ok(published);
        }
        versions::upload(&inbox, site, files).await?;
        Ok(inbox.publish_theme(site).await?)
    })
    .await?;
    output::line(&ThemeView::from(theme))
}

pub(super) fn export(shipped: &Shipped, folder: &Path) -> Result<(), Failure> {
    fs::create_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::invalid(format!("{} already exists; name a new folder", folder.display())),
        _ => unwritable(folder, &error),
    })?;
    let mut written: Vec<&str> = Vec::new();
    for (file, text) in shipped.files() {
        let path: PathBuf = folder.join(file.name());
        fs::write(&path, text).map_err(|error| unwritable(&path, &error))?;
        written.push(file.name());
    }
    output::line(&json!({ "theme": shipped.name, "folder": folder.to_string_lossy(), "files": written }))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("{} can't be written: {error}", path.display()))
}
