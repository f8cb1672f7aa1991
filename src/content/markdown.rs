//! Renders Markdown bodies as HTML that is safe in any page.
//!
//! Two independent layers: the writer builds HTML from the parser's events with a fixed set of tags
//! and escapes all markup of the sender. Then a sanitizer with exactly that set of tags runs over
//! the result; if the writer is correct, it changes nothing. Doesn't know themes, readers or
//! languages, or where the values of variables come from.

mod autolink;
mod emphasis;
mod plain_text;
mod sanitizer;
mod text_run;
mod writer;

pub use plain_text::plain_to_html;
pub use sanitizer::open_links_in_new_tabs;

use crate::text;
use belfry_domain::Origin;
use emphasis::PLACEHOLDER;
use pulldown_cmark::{Options, Parser};
use std::{borrow::Cow, ops::Range};

/// Renders a body: paragraphs, line breaks, emphasis, code, links, lists, quotations. Headings
/// become bold paragraphs, images their description, and HTML is shown as text. The result is safe
/// in any page.
pub fn to_html(markdown: &str) -> String {
    Source::of(markdown).render(None)
}

/// Whether the rendered body has any visible content.
pub fn renders_visible_text(markdown: &str) -> bool {
    let html = Source::of(markdown).write(None).0;
    html.contains("<hr>")
        || html
            .split('<')
            .any(|part| text::is_visible(part.split_once('>').map_or(part, |(_, text)| text)))
}

/// Markdown with inserted values that are plain text. The parser sees a placeholder character for
/// each value. Placeholders are identified by their position, so no text can imitate one.
pub(super) struct Source<'t> {
    text: Cow<'t, str>,
    /// Byte offset and value of each placeholder, in order.
    values: Vec<(usize, Cow<'t, str>)>,
}

impl<'t> Source<'t> {
    /// Markdown without values.
    pub(super) fn of(markdown: &'t str) -> Self {
        Self { text: Cow::Borrowed(markdown), values: Vec::new() }
    }

    /// Appends Markdown.
    pub(super) fn push(&mut self, markdown: &str) {
        self.text.to_mut().push_str(markdown);
    }

    /// Appends a value: one line of cleaned text.
    pub(super) fn push_value(&mut self, value: impl Into<Cow<'t, str>>) {
        self.values.push((self.text.len(), value.into()));
        self.text.to_mut().push(PLACEHOLDER);
    }

    /// Renders the HTML. A link without a host leads to `origin`; without an origin it becomes
    /// plain text.
    pub(super) fn render(self, origin: Option<&Origin>) -> String {
        sanitizer::sanitize(&self.write(origin).0)
    }

    /// Whether all values are visible: none is in a URL, a link's title or similar.
    pub(super) fn shows_all_values(self) -> bool {
        self.write(None).1
    }

    fn write(mut self, origin: Option<&Origin>) -> (String, bool) {
        self.split_dense_emphasis();
        let mut writer = writer::Writer::new(&self, origin);
        for (event, place) in
            Parser::new_ext(&self.text, Options::ENABLE_STRIKETHROUGH).into_offset_iter()
        {
            writer.handle(event, place);
        }
        writer.finish()
    }

    fn split_dense_emphasis(&mut self) {
        let gaps = emphasis::placeholder_positions(&self.text);
        if gaps.is_empty() {
            return;
        }
        let mut parted =
            String::with_capacity(self.text.len() + gaps.len() * PLACEHOLDER.len_utf8());
        let mut written = 0;
        let mut values = self.values.iter_mut().peekable();
        for (passed, gap) in gaps.iter().copied().chain([self.text.len()]).enumerate() {
            while let Some((place, _)) = values.next_if(|(place, _)| *place < gap) {
                *place += passed * PLACEHOLDER.len_utf8();
            }
            parted.push_str(self.text.get(written..gap).unwrap_or_default());
            if passed < gaps.len() {
                parted.push(PLACEHOLDER);
            }
            written = gap;
        }
        self.text = Cow::Owned(parted);
    }

    /// The values that belong to the placeholders in a text, which the parser produced from this
    /// range. The parser removes line prefixes and resolves entities, but keeps the order of
    /// characters.
    fn values_in(&self, text: &str, place: Range<usize>) -> Vec<Option<usize>> {
        let from = self.values.partition_point(|(at, _)| *at < place.start);
        let until = self.values.partition_point(|(at, _)| *at < place.end);
        if from == until {
            return Vec::new();
        }
        let written = self
            .text
            .get(place.clone())
            .unwrap_or_default()
            .match_indices(PLACEHOLDER)
            .map(|(at, _)| place.start + at);
        let here: Vec<_> =
            written.map(|at| self.values.binary_search_by_key(&at, |(at, _)| *at).ok()).collect();
        if here.len() == text.matches(PLACEHOLDER).count() { here } else { Vec::new() }
    }

    fn value(&self, index: usize) -> &str {
        self.values.get(index).map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
pub(super) mod tests;
