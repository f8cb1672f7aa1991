//! The first fence: the parser's events, written out with our own tags. Must not know of sanitisers.

use crate::{content::text, domain::WebUrl};
use pulldown_cmark::{Event, Tag, TagEnd};

/// Every tag that can come out.
pub(super) const TAGS: [&str; 13] = ["p", "br", "hr", "strong", "em", "del", "code", "pre", "a", "ul", "ol", "li", "blockquote"];
/// What each link says of itself: the sender is not vouched for, and learns nothing of the page.
pub(super) const LINK_REL: &str = "noopener noreferrer nofollow";
/// Links leave the widget's frame.
pub(super) const LINK_TARGET: &str = "_top";

/// Quotations and lists inside each other, at most; what is deeper is shown at this depth.
const DEPTH: usize = 8;

/// Turns events into HTML.
#[derive(Default)]
pub(super) struct Writer {
    html: String,
    /// What each open tag of the parser became: the text that closes it, or nothing where it was left out.
    open: Vec<&'static str>,
    blocks: usize,
    pictures: usize,
    marks: text::Marks,
}

impl Writer {
    /// Takes the next event.
    pub(super) fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&text),
            Event::Code(code) => {
                self.markup("<code>");
                self.text(&code);
                self.markup("</code>");
            }
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak if self.pictures > 0 => self.html.push('\n'),
            Event::HardBreak => self.markup("<br>"),
            Event::Rule => self.markup("<hr>"),
            Event::TaskListMarker(_) => {}
        }
    }

    /// The HTML; everything that was opened is closed.
    pub(super) fn finish(mut self) -> String {
        while let Some(close) = self.open.pop() {
            self.html.push_str(close);
        }
        self.html
    }

    fn start(&mut self, tag: Tag<'_>) {
        let close = match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.element("<p>", "</p>"),
            Tag::Heading { .. } => self.element("<p><strong>", "</strong></p>"),
            Tag::BlockQuote(_) => self.block("<blockquote>", "</blockquote>"),
            Tag::List(None) => self.block("<ul>", "</ul>"),
            Tag::List(Some(1)) => self.block("<ol>", "</ol>"),
            Tag::List(Some(first)) => self.block(&format!("<ol start=\"{first}\">"), "</ol>"),
            Tag::Item if self.blocks > DEPTH => {
                // Its list was left out, so the line break is what keeps it apart from the item before.
                self.markup("<br>");
                ""
            }
            Tag::Item => self.element("<li>", "</li>"),
            Tag::CodeBlock(_) => self.element("<pre><code>", "</code></pre>"),
            Tag::Emphasis => self.inline("<em>", "</em>"),
            Tag::Strong => self.inline("<strong>", "</strong>"),
            Tag::Strikethrough => self.inline("<del>", "</del>"),
            Tag::Link { dest_url, .. } => self.link(&dest_url),
            Tag::Image { .. } => {
                self.pictures += 1;
                ""
            }
            _ => "",
        };
        self.open.push(close);
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) | TagEnd::List(_) => self.blocks = self.blocks.saturating_sub(1),
            TagEnd::Image => self.pictures = self.pictures.saturating_sub(1),
            _ => {}
        }
        if let Some(close) = self.open.pop() {
            self.markup(close);
        }
    }

    fn element(&mut self, open: &str, close: &'static str) -> &'static str {
        self.markup(open);
        close
    }

    fn block(&mut self, open: &str, close: &'static str) -> &'static str {
        self.blocks += 1;
        if self.blocks > DEPTH { "" } else { self.element(open, close) }
    }

    /// Emphasis in emphasis adds nothing to see; leaving it out bounds the depth.
    fn inline(&mut self, open: &str, close: &'static str) -> &'static str {
        if self.pictures > 0 || self.open.iter().rev().any(|outer| outer.starts_with(close)) { "" } else { self.element(open, close) }
    }

    fn link(&mut self, target: &str) -> &'static str {
        let Ok(url) = WebUrl::parse(target) else { return "" };
        if self.pictures > 0 || self.open.contains(&"</a>") {
            return "";
        }
        self.html.push_str("<a href=\"");
        self.escape(url.as_str());
        self.html.push_str("\" rel=\"");
        self.html.push_str(LINK_REL);
        self.html.push_str("\" target=\"");
        self.html.push_str(LINK_TARGET);
        self.html.push_str("\">");
        "</a>"
    }

    /// Our own markup; a picture's description is text alone.
    fn markup(&mut self, markup: &str) {
        if self.pictures == 0 {
            self.html.push_str(markup);
        }
    }

    /// The sender's text. Entities are resolved by now, so that characters can be here that were not in the source.
    fn text(&mut self, text: &str) {
        for character in text.chars() {
            if text::keeps(character) && self.marks.admits(character) {
                self.character(character, false);
            }
        }
    }

    fn escape(&mut self, attribute: &str) {
        for character in attribute.chars() {
            self.character(character, true);
        }
    }

    fn character(&mut self, character: char, attribute: bool) {
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
