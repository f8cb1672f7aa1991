//! A message's Markdown body as HTML that is safe in any page.
//!
//! Two fences. The writer builds the result from the parser's events, out of a handful of tags, and lets no markup of the
//! sender through; a sanitiser with exactly the writer's own list stands behind it, comes last, and, while the writer is right, changes
//! nothing. Must not know of themes, readers or languages, nor where the values in a body come from.

mod autolink;
mod emphasis;
mod fence;
mod plain;
mod run;
mod writer;

pub use fence::in_new_tabs;
pub use plain::plain_to_html;

use crate::{content::text, domain::Origin};
use emphasis::STAND_IN;
use pulldown_cmark::{Options, Parser};
use std::{borrow::Cow, ops::Range};

/// Renders a body: paragraphs, line breaks, emphasis, code, links to the web, lists, quotations. Headings become bold
/// paragraphs, pictures their description, HTML is shown as it was written. Safe to place into a page as it is.
pub fn to_html(markdown: &str) -> String {
    Source::of(markdown).render(None)
}

/// Whether a reader sees anything of a body.
pub fn shows_something(markdown: &str) -> bool {
    let html = Source::of(markdown).write(None).0;
    html.contains("<hr>") || html.split('<').any(|part| text::is_visible(part.split_once('>').map_or(part, |(_, text)| text)))
}

/// Markdown with values that are no Markdown. The parser sees a letter in the place of each; which letters these are is known by where
/// they stand, so that nothing in the text can pass for one.
pub(super) struct Source<'t> {
    text: Cow<'t, str>,
    /// Where each stands, in bytes, in order.
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

    /// Appends a value: one line of clean text.
    pub(super) fn push_value(&mut self, value: impl Into<Cow<'t, str>>) {
        self.values.push((self.text.len(), value.into()));
        self.text.to_mut().push(STAND_IN);
    }

    /// The HTML for a page. A link that names no host leads to this origin; without one it is only its text.
    pub(super) fn render(self, origin: Option<&Origin>) -> String {
        fence::pass(&self.write(origin).0)
    }

    /// Whether each value can be seen: none stands in an address, a title of a link or the like.
    pub(super) fn shows_all_values(self) -> bool {
        self.write(None).1
    }

    fn write(mut self, origin: Option<&Origin>) -> (String, bool) {
        self.part_dense_emphasis();
        let mut writer = writer::Writer::new(&self, origin);
        for (event, place) in Parser::new_ext(&self.text, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
            writer.take(event, place);
        }
        writer.finish()
    }

    fn part_dense_emphasis(&mut self) {
        let gaps = emphasis::gaps(&self.text);
        if gaps.is_empty() {
            return;
        }
        let mut parted = String::with_capacity(self.text.len() + gaps.len() * STAND_IN.len_utf8());
        let mut written = 0;
        let mut values = self.values.iter_mut().peekable();
        for (passed, gap) in gaps.iter().copied().chain([self.text.len()]).enumerate() {
            while let Some((place, _)) = values.next_if(|(place, _)| *place < gap) {
                *place += passed * STAND_IN.len_utf8();
            }
            parted.push_str(self.text.get(written..gap).unwrap_or_default());
            if passed < gaps.len() {
                parted.push(STAND_IN);
            }
            written = gap;
        }
        self.text = Cow::Owned(parted);
    }

    /// Which value stands at each stand-in of a text that the parser made of this place. It takes away what begins lines, and resolves
    /// entities, but keeps letters and their order.
    fn values_in(&self, text: &str, place: Range<usize>) -> Vec<Option<usize>> {
        let from = self.values.partition_point(|(at, _)| *at < place.start);
        let until = self.values.partition_point(|(at, _)| *at < place.end);
        if from == until {
            return Vec::new();
        }
        let written = self.text.get(place.clone()).unwrap_or_default().match_indices(STAND_IN).map(|(at, _)| place.start + at);
        let here: Vec<_> = written.map(|at| self.values.binary_search_by_key(&at, |(at, _)| *at).ok()).collect();
        if here.len() == text.matches(STAND_IN).count() { here } else { Vec::new() }
    }

    fn value(&self, index: usize) -> &str {
        self.values.get(index).map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
pub(super) mod tests;
