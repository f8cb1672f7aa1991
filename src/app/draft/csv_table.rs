//! Import tables (CSV): the owner maps the columns, and each row becomes a contact draft as from a
//! backend.
//!
//! Must not depend on the stored contacts. Cells of exported tables are escaped against formula
//! injection.

use crate::body::ContactBody;
use belfry_domain::{ContactDraft, ImportProblem, ImportRow, ValidationError};
use belfry_locales::phrases::errors;
use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use serde_json::Map;
use std::{collections::HashSet, fmt, str::FromStr, sync::Arc};

/// Rows of one table.
const MAX_ROWS: usize = 100_000;
/// Columns of one table.
const MAX_COLUMNS: usize = 200;

/// Cells of one table: each takes a multiple of its bytes once it is an attribute.
const MAX_CELLS: usize = 2_000_000;

/// What a column contains.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Column {
    /// Not imported.
    Ignored,
    /// The site's own id.
    ExternalId,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// The reader's language.
    Language,
    /// An attribute of this name.
    Attribute(String),
}

impl Column {
    /// The likely content of a column with this heading.
    pub fn guess(heading: &str) -> Self {
        let plain: String = heading
            .chars()
            .filter(|character| character.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        match plain.as_str() {
            "externalcustomerid" | "externalid" | "extid" | "customerid" | "userid" | "id" => {
                Self::ExternalId
            }
            "email" | "mail" | "emailaddress" => Self::Email,
            "phone" | "sms" | "phonenumber" | "telephone" | "mobile" | "mobilephone" => Self::Phone,
            "firstname" | "givenname" | "name" => Self::FirstName,
            "lastname" | "surname" | "familyname" => Self::LastName,
            "language" | "lang" | "languagecode" | "locale" => Self::Language,
            _ => Self::Ignored,
        }
    }
}

impl FromStr for Column {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Ok(match text.trim() {
            "" => Self::Ignored,
            "externalCustomerId" => Self::ExternalId,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "firstName" => Self::FirstName,
            "lastName" => Self::LastName,
            "language" => Self::Language,
            other => {
                let name = other
                    .strip_prefix("attributes.")
                    .map(str::trim)
                    .filter(|name| !name.is_empty());
                let known = errors::TABLE_COLUMN;
                Self::Attribute(
                    name.ok_or_else(|| ValidationError::new("columns", known))?.to_owned(),
                )
            }
        })
    }
}

impl fmt::Display for Column {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ignored => "",
            Self::ExternalId => "externalCustomerId",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::FirstName => "firstName",
            Self::LastName => "lastName",
            Self::Language => "language",
            Self::Attribute(name) => return write!(out, "attributes.{name}"),
        })
    }
}

/// A table with headings, which are row 1. It is stored as its text with row offsets; cells are
/// parsed again when they are needed, a few rows at a time.
#[derive(Debug, Clone, Default)]
pub struct CsvTable {
    headings: Vec<String>,
    text: String,
    delimiter: u8,
    rows: Vec<u32>,
}

