//! The first layer: writes the parser's events as HTML with a fixed set of tags. All other text is
//! escaped.

use super::{
    Source, autolink,
    emphasis::PLACEHOLDER,
    text_run::{self, TextRun},
};
use crate::text;
use belfry_domain::{Link, LinkTarget, Origin};
use pulldown_cmark::{Event, LinkType, Tag, TagEnd};
use std::{mem, ops::Range, vec};

/// All tags that the writer can produce.
pub(super) const TAGS: [&str; 13] =
    ["p", "br", "hr", "strong", "em", "del", "code", "pre", "a", "ul", "ol", "li", "blockquote"];
/// `rel` of each link: the target isn't endorsed and learns nothing of the page.
pub(super) const LINK_REL: &str = "noopener noreferrer nofollow";
/// Links replace the whole page rather than the widget's frame.
pub(super) const LINK_TARGET: &str = "_top";
/// Marks a site-relative link. A page on another origin of the site replaces the link's origin by
/// its own.
pub(super) const SITE_LINK_ATTRIBUTE: &str = "data-own";

const HEADING_END: &str = "</strong></p>";

/// Maximum nesting of quotations and lists; deeper ones are shown at this level.
const MAX_BLOCK_DEPTH: usize = 8;

/// Numbers of open inline elements that must not be nested in themselves.
#[derive(Default)]
struct OpenInline([u32; 4]);

impl OpenInline {
    fn index_of(close: &str) -> Option<usize> {
        let place =
            |name| ["</em>", "</strong>", "</del>", "</a>"].iter().position(|known| *known == name);
        // A heading is entirely bold.
        if close == HEADING_END { place("</strong>") } else { place(close) }
    }

    fn change(&mut self, close: &str, to: impl FnOnce(u32) -> u32) {
        if let Some(count) = Self::index_of(close).and_then(|place| self.0.get_mut(place)) {
            *count = to(*count);
        }
    }

    fn contains(&self, close: &str) -> bool {
        Self::index_of(close).and_then(|place| self.0.get(place)).is_some_and(|count| *count > 0)
    }
}

/// Converts events to HTML.
pub(super) struct Writer<'s> {
    source: &'s Source<'s>,
    /// Origin of site-relative links.
    origin: Option<&'s Origin>,
    html: String,
    /// The closing tag for each open tag of the parser; empty if the tag was left out.
    closing_tags: Vec<&'static str>,
    /// Counts of open inline elements, so that the check doesn't depend on the depth.
    open_inline: OpenInline,
    text_run: TextRun,
    blocks: usize,
    pictures: usize,
    /// Whether text is shown without autolinks.
    is_verbatim: bool,
    /// Whether the current text is the URL of the link around it.
    is_url_text: bool,
    /// Whether a line of raw HTML has ended, so that further text begins a new line.
    is_line_ended: bool,
    shown_values: usize,
    marks: text::CombiningMarks,
}

impl<'s> Writer<'s> {
    pub(super) fn new(source: &'s Source<'s>, origin: Option<&'s Origin>) -> Self {
        Self {
            source,
            origin,
            html: String::with_capacity(source.text.len() + 64),
            closing_tags: Vec::new(),
            open_inline: OpenInline::default(),
            text_run: TextRun::default(),
            blocks: 0,
            pictures: 0,
            is_verbatim: false,
            is_url_text: false,
            is_line_ended: false,
            shown_values: 0,
            marks: text::CombiningMarks::default(),
        }
    }

    /// Handles the next event, with its range in the source.
    pub(super) fn handle(&mut self, event: Event<'_>, place: Range<usize>) {
        match event {
            Event::Text(text) if !self.is_verbatim => return self.text(&text, place),
            Event::Html(text) | Event::InlineHtml(text) => return self.lines(&text, place),
            _ => self.flush(),
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => {
                self.text(&text, place);
                self.flush();
            }
            Event::Code(code) => {
                self.markup("<code>");
                let former = mem::replace(&mut self.is_verbatim, true);
                self.text(&code, place);
                self.flush();
                self.is_verbatim = former;
                self.markup("</code>");
            }
            Event::SoftBreak | Event::HardBreak if self.pictures > 0 => self.html.push('\n'),
            // The sender's line breaks are kept.
            Event::SoftBreak | Event::HardBreak => self.markup("<br>"),
            Event::Rule => self.markup("<hr>"),
            Event::Html(_) | Event::InlineHtml(_) | Event::TaskListMarker(_) => {}
        }
    }

