//! The part of an inbox's form that says when it is attended: a zone, and for each day of the week
//! the hours from and to.
//!
//! Must not know what follows from it. [`super::form`] puts it between its other fields.

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        form::Form,
        phrases::{Phrase, UiLanguage, words},
        view::{Checkbox, Select, TextArea, zone_options},
    },
    domain::{
        ValidationError,
        channel::{InboxSettings, WorkingDay, WorkingHours},
    },
};
use leptos::prelude::*;

words! {
    HOURS: "Working hours", "Робочі години";
    ENABLED: "Reply automatically outside working hours", "Відповідати автоматично поза робочими годинами";
    MESSAGE: "Out-of-office message", "Повідомлення в неробочий час";
    MESSAGE_HINT: "Sent instead of the greeting outside working hours, once a day.", "Надсилається замість вітання кожному, хто пише в цей час, раз на день.";
    ZONE: "Time zone", "Часовий пояс";
    ZONE_HINT: "The hours below are in this time zone, with its daylight saving time.", "Години нижче — за цим часовим поясом, з переходом на літній час.";
    ZONE_OF_BROWSER: "Use this browser’s:", "Взяти з браузера:";
    WEEK: "Days", "Дні";
    STATE: "{day}: when", "{day}: коли";
    FROM: "{day}: from", "{day}: від";
    TO: "{day}: to", "{day}: до";
    OPEN: "From – to", "Від – до";
    CLOSED: "Closed", "Зачинено";
    ALL_DAY: "All day", "Цілодобово";
    SUNDAY: "Sunday", "Неділя";
    MONDAY: "Monday", "Понеділок";
    TUESDAY: "Tuesday", "Вівторок";
    WEDNESDAY: "Wednesday", "Середа";
    THURSDAY: "Thursday", "Четвер";
    FRIDAY: "Friday", "П’ятниця";
    SATURDAY: "Saturday", "Субота";
}

/// The days as people read them, with their numbers and the names of their fields.
const DAYS: [Day; 7] = [
    Day { number: 1, word: MONDAY, state: "day_1", open: "open_1", close: "close_1" },
    Day { number: 2, word: TUESDAY, state: "day_2", open: "open_2", close: "close_2" },
    Day { number: 3, word: WEDNESDAY, state: "day_3", open: "open_3", close: "close_3" },
    Day { number: 4, word: THURSDAY, state: "day_4", open: "open_4", close: "close_4" },
    Day { number: 5, word: FRIDAY, state: "day_5", open: "open_5", close: "close_5" },
    Day { number: 6, word: SATURDAY, state: "day_6", open: "open_6", close: "close_6" },
    Day { number: 0, word: SUNDAY, state: "day_0", open: "open_0", close: "close_0" },
];

struct Day {
    number: u8,
    word: Phrase,
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

/// `09:30`, or with the seconds that some browsers add; nothing of what is no time.
fn time(text: &str) -> (Option<u8>, Option<u8>) {
    let mut parts = text.trim().split(':').map(|part| part.parse().ok());
    match (parts.next().flatten(), parts.next().flatten(), parts.count()) {
        (Some(hour), Some(minutes), 0 | 1) if hour < 24 && minutes < 60 => {
            (Some(hour), Some(minutes))
        }
        _ => (None, None),
    }
}

/// What the form begins with.
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

/// The settings with what the form says of the hours; days that it does not have stay.
pub(super) fn read(form: &Form, settings: InboxSettings) -> InboxSettings {
    InboxSettings {
        working_hours_enabled: form.has("working_hours_enabled"),
        working_hours: week(form, settings.working_hours),
        out_of_office_message: form.maybe("out_of_office_message").map(str::to_owned),
        timezone: form.maybe("timezone").map_or(settings.timezone, str::to_owned),
        ..settings
    }
}

fn week(form: &Form, mut week: WorkingHours) -> WorkingHours {
    for day in DAYS.iter().filter(|day| form.has(day.state)) {
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

/// What is wrong with a day, at the field of the form that says it.
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
            ValidationError::new(day.open, "must be a time such as 09:00")
        }
        _ if invalid.reason.starts_with("Closing time") => {
            ValidationError::new(day.close, "must be later than the opening time")
        }
        _ => ValidationError::new(day.close, "must be a time such as 17:00"),
    }
}

fn row(lang: UiLanguage, form: &Form, day: &Day) -> Markup {
    let name = day.word.t(lang);
    let said = |word: Phrase| word.with(lang, &[("day", &name)]);
    let chosen = form.get(day.state);
    let options = [(STATE_OPEN, OPEN), (STATE_CLOSED, CLOSED), (STATE_ALL_DAY, ALL_DAY)].map(
        |(value, word)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{word.t(lang)}</option> }
        },
    );
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
            <select name=day.state aria-label=said(STATE)>{options.into_iter().collect_view()}</select>
            <span class="from-to">{time(day.open, said(FROM))} <span aria-hidden="true">"–"</span> {time(day.close, said(TO))}</span>
            {error(day.open)}
            {error(day.close)}
        </div>
    }
    .into_markup()
}

/// All of its fields.
pub(super) fn fields(lang: UiLanguage, form: &Form) -> Markup {
    let zones = zone_options(form.get("timezone"));
    view! {
        <fieldset class="group">
            <legend>{HOURS.t(lang)}</legend>
            <Checkbox form=form.clone() name="working_hours_enabled" label=ENABLED.t(lang)/>
            <TextArea form=form.clone() name="out_of_office_message" label=MESSAGE.t(lang) rows=3 hint=MESSAGE_HINT.t(lang)/>
            <Select form=form.clone() name="timezone" label=ZONE.t(lang) options=zones hint=ZONE_HINT.t(lang)/>
            <button type="button" class="button small" data-zone-of="timezone" hidden>{ZONE_OF_BROWSER.t(lang)}</button>
            <div role="group" class="week" aria-label=WEEK.t(lang)>{DAYS.iter().map(|day| row(lang, form, day)).collect_view()}</div>
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
        assert_eq!(read(&Form::filled(of(&settings)), blank), settings);
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
            read(&Form::filled(fields.to_vec()), settings)
                .checked()
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
