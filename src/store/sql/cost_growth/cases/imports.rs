//! Cases: imports.

use super::super::scenario::{Scenario, expect};
use crate::{
    ImportRows,
    contract::test_store::{NOW, after, contact_draft, encoded_rows},
};
use belfry_domain::{ImportId, ImportOptions, ImportRow, ValidationError};
use belfry_locales::phrases::errors;

fn rows(count: u32) -> ImportRows {
    let draft = |number| {
        contact_draft(
            Some(&format!("imported {number}")),
            Some(&format!("i{number}@shop.example")),
            None,
        )
    };
    let row = |number| ImportRow {
        number,
        draft: if number == 1 {
            Err(ValidationError::new("email", errors::verbatim("is odd")))
        } else {
            Ok(draft(number))
        },
    };
    encoded_rows((1..=count).map(row))
}

/// More rows than one command stores.
fn large_rows() -> ImportRows {
    encoded_rows((1..=40).map(|number| {
        let mut row = contact_draft(Some(&format!("large {number}")), None, None);
        row.attributes.insert("text".to_owned(), "x".repeat(10_000).into());
        ImportRow { number, draft: Ok(row) }
    }))
}

pub async fn run(s: &Scenario) {
    let store = &s.world.store;
    let id = ImportId::from_bytes([0xee; 16]);
    s.measure("add_import", store.add_import(s.site, id, rows(10), &ImportOptions::default(), NOW))
        .await;
    expect(s.measure("import", store.import(s.site, id)).await.is_some(), true);
    expect(s.measure("imports", store.imports(s.site, None, 3)).await.len(), 3);
    expect(s.measure("imports: older", store.imports(s.site, Some(id), 3)).await.len(), 3);
    expect(s.measure("import_problems", store.import_problems(s.site, id, 0, 5)).await.len(), 1);
    // It has the least progress, so it comes before those of all other sites.
    expect(s.measure("advance_imports", store.advance_imports(after(1))).await, true);
    expect(store.import(s.site, id).await.unwrap().unwrap().created, 9);
    let large = ImportId::from_bytes([0xed; 16]);
    s.measure(
        "add_import: large",
        store.add_import(s.site, large, large_rows(), &ImportOptions::default(), NOW),
    )
    .await;
    // Other cases depend on which import is next.
    s.database
        .execute("DELETE FROM import WHERE id = x'edededededededededededededededed'".to_owned())
        .await;
}
