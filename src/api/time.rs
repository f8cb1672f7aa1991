//! Timestamps in JSON: RFC 3339 in UTC.

use crate::domain::{Timestamp, ValidationError};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// `2026-12-01T08:00:00Z`, with a fraction if there is one. `None` outside the years of RFC 3339.
pub(super) fn rfc3339(at: Timestamp) -> Option<String> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000)
        .ok()?
        .format(&Rfc3339)
        .ok()
}

/// Parses RFC 3339 with any time zone.
pub(super) fn parse_timestamp(text: &str, field: &str) -> Result<Timestamp, ValidationError> {
    let at = OffsetDateTime::parse(text.trim(), &Rfc3339)
        .ok()
        .and_then(|at| i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok());
    at.map(Timestamp::from_millis).ok_or_else(|| {
        ValidationError::new(
            field,
            "must be a date and time with its time zone, such as 2026-12-01T08:00:00Z (RFC 3339)",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_formatted_in_utc() {
        assert_eq!(
            rfc3339(Timestamp::from_millis(1_796_112_000_000)).as_deref(),
            Some("2026-12-01T08:00:00Z")
        );
        assert_eq!(
            rfc3339(Timestamp::from_millis(1_796_112_000_250)).as_deref(),
            Some("2026-12-01T08:00:00.25Z")
        );
        assert_eq!(rfc3339(Timestamp::from_millis(i64::MAX)), None);
    }
}
