//! Times as pages show and forms take them: in the member's time zone, which is named wherever a
//! time is entered.

use crate::{
    console::{
        form::Form,
        phrases::{UiLanguage, words},
        request_context::RequestContext,
    },
    content::{
        time::{exact_local, relative_local},
        widget_texts::WidgetTexts,
    },
    domain::{Language, LocalTimeError, TimeZone, Timestamp, ValidationError, channel::time_zones},
    web::html::{IntoMarkup, Markup},
};
use leptos::prelude::*;

words! {
    SKIPPED: "does not exist in the time zone {zone}: clocks are set forward then; enter another time", "не існує в часовому поясі {zone}: тоді годинники переводять уперед; введіть інший час";
}

/// The field with the time zone in which a form was shown, so that its times are read in the same
/// one.
pub(in crate::console) const ZONE_FIELD: &str = "timeZone";

pub(in crate::console) fn language(lang: UiLanguage) -> Language {
    lang.tag().parse().unwrap_or_else(|_| Language::english())
}

/// A past moment in relative words, with the exact local time as its title.
pub(in crate::console) fn relative_time_at(
    visit: &RequestContext,
    now: Timestamp,
    at: Timestamp,
) -> Markup {
    let (language, zone) = (language(visit.lang), &visit.zone);
    let shown = exact_local(at, zone.local(at), &language);
    let words =
        relative_local((now, zone.local(now)), (at, zone.local(at)), WidgetTexts::of(&language));
    view! { <time datetime=shown.datetime title=shown.title>{words}</time> }.into_markup()
}

/// [`relative_time_at`] at the present time.
pub(in crate::console) fn relative_time(visit: &RequestContext, at: Timestamp) -> Markup {
    relative_time_at(visit, visit.console.inbox.now(), at)
}

/// The local time as text, with its offset from UTC.
pub(in crate::console) fn date_text(visit: &RequestContext, at: Timestamp) -> String {
    exact_local(at, visit.zone.local(at), &language(visit.lang)).title
}

/// The local time, with its offset from UTC.
pub(in crate::console) fn date(visit: &RequestContext, at: Timestamp) -> Markup {
    let shown = exact_local(at, visit.zone.local(at), &language(visit.lang));
    view! { <time datetime=shown.datetime>{shown.title}</time> }.into_markup()
}

/// The zone in which the times of a form are read: the one in which it was shown, else the
/// member's.
pub(in crate::console) fn zone_of(form: &Form, visit: &RequestContext) -> TimeZone {
    form.maybe(ZONE_FIELD).and_then(TimeZone::named).unwrap_or_else(|| visit.zone.clone())
}

/// Brings the zone of a form back with it.
pub(in crate::console) fn zone_field(zone: &TimeZone) -> Markup {
    view! { <input type="hidden" name=ZONE_FIELD value=zone.name().to_owned() autocomplete="off"/> }
        .into_markup()
}

/// A zone's name for people: "America/New York".
pub(in crate::console) fn zone_name(zone: &TimeZone) -> String {
    zone.name().replace('_', " ")
}

/// The label of a field for a time, with the zone named.
pub(in crate::console) fn zoned(label: &str, zone: &TimeZone) -> String {
    format!("{label} ({})", zone_name(zone))
}

/// The moment of a field, `Ok(None)` where it is no local time, and an error where clocks skip it.
pub(in crate::console) fn field_moment(
    lang: UiLanguage,
    field: &str,
    text: &str,
    zone: &TimeZone,
) -> Result<Option<Timestamp>, ValidationError> {
    match zone.moment(text) {
        Ok(at) => Ok(Some(at)),
        Err(LocalTimeError::Unreadable) => Ok(None),
        Err(LocalTimeError::Skipped) => {
            Err(ValidationError::new(field, SKIPPED.with(lang, &[("zone", &zone_name(zone))])))
        }
    }
}

/// The zones to choose from, with the chosen one where it is none of them.
pub(in crate::console) fn zone_options(chosen: &str) -> Vec<(String, String)> {
    let mut names = time_zones();
    if !chosen.is_empty() && !names.iter().any(|name| name == chosen) {
        names.insert(0, chosen.to_owned());
    }
    names.into_iter().map(|name| (name.clone(), name.replace('_', " "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_time_is_an_error_at_its_field() {
        let kyiv = TimeZone::named("Europe/Kyiv").unwrap();
        let read = |text| field_moment(UiLanguage::English, "publishAt", text, &kyiv);
        let invalid = read("2026-03-29T03:30").unwrap_err();
        assert_eq!(invalid.field, "publishAt");
        assert!(invalid.reason.contains("Europe/Kyiv"), "{}", invalid.reason);
        assert_eq!(read("soon"), Ok(None));
        assert!(read("2026-03-29T04:00").unwrap().is_some());
        assert_eq!(
            zoned("Send at", &TimeZone::named("America/New_York").unwrap()),
            "Send at (America/New York)"
        );
    }
}
