//! `belfry contact …`, with the same JSON as the HTTP API.

use super::{Common, Failure, database::with_app, input::JsonSource, output, site::id};
use belfry_api::ContactView;
use belfry_app::parse_contact;
use belfry_domain::{ContactId, ContactLookup, Identifiers, SiteId};
use clap::{Args, Subcommand};
use serde_json::json;

const UPSERT_EXAMPLES: &str = "\
Example:
  echo '{\"externalCustomerId\":\"42\",\"firstName\":\"Anna\",\"channels\":[{\"type\":\"email\",\"value\":\"anna@shop.example\"}]}' \\
    | belfry contact upsert SITE

Prints {\"id\":7}.";

/// Contacts.
#[derive(Subcommand)]
pub(super) enum Contact {
    /// Add a contact, or update the one it matches
    #[command(after_help = UPSERT_EXAMPLES)]
    Upsert {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        #[command(flatten)]
        source: JsonSource,
    },
    /// Show a contact
    Get {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        #[command(flatten)]
        who: ContactSelector,
    },
    /// Delete a contact and all of their data permanently
    Delete {
        /// The site's id
        #[arg(value_name = "SITE", value_parser = id)]
        site: SiteId,
        #[command(flatten)]
        who: ContactSelector,
    },
}

/// Selects a contact.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct ContactSelector {
    /// The contact's id in Belfry
    #[arg(long)]
    id: Option<i64>,
    /// Your own id of the contact
    #[arg(long, value_name = "ID")]
    external_customer_id: Option<String>,
    /// The contact's e-mail address
    #[arg(long)]
    email: Option<String>,
    /// The contact's phone number, with country code
    #[arg(long)]
    phone: Option<String>,
}

impl ContactSelector {
    fn lookup(&self) -> Result<ContactLookup, Failure> {
        if let Some(id) = self.id {
            return Ok(ContactLookup::Id(ContactId(id)));
        }
        let identifiers = Identifiers::parse(
            self.external_customer_id.as_deref(),
            self.email.as_deref(),
            self.phone.as_deref(),
        )?;
        Ok(ContactLookup::Identifiers(identifiers))
    }
}

pub(super) async fn run(common: &Common, command: Contact) -> Result<(), Failure> {
    match command {
        Contact::Upsert { site, source } => {
            let draft = parse_contact(&source.read()?)?;
            let contact = with_app(common, async |inbox| {
                inbox.site(site).await.map_err(Failure::not_found("site"))?;
                Ok(inbox.upsert_contact(site, &draft).await?)
            })
            .await?;
            output::print_json(&json!({ "id": contact }))
        }
        Contact::Get { site, who } => {
            let lookup = who.lookup()?;
            let contact = with_app(common, async |inbox| {
                inbox.contact(site, &lookup).await.map_err(Failure::not_found("contact"))
            })
            .await?;
            output::print_json(&ContactView::from(contact))
        }
        Contact::Delete { site, who } => {
            let lookup = who.lookup()?;
            let contact = with_app(common, async |inbox| {
                inbox.delete_contact(site, &lookup).await.map_err(Failure::not_found("contact"))
            })
            .await?;
            output::print_json(&json!({ "id": contact, "deleted": true }))
        }
    }
}
