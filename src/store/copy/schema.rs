//! The tables of a database, read from its schema, and what a copy needs to know of a table that both
//! databases have.

use super::{CopyError, error::CopyResult, state};
use crate::{
    Result,
    db::{Connection, Kind, query_as},
};
use std::collections::BTreeMap;

/// Tables that each database has for itself.
const NOT_COPIED: [&str; 4] = [
    // The migrations that were run in this database.
    "_sqlx_migrations",
    // The programs that work on it.
    "_compatibility",
    // Events on their way to other processes of a server, for a minute.
    "relayed",
    // The state of the copy itself.
    state::TABLE,
];

/// Tables whose rows may be so large that only a few are in memory at a time, with their number.
const LARGE: [(&str, u32); 6] = [
    ("attachment_blob", 1),
    ("idempotency", 16),
    ("import_part", 16),
    ("picture", 16),
    ("theme", 16),
    ("theme_file", 16),
];

/// The number of rows of other tables.
const MAX_ROWS: u32 = 1_024;

const COLUMNS_OF_SQLITE: &str =
    "SELECT t.name, c.name, c.type, c.\"notnull\" + c.pk > 0, c.hidden > 1,
        c.pk > 0 AND instr(t.sql, 'AUTOINCREMENT') > 0
    FROM sqlite_schema AS t CROSS JOIN pragma_table_xinfo(t.name) AS c
    WHERE t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_' ORDER BY t.name, c.cid";

const COLUMNS_OF_POSTGRES: &str = "SELECT CAST(t.relname AS TEXT), CAST(c.attname AS TEXT),
        format_type(c.atttypid, NULL), c.attnotnull, c.attgenerated <> '', c.attidentity <> ''
    FROM pg_class AS t CROSS JOIN pg_attribute AS c
    WHERE t.relnamespace = to_regnamespace('belfry') AND t.relkind = 'r'
        AND c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped ORDER BY t.relname, c.attnum";

// The primary key comes first. That of a table with a row number is in no index.
const KEYS_OF_SQLITE: &str = "SELECT t.name, '', c.name FROM sqlite_schema AS t CROSS JOIN pragma_table_xinfo(t.name) AS c
    WHERE t.type = 'table' AND c.pk > 0
    UNION ALL SELECT * FROM (SELECT t.name, i.name, c.name FROM sqlite_schema AS t CROSS JOIN pragma_index_list(t.name) AS i
        CROSS JOIN pragma_index_info(i.name) AS c
        WHERE t.type = 'table' AND i.\"unique\" = 1 AND i.partial = 0 ORDER BY t.name, i.name, c.seqno)";

const KEYS_OF_POSTGRES: &str = "SELECT CAST(t.relname AS TEXT), CAST(n.relname AS TEXT), CAST(c.attname AS TEXT)
    FROM pg_index AS i CROSS JOIN pg_class AS t CROSS JOIN pg_class AS n
        CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place) CROSS JOIN pg_attribute AS c
    WHERE i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND t.oid = i.indrelid AND n.oid = i.indexrelid
        AND t.relnamespace = to_regnamespace('belfry') AND c.attrelid = t.oid AND c.attnum = k.number
    ORDER BY t.relname, i.indisprimary DESC, n.relname, k.place";

/// A name in a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// The tables of a database.
pub(super) struct Schema {
    pub(super) is_postgres: bool,
    pub(super) tables: BTreeMap<String, TableSchema>,
}

/// A table of a database.
#[derive(Default)]
pub(super) struct TableSchema {
    columns: Vec<ColumnSchema>,
    /// The columns of each unique index, the primary key first.
    keys: Vec<Vec<String>>,
}

struct ColumnSchema {
    name: String,
    type_name: String,
    is_not_null: bool,
    is_generated: bool,
    /// Whether the database gives numbers that it never gives again.
    is_numbered: bool,
}

impl Schema {
    pub(super) async fn read(connection: &mut Connection) -> Result<Self> {
        let is_postgres = connection.is_postgres();
        let (columns, keys) = if is_postgres {
            (COLUMNS_OF_POSTGRES, KEYS_OF_POSTGRES)
        } else {
            (COLUMNS_OF_SQLITE, KEYS_OF_SQLITE)
        };
        let columns: Vec<(String, String, String, bool, bool, bool)> =
            query_as(columns).fetch_all(connection).await?;
        let mut tables: BTreeMap<String, TableSchema> = BTreeMap::new();
        for (table, name, type_name, is_not_null, is_generated, is_numbered) in columns {
            if !NOT_COPIED.contains(&&*table) {
                let column =
                    ColumnSchema { name, type_name, is_not_null, is_generated, is_numbered };
                tables.entry(table).or_default().columns.push(column);
            }
        }
        let keys: Vec<(String, String, String)> = query_as(keys).fetch_all(connection).await?;
        let mut last = None;
        for (table, index, column) in keys {
            let Some(schema) = tables.get_mut(&table) else { continue };
            match schema.keys.last_mut() {
                Some(key) if last.as_ref() == Some(&(table.clone(), index.clone())) => {
                    key.push(column);
                }
                _ => schema.keys.push(vec![column]),
            }
            last = Some((table, index));
        }
        Ok(Self { is_postgres, tables })
    }

