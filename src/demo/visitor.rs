//! The two customers who can sign in; `seed` creates them as contacts in Belfry.

use belfry_domain::{ContactDraft, Identifiers, ValidationError};
use serde_json::{Map, Value};

/// A customer of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor {
    /// The shop's own id, which is Belfry's `externalCustomerId`.
    pub id: &'static str,
    /// First name.
    pub first_name: &'static str,
    /// Last name.
    pub last_name: &'static str,
    /// Language of the bell.
    pub language: &'static str,
    /// The language's name, in English.
    pub language_name: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// Phone number.
    pub phone: &'static str,
}

/// All customers who can sign in.
pub const VISITORS: [Visitor; 2] = [
    Visitor {
        id: "anna",
        first_name: "Anna",
        last_name: "Lindqvist",
        language: "en",
        language_name: "English",
        email: "anna@example.com",
        phone: "+44 7700 900123",
    },
    Visitor {
        id: "olena",
        first_name: "Olena",
        last_name: "Kovalenko",
        language: "uk",
        language_name: "Ukrainian",
        email: "olena@example.com",
        phone: "+380 00 000 0042",
    },
];

impl Visitor {
    /// Finds a customer by id.
    pub fn find(id: &str) -> Option<&'static Self> {
        VISITORS.iter().find(|visitor| visitor.id == id)
    }

    /// The contact as the shop sends it to Belfry.
    pub fn draft(&self) -> Result<ContactDraft, ValidationError> {
        Ok(ContactDraft {
            identifiers: Identifiers::parse(Some(self.id), Some(self.email), Some(self.phone))?,
            first_name: Some(self.first_name.to_owned()),
            last_name: Some(self.last_name.to_owned()),
            language: Some(self.language.parse()?),
            attributes: Map::from_iter([("plan".to_owned(), Value::from("regular"))]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_are_valid_contacts() {
        for visitor in VISITORS {
            assert_eq!(visitor.draft().unwrap().language.unwrap().as_str(), visitor.language);
            assert_eq!(Visitor::find(visitor.id), Some(&visitor));
        }
        assert_eq!(Visitor::find("mallory"), None);
    }
}
