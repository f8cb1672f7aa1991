//! File names for downloads.

use belfry_content::text::clean_line;

/// Length of a name.
const MAX_NAME_CHARS: usize = 120;
/// Length of an extension.
const MAX_EXTENSION_CHARS: usize = 16;

/// The name without its path, and its extension. A file of a known type gets an extension of that
/// type, so that no program opens it as another.
pub(super) fn clean(name: &str, extensions: &[&str]) -> (String, Option<String>) {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // No file system accepts these characters; some strip a trailing dot or space.
    let visible: String = clean_line(last)
        .chars()
        .filter(|character| !matches!(character, '<' | '>' | ':' | '"' | '|' | '?' | '*'))
        .collect();
    let visible = visible.trim_matches([' ', '.']);
    let (stem, extension) = match visible.rsplit_once('.') {
        Some((stem, extension)) if is_extension(extension) => {
            (stem.trim_end_matches([' ', '.']), Some(extension.to_ascii_lowercase()))
        }
        _ => (visible, None),
    };
    let (stem, extension) = match (extensions.first(), extension) {
        (Some(_), Some(extension)) if extensions.contains(&extension.as_str()) => {
            (stem, Some(extension))
        }
        (Some(first), Some(_)) => (visible, Some((*first).to_owned())),
        (Some(first), None) => (stem, Some((*first).to_owned())),
        (None, extension) => (stem, extension),
    };
    let stem: String = stem.chars().take(MAX_NAME_CHARS).collect();
    let stem = if stem.is_empty() { "file" } else { &stem };
    match extension {
        Some(extension) => (format!("{stem}.{extension}"), Some(extension)),
        None => (stem.to_owned(), None),
    }
}

fn is_extension(text: &str) -> bool {
    (1..=MAX_EXTENSION_CHARS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_has_no_path_and_no_invisible_characters() {
        for (name, expected, extension) in [
            ("photo.PNG", "photo.png", Some("png")),
            ("../../etc/passwd", "passwd", None),
            ("C:\\Temp\\report.pdf", "report.pdf", Some("pdf")),
            ("in\u{202e}gpj.exe", "ingpj.exe", Some("exe")),
            ("a\r\nSet-Cookie: x=1.txt", "a Set-Cookie x=1.txt", Some("txt")),
            ("  .. ", "file", None),
            ("", "file", None),
            (".htaccess", "htaccess", None),
            ("\u{0}\u{7}", "file", None),
            ("звіт №7.docx", "звіт №7.docx", Some("docx")),
            ("a.b.c.tar.gz", "a.b.c.tar.gz", Some("gz")),
            ("x.\u{e9}xe", "x.\u{e9}xe", None),
        ] {
            assert_eq!(
                clean(name, &[]),
                (expected.to_owned(), extension.map(str::to_owned)),
                "{name:?}"
            );
        }
        let (long, _) = clean(&format!("{}.png", "ü".repeat(4_000)), &[]);
        assert_eq!(long.chars().count(), MAX_NAME_CHARS + 4);
    }

    #[test]
    fn name_ends_as_the_content_does() {
        let jpeg = ["jpg", "jpeg"];
        assert_eq!(clean("photo.jpeg", &jpeg).0, "photo.jpeg");
        assert_eq!(clean("photo.html", &jpeg).0, "photo.html.jpg");
        assert_eq!(clean("photo", &jpeg).0, "photo.jpg");
        assert_eq!(clean("", &jpeg), ("file.jpg".to_owned(), Some("jpg".to_owned())));
    }
}
