//! Optimistic locking of forms. A form carries the revision of what its page showed. When something
//! else is stored by then, nothing is saved: the form comes back with what was typed and with the
//! stored values noted, and posting it again overwrites. The store's command compares the
//! revisions, not this module.

use super::{
    form::Form,
    phrases::{Phrase, UiLanguage, words},
};
use crate::{app::AppError, domain::ValidationError, web::html::IntoMarkup as _};
use axum::http::StatusCode;
use leptos::prelude::*;

words! {
    CHANGED: "Someone else saved changes while you were editing, so yours were not saved. What you typed is still here; fields that now differ are marked. Choose “Save anyway” to overwrite them.", "Хтось зберіг зміни, поки ви редагували, тож ваші не збережено. Набране лишилося тут, а поля, що відрізняються, позначено. Натисніть «Зберегти все одно», щоб перезаписати їх.";
    NOW: "currently saved: “{value}”", "зараз збережено: «{value}»";
    NOW_NONE: "currently saved: nothing", "зараз не збережено нічого";
    ANYWAY: "Save anyway", "Зберегти все одно";
}

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
pub(super) fn check_revision(former: Option<&str>, revision: &str) -> Result<(), ValidationError> {
    if former.is_none_or(|former| former == revision) {
        Ok(())
    } else {
        Err(ValidationError::new(REVISION_FIELD, "is not what is stored by now"))
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
    let mut noted = with_revision(form.clone(), stored.get(REVISION_FIELD), CHANGED.t(lang));
    for name in fields {
        let now = plain(stored, name);
        if now != plain(form, name) {
            noted.refuse(ValidationError::new(name, stored_value(lang, &now)));
        }
    }
    noted
}

/// The form with the stored revision and the reason why it was not saved.
pub(super) fn with_revision(form: Form, revision: &str, why: &str) -> Form {
    form.with(REVISION_FIELD, revision)
        .with(CONFLICT_FIELD, "1")
        .refused(ValidationError::new("", why))
}

/// The note about a stored value.
pub(super) fn stored_value(lang: UiLanguage, value: &str) -> String {
    if value.is_empty() {
        NOW_NONE.t(lang).to_owned()
    } else {
        NOW.with(lang, &[("value", &value)])
    }
}

/// The label of the save button; another one after a conflict.
pub(super) fn save_label(lang: UiLanguage, form: &Form, label: Phrase) -> &'static str {
    if form.has(CONFLICT_FIELD) { ANYWAY.t(lang) } else { label.t(lang) }
}

/// The status of the page that shows the form: 409 after a conflict, 422 with errors.
pub(super) fn form_status(form: &Form) -> StatusCode {
    match (form.has(CONFLICT_FIELD), form.is_refused()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, false) => StatusCode::OK,
    }
}
