//! Query strings: parameters that may occur once, and the pagination parameters `limit` and
//! `cursor`.

use belfry_domain::ValidationError;
use belfry_locales::phrases::errors;
use std::{ops::RangeInclusive, str::FromStr};

/// Default page size.
const DEFAULT_PAGE_SIZE: u32 = 20;
/// Maximum page size.
const MAX_PAGE_SIZE: u32 = 100;

pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Parses a query string.
    pub(super) fn parse(query: Option<&str>) -> Self {
        Self(
            url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// Parses a query string with known parameters only, so that a misspelled parameter is an error
    /// and not ignored.
    pub(super) fn parse_known(
        query: Option<&str>,
        allowed: &[&str],
    ) -> Result<Self, ValidationError> {
        let query = Self::parse(query);
        match query.0.iter().find(|(name, _)| !allowed.contains(&name.as_str())) {
            Some((name, _)) => {
                Err(ValidationError::new(name, errors::unknown_parameter(allowed.join(", "))))
            }
            None => Ok(query),
        }
    }

    /// The trimmed value of a parameter that may occur once.
    pub(super) fn single(&self, name: &str) -> Result<Option<String>, ValidationError> {
        let mut values =
            self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.trim());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(ValidationError::new(name, errors::GIVEN_ONCE)),
            (Some(value), None) if value.contains('\0') => {
                Err(ValidationError::new(name, errors::NUL))
            }
            (value, None) => Ok(value.map(str::to_owned)),
        }
    }

    /// The trimmed value of a parameter; blank counts as absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ValidationError> {
        Ok(self.single(name)?.filter(|value| !value.is_empty()))
    }

    /// The value of a parameter with at most `most` characters; blank counts as absent.
    pub(super) fn bounded_text(
        &self,
        name: &str,
        max: usize,
    ) -> Result<Option<String>, ValidationError> {
        match self.text(name)? {
            Some(text) if text.chars().count() > max => {
                Err(ValidationError::new(name, errors::at_most_characters(max)))
            }
            text => Ok(text),
        }
    }

    /// A parameter parsed by the domain.
    pub(super) fn parse_param<T: FromStr<Err = ValidationError>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, ValidationError> {
        let refuse = |invalid: ValidationError| ValidationError::new(name, invalid.reason);
        self.text(name)?.map(|text| text.parse().map_err(refuse)).transpose()
    }

    /// A whole number within bounds; blank counts as absent.
    pub(super) fn number(
        &self,
        name: &str,
        usual: u32,
        min: u32,
        max: u32,
    ) -> Result<u32, ValidationError> {
        number(name, self.text(name)?, usual, min..=max)
    }

    /// The page size.
    pub(super) fn limit(&self) -> Result<u32, ValidationError> {
        number("limit", self.single("limit")?, DEFAULT_PAGE_SIZE, 1..=MAX_PAGE_SIZE)
    }

    /// The cursor, as returned in `next` of the previous page.
    pub(super) fn cursor<T: FromStr>(&self) -> Result<Option<T>, ValidationError> {
        let refuse = |_| ValidationError::new("cursor", errors::CURSOR);
        self.single("cursor")?.map(|text| text.parse().map_err(refuse)).transpose()
    }
}

fn number(
    name: &str,
    text: Option<String>,
    usual: u32,
    bounds: RangeInclusive<u32>,
) -> Result<u32, ValidationError> {
    let Some(text) = text else { return Ok(usual) };
    let number = text.parse().ok().filter(|number| bounds.contains(number));
    number.ok_or_else(|| {
        ValidationError::new(name, errors::whole_number_between(*bounds.start(), *bounds.end()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_unique_and_bounded() {
        let query = Query::parse(Some(
            "limit=7&name=%D0%86%D0%B2%D0%B0%D0%BD+&twice=1&twice=1&blank=&nul=%00&big=4294967296",
        ));
        assert_eq!(query.limit().unwrap(), 7);
        assert_eq!(query.text("name").unwrap().as_deref(), Some("Іван"));
        assert_eq!(query.text("blank").unwrap(), None);
        for name in ["twice", "nul"] {
            assert_eq!(query.text(name).unwrap_err().field, name);
        }
        assert_eq!(query.number("big", 1, 1, u32::MAX).unwrap_err().field, "big");
        assert_eq!(Query::parse(None).limit().unwrap(), 20);
        for odd in ["limit=", "limit=0", "limit=101", "limit=x", "limit=-1"] {
            assert_eq!(Query::parse(Some(odd)).limit().unwrap_err().field, "limit", "{odd}");
        }
        assert_eq!(query.bounded_text("name", 3).unwrap_err().field, "name");
        assert!(query.bounded_text("name", 4).unwrap().is_some());
        assert_eq!(
            Query::parse_known(Some("limit=7&cursr=2"), &["limit", "cursor"])
                .err()
                .map(|invalid| invalid.field)
                .as_deref(),
            Some("cursr")
        );
        assert!(Query::parse(Some("cursor=x")).cursor::<i64>().is_err());
        assert_eq!(Query::parse(Some("cursor=9")).cursor::<i64>().unwrap(), Some(9));
    }
}
