//! Imports of many contacts: accepted at once and processed in the background, or a dry run.

use super::{App, AppError, MappedCsvTable};
use belfry_domain::{
    ContactDraft, Identifiers, Import, ImportId, ImportOptions, ImportOutcome, ImportProblem,
    ImportRow, RowResult, SiteId, ValidationError, paginate,
};
use belfry_locales::phrases::errors;
use belfry_runtime::blocking::{BlockingPool, LARGE_INPUTS};
use belfry_store::{Conflict, ImportRows, MAX_PROBLEMS, StoreError};
use std::collections::HashMap;
use tokio::runtime::Handle;

/// One at a time: each dry run looks up every contact of a table.
static DRY_RUNS: BlockingPool = BlockingPool::new(1);
/// Rows that are held in memory, and looked up on one connection, at a time.
const DRY_RUN_BATCH_ROWS: usize = 250;
/// Size of a stored import. It is larger than its table, since each row repeats the headings.
const MAX_STORED_BYTES: usize = 64 * 1_024 * 1_024;

/// The result of a dry run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportDryRun {
    /// Contacts that would be created.
    pub created: u32,
    /// Rows whose contact exists, or is created by an earlier row.
    pub updated: u32,
    /// Rows whose contact is deleted.
    pub skipped: u32,
    /// Rows that would be rejected.
    pub failed: u32,
    /// Problems by row; the first thousand.
    pub problems: Vec<ImportProblem>,
    /// Total number of problems.
    pub problem_count: u32,
}

impl ImportDryRun {
    fn add(&mut self, row: u32, outcome: ImportOutcome, problems: Vec<ValidationError>) {
        match outcome {
            ImportOutcome::Created => self.created += 1,
            ImportOutcome::Updated => self.updated += 1,
            ImportOutcome::Skipped => self.skipped += 1,
            ImportOutcome::Failed => self.failed += 1,
        }
        let imported = matches!(outcome, ImportOutcome::Created | ImportOutcome::Updated);
        self.problem_count += u32::try_from(problems.len()).unwrap_or(u32::MAX);
        let room = MAX_PROBLEMS - self.problems.len();
        self.problems.extend(problems.into_iter().take(room).map(|error| ImportProblem {
            row,
            error,
            imported,
        }));
    }
}

impl App {
    /// Accepts an import. Its rows are durable when this returns; [`App::run_imports`] processes
    /// them.
    pub async fn start_import(
        &self,
        site: SiteId,
        rows: ImportRows,
        options: &ImportOptions,
    ) -> Result<ImportId, AppError> {
        let id = ImportId::generate(&*self.clock, &*self.rng);
        match self.store.add_import(site, id, rows, options, self.now()).await {
            Ok(()) => Ok(id),
            Err(StoreError::Conflict(Conflict::TooManyImports)) => Err(AppError::TooManyImports),
            Err(error) => Err(error.into()),
        }
    }

    /// Accepts a table as an import.
    pub async fn start_table_import(
        &self,
        site: SiteId,
        table: &MappedCsvTable,
        options: &ImportOptions,
    ) -> Result<ImportId, AppError> {
        let table = table.clone();
        let rows = LARGE_INPUTS.run_for(site, move || import_rows(table.rows())).await??;
        self.start_import(site, rows, options).await
    }

    /// A dry run of [`App::start_table_import`] against the stored contacts.
    pub async fn dry_run_import(
        &self,
        site: SiteId,
        table: &MappedCsvTable,
        options: &ImportOptions,
    ) -> Result<ImportDryRun, AppError> {
        let (inbox, table, options) = (self.clone(), table.clone(), options.clone());
        let handle = Handle::current();
        DRY_RUNS
            .run_for(site, move || {
                handle.block_on(inbox.dry_run_rows(site, table.rows(), &options))
            })
            .await?
    }

    async fn dry_run_rows(
        &self,
        site: SiteId,
        mut rows: impl Iterator<Item = ImportRow>,
        options: &ImportOptions,
    ) -> Result<ImportDryRun, AppError> {
        let (mut dry_run, mut new) = (ImportDryRun::default(), NewContacts::default());
        // Encoded as it will be stored, so that a table which is too large is rejected here rather
        // than at the start of the import.
        let mut stored = ImportRows::default();
        loop {
            let (mut numbers, mut drafts) = (Vec::new(), Vec::<ContactDraft>::new());
            let mut unreadable = Vec::new();
            for row in rows.by_ref().take(DRY_RUN_BATCH_ROWS) {
                match row.draft {
                    Ok(draft) => {
                        numbers.push(row.number);
                        drafts.push(draft);
                    }
                    Err(invalid) => unreadable.push((row.number, invalid)),
                }
            }
            if numbers.is_empty() && unreadable.is_empty() {
                return Ok(dry_run);
            }
            for (number, draft) in numbers.iter().zip(&drafts) {
                stored.measure(ImportRow { number: *number, draft: Ok(draft.clone()) })?;
            }
            within_bound(&stored)?;
            // The connection is released between two batches.
            let merged = self.store.dry_run_import(site, &drafts, options).await?;
            let readable = numbers.into_iter().zip(&drafts).zip(merged).map(
                |((number, draft), RowResult { outcome, problems, .. })| {
                    // The store evaluates each row by itself.
                    let again = outcome == ImportOutcome::Created && !new.add(&draft.identifiers);
                    (number, if again { ImportOutcome::Updated } else { outcome }, problems)
                },
            );
            let mut chunk: Vec<_> = readable
                .chain(
                    unreadable
                        .into_iter()
                        .map(|(number, invalid)| (number, ImportOutcome::Failed, vec![invalid])),
                )
                .collect();
            chunk.sort_by_key(|(number, ..)| *number);
            for (number, outcome, problems) in chunk {
                dry_run.add(number, outcome, problems);
            }
        }
    }

