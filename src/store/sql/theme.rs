//! Themes: versions with their files, the published version, and preview links.

mod preview_link;

#[cfg(test)]
pub(super) use preview_link::PREVIEW_LINK;
pub(super) use preview_link::{add_preview_link, preview_link};

use super::write_tx::WriteTx;
use crate::{
    Conflict, DeleteThemeOutcome, MAX_THEME_VERSIONS, Result, RollbackOutcome, StoreError,
    db::{Columns, Connection, Row, query, query_scalar},
};
use belfry_domain::{
    InboxEvent, SiteId, Theme, ThemeDraft, ThemeFile, ThemeParts, ThemeSources, ThemeState,
    ThemeVersion, Timestamp, ValidationError,
};
use belfry_locales::phrases::errors;
use std::sync::Arc;

pub(super) const ONE: &str =
    "SELECT site_id, version, state, first_css, sheet_file, warnings, bell IS NOT NULL, card IS NOT NULL, css IS NOT NULL, created_at, published_at
     FROM theme WHERE site_id = ?1 AND version = ?2";
pub(super) const ALL: &str =
    "SELECT site_id, version, state, first_css, sheet_file, warnings, bell IS NOT NULL, card IS NOT NULL, css IS NOT NULL, created_at, published_at
     FROM theme WHERE site_id = ?1 ORDER BY version DESC";
pub(super) const DRAFT: &str = "SELECT version FROM theme WHERE site_id = ?1 AND state = 0";
pub(super) const PUBLISHED: &str = "SELECT version FROM theme WHERE site_id = ?1 AND state = 1";
pub(super) const FILE: &str =
    "SELECT name, content_type, body FROM theme_file WHERE site_id = ?1 AND name = ?2";
pub(super) const FILES: &str =
    "SELECT file.name, file.content_type, file.body FROM theme_file_use AS used
     CROSS JOIN theme_file AS file ON file.site_id = used.site_id AND file.name = used.name
     WHERE used.site_id = ?1 AND used.version = ?2 ORDER BY file.name";
/// Deletes the files that only this version uses.
pub(super) const DELETE_FILES: &str = "DELETE FROM theme_file WHERE site_id = ?1
     AND name IN (SELECT name FROM theme_file_use WHERE site_id = ?1 AND version = ?2)
     AND NOT EXISTS (SELECT 1 FROM theme_file_use AS other WHERE other.site_id = ?1 AND other.name = theme_file.name AND other.version <> ?2)";
fn state(columns: &mut Columns<'_>) -> Result<ThemeState> {
    match columns.value::<i64>()? {
        0 => Ok(ThemeState::Draft),
        1 => Ok(ThemeState::Published),
        2 => Ok(ThemeState::Superseded),
        other => Err(StoreError::Inconsistent(format!("unknown theme state {other}"))),
    }
}

fn theme_of(row: &Row) -> Result<Theme> {
    let mut columns = Columns::new(row);
    Ok(Theme {
        site: columns.site()?,
        version: columns.theme()?,
        state: state(&mut columns)?,
        critical_css: columns.value()?,
        stylesheet: columns.value()?,
        warnings: columns.value()?,
        parts: ThemeParts { bell: columns.value()?, card: columns.value()?, css: columns.value()? },
        created_at: columns.time()?,
        published_at: columns.maybe_time()?,
    })
}

fn file_of(row: &Row) -> Result<ThemeFile> {
    let mut columns = Columns::new(row);
    Ok(ThemeFile {
        name: columns.value()?,
        content_type: columns.parse()?,
        body: Arc::from(columns.value::<&str>()?),
    })
}

pub(super) async fn all(connection: &mut Connection, site: SiteId) -> Result<Vec<Theme>> {
    query(ALL).bind(site.as_bytes()).fetch_all(connection).await?.iter().map(theme_of).collect()
}

pub(super) async fn one(
    connection: &mut Connection,
    site: SiteId,
    version: ThemeVersion,
) -> Result<Option<Theme>> {
    query(ONE)
        .bind(site.as_bytes())
        .bind(version.0)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(theme_of)
        .transpose()
}

pub(super) async fn sources(
    connection: &mut Connection,
    site: SiteId,
    version: ThemeVersion,
) -> Result<Option<ThemeSources>> {
    let row = query("SELECT bell, card, css FROM theme WHERE site_id = ?1 AND version = ?2")
        .bind(site.as_bytes())
        .bind(version.0)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    Ok(Some(ThemeSources { bell: columns.value()?, card: columns.value()?, css: columns.value()? }))
}

