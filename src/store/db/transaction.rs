//! A transaction that ends with its guard. Must not depend on what it does.

use super::{Connection, query};
use crate::Result;
use futures_util::FutureExt as _;
use std::ops::{Deref, DerefMut};

/// An open transaction. Dropping it rolls it back.
pub(crate) struct Transaction<'c> {
    connection: &'c mut Connection,
    is_open: bool,
}

impl<'c> Transaction<'c> {
    pub(super) async fn begin(
        connection: &'c mut Connection,
        statement: &'static str,
    ) -> Result<Self> {
        // Guarded before it starts: a caller may be dropped while it waits for the answer.
        let transaction = Self { connection, is_open: true };
        query(statement).execute(transaction.connection).await?;
        Ok(transaction)
    }

    pub(crate) async fn commit(mut self) -> Result<()> {
        query("COMMIT").execute(self.connection).await?;
        self.is_open = false;
        Ok(())
    }

    pub(crate) async fn rollback(mut self) -> Result<()> {
        query("ROLLBACK").execute(self.connection).await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        match self.connection {
            // Statements run in a thread of the connection, in order: the first poll queues this
            // one there, before everything that the connection is used for later.
            Connection::Sqlite(_) => {
                let _ = query("ROLLBACK").execute(self.connection).now_or_never();
            }
            Connection::Postgres(connection) => connection.abandon(),
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection
    }
}
