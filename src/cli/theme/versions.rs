//! Theme versions of a site: upload, preview, publish, roll back.

use super::report;
use crate::cli::{Common, Failure, database::with_app, output};
use belfry_api::{PreviewView, PublishedView, ThemeView, ThemesView};
use belfry_app::{App, AppError, ThemeUpload};
use belfry_domain::{Origin, SiteId, Theme, ThemeState, ThemeVersion};
use belfry_theme::stored_warnings;
use serde::Serialize;
use serde_json::json;

/// Output of `push`: the version and its preview links.
#[derive(Serialize)]
struct Pushed {
    #[serde(flatten)]
    theme: ThemeView,
    preview: PreviewView,
}

/// Stores the files as the draft, and prints errors and warnings.
pub(super) async fn upload(app: &App, site: SiteId, upload: ThemeUpload) -> Result<Theme, Failure> {
    match app.upload_theme(site, upload).await {
        Err(AppError::ThemeRejected(refusal)) => {
            report::print_diagnostics(&refusal.problems, &refusal.warnings);
            Err(Failure::failed("the theme was rejected; nothing was changed"))
        }
        other => other.map_err(Failure::not_found("site")),
    }
}

pub(super) async fn push(
    common: &Common,
    site: SiteId,
    files: ThemeUpload,
    publish: bool,
    public_url: &Origin,
) -> Result<(), Failure> {
    let pushed = with_app(common, async |inbox| {
        let mut theme = upload(&inbox, site, files).await?;
        report::print_diagnostics(&[], &stored_warnings(&theme.warnings));
        if publish {
            theme = inbox.publish_theme(site).await?;
        }
        let preview = link(&inbox, site, theme.version, public_url).await?;
        Ok(Pushed { theme: theme.into(), preview })
    })
    .await?;
    output::print_json(&pushed)
}

pub(super) async fn publish(common: &Common, site: SiteId) -> Result<(), Failure> {
    let theme = with_app(common, async |inbox| {
        inbox.site(site).await.map_err(Failure::not_found("site"))?;
        Ok(inbox.publish_theme(site).await?)
    })
    .await?;
    output::print_json(&ThemeView::from(theme))
}

pub(super) async fn list(common: &Common, site: SiteId) -> Result<(), Failure> {
    let themes = with_app(common, async |inbox| {
        inbox.site(site).await.map_err(Failure::not_found("site"))?;
        Ok(inbox.themes(site).await?)
    })
    .await?;
    output::print_json(&ThemesView::from(themes))
}

pub(super) async fn roll_back(
    common: &Common,
    site: SiteId,
    to: Option<ThemeVersion>,
) -> Result<(), Failure> {
    let theme = with_app(common, async |inbox| {
        inbox.site(site).await.map_err(Failure::not_found("site"))?;
        inbox.roll_back_theme(site, to).await.map_err(Failure::not_found("version"))
    })
    .await?;
    output::print_json(&PublishedView::from(theme))
}

pub(super) async fn delete(
    common: &Common,
    site: SiteId,
    version: ThemeVersion,
) -> Result<(), Failure> {
    with_app(common, async |inbox| {
        inbox.delete_theme(site, version).await.map_err(Failure::not_found("version"))
    })
    .await?;
    output::print_json(&json!({ "version": version, "deleted": true }))
}

pub(super) async fn preview(
    common: &Common,
    site: SiteId,
    version: Option<ThemeVersion>,
    public_url: &Origin,
) -> Result<(), Failure> {
    let preview = with_app(common, async |inbox| {
        let version = match version {
            Some(version) => version,
            None => default_version(&inbox, site).await?,
        };
        link(&inbox, site, version, public_url).await
    })
    .await?;
    output::print_json(&preview)
}

/// The draft, otherwise the published version.
async fn default_version(app: &App, site: SiteId) -> Result<ThemeVersion, Failure> {
    app.site(site).await.map_err(Failure::not_found("site"))?;
    let themes = app.themes(site).await?;
    let version_in =
        |state| themes.iter().find(|theme| theme.state == state).map(|theme| theme.version);
    version_in(ThemeState::Draft).or(version_in(ThemeState::Published)).ok_or_else(|| {
        Failure::failed("there is no draft, and the standard look is published; name a version, or upload a theme with `belfry theme push`")
    })
}

async fn link(
    app: &App,
    site: SiteId,
    version: ThemeVersion,
    public_url: &Origin,
) -> Result<PreviewView, Failure> {
    let site = app.site(site).await.map_err(Failure::not_found("site"))?;
    let (secret, link) =
        app.create_preview_link(site.id, version).await.map_err(Failure::not_found("version"))?;
    Ok(PreviewView::new(public_url, &site, &secret, &link))
}
