//! Translates activity lines for agents. They are stored in English, as API clients expect.

use super::words;
use crate::{
    content::{error_translations, phrases::UiLanguage},
    domain::channel::Priority,
};

/// Translates a line; an unknown line stays as it is.
pub(super) fn translate(lang: UiLanguage, line: &str) -> String {
    match lang {
        UiLanguage::English => line.to_owned(),
        UiLanguage::Ukrainian => {
            let line = translate_priorities(line);
            error_translations::translate_with(UKRAINIAN_PHRASES, &line).unwrap_or(line)
        }
    }
}

/// Translates the priorities in a line, but not names.
fn translate_priorities(line: &str) -> String {
    let word = |word: &str| match word.parse::<Priority>() {
        Ok(priority) => words::priority(priority).t(UiLanguage::Ukrainian).to_lowercase(),
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

const UKRAINIAN_PHRASES: &[(&str, &str)] = &[
    (
        "System reopened the conversation due to a new incoming message.",
        "Розмову відкрито знову: надійшло нове повідомлення.",
    ),
    (
        "Conversation was reopened: it was snoozed until now",
        "Розмову відкрито знову: її час настав",
    ),
    ("Conversation was marked resolved by {name}", "{name}: розмову завершено"),
    ("Conversation was resolved by {name}", "{name}: розмову завершено"),
    ("Conversation was reopened by {name}", "{name}: розмову відкрито знову"),
    ("Conversation was marked as pending by {name}", "{name}: розмову позначено як очікувану"),
    ("Conversation was snoozed by {name}", "{name}: розмову відкладено"),
    (
        "{name} changed the priority from {former} to {now}",
        "{name}: пріоритет змінено з «{former}» на «{now}»",
    ),
    ("{name} set the priority to {now}", "{name}: встановлено пріоритет «{now}»"),
    ("{name} removed the priority", "{name}: пріоритет знято"),
    ("{name} self-assigned this conversation", "{name} бере розмову собі"),
    ("Conversation unassigned by {name}", "{name}: розмова більше нікому не призначена"),
    ("Assigned to {agent} by {name}", "{name}: відповідає тепер {agent}"),
    ("{name} added {labels}", "{name} додає мітки: {labels}"),
    ("{name} removed {labels}", "{name} знімає мітки: {labels}"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_translated_with_their_values() {
        assert_eq!(
            translate(UiLanguage::Ukrainian, "Assigned to Ann by Bo Lee"),
            "Bo Lee: відповідає тепер Ann"
        );
        assert_eq!(
            translate(UiLanguage::Ukrainian, "Ann changed the priority from low to high"),
            "Ann: пріоритет змінено з «низький» на «високий»"
        );
        assert_eq!(
            translate(UiLanguage::Ukrainian, "high set the priority to urgent"),
            "high: встановлено пріоритет «терміново»"
        );
        assert_eq!(translate(UiLanguage::Ukrainian, "something else"), "something else");
        assert_eq!(
            translate(UiLanguage::English, "Conversation was reopened by Ann"),
            "Conversation was reopened by Ann"
        );
    }
}
