//! Themes: one draft, one published version, superseded versions, and preview links.

use super::{App, AppError, PREVIEW_LINK_TTL};
use belfry_domain::{
    Digest, PreviewLink, Secret, SecretKind, SiteId, Theme, ThemeDraft, ThemeFile, ThemeFileType,
    ThemeSources, ThemeVersion,
};
use belfry_runtime::blocking::BlockingPool;
use belfry_store::{DeleteThemeOutcome, RollbackOutcome, StoreError};
use belfry_theme::{Artifact, CompiledTheme, Diagnostics, File};

/// Concurrent compilations. Each takes a core for some milliseconds; a queue of them must not take
/// all cores.
static COMPILATION: BlockingPool = BlockingPool::new(2);

/// The uploaded files of a theme; any may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThemeUpload {
    /// `bell.svg`.
    pub bell: Option<Vec<u8>>,
    /// `card.svg`.
    pub card: Option<Vec<u8>>,
    /// `theme.css`.
    pub css: Option<Vec<u8>>,
}

impl ThemeUpload {
    /// The slot of one file.
    pub fn file_mut(&mut self, file: File) -> &mut Option<Vec<u8>> {
        match file {
            File::Bell => &mut self.bell,
            File::Card => &mut self.card,
            File::Css => &mut self.css,
        }
    }

    /// Validates and compiles the files. Takes a core for some milliseconds.
    pub fn compile(&self) -> Result<CompiledTheme, Diagnostics> {
        belfry_theme::compile(&belfry_theme::Upload {
            bell: self.bell.as_deref(),
            card: self.card.as_deref(),
            css: self.css.as_deref(),
        })
    }
}

impl App {
    /// Validates and compiles an upload and stores it as the draft, replacing the former one. A
    /// rejected upload changes nothing.
    pub async fn upload_theme(&self, site: SiteId, upload: ThemeUpload) -> Result<Theme, AppError> {
        let draft = self.compile_theme(site, upload).await?;
        self.store_theme_draft(site, &draft).await
    }

    /// Like [`Self::upload_theme`], if the current draft is still `former` (`None`: no draft);
    /// otherwise returns `None`.
    pub async fn replace_theme_draft(
        &self,
        site: SiteId,
        former: Option<ThemeVersion>,
        upload: ThemeUpload,
    ) -> Result<Option<Theme>, AppError> {
        let draft = self.compile_theme(site, upload).await?;
        Ok(self.store.replace_draft(site, former, &draft, self.now()).await?)
    }

    async fn compile_theme(
        &self,
        site: SiteId,
        upload: ThemeUpload,
    ) -> Result<ThemeDraft, AppError> {
        self.site(site).await?;
        let compiled = COMPILATION
            .run_for(site, move || upload.compile().map(|compiled| draft(upload, compiled)))
            .await?;
        compiled.map_err(|rejection| AppError::ThemeRejected(Box::new(rejection)))
    }

    /// Stores a compiled upload as the draft, replacing the former one.
    pub async fn store_theme_draft(
        &self,
        site: SiteId,
        draft: &ThemeDraft,
    ) -> Result<Theme, AppError> {
        Ok(self.store.store_draft(site, draft, self.now()).await?)
    }

    /// All versions of a site, newest first.
    pub async fn themes(&self, site: SiteId) -> Result<Vec<Theme>, AppError> {
        Ok(self.store.themes(site).await?)
    }

    /// One version.
    pub async fn theme(&self, site: SiteId, version: ThemeVersion) -> Result<Theme, AppError> {
        self.store.theme(site, version).await?.ok_or(AppError::NotFound)
    }

    /// The uploaded files of one version.
    pub async fn theme_sources(
        &self,
        site: SiteId,
        version: ThemeVersion,
    ) -> Result<ThemeSources, AppError> {
        self.store.theme_sources(site, version).await?.ok_or(AppError::NotFound)
    }

    /// Publishes the draft.
    pub async fn publish_theme(&self, site: SiteId) -> Result<Theme, AppError> {
        self.store.publish_theme(site, self.now()).await?.ok_or(AppError::NoDraft)
    }

    /// Publishes a superseded version again, or with `None` the built-in theme. A version that is
    /// published already is no error.
    pub async fn roll_back_theme(
        &self,
        site: SiteId,
        to: Option<ThemeVersion>,
    ) -> Result<Option<Theme>, AppError> {
        match self.store.roll_back_theme(site, to, self.now()).await? {
            RollbackOutcome::Done(theme) | RollbackOutcome::Unchanged(theme) => Ok(theme),
            RollbackOutcome::Unknown => Err(AppError::NotFound),
            RollbackOutcome::Draft => Err(AppError::ThemeIsDraft),
        }
    }

