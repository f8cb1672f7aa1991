//! Contact imports: options, progress, and the problems found in rows.

use super::{ContactDraft, ContactId, ImportId, Timestamp, ValidationError};
use serde::{Deserialize, Serialize};

/// How a row is matched to a contact when its external id matches none (contract, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DedupeOn {
    /// By e-mail address or phone number. If they match two contacts, the one changed last.
    #[default]
    Either,
    /// By e-mail address; by phone number if the row has no e-mail address.
    Email,
    /// By phone number; by e-mail address if the row has no phone number.
    Phone,
    /// By external id only. A row without one is matched as by [`DedupeOn::Either`].
    ExternalId,
}

/// Options of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImportOptions {
    /// How rows are matched to contacts.
    pub dedupe_on: DedupeOn,
    /// Whether to restore deleted contacts. Otherwise their rows are skipped.
    pub restore_deleted: bool,
    /// Groups to add to each contact's attribute `groups`.
    pub groups_to_add: Vec<String>,
    /// Groups to remove from it.
    pub groups_to_remove: Vec<String>,
}

impl ImportOptions {
    /// A contact's groups after the import; `None` if they don't change.
    pub fn updated_groups(&self, before: &[String]) -> Option<Vec<String>> {
        let mut after: Vec<String> =
            before.iter().filter(|name| !self.groups_to_remove.contains(name)).cloned().collect();
        for name in &self.groups_to_add {
            if !after.contains(name) {
                after.push(name.clone());
            }
        }
        (after != before).then_some(after)
    }
}

/// A row of an import, parsed or rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Row number in the request.
    pub number: u32,
    /// The contact data, or why it is invalid.
    pub draft: Result<ContactDraft, ValidationError>,
}

/// Result of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// The contact was created.
    Created,
    /// An existing contact was updated.
    Updated,
    /// The contact is deleted and was not restored.
    Skipped,
    /// Nothing was imported.
    Failed,
}

/// What an import did with a row, or would do in a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowResult {
    /// The result.
    pub outcome: ImportOutcome,
    /// The contact, if there is one.
    pub contact: Option<ContactId>,
    /// Values that could not be imported.
    pub problems: Vec<ValidationError>,
}

/// Progress of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Accepted; no row has been processed.
    Started,
    /// Some rows have been processed.
    Importing,
    /// All rows have been processed.
    Finished,
    /// Aborted: the stored rows could not be read.
    Error,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Progress.
    pub state: ImportState,
    /// Number of rows.
    pub total: u32,
    /// Number of processed rows: the sum of the four numbers below.
    pub processed: u32,
    /// Created contacts.
    pub created: u32,
    /// Updated contacts.
    pub updated: u32,
    /// Rows whose contact is deleted.
    pub skipped: u32,
    /// Rows of which nothing was imported.
    pub failed: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When the first rows were processed.
    pub started_at: Option<Timestamp>,
    /// When the last rows were processed.
    pub finished_at: Option<Timestamp>,
}

/// A value of a row that could not be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProblem {
    /// Row number in the request.
    pub row: u32,
    /// What is wrong.
    pub error: ValidationError,
    /// Whether the rest of the row was imported.
    pub imported: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_added_once_and_removed() {
        let names =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let options = ImportOptions {
            groups_to_add: names(&["vip", "new"]),
            groups_to_remove: names(&["old"]),
            ..ImportOptions::default()
        };
        assert_eq!(options.updated_groups(&names(&["old", "vip"])), Some(names(&["vip", "new"])));
        assert_eq!(options.updated_groups(&names(&["vip", "new"])), None);
        assert_eq!(ImportOptions::default().updated_groups(&names(&["a"])), None);
    }
}
