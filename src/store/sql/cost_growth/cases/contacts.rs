//! Cases: contacts are looked up, written, searched, merged, deleted and erased.

use super::super::scenario::{Scenario, days, expect};
use crate::{
    ReplaceContactOutcome,
    contract::test_store::{NOW, contact_draft, session},
};
use belfry_domain::{
    ContactDraft, ContactFilter, ContactId, ContactLookup, ContactWindow, Device, Digest,
    EmailAddress, Identifiers, ImportOptions, ImportOutcome, PhoneNumber, Position, PresentedToken,
    ReaderAction, RotationOutcome, TokenRotation,
};

pub async fn run(s: &Scenario) {
    lookups(s).await;
    searches(s).await;
    changes(s).await;
    history(s).await;
    endings(s).await;
}

fn named(external_id: &str) -> ContactLookup {
    ContactLookup::Identifiers(Identifiers::parse(Some(external_id), None, None).unwrap())
}

async fn lookups(s: &Scenario) {
    let store = &s.world.store;
    expect(
        s.measure("contact", store.contact(s.site, &ContactLookup::Id(s.reader))).await.is_some(),
        true,
    );
    expect(
        s.measure("contact: by id of the site", store.contact(s.site, &named("reader")))
            .await
            .is_some(),
        true,
    );
    let by_email = ContactLookup::Identifiers(
        Identifiers::parse(None, Some("reader@shop.example"), None).unwrap(),
    );
    expect(s.measure("contact: by email", store.contact(s.site, &by_email)).await.is_some(), true);
    expect(s.measure("contact: unknown", store.contact(s.site, &named("unknown"))).await, None);
    let asked = [named("reader"), ContactLookup::Id(ContactId(3)), by_email, named("unknown")];
    expect(s.measure("contact_ids", store.contact_ids(s.site, &asked)).await.len(), 4);
    expect(
        s.measure("contacts_after", store.contacts_after(s.site, ContactId(5), 5)).await.len(),
        5,
    );
}

/// Each way to search for a few contacts when more than the limit match.
async fn searches(s: &Scenario) {
    let store = &s.world.store;
    let all = ContactFilter::default;
    let cases = [
        ("all", all(), 3),
        (
            "email",
            ContactFilter { email: Some(EmailAddress::parse("c7@shop.example").unwrap()), ..all() },
            1,
        ),
        (
            "phone",
            ContactFilter { phone: Some(PhoneNumber::parse("+380670000007").unwrap()), ..all() },
            1,
        ),
        ("first name", ContactFilter { first_name: Some("Ann".to_owned()), ..all() }, 3),
        ("last name", ContactFilter { last_name: Some("Lee".to_owned()), ..all() }, 3),
        ("language", ContactFilter { language: Some("uk".parse().unwrap()), ..all() }, 3),
        // Text is searched in all contacts until enough are found.
        ("text", ContactFilter { text: Some("lee".to_owned()), ..all() }, 3),
    ];
    for (name, filter, expected) in cases {
        for (order, window) in
            [("newest", ContactWindow::Before(None)), ("oldest", ContactWindow::Offset(0))]
        {
            let found = s
                .measure(
                    &format!("search_contacts: {name}, {order}"),
                    store.search_contacts(s.site, &filter, window, 3),
                )
                .await;
            expect(found.len(), expected);
        }
        let count = s
            .measure(&format!("count_contacts: {name}"), store.count_contacts(s.site, &filter, 3))
            .await;
        expect(count as usize, expected);
    }
}

async fn changes(s: &Scenario) {
    let store = &s.world.store;
    let who = |name: &str| contact_draft(Some(name), Some(&format!("{name}@shop.example")), None);
    let on_plan = |name: &str, plan: &str| {
        let mut draft: ContactDraft = who(name);
        draft.attributes.insert("plan".to_owned(), plan.into());
        draft
    };
    let contact = s.measure("upsert_contact", store.upsert_contact(s.site, &who("new"), NOW)).await;
    s.measure("upsert_contact: same", store.upsert_contact(s.site, &who("new"), NOW)).await;
    s.measure("upsert_contact: changed", store.upsert_contact(s.site, &on_plan("new", "pro"), NOW))
        .await;
    let replaced = s
        .measure(
            "replace_contact",
            store.replace_contact(s.site, contact, &on_plan("new", "free"), None, NOW),
        )
        .await;
    expect(replaced, ReplaceContactOutcome::Done);
    let options = ImportOptions::default();
    expect(
        s.measure(
            "merge_contact",
            store.merge_contact(s.site, &on_plan("merged", "pro"), &options, NOW),
        )
        .await
        .outcome,
        ImportOutcome::Created,
    );
    expect(
        s.measure(
            "merge_contact: known",
            store.merge_contact(s.site, &on_plan("merged", "free"), &options, NOW),
        )
        .await
        .outcome,
        ImportOutcome::Updated,
    );
    expect(
        s.measure(
            "dry_run_import",
            store.dry_run_import(s.site, &[who("merged"), who("unknown")], &options),
        )
        .await
        .len(),
        2,
    );
}

