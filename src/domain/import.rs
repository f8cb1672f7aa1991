//! Many contacts at once: what is asked, how far it is, and what could not be done.

use super::{ContactDraft, ContactId, ImportId, Invalid, Timestamp};
use serde::{Deserialize, Serialize};

/// By what a row finds its contact when its external id finds none (contract, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DedupeOn {
    /// E-mail address or telephone number; where they find two, the one that changed last.
    #[default]
    Either,
    /// E-mail address; where a row has none, its telephone number.
    Email,
    /// Telephone number; where a row has none, its e-mail address.
    Phone,
    /// Nothing; where a row has no external id, as [`DedupeOn::Either`].
    ExternalId,
}

/// How rows become contacts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImportOptions {
    /// By what a row finds its contact.
    pub dedupe_on: DedupeOn,
    /// Brings deleted contacts back; otherwise their rows are skipped.
    pub restore_deleted: bool,
    /// Names that are added to each contact's attribute `groups`.
    pub groups: Vec<String>,
    /// Names that are taken from it.
    pub groups_without: Vec<String>,
}

impl ImportOptions {
    /// The groups of a contact after this, `None` when they are as they were.
    pub fn regroup(&self, before: &[String]) -> Option<Vec<String>> {
        let mut after: Vec<String> = before.iter().filter(|name| !self.groups_without.contains(name)).cloned().collect();
        for name in &self.groups {
            if !after.contains(name) {
                after.push(name.clone());
            }
        }
        (after != before).then_some(after)
    }
}

/// A row as it was sent: what it says, or why that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Its number, as the sender counts.
    pub number: u32,
    /// What it says.
    pub draft: Result<ContactDraft, Invalid>,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A new contact.
    Created,
    /// A contact that was there.
    Updated,
    /// Its contact was deleted and stays so.
    Skipped,
    /// Nothing.
    Failed,
}

/// What became of a row, or would become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// What.
    pub outcome: Outcome,
    /// Its contact, where there is one.
    pub contact: Option<ContactId>,
    /// What could not be done as it was asked.
    pub problems: Vec<Invalid>,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Accepted; no row is done.
    Started,
    /// Some rows are done.
    Importing,
    /// All rows are done.
    Finished,
    /// It was given up: its rows could not be read back.
    Error,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// How far it is.
    pub state: ImportState,
    /// How many rows it has.
    pub total: u32,
    /// How many of them are done: the four below together.
    pub done: u32,
    /// New contacts.
    pub created: u32,
    /// Rows whose contact was there.
    pub updated: u32,
    /// Rows whose contact is deleted.
    pub skipped: u32,
    /// Rows of which nothing was taken.
    pub failed: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its first rows were done.
    pub started_at: Option<Timestamp>,
    /// When its last rows were done.
    pub finished_at: Option<Timestamp>,
}

/// Something of a row that could not be done as it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProblem {
    /// The row's number, as the sender counts.
    pub row: u32,
    /// What is wrong with it.
    pub invalid: Invalid,
    /// Whether the row went in all the same.
    pub imported: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_added_once_and_taken_away() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let options = ImportOptions { groups: names(&["vip", "new"]), groups_without: names(&["old"]), ..ImportOptions::default() };
        assert_eq!(options.regroup(&names(&["old", "vip"])), Some(names(&["vip", "new"])));
        assert_eq!(options.regroup(&names(&["vip", "new"])), None);
        assert_eq!(ImportOptions::default().regroup(&names(&["a"])), None);
    }
}
