//! What is looked at before the parser's tree (rules that begin with `@`) and after everything (the printed text).
//!
//! The last look trusts nothing before it. Must not know of the tree.

use super::Fault;
use super::picture;
use super::token::{Kind, Token};

/// The first `@` rule, or sign of HTML, that cannot be used.
pub(super) fn before(all: &[Token], is_theme: bool) -> Result<(), (usize, Fault)> {
    for (index, token) in all.iter().enumerate() {
        let next = all.get(index + 1);
        let fault = match token.kind {
            Kind::At => at_rule(token, all.get(index + 1..).unwrap_or_default(), is_theme),
            Kind::Mark('<') if next.is_some_and(|next| next.is('!')) => Some(Fault::new("<!--", "is a comment of HTML: use `/* … */`")),
            Kind::Ident if token.text == "--" => Some(Fault::new("--", "is no name: a comment is written `/* … */`")),
            _ => None,
        };
        if let Some(fault) = fault {
            return Err((token.start, fault));
        }
    }
    Ok(())
}

fn at_rule(token: &Token, rest: &[Token], is_theme: bool) -> Option<Fault> {
    let name = token.lower();
    let reason = match name.as_str() {
        "media" | "supports" | "keyframes" => return None,
        "container" if is_theme => return None,
        "font-face" if !is_theme && !loads(rest) => return None,
        _ if name.ends_with("-keyframes") => return None,
        "import" if !is_theme => {
            "loads another style sheet (often Google Fonts), and a drawing loads nothing: remove it, and convert text in that font to outlines"
        }
        "import" => "loads another style sheet, and a theme loads nothing: copy what is needed into this file",
        "font-face" if is_theme => "loads a font, and a theme loads nothing: name fonts that readers have, with a generic one at the end",
        "font-face" => "loads a font: fonts can't be loaded; use text as it is or convert it to outlines",
        "layer" if is_theme => "makes a layer, and the theme has its own already: write the rules without it",
        "charset" => "is not needed, since theme files are UTF-8: remove it",
        "namespace" => "names an XML namespace, which has no use here: remove it",
        "property" => "registers a property, which has no use here: set `--belfry-` properties directly",
        "counter-style" => "writes text of its own: only messages have text",
        "scope" | "starting-style" | "view-transition" | "position-try" | "page" | "custom-media" | "nest" | "document" | "-moz-document" => {
            "is no rule that can be used here: write plain rules, `@media`, `@supports` or `@keyframes`"
        }
        _ if !is_theme => "is no rule that a drawing can use: write plain rules, `@media` or `@keyframes`",
        _ => "is no rule that is known here: use `@media`, `@supports`, `@container` or `@keyframes`",
    };
    Some(Fault::new(&format!("@{}", token.text), reason))
}

/// Whether the block that follows names an address.
fn loads(rest: &[Token]) -> bool {
    let inside = rest.iter().take_while(|token| token.kind != Kind::Close('}'));
    let mut is_url = false;
    for token in inside {
        match token.kind {
            Kind::Url if !token.text.trim().is_empty() => return true,
            Kind::Function => is_url = !matches!(token.lower().as_str(), "local" | "format" | "tech"),
            Kind::Close(')') => is_url = false,
            Kind::String if is_url && !token.text.trim().is_empty() => return true,
            _ => {}
        }
    }
    false
}

/// What a printed sheet must never hold, if it holds it after all.
pub(super) fn after(text: &str, is_theme: bool) -> Option<&'static str> {
    const NEVER: [&str; 19] = [
        "<",
        "\\",
        "]]>",
        "@import",
        "@font-face",
        "@namespace",
        "@charset",
        "@property",
        "expression(",
        "javascript:",
        "-binding:",
        " behavior:",
        "image-set",
        "cross-fade",
        "src(",
        "attr(",
        "env(",
        "paint(",
        "//",
    ];
    let lower = text.to_ascii_lowercase();
    if let Some(found) = NEVER.iter().find(|never| holds(&lower, never)) {
        return Some(found);
    }
    if text.contains('&') {
        return Some("&");
    }
    for (offset, _) in lower.match_indices("url(") {
        let rest = text.get(offset + 4..).unwrap_or_default();
        let fits = if is_theme {
            let address = rest.strip_prefix('"').and_then(|rest| rest.split_once("\")")).map(|(address, _)| address);
            address.is_some_and(|address| picture::check(address).is_ok())
        } else {
            rest.strip_prefix('#').and_then(|rest| rest.split_once(')')).is_some_and(|(name, _)| super::token::is_plain(name))
        };
        if !fits {
            return Some("url(");
        }
    }
    None
}

/// Whether a text holds this; the base64 of a picture may hold two slashes.
fn holds(text: &str, never: &str) -> bool {
    if never != "//" {
        return text.contains(never);
    }
    text.split("url(\"data:").enumerate().any(|(index, piece)| {
        let piece = if index == 0 { piece } else { piece.split_once("\")").map_or(piece, |(_, after)| after) };
        piece.contains(never)
    })
}
