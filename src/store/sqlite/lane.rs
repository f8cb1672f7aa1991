//! The statements of a reader, for one who is in segments: each lane that the plain statement reads for the contact's own messages is
//! read once more for each segment, by the same index and with the same limit. Made from the plain statements, so that the two can't
//! come to differ. Must not know how one comes to be in a segment.

use crate::domain::{ContactId, SegmentId};
use sqlx::{AssertSqlSafe, Sqlite, query::Query, sqlite::SqliteArguments};
use std::{borrow::Cow, fmt::Write as _, sync::Arc};

/// How a lane names whose it is, where it is the reader's own.
const OWN: &str = "p.contact_id = ?2";
/// How a look-up of one message names the lanes it may be in.
const ANY: &str = "IN (0, ?2";

/// A statement with those of its parts that stand for the reader's own lane.
pub(super) struct Statement {
    pub(super) plain: &'static str,
    /// Each of these is followed by the same for each segment, after `and`.
    pub(super) own: &'static [&'static str],
    pub(super) and: &'static str,
    /// How many parameters the plain statement has.
    pub(super) parameters: usize,
}

/// The lanes of the segments that a reader is in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lanes(Arc<[ContactId]>);

impl Lanes {
    pub(super) fn of(segments: impl Iterator<Item = SegmentId>) -> Self {
        Self(segments.map(SegmentId::lane).collect())
    }

    /// The lanes as parameters, in the order in which [`Statement::with`] numbers them.
    pub(super) fn bind<'q>(&self, query: Query<'q, Sqlite, SqliteArguments>) -> Query<'q, Sqlite, SqliteArguments> {
        self.0.iter().fold(query, |query, lane| query.bind(lane.0))
    }

    /// The query of a statement for these lanes. Parameters of the plain one are bound before the lanes.
    pub(super) fn query(&self, statement: &Statement) -> Query<'static, Sqlite, SqliteArguments> {
        match statement.with(self.0.len()) {
            Cow::Borrowed(plain) => sqlx::query(plain),
            // Made of constants and the numbers of parameters.
            Cow::Owned(made) => sqlx::query(AssertSqlSafe(made)),
        }
    }
}

impl Statement {
    /// The statement for a reader who is in so many segments.
    pub(super) fn with(&self, lanes: usize) -> Cow<'static, str> {
        if lanes == 0 {
            return Cow::Borrowed(self.plain);
        }
        let numbers = || (0..lanes).map(|lane| self.parameters + 1 + lane);
        let mut made = self.plain.to_owned();
        for own in self.own {
            let mut all = (*own).to_owned();
            for number in numbers() {
                all.push_str(self.and);
                // A receipt is the reader's, whichever lane its message is in.
                all.push_str(&own.replacen(OWN, &format!("p.contact_id = ?{number}"), 1));
            }
            made = made.replace(own, &all);
        }
        let any = numbers().fold(ANY.to_owned(), |mut any, number| {
            let _ = write!(any, ", ?{number}");
            any
        });
        Cow::Owned(made.replace(ANY, &any))
    }
}
