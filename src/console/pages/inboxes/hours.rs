//! The working hours in an inbox's form: a time zone, and opening and closing times for each day of
//! the week.
//!
//! Must not depend on the effects of working hours. [`super::form`] includes these fields.

use crate::{
    form::Form,
    phrases::{Phrase, UiLanguage},
    view::{Checkbox, Select, TextArea, zone_options},
};
use belfry_domain::{
    ValidationError,
    channel::{InboxSettings, WorkingDay, WorkingHours},
};
use belfry_locales::phrases::errors;
use belfry_locales::{Template, phrases::console_inboxes as phrases};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The days from Monday on, with their numbers and field names.
const DAYS: [Day; 7] = [
    Day { number: 1, phrase: phrases::MONDAY, state: "day_1", open: "open_1", close: "close_1" },
    Day { number: 2, phrase: phrases::TUESDAY, state: "day_2", open: "open_2", close: "close_2" },
    Day { number: 3, phrase: phrases::WEDNESDAY, state: "day_3", open: "open_3", close: "close_3" },
    Day { number: 4, phrase: phrases::THURSDAY, state: "day_4", open: "open_4", close: "close_4" },
    Day { number: 5, phrase: phrases::FRIDAY, state: "day_5", open: "open_5", close: "close_5" },
    Day { number: 6, phrase: phrases::SATURDAY, state: "day_6", open: "open_6", close: "close_6" },
    Day { number: 0, phrase: phrases::SUNDAY, state: "day_0", open: "open_0", close: "close_0" },
];

struct Day {
    number: u8,
    phrase: Phrase,
    state: &'static str,
    open: &'static str,
    close: &'static str,
}

const STATE_OPEN: &str = "open";
const STATE_CLOSED: &str = "closed";
const STATE_ALL_DAY: &str = "all_day";

fn clock(hour: Option<u8>, minutes: Option<u8>) -> String {
    hour.zip(minutes).map(|(hour, minutes)| format!("{hour:02}:{minutes:02}")).unwrap_or_default()
}

/// Parses `09:30`, also with the seconds that some browsers add.
fn time(text: &str) -> (Option<u8>, Option<u8>) {
    let mut parts = text.trim().split(':').map(|part| part.parse().ok());
    match (parts.next().flatten(), parts.next().flatten(), parts.count()) {
        (Some(hour), Some(minutes), 0 | 1) if hour < 24 && minutes < 60 => {
            (Some(hour), Some(minutes))
        }
        _ => (None, None),
    }
}

/// The initial values of the form.
pub(super) fn of(settings: &InboxSettings) -> Vec<(String, String)> {
    let mut fields = vec![
        ("timezone".to_owned(), settings.timezone.clone()),
        (
            "out_of_office_message".to_owned(),
            settings.out_of_office_message.clone().unwrap_or_default(),
        ),
    ];
    if settings.working_hours_enabled {
        fields.push(("working_hours_enabled".to_owned(), "on".to_owned()));
    }
    for (of_week, day) in settings
        .working_hours
        .days()
        .iter()
        .flat_map(|of_week| DAYS.iter().map(move |day| (of_week, day)))
    {
        if of_week.day_of_week == day.number {
            let state = match (of_week.closed_all_day, of_week.open_all_day) {
                (true, _) => STATE_CLOSED,
                (false, true) => STATE_ALL_DAY,
                (false, false) => STATE_OPEN,
            };
            fields.push((day.state.to_owned(), state.to_owned()));
            fields.push((day.open.to_owned(), clock(of_week.open_hour, of_week.open_minutes)));
            fields.push((day.close.to_owned(), clock(of_week.close_hour, of_week.close_minutes)));
        }
    }
    fields
}

/// Applies the form to the settings; days without fields stay unchanged.
pub(super) fn read(form: &Form, settings: InboxSettings) -> InboxSettings {
    InboxSettings {
        working_hours_enabled: form.contains("working_hours_enabled"),
        working_hours: week(form, settings.working_hours),
        out_of_office_message: form.trimmed("out_of_office_message").map(str::to_owned),
        timezone: form.trimmed("timezone").map_or(settings.timezone, str::to_owned),
        ..settings
    }
}

fn week(form: &Form, mut week: WorkingHours) -> WorkingHours {
    for day in DAYS.iter().filter(|day| form.contains(day.state)) {
        let ((open_hour, open_minutes), (close_hour, close_minutes)) =
            (time(form.get(day.open)), time(form.get(day.close)));
        let state = form.get(day.state);
        if let Some(of_week) = week.day_mut(day.number) {
            *of_week = WorkingDay {
                day_of_week: day.number,
                closed_all_day: state == STATE_CLOSED,
                open_all_day: state == STATE_ALL_DAY,
                open_hour,
                open_minutes,
                close_hour,
                close_minutes,
            };
        }
    }
    week
}

/// Moves an error of a day to its form field.
pub(super) fn at_field(invalid: ValidationError) -> ValidationError {
    let Some((number, attribute)) =
        invalid.field.strip_prefix("working_hours.").and_then(|day| day.split_once('.'))
    else {
        return invalid;
    };
    let Some(day) = DAYS.iter().find(|day| day.number.to_string() == number) else {
        return invalid;
    };
    match attribute {
        "open_hour" | "open_minutes" => {
            ValidationError::new(day.open, errors::time_of_day("09:00"))
        }
        _ if invalid.reason == errors::CLOSING_TIME => {
            ValidationError::new(day.close, errors::CLOSING_BEFORE_OPENING)
        }
        _ => ValidationError::new(day.close, errors::time_of_day("17:00")),
    }
}

