//! A time zone by its IANA name, and the conversion between a moment and the local time of a zone.
//!
//! The zones are those bundled in the binary (see `channel::time_zone`); none of the system's is
//! read.

use super::{Timestamp, channel::bundled_zone};
use ::time::{Date, Month, OffsetDateTime, Time, UtcOffset};
use jiff::{
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone as JiffZone},
};

/// A time zone, such as `Asia/Tokyo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZone(JiffZone);

/// Why a local time is no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalTimeError {
    /// It is not written as `2026-12-01T08:00`.
    Malformed,
    /// Clocks skip it when they are set forward.
    Skipped,
}

impl TimeZone {
    /// UTC.
    pub const UTC: Self = Self(JiffZone::UTC);

    /// The zone of this name, in any case; `None` where there is no such zone.
    pub fn from_name(name: &str) -> Option<Self> {
        bundled_zone(name.trim()).map(Self)
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// A moment in local time. Kept to the years 1970 to 9999, like RFC 3339.
    pub fn to_local(&self, at: Timestamp) -> OffsetDateTime {
        const LAST: i64 = 253_402_207_200_000;
        let at = jiff::Timestamp::from_millisecond(at.millis().clamp(0, LAST)).unwrap_or_default();
        let (local, offset) = (self.0.to_datetime(at), self.0.to_offset(at));
        written(local)
            .zip(UtcOffset::from_whole_seconds(offset.seconds()).ok())
            .map_or(OffsetDateTime::UNIX_EPOCH, |((date, time), offset)| {
                OffsetDateTime::new_in_offset(date, time, offset)
            })
    }

    /// The value of a `datetime-local` field: `2026-12-01T08:00`, to the minute.
    pub fn format_local(&self, at: Timestamp) -> String {
        let local = self.to_local(at);
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}",
            local.year(),
            u8::from(local.month()),
            local.day(),
            local.hour(),
            local.minute()
        )
    }

    /// The moment of a local time as `datetime-local` fields send it, with or without seconds. A
    /// time that clocks show twice is the earlier one.
    pub fn parse_local(&self, text: &str) -> Result<Timestamp, LocalTimeError> {
        let is_shaped = matches!(text.len(), 16 | 19) && text.as_bytes().get(10) == Some(&b'T');
        let local: DateTime =
            text.parse().ok().filter(|_| is_shaped).ok_or(LocalTimeError::Malformed)?;
        let ambiguous = self.0.to_ambiguous_timestamp(local);
        if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
            return Err(LocalTimeError::Skipped);
        }
        let at = ambiguous.earlier().map_err(|_| LocalTimeError::Malformed)?;
        Ok(Timestamp::from_millis(at.as_millisecond()))
    }
}

fn written(local: DateTime) -> Option<(Date, Time)> {
    let part = i8::unsigned_abs;
    let date = Date::from_calendar_date(
        local.year().into(),
        Month::try_from(part(local.month())).ok()?,
        part(local.day()),
    )
    .ok()?;
    let nanos = u32::try_from(local.subsec_nanosecond()).ok()?;
    Some((
        date,
        Time::from_hms_nano(part(local.hour()), part(local.minute()), part(local.second()), nanos)
            .ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(utc: &str) -> Timestamp {
        Timestamp::from_millis(utc.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn moment(zone: &str, text: &str) -> Result<Timestamp, LocalTimeError> {
        TimeZone::from_name(zone).unwrap().parse_local(text)
    }

    #[test]
    fn local_times_are_read_and_written() {
        for (zone, local, utc) in [
            ("UTC", "2026-12-02T09:30", "2026-12-02T09:30:00Z"),
            ("Asia/Tokyo", "2026-12-02T09:30", "2026-12-02T00:30:00Z"),
            ("America/New_York", "2026-07-01T23:59", "2026-07-02T03:59:00Z"),
            ("Asia/Kathmandu", "2026-12-02T00:15", "2026-12-01T18:30:00Z"),
        ] {
            assert_eq!(moment(zone, local), Ok(at(utc)), "{zone}");
            assert_eq!(TimeZone::from_name(zone).unwrap().format_local(at(utc)), local, "{zone}");
        }
        assert_eq!(moment("Asia/Tokyo", "2026-12-02T09:30:15"), Ok(at("2026-12-02T00:30:15Z")));
    }

    /// In Kyiv clocks skip 03:00 to 04:00 on 29 March 2026, and show 03:00 to 04:00 twice on 25
    /// October.
    #[test]
    fn daylight_saving_changes_are_exact() {
        assert_eq!(moment("Europe/Kyiv", "2026-03-29T03:30"), Err(LocalTimeError::Skipped));
        assert_eq!(moment("Europe/Kyiv", "2026-03-29T02:59"), Ok(at("2026-03-29T00:59:00Z")));
        assert_eq!(moment("Europe/Kyiv", "2026-03-29T04:00"), Ok(at("2026-03-29T01:00:00Z")));
        assert_eq!(
            moment("Europe/Kyiv", "2026-10-25T03:30"),
            Ok(at("2026-10-25T00:30:00Z")),
            "the earlier one"
        );
        assert_eq!(moment("Europe/Kyiv", "2026-10-25T04:00"), Ok(at("2026-10-25T02:00:00Z")));
        let kyiv = TimeZone::from_name("Europe/Kyiv").unwrap();
        assert_eq!(
            [at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z")]
                .map(|at| kyiv.to_local(at).offset().whole_hours()),
            [3, 2]
        );
    }

    #[test]
    fn other_texts_are_no_local_time() {
        for text in [
            "",
            "soon",
            "2026-12-02",
            "2026-12-02 09:30",
            "2026-13-02T09:30",
            "2026-12-02T09:30Z",
            "2026-12-02T25:00",
            "é026-12-02T09:3",
        ] {
            assert_eq!(moment("Asia/Tokyo", text), Err(LocalTimeError::Malformed), "{text}");
        }
    }

    #[test]
    fn zones_are_found_by_name() {
        assert_eq!(
            TimeZone::from_name("asia/tokyo").map(|zone| zone.name().to_owned()).as_deref(),
            Some("Asia/Tokyo")
        );
        assert_eq!(TimeZone::UTC.name(), "UTC");
        assert!(
            ["", "Mars/Olympus", "../etc/passwd", "+02:00"]
                .iter()
                .all(|name| TimeZone::from_name(name).is_none())
        );
        for odd in [i64::MIN, -1, i64::MAX] {
            assert!(
                (1969..=9999).contains(
                    &TimeZone::from_name("Pacific/Kiritimati")
                        .unwrap()
                        .to_local(Timestamp::from_millis(odd))
                        .year()
                ),
                "{odd}"
            );
        }
    }
}
