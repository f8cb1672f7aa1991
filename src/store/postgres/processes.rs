//! The processes that share the database. Each holds a shared lock with its number on its connection
//! to the bus, so the server itself tells who is there: a process that dies loses its lock. Must not
//! depend on what the processes tell each other.

use crate::Result;
use belfry_domain::{Rng as _, SystemRng};
use serde::{Deserialize, Serialize};
use sqlx::{
    AssertSqlSafe, PgConnection, Row as _,
    postgres::{PgRow, Postgres},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display, Formatter},
    num::ParseIntError,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The first half of the locks' keys; the second one is the number of a process.
const LOCK: i32 = 0x6265_6c66;
/// For this long, a process without a lock counts as alive: it may have lost its connection.
pub(crate) const RECONNECT_TIME: Duration = Duration::from_secs(5);
/// After a longer pause between two looks, who is missing may have come and gone.
const MAX_PAUSE: Duration = Duration::from_secs(3);

/// The number of a process among those on the same database. Positive, random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ProcessNumber(i32);

impl ProcessNumber {
    pub(crate) fn generate() -> Self {
        let mut bytes = [0; 4];
        SystemRng.fill(&mut bytes);
        Self((i32::from_le_bytes(bytes) & i32::MAX).max(1))
    }

    /// As it is stored in a row.
    pub(crate) fn value(self) -> i64 {
        self.0.into()
    }

    /// The number in a row.
    pub(crate) fn from_value(value: i64) -> Option<Self> {
        i32::try_from(value).ok().filter(|number| *number > 0).map(Self)
    }
}

impl Display for ProcessNumber {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ProcessNumber {
    type Err = ParseIntError;

    fn from_str(text: &str) -> std::result::Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

/// What has changed since the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Changes {
    /// A process was seen that was not there before.
    pub(crate) has_joined: bool,
    /// A process that was there at the look before was not seen.
    pub(crate) has_vanished: bool,
}

/// The processes that this one has seen.
pub(crate) struct Processes {
    own: ProcessNumber,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The others, with the time of the last look that has seen them.
    others: BTreeMap<ProcessNumber, Instant>,
    /// The last look.
    looked_at: Option<Instant>,
    /// The first look since which there was no long pause.
    looking_since: Option<Instant>,
}

impl Processes {
    /// The processes that `own` knows of: none yet.
    pub(crate) fn new(own: ProcessNumber) -> Self {
        Self { own, state: Mutex::default() }
    }

    /// The number of this process.
    pub(crate) fn own(&self) -> ProcessNumber {
        self.own
    }

    /// Whether a process may be alive. Once this is `false`, it stays so: a number is never reused.
    /// A process that ends is known to be gone after [`RECONNECT_TIME`] and about a second; one
    /// whose connection was cut has that time to open another. While this process does not know, it
    /// assumes the best of others.
    pub(crate) fn is_alive(&self, process: ProcessNumber) -> bool {
        self.was_alive(process, Instant::now())
    }

    fn was_alive(&self, process: ProcessNumber, now: Instant) -> bool {
        let state = self.lock();
        process == self.own
            || state.others.contains_key(&process)
            || !state.knows_who_is_missing(now)
    }

    /// Whether there may be other processes.
    pub(crate) fn has_others(&self) -> bool {
        let state = self.lock();
        !state.others.is_empty() || state.looked_at.is_none()
    }

    /// Records what a look has seen.
    pub(crate) fn record(&self, present: &BTreeSet<ProcessNumber>, now: Instant) -> Changes {
        let mut state = self.lock();
        if state.looked_at.is_none_or(|looked| now.duration_since(looked) > MAX_PAUSE) {
            state.looking_since = Some(now);
            // They have had no chance to be seen.
            state.others.values_mut().for_each(|seen| *seen = now);
        }
        let before = state.looked_at.replace(now);
        let has_vanished = state
            .others
            .iter()
            .any(|(process, seen)| Some(*seen) == before && !present.contains(process));
        let mut changes = Changes { has_joined: false, has_vanished };
        for process in present.iter().filter(|process| **process != self.own) {
            changes.has_joined |= state.others.insert(*process, now).is_none();
        }
        state.others.retain(|_, seen| now.duration_since(*seen) < RECONNECT_TIME);
        changes
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn knows_who_is_missing(&self, now: Instant) -> bool {
        self.looked_at.is_some_and(|looked| now.duration_since(looked) <= MAX_PAUSE)
            && self.looking_since.is_some_and(|since| now.duration_since(since) >= RECONNECT_TIME)
    }
}

/// Takes the lock of a process, until the connection ends. A former connection of the process may
/// still hold it.
pub(crate) async fn register(connection: &mut PgConnection, own: ProcessNumber) -> Result<()> {
    sqlx::query::<Postgres>("SELECT pg_advisory_lock_shared($1, $2)")
        .bind(LOCK)
        .bind(own.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// The processes that hold a lock now.
pub(crate) async fn look(connection: &mut PgConnection) -> Result<BTreeSet<ProcessNumber>> {
    let text = format!(
        "SELECT CAST(objid AS BIGINT) FROM pg_locks
         WHERE locktype = 'advisory' AND classid = {LOCK} AND objsubid = 2 AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    let rows: Vec<PgRow> =
        sqlx::query::<Postgres>(AssertSqlSafe(text)).fetch_all(connection).await?;
    let numbers: std::result::Result<Vec<i64>, _> = rows.iter().map(|row| row.try_get(0)).collect();
    Ok(numbers?.into_iter().filter_map(ProcessNumber::from_value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn process_is_gone_some_seconds_after_its_lock() {
        let (own, other, unknown) = (ProcessNumber(1), ProcessNumber(2), ProcessNumber(3));
        let (processes, mut now) = (Processes::new(own), Instant::now());
        assert!(processes.was_alive(other, now) && processes.has_others(), "nobody has looked");
        let (both, one) = (BTreeSet::from([own, other]), BTreeSet::from([own]));
        assert_eq!(processes.record(&both, now), Changes { has_joined: true, has_vanished: false });
        for second in 1..=5 {
            now += SECOND;
            let changes = processes.record(&one, now);
            assert_eq!(changes, Changes { has_joined: false, has_vanished: second == 1 });
            assert_eq!(processes.was_alive(other, now), second < 5);
        }
        assert!(!processes.has_others() && processes.was_alive(own, now));
        assert!(!processes.was_alive(unknown, now));
        // The database was away.
        processes.record(&both, now);
        now += 60 * SECOND;
        assert!(processes.was_alive(unknown, now));
        assert_eq!(processes.record(&one, now), Changes::default());
        assert!(processes.was_alive(other, now) && processes.has_others());
    }

    #[test]
    fn numbers_are_positive_and_survive_a_row() {
        for _ in 0..100 {
            let number = ProcessNumber::generate();
            assert!(number.value() > 0);
            assert_eq!(ProcessNumber::from_value(number.value()), Some(number));
            assert_eq!(number.to_string().parse(), Ok(number));
        }
        assert_eq!(ProcessNumber::from_value(0), None);
    }
}