    /// Deletes a version that is not published, with its preview links.
    pub async fn delete_theme(&self, site: SiteId, version: ThemeVersion) -> Result<(), AppError> {
        match self.store.delete_theme(site, version).await? {
            DeleteThemeOutcome::Done => Ok(()),
            DeleteThemeOutcome::Published => Err(AppError::ThemePublished),
            DeleteThemeOutcome::Unknown => Err(AppError::NotFound),
        }
    }

    /// One file of any version.
    pub async fn theme_file(&self, site: SiteId, name: &str) -> Result<ThemeFile, AppError> {
        self.store.theme_file(site, name).await?.ok_or(AppError::NotFound)
    }

    /// Creates a preview link to a version; the secret is returned only here.
    pub async fn create_preview_link(
        &self,
        site: SiteId,
        version: ThemeVersion,
    ) -> Result<(Secret, PreviewLink), AppError> {
        self.theme(site, version).await?;
        let secret = Secret::generate(SecretKind::PreviewLink, &*self.rng);
        let link = PreviewLink {
            site,
            digest: secret.digest(),
            version,
            expires_at: self.now().plus(PREVIEW_LINK_TTL),
        };
        match self.store.add_preview_link(&link).await {
            Ok(()) => Ok((secret, link)),
            // The version was deleted since its lookup.
            Err(StoreError::Conflict(_)) => Err(AppError::NotFound),
            Err(other) => Err(other.into()),
        }
    }

    /// The version of a preview link or of a running preview. The lookup is by digest, so its
    /// timing reveals nothing about the secret.
    pub async fn preview(&self, site: SiteId, presented: &str) -> Result<Theme, AppError> {
        let digest = Digest::of(presented);
        let version = match self.previewed_theme(site, digest).await? {
            Some(version) => version,
            None => {
                self.store
                    .preview_link(site, &digest, self.now())
                    .await?
                    .ok_or(AppError::Unauthenticated)?
                    .version
            }
        };
        self.store.theme(site, version).await?.ok_or(AppError::Unauthenticated)
    }
}

