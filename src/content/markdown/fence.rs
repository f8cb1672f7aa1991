//! The second fence: a sanitiser that allows what the writer writes and nothing else. Must not know how it is written.

use super::writer::{LINK_REL, LINK_TARGET, OWN_LINK, TAGS};
use ammonia::{Builder, UrlRelative};
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

static FENCE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut fence = Builder::empty();
    fence
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::new())
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .tag_attribute_values(HashMap::from([(
            "a",
            HashMap::from([("rel", HashSet::from([LINK_REL])), ("target", HashSet::from([LINK_TARGET])), (OWN_LINK, HashSet::from([""]))]),
        )]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None);
    fence
});

/// The same HTML without anything that the writer would not have written.
pub(super) fn pass(html: &str) -> String {
    FENCE.clean(html).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_writer_never_writes_does_not_pass() {
        for foreign in [
            "<script>x</script>",
            "<img src=x onerror=y>",
            "<p onclick=x>",
            "<p style=x>",
            "<a href=\"javascript:x\">",
            "<a href=\"/x\">",
            "<a target=\"_self\">",
            "<svg><a>",
            "<iframe>",
            "<style>x</style>",
            "<p class=x>",
            "<form>",
            "<input>",
            "<a href=\"data:x\">",
            "<a href=\"myshop:x\">",
            "<a rel=opener>",
        ] {
            let passed = pass(foreign);
            for word in ["<script", "<img", "on", "style", "href", "_self", "<svg", "<iframe", "class", "<form", "<input", "rel"] {
                assert!(!passed.contains(word), "{foreign}: {passed}");
            }
        }
    }
}
