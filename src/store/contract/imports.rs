//! Imports: matching of rows, and progress.

use super::test_store::{NOW, TestStore, after, contact_draft, encoded_rows};
use crate::{AuditScope, Conflict, ImportRows, MAX_UNFINISHED_IMPORTS, StoreError};
use belfry_domain::{
    Actor, AuditEntry, Contact, ContactDraft, ContactFilter, ContactId, DedupeOn, ImportId,
    ImportOptions, ImportOutcome, ImportRow, ImportState, RowResult, SiteId, ValidationError,
};
use belfry_locales::phrases::errors;
use futures_util::FutureExt as _;
use serde_json::json;

const PHONE: &str = "+380671234567";
const OTHER_PHONE: &str = "+380671234568";

fn on(dedupe_on: DedupeOn) -> ImportOptions {
    ImportOptions { dedupe_on, ..ImportOptions::default() }
}

/// Merges a row; the dry run gives the same result.
async fn merge(
    world: &TestStore,
    site: SiteId,
    draft: &ContactDraft,
    options: &ImportOptions,
) -> RowResult {
    let foretold = world
        .store
        .dry_run_import(site, std::slice::from_ref(draft), options)
        .await
        .unwrap()
        .remove(0);
    let merged = world.store.merge_contact(site, draft, options, after(9)).await.unwrap();
    assert_eq!((foretold.outcome, &foretold.problems), (merged.outcome, &merged.problems));
    if foretold.outcome == ImportOutcome::Updated {
        assert_eq!(foretold.contact, merged.contact);
    }
    merged
}

async fn get(world: &TestStore, site: SiteId, contact: Option<ContactId>) -> Contact {
    world.find(site, contact.unwrap()).await.unwrap()
}

fn fields(merged: &RowResult) -> Vec<&str> {
    merged.problems.iter().map(|invalid| invalid.field.as_str()).collect()
}

pub async fn external_id_takes_precedence(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let by_id = world.contact(site, "1").await;
    world
        .store
        .upsert_contact(site, &contact_draft(None, Some("a@shop.example"), None), NOW)
        .await
        .unwrap();
    let merged = merge(
        world,
        site,
        &contact_draft(Some("1"), Some("free@shop.example"), None),
        &on(DedupeOn::Email),
    )
    .await;
    assert_eq!((merged.outcome, merged.contact), (ImportOutcome::Updated, Some(by_id)));
    // An identifier of another contact is not moved, and nothing else of the row is taken.
    let mut taken = contact_draft(Some("1"), Some("a@shop.example"), None);
    taken.first_name = Some("Nobody".to_owned());
    let merged = merge(world, site, &taken, &on(DedupeOn::Email)).await;
    assert_eq!((merged.outcome, fields(&merged)), (ImportOutcome::Failed, vec!["email"]));
    assert_eq!(get(world, site, Some(by_id)).await.first_name, None);
}

pub async fn dedupe_field_decides_next(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let by_email = world
        .store
        .upsert_contact(site, &contact_draft(None, Some("a@shop.example"), None), NOW)
        .await
        .unwrap();
    let by_phone = world
        .store
        .upsert_contact(site, &contact_draft(None, None, Some(PHONE)), NOW)
        .await
        .unwrap();
    let of = async |email: Option<&str>, phone: Option<&str>, dedupe_on| {
        merge(world, site, &contact_draft(None, email, phone), &on(dedupe_on)).await
    };
    assert_eq!(of(Some("a@shop.example"), None, DedupeOn::Email).await.contact, Some(by_email));
    assert_eq!(of(None, Some(PHONE), DedupeOn::Phone).await.contact, Some(by_phone));
    // A row without the dedupe field is matched by the identifier that it has.
    assert_eq!(of(None, Some(PHONE), DedupeOn::Email).await.contact, Some(by_phone));
    assert_eq!(
        of(Some("a@shop.example"), None, DedupeOn::ExternalId).await.contact,
        Some(by_email)
    );
    // The identifier that is not used for matching must be free.
    let refused = of(Some("new@shop.example"), Some(PHONE), DedupeOn::Email).await;
    assert_eq!((refused.outcome, fields(&refused)), (ImportOutcome::Failed, vec!["phone"]));
    let refused = of(Some("a@shop.example"), Some(PHONE), DedupeOn::Email).await;
    assert_eq!((refused.outcome, fields(&refused)), (ImportOutcome::Failed, vec!["phone"]));
    let merged = of(Some("a@shop.example"), Some(OTHER_PHONE), DedupeOn::Email).await;
    assert_eq!(
        (merged.outcome, get(world, site, merged.contact).await.phone.as_deref()),
        (ImportOutcome::Updated, Some(OTHER_PHONE))
    );
}

