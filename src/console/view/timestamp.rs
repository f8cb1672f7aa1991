//! Times as pages show and forms take them: in the member's time zone, which is named wherever a
//! time is entered.

use crate::{form::Form, phrases::UiLanguage, request_context::RequestContext};
use belfry_content::time::{exact_local, relative_local};
use belfry_domain::{
    Language, LocalTimeError, TimeZone, Timestamp, ValidationError, channel::time_zones,
};
use belfry_locales::phrases::console_layout as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The field with the time zone in which a form was shown, so that its times are read in the same
/// one.
pub(crate) const ZONE_FIELD: &str = "timeZone";

pub(crate) fn language(lang: UiLanguage) -> Language {
    lang.tag().parse().unwrap_or_else(|_| Language::english())
}

/// A past moment in relative words, with the exact local time as its title.
pub(crate) fn relative_time_at(context: &RequestContext, now: Timestamp, at: Timestamp) -> Markup {
    let (language, zone) = (language(context.lang), &context.zone);
    let shown = exact_local(at, zone.to_local(at), &language);
    let words = relative_local((now, zone.to_local(now)), (at, zone.to_local(at)), context.lang);
    view! { <time datetime=shown.datetime title=shown.title>{words}</time> }.into_markup()
}

/// [`relative_time_at`] at the present time.
pub(crate) fn relative_time(context: &RequestContext, at: Timestamp) -> Markup {
    relative_time_at(context, context.console.app.now(), at)
}

/// The local time as text, with its offset from UTC.
pub(crate) fn date_text(context: &RequestContext, at: Timestamp) -> String {
    exact_local(at, context.zone.to_local(at), &language(context.lang)).title
}

/// The local time, with its offset from UTC.
pub(crate) fn date(context: &RequestContext, at: Timestamp) -> Markup {
    let shown = exact_local(at, context.zone.to_local(at), &language(context.lang));
    view! { <time datetime=shown.datetime>{shown.title}</time> }.into_markup()
}

/// The zone in which the times of a form are read: the one in which it was shown, else the
/// member's.
pub(crate) fn zone_of(form: &Form, context: &RequestContext) -> TimeZone {
    form.trimmed(ZONE_FIELD).and_then(TimeZone::from_name).unwrap_or_else(|| context.zone.clone())
}

/// Brings the zone of a form back with it.
pub(crate) fn zone_field(zone: &TimeZone) -> Markup {
    view! { <input type="hidden" name=ZONE_FIELD value=zone.name().to_owned() autocomplete="off"/> }
        .into_markup()
}

/// A zone's name for people: "America/New York".
pub(crate) fn zone_name(zone: &TimeZone) -> String {
    zone.name().replace('_', " ")
}

/// The label of a field for a time, with the zone named.
pub(crate) fn zoned(label: &str, zone: &TimeZone) -> String {
    format!("{label} ({})", zone_name(zone))
}

/// The moment of a field, `Ok(None)` where it is no local time, and an error where clocks skip it.
pub(crate) fn field_moment(
    field: &str,
    text: &str,
    zone: &TimeZone,
) -> Result<Option<Timestamp>, ValidationError> {
    match zone.parse_local(text) {
        Ok(at) => Ok(Some(at)),
        Err(LocalTimeError::Malformed) => Ok(None),
        Err(LocalTimeError::Skipped) => Err(ValidationError::new(
            field,
            phrases::SKIPPED.text([("zone", zone_name(zone).into())]),
        )),
    }
}

/// The zones to choose from, with the chosen one where it is none of them.
pub(crate) fn zone_options(chosen: &str) -> Vec<(String, String)> {
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
        let kyiv = TimeZone::from_name("Europe/Kyiv").unwrap();
        let read = |text| field_moment("publishAt", text, &kyiv);
        let invalid = read("2026-03-29T03:30").unwrap_err();
        assert_eq!(invalid.field, "publishAt");
        assert!(invalid.reason.to_string().contains("Europe/Kyiv"), "{}", invalid.reason);
        assert_eq!(read("soon"), Ok(None));
        assert!(read("2026-03-29T04:00").unwrap().is_some());
        assert_eq!(
            zoned("Send at", &TimeZone::from_name("America/New_York").unwrap()),
            "Send at (America/New York)"
        );
    }
}