impl CsvTable {
    /// Parses a table whose delimiter is comma, semicolon or tab, whichever occurs most often in
    /// the headings.
    pub fn parse(bytes: &[u8]) -> Result<Self, ValidationError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| ValidationError::new("file", errors::TABLE_NO_UTF8))?;
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let frequent = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
        // On a tie the last one wins: a table of one column uses commas.
        let delimiter = [b'\t', b';', b','].into_iter().max_by_key(frequent).unwrap_or(b',');
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
        let malformed =
            |error: csv::Error| ValidationError::new("file", errors::no_table(error.to_string()));
        let headings: Vec<String> = reader
            .headers()
            .map_err(malformed)?
            .iter()
            .map(|heading| heading.trim().to_owned())
            .collect();
        if headings.iter().all(String::is_empty) {
            return Err(ValidationError::new("file", errors::TABLE_NO_HEADINGS));
        }
        if headings.len() > MAX_COLUMNS {
            return Err(ValidationError::new("file", errors::table_too_many_columns(MAX_COLUMNS)));
        }
        let (mut record, mut rows, mut cells) = (StringRecord::new(), Vec::new(), 0);
        while reader.read_record(&mut record).map_err(malformed)? {
            if rows.len() >= MAX_ROWS {
                return Err(ValidationError::new("file", errors::TABLE_TOO_MANY_ROWS));
            }
            cells += record.len();
            if cells > MAX_CELLS {
                return Err(ValidationError::new("file", errors::TABLE_TOO_MANY_CELLS));
            }
            let begin = record.position().map_or(0, csv::Position::byte);
            rows.push(
                u32::try_from(begin)
                    .map_err(|_| ValidationError::new("file", errors::TABLE_TOO_LARGE))?,
            );
        }
        Ok(Self { headings, text: text.to_owned(), delimiter, rows })
    }

    /// The headings, from left to right.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// Number of contacts.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has no contacts.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Memory that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.text.len() + self.rows.len() * size_of::<u32>()
    }

    /// The first rows, for a preview.
    pub fn sample(&self, rows: usize) -> Vec<Vec<String>> {
        let cells = |record: StringRecord| record.iter().map(str::to_owned).collect();
        self.records(0).take(rows).map(cells).collect()
    }

    /// The likely content of each column; no two get the same.
    pub fn guess_columns(&self) -> Vec<Column> {
        let mut seen = HashSet::new();
        let guess = |heading: &String| {
            Some(Column::guess(heading))
                .filter(|column| seen.insert(column.clone()))
                .unwrap_or(Column::Ignored)
        };
        self.headings.iter().map(guess).collect()
    }

    /// The rows from this one on, parsed lazily.
    fn records(&self, from: usize) -> impl Iterator<Item = StringRecord> {
        let begin = self.rows.get(from).and_then(|begin| usize::try_from(*begin).ok());
        let text = begin.and_then(|begin| self.text.get(begin..)).unwrap_or_default();
        let reader = ReaderBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        reader.into_records().map_while(Result::ok)
    }

    fn draft(
        &self,
        record: &StringRecord,
        columns: &[Column],
    ) -> Result<ContactDraft, ValidationError> {
        if record.len() > self.headings.len() {
            return Err(ValidationError::new(
                "",
                errors::cell_count(record.len(), self.headings.len()),
            ));
        }
        let (mut contact, mut attributes) = (ContactBody::default(), Map::new());
        for (cell, column) in record.iter().zip(columns) {
            let cell = cell.trim();
            if cell.contains('\0') {
                return Err(ValidationError::new(column.to_string(), errors::NUL));
            }
            match column {
                Column::Ignored => {}
                _ if cell.is_empty() => {}
                Column::Attribute(name) => drop(attributes.insert(name.clone(), cell.into())),
                Column::ExternalId => contact.external_customer_id = Some(cell.into()),
                Column::Email => contact.email = Some(cell.into()),
                Column::Phone => contact.phone = Some(cell.into()),
                Column::FirstName => contact.first_name = Some(cell.to_owned()),
                Column::LastName => contact.last_name = Some(cell.to_owned()),
                Column::Language => contact.language = Some(cell.to_owned()),
            }
        }
        ContactBody { attributes: Some(attributes), ..contact }.validate("")
    }

    /// A table of the problems: row, field and reason before the original cells.
    pub fn problems(&self, problems: &[ImportProblem]) -> String {
        let mut table = WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let mut line = |cells: Vec<String>| {
            table.write_record(cells.iter().map(|cell| escape_formula(cell))).is_ok()
        };
        line(
            ["row", "field", "reason"]
                .into_iter()
                .map(str::to_owned)
                .chain(self.headings.iter().cloned())
                .collect(),
        );
        for ImportProblem { row, error, .. } in problems {
            let record =
                usize::try_from(*row).ok().and_then(|row| self.records(row.checked_sub(2)?).next());
            let cells = record.iter().flatten().map(str::to_owned);
            line(
                [row.to_string(), error.field.clone(), error.reason.to_string()]
                    .into_iter()
                    .chain(cells)
                    .collect(),
            );
        }
        table
            .into_inner()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

/// A table with its column mapping.
#[derive(Debug, Clone)]
pub struct MappedCsvTable {
    table: Arc<CsvTable>,
    columns: Arc<[Column]>,
}

impl MappedCsvTable {
    /// Validates the mapping of the columns from left to right.
    pub fn new(table: Arc<CsvTable>, columns: Vec<Column>) -> Result<Self, ValidationError> {
        let mut seen = HashSet::new();
        if columns.len() != table.headings.len() {
            return Err(ValidationError::new(
                "columns",
                errors::table_mapping(table.headings.len()),
            ));
        }
        if let Some(twice) =
            columns.iter().find(|column| **column != Column::Ignored && !seen.insert(*column))
        {
            return Err(ValidationError::new("columns", errors::column_twice(twice.to_string())));
        }
        if ![Column::ExternalId, Column::Email, Column::Phone]
            .iter()
            .any(|column| seen.contains(column))
        {
            return Err(ValidationError::new("columns", errors::TABLE_NO_IDENTIFIER));
        }
        Ok(Self { table, columns: columns.into() })
    }

    /// The column mapping.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Number of contacts.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether it has no contacts.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The contacts, parsed lazily. A blank cell sets nothing.
    pub fn rows(&self) -> impl Iterator<Item = ImportRow> {
        self.table.records(0).zip(2..).map(|(record, number)| ImportRow {
            number,
            draft: self.table.draft(&record, &self.columns),
        })
    }
}

/// Escapes a cell that a spreadsheet would evaluate as a formula, with a leading apostrophe.
pub(super) fn escape_formula(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests;
