//! The part of an address after the question mark: each parameter once, and the two that every list has.

use crate::domain::Invalid;
use std::str::FromStr;

/// Entries of a part of a list when none are asked for.
const USUAL: u32 = 20;
/// Entries of a part of a list, at most.
const MOST: u32 = 100;

/// The parameters. Unknown ones are passed over.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// The parameters of this text.
    pub(super) fn of(query: Option<&str>) -> Self {
        Self(url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// The value of a parameter that may stand there once.
    pub(super) fn once(&self, name: &str) -> Result<Option<String>, Invalid> {
        let mut values = self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.trim());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Invalid::new(name, "must be given once")),
            (Some(value), None) if value.contains('\0') => Err(Invalid::new(name, "must not contain the character U+0000")),
            (value, None) => Ok(value.map(str::to_owned)),
        }
    }

    /// The same, where blank counts as absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Invalid> {
        Ok(self.once(name)?.filter(|value| !value.is_empty()))
    }

    /// A whole number within bounds.
    pub(super) fn number(&self, name: &str, usual: u32, least: u32, most: u32) -> Result<u32, Invalid> {
        let Some(text) = self.text(name)? else { return Ok(usual) };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| Invalid::new(name, format!("must be a whole number from {least} to {most}")))
    }

    /// How many entries a part of a list is to have.
    pub(super) fn limit(&self) -> Result<u32, Invalid> {
        self.number("limit", USUAL, 1, MOST)
    }

    /// Where a part of a list begins, as the part before said.
    pub(super) fn cursor<T: FromStr>(&self) -> Result<Option<T>, Invalid> {
        let refuse = |_| Invalid::new("cursor", "must be the next of the part before");
        self.text("cursor")?.map(|text| text.parse().map_err(refuse)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_once_and_within_bounds() {
        let query = Query::of(Some("limit=7&name=%D0%86%D0%B2%D0%B0%D0%BD+&twice=1&twice=1&blank=&nul=%00&big=4294967296"));
        assert_eq!(query.limit().unwrap(), 7);
        assert_eq!(query.text("name").unwrap().as_deref(), Some("Іван"));
        assert_eq!(query.text("blank").unwrap(), None);
        for name in ["twice", "nul"] {
            assert_eq!(query.text(name).unwrap_err().field, name);
        }
        assert_eq!(query.number("big", 1, 1, u32::MAX).unwrap_err().field, "big");
        assert_eq!(Query::of(None).limit().unwrap(), 20);
        for odd in ["limit=0", "limit=101", "limit=x", "limit=-1"] {
            assert_eq!(Query::of(Some(odd)).limit().unwrap_err().field, "limit", "{odd}");
        }
        assert!(Query::of(Some("cursor=x")).cursor::<i64>().is_err());
        assert_eq!(Query::of(Some("cursor=9")).cursor::<i64>().unwrap(), Some(9));
    }
}
