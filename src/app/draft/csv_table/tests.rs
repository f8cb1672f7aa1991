//! Tests of CSV tables.

use super::*;

const TABLE: &str = "\u{feff}E-mail;First name;Plan;note\nann@shop.example;\"Ann; the \"\"first\"\"\";pro;\nnobody;=1+1;;@x\n;;;\nbob@shop.example;Bob;free;n;too many\n";

fn columns() -> Vec<Column> {
    ["email", "firstName", "attributes.plan", ""]
        .iter()
        .map(|column| column.parse().unwrap())
        .collect()
}

#[test]
fn table_becomes_contacts_by_its_mapping() {
    let sheet = CsvTable::parse(TABLE.as_bytes()).unwrap();
    assert_eq!(sheet.headings(), ["E-mail", "First name", "Plan", "note"]);
    assert_eq!(
        sheet.guess_columns(),
        [Column::Email, Column::FirstName, Column::Ignored, Column::Ignored]
    );
    let rows: Vec<ImportRow> =
        MappedCsvTable::new(Arc::new(sheet), columns()).unwrap().rows().collect();
    let ann = rows[0].draft.clone().unwrap();
    assert_eq!(
        (ann.first_name.as_deref(), ann.attributes["plan"].as_str()),
        (Some("Ann; the \"first\""), Some("pro"))
    );
    let refused: Vec<_> =
        rows.iter().skip(1).map(|row| (row.number, row.draft.clone().unwrap_err().field)).collect();
    assert_eq!(refused, [(3, "email".to_owned()), (4, String::new()), (5, String::new())]);
}

#[test]
fn commas_and_tabs_are_delimiters() {
    for table in [
        "email,name\na@b.example,Ann\n",
        "email\tname\r\na@b.example\tAnn",
        "email\na@b.example\n\n",
    ] {
        let sheet = CsvTable::parse(table.as_bytes()).unwrap();
        let columns = sheet.guess_columns();
        let rows: Vec<ImportRow> =
            MappedCsvTable::new(Arc::new(sheet), columns).unwrap().rows().collect();
        assert_eq!((rows.len(), rows[0].draft.is_ok()), (1, true), "{table:?}");
    }
    let wide = format!("{}\n", ["a"; 200].join(",")).repeat(10_002);
    assert!(CsvTable::parse(wide.as_bytes()).unwrap_err().reason.to_string().contains("cells"));
    for odd in [&b""[..], b"\n\n", b"\xff\xfe", b",,\n1,2,3"] {
        assert_eq!(CsvTable::parse(odd).unwrap_err().field, "file");
    }
}

#[test]
fn mapping_needs_an_identifier_and_no_duplicates() {
    let sheet = Arc::new(CsvTable::parse(b"a,b\n1,2\n").unwrap());
    let refused = |columns: &[Column]| {
        MappedCsvTable::new(Arc::clone(&sheet), columns.to_vec()).err().unwrap().reason.to_string()
    };
    assert!(refused(&[Column::Email]).contains("2 columns"));
    assert!(refused(&[Column::Email, Column::Email]).contains("twice"));
    assert!(refused(&[Column::FirstName, Column::Ignored]).contains("must include"));
    assert!("name".parse::<Column>().is_err() && "attributes. ".parse::<Column>().is_err());
}

#[test]
fn table_is_stored_as_its_text() {
    let rows: Vec<String> =
        (0..2_000).map(|number| format!("{number};\"a;\n\"\"b\"\r\n\n")).collect();
    let table = format!("\u{feff}\n\nid;name\n{}", rows.concat());
    let sheet = CsvTable::parse(table.as_bytes()).unwrap();
    // A list of cells would take 24 bytes per cell besides the text.
    assert!(sheet.bytes() <= table.len() + 4 * 2_000, "{} for {}", sheet.bytes(), table.len());
    assert_eq!(sheet.sample(2), [["0", "a;\n\"b"], ["1", "a;\n\"b"]]);
    let mapped =
        MappedCsvTable::new(Arc::new(sheet), vec![Column::ExternalId, Column::FirstName]).unwrap();
    let ids = mapped.rows().map(|row| {
        (row.number, row.draft.unwrap().identifiers.external_id.unwrap().as_str().to_owned())
    });
    assert!(ids.eq((0..2_000).map(|number| (number + 2, number.to_string()))));
    let problem = |row| ImportProblem {
        row,
        error: ValidationError::new("", errors::verbatim("is odd")),
        imported: false,
    };
    assert!(
        mapped
            .table
            .problems(&[problem(1_001), problem(9_999)])
            .ends_with("1001,,is odd,999,\"a;\n\"\"b\"\n9999,,is odd\n")
    );
}

#[test]
fn exported_cells_are_escaped() {
    let sheet = CsvTable::parse(TABLE.as_bytes()).unwrap();
    let problem = ImportProblem {
        row: 3,
        error: ValidationError::new("email", errors::EMAIL),
        imported: false,
    };
    let table = sheet.problems(&[problem]);
    assert_eq!(
        table,
        "row,field,reason,E-mail,First name,Plan,note\n3,email,must be an e-mail address,nobody,'=1+1,,'@x\n"
    );
    // Without the table only the problems are listed, with the same escaping.
    let problem = ImportProblem {
        row: 2,
        error: ValidationError::new("=1+1", errors::verbatim("is not known here")),
        imported: false,
    };
    assert_eq!(
        CsvTable::default().problems(&[problem]),
        "row,field,reason\n2,'=1+1,is not known here\n"
    );
    for cell in ["=x", "+1", "-1", "@x", "\tx"] {
        assert_eq!(escape_formula(cell), format!("'{cell}"));
    }
    assert_eq!(escape_formula("a=b"), "a=b");
}