/// The stored form of a compiled upload. The compiler has checked that each file is UTF-8.
fn draft(upload: ThemeUpload, compiled: CompiledTheme) -> ThemeDraft {
    let text =
        |bytes: Option<Vec<u8>>| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let file = |content_type| {
        move |artifact: Artifact| ThemeFile {
            name: artifact.name,
            content_type,
            body: artifact.body.into(),
        }
    };
    let CompiledTheme { critical_css, stylesheet, pictures, warnings, .. } = compiled;
    let name = stylesheet.name.clone();
    let files = std::iter::once(file(ThemeFileType::Css)(stylesheet))
        .chain(pictures.into_iter().map(file(ThemeFileType::Svg)))
        .collect();
    let sources =
        ThemeSources { bell: text(upload.bell), card: text(upload.card), css: text(upload.css) };
    ThemeDraft {
        sources,
        critical_css,
        stylesheet: name,
        files,
        warnings: belfry_theme::store_warnings(&warnings).unwrap_or_else(|_| "[]".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::{
        Clock, EventSink, InboxEvent, InsertPosition, Language, SiteDraft, SystemRng, ThemeState,
        Timestamp,
    };
    use belfry_store::{SqlStore, SqliteOptions};
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    struct NoSink;

    impl EventSink for NoSink {
        fn publish(&self, _: InboxEvent) {}
    }

    /// A clock that shows the time to which it was set.
    #[derive(Default)]
    struct StepClock(AtomicI64);

    impl Clock for StepClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.load(Ordering::SeqCst))
        }

        fn uptime(&self) -> std::time::Duration {
            std::time::Duration::from_millis(self.0.load(Ordering::SeqCst).unsigned_abs())
        }
    }

    fn upload(css: &str) -> ThemeDraft {
        let sources = ThemeSources { css: Some(css.to_owned()), ..ThemeSources::default() };
        ThemeDraft {
            sources,
            critical_css: css.to_owned(),
            stylesheet: "a.css".to_owned(),
            files: Vec::new(),
            warnings: "[]".to_owned(),
        }
    }

    #[tokio::test]
    async fn theme_is_published_rolled_back_and_previewed() {
        let folder = tempfile::tempdir().unwrap();
        let store =
            SqlStore::open(SqliteOptions::new(folder.path().join("belfry.db")), Arc::new(NoSink))
                .await
                .unwrap();
        let clock = Arc::new(StepClock::default());
        let inbox = App::new(Arc::new(store), clock.clone(), Arc::new(SystemRng));
        let origins = vec!["https://shop.example".parse().unwrap()];
        let draft = || {
            SiteDraft::new(
                "Shop",
                origins.clone(),
                "#bell",
                InsertPosition::default(),
                Language::english(),
            )
            .unwrap()
        };
        let (site, other) = (
            inbox.create_site(draft()).await.unwrap().0.id,
            inbox.create_site(draft()).await.unwrap().0.id,
        );
        let (one, two) = (ThemeVersion(1), ThemeVersion(2));

        assert!(matches!(inbox.publish_theme(site).await, Err(AppError::NoDraft)));
        assert!(matches!(inbox.create_preview_link(site, one).await, Err(AppError::NotFound)));
        assert_eq!(inbox.store_theme_draft(site, &upload("a{}")).await.unwrap().version, one);
        assert!(matches!(
            inbox.roll_back_theme(site, Some(one)).await,
            Err(AppError::ThemeIsDraft)
        ));
        let (secret, link) = inbox.create_preview_link(site, one).await.unwrap();
        assert!(secret.reveal().starts_with("bfp_"));
        assert_eq!(
            inbox.preview(site, secret.reveal()).await.unwrap(),
            inbox.theme(site, one).await.unwrap()
        );
        for (at, presented) in [(other, secret.reveal()), (site, "bfp_guess"), (site, "")] {
            assert!(matches!(inbox.preview(at, presented).await, Err(AppError::Unauthenticated)));
        }
        // A preview stores nothing and shows nothing else.
        let shown = inbox.preview_theme(site, one).await.unwrap();
        assert_eq!(inbox.preview(site, shown.reveal()).await.unwrap().version, one);
        assert_eq!(
            inbox.store.preview_link(site, &shown.digest(), inbox.now()).await.unwrap(),
            None
        );
        assert!(matches!(
            inbox.preview(other, shown.reveal()).await,
            Err(AppError::Unauthenticated)
        ));
        assert!(matches!(
            inbox.preview_inbox(site, shown.reveal()).await,
            Err(AppError::Unauthenticated)
        ));
        assert!(matches!(inbox.preview_theme(site, two).await, Err(AppError::NotFound)));
        let message = inbox.preview_contact(site, belfry_domain::ContactId(1)).await.unwrap();
        assert!(matches!(
            inbox.preview(site, message.reveal()).await,
            Err(AppError::Unauthenticated)
        ));
        assert_eq!(inbox.publish_theme(site).await.unwrap().state, ThemeState::Published);
        assert_eq!(inbox.site(site).await.unwrap().theme, Some(one));
        assert!(matches!(inbox.delete_theme(site, one).await, Err(AppError::ThemePublished)));
        assert!(matches!(inbox.delete_theme(site, two).await, Err(AppError::NotFound)));

        inbox.store_theme_draft(site, &upload("b{}")).await.unwrap();
        assert_eq!(inbox.theme_sources(site, two).await.unwrap(), upload("b{}").sources);
        inbox.publish_theme(site).await.unwrap();
        for _ in 0..2 {
            assert_eq!(inbox.roll_back_theme(site, Some(one)).await.unwrap().unwrap().version, one);
        }
        assert_eq!(inbox.roll_back_theme(site, None).await.unwrap(), None);
        assert_eq!(inbox.themes(site).await.unwrap().len(), 2);
        let (gone, _) = inbox.create_preview_link(site, two).await.unwrap();
        inbox.delete_theme(site, two).await.unwrap();
        assert!(matches!(inbox.preview(site, gone.reveal()).await, Err(AppError::Unauthenticated)));

        clock.0.store(link.expires_at.millis() - 1, Ordering::SeqCst);
        assert_eq!(inbox.preview(site, secret.reveal()).await.unwrap().version, one);
        clock.0.store(link.expires_at.millis(), Ordering::SeqCst);
        assert!(matches!(
            inbox.preview(site, secret.reveal()).await,
            Err(AppError::Unauthenticated)
        ));
    }
}
