//! A linear scan of the text before parsing: document types, processing instructions, depth and
//! counts.
//!
//! Must not decide what a name means. If the text is not well-formed XML the parser rejects it, so
//! this only has to agree with the parser on well-formed text.

use super::super::diagnostics::{Code, Report};
use super::doctype;
use super::source_positions::SourcePositions;
use belfry_locales::{LocalizedText, phrases::theme_drawings};
use std::borrow::Cow;
use std::ops::Range;

/// Maximum nesting depth of elements.
pub(super) const MAX_DEPTH: usize = 64;
/// Maximum number of elements.
pub(super) const MAX_ELEMENTS: usize = 5_000;
/// Maximum attributes of an element, not counting `data-slot`, which the printer may add.
const MAX_ATTRIBUTES: usize = 64;
/// Maximum namespace declarations; each costs the parser time in every descendant.
const MAX_NAMESPACES: usize = 64;
/// Maximum length of an attribute value, in bytes.
const MAX_VALUE_BYTES: usize = 64 * 1024;
/// Maximum length of an attribute value with a picture, in bytes: base64 encodes 3 bytes as 4.
const MAX_DATA_URL_BYTES: usize = 90 * 1024;

/// An error and its offset.
struct ScanError {
    code: Code,
    offset: usize,
    what: String,
    reason: LocalizedText,
}

/// Scans a text and returns it with its document type blanked out, so that all positions stay the
/// same.
pub(super) fn scan<'a>(
    text: &'a str,
    places: &SourcePositions,
    report: &mut Report,
) -> Option<Cow<'a, str>> {
    let mut scan = Scanner {
        text,
        offset: 0,
        depth: 0,
        elements: 0,
        namespaces: 0,
        doctype: None,
        dropped: Vec::new(),
    };
    if let Err(error) = scan.run() {
        report.reject(error.code, places.place(error.offset), &error.what, error.reason);
        return None;
    }
    for error in scan.dropped {
        report.warn(error.code, places.place(error.offset), &error.what, error.reason);
    }
    let Some(doctype) = scan.doctype else { return Some(Cow::Borrowed(text)) };
    let blank =
        |(at, byte): (usize, u8)| if doctype.contains(&at) && byte != b'\n' { b' ' } else { byte };
    String::from_utf8(text.bytes().enumerate().map(blank).collect()).ok().map(Cow::Owned)
}

struct Scanner<'a> {
    text: &'a str,
    offset: usize,
    depth: usize,
    elements: usize,
    namespaces: usize,
    doctype: Option<Range<usize>>,
    dropped: Vec<ScanError>,
}

