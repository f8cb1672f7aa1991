//! The allowed content of a printed drawing, specified independently. Must not use any code of the
//! sanitizer.

const ELEMENTS: &str = " svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan textPath linearGradient \
    radialGradient stop pattern clipPath mask marker filter image style animate animateTransform animateMotion set mpath ";

/// Checks that a printed drawing is harmless.
pub(super) fn check(printed: &str) -> Result<(), String> {
    if printed.contains("<!") || printed.contains("<?") || printed.matches("xmlns").count() != 1 {
        return Err("declarations".to_owned());
    }
    if printed.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err("control characters".to_owned());
    }
    let document = roxmltree::Document::parse(printed).map_err(|error| error.to_string())?;
    let root = document.root_element();
    if root.tag_name().name() != "svg" || document.root().children().count() != 1 {
        return Err("no single root".to_owned());
    }
    let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    for node in document.descendants().filter(|node| !node.is_root()) {
        if node.is_text() {
            let text = node.text().unwrap_or_default();
            let parent = node.parent().map_or("", |parent| parent.tag_name().name());
            match parent {
                "style" => style(text, &ids)?,
                "text" | "tspan" | "textPath" | "title" | "desc" => {}
                _ => return Err(format!("words in {parent}: {text:?}")),
            }
            continue;
        }
        let name = node.tag_name().name();
        if !node.is_element() || node.tag_name().namespace() != Some("http://www.w3.org/2000/svg") {
            return Err(format!("{node:?}"));
        }
        let is_step = name.starts_with("fe") && name != "feImage" && name.len() < 20;
        if !is_step && !ELEMENTS.contains(&format!(" {name} ")) {
            return Err(format!("<{name}>"));
        }
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            let wrong = || {
                Err(format!("<{name} {key}=\"{}\">", value.chars().take(200).collect::<String>()))
            };
            if attribute.namespace().is_some() || key.to_lowercase().starts_with("on") {
                return wrong();
            }
            match key {
                "href" => {
                    let is_here = value.strip_prefix('#').is_some_and(|id| ids.contains(&id));
                    let kinds = ["png", "jpeg", "gif", "webp"];
                    let is_picture = name == "image"
                        && kinds
                            .iter()
                            .any(|kind| value.starts_with(&format!("data:image/{kind};base64,")));
                    if !is_here && !is_picture || value.contains(char::is_whitespace) {
                        return wrong();
                    }
                }
                "src" | "action" | "srcdoc" | "formaction" | "data" | "base" | "ping" => {
                    return wrong();
                }
                "id" => {
                    let is_ours =
                        value.len() > 10 && value.starts_with('t') && value.get(9..10) == Some("-");
                    if !is_ours || ids.iter().filter(|id| **id == value).count() > 1 {
                        return wrong();
                    }
                }
                "attributeName"
                    if ["href", "style", "class", "id", "filter", "mask", "clip-path"]
                        .contains(&value)
                        || value.starts_with("on") =>
                {
                    return wrong();
                }
                "begin" | "end"
                    if value
                        .chars()
                        .any(|c| !(c.is_ascii_alphanumeric() || ".;:+- ".contains(c))) =>
                {
                    return wrong();
                }
                "font-family" => {}
                "data-slot"
                    if value
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') => {}
                "style" => style(value, &ids)?,
                _ if value.contains(['<', '>', '&', '\\', ':', '"', '@']) => return wrong(),
                _ => style(value, &ids)?,
            }
        }
    }
    Ok(())
}

/// Checks that nothing is loaded or run, and that every reference has a target.
fn style(text: &str, ids: &[&str]) -> Result<(), String> {
    let small = text.to_lowercase();
    for word in [
        "@import",
        "@font-face",
        "@namespace",
        "src(",
        "image(",
        "image-set",
        "cross-fade",
        "element(",
        "expression",
        "script:",
        "binding",
        "behavior",
        "</",
        "<!",
        "\\",
    ] {
        if small.contains(word) {
            return Err(format!("{word} in {text}"));
        }
    }
    for (at, _) in small.match_indices("url(") {
        let inside: String = text[at + 4..]
            .chars()
            .take_while(|c| *c != ')')
            .filter(|c| *c != '"' && *c != '\'')
            .collect();
        if !inside.strip_prefix('#').is_some_and(|id| ids.contains(&id)) {
            return Err(format!("url({inside})"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn oracle_detects_violations() {
        let file = |inner: &str| {
            format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">{inner}</svg>")
        };
        assert_eq!(
            check(&file("<g id=\"t0123abcd-a\" fill=\"url(#t0123abcd-a)\"/><text>x</text>")),
            Ok(())
        );
        for inner in [
            "<script/>",
            "<g onclick=\"\"/>",
            "<g id=\"a\"/>",
            "<g fill=\"url(#gone)\"/>",
            "<g fill=\"url(x)\"/>",
            "<use href=\"x\"/>",
            "<use href=\"data:image/png;base64,\"/>",
            "<feImage/>",
            "<style>@import 'x'</style>",
            "<g style=\"fill:URL(x)\"/>",
            "<g xmlns:q=\"q\"/>",
            "x",
            "<!-- -->",
            "<?x y?>",
            "<set attributeName=\"href\"/>",
        ] {
            assert!(check(&file(inner)).is_err(), "{inner}");
        }
    }
}
