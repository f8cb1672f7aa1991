//! Parses changes of working hours: some days of the week, each with the members that change.
//!
//! Must not decide when an inbox is attended. [`super::inboxes`] calls it.

use super::params::Params;
use belfry_app::channel::ChannelError;
use belfry_domain::{
    ValidationError,
    channel::{Rejection, WorkingDay, WorkingHours},
};
use belfry_locales::phrases::errors;

/// The days that a request changes.
#[derive(Debug, Clone, Default)]
pub(super) struct DayChanges(Vec<(u8, Params)>);

impl DayChanges {
    /// Parses the days; an invalid day of the week is rejected.
    pub(super) fn parse(params: &Params) -> Result<Self, ValidationError> {
        let number = |day: &Params| {
            day.integer("day_of_week")
                .and_then(|number| u8::try_from(number).ok())
                .filter(|number| *number < 7)
        };
        let days = params.items("working_hours").unwrap_or_default().into_iter();
        let days = days.map(|day| {
            Ok((
                number(&day)
                    .ok_or_else(|| ValidationError::new("day_of_week", errors::NOT_INCLUDED))?,
                day,
            ))
        });
        Ok(Self(days.collect::<Result<_, ValidationError>>()?))
    }

    /// Applies the changes to a week; absent members stay as they are.
    pub(super) fn apply_to(&self, mut week: WorkingHours) -> WorkingHours {
        for (number, said) in &self.0 {
            if let Some(day) = week.day_mut(*number) {
                *day = merge_day(said, *day);
            }
        }
        week
    }
}

fn merge_day(params: &Params, day: WorkingDay) -> WorkingDay {
    // An unparsable hour becomes one out of range, and is rejected as such.
    let part = |name: &str, present: Option<u8>| match params.text(name) {
        Some(text) => text
            .filter(|text| !text.trim().is_empty())
            .map(|text| text.trim().parse().unwrap_or(u8::MAX)),
        None => present,
    };
    WorkingDay {
        day_of_week: day.day_of_week,
        closed_all_day: params.boolean("closed_all_day").unwrap_or(day.closed_all_day),
        open_hour: part("open_hour", day.open_hour),
        open_minutes: part("open_minutes", day.open_minutes),
        close_hour: part("close_hour", day.close_hour),
        close_minutes: part("close_minutes", day.close_minutes),
        open_all_day: params.boolean("open_all_day").unwrap_or(day.open_all_day),
    }
}

/// Renames the field of a day's error to the attribute that clients expect.
pub(super) fn name_attribute(error: ChannelError) -> ChannelError {
    match error {
        ChannelError::Rejected(Rejection::Invalid(ValidationError { field, reason })) => {
            let of_day = field
                .strip_prefix("working_hours.")
                .map(|day| day.split_once('.').map_or("", |(_, attribute)| attribute).to_owned());
            Rejection::Invalid(ValidationError { field: of_day.unwrap_or(field), reason }).into()
        }
        other => other,
    }
}
