//! Tables of test cases: one text file per family. Each case has a name, the expected diagnostics,
//! its input and the expected output.
//!
//! ```text
//! === name
//! refused loads 1:1 @import
//! --- input
//! @import "x";
//! --- output
//! ```
//!
//! Lines that begin with `#` before the first case are comments. `--- input escaped` contains
//! `\xNN` for each byte that a text editor would not show, and `\\` for a backslash. With
//! `UPDATE_EXPECTED` set, the tests write the actual results instead of comparing: review the
//! difference before you commit it. Must not depend on what is compiled.

use std::fs;
use std::path::{Path, PathBuf};

/// One case of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its name, unique in its table.
    pub name: String,
    /// The expected diagnostics, one per line: `refused` or `left out`, code, place, text.
    pub diagnostics: Vec<String>,
    /// The input file.
    pub input: Vec<u8>,
    /// The expected output; `None` if the input is rejected.
    pub output: Option<String>,
}

/// A file of cases.
pub struct Table {
    path: PathBuf,
    remarks: String,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// The tables whose names have this prefix, such as `css/hostile` for all of `css/hostile*.txt`.
pub fn tables(start: &str) -> Vec<Table> {
    let root = root();
    let (folder, begin) = start.split_once('/').expect("a folder and a name");
    let mut paths: Vec<PathBuf> = fs::read_dir(root.join(folder))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let rest = name.strip_prefix(begin).and_then(|rest| rest.strip_suffix(".txt"));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("-in-"))
    });
    paths.sort();
    assert!(!paths.is_empty(), "{start}");
    paths.into_iter().map(Table::read).collect()
}

/// The corpus folder of the theme compiler. The tests of the fuzz targets include this file, too.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = ["corpus", "../../theme/corpus"].iter().map(|path| package.join(path));
    folders.find(|folder| folder.is_dir()).expect("the corpus")
}

impl Table {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).expect("a table");
        let mut cases = Vec::new();
        let mut pieces = text.split("\n=== ");
        let remarks = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('\n').expect("a case has lines");
            let (told, rest) = format!("\n{rest}")
                .split_once("\n--- input")
                .map(|(told, rest)| (told.to_owned(), rest.to_owned()))
                .expect("an input");
            let (kind, body) = rest.split_once('\n').expect("an input has lines");
            let (input, output) = match format!("\n{body}").split_once("\n--- output\n") {
                Some((input, output)) => (input.to_owned(), Some(output.to_owned())),
                None => (format!("\n{body}"), None),
            };
            let input = input.strip_prefix('\n').unwrap_or_default();
            let input =
                if output.is_none() { input.strip_suffix('\n').unwrap_or(input) } else { input };
            cases.push(Case {
                name: name.to_owned(),
                diagnostics: told
                    .lines()
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect(),
                input: if kind == " escaped" {
                    unescaped(input)
                } else {
                    input.as_bytes().to_vec()
                },
                output: output
                    .map(|output| output.strip_suffix('\n').unwrap_or(&output).to_owned()),
            });
        }
        Self { path, remarks, cases }
    }

    /// Compares the diagnostics and output of every case with the actual ones. Returns the
    /// differences.
    pub fn compare(mut self, find: impl Fn(&Case) -> (Vec<String>, Option<String>)) -> Vec<String> {
        let mut wrong = Vec::new();
        for case in &mut self.cases {
            let (told, output) = find(case);
            let output =
                output.map(|output| output.strip_suffix('\n').unwrap_or(&output).to_owned());
            if told != case.diagnostics {
                wrong.push(format!(
                    "{} has the diagnostics\n  {}\ninstead of\n  {}",
                    case.name,
                    told.join("\n  "),
                    case.diagnostics.join("\n  ")
                ));
            }
            if output != case.output {
                let [found, expected] =
                    [&output, &case.output].map(|text| text.as_deref().unwrap_or("nothing"));
                wrong
                    .push(format!("{} has the output\n{found}\ninstead of\n{expected}", case.name));
            }
            (case.diagnostics, case.output) = (told, output);
        }
        if std::env::var_os("UPDATE_EXPECTED").is_some_and(|value| !value.is_empty()) {
            self.write();
            return Vec::new();
        }
        wrong
    }

    fn write(&self) {
        let mut text = self.remarks.clone();
        for Case { name, diagnostics, input, output } in &self.cases {
            text.extend(["\n=== ", name, "\n"]);
            for line in diagnostics {
                text.extend([line, "\n"]);
            }
            let plain = std::str::from_utf8(input).ok().filter(|input| is_plain(input));
            match plain {
                Some(plain) => text.extend(["--- input\n", plain, "\n"]),
                None => text.extend(["--- input escaped\n", &escaped(input), "\n"]),
            }
            if let Some(output) = output {
                text.extend(["--- output\n", output, "\n"]);
            }
        }
        fs::write(&self.path, text).expect("a table can be written");
    }
}

/// Whether a text editor shows all of it, and no line of it looks like one of the table's markers.
fn is_plain(text: &str) -> bool {
    let hidden = |letter: char| {
        letter.is_control() && letter != '\n' && letter != '\t'
            || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    !text.contains(hidden)
        && !text
            .lines()
            .any(|line| line.starts_with("=== ") || line.starts_with("--- ") || line.ends_with(' '))
}

fn escaped(input: &[u8]) -> String {
    let mut text = String::new();
    for byte in input {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b'\n' | b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.extend(["\\x", &format!("{byte:02x}")]),
        }
    }
    text
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail
            .get(1..3)
            .filter(|_| *first == b'\\' && tail.first() == Some(&b'x'))
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let (byte, length) = match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => (byte, 3),
            None if *first == b'\\' => (b'\\', 1),
            None => (*first, 0),
        };
        bytes.push(byte);
        rest = &tail[length..];
    }
    bytes
}
