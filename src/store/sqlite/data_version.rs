//! Tells whether other processes have written to the database file, as the command line does.

use crate::{
    Result,
    db::{Connection, query_scalar},
};

/// What the connection said last.
#[derive(Default)]
pub(crate) struct DataVersion(Option<i64>);

impl DataVersion {
    /// What this connection says now.
    pub(crate) async fn read(connection: &mut Connection) -> Result<Self> {
        let mut version = Self::default();
        version.has_changed(connection).await?;
        Ok(version)
    }

    /// Whether another connection has committed since the last call. Costs one pragma.
    pub(crate) async fn has_changed(&mut self, connection: &mut Connection) -> Result<bool> {
        let current = query_scalar("PRAGMA data_version").fetch_one(connection).await?;
        Ok(self.0.replace(current) != Some(current))
    }
}
