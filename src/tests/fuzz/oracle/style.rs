//! Style sheets: a reader of its own for the few shapes that printed sheets have. Must not know of drawings.

/// Where a style sheet stands, which decides what it may fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// What the compiler made of drawings: addresses are ours.
    Drawing,
    /// A theme's own rules, before they are scoped.
    Theme,
    /// The same, below the widget.
    Scoped,
    /// Inside a drawing.
    Inside,
}

/// Every function and every word that may stand before a bracket.
const FUNCTIONS: &str = "url rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark var calc min max clamp round mod rem abs sign sin cos \
    tan asin acos atan atan2 pow sqrt hypot log exp linear-gradient radial-gradient conic-gradient repeating-linear-gradient \
    repeating-radial-gradient repeating-conic-gradient -webkit-gradient -webkit-linear-gradient -webkit-radial-gradient \
    -webkit-repeating-linear-gradient -webkit-repeating-radial-gradient translate translatex translatey translatez translate3d scale \
    scalex scaley scalez scale3d rotate rotatex rotatey rotatez rotate3d skew skewx skewy matrix matrix3d perspective cubic-bezier steps linear blur \
    brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia inset circle ellipse polygon rect xywh path is not where has dir \
    lang nth-child nth-last-child nth-of-type nth-last-of-type minmax repeat fit-content and or media supports container from to selector";

/// A text without its strings and addresses, and these.
#[derive(Default)]
struct Bare {
    text: String,
    strings: Vec<String>,
    addresses: Vec<String>,
}

/// Reads strings and addresses as a browser does; escapes, comments and what breaks off are an error.
fn bare(text: &str) -> Result<Bare, String> {
    let mut bare = Bare::default();
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match letter {
            '"' | '\'' => {
                let end = rest.find(letter).ok_or("a string that does not end")?;
                let string = &rest[..end];
                rest = &rest[end + 1..];
                if string.chars().any(|letter| letter.is_control() || letter == '\\') {
                    return Err(format!("the string {string:?}"));
                }
                if bare.text.ends_with("url(") {
                    if !rest.starts_with(')') {
                        return Err(format!("the address {string:?} and more"));
                    }
                    bare.addresses.push(string.to_owned());
                } else {
                    // No part of the text before and behind it may become one word.
                    bare.text.push_str("\"\"");
                    bare.strings.push(string.to_owned());
                }
                continue;
            }
            '(' | '[' | '{' => open.push(letter),
            ')' | ']' | '}' => {
                let pair = match letter {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                if open.pop() != Some(pair) {
                    return Err(format!("a {letter} too many"));
                }
            }
            '\\' | '<' | '&' | '`' => return Err(format!("holds {letter}")),
            letter if letter.is_control() && letter != '\n' => return Err(format!("holds {letter:?}")),
            '/' if rest.starts_with(['*', '/']) => return Err("a comment".to_owned()),
            _ => {}
        }
        bare.text.push(letter);
        let small = bare.text.get(bare.text.len().saturating_sub(4)..).unwrap_or_default().to_ascii_lowercase();
        if small == "url(" && !rest.starts_with('"') {
            let end = rest.find(')').ok_or("an address that does not end")?;
            let address = &rest[..end];
            if address.contains(|letter: char| letter.is_whitespace() || "\"'(".contains(letter)) {
                return Err(format!("the address {address:?}"));
            }
            bare.addresses.push(address.to_owned());
            rest = &rest[end..];
        }
    }
    if open.is_empty() { Ok(bare) } else { Err(format!("{open:?} is not closed")) }
}

/// The blocks at the top of a sheet.
pub fn layers(text: &str) -> Result<Vec<(&str, &str)>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, behind) = rest.split_once('{').ok_or_else(|| format!("no layer: {rest}"))?;
        let end = end_of_block(behind).ok_or("a layer that does not end")?;
        found.push((name, &behind[..end]));
        rest = &behind[end + 1..];
    }
    Ok(found)
}