impl Scanner<'_> {
    /// Stops early if the text is not XML.
    fn run(&mut self) -> Result<(), ScanError> {
        while let Some(found) = self.rest().find('<') {
            self.offset += found;
            let rest = self.rest();
            let goes_on = if rest.starts_with("<!--") {
                self.skip_past(4, "-->")
            } else if rest.starts_with("<![CDATA[") {
                self.skip_past(9, "]]>")
            } else if rest.starts_with("<!") {
                self.declaration()?
            } else if rest.starts_with("<?") {
                self.instruction()?
            } else if rest.starts_with("</") {
                self.depth = self.depth.saturating_sub(1);
                self.skip_past(2, ">")
            } else {
                self.tag()?
            };
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    fn rest(&self) -> &str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn skip_past(&mut self, start: usize, end: &str) -> bool {
        let found = self.rest().get(start..).and_then(|rest| rest.find(end));
        self.offset =
            found.map_or(self.text.len(), |found| self.offset + start + found + end.len());
        found.is_some()
    }

    fn skip(&mut self, these: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.offset..).unwrap_or_default();
        self.offset += rest.iter().position(|byte| !these(*byte)).unwrap_or(rest.len());
    }

    fn error<T>(
        &self,
        code: Code,
        at: usize,
        what: impl Into<String>,
        reason: LocalizedText,
    ) -> Result<T, ScanError> {
        Err(ScanError { code, offset: at.min(self.text.len()), what: what.into(), reason })
    }

    fn declaration(&mut self) -> Result<bool, ScanError> {
        let start = self.offset;
        let is = |name: &str| {
            self.rest().get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
        };
        if is("<!ENTITY") {
            return self.error(Code::Doctype, start, "<!ENTITY", theme_drawings::ENTITY);
        }
        if !is("<!DOCTYPE") {
            return self.error(Code::Doctype, start, "<!", theme_drawings::DECLARATION);
        }
        if self.elements > 0 || self.doctype.is_some() || !self.rest().starts_with("<!DOCTYPE") {
            return self.error(Code::Doctype, start, "<!DOCTYPE", theme_drawings::FOREIGN_DOCTYPE);
        }
        let Some(length) = doctype::length(self.rest()) else {
            return self.error(Code::Doctype, start, "<!DOCTYPE", theme_drawings::UNCLOSED_DOCTYPE);
        };
        self.offset = start + length;
        let text = self.text.get(start..self.offset).unwrap_or_default();
        if doctype::fetches(text) {
            return self.error(Code::Loads, start, "<!DOCTYPE", theme_drawings::DOCTYPE_LOADS);
        }
        if text.contains('[') {
            let reason = theme_drawings::DOCTYPE_DECLARATIONS;
            self.dropped.push(ScanError {
                code: Code::Doctype,
                offset: start,
                what: "<!DOCTYPE".to_owned(),
                reason,
            });
        }
        self.doctype = Some(start..self.offset);
        Ok(true)
    }

    fn instruction(&mut self) -> Result<bool, ScanError> {
        let start = self.offset;
        let is_declaration = start == 0
            && self
                .rest()
                .strip_prefix("<?xml")
                .is_some_and(|rest| rest.starts_with([' ', '\t', '\r', '\n']));
        if !is_declaration {
            let what: String = self
                .rest()
                .split(|c: char| c.is_whitespace() || c == '>')
                .next()
                .unwrap_or_default()
                .chars()
                .take(40)
                .collect();
            if what.eq_ignore_ascii_case("<?xml-stylesheet") {
                return self.error(
                    Code::Loads,
                    start,
                    what,
                    theme_drawings::STYLESHEET_INSTRUCTION,
                );
            }
            if what.eq_ignore_ascii_case("<?xml") {
                return self.error(
                    Code::Instruction,
                    start,
                    what,
                    theme_drawings::LATE_XML_DECLARATION,
                );
            }
            let reason = theme_drawings::INSTRUCTION;
            self.dropped.push(ScanError { code: Code::Instruction, offset: start, what, reason });
            return Ok(self.skip_past(2, "?>"));
        }
        if !self.skip_past(5, "?>") {
            return Ok(false);
        }
        let declaration = self.text.get(start..self.offset).unwrap_or_default();
        if let Some((_, rest)) = declaration.split_once("encoding") {
            let value =
                rest.trim_start().strip_prefix('=').map(str::trim_start).unwrap_or_default();
            let value =
                value.get(1..).and_then(|rest| rest.split(['"', '\'']).next()).unwrap_or_default();
            let is_part_of_utf_8 = ["us-ascii", "ascii", "iso-8859-1", "windows-1252"]
                .iter()
                .any(|name| value.eq_ignore_ascii_case(name));
            if !(value.eq_ignore_ascii_case("utf-8") || is_part_of_utf_8 && self.text.is_ascii()) {
                return self.error(
                    Code::Encoding,
                    start,
                    declaration,
                    theme_drawings::OTHER_ENCODING,
                );
            }
        }
        Ok(true)
    }

    fn tag(&mut self) -> Result<bool, ScanError> {
        let start = self.offset;
        let what = |text: &str| {
            let name: String = text.get(start + 1..).unwrap_or_default().chars().take(60).collect();
            format!(
                "<{}>",
                name.split(|c: char| c.is_whitespace() || matches!(c, '/' | '>'))
                    .next()
                    .unwrap_or_default()
            )
        };
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return self.error(
                Code::TooComplex,
                start,
                what(self.text),
                theme_drawings::too_many_elements(MAX_ELEMENTS),
            );
        }
        self.offset += 1;
        self.skip(|byte| {
            !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'>' | b'<' | b'"' | b'\'')
        });
        let mut attributes = 0;
        loop {
            self.skip(|byte| byte.is_ascii_whitespace());
            match self.byte() {
                None | Some(b'<' | b'"' | b'\'' | b'=') => return Ok(false),
                Some(b'>') => {
                    self.offset += 1;
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return self.error(
                            Code::TooComplex,
                            start,
                            what(self.text),
                            theme_drawings::too_deep(MAX_DEPTH),
                        );
                    }
                    return Ok(true);
                }
                Some(b'/') => {
                    self.offset += 1;
                    if self.byte() != Some(b'>') {
                        return Ok(false);
                    }
                    self.offset += 1;
                    return Ok(true);
                }
                Some(_) => {}
            }
            if self.attribute()? {
                attributes += 1;
            }
            if attributes > MAX_ATTRIBUTES {
                return self.error(
                    Code::TooComplex,
                    start,
                    what(self.text),
                    theme_drawings::too_many_attributes(MAX_ATTRIBUTES),
                );
            }
        }
    }

    /// Returns whether the attribute counts towards the limit.
    fn attribute(&mut self) -> Result<bool, ScanError> {
        let start = self.offset;
        self.skip(|byte| {
            !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b'/' | b'>' | b'<' | b'"' | b'\'')
        });
        let name = self.text.get(start..self.offset).unwrap_or_default();
        let counts = name != "data-slot";
        if name.starts_with("xmlns") {
            self.namespaces += 1;
            if self.namespaces > MAX_NAMESPACES {
                return self.error(
                    Code::TooComplex,
                    start,
                    name,
                    theme_drawings::too_many_namespaces(MAX_NAMESPACES),
                );
            }
        }
        self.skip(|byte| byte.is_ascii_whitespace());
        if self.byte() != Some(b'=') {
            return Ok(counts);
        }
        self.offset += 1;
        self.skip(|byte| byte.is_ascii_whitespace());
        let Some(quote @ (b'"' | b'\'')) = self.byte() else { return Ok(counts) };
        self.offset += 1;
        let begin = self.offset;
        self.skip(|byte| byte != quote);
        let value = self.text.get(begin..self.offset).unwrap_or_default();
        let longest = if value.trim_start().starts_with("data:image/") {
            MAX_DATA_URL_BYTES
        } else {
            MAX_VALUE_BYTES
        };
        if value.len() > longest {
            return self.error(
                Code::TooComplex,
                start,
                name,
                theme_drawings::too_long_value(longest / 1024),
            );
        }
        self.offset += 1;
        Ok(counts)
    }
}
