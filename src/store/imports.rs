//! Imports of many contacts, as background work that survives a restart.

use super::{Conflict, Result, StoreError};
use async_trait::async_trait;
use belfry_domain::{
    ContactDraft, EmailAddress, ExternalId, Identifiers, Import, ImportId, ImportOptions,
    ImportProblem, ImportRow, Language, PhoneNumber, SiteId, Timestamp, ValidationError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Unfinished imports of one site.
pub const MAX_UNFINISHED_IMPORTS: usize = 20;

/// Rows of one part, which is one step. A reader's write waits for the current step.
const ROWS_PER_PART: usize = 16;
/// Problems that are stored for one import.
pub const MAX_PROBLEMS: usize = 1_000;

/// A row as it is stored until it is processed.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredRow {
    pub(super) row: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
    attributes: Map<String, Value>,
}

impl StoredRow {
    fn new(row: u32, draft: ContactDraft) -> Self {
        let ContactDraft { identifiers, first_name, last_name, language, attributes } = draft;
        Self {
            row,
            external_id: identifiers
                .external_id
                .as_ref()
                .map(ExternalId::as_str)
                .map(str::to_owned),
            email: identifiers.email.as_ref().map(EmailAddress::as_str).map(str::to_owned),
            phone: identifiers.phone.as_ref().map(PhoneNumber::as_str).map(str::to_owned),
            first_name,
            last_name,
            language,
            attributes,
        }
    }

    pub(super) fn draft(self) -> Result<ContactDraft> {
        let Self { external_id, email, phone, first_name, last_name, language, attributes, .. } =
            self;
        let identifiers =
            Identifiers::parse(external_id.as_deref(), email.as_deref(), phone.as_deref())
                .map_err(|invalid| StoreError::Inconsistent(invalid.to_string()))?;
        Ok(ContactDraft { identifiers, first_name, last_name, language, attributes })
    }
}

/// The rows of an import as they are stored. Rows are encoded one by one while they are read, so
/// that neither all drafts are in memory at once nor the writer waits for the encoding.
#[derive(Debug, Clone, Default)]
pub struct ImportRows {
    /// JSON lists of [`StoredRow`].
    pub(super) chunks: Vec<String>,
    /// The first rows that are invalid.
    pub(super) invalid: Vec<(u32, ValidationError)>,
    /// Number of invalid rows.
    pub(super) failed: u32,
    /// Number of rows.
    pub(super) total: u32,
    bytes: usize,
    rows_in_last_part: usize,
}

impl ImportRows {
    /// Appends a row.
    pub fn push(&mut self, row: ImportRow) -> Result<()> {
        self.total = self.total.checked_add(1).ok_or(Conflict::TooManyRows)?;
        match row.draft {
            Ok(draft) => {
                let text = encoded(row.number, draft)?;
                self.bytes += text.len() + 1;
                self.add(&text);
            }
            Err(invalid) => {
                self.failed += 1;
                if self.invalid.len() < MAX_PROBLEMS {
                    self.invalid.push((row.number, invalid));
                }
            }
        }
        Ok(())
    }

    /// Counts the bytes of a row without adding it.
    pub fn measure(&mut self, row: ImportRow) -> Result<()> {
        if let Ok(draft) = row.draft {
            self.bytes += encoded(row.number, draft)?.len() + 1;
        }
        Ok(())
    }

    /// Total bytes of the valid rows.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn add(&mut self, text: &str) {
        match self.chunks.last_mut() {
            Some(part) if self.rows_in_last_part < ROWS_PER_PART => {
                part.pop();
                part.push(',');
                part.push_str(text);
                part.push(']');
                self.rows_in_last_part += 1;
            }
            _ => {
                self.chunks.push(format!("[{text}]"));
                self.rows_in_last_part = 1;
            }
        }
    }
}

fn encoded(row: u32, draft: ContactDraft) -> Result<String> {
    serde_json::to_string(&StoredRow::new(row, draft))
        .map_err(|error| StoreError::Inconsistent(error.to_string()))
}

/// Stores imports.
#[async_trait]
pub trait ImportStore: Send + Sync {
    /// Adds an import with its rows, to be processed by [`ImportStore::advance_imports`]. Invalid
    /// rows count as failed from the start. A `Conflict` when the site has
    /// [`MAX_UNFINISHED_IMPORTS`] unfinished imports.
    async fn add_import(
        &self,
        site: SiteId,
        id: ImportId,
        rows: ImportRows,
        options: &ImportOptions,
        at: Timestamp,
    ) -> Result<()>;
    /// One import.
    async fn import(&self, site: SiteId, id: ImportId) -> Result<Option<Import>>;
    /// The imports of a site, newest first, those before `before`.
    async fn imports(
        &self,
        site: SiteId,
        before: Option<ImportId>,
        limit: u32,
    ) -> Result<Vec<Import>>;
    /// The problems of an import, each with an increasing number, those after `after`. The first
    /// [`MAX_PROBLEMS`] are stored.
    async fn import_problems(
        &self,
        site: SiteId,
        id: ImportId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<(u32, ImportProblem)>>;
    /// Processes some rows of one import atomically, in the background: a few milliseconds of work.
    /// `false` when nothing is left to do.
    async fn advance_imports(&self, at: Timestamp) -> Result<bool>;
}
