//! What a compiled theme may contain, implemented independently of the compiler. Must not use
//! anything of the compiler but its output.

pub mod drawing;
pub mod style;

use belfry_theme::{CompiledTheme, File, Upload};
use std::collections::BTreeSet;
use style::Layer;

/// Checks that a compiled theme is harmless.
pub fn check(upload: &Upload<'_>, compiled: &CompiledTheme) -> Result<(), String> {
    for (file, text) in &compiled.sanitized {
        let source = match file {
            File::Bell => upload.bell,
            File::Card => upload.card,
            File::Css => upload.css,
        };
        let source = source.ok_or_else(|| format!("{file:?} comes from nowhere"))?;
        if *file == File::Css {
            style::text(text, Layer::Theme)
                .map_err(|found| format!("{found}, in the cleaned sheet"))?;
            continue;
        }
        drawing::check(text).map_err(|found| format!("{found}, in the cleaned {file:?}"))?;
        if text.len() > 2 * source.len() + 4096 {
            return Err(format!("{file:?} grew from {} to {} bytes", source.len(), text.len()));
        }
    }
    for picture in &compiled.pictures {
        drawing::check(&picture.body)
            .map_err(|found| format!("{found}, in the picture {}", picture.name))?;
    }
    sheet(compiled)?;
    // It is embedded in a style element.
    if compiled.critical_css.contains('<') {
        return Err("the first style ends its element".to_owned());
    }
    if !compiled.critical_css.is_empty() {
        let layers = style::layers(&compiled.critical_css)?;
        let [(name, body)] = layers.as_slice() else {
            return Err("the first style is not one layer".to_owned());
        };
        if *name != "@layer drawing" {
            return Err(format!("the first style has {name}"));
        }
        addresses(&style::text(body, Layer::Drawing)?, &BTreeSet::new())?;
    }
    Ok(())
}

/// The whole sheet: three layers and nothing else.
fn sheet(compiled: &CompiledTheme) -> Result<(), String> {
    let rest = compiled
        .stylesheet
        .body
        .strip_prefix("@layer guard,base,drawing,theme;")
        .ok_or("the order of layers is missing")?;
    let layers = style::layers(rest)?;
    let [("@layer drawing", drawing), ("@layer theme", theme)] = layers.as_slice() else {
        return Err(format!(
            "other layers: {:?}",
            layers.iter().map(|(name, _)| name).collect::<Vec<_>>()
        ));
    };
    let names: BTreeSet<&str> =
        compiled.pictures.iter().map(|picture| picture.name.as_str()).collect();
    let used = addresses(&style::text(drawing, Layer::Drawing)?, &names)?;
    if used != names.len() {
        return Err("a picture is not used".to_owned());
    }
    style::text(theme, Layer::Scoped)?;
    Ok(())
}

/// Checks that every URL is one of the theme's images; returns how many of them are separate files.
fn addresses(found: &[String], names: &BTreeSet<&str>) -> Result<usize, String> {
    let mut beside = BTreeSet::new();
    for address in found {
        if let Some(encoded) = address.strip_prefix("data:image/svg+xml,") {
            let picture =
                decoded(encoded).ok_or_else(|| format!("cannot be decoded: {encoded}"))?;
            drawing::check(&picture)
                .map_err(|found| format!("{found}, in the picture {picture}"))?;
        } else if names.contains(address.as_str()) {
            beside.insert(address);
        } else {
            return Err(format!("fetches {address}"));
        }
    }
    Ok(beside.len())
}

/// How a browser decodes the characters after `data:image/svg+xml,`.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                bytes.push(u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?);
            }
            b'#' | b'"' | b'<' | b'>' | b'\\' | b'&' => return None,
            b' '..=b'~' => bytes.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok()
}
