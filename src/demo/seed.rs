//! The demo's data, made once and completed at each start.

use super::{messages, visitor::VISITORS};
use crate::{
    domain::{Digest, Idempotency, Invalid, KeyId, Language, Origin, Placement, Secret, Site, SiteDraft, SiteId},
    inbox::{Inbox, InboxError, parse_message},
};

const SITE_NAME: &str = "Acme Shop";
const KEY_NAME: &str = "demo shop";

/// What the shop needs to know of its site.
#[derive(Debug)]
pub struct Seeded {
    /// The site.
    pub site: SiteId,
    /// A key made for this start; those of former starts no longer work.
    pub api_key: Secret,
}

/// Makes the site, its two visitors and their first messages where they are not there yet, and a fresh key.
pub async fn seed(inbox: &Inbox, shop: &Origin) -> Result<Seeded, InboxError> {
    let draft = SiteDraft::new(SITE_NAME, vec![shop.clone()], "#bell", Placement::BeforeEnd, Language::english())?;
    let known = inbox.sites().await?.into_iter().find(|site| site.name == SITE_NAME);
    let is_new = known.is_none();
    let site: Site = match known {
        // The shop may have been started on another port this time.
        Some(site) => inbox.update_site(&site, draft).await?,
        None => inbox.create_site(draft).await?.0,
    };
    for visitor in VISITORS {
        inbox.upsert_contact(site.id, &visitor.draft()?).await?;
    }
    if is_new {
        publish_first(inbox, site.id, shop).await?;
    }
    let former = unrevoked(inbox, site.id).await?;
    let (_, api_key) = inbox.create_key(site.id, KEY_NAME).await?;
    for key in former {
        inbox.revoke_key(site.id, &key).await?;
    }
    Ok(Seeded { site: site.id, api_key })
}

/// The keys that the demo itself made; a key that someone made by hand stays.
async fn unrevoked(inbox: &Inbox, site: SiteId) -> Result<Vec<KeyId>, InboxError> {
    let keys = inbox.keys(site).await?.into_iter();
    Ok(keys.filter(|key| key.revoked_at.is_none() && matches!(key.name.as_str(), KEY_NAME | "first key")).map(|key| key.id).collect())
}

async fn publish_first(inbox: &Inbox, site: SiteId, shop: &Origin) -> Result<(), InboxError> {
    let drafts = messages::first(shop, inbox.now()).map_err(|error| Invalid::new("demo messages", error.to_string()))?;
    for (index, message) in drafts.iter().enumerate() {
        let json = message.to_string();
        let draft = parse_message(json.as_bytes(), inbox.now()).map_err(|error| error.under(&format!("demo messages[{index}]")))?;
        let once = Idempotency { key: format!("demo-first-{index}"), fingerprint: Digest::of(&json) };
        inbox.publish(site, draft, Some(&once)).await?;
    }
    Ok(())
}