pub(super) async fn file(
    connection: &mut Connection,
    site: SiteId,
    name: &str,
) -> Result<Option<ThemeFile>> {
    query(FILE)
        .bind(site.as_bytes())
        .bind(name)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(file_of)
        .transpose()
}

async fn version_by(
    connection: &mut Connection,
    statement: &'static str,
    site: SiteId,
) -> Result<Option<ThemeVersion>> {
    let row = query(statement).bind(site.as_bytes()).fetch_optional(connection).await?;
    row.map(|row| Columns::new(&row).theme()).transpose()
}

pub(super) async fn store_draft_if(
    tx: &mut WriteTx,
    site: SiteId,
    former: Option<ThemeVersion>,
    draft: ThemeDraft,
    now: Timestamp,
) -> Result<Option<Theme>> {
    if version_by(&mut tx.connection, DRAFT, site).await? != former {
        return Ok(None);
    }
    store_draft(tx, site, draft, now).await.map(Some)
}

pub(super) async fn store_draft(
    tx: &mut WriteTx,
    site: SiteId,
    mut draft: ThemeDraft,
    now: Timestamp,
) -> Result<Theme> {
    draft.files.sort_by(|one, two| one.name.cmp(&two.name));
    draft.files.dedup();
    if let Some(former) = version_by(&mut tx.connection, DRAFT, site).await? {
        if let Some(theme) = unchanged_draft(&mut tx.connection, site, former, &draft).await? {
            return Ok(theme);
        }
        remove(tx, site, former).await?;
    }
    let count: u32 = query_scalar("SELECT count(*) FROM theme WHERE site_id = ?1")
        .bind(site.as_bytes())
        .fetch_one(&mut tx.connection)
        .await?;
    if count >= MAX_THEME_VERSIONS {
        return Err(StoreError::Limit(ValidationError::new(
            "",
            errors::too_many_theme_versions(MAX_THEME_VERSIONS),
        )));
    }
    let counted = query(
        "UPDATE site SET last_theme_version = last_theme_version + 1 WHERE id = ?1 RETURNING last_theme_version",
    )
    .bind(site.as_bytes())
    .fetch_optional(&mut tx.connection)
    .await?;
    let counted = counted.ok_or(Conflict::UnknownSite)?;
    let version = Columns::new(&counted).theme()?;
    tx.set_subject(version);
    let ThemeDraft { sources, critical_css, stylesheet, files, warnings } = draft;
    query(
        "INSERT INTO theme (site_id, version, state, created_at, sheet_file, warnings, first_css, bell, card, css)
         VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .bind(site.as_bytes())
    .bind(version.0)
    .bind(now.millis())
    .bind(&stylesheet)
    .bind(&warnings)
    .bind(&critical_css)
    .bind(&sources.bell)
    .bind(&sources.card)
    .bind(&sources.css)
    .execute(&mut tx.connection)
    .await?;
    for file in &files {
        store_file(tx, site, version, file).await?;
    }
    let (state, has) = (ThemeState::Draft, sources.parts());
    Ok(Theme {
        site,
        version,
        state,
        critical_css,
        stylesheet,
        warnings,
        parts: has,
        created_at: now,
        published_at: None,
    })
}

/// The draft, if the upload equals it.
async fn unchanged_draft(
    connection: &mut Connection,
    site: SiteId,
    version: ThemeVersion,
    draft: &ThemeDraft,
) -> Result<Option<Theme>> {
    let Some(theme) = one(connection, site, version).await? else { return Ok(None) };
    if (&theme.critical_css, &theme.stylesheet, &theme.warnings)
        != (&draft.critical_css, &draft.stylesheet, &draft.warnings)
        || sources(connection, site, version).await?.as_ref() != Some(&draft.sources)
    {
        return Ok(None);
    }
    let rows = query(FILES).bind(site.as_bytes()).bind(version.0).fetch_all(connection).await?;
    let files: Vec<_> = rows.iter().map(file_of).collect::<Result<_>>()?;
    Ok((files == draft.files).then_some(theme))
}

async fn store_file(
    tx: &mut WriteTx,
    site: SiteId,
    version: ThemeVersion,
    wanted: &ThemeFile,
) -> Result<()> {
    match file(&mut tx.connection, site, &wanted.name).await? {
        Some(known) if known == *wanted => {}
        // Replacing the body would change another version that uses the file.
        Some(_) => {
            return Err(StoreError::Inconsistent(format!(
                "two files of a theme have the name {}",
                wanted.name
            )));
        }
        None => {
            query("INSERT INTO theme_file (site_id, name, content_type, body) VALUES (?1, ?2, ?3, ?4)")
                .bind(site.as_bytes())
                .bind(&wanted.name)
                .bind(wanted.content_type.as_str())
                .bind(&*wanted.body)
                .execute(&mut tx.connection)
                .await?;
        }
    }
    query("INSERT INTO theme_file_use (site_id, version, name) VALUES (?1, ?2, ?3)")
        .bind(site.as_bytes())
        .bind(version.0)
        .bind(&wanted.name)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// Deletes a version with its preview links and the files that only it uses.
async fn remove(tx: &mut WriteTx, site: SiteId, version: ThemeVersion) -> Result<()> {
    for statement in [DELETE_FILES, "DELETE FROM theme WHERE site_id = ?1 AND version = ?2"] {
        query(statement).bind(site.as_bytes()).bind(version.0).execute(&mut tx.connection).await?;
    }
    Ok(())
}

pub(super) async fn publish(
    tx: &mut WriteTx,
    site: SiteId,
    now: Timestamp,
) -> Result<Option<Theme>> {
    match version_by(&mut tx.connection, DRAFT, site).await? {
        Some(draft) => {
            tx.set_subject(draft);
            set_published(tx, site, Some(draft), now).await
        }
        None => Ok(None),
    }
}

pub(super) async fn roll_back(
    tx: &mut WriteTx,
    site: SiteId,
    to: Option<ThemeVersion>,
    now: Timestamp,
) -> Result<RollbackOutcome> {
    if let Some(version) = to {
        match one(&mut tx.connection, site, version).await? {
            None => return Ok(RollbackOutcome::Unknown),
            Some(theme) => match theme.state {
                ThemeState::Draft => return Ok(RollbackOutcome::Draft),
                ThemeState::Published => return Ok(RollbackOutcome::Unchanged(Some(theme))),
                ThemeState::Superseded => {}
            },
        }
    } else if version_by(&mut tx.connection, PUBLISHED, site).await?.is_none() {
        return Ok(RollbackOutcome::Unchanged(None));
    }
    Ok(RollbackOutcome::Done(set_published(tx, site, to, now).await?))
}

/// Publishes a version, or the default appearance, and publishes the event.
async fn set_published(
    tx: &mut WriteTx,
    site: SiteId,
    to: Option<ThemeVersion>,
    now: Timestamp,
) -> Result<Option<Theme>> {
    // In this order: a unique index rejects two published versions.
    query("UPDATE theme SET state = 2 WHERE site_id = ?1 AND state = 1")
        .bind(site.as_bytes())
        .execute(&mut tx.connection)
        .await?;
    query("UPDATE theme SET state = 1, published_at = ?3 WHERE site_id = ?1 AND version = ?2")
        .bind(site.as_bytes())
        .bind(to.map(|version| version.0))
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    // The version is incremented so that other processes notice the change.
    let number = query_scalar(
        "UPDATE site SET theme_version = ?2, version = version + 1 WHERE id = ?1 RETURNING version",
    )
    .bind(site.as_bytes())
    .bind(to.map(|version| version.0))
    .fetch_optional(&mut tx.connection)
    .await?;
    tx.record_version(site, number)?;
    let theme = match to {
        Some(version) => one(&mut tx.connection, site, version).await?,
        None => None,
    };
    tx.publish(InboxEvent::ThemeChanged {
        site,
        theme: to,
        stylesheet: theme.as_ref().map(|theme| theme.stylesheet.clone()),
    });
    Ok(theme)
}

pub(super) async fn delete(
    tx: &mut WriteTx,
    site: SiteId,
    version: ThemeVersion,
) -> Result<DeleteThemeOutcome> {
    match one(&mut tx.connection, site, version).await?.map(|theme| theme.state) {
        None => Ok(DeleteThemeOutcome::Unknown),
        Some(ThemeState::Published) => Ok(DeleteThemeOutcome::Published),
        Some(ThemeState::Draft | ThemeState::Superseded) => {
            remove(tx, site, version).await.map(|()| DeleteThemeOutcome::Done)
        }
    }
}
