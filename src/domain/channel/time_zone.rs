//! Local day and time in a time zone. The time zone database is compiled in; the system's is not
//! read.

use crate::Timestamp;
use jiff::{
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};
use std::sync::LazyLock;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Prefixes of the zones to choose from. Other names are aliases.
const REGIONS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// The zone of this name in the database that is part of the binary.
pub fn bundled(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok().filter(|zone| !zone.is_unknown())
}

/// The canonical name of a zone; `None` if it doesn't exist.
pub(super) fn canonical(name: &str) -> Option<String> {
    bundled(name)?.iana_name().map(str::to_owned)
}

/// Names of the zones to choose from: `UTC`, then the others sorted.
pub fn time_zones() -> Vec<String> {
    let names = ZONES.available().map(|name| name.as_str().to_owned());
    let mut names: Vec<String> = names
        .filter(|name| name.split_once('/').is_some_and(|(region, _)| REGIONS.contains(&region)))
        .collect();
    names.sort_unstable();
    names.insert(0, "UTC".to_owned());
    names
}

/// A local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// Day of the week; 0 is Sunday.
    pub day_of_week: u8,
    /// Minute of the day, from 0.
    pub minute: u16,
    date: Date,
}

impl LocalTime {
    /// The local time in a zone. An unknown name is treated as UTC.
    pub fn of(name: &str, at: Timestamp) -> Self {
        let zone = bundled(name).unwrap_or(TimeZone::UTC);
        let shown = jiff::Timestamp::from_millisecond(at.millis())
            .unwrap_or_default()
            .to_zoned_datetime(zone);
        let minute =
            u16::from(shown.hour().unsigned_abs()) * 60 + u16::from(shown.minute().unsigned_abs());
        Self {
            day_of_week: shown.weekday().to_sunday_zero_offset().unsigned_abs(),
            minute,
            date: shown.date(),
        }
    }

    /// Whether both are on the same local day.
    pub fn is_same_day(&self, other: &Self) -> bool {
        self.date == other.date
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str, utc: &str) -> (u8, u16, u16) {
        let at = Timestamp::from_millis(utc.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let LocalTime { day_of_week, minute, .. } = LocalTime::of(zone, at);
        (day_of_week, minute / 60, minute % 60)
    }

    #[test]
    fn local_day_and_hour() {
        // 29 November 2026 is a Sunday.
        assert_eq!(at("UTC", "2026-11-29T23:30:00Z"), (0, 23, 30));
        assert_eq!(at("Europe/Kyiv", "2026-11-29T23:30:00Z"), (1, 1, 30));
        assert_eq!(at("Asia/Kathmandu", "2026-11-29T23:30:00Z"), (1, 5, 15));
        assert_eq!(at("America/New_York", "2026-11-30T04:59:59Z"), (0, 23, 59));
        assert_eq!(at("Pacific/Kiritimati", "2026-11-28T10:00:00Z"), (0, 0, 0));
        assert_eq!(at("Nowhere/Else", "2026-11-29T23:30:00Z"), (0, 23, 30));
    }

    #[test]
    fn daylight_saving_time_changes() {
        // In Kyiv at 03:00 on 29 March 2026 to 04:00, and at 04:00 on 25 October to 03:00.
        assert_eq!(
            [at("Europe/Kyiv", "2026-03-29T00:59:00Z"), at("Europe/Kyiv", "2026-03-29T01:00:00Z")],
            [(0, 2, 59), (0, 4, 0)]
        );
        assert_eq!(
            [at("Europe/Kyiv", "2026-10-25T00:59:00Z"), at("Europe/Kyiv", "2026-10-25T01:00:00Z")],
            [(0, 3, 59), (0, 3, 0)]
        );
        assert_eq!(
            [at("Europe/Kyiv", "2026-07-06T06:00:00Z"), at("Europe/Kyiv", "2026-12-07T07:00:00Z")],
            [(1, 9, 0), (1, 9, 0)]
        );
    }

    #[test]
    fn zone_names_are_canonicalized() {
        assert_eq!(
            ["europe/kyiv", "Europe/Kiev", "utc"].map(canonical),
            ["Europe/Kyiv", "Europe/Kiev", "UTC"].map(|name| Some(name.to_owned()))
        );
        assert_eq!(
            ["", "Mars/Olympus", "Etc/Unknown", "+02:00", "../etc/passwd"].map(canonical),
            [const { None }; 5]
        );
        let zones = time_zones();
        assert_eq!(zones[0], "UTC");
        assert!(
            zones.len() > 400 && zones.iter().all(|name| canonical(name).as_ref() == Some(name))
        );
        assert!(
            ["Europe/Kyiv", "America/Argentina/Buenos_Aires"]
                .iter()
                .all(|name| zones.contains(&(*name).to_owned()))
        );
    }
}
