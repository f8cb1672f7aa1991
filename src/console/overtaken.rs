//! Forms that write a whole of something, while somebody else may write it too: a form brings the revision of what its page showed, and
//! where something else is stored by now, nothing is saved. What was typed stays, what is stored is noted beside it, and sent once more it is
//! meant. Whether it is another one is decided by the store's command, not here.

use super::{
    form::Form,
    words::{Lang, Word, words},
};
use crate::{domain::Invalid, inbox::InboxError, web::html::IntoMarkup as _};
use axum::http::StatusCode;
use leptos::prelude::*;

words! {
    CHANGED: "Someone else saved changes while you were editing, so yours were not saved. What you typed is still here; fields that now differ are marked. Choose “Save anyway” to overwrite them.", "Хтось зберіг зміни, поки ви редагували, тож ваші не збережено. Набране лишилося тут, а поля, що відрізняються, позначено. Натисніть «Зберегти все одно», щоб перезаписати їх.";
    NOW: "currently saved: “{value}”", "зараз збережено: «{value}»";
    NOW_NONE: "currently saved: nothing", "зараз не збережено нічого";
    ANYWAY: "Save anyway", "Зберегти все одно";
}

/// The field with the revision of what a page showed.
pub(super) const FORMER: &str = "former";
/// Marks a form whose page says that it was overtaken. No form sends it.
const OVERTAKEN: &str = "overtaken";

/// The revision of what the form shows, to come back with it.
#[component]
pub(super) fn Former(form: Form) -> impl IntoView {
    view! { <input type="hidden" name=FORMER value=form.get(FORMER).to_owned() autocomplete="off"/> }.into_markup()
}

/// Refuses a change, inside the store's command, of what is another one by now. A program that sends no revision means it.
pub(super) fn check(former: Option<&str>, revision: &str) -> Result<(), Invalid> {
    if former.is_none_or(|former| former == revision) { Ok(()) } else { Err(Invalid::new(FORMER, "is not what is stored by now")) }
}

/// Whether a change was refused because it is another one by now.
pub(super) fn is_overtaken(error: &InboxError) -> bool {
    match error {
        InboxError::Changed => true,
        InboxError::Invalid(invalid) => invalid.field == FORMER,
        _ => false,
    }
}

/// The form as it was typed, about what is stored by now, with what differs in these fields noted.
pub(super) fn overtaken<'f>(lang: Lang, form: &Form, stored: &Form, fields: impl IntoIterator<Item = &'f str>) -> Form {
    let plain = |form: &Form, name: &str| form.get(name).replace("\r\n", "\n").trim().to_owned();
    let mut noted = about(form.clone(), stored.get(FORMER), CHANGED.t(lang));
    for name in fields {
        let now = plain(stored, name);
        if now != plain(form, name) {
            noted.refuse(Invalid::new(name, stored_now(lang, &now)));
        }
    }
    noted
}

/// The form about what is stored by now, whose revision is given, with the words for why it was not saved.
pub(super) fn about(form: Form, revision: &str, why: &str) -> Form {
    form.with(FORMER, revision).with(OVERTAKEN, "1").refused(Invalid::new("", why))
}

/// Says what is stored.
pub(super) fn stored_now(lang: Lang, value: &str) -> String {
    if value.is_empty() { NOW_NONE.t(lang).to_owned() } else { NOW.with(lang, &[("value", &value)]) }
}

/// What the button says that saves a form.
pub(super) fn save_label(lang: Lang, form: &Form, label: Word) -> &'static str {
    if form.has(OVERTAKEN) { ANYWAY.t(lang) } else { label.t(lang) }
}

/// With what a form is given back.
pub(super) fn status(form: &Form) -> StatusCode {
    match (form.has(OVERTAKEN), form.is_refused()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, false) => StatusCode::OK,
    }
}
