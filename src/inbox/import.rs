//! Many contacts at once: accepted in a moment, done in the background, or only tried.

use super::{Inbox, InboxError};
use crate::{
    domain::{ContactDraft, Identifiers, Import, ImportId, ImportOptions, ImportProblem, ImportRow, Merged, Outcome, SiteId},
    store::{StoreError, TOO_MANY_IMPORTS},
};
use std::collections::HashMap;

/// What an import would come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forecast {
    /// New contacts.
    pub created: u32,
    /// Rows whose contact is there, or is made by a row before.
    pub updated: u32,
    /// Rows whose contact is deleted.
    pub skipped: u32,
    /// Rows of which nothing would be taken.
    pub failed: u32,
    /// What could not be done as it is asked, row by row.
    pub problems: Vec<ImportProblem>,
}

impl Inbox {
    /// Accepts an import. Its rows are durable when this returns; [`Inbox::run_imports`] does them.
    pub async fn start_import(&self, site: SiteId, rows: &[ImportRow], options: &ImportOptions) -> Result<ImportId, InboxError> {
        let id = ImportId::generate(&*self.clock, &*self.entropy);
        match self.store.add_import(site, id, rows, options, self.now()).await {
            Ok(()) => Ok(id),
            Err(StoreError::Conflict(reason)) if reason == TOO_MANY_IMPORTS => Err(InboxError::TooManyImports),
            Err(error) => Err(error.into()),
        }
    }

    /// What [`Inbox::start_import`] would come to, as the contacts are now.
    pub async fn forecast_import(&self, site: SiteId, rows: &[ImportRow], options: &ImportOptions) -> Result<Forecast, InboxError> {
        let drafts: Vec<ContactDraft> = rows.iter().filter_map(|row| row.draft.clone().ok()).collect();
        let mut merged = self.store.forecast(site, &drafts, options).await?.into_iter();
        let (mut forecast, mut new) = (Forecast::default(), NewOnes::default());
        for row in rows {
            let (outcome, problems) = match &row.draft {
                Err(invalid) => (Outcome::Failed, vec![invalid.clone()]),
                Ok(draft) => {
                    let Some(Merged { outcome, problems, .. }) = merged.next() else { break };
                    // The store answers for each row alone.
                    let outcome = if outcome == Outcome::Created && !new.add(&draft.identifiers) { Outcome::Updated } else { outcome };
                    (outcome, problems)
                }
            };
            match outcome {
                Outcome::Created => forecast.created += 1,
                Outcome::Updated => forecast.updated += 1,
                Outcome::Skipped => forecast.skipped += 1,
                Outcome::Failed => forecast.failed += 1,
            }
            let imported = matches!(outcome, Outcome::Created | Outcome::Updated);
            forecast.problems.extend(problems.into_iter().map(|invalid| ImportProblem { row: row.number, invalid, imported }));
        }
        Ok(forecast)
    }

    /// One import.
    pub async fn import(&self, site: SiteId, id: ImportId) -> Result<Import, InboxError> {
        self.store.import(site, id).await?.ok_or(InboxError::NotFound)
    }

    /// A part of a site's imports, newest first, and where the next part begins.
    pub async fn imports(&self, site: SiteId, before: Option<ImportId>, limit: u32) -> Result<(Vec<Import>, Option<ImportId>), InboxError> {
        let mut imports = self.store.imports(site, before, limit.saturating_add(1)).await?;
        let more = imports.len() > limit as usize;
        imports.truncate(limit as usize);
        let next = imports.last().map(|import| import.id).filter(|_| more);
        Ok((imports, next))
    }

    /// A part of what could not be done of an import as it was asked, and where the next part begins. The first thousand are kept.
    pub async fn import_failures(&self, site: SiteId, id: ImportId, after: u32, limit: u32) -> Result<(Vec<ImportProblem>, Option<u32>), InboxError> {
        self.import(site, id).await?;
        let mut problems = self.store.import_problems(site, id, after, limit.saturating_add(1)).await?;
        let more = problems.len() > limit as usize;
        problems.truncate(limit as usize);
        let next = problems.last().map(|(number, _)| *number).filter(|_| more);
        Ok((problems.into_iter().map(|(_, problem)| problem).collect(), next))
    }

    /// Does some hundreds of rows; `false` when nothing is left to do.
    pub async fn run_imports(&self) -> Result<bool, InboxError> {
        Ok(self.store.advance_imports(self.now()).await?)
    }
}

/// Identifiers of contacts that rows before would make, each with its external id.
#[derive(Default)]
struct NewOnes(HashMap<String, Option<String>>);

impl NewOnes {
    /// `false` when a row before would make this one.
    fn add(&mut self, identifiers: &Identifiers) -> bool {
        let external_id = identifiers.external_id.as_ref().map(|id| id.as_str().to_owned());
        let names = [
            external_id.as_ref().map(|id| format!("id {id}")),
            identifiers.email.as_ref().map(|email| format!("email {}", email.as_str())),
            identifiers.phone.as_ref().map(|phone| format!("phone {}", phone.as_str())),
        ];
        let same = |name: &String| self.0.get(name).is_some_and(|other| external_id.is_none() || other.is_none() || *other == external_id);
        let known = names.iter().flatten().any(same);
        for name in names.into_iter().flatten() {
            self.0.entry(name).or_insert_with(|| external_id.clone());
        }
        !known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_one_before_would_make_is_an_update() {
        let mut new = NewOnes::default();
        let mut add = |id, email| new.add(&Identifiers::parse(id, email, None).unwrap());
        assert!(add(Some("1"), Some("a@b.example")));
        assert!(!add(Some("1"), None));
        assert!(!add(None, Some("a@b.example")));
        assert!(add(Some("2"), Some("a@b.example")));
        assert!(add(None, Some("c@b.example")));
    }
}
