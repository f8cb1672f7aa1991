//! Times as text: RFC 3339, the only form in which Belfry writes and reads them.

use super::{Timestamp, ValidationError};
use belfry_locales::phrases::errors;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

impl Timestamp {
    /// `2026-12-01T08:00:00Z`, with a fraction if there is one. `None` outside the years of RFC 3339.
    pub fn rfc3339(self) -> Option<String> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.millis()) * 1_000_000)
            .ok()?
            .format(&Rfc3339)
            .ok()
    }

    /// Parses RFC 3339 with any time zone.
    pub fn parse_rfc3339(text: &str, field: &str) -> Result<Self, ValidationError> {
        let at = OffsetDateTime::parse(text.trim(), &Rfc3339)
            .ok()
            .and_then(|at| i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok());
        at.map(Self::from_millis).ok_or_else(|| ValidationError::new(field, errors::DATE_AND_TIME))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_formatted_in_utc() {
        let text = |millis| Timestamp::from_millis(millis).rfc3339();
        assert_eq!(text(1_796_112_000_000).as_deref(), Some("2026-12-01T08:00:00Z"));
        assert_eq!(text(1_796_112_000_250).as_deref(), Some("2026-12-01T08:00:00.25Z"));
        assert_eq!(text(i64::MAX), None);
    }

    #[test]
    fn timestamps_are_parsed_with_any_zone() {
        let parse = |text| Timestamp::parse_rfc3339(text, "since").map(Timestamp::millis);
        assert_eq!(parse(" 2026-12-01T10:00:00.25+02:00 "), Ok(1_796_112_000_250));
        assert_eq!(parse("2026-12-01").unwrap_err().field, "since");
    }
}
