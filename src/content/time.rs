//! Formats times: relative ("5 min") and exact. The current time is passed in.
//!
//! Belfry doesn't know the reader's time zone, so days and dates are in UTC. In the widget,
//! `times.js` replaces them in the browser, which knows it.

use super::widget_texts;
use ::time::{OffsetDateTime, UtcOffset};
use belfry_domain::{Language, Timestamp};
use belfry_locales::{Phrase, Template, UiLanguage, phrases::widget as phrases};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A time for a `<time>` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExactTime {
    /// For `datetime`: RFC 3339 in UTC.
    pub datetime: String,
    /// For the tooltip: "12 November 2026, 14:05 UTC".
    pub title: String,
}

/// Relative time: "just now", "5 min", "2 h"; after 24 hours by calendar days: "yesterday", "3 d";
/// from a week on the date. A time in the future is "just now", since clocks differ slightly.
pub fn relative(now: Timestamp, then: Timestamp, lang: UiLanguage) -> String {
    relative_local((now, utc_datetime(now)), (then, utc_datetime(then)), lang)
}

/// The same on the calendar of a time zone: each moment with its local time.
pub fn relative_local(
    (now, today): (Timestamp, OffsetDateTime),
    (then, date): (Timestamp, OffsetDateTime),
    lang: UiLanguage,
) -> String {
    let seconds = then.until(now).as_secs();
    let count = |phrase: Template, number: u64| phrase.with(lang, &[("count", &number)]);
    match seconds {
        0..MINUTE => phrases::JUST_NOW.t(lang).to_owned(),
        MINUTE..HOUR => count(phrases::MINUTES, seconds / MINUTE),
        HOUR..DAY => count(phrases::HOURS, seconds / HOUR),
        _ => match (today.date() - date.date()).whole_days().unsigned_abs() {
            0..2 => phrases::YESTERDAY.t(lang).to_owned(),
            days @ 2..7 => count(phrases::DAYS, days),
            _ if date.year() == today.year() => {
                format_date(phrases::DATE, lang, date, &SHORT_MONTHS)
            }
            _ => format_date(phrases::DATE_WITH_YEAR, lang, date, &SHORT_MONTHS),
        },
    }
}

/// The exact time.
pub fn exact(then: Timestamp, language: &Language) -> ExactTime {
    exact_local(then, utc_datetime(then), language)
}

/// The same in the local time of a time zone, whose offset is named: "12 November 2026, 16:05
/// UTC+2".
pub fn exact_local(then: Timestamp, local: OffsetDateTime, language: &Language) -> ExactTime {
    let title = format_date(phrases::MOMENT, widget_texts::language(language), local, &MONTHS);
    ExactTime { datetime: clamped(then).rfc3339().unwrap_or_default(), title }
}

/// A day in full: "12 November 2026".
pub fn day(local: OffsetDateTime, language: &Language) -> String {
    format_date(phrases::FULL_DATE, widget_texts::language(language), local, &MONTHS)
}

/// A day in short: "12 Nov".
pub fn short_day(local: OffsetDateTime, language: &Language) -> String {
    format_date(phrases::DATE, widget_texts::language(language), local, &SHORT_MONTHS)
}

/// "UTC", "UTC+9", "UTC−3:30".
pub fn offset_name(offset: UtcOffset) -> String {
    let minutes = offset.whole_minutes().unsigned_abs();
    let sign = if offset.is_negative() { '−' } else { '+' };
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, rest) => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

fn format_date(
    phrase: Template,
    lang: UiLanguage,
    moment: OffsetDateTime,
    months: &[Phrase; 12],
) -> String {
    let month = months
        .get(usize::from(u8::from(moment.month())).saturating_sub(1))
        .map(|month| month.t(lang))
        .unwrap_or_default();
    phrase.with(
        lang,
        &[
            ("day", &moment.day()),
            ("month", &month),
            ("year", &moment.year()),
            ("time", &format!("{:02}:{:02}", moment.hour(), moment.minute())),
            ("offset", &offset_name(moment.offset())),
        ],
    )
}

const SHORT_MONTHS: [Phrase; 12] = [
    phrases::SHORT_JANUARY,
    phrases::SHORT_FEBRUARY,
    phrases::SHORT_MARCH,
    phrases::SHORT_APRIL,
    phrases::SHORT_MAY,
    phrases::SHORT_JUNE,
    phrases::SHORT_JULY,
    phrases::SHORT_AUGUST,
    phrases::SHORT_SEPTEMBER,
    phrases::SHORT_OCTOBER,
    phrases::SHORT_NOVEMBER,
    phrases::SHORT_DECEMBER,
];

const MONTHS: [Phrase; 12] = [
    phrases::JANUARY,
    phrases::FEBRUARY,
    phrases::MARCH,
    phrases::APRIL,
    phrases::MAY,
    phrases::JUNE,
    phrases::JULY,
    phrases::AUGUST,
    phrases::SEPTEMBER,
    phrases::OCTOBER,
    phrases::NOVEMBER,
    phrases::DECEMBER,
];

