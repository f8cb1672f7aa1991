//! Working hours of an inbox: seven days in the inbox's time zone. [`super::automatic_reply`]
//! decides what follows from them.

use super::time_zone::LocalTime;
use crate::ValidationError;
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};

const DAYS: usize = 7;
/// The last minute of a day. Closing then means closing at midnight.
const LAST_MINUTE: u16 = 23 * 60 + 59;

/// Working hours of one day; the fields have the contract's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingDay {
    /// Day of the week; 0 is Sunday.
    pub day_of_week: u8,
    /// Closed; the hours may be kept for later.
    pub closed_all_day: bool,
    /// 0 to 23.
    pub open_hour: Option<u8>,
    /// 0 to 59.
    pub open_minutes: Option<u8>,
    /// 0 to 23.
    pub close_hour: Option<u8>,
    /// 0 to 59.
    pub close_minutes: Option<u8>,
    /// Open from midnight to midnight.
    pub open_all_day: bool,
}

impl WorkingDay {
    /// The default: 9:00 to 17:00 on weekdays.
    const fn default_for(day_of_week: u8) -> Self {
        let is_weekend = matches!(day_of_week, 0 | 6);
        let [nine, five, zero] = if is_weekend { [None; 3] } else { [Some(9), Some(17), Some(0)] };
        Self {
            day_of_week,
            closed_all_day: is_weekend,
            open_hour: nine,
            open_minutes: zero,
            close_hour: five,
            close_minutes: zero,
            open_all_day: false,
        }
    }

    /// Validates a day. The error texts are those that clients know.
    fn validate(mut self) -> Result<Self, ValidationError> {
        if self.open_all_day && self.closed_all_day {
            return Err(ValidationError::new("", errors::OPEN_AND_CLOSED));
        }
        if self.open_all_day {
            (self.open_hour, self.open_minutes, self.close_hour, self.close_minutes) =
                (Some(0), Some(0), Some(23), Some(59));
        }
        let parts = [
            ("open_hour", self.open_hour, 23),
            ("open_minutes", self.open_minutes, 59),
            ("close_hour", self.close_hour, 23),
            ("close_minutes", self.close_minutes, 59),
        ];
        for (field, part, most) in parts {
            match part {
                None if !self.closed_all_day => {
                    return Err(ValidationError::new(field, errors::BLANK));
                }
                Some(part) if part > most => {
                    return Err(ValidationError::new(field, errors::NOT_INCLUDED));
                }
                _ => {}
            }
        }
        if self.hours().is_some_and(|(open, close)| open >= close) {
            return Err(ValidationError::new("close_hour", errors::CLOSING_TIME));
        }
        Ok(self)
    }

    /// Opening and closing time in minutes of the day; `None` for a closed day.
    fn hours(&self) -> Option<(u16, u16)> {
        let minute = |hour: Option<u8>, minutes: Option<u8>| {
            Some(u16::from(hour?) * 60 + u16::from(minutes?))
        };
        if self.closed_all_day {
            return None;
        }
        Some((
            minute(self.open_hour, self.open_minutes)?,
            minute(self.close_hour, self.close_minutes)?,
        ))
    }

    fn is_open_at(&self, minute: u16) -> bool {
        self.hours()
            .is_some_and(|(open, close)| minute >= open && (minute < close || close == LAST_MINUTE))
    }
}

/// The week of an inbox, starting with Sunday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingHours([WorkingDay; DAYS]);

impl Default for WorkingHours {
    fn default() -> Self {
        Self([0, 1, 2, 3, 4, 5, 6].map(WorkingDay::default_for))
    }
}

impl WorkingHours {
    /// The days, starting with Sunday.
    pub const fn days(&self) -> &[WorkingDay; DAYS] {
        &self.0
    }

    /// The given day of the week; 0 is Sunday.
    pub fn day_mut(&mut self, day_of_week: u8) -> Option<&mut WorkingDay> {
        self.0.get_mut(usize::from(day_of_week))
    }

