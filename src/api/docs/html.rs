//! An HTML writer: trusted markup is written as it is, everything else is escaped.

#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// Appends trusted markup.
    pub(super) fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Appends escaped text.
    pub(super) fn text(&mut self, words: &str) -> &mut Self {
        html_escape::encode_text_to_string(words, &mut self.0);
        self
    }

    /// Appends an escaped attribute value, to be put between quotes.
    pub(super) fn attribute(&mut self, value: &str) -> &mut Self {
        html_escape::encode_double_quoted_attribute_to_string(value, &mut self.0);
        self
    }

    /// Appends escaped text, with code between backticks and a new paragraph at each empty line.
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

    /// Appends a code block.
    pub(super) fn block(&mut self, code: &str) -> &mut Self {
        self.raw("<pre tabindex=\"0\"><code>").text(code).raw("</code></pre>\n")
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}