async fn history(s: &Scenario) {
    let store = &s.world.store;
    let contact = full(s, "history").await;
    expect(
        s.measure("contact_receipts", store.contact_receipts(s.site, contact, None, 5)).await.len(),
        4,
    );
    expect(
        s.measure("contact_credentials", store.contact_credentials(s.site, contact, NOW))
            .await
            .len(),
        3,
    );
}

/// A contact with a few rows in each table that refers to one.
async fn full(s: &Scenario, name: &str) -> ContactId {
    let store = &s.world.store;
    let contact = s.contact(name).await;
    let mut messages = Vec::new();
    for _ in 0..3 {
        messages.push(s.publish(Some(&[contact])).await);
    }
    messages.push(s.publish(Some(&[contact, s.reader])).await);
    for mark in [
        ReaderAction::Read(messages[..2].to_vec()),
        ReaderAction::Delivered(Position::MAX),
        ReaderAction::Seen(None),
        ReaderAction::AllRead(None),
    ] {
        store.apply_reader_action(s.site, contact, &mark, NOW).await.unwrap();
    }
    store.set_mutes(s.site, contact, &["offers".to_owned()], NOW).await.unwrap();
    for turn in ["one", "two"] {
        let token = s.world.token(&s.key, contact);
        s.world.add_token(&token).await.unwrap();
        if turn == "one" {
            let name = format!("{name} {turn}");
            s.world.add_sessions(&[session(&token, &name, days(1))]).await.unwrap();
            let shown =
                |name: &str| PresentedToken { chain: Digest::of(name), token: Digest::of(name) };
            let begun = store
                .rotate(&TokenRotation {
                    site: s.site,
                    presented: PresentedToken { chain: token.digest, token: token.digest },
                    successor: Digest::of(&format!("{name} successor")),
                    fork: shown(&format!("{name} fork")),
                    now: NOW,
                    overlap_since: NOW,
                    expires_at: days(1),
                    ends_at: days(2),
                })
                .await
                .unwrap();
            expect(matches!(begun, RotationOutcome::Forked(_)), true);
        }
    }
    let device = Device {
        site: s.site,
        contact,
        digest: Digest::of(&format!("{name} phone")),
        key: s.key.id.clone(),
        bound_at: NOW,
    };
    store.bind_device(&device).await.unwrap();
    s.database.execute(format!("INSERT INTO segment_member SELECT id, 2, 0, {} FROM site WHERE name = 'New' AND last_position > 0", contact.0)).await;
    contact
}

/// The rows of a contact are deleted with it, by statements and by foreign keys.
async fn endings(s: &Scenario) {
    let store = &s.world.store;
    let (deleted, erased, both) =
        (full(s, "deleted").await, full(s, "erased").await, full(s, "both").await);
    expect(s.measure("archive_contact", store.archive_contact(s.site, deleted, NOW)).await, true);
    expect(
        s.measure("deleted_contact", store.deleted_contact(s.site, &named("deleted")))
            .await
            .is_some(),
        true,
    );
    expect(
        s.measure(
            "upsert_contact: deleted",
            store.upsert_contact(s.site, &contact_draft(Some("deleted"), None, None), NOW),
        )
        .await,
        deleted,
    );
    expect(s.measure("delete_contact", store.delete_contact(s.site, erased, NOW)).await, true);
    store.archive_contact(s.site, both, NOW).await.unwrap();
    expect(
        s.measure("delete_contact: deleted before", store.delete_contact(s.site, both, NOW)).await,
        true,
    );
}
