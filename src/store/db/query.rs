//! A statement with the values of its parameters, and how it is run. The names are those of sqlx.
//! Must not depend on what a statement does.

#[cfg(test)]
use super::collected;
use super::{
    Connection,
    row::{Column, First, FromRow, Row},
    value::{Bind, Value, Values},
};
use crate::{Result, sqlite};
use futures_util::{
    Stream, StreamExt as _, TryFutureExt as _, TryStreamExt as _, future::Either, stream,
};
use sqlx::{SqlSafeStr, SqlStr};
use std::{future::ready, marker::PhantomData, task::Poll};

/// A statement whose rows are read as `T`.
#[must_use = "a statement does nothing until it is run"]
pub(crate) struct Query<T> {
    text: SqlStr,
    values: Values,
    row: PhantomData<fn() -> T>,
}

/// A statement of which only the first column is read, as `T`.
#[must_use = "a statement does nothing until it is run"]
pub(crate) struct Scalar<T>(Query<First<T>>);

pub(crate) fn query(text: impl SqlSafeStr) -> Query<Row> {
    query_as(text)
}

/// A statement whose rows are read as tuples.
#[inline]
pub(crate) fn query_as<T: FromRow>(text: impl SqlSafeStr) -> Query<T> {
    Query { text: text.into_sql_str(), values: Values::new(), row: PhantomData }
}

#[inline]
pub(crate) fn query_scalar<T: for<'r> Column<'r>>(text: impl SqlSafeStr) -> Scalar<T> {
    Scalar(query_as(text))
}

impl<T: FromRow> Query<T> {
    /// Binds the next parameter: the first call binds `?1`.
    #[inline]
    pub(crate) fn bind(mut self, value: impl Bind) -> Self {
        self.values.push(value.value());
        self
    }

    /// Binds the next parameter to a value of any type.
    pub(crate) fn bind_value(mut self, value: Value) -> Self {
        self.values.push(value);
        self
    }

    /// Runs the statement to its end. Returns the number of rows that it wrote.
    pub(crate) async fn execute(self, connection: &mut Connection) -> Result<u64> {
        #[cfg(test)]
        collected::add(self.text.as_str(), &self.values);
        match connection {
            Connection::Sqlite(connection) => {
                let statement = sqlite::statement(self.text, self.values)?;
                let done = statement.execute(connection.start()).await;
                Ok(connection.end(done)?.rows_affected())
            }
            Connection::Postgres(connection) => {
                connection.execute(self.text.as_str(), &self.values).await
            }
        }
    }

    /// The first row, if there is one. On `SQLite` the statement is not run further than that.
    pub(crate) async fn fetch_optional(self, connection: &mut Connection) -> Result<Option<T>> {
        #[cfg(test)]
        collected::add(self.text.as_str(), &self.values);
        let row = match connection {
            Connection::Sqlite(connection) => {
                let statement = sqlite::statement(self.text, self.values)?;
                let row = statement.fetch_optional(connection.start()).await;
                connection.end(row)?.map(Row::Sqlite)
            }
            Connection::Postgres(connection) => {
                let rows = connection.fetch_all(self.text.as_str(), &self.values).await?;
                rows.into_iter().next().map(Row::Postgres)
            }
        };
        row.map(T::from_row).transpose()
    }

    /// The first row, which exists.
    pub(crate) async fn fetch_one(self, connection: &mut Connection) -> Result<T> {
        let row = self.fetch_optional(connection).await?;
        Ok(row.ok_or(sqlx::Error::RowNotFound)?)
    }

    pub(crate) async fn fetch_all(self, connection: &mut Connection) -> Result<Vec<T>> {
        self.fetch(connection)?.try_collect().await
    }

    /// The rows one after the other, for results that are too large to be collected. On `PostgreSQL`
    /// they are collected nevertheless.
    pub(crate) fn fetch(
        self,
        connection: &mut Connection,
    ) -> Result<impl Stream<Item = Result<T>> + Send + Unpin> {
        #[cfg(test)]
        collected::add(self.text.as_str(), &self.values);
        match connection {
            Connection::Sqlite(connection) => {
                let (driver, is_running) = connection.start_rows();
                let rows = sqlite::statement(self.text, self.values)?
                    .fetch(driver)
                    .err_into()
                    .and_then(|row| ready(T::from_row(Row::Sqlite(row))));
                let end = stream::poll_fn(move |_| {
                    *is_running = false;
                    Poll::Ready(None)
                });
                Ok(Either::Left(rows.chain(end)))
            }
            Connection::Postgres(connection) => {
                let rows = async move {
                    let rows = connection.fetch_all(self.text.as_str(), &self.values).await?;
                    Result::Ok(stream::iter(rows).map(|row| T::from_row(Row::Postgres(row))))
                };
                Ok(Either::Right(Box::pin(rows.try_flatten_stream())))
            }
        }
    }
}

impl<T: for<'r> Column<'r>> Scalar<T> {
    /// See [`Query::bind`].
    #[inline]
    pub(crate) fn bind(self, value: impl Bind) -> Self {
        Self(self.0.bind(value))
    }

    pub(crate) async fn fetch_optional(self, connection: &mut Connection) -> Result<Option<T>> {
        Ok(self.0.fetch_optional(connection).await?.map(|first| first.0))
    }

    pub(crate) async fn fetch_one(self, connection: &mut Connection) -> Result<T> {
        Ok(self.0.fetch_one(connection).await?.0)
    }

    pub(crate) async fn fetch_all(self, connection: &mut Connection) -> Result<Vec<T>> {
        self.0.fetch(connection)?.map_ok(|first| first.0).try_collect().await
    }
}