fn row(lang: UiLanguage, form: &Form, day: &Day) -> Markup {
    let name = day.phrase.t(lang);
    let named = |word: Template| word.with(lang, &[("day", &name)]);
    let chosen = form.get(day.state);
    let options = [
        (STATE_OPEN, phrases::OPEN),
        (STATE_CLOSED, phrases::CLOSED),
        (STATE_ALL_DAY, phrases::ALL_DAY),
    ]
    .map(|(value, word)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{word.t(lang)}</option> }
    });
    let time = |field: &'static str, label: String| {
        let wrong = form.error(field).is_some();
        let (invalid, error) = (wrong.then_some("true"), wrong.then(|| format!("{field}-error")));
        let value = form.get(field).to_owned();
        view! { <input type="time" id=field name=field value=value aria-label=label aria-invalid=invalid aria-describedby=error/> }
    };
    let error = |field: &'static str| {
        form.error(field)
            .map(|error| view! { <p class="wrong" id=format!("{field}-error")>{error}</p> })
    };
    view! {
        <div class="day-hours">
            <span class="day-name">{name}</span>
            <select name=day.state aria-label=named(phrases::STATE)>{options.into_iter().collect_view()}</select>
            <span class="from-to">{time(day.open, named(phrases::FROM))} <span aria-hidden="true">"–"</span> {time(day.close, named(phrases::TO))}</span>
            {error(day.open)}
            {error(day.close)}
        </div>
    }
    .into_markup()
}

/// All fields.
pub(super) fn fields(lang: UiLanguage, form: &Form) -> Markup {
    let zones = zone_options(form.get("timezone"));
    view! {
        <fieldset class="group">
            <legend>{phrases::HOURS.t(lang)}</legend>
            <Checkbox form=form.clone() name="working_hours_enabled" label=phrases::HOURS_ENABLED.t(lang)/>
            <TextArea form=form.clone() name="out_of_office_message" label=phrases::MESSAGE.t(lang) rows=3 hint=phrases::MESSAGE_HINT.t(lang)/>
            <Select form=form.clone() name="timezone" label=phrases::ZONE.t(lang) options=zones hint=phrases::ZONE_HINT.t(lang)/>
            <button type="button" class="button small" data-zone-of="timezone" hidden>{phrases::ZONE_OF_BROWSER.t(lang)}</button>
            <div role="group" class="week" aria-label=phrases::WEEK.t(lang)>{DAYS.iter().map(|day| row(lang, form, day)).collect_view()}</div>
        </fieldset>
    }
    .into_markup()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_browsers_send_them() {
        let of = |text| time(text).0.zip(time(text).1);
        assert_eq!(
            ["09:30", "23:59", "00:00", " 7:05 ", "09:30:00"].map(of),
            [(9, 30), (23, 59), (0, 0), (7, 5), (9, 30)].map(Some)
        );
        assert_eq!(
            ["", "9", "24:00", "12:60", "-1:00", "9:30:00:00", "nine", "300:00"].map(of),
            [None; 8]
        );
    }

    #[test]
    fn form_says_back_what_it_shows() {
        let mut settings = InboxSettings {
            working_hours_enabled: true,
            timezone: "Asia/Tokyo".to_owned(),
            ..InboxSettings::default()
        };
        let day = settings.working_hours.day_mut(6).unwrap();
        *day = WorkingDay {
            open_all_day: true,
            closed_all_day: false,
            open_hour: Some(0),
            open_minutes: Some(0),
            close_hour: Some(23),
            close_minutes: Some(59),
            ..*day
        };
        let blank = InboxSettings { timezone: "UTC".to_owned(), ..InboxSettings::default() };
        assert_eq!(read(&Form::from_fields(of(&settings)), blank), settings);
    }

    #[test]
    fn days_that_a_form_does_not_have_stay() {
        let settings = InboxSettings::default();
        assert_eq!(read(&Form::default(), settings.clone()), settings);
    }

    #[test]
    fn what_is_wrong_stands_at_its_field() {
        let of = |state: &str, open: &str, close: &str| {
            let fields = [("day_2", state), ("open_2", open), ("close_2", close)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
            let settings = InboxSettings { name: "Shop".to_owned(), ..InboxSettings::default() };
            read(&Form::from_fields(fields.to_vec()), settings)
                .validate()
                .map(|_| ())
                .map_err(|invalid| at_field(invalid).to_string())
        };
        assert_eq!(of("open", "", "17:00"), Err("open_2: must be a time such as 09:00".to_owned()));
        assert_eq!(
            of("open", "09:00", "5pm"),
            Err("close_2: must be a time such as 17:00".to_owned())
        );
        assert_eq!(
            of("open", "09:00", "09:00"),
            Err("close_2: must be later than the opening time".to_owned())
        );
        for (state, open, close) in [
            ("closed", "", ""),
            ("closed", "17:00", "09:00"),
            ("all_day", "", "nine"),
            ("open", "09:00", "09:01"),
        ] {
            assert_eq!(of(state, open, close), Ok(()), "{state} {open} {close}");
        }
    }

    #[test]
    fn zone_that_is_not_offered_is_not_lost() {
        assert_eq!(zone_options("Etc/GMT+5")[0].0, "Etc/GMT+5");
        assert_eq!(
            zone_options("Europe/Kyiv").iter().filter(|(name, _)| name == "Europe/Kyiv").count(),
            1
        );
        assert!(
            zone_options("")
                .iter()
                .any(|(name, label)| name == "America/New_York" && label == "America/New York")
        );
    }
}