pub async fn latest_changed_match_wins(world: &TestStore) {
    let (site, _) = world.site("A").await;
    world
        .store
        .upsert_contact(site, &contact_draft(None, Some("a@shop.example"), None), NOW)
        .await
        .unwrap();
    let newer = world
        .store
        .upsert_contact(site, &contact_draft(None, None, Some(PHONE)), after(1))
        .await
        .unwrap();
    let both = contact_draft(None, Some("a@shop.example"), Some(PHONE));
    let foretold = world
        .store
        .dry_run_import(site, std::slice::from_ref(&both), &ImportOptions::default())
        .await
        .unwrap();
    // The newer one matches; the address stays with its contact, so the row fails.
    assert_eq!((foretold[0].outcome, fields(&foretold[0])), (ImportOutcome::Failed, vec!["email"]));
    world
        .store
        .upsert_contact(site, &contact_draft(None, Some("a@shop.example"), None), after(2))
        .await
        .unwrap();
    let foretold = world
        .store
        .dry_run_import(site, std::slice::from_ref(&both), &ImportOptions::default())
        .await
        .unwrap();
    assert_eq!(fields(&foretold[0]), ["phone"]);
    assert!(world.find(site, newer).await.is_some());
}

pub async fn match_without_external_id_adopts_it(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let nameless = world
        .store
        .upsert_contact(site, &contact_draft(None, Some("a@shop.example"), None), NOW)
        .await
        .unwrap();
    let merged = merge(
        world,
        site,
        &contact_draft(Some("1"), Some("a@shop.example"), None),
        &on(DedupeOn::Email),
    )
    .await;
    assert_eq!((merged.outcome, merged.contact), (ImportOutcome::Updated, Some(nameless)));
    assert_eq!(get(world, site, Some(nameless)).await.external_id.as_deref(), Some("1"));

    let merged = merge(
        world,
        site,
        &contact_draft(Some("2"), Some("a@shop.example"), Some(PHONE)),
        &on(DedupeOn::Email),
    )
    .await;
    assert_eq!((merged.outcome, fields(&merged)), (ImportOutcome::Created, vec!["email"]));
    let made = get(world, site, merged.contact).await;
    assert_ne!(made.id, nameless);
    assert_eq!(
        (made.external_id.as_deref(), made.email, made.phone.as_deref()),
        (Some("2"), None, Some(PHONE))
    );
    assert_eq!(get(world, site, Some(nameless)).await.email.as_deref(), Some("a@shop.example"));
    // A repetition matches the contact that was created.
    let again =
        merge(world, site, &contact_draft(Some("2"), None, Some(PHONE)), &on(DedupeOn::Email))
            .await;
    assert_eq!((again.outcome, again.contact), (ImportOutcome::Updated, merged.contact));
}

pub async fn deleted_contact_is_restored_only_on_request(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut who = contact_draft(Some("1"), Some("a@shop.example"), None);
    let contact = world.store.upsert_contact(site, &who, NOW).await.unwrap();
    assert!(world.store.archive_contact(site, contact, NOW).await.unwrap());
    who.first_name = Some("Ann".to_owned());
    for row in [who.clone(), contact_draft(None, Some("a@shop.example"), None)] {
        let skipped = merge(world, site, &row, &ImportOptions::default()).await;
        assert_eq!((skipped.outcome, skipped.problems.len()), (ImportOutcome::Skipped, 1));
        assert_eq!(world.find(site, contact).await, None);
    }
    let restoring = ImportOptions { restore_deleted: true, ..ImportOptions::default() };
    let merged = merge(world, site, &who, &restoring).await;
    assert_eq!((merged.outcome, merged.contact), (ImportOutcome::Updated, Some(contact)));
    assert_eq!(get(world, site, Some(contact)).await.first_name.as_deref(), Some("Ann"));
}

pub async fn groups_are_appended_to_the_attribute(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut first = contact_draft(Some("1"), None, None);
    first.attributes.insert("groups".to_owned(), json!(["old", "vip"]));
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let options = ImportOptions {
        groups_to_add: names(&["vip", "spring"]),
        groups_to_remove: names(&["old"]),
        ..ImportOptions::default()
    };
    world.store.upsert_contact(site, &first, NOW).await.unwrap();
    for id in ["1", "2"] {
        let merged = merge(world, site, &contact_draft(Some(id), None, None), &options).await;
        let groups = get(world, site, merged.contact).await.attributes["groups"].clone();
        assert_eq!(groups, json!(["vip", "spring"]), "{id}");
    }
}