    /// The tables with a column that the database numbers, and that column.
    pub(super) fn numbered(&self) -> Vec<(&str, &str)> {
        let columns = self.tables.iter().flat_map(|(name, table)| {
            let numbered = table.columns.iter().filter(|column| column.is_numbered);
            numbered.map(|column| (&**name, &*column.name))
        });
        columns.collect()
    }
}

impl TableSchema {
    fn column(&self, name: &str) -> Option<&ColumnSchema> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns by which the table is walked, and whether no index has them.
    fn key(&self) -> Option<(Vec<&str>, bool)> {
        let is_set = |name: &String| self.column(name).is_some_and(|column| column.is_not_null);
        let key = self.keys.iter().find(|key| key.iter().all(is_set));
        let numbered = self.columns.iter().find(|column| column.is_numbered);
        key.map(|key| (key.iter().map(|name| &**name).collect(), false))
            .or_else(|| numbered.map(|column| (vec![&*column.name], true)))
    }
}

/// A table that both databases have.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The indexes of the columns by which it is walked.
    pub(super) key: Vec<usize>,
    /// Whether the target needs an index with the key while it is copied.
    pub(super) needs_index: bool,
    /// Whether the target stores no NUL in a text.
    pub(super) loses_nul: bool,
    /// How many rows may be in memory.
    pub(super) max_rows: u32,
}

/// A column that both databases have, with the same type.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) is_generated: bool,
}

/// The tables of both databases. Fails if one of them has a table or column that the other has not.
pub(super) fn pair(source: &Schema, target: &Schema) -> CopyResult<Vec<Table>> {
    let only = |what: &str, place: &str| {
        Err(CopyError::refused(format!(
            "only the {place} has {what}: these are not two databases of this version of Belfry"
        )))
    };
    if let Some(name) = target.tables.keys().find(|name| !source.tables.contains_key(*name)) {
        return only(&format!("a table {name}"), "target");
    }
    let mut tables = Vec::new();
    for (name, of_source) in &source.tables {
        let Some(of_target) = target.tables.get(name) else {
            return only(&format!("a table {name}"), "source");
        };
        let column_of_target = |column: &ColumnSchema| of_source.column(&column.name).is_none();
        if let Some(column) = of_target.columns.iter().find(|column| column_of_target(column)) {
            return only(&format!("a column {name}.{}", column.name), "target");
        }
        let mut columns = Vec::new();
        for column in &of_source.columns {
            let Some(other) = of_target.column(&column.name) else {
                return only(&format!("a column {name}.{}", column.name), "source");
            };
            let kinds = (kind_of(&column.type_name), kind_of(&other.type_name));
            let ((Some(kind), Some(same)), true) =
                (kinds, column.is_generated == other.is_generated)
            else {
                return only(&format!("{name}.{} as it is", column.name), "source");
            };
            if kind != same {
                return only(&format!("{name}.{} as {}", column.name, column.type_name), "source");
            }
            let is_generated = column.is_generated;
            columns.push(Column { name: column.name.clone(), kind, is_generated });
        }
        let Some((key, needs_index)) = of_target.key() else {
            return Err(CopyError::refused(format!("the table {name} has no unique key")));
        };
        let index = |name: &&str| columns.iter().position(|column| column.name == *name);
        let max_rows = LARGE.iter().find(|(large, _)| large == name);
        tables.push(Table {
            name: name.clone(),
            key: key.iter().filter_map(index).collect(),
            columns,
            needs_index,
            loses_nul: target.is_postgres,
            max_rows: max_rows.map_or(MAX_ROWS, |(_, rows)| *rows),
        });
    }
    Ok(tables)
}

fn kind_of(type_name: &str) -> Option<Kind> {
    Some(match type_name {
        "INTEGER" | "bigint" => Kind::Int,
        "REAL" | "double precision" => Kind::Real,
        "TEXT" | "text" => Kind::Text,
        "BLOB" | "bytea" => Kind::Bytes,
        _ => return None,
    })
}

impl Table {
    /// All columns, for a query.
    pub(super) fn column_list(&self) -> String {
        list(self.columns.iter().map(|column| quoted(&column.name)))
    }

    /// The columns of the key.
    pub(super) fn key_list(&self) -> String {
        let columns = self.key.iter().filter_map(|index| self.columns.get(*index));
        list(columns.map(|column| quoted(&column.name)))
    }

    /// The key as parameters, from this one on.
    pub(super) fn key_parameters(&self, first: usize) -> String {
        parameters(first, self.key.len())
    }

    /// The indexes of the columns that are written, with their types.
    pub(super) fn written_columns(&self) -> Vec<(usize, Kind)> {
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, column)| !column.is_generated).map(|(at, c)| (at, c.kind)).collect()
    }

    /// The name of the index that the target has only while it is copied.
    pub(super) fn index(&self) -> String {
        quoted(&format!("copy_{}", self.name))
    }
}

/// `?1, ?2` and so on.
pub(super) fn parameters(first: usize, count: usize) -> String {
    list((first..first + count).map(|number| format!("?{number}")))
}

pub(super) fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
