//! HTML in the making: our own markup as it is, everything else as words.

/// A growing page.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup of ours.
    pub(super) fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Words.
    pub(super) fn text(&mut self, words: &str) -> &mut Self {
        html_escape::encode_text_to_string(words, &mut self.0);
        self
    }

    /// The value of an attribute, between quotes.
    pub(super) fn attribute(&mut self, value: &str) -> &mut Self {
        html_escape::encode_double_quoted_attribute_to_string(value, &mut self.0);
        self
    }

    /// Words, in which what stands between back ticks is code, and an empty line begins a paragraph.
    pub(super) fn prose(&mut self, words: &str) -> &mut Self {
        for (index, part) in words.split('`').enumerate() {
            if index % 2 == 1 {
                self.raw("<code>").text(part).raw("</code>");
            } else {
                self.text(part);
            }
        }
        self
    }

    /// A block of code.
    pub(super) fn block(&mut self, code: &str) -> &mut Self {
        self.raw("<pre tabindex=\"0\"><code>").text(code).raw("</code></pre>\n")
    }

    /// All of it.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}
