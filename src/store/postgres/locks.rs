//! The locks of write transactions, which hold across all processes on one database. A site's
//! transactions run one after the other, those of several sites side by side, and what concerns no
//! single site runs alone. So a transaction sees everything that was committed before it for what it
//! writes, as in a database file. Must not depend on what is written.

use crate::{
    Result,
    db::{Connection, query},
};
use belfry_domain::SiteId;

/// Identifies the lock in `pg_locks`.
const LOCK: i64 = 0x6265_6c66_7279;

// The row is locked after its join with the other lock was evaluated. In the opposite order, two
// transactions could wait for each other.
const SITE: &str = "SELECT 1 FROM (SELECT pg_advisory_xact_lock_shared(?2)) AS turn CROSS JOIN site
    WHERE site.id = ?1 FOR UPDATE OF site";

/// For a transaction that writes what belongs to this site. Waits for others of the site.
pub(crate) async fn lock_site(connection: &mut Connection, site: SiteId) -> Result<()> {
    query(SITE).bind(site.as_bytes()).bind(LOCK).fetch_optional(connection).await.map(drop)
}

/// For a transaction that may write anything. Waits for all others.
pub(crate) async fn lock_all(connection: &mut Connection) -> Result<()> {
    query("SELECT pg_advisory_xact_lock(?1)").bind(LOCK).fetch_optional(connection).await.map(drop)
}
