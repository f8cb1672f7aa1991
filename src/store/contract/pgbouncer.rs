//! A part of the contract on `PostgreSQL` through `PgBouncer`: what depends on transactions, and on
//! several of them at the same time.
//!
//! `BELFRY_TEST_POOLED=1` has every test of the contract on `PostgreSQL` use one.

use super::postgres::Database;

promises! { Database::pooled().await;
    sites:
        concurrent_updates_are_not_lost,
        duplicate_site_or_key_is_a_conflict;
    durability:
        acknowledged_writes_survive_reopening,
        close_finishes_started_writes_and_rejects_others,
        failed_write_does_not_affect_its_batch,
        ping_succeeds;
    idempotency:
        one_of_concurrent_requests_gets_the_reservation;
    fan_out:
        fan_out_continues_after_reopening;
    reader_actions:
        read_is_idempotent,
        single_receipts_and_the_watermark_agree;
    tenancy:
        no_verb_reads_another_site,
        no_verb_changes_another_site;
}
