//! Seeds the demo's data: created once and completed at each start.

use super::{messages, visitor::VISITORS};
use belfry_app::{App, AppError, parse_message};
use belfry_domain::{
    Digest, IdempotentRequest, InsertPosition, KeyId, Language, Origin, Secret, Site, SiteDraft,
    SiteId, ValidationError,
};
use belfry_locales::phrases::errors;

pub(super) const SITE_NAME: &str = "Acme Shop";
const KEY_NAME: &str = "demo shop";

/// What the shop needs to know about its site.
#[derive(Debug)]
pub struct Seeded {
    /// The site.
    pub site: SiteId,
    /// API key of this start; those of earlier starts are revoked.
    pub api_key: Secret,
}

/// Creates the site, its two visitors and their first messages if they don't exist, and a new API
/// key.
pub async fn seed(app: &App, shop: &Origin, back_office: &Origin) -> Result<Seeded, AppError> {
    let draft = SiteDraft::new(
        SITE_NAME,
        vec![shop.clone(), back_office.clone()],
        "#bell",
        InsertPosition::BeforeEnd,
        Language::english(),
    )?;
    let existing = app.sites().await?.into_iter().find(|site| site.name == SITE_NAME);
    let is_new = existing.is_none();
    let site: Site = match existing {
        // The ports may differ from the previous start.
        Some(site) => app.update_site(site.id, |_| Ok(draft)).await?,
        None => app.create_site(draft).await?.0,
    };
    for visitor in VISITORS {
        app.upsert_contact(site.id, &visitor.draft()?).await?;
    }
    if is_new {
        publish_first(app, site.id, shop).await?;
    }
    let previous = unrevoked(app, site.id).await?;
    let (_, api_key) = app.create_key(site.id, KEY_NAME).await?;
    for key in previous {
        app.revoke_key(site.id, &key).await?;
    }
    Ok(Seeded { site: site.id, api_key })
}

/// The keys created by the demo; keys created by hand are kept.
async fn unrevoked(app: &App, site: SiteId) -> Result<Vec<KeyId>, AppError> {
    let keys = app.keys(site).await?.into_iter();
    Ok(keys
        .filter(|key| {
            key.revoked_at.is_none() && matches!(key.name.as_str(), KEY_NAME | "first key")
        })
        .map(|key| key.id)
        .collect())
}

async fn publish_first(app: &App, site: SiteId, shop: &Origin) -> Result<(), AppError> {
    let drafts = messages::initial_messages(shop, app.now()).map_err(|error| {
        ValidationError::new("demo messages", errors::verbatim(error.to_string()))
    })?;
    for (index, message) in drafts.iter().enumerate() {
        let json = message.to_string();
        let draft = parse_message(json.as_bytes(), app.now())
            .map_err(|error| error.with_parent(&format!("demo messages[{index}]")))?;
        let once = IdempotentRequest {
            key: format!("demo-first-{index}"),
            fingerprint: Digest::of(&json),
        };
        app.publish(site, draft, Some(&once)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::open_app;
    use belfry_app::events::ReaderHub;
    use belfry_domain::ReaderPageRequest;

    #[tokio::test]
    async fn seeding_again_only_rotates_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let (inbox, store) =
            open_app(&format!("sqlite://{}/belfry.db", folder.path().display()), ReaderHub::new())
                .await
                .unwrap();
        let first = seed(
            &inbox,
            &"http://localhost:3001".parse().unwrap(),
            &"http://localhost:3002".parse().unwrap(),
        )
        .await
        .unwrap();
        let (by_hand, _) = inbox.create_key(first.site, "mine").await.unwrap();
        let second = seed(
            &inbox,
            &"http://localhost:4001".parse().unwrap(),
            &"http://localhost:4002".parse().unwrap(),
        )
        .await
        .unwrap();

        assert_eq!(first.site, second.site);
        let sites = inbox.sites().await.unwrap();
        assert_eq!(sites.len(), 1);
        let origins: Vec<&str> =
            sites.first().unwrap().origins.iter().map(Origin::as_str).collect();
        assert_eq!(origins, ["http://localhost:4001", "http://localhost:4002"]);
        assert!(matches!(
            inbox.authenticate_key(first.api_key.reveal()).await,
            Err(AppError::Unauthenticated)
        ));
        let holder = inbox.authenticate_key(second.api_key.reveal()).await.unwrap();
        let open: Vec<KeyId> = inbox
            .keys(first.site)
            .await
            .unwrap()
            .into_iter()
            .filter(|key| key.revoked_at.is_none())
            .map(|key| key.id)
            .collect();
        assert_eq!(open, [by_hand, holder.key.clone()]);

        for (visitor, count) in [(VISITORS[0], 11), (VISITORS[1], 11)] {
            let token = inbox
                .issue_token(&holder, visitor.draft().unwrap().identifiers)
                .await
                .unwrap()
                .unwrap();
            let reader = inbox.exchange_token(first.site, token.reveal()).await.unwrap().reader;
            let page = inbox.page(&reader, ReaderPageRequest::first()).await.unwrap();
            assert_eq!(page.items.len(), count, "{}", visitor.id);
            assert!(page.items.first().unwrap().message.pinned);
        }
        store.close().await;
    }
}
