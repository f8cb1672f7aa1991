//! The line that offers to take back what was done last: rendered after a form, and filled in by the islands after a click.

use crate::{content::catalogue::Texts, domain::MessageId};
use leptos::prelude::*;

/// What a form has just done, so that the page can offer to take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::widget) enum Done {
    /// This message was put into the archive.
    Archived(MessageId),
    /// This message was deleted.
    Deleted(MessageId),
    /// All was marked as read, with this number.
    AllRead(i64),
}

impl Done {
    /// From the words in an address; anything else is nothing.
    pub(in crate::widget) fn parse(done: Option<&str>, of: Option<&str>) -> Option<Self> {
        match (done?, of?) {
            ("archive", id) => id.parse().ok().map(Self::Archived),
            ("delete", id) => id.parse().ok().map(Self::Deleted),
            ("allRead", number) => number.parse().ok().map(Self::AllRead),
            _ => None,
        }
    }

    /// The words in an address: what was done, and of what.
    pub(in crate::widget) fn words(self) -> (&'static str, String) {
        match self {
            Self::Archived(id) => ("archive", id.to_string()),
            Self::Deleted(id) => ("delete", id.to_string()),
            Self::AllRead(number) => ("allRead", number.to_string()),
        }
    }
}

/// The line; not shown where nothing was done. `context` are the inputs that every form of the page has.
pub(super) fn line(done: Option<Done>, texts: &'static Texts, action: String, context: String) -> impl IntoView {
    let (text, verb) = match done {
        None => ("", "restore"),
        Some(Done::Archived(_)) => (texts.archived, "restore"),
        Some(Done::Deleted(_)) => (texts.deleted, "undelete"),
        Some(Done::AllRead(_)) => (texts.all_read, "undoAllRead"),
    };
    let of = done.map(|done| done.words().1);
    view! {
        <form id="undo" class="undo" method="post" action=action hidden=done.is_none()>
            <input type="hidden" name="of" value=of />
            <span class="context" hidden=true inner_html=context></span>
            <span class="said" role="status">{text}</span>
            <button name="do" value=verb>{texts.undo}</button>
        </form>
    }
}
