//! Translates activity lines for agents. They are stored in English, as API clients expect.

use super::phrases;
use belfry_domain::channel::Priority;
use belfry_locales::{UiLanguage, phrases::conversation_activity};

/// Translates a line; an unknown line stays as it is.
pub(super) fn translate(lang: UiLanguage, line: &str) -> String {
    if lang == UiLanguage::ENGLISH {
        return line.to_owned();
    }
    let line = translate_priorities(lang, line);
    belfry_locales::translate(conversation_activity::PHRASES, lang, &line).unwrap_or(line)
}

/// Translates the priorities in a line, but not names.
fn translate_priorities(lang: UiLanguage, line: &str) -> String {
    let word = |word: &str| match word.parse::<Priority>() {
        Ok(priority) => phrases::priority(priority).t(lang).to_lowercase(),
        Err(_) => word.to_owned(),
    };
    match line.rsplit_once(PRIORITY_MARKER) {
        Some((before, after)) => format!(
            "{before}{PRIORITY_MARKER}{}",
            after.split(' ').map(word).collect::<Vec<_>>().join(" ")
        ),
        None => line.to_owned(),
    }
}

/// Text before the priorities in a line about them.
const PRIORITY_MARKER: &str = " the priority ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_translated_with_their_values() {
        assert_eq!(
            translate(UiLanguage::from_tag("uk"), "Assigned to Ann by Bo Lee"),
            "Bo Lee: відповідає тепер Ann"
        );
        assert_eq!(
            translate(UiLanguage::from_tag("uk"), "Ann changed the priority from low to high"),
            "Ann: пріоритет змінено з «низький» на «високий»"
        );
        assert_eq!(
            translate(UiLanguage::from_tag("uk"), "high set the priority to urgent"),
            "high: встановлено пріоритет «терміново»"
        );
        assert_eq!(translate(UiLanguage::from_tag("uk"), "something else"), "something else");
        assert_eq!(
            translate(UiLanguage::ENGLISH, "Conversation was reopened by Ann"),
            "Conversation was reopened by Ann"
        );
    }
}
