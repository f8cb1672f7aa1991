//! Canned responses: texts that agents insert into a reply by a short code.

use super::CannedResponseId;
use crate::{Timestamp, ValidationError, revision};
use belfry_locales::phrases::errors;

/// Maximum length of a short code, in characters.
pub const MAX_SHORT_CODE_CHARS: usize = 255;
/// Maximum length of a canned response, in characters.
pub const MAX_CANNED_CONTENT_CHARS: usize = 20_000;

/// A validated canned response before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedResponseDraft {
    short_code: String,
    content: String,
}

impl CannedResponseDraft {
    /// Trims the short code; keeps the content unchanged.
    pub fn new(short_code: &str, content: impl Into<String>) -> Result<Self, ValidationError> {
        let (short_code, content) = (short_code.trim(), content.into());
        check_length("short_code", short_code, MAX_SHORT_CODE_CHARS)?;
        if short_code.chars().any(char::is_control) {
            return Err(ValidationError::new("short_code", errors::CONTROL_CHARACTERS));
        }
        check_length("content", &content, MAX_CANNED_CONTENT_CHARS)?;
        if content.contains('\0') {
            return Err(ValidationError::new("content", errors::NUL));
        }
        Ok(Self { short_code: short_code.to_owned(), content })
    }

    /// The short code, unique in the site.
    pub fn short_code(&self) -> &str {
        &self.short_code
    }

    /// The text to insert.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// Changes with its short code and its content.
    pub fn revision(&self) -> String {
        revision(&(&self.short_code, &self.content))
    }
}

fn check_length(field: &str, text: &str, max: usize) -> Result<(), ValidationError> {
    if text.trim().is_empty() {
        return Err(ValidationError::new(field, errors::BLANK));
    }
    // Check bytes first: counting the characters of a huge text is expensive.
    if text.len() > max * 4 || text.chars().count() > max {
        return Err(ValidationError::new(field, errors::too_long(max)));
    }
    Ok(())
}

/// A canned response as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedResponse {
    /// Number, unique in the instance.
    pub id: CannedResponseId,
    /// The short code, unique in the site.
    pub short_code: String,
    /// The text to insert.
    pub content: String,
    /// Creation time.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

impl CannedResponse {
    /// Changes with its short code and its content, like its draft's.
    pub fn revision(&self) -> String {
        revision(&(&self.short_code, &self.content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draft_keeps_its_content() {
        let draft = CannedResponseDraft::new("  order late ", " Sorry!\n").unwrap();
        assert_eq!((draft.short_code(), draft.content()), ("order late", " Sorry!\n"));
    }

    #[test]
    fn revision_equals_the_drafts() {
        let draft = CannedResponseDraft::new("hi", "Hello").unwrap();
        let at = Timestamp::from_millis(0);
        let mut kept = CannedResponse {
            id: CannedResponseId(1),
            short_code: "hi".into(),
            content: "Hello".into(),
            created_at: at,
            updated_at: at,
        };
        assert_eq!(draft.revision(), kept.revision());
        kept.content.push('!');
        assert_ne!(draft.revision(), kept.revision());
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let (code, content) =
            ("ї".repeat(MAX_SHORT_CODE_CHARS), "🛟".repeat(MAX_CANNED_CONTENT_CHARS));
        assert!(CannedResponseDraft::new(&code, content.clone()).is_ok());
        let refused = CannedResponseDraft::new(&format!("{code}x"), content.clone()).unwrap_err();
        assert_eq!(refused, ValidationError::new("short_code", errors::too_long(255)));
        let refused = CannedResponseDraft::new(&code, format!("{content}x")).unwrap_err();
        assert_eq!(refused, ValidationError::new("content", errors::too_long(20_000)));
    }

    #[test]
    fn error_names_the_field() {
        for (code, content, field) in [
            ("", "Hi", "short_code"),
            (" \n", "Hi", "short_code"),
            ("a\u{7}b", "Hi", "short_code"),
            ("a\nb", "Hi", "short_code"),
            ("hi", "", "content"),
            ("hi", " \n ", "content"),
            ("hi", "a\0b", "content"),
        ] {
            assert_eq!(
                CannedResponseDraft::new(code, content).unwrap_err().field,
                field,
                "{code:?} {content:?}"
            );
        }
    }
}