    /// One import.
    pub async fn import(&self, site: SiteId, id: ImportId) -> Result<Import, AppError> {
        self.store.import(site, id).await?.ok_or(AppError::NotFound)
    }

    /// A page of a site's imports, newest first, and the cursor of the next page.
    pub async fn imports(
        &self,
        site: SiteId,
        before: Option<ImportId>,
        limit: u32,
    ) -> Result<(Vec<Import>, Option<ImportId>), AppError> {
        let imports = self.store.imports(site, before, limit.saturating_add(1)).await?;
        Ok(paginate(imports, limit, |last| last.id))
    }

    /// A page of an import's problems, and the cursor of the next page. The first thousand are
    /// stored.
    pub async fn import_failures(
        &self,
        site: SiteId,
        id: ImportId,
        after: u32,
        limit: u32,
    ) -> Result<(Vec<ImportProblem>, Option<u32>), AppError> {
        self.import(site, id).await?;
        let problems = self.store.import_problems(site, id, after, limit.saturating_add(1)).await?;
        let (problems, next) = paginate(problems, limit, |(number, _)| *number);
        Ok((problems.into_iter().map(|(_, problem)| problem).collect(), next))
    }

    /// Processes some rows; `false` when nothing is left to do.
    pub async fn run_imports(&self) -> Result<bool, AppError> {
        Ok(self.store.advance_imports(self.now()).await?)
    }
}

/// Encodes rows, within the size limit.
pub fn import_rows(rows: impl IntoIterator<Item = ImportRow>) -> Result<ImportRows, AppError> {
    let mut stored = ImportRows::default();
    for row in rows {
        stored.push(row)?;
        within_bound(&stored)?;
    }
    Ok(stored)
}

fn within_bound(rows: &ImportRows) -> Result<(), ValidationError> {
    let reason = errors::TABLE_TOO_MANY_BYTES;
    if rows.bytes() > MAX_STORED_BYTES { Err(ValidationError::new("file", reason)) } else { Ok(()) }
}

/// Identifiers of the contacts that earlier rows would create, with the contact's external id.
#[derive(Default)]
struct NewContacts(HashMap<String, Option<String>>);

impl NewContacts {
    /// `false` when an earlier row would create this contact.
    fn add(&mut self, identifiers: &Identifiers) -> bool {
        let external_id = identifiers.external_id.as_ref().map(|id| id.as_str().to_owned());
        let names = [
            external_id.as_ref().map(|id| format!("id {id}")),
            identifiers.email.as_ref().map(|email| format!("email {}", email.as_str())),
            identifiers.phone.as_ref().map(|phone| format!("phone {}", phone.as_str())),
        ];
        let same = |name: &String| {
            self.0.get(name).is_some_and(|other| {
                external_id.is_none() || other.is_none() || *other == external_id
            })
        };
        let is_duplicate = names.iter().flatten().any(same);
        for name in names.into_iter().flatten() {
            self.0.entry(name).or_insert_with(|| external_id.clone());
        }
        !is_duplicate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_of_an_earlier_new_contact_is_an_update() {
        let mut new = NewContacts::default();
        let mut add = |id, email| new.add(&Identifiers::parse(id, email, None).unwrap());
        assert!(add(Some("1"), Some("a@b.example")));
        assert!(!add(Some("1"), None));
        assert!(!add(None, Some("a@b.example")));
        assert!(add(Some("2"), Some("a@b.example")));
        assert!(add(None, Some("c@b.example")));
    }

    #[test]
    fn rows_are_stored_encoded_and_bounded() {
        let attributes: serde_json::Map<String, serde_json::Value> =
            [("a".to_owned(), "x".repeat(16_000).into())].into_iter().collect();
        let draft = ContactDraft {
            identifiers: Identifiers::parse(Some("1"), None, None).unwrap(),
            first_name: None,
            last_name: None,
            language: None,
            attributes,
        };
        let row = |number| ImportRow { number, draft: Ok(draft.clone()) };
        let stored = import_rows((0..100).map(row)).unwrap();
        assert!((1_600_000..1_700_000).contains(&stored.bytes()), "{}", stored.bytes());
        let mut asked = 0;
        let refused = import_rows((0..100_000).map(row).inspect(|_| asked += 1)).unwrap_err();
        assert!(refused.to_string().contains("64 MB"), "{refused}");
        assert!(asked < 4_300, "{asked} rows were read");
    }
}