fn end_of_block(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut string = None;
    for (at, letter) in text.char_indices() {
        match (string, letter) {
            (Some(quote), letter) if quote == letter => string = None,
            (None, '"' | '\'') => string = Some(letter),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Rules. Returns their addresses, where it is for others to judge them.
pub fn text(text: &str, layer: Layer) -> Result<Vec<String>, String> {
    let bare = bare(text)?;
    common(&bare, layer)?;
    rules(&bare.text, layer)?;
    fetched(bare.addresses, layer)
}

/// Declarations alone.
pub fn declarations(text: &str, layer: Layer) -> Result<Vec<String>, String> {
    let bare = bare(text)?;
    common(&bare, layer)?;
    if bare.text.contains(['{', '}', '@']) {
        return Err("a rule among declarations".to_owned());
    }
    fetched(bare.addresses, layer)
}

fn fetched(addresses: Vec<String>, layer: Layer) -> Result<Vec<String>, String> {
    if matches!(layer, Layer::Drawing | Layer::Inside) {
        return Ok(addresses);
    }
    addresses.iter().try_for_each(|address| raster(address)).map(|()| addresses)
}

/// Whether an address is a picture of pixels in itself.
pub fn raster(address: &str) -> Result<(), String> {
    let kinds = ["png", "jpeg", "gif", "webp"];
    let data = kinds.iter().find_map(|kind| address.strip_prefix(&format!("data:image/{kind};base64,")));
    let fits = data.is_some_and(|data| data.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)));
    if fits { Ok(()) } else { Err(format!("fetches {}", address.chars().take(100).collect::<String>())) }
}

fn common(bare: &Bare, layer: Layer) -> Result<(), String> {
    let small = bare.text.to_ascii_lowercase();
    // What a condition asks for is not done.
    let done: String =
        small.split("@supports").enumerate().map(|(at, piece)| if at == 0 { piece } else { &piece[piece.find('{').unwrap_or(0)..] }).collect();
    let mut before = done.as_str();
    while let Some(at) = before.rfind('(') {
        before = &before[..at];
        let word = before.rsplit(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '-' | '_' | '#'))).next().unwrap_or_default();
        // A bracket behind a colour, a number or a sign calls nothing.
        let is_number = word.trim_start_matches('-').starts_with(|letter: char| letter.is_ascii_digit());
        let calls = !matches!(word, "" | "-") && !word.contains('#') && !is_number;
        if calls && !FUNCTIONS.split_ascii_whitespace().any(|function| function == word) {
            return Err(format!("calls {word}("));
        }
    }
    for never in ["@import", "@font-face", "@namespace", "@charset", "@property", "@layer", "javascript:", "-binding:", "<", "</", "<!--", "]]>"] {
        if small.contains(never) {
            return Err(format!("holds {never}"));
        }
    }
    if matches!(layer, Layer::Theme | Layer::Scoped) {
        for never in ["position: fixed", "position: sticky", ":visited", "[value", "[href", "unicode-bidi:", "!important"]
        {
            if done.contains(never) {
                return Err(format!("holds {never}"));
            }
        }
    }
    for string in &bare.strings {
        let small = string.to_ascii_lowercase();
        if small.contains(['<', '>', '{', '}', '&']) || small.contains("javascript:") || small.contains("//") {
            return Err(format!("the string {string:?}"));
        }
    }
    Ok(())
}

/// Whether every rule is one of those that a sheet may have, and stands below the widget where it must.
fn rules(mut text: &str, layer: Layer) -> Result<(), String> {
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return Ok(());
        }
        let (prelude, behind) = text.split_once('{').ok_or_else(|| format!("no rule: {text}"))?;
        let end = end_of_block(behind).ok_or("a rule that does not end")?;
        let body = &behind[..end];
        text = &behind[end + 1..];
        let prelude = prelude.trim();
        if prelude.is_empty() || prelude.contains([';', '}']) {
            return Err(format!("the rule {prelude:?}"));
        }
        if let Some(rule) = prelude.strip_prefix('@') {
            match rule.split(|letter: char| !(letter.is_alphanumeric() || letter == '-')).next() {
                Some("media" | "supports") => rules(body, layer)?,
                Some("container") if layer != Layer::Inside => rules(body, layer)?,
                Some("keyframes") => frames(body)?,
                _ => return Err(format!("the rule {prelude:?}")),
            }
            continue;
        }
        if body.contains(['{', '}', '@']) {
            return Err(format!("a rule in {prelude:?}"));
        }
        if layer == Layer::Scoped {
            selectors(prelude)?;
        }
    }
}

fn frames(mut text: &str) -> Result<(), String> {
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return Ok(());
        }
        let (steps, behind) = text.split_once('{').ok_or("no frame")?;
        let (body, behind) = behind.split_once('}').ok_or("a frame that does not end")?;
        let step = |step: &str| {
            let number = |step: &str| step.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | 'e' | '-' | '+'));
            matches!(step, "from" | "to") || step.strip_suffix('%').is_some_and(number)
        };
        if !steps.split(',').map(str::trim).all(step) || body.contains(['{', '@']) {
            return Err(format!("the frame {steps:?}"));
        }
        text = behind;
    }
}

/// Whether each of the selectors begins at the widget and goes nowhere else.
fn selectors(prelude: &str) -> Result<(), String> {
    let mut depth = 0_i32;
    let outside = |letter: char| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        depth == 0 && letter == ','
    };
    for selector in prelude.split(outside).map(str::trim) {
        let chosen = selector.strip_prefix(":where(:root[data-scheme=\"\"]) ").unwrap_or(selector);
        let below = chosen.strip_prefix(".belfry").ok_or_else(|| format!("not below the widget: {selector}"))?;
        // What is asked of the whole widget: its direction, its language.
        let asked = [":dir(ltr)", ":dir(rtl)"].iter().find_map(|asked| below.strip_prefix(asked));
        let asked = asked.or_else(|| below.strip_prefix(":lang(")?.split_once(')').map(|(_, rest)| rest));
        let below = asked.unwrap_or(below);
        if !(below.is_empty() || below.starts_with(' ')) || below.trim_start().starts_with(['+', '~', '>', ',']) {
            return Err(format!("beside the widget: {selector}"));
        }
        if ["html", ":root", ":host", "::part", "::slotted", "#", ".belfry"].iter().any(|never| below.contains(never)) {
            return Err(format!("names the page: {selector}"));
        }
    }
    Ok(())
}