fn rows(count: u32) -> ImportRows {
    encoded_rows((1..=count).map(|number| {
        let mut row = contact_draft(
            Some(&format!("c{number}")),
            Some(&format!("{number}@shop.example")),
            None,
        );
        row.attributes.insert("number".to_owned(), number.into());
        ImportRow {
            number,
            draft: if number % 100 == 7 {
                Err(ValidationError::new("email", errors::EMAIL))
            } else {
                Ok(row)
            },
        }
    }))
}

pub async fn import_continues_in_parts_after_reopening(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (other, _) = world.site("B").await;
    let (id, later) = (ImportId::from_bytes([1; 16]), ImportId::from_bytes([2; 16]));
    world.store.add_import(site, id, rows(450), &ImportOptions::default(), NOW).await.unwrap();
    let import = world.store.import(site, id).await.unwrap().unwrap();
    assert_eq!(
        (import.state, import.total, import.processed, import.failed),
        (ImportState::Started, 450, 5, 5)
    );
    assert!(world.store.advance_imports(after(1)).await.unwrap());
    let import = world.store.import(site, id).await.unwrap().unwrap();
    assert_eq!(
        (import.state, import.processed, import.started_at),
        (ImportState::Importing, import.created + 5, Some(after(1)))
    );
    assert!(import.created > 0 && import.finished_at.is_none());

    // A small import need not wait for a large one; another process continues both.
    world
        .store
        .add_import(other, later, rows(1), &ImportOptions::default(), after(2))
        .await
        .unwrap();
    let again = world.backend.open(world.events.clone()).await.unwrap();
    assert!(again.advance_imports(after(3)).await.unwrap());
    assert_eq!(again.import(other, later).await.unwrap().unwrap().state, ImportState::Finished);
    while again.advance_imports(after(4)).await.unwrap() {}
    let import = again.import(site, id).await.unwrap().unwrap();
    assert_eq!(
        (import.state, import.created, import.failed, import.finished_at),
        (ImportState::Finished, 445, 5, Some(after(4)))
    );
    again.close().await;
    assert_eq!(
        world.store.count_contacts(site, &ContactFilter::default(), 1_000).await.unwrap(),
        445
    );
    let problems = world.store.import_problems(site, id, 1, 2).await.unwrap();
    assert_eq!(
        problems.iter().map(|(_, problem)| (problem.row, problem.imported)).collect::<Vec<_>>(),
        [(107, false), (207, false)]
    );
    assert_eq!(problems[0].1.error.to_string(), "email: must be an e-mail address");

    // A repetition finds all of them.
    let third = ImportId::from_bytes([3; 16]);
    world
        .store
        .add_import(site, third, rows(6), &ImportOptions::default(), after(5))
        .await
        .unwrap();
    while world.store.advance_imports(after(6)).await.unwrap() {}
    let imports = world.store.imports(site, None, 9).await.unwrap();
    assert_eq!(
        imports.iter().map(|import| (import.id, import.updated)).collect::<Vec<_>>(),
        [(third, 6), (id, 0)]
    );
    assert_eq!(world.store.imports(site, Some(third), 9).await.unwrap().len(), 1);

    // Imports of another site are not found.
    assert_eq!(world.store.import(other, id).await.unwrap(), None);
    assert!(world.store.import_problems(other, id, 0, 9).await.unwrap().is_empty());
    assert_eq!(world.store.imports(other, None, 9).await.unwrap().len(), 1);

    // They are deleted a month after their end.
    assert!(world.store.sweep(after(31 * 86_400)).await.unwrap() >= 3);
    assert_eq!(world.store.imports(site, None, 9).await.unwrap(), []);
}

/// Several megabytes, which no single command stores: visible only when complete.
pub async fn large_import_is_accepted_as_a_whole(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (missing, id) = (SiteId::from_bytes([9; 16]), ImportId::from_bytes([1; 16]));
    let large = || {
        encoded_rows((1..=300).map(|number| {
            let mut row = contact_draft(Some(&format!("c{number}")), None, None);
            row.attributes.insert("text".to_owned(), "x".repeat(10_000).into());
            ImportRow {
                number,
                draft: if number == 7 {
                    Err(ValidationError::new("email", errors::EMAIL))
                } else {
                    Ok(row)
                },
            }
        }))
    };
    assert!(
        world.store.add_import(missing, id, large(), &ImportOptions::default(), NOW).await.is_err()
    );
    assert_eq!(world.store.import(missing, id).await.unwrap(), None);
    let act = AuditScope::new(AuditEntry {
        site: Some(site),
        actor: Actor::System,
        action: "import.started".to_owned(),
        subject: String::new(),
        detail: None,
        at: NOW,
    });
    act.scope(world.store.add_import(site, id, large(), &ImportOptions::default(), NOW))
        .await
        .unwrap();
    assert!(act.is_recorded());
    let import = world.store.import(site, id).await.unwrap().unwrap();
    assert_eq!(
        (import.state, import.total, import.processed, import.failed, import.finished_at),
        (ImportState::Started, 300, 1, 1, None)
    );
    while world.store.advance_imports(after(1)).await.unwrap() {}
    let import = world.store.import(site, id).await.unwrap().unwrap();
    assert_eq!((import.state, import.created, import.failed), (ImportState::Finished, 299, 1));
    assert_eq!(
        world.store.count_contacts(site, &ContactFilter::default(), 1_000).await.unwrap(),
        299
    );
}

