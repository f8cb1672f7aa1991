//! The statements that tests run, written to a file for the test that has `PostgreSQL` prepare them.

use super::{Kind, Value};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashSet,
    fs::File,
    io::Write as _,
    path::Path,
    sync::{LazyLock, Mutex, PoisonError},
};

/// The environment variable with the path of the file.
pub(crate) const VARIABLE: &str = "BELFRY_COLLECT_STATEMENTS";

/// A text with the types of its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Collected {
    pub(crate) text: String,
    pub(crate) kinds: Vec<Kind>,
}

type Collection = Option<Mutex<(File, HashSet<Collected>)>>;

static COLLECTION: LazyLock<Collection> = LazyLock::new(|| {
    let path = std::env::var_os(VARIABLE)?;
    Some(Mutex::new((File::create(path).unwrap(), HashSet::new())))
});

/// Writes a statement to the file, once. Does nothing unless the variable is set.
pub(super) fn add(text: &str, values: &[Value]) {
    let Some(collection) = &*COLLECTION else { return };
    let kinds = values.iter().map(Value::kind).collect();
    let statement = Collected { text: text.to_owned(), kinds };
    let (file, known) = &mut *collection.lock().unwrap_or_else(PoisonError::into_inner);
    if known.insert(statement.clone()) {
        writeln!(file, "{}", serde_json::to_string(&statement).unwrap()).unwrap();
    }
}

/// The statements in a file.
pub(crate) fn read(path: &Path) -> Vec<Collected> {
    let lines = std::fs::read_to_string(path).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
