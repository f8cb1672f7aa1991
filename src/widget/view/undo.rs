//! The line that offers to undo the last action: rendered after a form, and filled in by the
//! islands after a click.

use belfry_domain::MessageId;
use belfry_locales::{UiLanguage, phrases::widget as phrases};
use leptos::prelude::*;

/// The action of the last form, which the page offers to undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UndoableAction {
    /// This message was archived.
    Archived(MessageId),
    Deleted(MessageId),
    /// All messages were marked as read, with this undo number.
    AllRead(i64),
}

impl UndoableAction {
    /// From the query values; `None` for anything else.
    pub(crate) fn parse(done: Option<&str>, of: Option<&str>) -> Option<Self> {
        match (done?, of?) {
            ("archive", id) => id.parse().ok().map(Self::Archived),
            ("delete", id) => id.parse().ok().map(Self::Deleted),
            ("allRead", number) => number.parse().ok().map(Self::AllRead),
            _ => None,
        }
    }

    /// The query values: what was done, and to what.
    pub(crate) fn query_values(self) -> (&'static str, String) {
        match self {
            Self::Archived(id) => ("archive", id.to_string()),
            Self::Deleted(id) => ("delete", id.to_string()),
            Self::AllRead(number) => ("allRead", number.to_string()),
        }
    }
}

/// The line; hidden if nothing was done. `context` is the hidden inputs of every form of the page.
pub(super) fn line(
    done: Option<UndoableAction>,
    lang: UiLanguage,
    action: String,
    context: String,
) -> impl IntoView {
    let (text, verb) = match done {
        None => ("", "restore"),
        Some(UndoableAction::Archived(_)) => (phrases::ARCHIVED.t(lang), "restore"),
        Some(UndoableAction::Deleted(_)) => (phrases::DELETED.t(lang), "undelete"),
        Some(UndoableAction::AllRead(_)) => (phrases::ALL_READ.t(lang), "undoAllRead"),
    };
    let of = done.map(|done| done.query_values().1);
    view! {
        <form id="undo" class="undo" method="post" action=action hidden=done.is_none()>
            <input type="hidden" name="of" value=of />
            <span class="context" hidden=true inner_html=context></span>
            <span class="said" role="status">{text}</span>
            <button name="do" value=verb>{phrases::UNDO.t(lang)}</button>
        </form>
    }
}