/// The time in UTC, clamped to the years 1970 to 9999, which RFC 3339 can express.
fn utc_datetime(moment: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(clamped(moment).millis()) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The nearest time between 1970 and the end of the year 9999.
fn clamped(moment: Timestamp) -> Timestamp {
    const LAST: i64 = 253_402_300_799_999;
    Timestamp::from_millis(moment.millis().clamp(0, LAST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::time::macros::datetime;

    fn at(moment: OffsetDateTime) -> Timestamp {
        Timestamp::from_millis(moment.unix_timestamp() * 1_000 + i64::from(moment.millisecond()))
    }

    fn ago(seconds: i64, tag: &str) -> String {
        let now = at(datetime!(2026-11-20 12:00 UTC));
        relative(
            now,
            Timestamp::from_millis(now.millis() - seconds * 1_000),
            widget_texts::language(&tag.parse().unwrap()),
        )
    }

    #[test]
    fn relative_time_at_unit_boundaries() {
        for (seconds, english, ukrainian) in [
            (-100, "just now", "щойно"),
            (0, "just now", "щойно"),
            (59, "just now", "щойно"),
            (60, "1 min", "1 хв"),
            (119, "1 min", "1 хв"),
            (3_599, "59 min", "59 хв"),
            (3_600, "1 h", "1 год"),
            (86_399, "23 h", "23 год"),
            (86_400, "yesterday", "учора"),
            // It is noon: yesterday began 36 hours ago.
            (129_600, "yesterday", "учора"),
            (129_601, "2 d", "2 дн."),
            (2 * 86_400, "2 d", "2 дн."),
            (6 * 86_400 + 43_200, "6 d", "6 дн."),
            (6 * 86_400 + 43_201, "13 Nov", "13 лист."),
            (7 * 86_400, "13 Nov", "13 лист."),
            (200 * 86_400, "4 May", "4 трав."),
        ] {
            assert_eq!(ago(seconds, "en"), english, "{seconds}");
            assert_eq!(ago(seconds, "uk-UA"), ukrainian, "{seconds}");
        }
    }

    #[test]
    fn date_in_another_year_contains_the_year() {
        let lang = widget_texts::language(&Language::english());
        let now = at(datetime!(2026-01-09 00:00 UTC));
        assert_eq!(relative(now, at(datetime!(2026-01-01 00:00 UTC)), lang), "1 Jan");
        assert_eq!(relative(now, at(datetime!(2025-12-31 23:59 UTC)), lang), "31 Dec 2025");
    }

    #[test]
    fn exact_time_has_rfc3339_and_title() {
        let then = at(datetime!(2026-11-12 14:05:09 UTC));
        let english = exact(then, &Language::english());
        assert_eq!(
            english,
            ExactTime {
                datetime: "2026-11-12T14:05:09Z".to_owned(),
                title: "12 November 2026, 14:05 UTC".to_owned()
            }
        );
        assert_eq!(exact(then, &"uk".parse().unwrap()).title, "12 листопада 2026 р., 14:05 UTC");
        assert_eq!(
            exact(at(datetime!(2026-03-01 00:00:00.250 UTC)), &Language::english()).datetime,
            "2026-03-01T00:00:00.25Z"
        );
    }

    #[test]
    fn local_times_name_their_offset() {
        let then = at(datetime!(2026-11-12 22:05 UTC));
        let local = |offset| {
            exact_local(
                then,
                datetime!(2026-11-12 22:05 UTC).to_offset(offset),
                &Language::english(),
            )
        };
        let tokyo = UtcOffset::from_hms(9, 0, 0).unwrap();
        assert_eq!(
            local(tokyo),
            ExactTime {
                datetime: "2026-11-12T22:05:00Z".to_owned(),
                title: "13 November 2026, 07:05 UTC+9".to_owned()
            }
        );
        assert_eq!(
            local(UtcOffset::from_hms(-3, -30, 0).unwrap()).title,
            "12 November 2026, 18:35 UTC−3:30"
        );
        assert_eq!(
            day(datetime!(2026-11-12 22:05 UTC).to_offset(tokyo), &"uk".parse().unwrap()),
            "13 листопада 2026 р."
        );
        let now = at(datetime!(2026-11-14 00:00 UTC));
        let moments = |offset| {
            (
                (now, datetime!(2026-11-14 00:00 UTC).to_offset(offset)),
                (then, datetime!(2026-11-12 22:05 UTC).to_offset(offset)),
            )
        };
        let shown = |offset| {
            let (now, then) = moments(offset);
            relative_local(now, then, widget_texts::language(&Language::english()))
        };
        assert_eq!([shown(UtcOffset::UTC), shown(tokyo)], ["2 d", "yesterday"]);
    }

    #[test]
    fn times_out_of_range_are_clamped() {
        let lang = widget_texts::language(&Language::english());
        for millis in [i64::MIN, -1, i64::MAX] {
            assert!(
                !exact(Timestamp::from_millis(millis), &Language::english()).datetime.is_empty(),
                "{millis}"
            );
            assert!(
                !relative(Timestamp::from_millis(i64::MAX), Timestamp::from_millis(millis), lang)
                    .is_empty()
            );
        }
    }
}
