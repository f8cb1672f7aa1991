//! Parses the text of a drawing as XML, without document types.
//!
//! Must not depend on what the elements mean. Called by `svg::read`.

use super::super::diagnostics::{Code, Report};
use super::source_positions::SourcePositions;
use belfry_locales::phrases::{theme_drawings, themes};
use roxmltree::{Document, ParsingOptions};

/// Maximum nodes of a file, including comments and text.
const MAX_NODES: u32 = 20_000;

/// Parses a text as XML.
pub(super) fn parse<'i>(
    text: &'i str,
    places: &SourcePositions,
    report: &mut Report,
) -> Option<Document<'i>> {
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    match Document::parse_with_options(text, options) {
        Ok(document) => Some(document),
        Err(roxmltree::Error::UnknownEntityReference(name, at)) => {
            let reason = theme_drawings::UNKNOWN_ENTITY;
            report.reject(
                Code::Doctype,
                places.place(places.offset(at.row, at.col)),
                &format!("&{name};"),
                reason,
            );
            None
        }
        Err(error) => {
            let at = error.pos();
            let offset = places.offset(at.row, at.col);
            let near: String = text.get(offset..).unwrap_or_default().chars().take(30).collect();
            let what = if near.trim().is_empty() { "XML" } else { &near };
            let detail: String =
                error.to_string().chars().filter(|c| !c.is_control()).take(160).collect();
            report.reject(
                Code::Syntax,
                places.place(offset),
                what,
                themes::not_well_formed(detail),
            );
            None
        }
    }
}
