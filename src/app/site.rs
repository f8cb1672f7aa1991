//! Sites and their API keys.

use super::{App, AppError};
use belfry_domain::{
    ApiKey, Digest, EndpointUrl, FetchError, KeyId, Origin, Scopes, Secret, Site, SiteDraft,
    SiteId, ValidationError, WebPage,
};
use belfry_store::RequestCancellation;
use std::time::Duration;

/// A site backend authenticated by an API key.
#[derive(Debug, Clone)]
pub struct AuthenticatedKey {
    /// The only site that it may access.
    pub site: SiteId,
    /// The key.
    pub key: KeyId,
    /// The key's scopes.
    pub scopes: Scopes,
}

impl App {
    /// Creates a site; the API key is returned only here.
    pub async fn create_site(&self, draft: SiteDraft) -> Result<(Site, Secret), AppError> {
        let now = self.now();
        let site = draft.into_site(&*self.rng, now);
        let (secret, key) = self.new_key(site.id, "first key", Scopes::all());
        self.store.create_site(&site, &key).await?;
        Ok((site, secret))
    }

    /// Changes a site, computed from the stored value, so that concurrent changes are not lost.
    pub async fn update_site(
        &self,
        site: SiteId,
        change: impl FnOnce(&Site) -> Result<SiteDraft, ValidationError> + Send + 'static,
    ) -> Result<Site, AppError> {
        let change = |site: &Site| Ok(change(site)?.apply_to(site));
        Ok(self.store.update_site(site, Box::new(change)).await?.ok_or(AppError::NotFound)??)
    }

    /// Adds an allowed origin. An existing one is no error.
    pub async fn allow_origin(&self, site: SiteId, origin: Origin) -> Result<(), AppError> {
        let change = |site: &Site| {
            let origins = site.origins.iter().cloned().chain([origin]).collect();
            let draft = SiteDraft::new(
                &site.name,
                origins,
                &site.selector,
                site.placement,
                site.language.clone(),
            );
            draft.map_err(|invalid| ValidationError::new("domain", invalid.reason))
        };
        self.update_site(site, change).await.map(|_| ())
    }

    /// Fetches a public web page, for picking the bell's position. Any page is allowed: a site is
    /// tried before it is public.
    pub async fn fetch_page(&self, url: &EndpointUrl) -> Result<WebPage, FetchError> {
        self.http_client.fetch_page(url).await
    }

    /// All sites, for the operator.
    pub async fn sites(&self) -> Result<Vec<Site>, AppError> {
        Ok(self.store.sites().await?)
    }

    /// One site.
    pub async fn site(&self, site: SiteId) -> Result<Site, AppError> {
        self.store.site(site).await?.ok_or(AppError::NotFound)
    }

    /// Adds a key with all scopes; the secret is returned only here.
    pub async fn create_key(&self, site: SiteId, name: &str) -> Result<(KeyId, Secret), AppError> {
        let (key, secret) = self.create_scoped_key(site, name, Scopes::all()).await?;
        Ok((key.id, secret))
    }

    /// Adds a key with some scopes; the secret is returned only here.
    pub async fn create_scoped_key(
        &self,
        site: SiteId,
        name: &str,
        scopes: Scopes,
    ) -> Result<(ApiKey, Secret), AppError> {
        self.site(site).await?;
        let (secret, key) = self.new_key(site, name, scopes);
        self.store.add_key(&key).await?;
        Ok((key, secret))
    }

    /// The keys of a site.
    pub async fn keys(&self, site: SiteId) -> Result<Vec<ApiKey>, AppError> {
        Ok(self.store.keys(site).await?)
    }

    /// Revokes a key; its tokens and sessions end.
    pub async fn revoke_key(&self, site: SiteId, key: &KeyId) -> Result<(), AppError> {
        if self.store.revoke_key(site, key, self.now()).await? {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    }

    /// Authenticates an API key. The lookup is by digest, so its timing reveals nothing about the
    /// key.
    pub async fn authenticate_key(&self, presented: &str) -> Result<AuthenticatedKey, AppError> {
        let key = self.store.key(&Digest::of(presented)).await?.ok_or(AppError::Unauthenticated)?;
        let now = self.now();
        // To the minute: a key in steady use would otherwise cost a write for each request.
        if key.last_used_at.is_none_or(|last| last.plus(Duration::from_mins(1)) <= now) {
            // Best effort: a full disk must not block a backend's reads.
            if let Err(error) =
                RequestCancellation::unscoped(self.store.touch_key(key.site, &key.id, now)).await
            {
                tracing::warn!(%error, key = %key.id, "failed to record the use of an API key");
            }
        }
        Ok(AuthenticatedKey { site: key.site, key: key.id, scopes: key.scopes })
    }

    pub(super) fn new_key(&self, site: SiteId, name: &str, scopes: Scopes) -> (Secret, ApiKey) {
        let (secret, id) = Secret::generate_key(&*self.rng);
        let digest = secret.digest();
        (
            secret,
            ApiKey {
                site,
                id,
                name: name.to_owned(),
                digest,
                scopes,
                created_at: self.now(),
                last_used_at: None,
                revoked_at: None,
            },
        )
    }
}