    /// Closes all open elements; returns the HTML and whether all values are visible in it.
    pub(super) fn finish(mut self) -> (String, bool) {
        self.flush();
        while let Some(close) = self.closing_tags.pop() {
            self.html.push_str(close);
        }
        (self.html, self.shown_values == self.source.values.len())
    }

    fn start(&mut self, tag: Tag<'_>) {
        let close = match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.element("<p>", "</p>"),
            Tag::Heading { .. } => self.element("<p><strong>", HEADING_END),
            Tag::BlockQuote(_) => self.block("<blockquote>", "</blockquote>"),
            Tag::List(None) => self.block("<ul>", "</ul>"),
            Tag::List(Some(1)) => self.block("<ol>", "</ol>"),
            Tag::List(Some(first)) => self.block(&format!("<ol start=\"{first}\">"), "</ol>"),
            Tag::Item if self.blocks > MAX_BLOCK_DEPTH => {
                // Its list was left out, so a line break separates it from the item before.
                self.markup("<br>");
                ""
            }
            Tag::Item => self.element("<li>", "</li>"),
            Tag::CodeBlock(_) => {
                self.is_verbatim = true;
                self.element("<pre><code>", "</code></pre>")
            }
            Tag::Emphasis => self.inline("<em>", "</em>"),
            Tag::Strong => self.inline("<strong>", "</strong>"),
            Tag::Strikethrough => self.inline("<del>", "</del>"),
            Tag::Link { link_type, dest_url, .. } => self.link(link_type, &dest_url),
            Tag::Image { .. } => {
                self.pictures += 1;
                ""
            }
            _ => "",
        };
        self.open_inline.change(close, |count| count + 1);
        self.closing_tags.push(close);
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) | TagEnd::List(_) => self.blocks = self.blocks.saturating_sub(1),
            TagEnd::Image => self.pictures = self.pictures.saturating_sub(1),
            TagEnd::CodeBlock => self.is_verbatim = false,
            TagEnd::Link => self.is_url_text = false,
            TagEnd::HtmlBlock => self.is_line_ended = false,
            _ => {}
        }
        if let Some(close) = self.closing_tags.pop() {
            self.open_inline.change(close, |count| count.saturating_sub(1));
            self.markup(close);
        }
    }

    fn element(&mut self, open: &str, close: &'static str) -> &'static str {
        self.markup(open);
        close
    }

    fn block(&mut self, open: &str, close: &'static str) -> &'static str {
        self.blocks += 1;
        if self.blocks > MAX_BLOCK_DEPTH { "" } else { self.element(open, close) }
    }

    /// Nested emphasis isn't visible; leaving it out bounds the depth.
    fn inline(&mut self, open: &str, close: &'static str) -> &'static str {
        if self.pictures > 0 || self.open_inline.contains(close) {
            ""
        } else {
            self.element(open, close)
        }
    }

    fn link(&mut self, kind: LinkType, address: &str) -> &'static str {
        self.is_url_text = matches!(kind, LinkType::Autolink | LinkType::Email);
        let scheme = if kind == LinkType::Email { "mailto:" } else { "" };
        let link = Link::parse(&format!("{scheme}{}", address.replace(PLACEHOLDER, "")));
        match link {
            Ok(link) if self.may_link() => self.anchor(&link),
            _ => "",
        }
    }

    fn may_link(&self) -> bool {
        self.pictures == 0 && !self.open_inline.contains("</a>")
    }

    /// Opens a link if its target is allowed; returns the closing tag.
    fn anchor(&mut self, link: &Link) -> &'static str {
        let own = match link.target() {
            LinkTarget::Web(_) | LinkTarget::Contact(_) => false,
            LinkTarget::Site(_) if self.origin.is_some() => true,
            LinkTarget::Site(_) | LinkTarget::App(_) => return "",
        };
        self.html.push_str("<a href=\"");
        for character in link.resolve(self.origin).chars() {
            self.write_escaped(character, true);
        }
        self.html.push_str("\" rel=\"");
        self.html.push_str(LINK_REL);
        self.html.push_str("\" target=\"");
        self.html.push_str(LINK_TARGET);
        self.html.push('"');
        if own {
            self.html.extend([" ", SITE_LINK_ATTRIBUTE, "=\"\""]);
        }
        self.html.push('>');
        "</a>"
    }

    /// Writes our own markup, except inside an image's description.
    fn markup(&mut self, markup: &str) {
        if self.pictures == 0 {
            self.html.push_str(markup);
        }
    }

    /// Handles text of the sender. Entities are already resolved, so it can contain characters that
    /// aren't in the source.
    fn text(&mut self, text: &str, place: Range<usize>) {
        let values = if self.source.values.is_empty() {
            Vec::new()
        } else {
            self.source.values_in(text, place)
        };
        if !self.is_url_text {
            self.shown_values += values.iter().flatten().count();
        }
        self.text_run.push(text, &values);
    }

    /// Shows raw HTML of the sender as text, line by line.
    fn lines(&mut self, text: &str, place: Range<usize>) {
        self.flush();
        let former = mem::replace(&mut self.is_verbatim, true);
        self.text(text, place);
        let TextRun { text, values } = mem::take(&mut self.text_run);
        let mut values = values.into_iter();
        for line in text.split_inclusive('\n') {
            if mem::take(&mut self.is_line_ended) {
                self.markup("<br>");
            }
            let words = line.strip_suffix('\n').unwrap_or(line);
            self.is_line_ended = words.len() < line.len();
            self.write_plain(words, &mut values);
        }
        self.is_verbatim = former;
    }

    /// Writes the pending text, with its addresses as links.
    fn flush(&mut self) {
        if self.text_run.text.is_empty() {
            return;
        }
        let TextRun { text, values } = mem::take(&mut self.text_run);
        let mut values = values.into_iter();
        let mut written = 0;
        if !self.is_verbatim && self.may_link() {
            for autolink::AddressMatch { range, prefix } in autolink::find(&text) {
                if range.start < written {
                    continue;
                }
                let address = text.get(range.clone()).unwrap_or_default();
                self.write_plain(text.get(written..range.start).unwrap_or_default(), &mut values);
                let source = self.source;
                let run_values = values.as_slice().iter().map(|value| source.value(*value));
                let close = text_run::build_link(prefix, address, run_values)
                    .map_or("", |link| self.anchor(&link));
                self.write_plain(address, &mut values);
                self.html.push_str(close);
                written = range.end;
            }
        }
        self.write_plain(text.get(written..).unwrap_or_default(), &mut values);
    }

    fn write_plain(&mut self, text: &str, values: &mut vec::IntoIter<usize>) {
        for character in text.chars() {
            if character == PLACEHOLDER {
                let source = self.source;
                let value = values.next().map_or("", |value| source.value(value));
                for character in value.chars() {
                    self.write_allowed(character);
                }
            } else {
                self.write_allowed(character);
            }
        }
    }

    fn write_allowed(&mut self, character: char) {
        if self.marks.allows(character) {
            self.write_escaped(character, false);
        }
    }

    fn write_escaped(&mut self, character: char, attribute: bool) {
        match character {
            '<' => self.html.push_str("&lt;"),
            '>' => self.html.push_str("&gt;"),
            '&' => self.html.push_str("&amp;"),
            '\u{a0}' => self.html.push_str("&nbsp;"),
            '"' if attribute => self.html.push_str("&quot;"),
            other => self.html.push(other),
        }
    }
}