    /// Validates each day. An error on Monday has the field `working_hours.1.…`.
    pub fn validate(mut self) -> Result<Self, ValidationError> {
        for (day, number) in self.0.iter_mut().zip(0_u8..) {
            let of_day = WorkingDay { day_of_week: number, ..*day };
            *day = of_day
                .validate()
                .map_err(|invalid| invalid.with_parent(&format!("working_hours.{number}")))?;
        }
        Ok(self)
    }

    /// Whether the inbox is open at this local time.
    pub fn is_open_at(&self, local: &LocalTime) -> bool {
        self.0.get(usize::from(local.day_of_week)).is_some_and(|day| day.is_open_at(local.minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(open: (u8, u8), close: (u8, u8)) -> WorkingDay {
        WorkingDay {
            day_of_week: 1,
            closed_all_day: false,
            open_hour: Some(open.0),
            open_minutes: Some(open.1),
            close_hour: Some(close.0),
            close_minutes: Some(close.1),
            open_all_day: false,
        }
    }

    #[test]
    fn default_week_is_nine_to_five_on_weekdays() {
        let week = WorkingHours::default().validate().unwrap();
        assert_eq!(week, WorkingHours::default());
        let open: Vec<u8> = week
            .days()
            .iter()
            .filter(|day| day.is_open_at(12 * 60))
            .map(|day| day.day_of_week)
            .collect();
        assert_eq!(open, [1, 2, 3, 4, 5]);
        assert_eq!(
            [8 * 60 + 59, 9 * 60, 16 * 60 + 59, 17 * 60]
                .map(|minute| week.days()[1].is_open_at(minute)),
            [false, true, true, false]
        );
    }

    #[test]
    fn last_minute_closes_at_midnight() {
        let evening = day((22, 30), (23, 59));
        assert_eq!(
            [22 * 60 + 29, 22 * 60 + 30, LAST_MINUTE].map(|minute| evening.is_open_at(minute)),
            [false, true, true]
        );
        let whole = WorkingDay { open_all_day: true, open_hour: None, ..day((9, 0), (8, 0)) }
            .validate()
            .unwrap();
        assert_eq!((whole.open_hour, whole.close_minutes), (Some(0), Some(59)));
        assert!(whole.is_open_at(0) && whole.is_open_at(LAST_MINUTE));
        let closed = WorkingDay { closed_all_day: true, ..day((0, 0), (23, 59)) };
        assert!(!closed.is_open_at(0) && !closed.is_open_at(LAST_MINUTE));
    }

    #[test]
    fn invalid_day_names_its_field() {
        let both = WorkingDay { open_all_day: true, closed_all_day: true, ..day((9, 0), (17, 0)) };
        let cases = [
            (
                WorkingDay { open_hour: None, ..day((9, 0), (17, 0)) },
                "working_hours.1.open_hour",
                "can't be blank",
            ),
            (
                WorkingDay { close_minutes: None, ..day((9, 0), (17, 0)) },
                "working_hours.1.close_minutes",
                "can't be blank",
            ),
            (day((24, 0), (17, 0)), "working_hours.1.open_hour", "is not included in the list"),
            (day((9, 60), (17, 0)), "working_hours.1.open_minutes", "is not included in the list"),
            (
                day((9, 0), (17, u8::MAX)),
                "working_hours.1.close_minutes",
                "is not included in the list",
            ),
            (
                day((9, 0), (9, 0)),
                "working_hours.1.close_hour",
                "Closing time cannot be before opening time",
            ),
            (
                day((17, 0), (9, 0)),
                "working_hours.1.close_hour",
                "Closing time cannot be before opening time",
            ),
            (
                both,
                "working_hours.1",
                "open_all_day and closed_all_day cannot be true at the same time",
            ),
        ];
        for (monday, field, reason) in cases {
            let mut week = WorkingHours::default();
            *week.day_mut(1).unwrap() = monday;
            let invalid = week.validate().unwrap_err();
            assert_eq!(
                (&*invalid.field, invalid.reason.to_string()),
                (field, reason.to_owned()),
                "{monday:?}"
            );
        }
        // A closed day needs no hours, but keeps them.
        let closed = WorkingDay { closed_all_day: true, ..day((9, 0), (17, 0)) };
        assert_eq!(closed.validate(), Ok(closed));
        assert_eq!(WorkingHours::default().day_mut(7), None);
    }
}