/// Dropped at each await point: nothing of it is visible, it blocks no other import, and it is
/// swept.
pub async fn aborted_large_import_leaves_nothing(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let large = || {
        encoded_rows((1..=60).map(|number| {
            let mut row = contact_draft(Some(&format!("c{number}")), None, None);
            row.attributes.insert("text".to_owned(), "x".repeat(10_000).into());
            ImportRow { number, draft: Ok(row) }
        }))
    };
    let options = ImportOptions::default();
    let mut accepted = 0;
    for polls in 1..40_u8 {
        let id = ImportId::from_bytes([polls; 16]);
        let mut adding = world.store.add_import(site, id, large(), &options, NOW);
        for poll in 0..polls {
            if adding.as_mut().now_or_never().is_some() {
                accepted += 1;
                break;
            }
            if poll + 1 < polls {
                // The writer has processed all earlier commands when this returns.
                world.store.store_trusted_time(NOW).await.unwrap();
            }
        }
        drop(adding);
        world.store.store_trusted_time(NOW).await.unwrap();
        if world.store.import(site, id).await.unwrap().is_some() {
            while world.store.advance_imports(NOW).await.unwrap() {}
            let import = world.store.import(site, id).await.unwrap().unwrap();
            assert_eq!(
                (import.state, import.processed),
                (ImportState::Finished, 60),
                "imported completely or not at all"
            );
        }
    }
    assert!(accepted > 0, "no import was completed");
    assert!(world.store.imports(site, None, 99).await.unwrap().len() < 39, "no import was aborted");
    assert!(!world.store.advance_imports(NOW).await.unwrap());
    assert!(world.store.sweep(after(3_601)).await.unwrap() > 0);
    assert_eq!(world.store.sweep(after(3_601)).await.unwrap(), 0);
}

pub async fn import_without_valid_rows_finishes_at_once(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let id = ImportId::from_bytes([1; 16]);
    let row = ImportRow {
        number: 1,
        draft: Err(ValidationError::new("", errors::verbatim("is no contact"))),
    };
    world
        .store
        .add_import(site, id, encoded_rows(vec![row; 1_100]), &ImportOptions::default(), NOW)
        .await
        .unwrap();
    let import = world.store.import(site, id).await.unwrap().unwrap();
    assert_eq!(
        (import.state, import.failed, import.finished_at),
        (ImportState::Finished, 1_100, Some(NOW))
    );
    assert!(!world.store.advance_imports(NOW).await.unwrap());
    assert_eq!(world.store.import_problems(site, id, 0, 2_000).await.unwrap().len(), 1_000);
    let missing = SiteId::from_bytes([9; 16]);
    assert!(
        world.store.add_import(missing, id, rows(1), &ImportOptions::default(), NOW).await.is_err()
    );
}

pub async fn unfinished_imports_are_bounded(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (other, _) = world.site("B").await;
    let add = async |site, number: usize, count| {
        let id = ImportId::from_bytes([u8::try_from(number).unwrap(); 16]);
        world
            .store
            .add_import(site, id, rows(count), &ImportOptions::default(), after(number as u64))
            .await
    };
    for number in 0..MAX_UNFINISHED_IMPORTS {
        add(site, number, 1).await.unwrap();
    }
    for _ in 0..2 {
        let refused = add(site, MAX_UNFINISHED_IMPORTS, 1).await;
        assert!(
            matches!(&refused, Err(StoreError::Conflict(Conflict::TooManyImports))),
            "{refused:?}"
        );
        assert_eq!(
            world.store.imports(site, None, 99).await.unwrap().len(),
            MAX_UNFINISHED_IMPORTS,
            "no row of it remains"
        );
    }
    // Another site has its own limit.
    add(other, 50, 1).await.unwrap();
    assert!(world.store.advance_imports(after(60)).await.unwrap());
    add(site, MAX_UNFINISHED_IMPORTS, 1).await.unwrap();
    assert!(add(site, MAX_UNFINISHED_IMPORTS + 1, 1).await.is_err());
    while world.store.advance_imports(after(70)).await.unwrap() {}
    add(site, MAX_UNFINISHED_IMPORTS + 1, 1).await.unwrap();
}
