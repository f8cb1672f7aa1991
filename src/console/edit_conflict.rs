//! Optimistic locking of forms. A form carries the revision of what its page showed. When something
//! else is stored by then, nothing is saved: the form comes back with what was typed and with the
//! stored values noted, and posting it again overwrites. The store's command compares the
//! revisions, not this module.

use super::{
    form::Form,
    phrases::{Phrase, UiLanguage},
};
use axum::http::StatusCode;
use belfry_app::AppError;
use belfry_domain::ValidationError;
use belfry_locales::phrases::console_layout as phrases;
use belfry_locales::{LocalizedText, phrases::errors};
use belfry_web::html::IntoMarkup as _;
use leptos::prelude::*;

/// The hidden field with the revision that the page showed.
pub(super) const REVISION_FIELD: &str = "former";
/// Marks a form that came back after a conflict. Forms never post it.
const CONFLICT_FIELD: &str = "overtaken";

/// The hidden field with the revision.
#[component]
pub(super) fn RevisionField(form: Form) -> impl IntoView {
    view! { <input type="hidden" name=REVISION_FIELD value=form.get(REVISION_FIELD).to_owned() autocomplete="off"/> }.into_markup()
}

/// Called inside the store's command: an error when the revision differs from the stored one. A
/// missing revision always matches.
pub(super) fn check_revision(
    expected_revision: Option<&str>,
    revision: &str,
) -> Result<(), ValidationError> {
    if expected_revision.is_none_or(|former| former == revision) {
        Ok(())
    } else {
        Err(ValidationError::new(REVISION_FIELD, errors::CHANGED))
    }
}

/// Whether an error is a conflict of revisions.
pub(super) fn is_conflict(error: &AppError) -> bool {
    match error {
        AppError::Changed => true,
        AppError::ValidationError(invalid) => invalid.field == REVISION_FIELD,
        _ => false,
    }
}

/// The form as typed, now about the stored revision, with the stored value noted at each of these
/// fields that differs.
pub(super) fn with_conflict<'f>(
    lang: UiLanguage,
    form: &Form,
    stored: &Form,
    fields: impl IntoIterator<Item = &'f str>,
) -> Form {
    let plain = |form: &Form, name: &str| form.get(name).replace("\r\n", "\n").trim().to_owned();
    let mut noted =
        with_revision(form.clone(), stored.get(REVISION_FIELD), phrases::CHANGED.t(lang));
    for name in fields {
        let now = plain(stored, name);
        if now != plain(form, name) {
            noted.reject(ValidationError::new(name, stored_value(&now)));
        }
    }
    noted
}

/// The form with the stored revision and the reason why it was not saved.
pub(super) fn with_revision(form: Form, revision: &str, why: &str) -> Form {
    form.with(REVISION_FIELD, revision)
        .with(CONFLICT_FIELD, "1")
        .rejected(ValidationError::new("", errors::verbatim(why.to_owned())))
}

/// The note about a stored value.
pub(super) fn stored_value(value: &str) -> LocalizedText {
    if value.is_empty() {
        phrases::NOW_NONE.into()
    } else {
        phrases::NOW.text([("value", value.to_owned().into())])
    }
}

/// The label of the save button; another one after a conflict.
pub(super) fn save_label(lang: UiLanguage, form: &Form, label: Phrase) -> &'static str {
    if form.contains(CONFLICT_FIELD) { phrases::ANYWAY.t(lang) } else { label.t(lang) }
}

/// The status of the page that shows the form: 409 after a conflict, 422 with errors.
pub(super) fn form_status(form: &Form) -> StatusCode {
    match (form.contains(CONFLICT_FIELD), form.has_errors()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, false) => StatusCode::OK,
    }
}
